//! A table (CSV, TSV) with a line of column names, one article a line.

use serde_json::Value;

use super::draft::Collector;
use super::record::Record;
use super::{ArticlesError, ArticlesFile, ReadOptions, decode};

const DELIMITERS: [char; 4] = [',', ';', '\t', '|'];
/// More columns are a mistake.
const MAX_COLUMNS: usize = 200;

/// Reads a table. Columns that nobody knows are told and ignored.
pub(super) fn read(bytes: &[u8], options: &ReadOptions) -> Result<ArticlesFile, ArticlesError> {
    let decoded = decode::decode(bytes);
    let text = decoded.text.trim_start_matches(['\u{feff}', '\r', '\n']);
    let head = text.lines().next().unwrap_or_default();
    let delimiter =
        DELIMITERS.into_iter().rev().max_by_key(|delimiter| head.matches(*delimiter).count()).unwrap_or(',');
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(u8::try_from(delimiter).unwrap_or(b','))
        .flexible(true)
        .from_reader(text.as_bytes());
    let columns: Vec<String> = reader
        .headers()
        .map_err(|error| malformed(&error))?
        .iter()
        .map(|column| column.trim().to_owned())
        .collect();
    if columns.len() > MAX_COLUMNS || !columns.iter().any(|column| Record::knows(column)) {
        let got = format!(
            "a table whose first line names no known column: `{}`",
            head.chars().take(80).collect::<String>()
        );
        return Err(ArticlesError::NotAFeed { got });
    }
    let mut lines = Lines {
        text,
        counted_to: 0,
        line: 1 + decoded.text[..decoded.text.len() - text.len()].matches('\n').count(),
    };
    let mut articles = Collector::new(options);
    for unknown in columns.iter().filter(|column| !column.is_empty() && !Record::knows(column)) {
        articles.problem("line 1", format!("the column `{unknown}` is not known; it is ignored"));
    }
    if let Some(remark) = decoded.remark {
        articles.problem("file", remark);
    }
    for row in reader.records() {
        match row {
            Ok(row) => {
                let place = format!("line {}", lines.at(row.position().map_or(0, csv::Position::byte)));
                if row.iter().all(|field| field.trim().is_empty()) {
                    continue;
                }
                if row.len() != columns.len() {
                    articles.problem(
                        &place,
                        format!("it has {} fields where line 1 has {}", row.len(), columns.len()),
                    );
                }
                let fields = columns
                    .iter()
                    .cloned()
                    .zip(row.iter().map(|field| Value::String(field.trim().to_owned())));
                Record::new(fields).collect(&place, options.base_url.as_ref(), &mut articles);
            }
            Err(error) => articles.problem(&place_of(&error), format!("left out: {error}")),
        }
    }
    Ok(articles.finish())
}

/// Line numbers as an editor shows them; the reader's own leave out blank lines.
struct Lines<'a> {
    text: &'a str,
    counted_to: usize,
    line: usize,
}

impl Lines<'_> {
    /// The line of the record that begins at or after byte `at`. Must be asked in rising order.
    fn at(&mut self, at: u64) -> usize {
        let bytes = self.text.as_bytes();
        let at = usize::try_from(at).unwrap_or(usize::MAX).clamp(self.counted_to, bytes.len());
        let start = at + bytes[at..].iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        self.line += bytes[self.counted_to..start].iter().filter(|byte| **byte == b'\n').count();
        self.counted_to = start;
        self.line
    }
}

fn place_of(error: &csv::Error) -> String {
    error.position().map_or_else(|| "file".to_owned(), |position| format!("line {}", position.line()))
}

fn malformed(error: &csv::Error) -> ArticlesError {
    ArticlesError::Malformed { place: place_of(error), message: error.to_string() }
}
