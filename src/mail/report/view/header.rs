//! A message's header, as tolerantly as it can be read: bare LF, an mbox `From ` line, lines that are
//! no fields, 8-bit bytes of any charset, encoded words.

use super::decode::text_of;
use super::words::decode_words;

/// The most fields of one header that are looked at.
const MOST_FIELDS: usize = 500;

/// The most bytes of one field that are looked at.
const MOST_VALUE: usize = 16 << 10;

/// A header field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its name in lower case.
    pub name: String,
    /// Its value: unfolded, decoded (RFC 2047), without white space at its ends.
    pub value: String,
    /// The line on which it begins, from 1.
    pub line: u32,
}

/// A header: fields in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Header {
    /// Its fields.
    pub fields: Vec<Field>,
}

impl Header {
    /// Reads the header at the start of these bytes; also gives what stands below it.
    pub fn read(bytes: &[u8]) -> (Self, &[u8]) {
        let mut fields: Vec<(Vec<u8>, Vec<u8>, u32)> = Vec::new();
        let mut rest = bytes;
        let mut number = 0;
        loop {
            let (line, below) = first_line(rest);
            if rest.is_empty() {
                break;
            }
            number += 1;
            let blank = line.trim_ascii().is_empty();
            if blank && fields.is_empty() && number <= 10 {
                rest = below;
                continue;
            }
            if blank {
                rest = below;
                break;
            }
            let folded = line[0] == b' ' || line[0] == b'\t';
            match (folded, name_end(line)) {
                (true, _) => {
                    if let Some((_, value, _)) =
                        fields.last_mut().filter(|(_, value, _)| value.len() < MOST_VALUE)
                    {
                        value.push(b' ');
                        value.extend_from_slice(line.trim_ascii());
                    }
                }
                (false, Some(colon)) if fields.len() < MOST_FIELDS => {
                    let name = line[..colon].trim_ascii_end().to_ascii_lowercase();
                    fields.push((name, line[colon + 1..].trim_ascii().to_vec(), number));
                }
                (false, Some(_)) => {}
                (false, None) if line.starts_with(b"From ") || line.starts_with(b">From ") => {}
                (false, None) => break,
            }
            rest = below;
        }
        let fields = fields
            .into_iter()
            .map(|(name, mut value, line)| {
                value.truncate(MOST_VALUE);
                Field {
                    name: String::from_utf8_lossy(&name).into_owned(),
                    value: decode_words(&text_of(&value, None)),
                    line,
                }
            })
            .collect();
        (Self { fields }, rest)
    }

    /// The first field of this name (in lower case).
    pub fn field(&self, name: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// The value of the first field of this name (in lower case).
    pub fn get(&self, name: &str) -> Option<&str> {
        self.field(name).map(|field| field.value.as_str())
    }

    /// The values of all fields of this name (in lower case).
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.fields.iter().filter(move |field| field.name == name).map(|field| field.value.as_str())
    }

    /// Whether a field of this name (in lower case) is there.
    pub fn has(&self, name: &str) -> bool {
        self.field(name).is_some()
    }
}

/// The first line without its end, and what stands below it.
pub(super) fn first_line(bytes: &[u8]) -> (&[u8], &[u8]) {
    match memchr::memchr(b'\n', bytes) {
        Some(end) => {
            let line = &bytes[..end];
            (line.strip_suffix(b"\r").unwrap_or(line), &bytes[end + 1..])
        }
        None => (bytes.strip_suffix(b"\r").unwrap_or(bytes), &[]),
    }
}

/// Where the colon after a field's name stands, if the line begins with one.
pub(super) fn name_end(line: &[u8]) -> Option<usize> {
    let colon = memchr::memchr(b':', line.get(..line.len().min(100))?)?;
    let name = line[..colon].trim_ascii_end();
    (!name.is_empty() && name.iter().all(|byte| matches!(byte, b'!'..=b'~'))).then_some(colon)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_read_from_what_is_no_proper_header() {
        let raw = b"From MAILER-DAEMON Mon Jan  1 00:00:00 2024\nSubject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=\n =?utf-8?B?IQ==?=\r\n\
            X-Odd : one\r\n\ttwo\r\nTo: caf\xe9@example.org\r\n\r\nbody: no field\r\n";
        let (header, body) = Header::read(raw);
        let fields: Vec<_> =
            header.fields.iter().map(|field| (field.name.as_str(), field.value.as_str())).collect();
        assert_eq!(fields, [("subject", "Grüße!"), ("x-odd", "one two"), ("to", "café@example.org")]);
        assert_eq!(body, b"body: no field\r\n");
    }

    #[test]
    fn a_line_that_is_no_field_ends_the_header() {
        let (header, body) = Header::read(b"Subject: a\nThis is text: with a colon\n");
        assert_eq!(header.fields.len(), 1);
        assert_eq!(body, b"This is text: with a colon\n");
    }
}
