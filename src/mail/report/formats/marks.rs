//! What marks a report of a mail system: who sends it, how it is headed, and what its text says.

use super::super::view::View;

/// The most bytes of a report's text in which phrases are looked for. What a system says of a failure
/// stands at the top.
const MOST_TEXT: usize = 32 << 10;

/// One thing that must be so, for a mail to be a report of some system.
pub(super) enum Mark {
    /// One of these phrases stands in the report's text, outside of what it quotes. In ASCII lower
    /// case; a space stands for any white space, line ends too.
    Text(&'static [&'static str]),
    /// The sender's name or address holds one of these, in lower case.
    From(&'static [&'static str]),
    /// There is a header field of this name that holds this, both in lower case.
    Field(&'static str, &'static str),
    /// It comes from a machine that delivers mail, and is no answer of a person.
    Machine,
    /// One of these is so.
    Any(&'static [Self]),
}

impl Mark {
    /// Whether it is so.
    pub(super) fn holds(&self, view: &View) -> bool {
        match self {
            Self::Text(phrases) => phrases.iter().any(|phrase| find(text(view), phrase, 0).is_some()),
            Self::From(words) => view.header.get("from").is_some_and(|from| {
                let from = from.to_lowercase();
                words.iter().any(|word| from.contains(word))
            }),
            Self::Field(name, word) => {
                view.header.all(name).any(|value| value.to_ascii_lowercase().contains(word))
            }
            Self::Machine => is_machine(view),
            Self::Any(marks) => marks.iter().any(|mark| mark.holds(view)),
        }
    }
}

/// The part of a report's text in which phrases are looked for, in ASCII lower case.
pub(super) fn text(view: &View) -> &str {
    let text = view.report_lower();
    let mut end = text.len().min(MOST_TEXT);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// Where a phrase stands in a text, from an offset on: its beginning and its end. A space in the
/// phrase stands for any white space; what is quoted from another mail (`> `) does not count.
pub(super) fn find(text: &str, phrase: &str, from: usize) -> Option<(usize, usize)> {
    let first = phrase.split(' ').next().unwrap_or(phrase);
    let mut at = from;
    while let Some(hit) = text.get(at..)?.find(first) {
        let start = at + hit;
        if let Some(end) = matches_at(text, phrase, start)
            && !is_quoted(text, start)
        {
            return Some((start, end));
        }
        at = start + first.chars().next().map_or(1, char::len_utf8);
    }
    None
}

/// Where a phrase that begins here ends, if it does begin here.
fn matches_at(text: &str, phrase: &str, start: usize) -> Option<usize> {
    let mut at = start;
    for (number, word) in phrase.split(' ').enumerate() {
        if number > 0 {
            let rest = text.get(at..)?;
            let blank = rest.len() - rest.trim_start().len();
            if blank == 0 {
                return None;
            }
            at += blank;
        }
        if !text.get(at..)?.starts_with(word) {
            return None;
        }
        at += word.len();
    }
    Some(at)
}

/// Whether the line around this offset is quoted from another mail.
fn is_quoted(text: &str, at: usize) -> bool {
    let start = text[..at].rfind('\n').map_or(0, |end| end + 1);
    quotes(&text[start..])
}

/// Whether a line is quoted from another mail: `> …`. A transcript's `>>>` is not.
pub(super) fn quotes(line: &str) -> bool {
    let line = line.trim_start();
    line.starts_with('>') && !line.starts_with(">>>")
}

/// Local parts of machines that deliver mail, letters only.
const LOCAL_PARTS: [&str; 6] =
    ["mailerdaemon", "postmaster", "maildaemon", "mailsystem", "mmdf", "maildeliverysystem"];

/// What such a machine's sender calls itself.
const NAMES: [&str; 9] = [
    "mail deliver",
    "mailer-daemon",
    "mailer daemon",
    "postmaster",
    "mail administrator",
    "system administrator",
    "mail system",
    "delivery subsystem",
    "ndr administrator",
];

/// What a subject says of a letter that was not delivered.
const SUBJECTS: [&str; 22] = [
    "undeliver",
    "non-delivery",
    "nondeliver",
    "not delivered",
    "not be delivered",
    "delivery fail",
    "delivery error",
    "delivery status",
    "delivery notification",
    "delivery warning",
    "delivery has failed",
    "failed delivery",
    "failure delivery",
    "failure notice",
    "returned mail",
    "returned to sender",
    "returning message to sender",
    "mail failure",
    "mail error",
    "rejected mail",
    "delayed mail",
    "error sending your mail",
];

/// What answers and forwards begin with.
const ANSWERS: [&str; 14] = [
    "re:",
    "re :",
    "fw:",
    "fwd:",
    "aw:",
    "wg:",
    "antw:",
    "antwort:",
    "sv:",
    "tr:",
    "rv:",
    "odp:",
    "automatic reply",
    "auto",
];

/// Whether it comes from a machine that delivers mail: by its sender, by fields that only such a
/// machine writes, or by a subject that no answer has.
fn is_machine(view: &View) -> bool {
    let header = &view.header;
    if header.has("x-failed-recipients") || view.parameter("report-type") == Some("delivery-status") {
        return true;
    }
    let subject = header.get("subject").unwrap_or_default().to_lowercase();
    let subject = subject.trim_start();
    let answers = ANSWERS.iter().any(|start| subject.starts_with(start));
    let Some(from) = header.get("from").map(str::to_lowercase) else { return !answers };
    let (name, address) = from.rsplit_once('<').unwrap_or(("", from.as_str()));
    let local = address.rsplit_once('@').map_or(address, |(local, _)| local);
    let letters: String =
        local.split('(').next().unwrap_or_default().chars().filter(char::is_ascii_alphabetic).collect();
    if LOCAL_PARTS.iter().any(|known| letters == *known)
        || letters.starts_with("postmaster")
        || letters.starts_with("systemadministrator")
        || NAMES.iter().any(|known| name.contains(known))
        || address.trim_matches(['<', '>', ' ', '"']).is_empty()
    {
        return true;
    }
    let replies =
        header.all("auto-submitted").any(|value| value.to_ascii_lowercase().contains("auto-replied"));
    let nobody = !replies && header.get("return-path").is_some_and(|path| path.trim() == "<>");
    !answers && (nobody || SUBJECTS.iter().any(|words| subject.contains(words)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn machine(header: &str) -> bool {
        is_machine(&View::new(format!("{header}\n\nHello\n").as_bytes()))
    }

    #[test]
    fn phrases_are_found_across_line_ends_and_not_in_quotes() {
        let text = "the following\n  address failed:\n> mail was lost\nmail\twas lost here";
        assert_eq!(find(text, "following address failed:", 0), Some((4, 31)));
        let (start, end) = find(text, "mail was lost", 0).unwrap();
        assert_eq!(&text[start..end], "mail\twas lost");
        assert_eq!(find(text, "followingaddress", 0), None);
        assert_eq!(find(text, "lost here now", 0), None);
        assert_eq!(find("größe voll", "voll", 0), Some((8, 12)));
    }

    #[test]
    fn machines_are_told_from_people() {
        for header in [
            "From: MAILER-DAEMON@example.org (Mail Delivery System)",
            "From: <Post_Master@example.org>",
            "From: \"Mail Delivery Subsystem\" <x@example.org>",
            "From: Mail Delivery System <>",
            "From: mailer-daemon\nSubject: Re: your letter",
            "From: admin@example.org\nSubject: Undeliverable: News",
            "Return-Path: <>\nFrom: robot@example.org\nSubject: Mail",
            "From: a@example.org\nX-Failed-Recipients: b@example.org",
        ] {
            assert!(machine(header), "{header}");
        }
        for header in [
            "From: Nina <nina@example.org>\nSubject: Re: Undeliverable: News",
            "From: Nina <nina@example.org>\nSubject: Fwd: failure notice",
            "From: Nina <nina@example.org>\nSubject: Hello",
            "Return-Path: <>\nFrom: nina@example.org\nSubject: Automatic reply: News",
        ] {
            assert!(!machine(header), "{header}");
        }
    }
}
