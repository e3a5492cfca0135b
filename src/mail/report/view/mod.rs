//! A tolerant, bounded view of a message: header fields in plain words, MIME parts as text, what is
//! the report and what is the letter that came back.
//!
//! Built for mail that breaks the rules: any bytes give a view. Charsets that are wrong or missing are
//! guessed, boundaries may be missing, parts may bear another's name.

mod decode;
mod header;
mod html;
mod original;
mod walk;
mod words;

use std::borrow::Cow;

pub use header::Header;

use super::MOST;

/// The most levels of parts within parts; what is deeper is text.
const MOST_DEPTH: usize = 8;

/// The most parts that are looked at.
const MOST_PARTS: usize = 100;

/// What a part of a message is to a reader of reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Holds other parts.
    Container,
    /// Text for people.
    Text,
    /// Fields of a delivery report (RFC 3464), by its type or by what stands in it.
    DeliveryStatus,
    /// Fields of a feedback report (RFC 5965).
    Feedback,
    /// The letter that came back, whole or its header.
    Returned,
    /// Something else: a picture, a read receipt.
    Other,
}

/// A part of a message, decoded.
#[derive(Clone, Debug)]
pub struct Part {
    /// Where it stands: `1`, `2`, `2.1`. The message itself, where it has no parts, is `1`.
    pub path: String,
    /// Its media type in lower case, without parameters.
    pub media: String,
    /// What it is.
    pub role: Role,
    /// Its text, lines ending in LF; HTML as plain text. Empty for containers and what is no text.
    pub text: String,
}

impl Part {
    /// How evidence names it: `2 message/delivery-status`.
    pub fn name(&self) -> String {
        format!("{} {}", self.path, self.media)
    }
}

/// The letter that came back, as far as it did.
#[derive(Clone, Debug)]
pub struct Returned {
    /// The part that it stands in, by its place in [`View::parts`].
    pub part: usize,
    /// The line of that part on which it begins, from 1.
    pub line: u32,
    /// Its header.
    pub header: Header,
}

/// A piece of the report's text: the part that it comes from, and where it begins in both.
#[derive(Clone, Copy, Debug)]
struct Piece {
    /// Its first line in the report text, from 0.
    from: usize,
    part: usize,
}

/// A line of the report's text.
#[derive(Clone, Copy, Debug)]
pub struct Line<'a> {
    /// Its number in the report text, from 0.
    pub number: usize,
    /// The line as it is, without its end.
    pub text: &'a str,
    /// The same in ASCII lower case.
    pub lower: &'a str,
}

/// A message as reports are read from it.
#[derive(Clone, Debug)]
pub struct View {
    /// The message's header.
    pub header: Header,
    /// Its parts in their order, containers too.
    pub parts: Vec<Part>,
    /// The letters that came back: first that in a part of its own, then what was pasted into text.
    pub returned: Vec<Returned>,
    report: String,
    lower: String,
    pieces: Vec<Piece>,
    parameters: Vec<(String, String)>,
}

impl View {
    /// Looks at a message. No bytes are refused; beyond [`MOST`] they are not looked at.
    pub fn new(message: &[u8]) -> Self {
        let message = &message[..message.len().min(MOST)];
        let (header, body) = Header::read(message);
        let (_, parameters) = walk::content_type(&header);
        let mut parts = Vec::new();
        walk::walk(&header, body, &mut parts);
        let mut view = Self {
            header,
            parts,
            returned: Vec::new(),
            report: String::new(),
            lower: String::new(),
            pieces: Vec::new(),
            parameters,
        };
        view.gather();
        view
    }

    /// A parameter of the message's Content-Type: `report-type`.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// What a person reads in the report itself, without the letter that came back: all texts, one
    /// below the other, lines ending in LF.
    pub fn report_text(&self) -> &str {
        &self.report
    }

    /// The same in ASCII lower case; offsets are the same in both.
    pub fn report_lower(&self) -> &str {
        &self.lower
    }

    /// The lines of the report's text.
    pub fn lines(&self) -> impl Iterator<Item = Line<'_>> {
        self.report.lines().zip(self.lower.lines()).enumerate().map(|(number, (text, lower))| Line {
            number,
            text,
            lower,
        })
    }

    /// Where a line of the report's text stands: the part's name, and the line within that part from 1.
    pub fn place(&self, number: usize) -> (String, u32) {
        let piece = self.pieces.iter().rev().find(|piece| piece.from <= number);
        match piece.and_then(|piece| Some((self.parts.get(piece.part)?, number - piece.from + 1))) {
            Some((part, line)) => (part.name(), u32::try_from(line).unwrap_or(u32::MAX)),
            None => ("1".to_owned(), 0),
        }
    }

    /// The line of the report's text in which a byte stands.
    pub fn line_at(&self, offset: usize) -> usize {
        let before = self.report.as_bytes().get(..offset).unwrap_or_default();
        memchr::memchr_iter(b'\n', before).count()
    }

    /// The parts of this role.
    pub fn of_role(&self, role: Role) -> impl Iterator<Item = &Part> {
        self.parts.iter().filter(move |part| part.role == role)
    }

    /// Sorts the parts' texts into the report and what came back.
    fn gather(&mut self) {
        original::name_roles(&mut self.parts);
        let mut pasted = Vec::new();
        for (index, part) in self.parts.iter().enumerate() {
            match part.role {
                Role::Returned => self.returned.push(original::returned(index, &part.text, 1)),
                Role::Text if !walk::is_second_form(&self.parts, index) => {
                    let (report, original) = original::cut(&part.text);
                    self.pieces.push(Piece { from: self.report.lines().count(), part: index });
                    self.report.push_str(report);
                    if !report.is_empty() && !report.ends_with('\n') {
                        self.report.push('\n');
                    }
                    if let Some((line, text)) = original {
                        pasted.push(original::returned(index, text, line));
                    }
                }
                Role::Text | Role::Container | Role::DeliveryStatus | Role::Feedback | Role::Other => {}
            }
        }
        self.returned.append(&mut pasted);
        self.lower = self.report.to_ascii_lowercase();
    }
}

/// Text without its ends of white space, and runs of white space within as one space.
pub fn squeezed(text: &str) -> Cow<'_, str> {
    let text = text.trim();
    let plain = text.bytes().all(|byte| !byte.is_ascii_whitespace() || byte == b' ') && !text.contains("  ");
    if plain {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(text.split_whitespace().collect::<Vec<_>>().join(" "))
    }
}
