//! What the scripted server does: rules read from a table, and what it offers.

use std::str::FromStr;

/// A step at which the server can be told what to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum At {
    /// Instead of the greeting.
    Connect,
    /// Instead of the reply to EHLO.
    Ehlo,
    /// Instead of the reply to STARTTLS.
    StartTls,
    /// Instead of the reply to AUTH.
    Auth,
    /// Instead of the reply to MAIL.
    Mail,
    /// Instead of the reply to RCPT.
    Rcpt,
    /// Instead of the reply to DATA.
    Data,
    /// After the first bytes of the message.
    Body,
    /// Instead of the reply to the final dot.
    Dot,
    /// After the reply to the final dot, unasked.
    After,
}

/// What the server does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// Says these lines (`|` between them), and closes after a 421.
    Say(String),
    /// Closes the connection.
    Close,
    /// Takes the message, and closes the connection without a word.
    TakeAndClose,
    /// Says nothing more, reads nothing more, and keeps the connection.
    Silence,
    /// Says something that is no reply.
    Garbage,
    /// Says this one byte at a time, 20 ms apart.
    Drip(String),
    /// Says this, and closes.
    SayAndClose(String),
}

impl FromStr for Act {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Ok(match text.split_once(' ').unwrap_or((text, "")) {
            ("close", "") => Self::Close,
            ("take", "and close") => Self::TakeAndClose,
            ("silence", "") => Self::Silence,
            ("garbage", "") => Self::Garbage,
            ("drip", reply) => Self::Drip(reply.to_owned()),
            ("close:", reply) => Self::SayAndClose(reply.to_owned()),
            (code, _) if code.len() >= 3 && code[..3].parse::<u16>().is_ok() => Self::Say(text.to_owned()),
            _ => return Err(format!("`{text}` is nothing that the scripted server can do")),
        })
    }
}

/// One line of the table.
#[derive(Clone, Debug)]
pub struct Rule {
    /// A recipient, or `*`. At the steps before RCPT, where no recipient is known, `*` counts the
    /// times that the step was reached; a recipient there counts as one attempt at it.
    pub address: String,
    /// Which attempt; `None` is each.
    pub attempt: Option<usize>,
    /// When.
    pub at: At,
    /// What.
    pub act: Act,
}

/// Everything about a server.
#[derive(Clone, Default)]
pub struct Script {
    /// In order; the first that fits is followed.
    pub rules: Vec<Rule>,
    /// EHLO keywords beside STARTTLS and AUTH.
    pub offers: Vec<String>,
    /// TLS, and whether it begins with the first byte.
    pub tls: Option<(std::sync::Arc<rustls::ServerConfig>, bool)>,
    /// The one user it knows, with the mechanisms that it offers.
    pub user: Option<(String, String, String)>,
    /// Connections beyond this get a 421.
    pub connections: Option<usize>,
}

impl Script {
    /// Reads a table of tab-separated lines: address, attempt (a number or `always`), command
    /// (`CONNECT`, `EHLO`, `STARTTLS`, `AUTH`, `MAIL`, `RCPT`, `DATA`, `BODY`, `DOT`, `AFTER`), and
    /// what to do: a reply, `close`, `take and close`, `silence`, `garbage`, `drip REPLY`, or
    /// `close: REPLY`. `DATA` with a 2xx speaks of the message's end. A first line that begins with
    /// `address` is a heading.
    pub fn table(text: &str) -> Self {
        let lines =
            text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("address"));
        Self {
            rules: lines.map(|line| rule(line).unwrap_or_else(|why| panic!("{line}: {why}"))).collect(),
            offers: ["8BITMIME", "SIZE 1000000", "SMTPUTF8"].map(str::to_owned).to_vec(),
            ..Self::default()
        }
    }
}

fn rule(line: &str) -> Result<Rule, String> {
    let mut columns = line.splitn(4, '\t');
    let mut column = || columns.next().map(str::trim).ok_or("four columns were expected");
    let (address, attempt, command, act) = (column()?, column()?, column()?, column()?);
    let attempt = match attempt {
        "always" => None,
        number => Some(number.parse().map_err(|_| "the attempt is a number or `always`")?),
    };
    let at = match command {
        "CONNECT" => At::Connect,
        "EHLO" => At::Ehlo,
        "STARTTLS" => At::StartTls,
        "AUTH" => At::Auth,
        "MAIL" => At::Mail,
        "RCPT" => At::Rcpt,
        "DATA" if act.starts_with('2') => At::Dot,
        "DATA" => At::Data,
        "BODY" => At::Body,
        "DOT" => At::Dot,
        "AFTER" => At::After,
        _ => return Err("the command is unknown".to_owned()),
    };
    Ok(Rule { address: address.to_owned(), attempt, at, act: act.parse()? })
}
