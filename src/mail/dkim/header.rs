//! The header's side of a signature: which fields it covers, their canonical form, and the
//! DKIM-Signature field itself.

use std::ops::Range;

use mail_auth::dkim::Canonicalization;

use super::{Algorithm, DomainKey};

/// Fields of which there must be no more than there are: each is listed once more than it occurs,
/// also where it does not occur at all, so that a second From, a Cc or another unsubscribe address
/// breaks the signature (RFC 6376 5.4, 8.15; RFC 8058 4).
const SEALED: [&str; 11] = [
    "From",
    "To",
    "Cc",
    "Reply-To",
    "Subject",
    "Date",
    "Message-ID",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
    "MIME-Version",
    "Content-Type",
];

/// Fields that are covered as they are; relays and lists on the way may add their own.
const COVERED: [&str; 5] =
    ["List-Id", "Feedback-ID", "Auto-Submitted", "Precedence", "Content-Transfer-Encoding"];

/// How long a line may get (RFC 5322 2.1.1), without its line end.
const LINE: usize = 78;

/// One field: its name and what follows the colon, with the line end.
pub(super) type Field<'a> = (&'a [u8], &'a [u8]);

/// The fields of a header, in their order.
pub(super) fn fields(head: &[u8]) -> Vec<Field<'_>> {
    let mut fields = Vec::new();
    let mut start = 0;
    for at in memchr::memchr_iter(b'\n', head) {
        if matches!(head.get(at + 1), Some(b' ' | b'\t')) {
            continue;
        }
        let field = &head[start..=at];
        if let Some(colon) = memchr::memchr(b':', field) {
            fields.push((&field[..colon], &field[colon + 1..]));
        }
        start = at + 1;
    }
    fields
}

/// Those of `all` fields that a signature covers, in its order, and `h=`: their names, those that do
/// not occur included. `None` when there is no From, without which there is no signature (RFC 6376
/// 5.4). Fields come with their names.
pub(super) fn select<F>(all: Vec<(&[u8], F)>) -> Option<(Vec<F>, Vec<&'static str>)> {
    let mut all: Vec<_> = all.into_iter().map(Some).collect();
    let (mut covered, mut names) = (Vec::new(), Vec::new());
    for name in SEALED.into_iter().chain(COVERED) {
        let before = covered.len();
        // Of several, the last one is meant by the first mention (RFC 6376 5.4.2).
        for field in all.iter_mut().rev() {
            if let Some((_, field)) = field.take_if(|field| field.0.eq_ignore_ascii_case(name.as_bytes())) {
                covered.push(field);
            }
        }
        if covered.is_empty() {
            return None;
        }
        let times = covered.len() - before + usize::from(SEALED.contains(&name));
        names.extend(std::iter::repeat_n(name, times));
    }
    Some((covered, names))
}

/// What a DKIM-Signature field says (RFC 6376 3.5), but for `b=`.
pub(super) struct Signature<'a> {
    pub(super) algorithm: Algorithm,
    pub(super) domain: &'a str,
    pub(super) selector: &'a str,
    /// Unix seconds.
    pub(super) time: i64,
    pub(super) names: &'a [&'static str],
    pub(super) body_hash: &'a [u8],
}

impl<'a> Signature<'a> {
    /// That of `key`.
    pub(super) fn of(key: &'a DomainKey, time: i64, names: &'a [&'static str], body_hash: &'a [u8]) -> Self {
        let DomainKey { domain, selector, key, .. } = key;
        Self { algorithm: key.algorithm(), domain, selector, time, names, body_hash }
    }

    /// The field up to its `b=`, which stands at the start of a line.
    pub(super) fn without_value(&self) -> Unsigned {
        let mut field = Folded::new("DKIM-Signature:");
        for tag in [
            "v=1;".to_owned(),
            format!("a={};", self.algorithm),
            "c=relaxed/relaxed;".to_owned(),
            format!("d={};", self.domain),
            format!("s={};", self.selector),
        ] {
            field.word(&tag);
        }
        let time = self.time.to_string();
        field.word(&format!("t={time};"));
        let time = field.within(&time);
        for (at, name) in self.names.iter().enumerate() {
            let end = if at + 1 == self.names.len() { ';' } else { ':' };
            if at == 0 {
                field.word(&format!("h={name}{end}"));
            } else {
                field.piece(&format!("{name}{end}"));
            }
        }
        let body_hash = data_encoding::BASE64.encode(self.body_hash);
        field.word(&format!("bh={body_hash};"));
        let body_hash = field.within(&body_hash);
        field.out.push_str("\r\n b=");
        Unsigned { field: field.out.into_bytes(), time, body_hash }
    }
}

/// A DKIM-Signature field up to its `b=`, and where its time and its hash stand in it.
pub(super) struct Unsigned {
    pub(super) field: Vec<u8>,
    time: Range<usize>,
    body_hash: Range<usize>,
}

impl Unsigned {
    /// A time with as many digits as all have from 2001 to 2286.
    pub(super) const SAMPLE_TIME: i64 = 1_000_000_000;

    /// The same field with another time and hash; `None` when they are not as long as those in it,
    /// for then it may have to be folded elsewhere.
    pub(super) fn stamped(&self, time: i64, body_hash: &[u8]) -> Option<Vec<u8>> {
        let mut field = self.field.clone();
        let time = time.to_string();
        if time.len() != self.time.len()
            || data_encoding::BASE64.encode_len(body_hash.len()) != self.body_hash.len()
        {
            return None;
        }
        field[self.time.clone()].copy_from_slice(time.as_bytes());
        data_encoding::BASE64.encode_mut(body_hash, &mut field[self.body_hash.clone()]);
        Some(field)
    }
}

/// Adds the canonical form (RFC 6376 3.4.2) of a whole or unfinished field to `out`, without a line
/// end of its own.
pub(super) fn relax(field: &[u8], out: &mut Vec<u8>) {
    let colon = memchr::memchr(b':', field).unwrap_or(field.len());
    relax_fields([(&field[..colon], field.get(colon + 1..).unwrap_or_default())], out);
}

/// Adds the canonical form of fields to `out`.
pub(super) fn relax_fields<'a>(fields: impl IntoIterator<Item = Field<'a>>, out: &mut Vec<u8>) {
    Canonicalization::Relaxed.canonicalize_headers(fields.into_iter(), out);
}

/// Adds a field to `out`, with its value behind `b=`, folded, and its line end.
pub(super) fn complete(field: &[u8], value: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(field);
    let value = data_encoding::BASE64.encode(value);
    for (at, line) in value.as_bytes().chunks(LINE - " b=".len()).enumerate() {
        if at > 0 {
            out.extend_from_slice(b"\r\n ");
        }
        out.extend_from_slice(line);
    }
    out.extend_from_slice(b"\r\n");
}

/// A field that is folded before it gets too long.
struct Folded {
    out: String,
    column: usize,
}

impl Folded {
    fn new(name: &str) -> Self {
        Self { out: name.to_owned(), column: name.len() }
    }

    /// Adds a word after a blank.
    fn word(&mut self, word: &str) {
        if self.column + 1 + word.len() > LINE {
            self.out.push_str("\r\n");
            self.column = 0;
        }
        self.out.push(' ');
        self.out.push_str(word);
        self.column += 1 + word.len();
    }

    /// Where `part` stands in the word that was added last, whose last sign alone follows it.
    fn within(&self, part: &str) -> Range<usize> {
        let end = self.out.len() - 1;
        end - part.len()..end
    }

    /// Adds what needs no blank before it.
    fn piece(&mut self, piece: &str) {
        if self.column + piece.len() > LINE {
            self.word(piece);
            return;
        }
        self.out.push_str(piece);
        self.column += piece.len();
    }
}
