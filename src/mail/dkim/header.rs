//! The header's side of a signature: which fields it covers, their canonical form, and the
//! DKIM-Signature field itself.

use mail_auth::dkim::Canonicalization;

use super::Algorithm;

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
type Field<'a> = (&'a [u8], &'a [u8]);

/// The fields of a header, in their order.
fn fields(head: &[u8]) -> Vec<Field<'_>> {
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

/// What a signature covers of a header.
pub(super) struct Covered<'a> {
    fields: Vec<Field<'a>>,
    names: Vec<&'static str>,
}

impl<'a> Covered<'a> {
    /// Of `head`; `None` when it has no From, without which there is no signature (RFC 6376 5.4).
    pub(super) fn of(head: &'a [u8]) -> Option<Self> {
        let all = fields(head);
        let mut covered = Self { fields: Vec::new(), names: Vec::new() };
        for name in SEALED.into_iter().chain(COVERED) {
            // Of several, the last one is meant by the first mention (RFC 6376 5.4.2).
            let found = all.iter().rev().filter(|field| field.0.eq_ignore_ascii_case(name.as_bytes()));
            let before = covered.fields.len();
            covered.fields.extend(found);
            let times = covered.fields.len() - before + usize::from(SEALED.contains(&name));
            covered.names.extend(std::iter::repeat_n(name, times));
        }
        let has_from = covered.fields.first().is_some_and(|(name, _)| name.eq_ignore_ascii_case(b"From"));
        has_from.then_some(covered)
    }

    /// `h=`: the names in the order of the canonical form, those that do not occur included.
    pub(super) fn names(&self) -> &[&'static str] {
        &self.names
    }

    /// The fields in canonical form (RFC 6376 3.4.2).
    pub(super) fn canonical(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(2048);
        Canonicalization::Relaxed.canonicalize_headers(self.fields.iter().copied(), &mut out);
        out
    }
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

impl Signature<'_> {
    /// The field up to its `b=`, which stands at the start of a line.
    pub(super) fn without_value(&self) -> Vec<u8> {
        let mut field = Folded::new("DKIM-Signature:");
        for tag in [
            "v=1;".to_owned(),
            format!("a={};", self.algorithm),
            "c=relaxed/relaxed;".to_owned(),
            format!("d={};", self.domain),
            format!("s={};", self.selector),
            format!("t={};", self.time),
        ] {
            field.word(&tag);
        }
        for (at, name) in self.names.iter().enumerate() {
            let end = if at + 1 == self.names.len() { ';' } else { ':' };
            if at == 0 {
                field.word(&format!("h={name}{end}"));
            } else {
                field.piece(&format!("{name}{end}"));
            }
        }
        field.word(&format!("bh={};", data_encoding::BASE64.encode(self.body_hash)));
        field.out.push_str("\r\n b=");
        field.out.into_bytes()
    }
}

/// Adds the canonical form of a whole or unfinished field to `out`, without a line end of its own.
pub(super) fn relax(field: &[u8], out: &mut Vec<u8>) {
    let colon = memchr::memchr(b':', field).unwrap_or(field.len());
    let value = field.get(colon + 1..).unwrap_or_default();
    Canonicalization::Relaxed.canonicalize_headers(std::iter::once((&field[..colon], value)), out);
}

/// The field with its value behind `b=`, folded, and its line end.
pub(super) fn complete(mut field: Vec<u8>, value: &[u8]) -> Vec<u8> {
    let value = data_encoding::BASE64.encode(value);
    for (at, line) in value.as_bytes().chunks(LINE - " b=".len()).enumerate() {
        if at > 0 {
            field.extend_from_slice(b"\r\n ");
        }
        field.extend_from_slice(line);
    }
    field.extend_from_slice(b"\r\n");
    field
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
