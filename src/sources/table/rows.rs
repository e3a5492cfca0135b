//! Text to rows: the delimiter is guessed, quoted cells may hold line breaks, and each row knows
//! the line it began on.

use csv::{ReaderBuilder, StringRecord};
use unicode_normalization::UnicodeNormalization as _;

/// The delimiters that are tried, the usual one first.
const DELIMITERS: [u8; 4] = *b",;\t|";
/// How many rows the guess looks at, and how many bytes.
const SAMPLE: usize = 30;
const SAMPLE_BYTES: usize = 256 * 1024;

/// One row of cells, without surrounding white space.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The line on which it begins, from 1.
    pub line: u64,
    cells: Vec<String>,
}

impl Row {
    /// A row from elsewhere than a text.
    pub fn new(line: u64, cells: Vec<String>) -> Self {
        Self { line, cells }
    }

    /// The cell in `column`, from 0; empty where the row is shorter.
    pub fn cell(&self, column: usize) -> &str {
        self.cells.get(column).map_or("", String::as_str)
    }

    /// All cells.
    pub fn cells(&self) -> &[String] {
        &self.cells
    }

    /// Whether it says nothing.
    pub fn is_blank(&self) -> bool {
        self.cells.iter().all(String::is_empty)
    }
}

/// The rows of a table, blank ones left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rows {
    /// In order.
    pub rows: Vec<Row>,
    /// What stands between the cells.
    pub delimiter: u8,
    /// The line on which a quote opens that never closes: from there on, nothing is certain.
    pub unclosed_quote: Option<u64>,
}

/// Splits `text` into rows. `first_line` is the number of its first line in the file.
///
/// A first line `sep=;`, which Excel writes and reads, names the delimiter.
pub fn rows(text: &str, first_line: u64) -> Rows {
    let (first, after) = text.split_once('\n').unwrap_or((text, ""));
    match first.trim_end().strip_prefix("sep=").map(str::as_bytes) {
        Some(&[delimiter]) if DELIMITERS.contains(&delimiter) => split(after, delimiter, first_line + 1),
        _ => split(text, guess_delimiter(text), first_line),
    }
}

/// Splits `text` at a delimiter that is known.
pub fn split(text: &str, delimiter: u8, first_line: u64) -> Rows {
    let mut rows = Vec::new();
    for record in records(text, delimiter) {
        let line = first_line + line_of(&record, text);
        let cells = record.iter().map(|cell| cell.trim().to_owned()).collect();
        let row = Row { line, cells };
        if !row.is_blank() {
            rows.push(row);
        }
    }
    let unclosed_quote = unclosed_quote(text, delimiter).map(|line| first_line + line);
    Rows { rows, delimiter, unclosed_quote }
}

fn records(text: &str, delimiter: u8) -> impl Iterator<Item = StringRecord> {
    ReaderBuilder::new()
        .delimiter(delimiter)
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes())
        .into_records()
        // Text is valid UTF-8 and rows may differ in length, so that no error is left to occur.
        .map_while(Result::ok)
}

/// How many lines lie before the record. The parser's own number is that of the blank lines before
/// the record, where there are any.
fn line_of(record: &StringRecord, text: &str) -> u64 {
    let Some(position) = record.position() else { return 0 };
    let start = usize::try_from(position.byte()).unwrap_or(usize::MAX);
    let blank = text.get(start..).map_or(0, |rest| {
        rest.bytes().take_while(|byte| matches!(byte, b'\r' | b'\n')).filter(|&byte| byte == b'\n').count()
            as u64
    });
    position.line() - 1 + blank
}

/// The delimiter under which the first row has the most cells and the others have as many.
fn guess_delimiter(text: &str) -> u8 {
    let start = &text[..text.floor_char_boundary(SAMPLE_BYTES)];
    let score = |&delimiter: &u8| {
        let sizes: Vec<usize> = records(start, delimiter).take(SAMPLE).map(|record| record.len()).collect();
        let widest = sizes.first().copied().unwrap_or(0);
        let alike = sizes.iter().filter(|&&size| size == widest).count();
        if widest < 2 { 0 } else { widest * alike * 1_000 / sizes.len() }
    };
    // The last of equals wins in `max_by_key`, so the usual one comes last.
    DELIMITERS.iter().rev().copied().max_by_key(score).unwrap_or(b',')
}

/// The line (from 0) of a quote that opens a cell and never closes.
fn unclosed_quote(text: &str, delimiter: u8) -> Option<u64> {
    let (mut line, mut opened, mut at_start) = (0, None, true);
    let mut bytes = text.bytes().peekable();
    while let Some(byte) = bytes.next() {
        line += u64::from(byte == b'\n');
        if opened.is_some() {
            if byte == b'"' && bytes.next_if_eq(&b'"').is_none() {
                opened = None;
                at_start = false;
            }
        } else if byte == b'"' && at_start {
            opened = Some(line);
        } else {
            at_start = byte == delimiter || byte == b'\n' || byte == b'\r';
        }
    }
    opened
}

/// A column's name as it is compared: lower-case words in NFC with single spaces, whatever stood
/// between them (`OPTIN_TIME` and `Opt-in time` differ, `E-Mail` and `e mail` do not).
pub fn column_name(header: &str) -> String {
    let lower = header.nfc().collect::<String>().to_lowercase();
    let words = lower.split(|c: char| !c.is_alphanumeric() && !is_mark(c)).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ")
}

/// Combining marks belong to their letter.
fn is_mark(c: char) -> bool {
    unicode_normalization::char::is_combining_mark(c)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn cells(text: &str) -> Vec<(u64, Vec<String>)> {
        rows(text, 1).rows.into_iter().map(|row| (row.line, row.cells)).collect()
    }

    fn row(line: u64, cells: &[&str]) -> (u64, Vec<String>) {
        (line, cells.iter().map(|&cell| cell.to_owned()).collect())
    }

    #[test]
    fn rows_know_their_lines() {
        let text = "a,b\r\n\r\n\"one\ntwo\", x \n,\n\nlast,\"q\"\"q\"\n";
        assert_eq!(cells(text), [row(1, &["a", "b"]), row(3, &["one\ntwo", "x"]), row(7, &["last", "q\"q"])]);
    }

    #[test]
    fn the_delimiter_is_guessed() {
        for (text, delimiter) in [
            ("email,name\na@x.org,\"Wolf; Ines\"\n", b','),
            ("email;name\na@x.org;Wolf, Ines\nb@x.org;\"Moe, Jo\"\n", b';'),
            ("email\tname\na@x.org\tWolf, Ines\n", b'\t'),
            ("email|name|note\na@x.org|x|1,2,3,4,5\n", b'|'),
            ("email\na@x.org\n", b','),
            ("", b','),
        ] {
            assert_eq!(rows(text, 1).delimiter, delimiter, "{text}");
        }
        assert_eq!(rows("sep=;\na,b;c\n", 1).rows[0].cells(), ["a,b", "c"]);
        assert_eq!(rows("sep=;\na,b;c\n", 1).rows[0].line, 2);
    }

    #[test]
    fn a_quote_that_never_closes_is_found() {
        assert_eq!(rows("a,b\n1,\"2\n3,4\n", 1).unclosed_quote, Some(2));
        assert_eq!(rows("a,b\n1,\"2\"\"\n\"\n3,4\n", 1).unclosed_quote, None);
        assert_eq!(rows("a,b\n1,2\" x\n3,4\n", 1).unclosed_quote, None);
    }

    #[test]
    fn columns_are_compared_by_their_words() {
        assert_eq!(column_name(" E-Mail_Address: "), "e mail address");
        assert_eq!(column_name("Էլ. փոստ"), "էլ փոստ");
        assert_eq!(column_name("ΕΛ"), "ελ");
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "([a@,;\"|\\t\\r\\n ]|\\PC){0,80}|sep=.?\\n?.{0,9}") {
            let all = rows(&text, 1);
            let lines = text.split('\n').count() as u64;
            for row in &all.rows {
                prop_assert!(row.line >= 1 && row.line <= lines && !row.is_blank());
            }
        }
    }
}
