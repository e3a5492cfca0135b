//! SMTP commands, parsed from one line (RFC 5321 4.1).
//!
//! Takes what clients really send (a blank after the colon, any case, a source route) and nothing
//! that could not be an address. Pure; whether a command comes in order is the conversation's.

/// A command and what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Command {
    /// How the peer begins, with its name.
    Hello(Greeting),
    /// MAIL FROM with its parameters.
    Mail(Mail),
    /// RCPT TO.
    Rcpt {
        to: String,
    },
    Data,
    StartTls,
    Rset,
    Noop,
    Quit,
    Vrfy,
    Help,
}

/// The words that begin a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Greeting {
    /// Plain SMTP.
    Helo,
    /// SMTP with extensions.
    Ehlo,
    /// LMTP (RFC 2033 4.1).
    Lhlo,
}

/// What MAIL says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Mail {
    /// `None` is `<>`.
    pub(super) from: Option<String>,
    /// The size that was told (RFC 1870).
    pub(super) size: Option<usize>,
    /// Whether addresses beyond ASCII may come (RFC 6531).
    pub(super) utf8: bool,
}

/// Why a line is no command that we take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// 500: no such command.
    Unknown,
    /// 502: a command that we do not implement.
    NotImplemented,
    /// 501: the command's syntax is wrong.
    Syntax(&'static str),
    /// 553: the address is none (RFC 5321 4.2.3).
    Address,
    /// 555: a parameter of MAIL or RCPT that we do not know.
    Parameter,
}

impl Command {
    /// Parses one line without its CR LF.
    pub(super) fn parse(line: &[u8]) -> Result<Self, Refusal> {
        let line = std::str::from_utf8(line).map_err(|_| Refusal::Syntax("the line is no UTF-8"))?;
        if line.contains(char::is_control) {
            return Err(Refusal::Syntax("the line holds a control character"));
        }
        let line = line.trim_end();
        let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
        let rest = rest.trim_start();
        let alone =
            |command| if rest.is_empty() { Ok(command) } else { Err(Refusal::Syntax("nothing may follow")) };
        match verb.to_ascii_uppercase().as_str() {
            "EHLO" | "HELO" | "LHLO" if rest.is_empty() => Err(Refusal::Syntax("say who you are")),
            "EHLO" => Ok(Self::Hello(Greeting::Ehlo)),
            "HELO" => Ok(Self::Hello(Greeting::Helo)),
            "LHLO" => Ok(Self::Hello(Greeting::Lhlo)),
            "MAIL" => mail(after(rest, "FROM:")?),
            "RCPT" => rcpt(after(rest, "TO:")?),
            "DATA" => alone(Self::Data),
            "STARTTLS" => alone(Self::StartTls),
            "RSET" => alone(Self::Rset),
            "QUIT" => alone(Self::Quit),
            "NOOP" => Ok(Self::Noop),
            "VRFY" => Ok(Self::Vrfy),
            "HELP" => Ok(Self::Help),
            "EXPN" | "TURN" | "ETRN" | "AUTH" | "BDAT" => Err(Refusal::NotImplemented),
            _ => Err(Refusal::Unknown),
        }
    }
}

fn after<'a>(rest: &'a str, word: &str) -> Result<&'a str, Refusal> {
    match rest.split_at_checked(word.len()) {
        Some((start, rest)) if start.eq_ignore_ascii_case(word) => Ok(rest.trim_start()),
        _ => Err(Refusal::Syntax("MAIL FROM:<address> or RCPT TO:<address> was expected")),
    }
}

fn mail(rest: &str) -> Result<Command, Refusal> {
    let (path, parameters) = path(rest)?;
    let mut mail = Mail::default();
    for parameter in parameters.split_ascii_whitespace() {
        let (keyword, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        match keyword.to_ascii_uppercase().as_str() {
            "SIZE" => mail.size = Some(value.parse().map_err(|_| Refusal::Syntax("SIZE is a number"))?),
            "BODY" if value.eq_ignore_ascii_case("7BIT") || value.eq_ignore_ascii_case("8BITMIME") => {}
            "BODY" => return Err(Refusal::Syntax("BODY is 7BIT or 8BITMIME")),
            "SMTPUTF8" if value.is_empty() => mail.utf8 = true,
            // RFC 3461 4.3 and 4.4: for reports that we never write.
            "RET" | "ENVID" if !value.is_empty() => {}
            _ => return Err(Refusal::Parameter),
        }
    }
    if !path.is_empty() {
        check(path, mail.utf8)?;
        mail.from = Some(path.to_owned());
    }
    Ok(Command::Mail(mail))
}

fn rcpt(rest: &str) -> Result<Command, Refusal> {
    let (path, parameters) = path(rest)?;
    for parameter in parameters.split_ascii_whitespace() {
        // RFC 3461 4.1 and 4.2: for reports that we never write.
        let (keyword, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        let known = ["NOTIFY", "ORCPT"].iter().any(|known| keyword.eq_ignore_ascii_case(known));
        if !known || value.is_empty() {
            return Err(Refusal::Parameter);
        }
    }
    // RFC 5321 4.1.1.3: postmaster is taken without a domain. Whether letters beyond ASCII may
    // stand here is known to the conversation, which knows what MAIL said.
    if !path.eq_ignore_ascii_case("postmaster") {
        check(path, true)?;
    }
    Ok(Command::Rcpt { to: path.to_owned() })
}

/// The path between angle brackets, without a source route (RFC 5321 appendix C), and what follows.
fn path(rest: &str) -> Result<(&str, &str), Refusal> {
    let inner = rest.strip_prefix('<').ok_or(Refusal::Syntax("the address stands in angle brackets"))?;
    let mut quoted = false;
    let mut escaped = false;
    let end = inner.find(|c: char| {
        let ends = c == '>' && !quoted;
        quoted ^= c == '"' && !escaped;
        escaped = c == '\\' && quoted && !escaped;
        ends
    });
    let (path, parameters) = inner.split_at(end.ok_or(Refusal::Syntax("the angle bracket is not closed"))?);
    let parameters = &parameters[1..];
    if !parameters.is_empty() && !parameters.starts_with(' ') {
        return Err(Refusal::Syntax("a blank stands before parameters"));
    }
    let path = match path.strip_prefix('@').and_then(|route| route.split_once(':')) {
        Some((_, mailbox)) => mailbox,
        None => path,
    };
    Ok((path, parameters))
}

/// Whether a path can be an address: a dotted or quoted local part, `@`, a domain or an address
/// literal, within the lengths of RFC 5321 4.5.3.1.
fn check(path: &str, utf8: bool) -> Result<(), Refusal> {
    let (local, domain) = path.rsplit_once('@').ok_or(Refusal::Address)?;
    let in_atom = |c: char| !c.is_ascii() || c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c);
    let quoted = local.len() >= 2 && local.starts_with('"') && local.ends_with('"');
    let in_domain = |c: char| !c.is_ascii() || c.is_ascii_alphanumeric() || "-.".contains(c);
    let literal = domain.strip_prefix('[').and_then(|inner| inner.strip_suffix(']'));
    let in_literal = |c: char| c.is_ascii_alphanumeric() || ".:-".contains(c);
    let good = path.len() <= 254
        && (1..=64).contains(&local.len())
        && (quoted || local.chars().all(in_atom))
        && !domain.is_empty()
        && literal.map_or_else(|| domain.chars().all(in_domain), |inner| inner.chars().all(in_literal))
        && (utf8 || path.is_ascii());
    if good { Ok(()) } else { Err(Refusal::Address) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn from(line: &str) -> Result<Option<String>, Refusal> {
        match Command::parse(line.as_bytes())? {
            Command::Mail(mail) => Ok(mail.from),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn what_clients_send_is_taken() {
        for (line, path) in [
            ("MAIL FROM:<>", None),
            ("mail from: <Ana@example.org>  ", Some("Ana@example.org")),
            ("MAIL  FROM:<a@b> SIZE=10 BODY=8bitmime smtputf8", Some("a@b")),
            ("MAIL FROM:<@x.example,@y.example:a@b>", Some("a@b")),
            ("MAIL FROM:<\"a b>c\\\"\"@example.org>", Some("\"a b>c\\\"\"@example.org")),
            ("MAIL FROM:<a@[192.0.2.1]>", Some("a@[192.0.2.1]")),
            ("MAIL FROM:<a@[IPv6:2001:db8::1]>", Some("a@[IPv6:2001:db8::1]")),
            ("MAIL FROM:<ä@example.org> SMTPUTF8", Some("ä@example.org")),
            ("MAIL FROM:<a@b> RET=HDRS ENVID=QQ314159+2B", Some("a@b")),
        ] {
            assert_eq!(from(line), Ok(path.map(str::to_owned)), "{line}");
        }
        assert_eq!(
            Command::parse(b"rcpt to:<Postmaster>"),
            Ok(Command::Rcpt { to: "Postmaster".to_owned() })
        );
        assert_eq!(
            Command::parse(b"RCPT TO:<a@b> NOTIFY=FAILURE,DELAY orcpt=rfc822;a+2Bx@b"),
            Ok(Command::Rcpt { to: "a@b".to_owned() })
        );
        assert_eq!(Command::parse(b"lhlo mx.example"), Ok(Command::Hello(Greeting::Lhlo)));
        assert_eq!(Command::parse(b"noop whatever"), Ok(Command::Noop));
        assert_eq!(Command::parse(b"data "), Ok(Command::Data));
    }

    #[test]
    fn what_is_no_command_is_refused() {
        for (line, refusal) in [
            ("", Refusal::Unknown),
            ("GET / HTTP/1.1", Refusal::Unknown),
            ("BDAT 10 LAST", Refusal::NotImplemented),
            ("MAIL FROM:<a>", Refusal::Address),
            ("MAIL FROM:<@b>", Refusal::Address),
            ("MAIL FROM:<a b@c>", Refusal::Address),
            ("MAIL FROM:<a@b c>", Refusal::Address),
            ("MAIL FROM:<postmaster>", Refusal::Address),
            ("MAIL FROM:<ä@example.org>", Refusal::Address),
            ("MAIL FROM:<a@b> X=1", Refusal::Parameter),
            ("MAIL FROM:<a@b> RET", Refusal::Parameter),
            ("RCPT TO:<a@b> NOTIFY", Refusal::Parameter),
            ("RCPT TO:<a@b> X=1", Refusal::Parameter),
            ("RCPT TO:<>", Refusal::Address),
        ] {
            assert_eq!(Command::parse(line.as_bytes()), Err(refusal), "{line}");
        }
        for line in [
            "EHLO",
            "MAIL",
            "MAIL TO:<a@b>",
            "MAIL FROM:a@b",
            "MAIL FROM:<a@b",
            "MAIL FROM:<a@b>SIZE=1",
            "MAIL FROM:<a@b> SIZE=x",
            "MAIL FROM:<a@b> BODY=x",
            "MAIL FROM:<\"a>@b",
            "DATA now",
            "LHLO",
            "STARTTLS now",
            "NOOP \0",
        ] {
            assert!(matches!(Command::parse(line.as_bytes()), Err(Refusal::Syntax(_))), "{line}");
        }
        let long = format!("RCPT TO:<{}@example.org>", "a".repeat(65));
        assert_eq!(Command::parse(long.as_bytes()), Err(Refusal::Address));
    }

    proptest! {
        #[test]
        fn parsing_never_panics(line in proptest::collection::vec(any::<u8>(), 0..80)) {
            let _ = Command::parse(&line);
        }

        #[test]
        fn paths_that_are_taken_are_addresses(rest in "[ <>@:\"\\\\a-cä.,\\[\\]=]{0,30}") {
            for line in [format!("MAIL FROM:{rest}"), format!("RCPT TO:{rest}")] {
                let path = match Command::parse(line.as_bytes()) {
                    Ok(Command::Mail(mail)) => mail.from,
                    Ok(Command::Rcpt { to }) => Some(to),
                    _ => None,
                };
                if let Some(path) = path {
                    prop_assert!(path.contains('@') && path.len() <= 254 && rest.contains(&path), "{}", path);
                }
            }
        }

        #[test]
        fn our_own_addresses_are_taken(local in "[a-z0-9]{1,20}([.+=-][a-z0-9]{1,10})?", domain in "[a-z]{1,10}\\.example") {
            let address = format!("{local}@{domain}");
            prop_assert_eq!(Command::parse(format!("RCPT TO:<{address}>").as_bytes()), Ok(Command::Rcpt { to: address }));
        }
    }
}
