//! Folder names as IMAP wants them: modified UTF-7 (RFC 3501 section 5.1.3) in a quoted string.

use data_encoding::BASE64_NOPAD;

/// A text as a quoted string (RFC 3501 section 4.3). Line ends, which cannot stand in one, are left
/// out.
pub(super) fn quoted(text: &str) -> String {
    let escape = |c| if matches!(c, '"' | '\\') { format!("\\{c}") } else { String::from(c) };
    format!(
        "\"{}\"",
        text.chars().filter(|c| !matches!(c, '\r' | '\n' | '\0')).map(escape).collect::<String>()
    )
}

/// A folder's name as an argument.
pub(super) fn folder(name: &str) -> String {
    quoted(&modified_utf7(name))
}

fn modified_utf7(name: &str) -> String {
    let mut written = String::new();
    let mut waiting: Vec<u8> = Vec::new();
    for c in name.chars() {
        if (' '..='~').contains(&c) {
            flush(&mut waiting, &mut written);
            written.push(c);
            if c == '&' {
                written.push('-');
            }
        } else {
            let mut units = [0; 2];
            waiting.extend(c.encode_utf16(&mut units).iter().flat_map(|unit| unit.to_be_bytes()));
        }
    }
    flush(&mut waiting, &mut written);
    written
}

fn flush(waiting: &mut Vec<u8>, written: &mut String) {
    if !waiting.is_empty() {
        let encoded = BASE64_NOPAD.encode(waiting).replace('/', ",");
        written.extend(["&", &encoded, "-"]);
        waiting.clear();
    }
}

#[test]
fn names_are_written_as_the_standard_has_them() {
    for (name, expected) in [
        ("INBOX", "\"INBOX\""),
        ("Newsletterd aside", "\"Newsletterd aside\""),
        ("a\"b\\c", "\"a\\\"b\\\\c\""),
        ("Peter & Paul", "\"Peter &- Paul\""),
        ("~peter/mail/台北/日本語", "\"~peter/mail/&U,BTFw-/&ZeVnLIqe-\""),
        ("Entwürfe", "\"Entw&APw-rfe\""),
        ("📬", "\"&2D3c7A-\""),
    ] {
        assert_eq!(folder(name), expected);
    }
    assert_eq!(quoted("a\r\nb"), "\"ab\"");
}
