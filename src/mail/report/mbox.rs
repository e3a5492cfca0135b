//! Files that hold several messages, one below the other, each after a line `From … 2026`.

use crate::domain::bounce::Report;

/// The most messages of one file that are looked at.
const MOST_MESSAGES: usize = 16;

/// The messages of a file: itself, unless it begins as an mbox does.
pub(super) fn messages(file: &[u8]) -> Vec<&[u8]> {
    if !is_start(file) {
        return vec![file];
    }
    let mut messages = Vec::new();
    let mut begun = 0;
    for at in memchr::memmem::find_iter(file, b"\nFrom ") {
        if messages.len() + 1 == MOST_MESSAGES {
            break;
        }
        let at = at + 1;
        // A line of a text may begin so: what stands below must be a field.
        if is_start(&file[at..]) && is_field(below(&file[at..])) {
            messages.push(&file[begun..at]);
            begun = at;
        }
    }
    messages.push(&file[begun..]);
    messages
}

/// What the messages of a file say together: the first, with the recipients of those after it that are
/// of its kind.
pub(super) fn together(mut first: Report, others: impl Iterator<Item = Report>) -> Report {
    for other in others.filter(|other| other.kind == first.kind) {
        for recipient in other.recipients {
            let known =
                first.recipients.iter().any(|known| known.address.eq_ignore_ascii_case(&recipient.address));
            if !known && first.recipients.len() < super::failure::MOST_RECIPIENTS {
                first.recipients.push(recipient);
            }
        }
    }
    first
}

/// Whether a message of an mbox begins here: `From `, and a year at the line's end.
fn is_start(bytes: &[u8]) -> bool {
    let end = memchr::memchr(b'\n', bytes).unwrap_or(bytes.len());
    let line = bytes[..end].trim_ascii_end();
    line.starts_with(b"From ") && line.len() > 20 && line[line.len() - 4..].iter().all(u8::is_ascii_digit)
}

/// What stands below the first line.
fn below(bytes: &[u8]) -> &[u8] {
    memchr::memchr(b'\n', bytes).map_or(&[], |end| &bytes[end + 1..])
}

/// Whether a header field begins here.
fn is_field(bytes: &[u8]) -> bool {
    let name =
        bytes.iter().take(60).take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'-').count();
    name > 1 && bytes.get(name) == Some(&b':')
}

#[cfg(test)]
mod tests {
    use super::messages;

    #[test]
    fn a_file_is_parted_only_where_messages_begin() {
        let one = "From a Thu Apr 29 23:34:45 2015\nSubject: x\n\nFrom here on 2015\ntext\n";
        assert_eq!(messages(one.as_bytes()), [one.as_bytes()]);
        let two = format!("{one}\n{one}");
        assert_eq!(messages(two.as_bytes()).len(), 2);
        assert_eq!(messages(&two.as_bytes()[5..]).len(), 1);
    }
}
