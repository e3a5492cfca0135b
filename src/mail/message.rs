//! A message as bytes: where its header ends, and whether its lines end as they must.

/// The header with its last CR LF, and the body; `None` when no empty line parts them.
pub(super) fn split(raw: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = memchr::memmem::find(raw, b"\r\n\r\n")?;
    Some((&raw[..end + 2], &raw[end + 4..]))
}

/// Where the first CR without LF, or LF without CR, stands (RFC 5321 2.3.8 allows neither).
pub(super) fn lone_line_end(raw: &[u8]) -> Option<usize> {
    let mut from = 0;
    while let Some(at) = memchr::memchr2(b'\r', b'\n', &raw[from..]) {
        if !raw[from + at..].starts_with(b"\r\n") {
            return Some(from + at);
        }
        from += at + 2;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_end_that_stands_alone_is_found_where_it_stands() {
        for (raw, found) in [
            ("", None),
            ("a\r\nb\r\n", None),
            ("\na", Some(0)),
            ("a\r\nb\nc", Some(4)),
            ("a\r\r\n", Some(1)),
            ("a\r\n\n", Some(3)),
            ("a\r", Some(1)),
        ] {
            assert_eq!(lone_line_end(raw.as_bytes()), found, "{raw:?}");
        }
    }
}
