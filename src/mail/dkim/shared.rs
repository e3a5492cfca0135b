//! Signing many messages that differ in a few places: what they share is brought into canonical form
//! and hashed once. What comes out is what [`Signers::sign`] gives, byte for byte.
//!
//! A place in the header is a whole field. One in the body has neither blanks nor empty lines in it,
//! so that it is its own canonical form, and ends whatever run of blanks or empty lines stood before
//! it: the canonical form of what stands between two places never depends on them.

use chrono::{DateTime, Utc};
use sha2::{Digest as _, Sha256};

use super::body::Relaxed;
use super::header::{self, Signature, Unsigned};
use super::{DomainKey, SignError, Signers};
use crate::mail::message;

/// A piece of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::mail) enum Piece<'a> {
    /// The same in each message.
    Fixed(&'a [u8]),
    /// A whole header field of that name, with its line end, that differs.
    Field(&'static str),
    /// What differs within the body: ASCII without blanks, which begins and ends with a printable
    /// character and has no empty line in it.
    Word,
}

/// What all messages of one form share of their signatures.
pub(in crate::mail) struct Shared {
    /// The covered fields in the order of `h=`.
    fields: Vec<Covered>,
    /// `h=`.
    names: Vec<&'static str>,
    /// The hash after the body's canonical form up to its first place.
    body: Sha256,
    /// What comes then: the number of a place, and the canonical form of what stands behind it.
    rest: Vec<(usize, Vec<u8>)>,
    keys: Vec<(DomainKey, Unsigned)>,
}

/// Fields of a header that a signature covers.
enum Covered {
    /// In canonical form.
    Fixed(Vec<u8>),
    /// That of a place, by its number.
    Place(usize),
}

impl Shared {
    /// Of messages that consist of `pieces`. `None` when nobody signs for `domain`, or when the
    /// pieces are not such that this works: then each message is to be signed by itself.
    pub(in crate::mail) fn of(signers: &Signers, domain: &str, pieces: &[Piece<'_>]) -> Option<Self> {
        let (head, body) = parts(pieces)?;
        let (fields, names) = covered(&head)?;
        let (body, rest) = hashed(&body);
        let prepare = |key: &DomainKey| {
            let signature = Signature::of(key, Unsigned::SAMPLE_TIME, &names, &[0; 32]);
            (key.clone(), signature.without_value())
        };
        let keys: Vec<_> = signers.active(domain).map(prepare).collect();
        (!keys.is_empty()).then_some(Self { fields, names, body, rest, keys })
    }

    /// Appends the DKIM-Signature fields of the message with these `places`, in their order.
    ///
    /// # Errors
    /// [`SignError`]; then part of them may have been appended.
    pub(in crate::mail) fn sign(
        &self,
        places: &[impl AsRef<[u8]>],
        now: DateTime<Utc>,
        out: &mut Vec<u8>,
    ) -> Result<(), SignError> {
        let place = |number: usize| places.get(number).map(AsRef::as_ref).unwrap_or_default();
        let mut body = self.body.clone();
        for (number, behind) in &self.rest {
            body.update(place(*number));
            body.update(behind);
        }
        let body_hash = body.finalize();
        let mut input = Vec::with_capacity(3072);
        for field in &self.fields {
            match field {
                Covered::Fixed(canonical) => input.extend_from_slice(canonical),
                Covered::Place(number) => {
                    if message::lone_line_end(place(*number)).is_some() {
                        return Err(SignError::LineEnds);
                    }
                    header::relax(place(*number), &mut input);
                }
            }
        }
        let header_end = input.len();
        for (key, sample) in &self.keys {
            let time = now.timestamp();
            let field = sample
                .stamped(time, &body_hash)
                .unwrap_or_else(|| Signature::of(key, time, &self.names, &body_hash).without_value().field);
            input.truncate(header_end);
            header::relax(&field, &mut input);
            header::complete(&field, &key.sign(&input)?, out);
        }
        Ok(())
    }
}

/// A piece of a header or a body; places are numbered through both.
enum Part<'a> {
    Fixed(&'a [u8]),
    Field(usize, &'static str),
    Word(usize),
}

/// The header with the line end of its last field, and the body. `None` when a fixed piece of the
/// header does not consist of whole fields, when a place stands where it must not, or when a line
/// does not end in CR LF.
fn parts<'a>(pieces: &[Piece<'a>]) -> Option<(Vec<Part<'a>>, Vec<Part<'a>>)> {
    let (mut head, mut body) = (Vec::new(), Vec::new());
    let (mut in_body, mut number) = (false, 0);
    for piece in pieces {
        match *piece {
            Piece::Fixed(bytes) if message::lone_line_end(bytes).is_some() => return None,
            Piece::Fixed(bytes) if in_body => body.push(Part::Fixed(bytes)),
            Piece::Fixed(bytes) => {
                if let Some(after) = bytes.strip_prefix(b"\r\n") {
                    in_body = true;
                    body.push(Part::Fixed(after));
                } else if bytes.starts_with(b" ") || bytes.starts_with(b"\t") {
                    return None;
                } else if let Some((fields, after)) = message::split(bytes) {
                    in_body = true;
                    head.push(Part::Fixed(fields));
                    body.push(Part::Fixed(after));
                } else if bytes.ends_with(b"\n") || bytes.is_empty() {
                    head.push(Part::Fixed(bytes));
                } else {
                    return None;
                }
            }
            Piece::Field(name) if !in_body => head.push(Part::Field(number, name)),
            Piece::Word if in_body => body.push(Part::Word(number)),
            Piece::Field(_) | Piece::Word => return None,
        }
        number += usize::from(!matches!(piece, Piece::Fixed(_)));
    }
    in_body.then_some((head, body))
}

/// The fields of a header that a signature covers, and `h=`.
fn covered(head: &[Part<'_>]) -> Option<(Vec<Covered>, Vec<&'static str>)> {
    let mut all = Vec::new();
    for part in head {
        match part {
            Part::Fixed(bytes) => {
                let canonical = |field| {
                    let mut canonical = Vec::new();
                    header::relax_fields([field], &mut canonical);
                    Covered::Fixed(canonical)
                };
                all.extend(header::fields(bytes).into_iter().map(|field| (field.0, canonical(field))));
            }
            Part::Field(number, name) => all.push((name.as_bytes(), Covered::Place(*number))),
            Part::Word(_) => return None,
        }
    }
    header::select(all)
}

/// The hash of a body up to its first place, and what comes then.
fn hashed(body: &[Part<'_>]) -> (Sha256, Vec<(usize, Vec<u8>)>) {
    let mut form = Relaxed::default();
    let (mut start, mut rest) = (Vec::new(), Vec::<(usize, Vec<u8>)>::new());
    for part in body {
        let out = rest.last_mut().map_or(&mut start, |(_, behind)| behind);
        match part {
            Part::Fixed(bytes) => form.write(bytes, out),
            Part::Field(number, _) | Part::Word(number) => {
                form.begin_text(out);
                rest.push((*number, Vec::new()));
            }
        }
    }
    form.end(rest.last_mut().map_or(&mut start, |(_, behind)| behind));
    (Sha256::new_with_prefix(start), rest)
}
