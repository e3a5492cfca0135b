//! One row of a table of subscribers.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use super::columns::{ColumnUse, Columns, is_mailbox};
use super::{Findings, ReadOptions, SubscriberRow, standing};
use crate::domain::address::Mailbox;
use crate::domain::language::Language;
use crate::domain::subscriber::Standing;
use crate::sources::table::rows::{Row, column_name};
use crate::sources::table::times;

/// The longest name that is kept, in characters.
pub const NAME_MAX: usize = 200;
/// How much of a text is looked at, in characters: what comes after is no name any more.
const CLEAN_MAX: usize = 10_000;
/// The longest piece of evidence that is kept, in characters.
const EVIDENCE_MAX: usize = 500;

/// Reads one row; `None` when it has an error, which is then among the findings.
pub(super) fn read(
    row: &Row,
    columns: &Columns,
    options: &ReadOptions,
    findings: &mut Findings,
) -> Option<SubscriberRow> {
    let place = || format!("line {}", row.line);
    let cell = |used_as| columns.first(used_as).map_or("", |at| row.cell(at));

    if row.cells().iter().skip(columns.len()).any(|extra| !extra.is_empty()) {
        let message = format!(
            "the row has {} cells and the table {} columns: is a comma in a name not in quotes?",
            row.cells().len(),
            columns.len()
        );
        findings.error(place(), message);
        return None;
    }
    if !columns.has_header && row.cells().iter().filter(|cell| is_mailbox(cell)).count() > 1 {
        findings.error(place(), "there are several addresses in the row: give each a line".to_owned());
        return None;
    }
    let mailbox = match mailbox(cell(ColumnUse::Address)) {
        Ok(mailbox) => mailbox,
        Err(error) => {
            findings.error(place(), format!("no usable address: {error}"));
            return None;
        }
    };

    let verdict = standing::of_row(row, columns);
    if let Some(at) = verdict.not_understood {
        let (cell, column) = (clean(row.cell(at), 40), columns.name(at));
        findings.warn(place(), format!("`{cell}` in `{column}` is not understood, and gives no consent"));
    } else if verdict.standing == Standing::Silent {
        let message = "the row says nothing of consent: who is not active already does not become active";
        findings.warn(place(), message.to_owned());
    }
    Some(SubscriberRow {
        line: row.line,
        address: mailbox.address,
        name: name(row, columns).or(mailbox.name),
        standing: verdict.standing,
        language: language(cell(ColumnUse::Language), row.line, findings),
        time_zone: time_zone(cell(ColumnUse::TimeZone), row.line, findings),
        created_at: created_at(row, columns, options),
        evidence: evidence(row, columns),
    })
}

/// The address, with the name that may stand before it.
pub(super) fn mailbox(cell: &str) -> Result<Mailbox, crate::domain::address::AddressError> {
    let bare =
        cell.trim_matches(|c: char| c.is_whitespace() || matches!(c, '\u{200B}' | '\u{FEFF}' | '\u{2060}'));
    let mailbox = Mailbox::parse(bare)?;
    Ok(Mailbox { name: mailbox.name.and_then(|name| tidy_name(&name)), ..mailbox })
}

fn name(row: &Row, columns: &Columns) -> Option<String> {
    let cell = |used_as| columns.first(used_as).map_or("", |at| standing::not_null(row.cell(at)));
    tidy_name(cell(ColumnUse::Name))
        .or_else(|| tidy_name(&format!("{} {}", cell(ColumnUse::FirstName), cell(ColumnUse::LastName))))
}

/// A name that can stand in a letter: encoded words (RFC 2047) decoded, and [`clean`].
pub(super) fn tidy_name(name: &str) -> Option<String> {
    let name = if name.contains("=?") { decode_words(name) } else { name.to_owned() };
    let name = clean(&name, NAME_MAX);
    (!name.is_empty()).then_some(name)
}

fn decode_words(name: &str) -> String {
    let one_line: String = name.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let header = format!("Subject: {one_line}\r\n\r\n");
    let message = mail_parser::MessageParser::new().parse_headers(header.as_bytes());
    message.and_then(|message| message.subject().map(str::to_owned)).unwrap_or(one_line)
}

/// One line of at most `max` characters, without controls, direction overrides and other characters
/// that do not show.
pub(super) fn clean(text: &str, max: usize) -> String {
    let hidden = |c: char| matches!(c, '\u{200B}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}' | '\u{FFFD}');
    let spaced = text
        .chars()
        .take(CLEAN_MAX)
        .map(|c| if c.is_control() { ' ' } else { c })
        .filter(|&c| !hidden(c))
        .collect::<String>();
    let line = spaced.split_whitespace().collect::<Vec<_>>().join(" ");
    line.chars().take(max).collect::<String>().trim_end().to_owned()
}

fn language(cell: &str, line: u64, findings: &mut Findings) -> Option<Language> {
    let cell = standing::not_null(cell);
    let language = Language::from_tag(cell).or_else(|| match column_name(cell).as_str() {
        "english" => Some(Language::English),
        "georgian" | "ქართული" => Some(Language::Georgian),
        "armenian" | "հայերեն" => Some(Language::Armenian),
        "azerbaijani" | "azərbaycan" | "azərbaycanca" | "azərbaycan dili" => Some(Language::Azerbaijani),
        "russian" | "русский" => Some(Language::Russian),
        _ => None,
    });
    if language.is_none() && !cell.is_empty() {
        let message = format!("`{}` is no language that letters are written in; left open", clean(cell, 40));
        findings.warn(format!("line {line}"), message);
    }
    language
}

fn time_zone(cell: &str, line: u64, findings: &mut Findings) -> Option<Tz> {
    let cell = standing::not_null(cell);
    let zone = cell.parse::<Tz>().ok();
    if zone.is_none() && !cell.is_empty() {
        findings.warn(format!("line {line}"), format!("`{}` is no time zone; left open", clean(cell, 40)));
    }
    zone
}

/// The first time that is named and not in the future.
fn created_at(row: &Row, columns: &Columns, options: &ReadOptions) -> Option<DateTime<Utc>> {
    let at = |column| Some(times::parse(row.cell(column), options.zone)?.start(options.zone));
    columns
        .all(ColumnUse::CreatedAt)
        .chain(columns.all(ColumnUse::OptIn))
        .filter_map(at)
        .find(|&at| at <= options.now)
}

/// The cells that prove consent or its end, the deciding ones among them.
fn evidence(row: &Row, columns: &Columns) -> BTreeMap<String, String> {
    let proves = |used_as: ColumnUse| {
        used_as.decides() || matches!(used_as, ColumnUse::Evidence | ColumnUse::OptIn | ColumnUse::CreatedAt)
    };
    let entry = |(at, _)| {
        let text = clean(standing::not_null(row.cell(at)), EVIDENCE_MAX);
        (!text.is_empty()).then(|| (column_name(columns.name(at)).replace(' ', "_"), text))
    };
    columns.uses().filter(|&(_, used_as)| proves(used_as)).filter_map(entry).collect()
}
