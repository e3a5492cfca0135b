//! The letter that came back: in a part of its own, under whatever type, or pasted into the text.

use super::{Header, Part, Returned, Role};

/// Fields that only a letter's header has, and not what people write at the start of a line.
const TELLING: [&str; 8] = [
    "received",
    "return-path",
    "message-id",
    "mime-version",
    "x-mailer",
    "dkim-signature",
    "content-transfer-encoding",
    "delivered-to",
];

/// Further fields of a letter's header.
const USUAL: [&str; 10] =
    ["from", "to", "subject", "date", "content-type", "reply-to", "sender", "x-priority", "precedence", "cc"];

/// Fields of a delivery report.
const STATUS: [&str; 9] = [
    "reporting-mta",
    "final-recipient",
    "original-recipient",
    "action",
    "status",
    "diagnostic-code",
    "remote-mta",
    "arrival-date",
    "last-attempt-date",
];

/// The most lines between a line that announces the letter and its header.
const NEAR: usize = 8;

/// What a line that announces the letter says; each holds all the words of one of these.
const ANNOUNCED: [&[&str]; 20] = [
    &["below this line", "copy of the"],
    &["this is a copy of", "message"],
    &["here is a copy of", "message"],
    &["original message", "follow"],
    &["original message", "---"],
    &["original message", "***"],
    &["original mail", "follow"],
    &["original message", "below"],
    &["message header", "follow"],
    &["message text", "follow"],
    &["unsent message", "follow"],
    &["unsent message below"],
    &["undelivered message", "follow"],
    &["returned message", "follow"],
    &["returned message", "---"],
    &["returned mail", "---"],
    &["your message follows"],
    &["header of the original"],
    &["headers of the", "message"],
    &["original", "headers", ":"],
];

/// Gives parts that bear another's type the role that they have by what stands in them.
pub(super) fn name_roles(parts: &mut [Part]) {
    let mut texts = 0;
    for part in parts.iter_mut().filter(|part| part.role == Role::Text) {
        texts += 1;
        let (known, report) = head(&part.text);
        if report >= 2 && report > known {
            part.role = Role::DeliveryStatus;
        } else if texts > 1 && known >= 3 {
            part.role = Role::Returned;
        }
    }
}

/// How many of the fields at a text's start are those of a letter, and of a delivery report.
fn head(text: &str) -> (usize, usize) {
    let (mut known, mut report) = (0, 0);
    for line in text.trim_start().lines().take(40) {
        if line.starts_with([' ', '\t']) || (line.trim().is_empty() && known == 0) {
            continue;
        }
        let Some(name) = field_name(line) else { break };
        known += usize::from(TELLING.contains(&name.as_str()) || USUAL.contains(&name.as_str()));
        report += usize::from(STATUS.contains(&name.as_str()));
    }
    (known, report)
}

/// The name in lower case of the field that a line begins.
fn field_name(line: &str) -> Option<String> {
    let (name, _) = line.split_once(':')?;
    let name = name.trim_end();
    let plain = (2..60).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    plain.then(|| name.to_ascii_lowercase())
}

/// Reads a letter that came back.
pub(super) fn returned(part: usize, text: &str, line: u32) -> Returned {
    Returned { part, line, header: Header::read(text.as_bytes()).0 }
}

/// Parts a text into the report and the letter pasted below it, with the line on which that begins.
pub(super) fn cut(text: &str) -> (&str, Option<(u32, &str)>) {
    let mut at = 0;
    let mut announced: Option<(usize, usize, u32)> = None;
    let mut number = 0;
    while at < text.len() {
        let rest = &text[at..];
        let line = rest.split('\n').next().unwrap_or_default();
        number += 1;
        let near = announced.is_some_and(|(_, line, _)| (number as usize) < line + NEAR);
        if let Some(name) = field_name(line)
            && (TELLING.contains(&name.as_str()) || USUAL.contains(&name.as_str()))
        {
            let (telling, usual) = block(rest);
            if (near && telling + usual >= 1) || (telling >= 1 && telling + usual >= 3) {
                let end = announced.filter(|_| near).map_or(at, |(at, _, _)| at);
                return (&text[..end], Some((number, rest)));
            }
        }
        if announces(line) {
            announced = Some((at, number as usize, number));
        }
        at += line.len() + 1;
    }
    match announced {
        // A letter without a header, below a line that leaves no doubt.
        Some((at, _, number)) if certain(text[at..].split('\n').next().unwrap_or_default()) => {
            (&text[..at], Some((number + 1, text[at..].split_once('\n').map_or("", |(_, below)| below))))
        }
        _ => (text, None),
    }
}

/// Whether a line announces the letter.
fn announces(line: &str) -> bool {
    if line.len() > 200 {
        return false;
    }
    let line = line.to_ascii_lowercase();
    ANNOUNCED.iter().any(|words| words.iter().all(|word| line.contains(word)))
}

/// Whether a line that announces the letter is a rule across the page, and no sentence.
fn certain(line: &str) -> bool {
    line.trim_start().starts_with("---") && line.trim_end().len() < 100
}

/// How many telling and usual fields a block of fields holds at a text's start.
fn block(text: &str) -> (usize, usize) {
    let (mut telling, mut usual) = (0, 0);
    for line in text.lines().take(60) {
        if line.starts_with([' ', '\t']) {
            continue;
        }
        let Some(name) = field_name(line) else { break };
        telling += usize::from(TELLING.contains(&name.as_str()));
        usual += usize::from(USUAL.contains(&name.as_str()));
    }
    (telling, usual)
}
