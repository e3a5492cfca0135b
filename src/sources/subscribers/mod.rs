//! Files of subscribers, as other tools hand them out: CSV of many shapes, and plain lists of
//! addresses.
//!
//! Columns are found by what they are called, in any order; what a file says of consent is kept as
//! evidence. A row is only active when the file says so or, for a file without any such column, by
//! being in it. Reading changes nothing; an import takes a file without errors, or nothing of it.

mod column_names;
mod columns;
mod dedupe;
mod mailboxes;
mod row;
mod standing;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::Problem;
use super::table::rows::{self, Row};
use super::table::text::{self, TextError};
use crate::domain::address::EmailAddress;
use crate::domain::language::Language;
use crate::domain::subscriber::Standing;

pub use columns::{ColumnUse, MappedColumn};

/// The largest file that is read, in bytes: some million rows.
pub const FILE_MAX: usize = 512 * 1024 * 1024;
/// How many findings of each severity are listed; the rest is counted.
pub const FINDINGS_MAX: usize = 100;

/// What a reader of subscriber files must know.
#[derive(Clone, Copy, Debug)]
pub struct ReadOptions {
    /// The zone of times that name none.
    pub zone: Tz,
    /// The present; times after it are not believed.
    pub now: DateTime<Utc>,
}

/// One subscriber as a file has it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct SubscriberRow {
    /// The line on which its row begins.
    pub line: u64,
    /// The address.
    pub address: EmailAddress,
    /// Display name, clean and at most `row::NAME_MAX` characters long.
    pub name: Option<String>,
    /// What the file says of consent.
    pub standing: Standing,
    /// Where the file says, and we speak it.
    pub language: Option<Language>,
    /// Where the file says.
    pub time_zone: Option<Tz>,
    /// When the subscription began, where the file says.
    pub created_at: Option<DateTime<Utc>>,
    /// Cells that prove consent or its end (opt-in time and address, source, reason of leaving), by
    /// the names of their columns.
    pub evidence: BTreeMap<String, String>,
}

/// Whether something stands in the way of an import.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// A person should know; the row is read all the same.
    Warning,
    /// The row, or the file, cannot be read: nothing of the file is imported.
    Error,
}

/// Something that was found in a file.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Finding {
    /// Whether it stands in the way.
    pub severity: Severity,
    /// Where it is, and what.
    #[serde(flatten)]
    pub problem: Problem,
}

/// Findings in the order in which they came, the first [`FINDINGS_MAX`] of each severity.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Findings {
    /// The listed ones.
    pub listed: Vec<Finding>,
    /// How many errors there are in all.
    pub errors: usize,
    /// How many warnings there are in all.
    pub warnings: usize,
}

impl Findings {
    fn add(&mut self, severity: Severity, place: String, message: String) {
        let count = match severity {
            Severity::Warning => &mut self.warnings,
            Severity::Error => &mut self.errors,
        };
        *count += 1;
        if *count <= FINDINGS_MAX {
            self.listed.push(Finding { severity, problem: Problem { place, message } });
        }
    }

    fn warn(&mut self, place: String, message: String) {
        self.add(Severity::Warning, place, message);
    }

    fn error(&mut self, place: String, message: String) {
        self.add(Severity::Error, place, message);
    }
}

/// A file of subscribers, read.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct SubscribersFile {
    /// One for each address, in order of its first row.
    pub rows: Vec<SubscriberRow>,
    /// What could not be read, and what a person should know.
    pub findings: Findings,
    /// What each column was taken for; empty for a plain list of addresses.
    pub columns: Vec<MappedColumn>,
    /// What stands between the cells; `None` for a plain list of addresses.
    pub delimiter: Option<char>,
    /// The name of the file's encoding.
    pub encoding: &'static str,
    /// Rows with data in the file, those with errors and repeated addresses among them.
    pub total_rows: usize,
}

impl SubscribersFile {
    /// Whether the file may be imported.
    pub fn is_importable(&self) -> bool {
        self.findings.errors == 0
    }
}

/// Why a file gives no subscribers at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SubscribersError {
    /// More than [`FILE_MAX`].
    #[error("the file is larger than {} MB: split it", FILE_MAX / 1024 / 1024)]
    TooLarge,
    /// No text.
    #[error(transparent)]
    Text(#[from] TextError),
    /// Nothing in it.
    #[error("the file is empty")]
    Empty,
    /// No column that holds addresses.
    #[error(
        "no column holds mail addresses; the columns are: {found}. Name one `email`, or give a file with one address a line"
    )]
    NoAddressColumn {
        /// The names that the first row holds, shortened.
        found: String,
    },
}

/// Reads a file of subscribers.
///
/// # Errors
/// [`SubscribersError`] when there is nothing to read; what is wrong with single rows is among the
/// findings.
pub fn read(bytes: &[u8], options: &ReadOptions) -> Result<SubscribersFile, SubscribersError> {
    if bytes.len() > FILE_MAX {
        return Err(SubscribersError::TooLarge);
    }
    let decoded = text::decode(bytes)?;
    let mut findings = Findings::default();
    if !decoded.certain {
        let message = format!("read as {}; check that names look right", decoded.encoding);
        findings.warn("file".to_owned(), message);
    }
    let mut file = match mailboxes::read(&decoded.text, &mut findings) {
        Some((rows, total_rows)) => SubscribersFile {
            rows,
            findings,
            columns: Vec::new(),
            delimiter: None,
            encoding: decoded.encoding,
            total_rows,
        },
        None => read_table(&decoded, findings, options)?,
    };
    file.rows = dedupe::dedupe(file.rows, &mut file.findings);
    Ok(file)
}

fn read_table(
    decoded: &text::Decoded<'_>,
    mut findings: Findings,
    options: &ReadOptions,
) -> Result<SubscribersFile, SubscribersError> {
    let table = rows::rows(&decoded.text, 1);
    let Some(first) = table.rows.first() else { return Err(SubscribersError::Empty) };
    let columns = columns::Columns::find(&table.rows).ok_or_else(|| no_address_column(first))?;
    columns.report(&table.rows, &mut findings);
    let data = if columns.has_header { &table.rows[1..] } else { &table.rows[..] };
    let total_rows = data.len();
    // The row in which a quote never closes has swallowed all that came after it.
    let data = match table.unclosed_quote {
        Some(line) => {
            findings.error(format!("line {line}"), "a quote opens here and never closes".to_owned());
            data.split_last().map_or(data, |(_, before)| before)
        }
        None => data,
    };
    let rows = data.iter().filter_map(|row| row::read(row, &columns, options, &mut findings)).collect();
    Ok(SubscribersFile {
        rows,
        findings,
        columns: columns.mapped(),
        delimiter: Some(char::from(table.delimiter)),
        encoding: decoded.encoding,
        total_rows,
    })
}

fn no_address_column(first: &Row) -> SubscribersError {
    let found = first.cells().iter().map(|cell| row::clean(cell, 40)).collect::<Vec<_>>().join(", ");
    SubscribersError::NoAddressColumn { found: row::clean(&found, 400) }
}
