//! What is asked of the header block.

use super::{Findings, Point, Severity};

/// A header block, field by field.
#[derive(Debug)]
pub(super) struct Header {
    fields: Vec<(String, String)>,
    lines: Vec<Vec<u8>>,
}

impl Header {
    /// Reads the block up to its last CRLF. Folded lines are joined with what they were folded by.
    pub(super) fn parse(head: &[u8]) -> Self {
        let lines =
            head.split(|&byte| byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line).to_vec());
        let lines = lines.filter(|line| !line.is_empty()).collect::<Vec<_>>();
        let mut fields: Vec<(String, String)> = Vec::new();
        for line in &lines {
            let line = String::from_utf8_lossy(line);
            match fields.last_mut() {
                Some((_, value)) if line.starts_with([' ', '\t']) => value.push_str(&line),
                _ => {
                    let (name, value) = line.split_once(':').unwrap_or((&line, ""));
                    fields.push((name.to_ascii_lowercase(), value.to_owned()));
                }
            }
        }
        Self { fields, lines }
    }

    /// Names, in lower case, and values of all fields, in order.
    pub(super) fn fields(&self) -> impl Iterator<Item = (&str, &str)> {
        self.fields.iter().map(|(name, value)| (name.as_str(), value.trim()))
    }

    /// The values of all fields called `name` (lower-case), without white space around them.
    pub(super) fn all<'h>(&'h self, name: &'h str) -> impl Iterator<Item = &'h str> {
        self.fields.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.trim())
    }

    /// The value of the only field called `name`.
    pub(super) fn one(&self, name: &str) -> Option<&str> {
        let mut all = self.fields.iter().filter(|(known, _)| known == name);
        match (all.next(), all.next()) {
            (Some((_, value)), None) => Some(value.trim()),
            _ => None,
        }
    }
}

/// What stands in the last angle brackets of `value`.
pub(super) fn bracketed(value: &str) -> Option<&str> {
    value.rsplit_once('<')?.1.split_once('>').map(|(inner, _)| inner)
}

pub(super) fn check(header: &Header, findings: &mut Findings) {
    for name in ["from", "to", "date", "message-id", "subject", "mime-version"] {
        let n = header.all(name).count();
        findings.expect(n == 1, Point::OneOfEach, name, format!("there are {n} fields {name}"));
    }
    lines(header, findings);
    encoded_words(header, findings);
    date(header, findings);
    message_id(header, findings);
}

fn lines(header: &Header, findings: &mut Findings) {
    let mut name = String::new();
    for line in &header.lines {
        let text = String::from_utf8_lossy(line);
        let value = text
            .split_once(": ")
            .filter(|_| !text.starts_with([' ', '\t']))
            .map_or(&*text, |(_, value)| value);
        if !text.starts_with([' ', '\t']) {
            name = text.split(':').next().unwrap_or_default().to_owned();
        }
        if line.len() > 998 {
            findings.add(Point::LineLength, &name, "a header line is longer than 998 octets");
        } else if line.len() > 78 && value.trim().contains([' ', '\t']) {
            let message = "a header line is longer than 78 octets and could be folded";
            findings.weighed(Point::LineLength, Severity::Advice, &name, message);
        }
    }
    let beyond = header.fields.iter().find(|(name, value)| name != "to" && !value.is_ascii());
    if let Some((name, _)) = beyond {
        findings.add(Point::AsciiHeaders, name, "the field has octets beyond ASCII");
    }
}

fn encoded_words(header: &Header, findings: &mut Findings) {
    let fields = header
        .fields
        .iter()
        .filter(|(name, _)| ["subject", "from", "to", "reply-to", "list-id"].contains(&name.as_str()));
    for (name, value) in fields {
        for word in value.split_ascii_whitespace().filter(|word| word.contains("=?")) {
            let sound =
                word.len() <= 75 && decoded(word).is_some_and(|bytes| std::str::from_utf8(&bytes).is_ok());
            findings.expect(
                sound,
                Point::EncodedWords,
                name,
                "it has an encoded word that is damaged, glued or too long",
            );
        }
    }
}

/// The octets of one encoded word in UTF-8.
pub(super) fn decoded(word: &str) -> Option<Vec<u8>> {
    let mut parts = word.strip_prefix("=?")?.strip_suffix("?=")?.splitn(3, '?');
    let (charset, encoding, text) = (parts.next()?, parts.next()?, parts.next()?);
    if !charset.eq_ignore_ascii_case("utf-8") || text.contains('?') {
        return None;
    }
    if encoding.eq_ignore_ascii_case("b") {
        return data_encoding::BASE64.decode(text.as_bytes()).ok();
    }
    mail_parser::decoders::quoted_printable::quoted_printable_decode(text.replace('_', "=20").as_bytes())
}

fn date(header: &Header, findings: &mut Findings) {
    let Some(value) = header.one("date") else { return };
    let zone = value.rsplit(' ').next().unwrap_or_default();
    let numeric = zone.len() == 5
        && zone.starts_with(['+', '-'])
        && zone[1..].bytes().all(|byte| byte.is_ascii_digit());
    let readable = chrono::DateTime::parse_from_rfc2822(value).is_ok();
    findings.expect(numeric && readable, Point::Date, "Date", "it cannot be read, or its zone is no number");
}

fn message_id(header: &Header, findings: &mut Findings) {
    let Some(id) = header.one("message-id") else { return };
    let id = id.strip_prefix('<').and_then(|id| id.strip_suffix('>')).and_then(|id| id.split_once('@'));
    let from = header.one("from").unwrap_or_default();
    let from = bracketed(from).unwrap_or(from).rsplit('@').next().unwrap_or_default();
    let sound = id.is_some_and(|(left, right)| {
        !left.is_empty() && !left.contains([' ', '<']) && right.eq_ignore_ascii_case(from)
    });
    findings.expect(sound, Point::MessageId, "Message-ID", "it is not <left@right> with the domain of From");
}

/// A field's value as its reader sees it.
pub(super) fn decoded_text(value: &str) -> String {
    let field = format!("Subject: {value}\r\n\r\n");
    let message = mail_parser::MessageParser::default().parse(field.as_bytes());
    message.as_ref().and_then(|message| message.subject()).unwrap_or_default().to_owned()
}
