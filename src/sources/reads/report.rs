//! Tables of counts: CSV and JSON with a row for each page and span, and the reports that analytics
//! services save, with comments before the names of the columns, totals, and rows that are no page.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde_json::Value;

use super::numbers::Decimals;
use super::pages::may_be_article;
use super::report_columns::Columns;
use super::{Problems, ReadOptions, ReadsError, ReadsFile, Skipped};
use crate::domain::article_key::{path_key, path_of};
use crate::domain::reads::{ReadCount, ReadsPart, Replaces};
use crate::sources::table::rows::{self, Row};
use crate::sources::table::text;
use crate::sources::table::times::{self, When};

/// How many lines may stand before the names of the columns.
const BEFORE_HEADER: usize = 50;

/// Rows with their columns, and what stood before them.
struct Table {
    columns: Columns,
    rows: Vec<Row>,
    /// `line` or `item`, for the places of problems.
    unit: &'static str,
    before: Vec<String>,
}

/// Reads a table.
pub(super) fn read(bytes: &[u8], options: &ReadOptions) -> Result<ReadsFile, ReadsError> {
    let decoded = text::decode(bytes)?;
    let start = decoded.text.trim_start();
    let table =
        if start.starts_with(['{', '[']) { from_json(start)? } else { from_csv(&decoded.text, options)? };
    let whole_span = whole_span(&table.before, options);
    if table.columns.time.is_none() && whole_span.is_none() && !table.rows.is_empty() {
        return Err(ReadsError::NoDay);
    }
    let columns = &table.columns;
    let count_cells = table
        .rows
        .iter()
        .flat_map(|row| [columns.views, columns.visitors].into_iter().flatten().map(|at| row.cell(at)));
    let decimals = Decimals::of(count_cells);

    let mut problems = Problems::default();
    let mut skipped = Skipped::default();
    let mut counts: BTreeMap<(String, Span), (i64, i64)> = BTreeMap::new();
    for row in &table.rows {
        match read_row(row, columns, whole_span, decimals, options) {
            Ok((page, span, views, visitors)) => {
                let sum = counts.entry((page, span)).or_default();
                *sum = (sum.0.saturating_add(views), sum.1.saturating_add(visitors));
            }
            Err(unusable) => {
                skipped.not_pages += u64::from(unusable.is_no_page);
                problems.add(format!("{} {}", table.unit, row.line), unusable.message);
            }
        }
    }
    let counts = counts.into_iter().map(|((url_key, span), (views, visitors))| ReadCount {
        url_key,
        start_at: span.start,
        span_s: span.length.num_seconds(),
        views,
        visitors,
    });
    Ok(ReadsFile {
        part: ReadsPart { part: "table".to_owned(), replaces: Replaces::SameSpans, counts: counts.collect() },
        problems: problems.listed,
        more_problems: problems.more,
        skipped,
        total_rows: table.rows.len() as u64,
    })
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Span {
    start: DateTime<Utc>,
    length: TimeDelta,
}

/// Why a row does not count.
struct Unusable {
    is_no_page: bool,
    message: String,
}

fn unusable(message: String) -> Unusable {
    Unusable { is_no_page: false, message }
}

fn no_page(message: String) -> Unusable {
    Unusable { is_no_page: true, message }
}

/// Page, span, views and visitors of one row.
fn read_row(
    row: &Row,
    columns: &Columns,
    whole_span: Option<Span>,
    decimals: Decimals,
    options: &ReadOptions,
) -> Result<(String, Span, i64, i64), Unusable> {
    let host = columns.host.map(|at| row.cell(at)).filter(|host| host.contains('.'));
    let page = path_key(row.cell(columns.page), host.or(options.site_host.as_deref()), &options.rules);
    let Some(page) = page else {
        let named =
            row.cells().iter().filter(|cell| cell.chars().any(char::is_alphabetic)).map(|cell| shown(cell));
        return Err(no_page(format!(
            "names no page ({}): not counted",
            named.collect::<Vec<_>>().join(", ")
        )));
    };
    if !may_be_article(path_of(&page)) {
        return Err(no_page(format!(
            "`{}` is no article's page: not counted",
            shown(row.cell(columns.page))
        )));
    }
    let span = match columns.time {
        Some(at) => span_of(row.cell(at), columns.hour_of_day.map(|at| row.cell(at)), options)
            .ok_or_else(|| unusable(format!("`{}` is no day or hour: not counted", shown(row.cell(at)))))?,
        None => whole_span.ok_or_else(|| unusable("no day is known: not counted".to_owned()))?,
    };
    if span.start > options.now {
        return Err(unusable(format!("{} is in the future: not counted", span.start)));
    }
    let count = |column: Option<usize>| {
        let cell = column.map_or("", |at| row.cell(at));
        if cell.is_empty() {
            return Ok(None);
        }
        let count = decimals.count(cell);
        count.map(Some).ok_or_else(|| unusable(format!("`{}` is no count: not counted", shown(cell))))
    };
    match (count(columns.views)?, count(columns.visitors)?) {
        (Some(views), Some(visitors)) => Ok((page, span, views, visitors)),
        (Some(only), None) | (None, Some(only)) => Ok((page, span, only, only)),
        (None, None) => Err(unusable("has no count: not counted".to_owned())),
    }
}

/// A cell as a problem shows it.
fn shown(cell: &str) -> String {
    cell.chars().filter(|c| !c.is_control()).take(80).collect()
}

/// The hour, or the day, that a row counts.
fn span_of(time: &str, hour_of_day: Option<&str>, options: &ReadOptions) -> Option<Span> {
    const HOUR: TimeDelta = TimeDelta::hours(1);
    let hour = |at: DateTime<Utc>| {
        let start = at - TimeDelta::seconds(at.timestamp().rem_euclid(HOUR.num_seconds()));
        Span { start: DateTime::from_timestamp(start.timestamp(), 0).unwrap_or(start), length: HOUR }
    };
    match (times::parse(time, options.zone)?, hour_of_day.filter(|hour| !hour.is_empty())) {
        (When::At(at), _) => Some(hour(at)),
        (When::Day(day), Some(number)) => {
            Some(hour(times::local(day.and_hms_opt(number.parse().ok()?, 0, 0)?, options.zone)))
        }
        (When::Day(day), None) => days(day, day, options),
    }
}

/// From the first instant of `first` to the last of `last`, in the table's zone.
fn days(first: NaiveDate, last: NaiveDate, options: &ReadOptions) -> Option<Span> {
    let start = When::Day(first).start(options.zone);
    let length = When::Day(last.succ_opt()?).start(options.zone) - start;
    Some(Span { start, length })
}

/// The days that the lines before the table name, or that the caller does.
fn whole_span(before: &[String], options: &ReadOptions) -> Option<Span> {
    let about = |line: &&String| {
        let line = line.to_lowercase();
        ["start", "end", "range", "period", "from"].iter().any(|word| line.contains(word))
    };
    let dates =
        |lines: Vec<&String>| lines.into_iter().flat_map(|line| dates_in(line, options)).collect::<Vec<_>>();
    let mut found = dates(before.iter().filter(about).collect());
    if found.is_empty() {
        found = dates(before.iter().collect());
    }
    let first = found.iter().min().copied().or(options.day)?;
    days(first, found.iter().max().copied().unwrap_or(first), options)
}

fn dates_in(line: &str, options: &ReadOptions) -> Vec<NaiveDate> {
    let day = |text: &str| match times::parse(text, options.zone) {
        Some(When::Day(day)) => Some(day),
        _ => None,
    };
    line.split(|c: char| !(c.is_ascii_digit() || matches!(c, '-' | '.' | '/')))
        .flat_map(|token| match day(token) {
            Some(found) => vec![found],
            None => token.split('-').filter_map(day).collect(),
        })
        .collect()
}

fn from_csv(text: &str, options: &ReadOptions) -> Result<Table, ReadsError> {
    let mut before = Vec::new();
    let mut at = 0;
    for (number, line) in (1..).zip(text.split_inclusive('\n')).take(BEFORE_HEADER) {
        let comment = line.trim_start().starts_with('#');
        let first = rows::rows(line, number);
        let header = first.rows.into_iter().next().filter(|_| !comment);
        if let Some(header) = header {
            let by_name = Columns::by_name(header.cells().iter().map(String::as_str));
            let named = usize::from(by_name.is_some());
            if let Some(columns) = by_name.or_else(|| Columns::by_content(&header, &options.rules)) {
                let rows = rows::split(&text[at..], first.delimiter, number).rows;
                // Reports hold comments between their rows, too.
                let data = rows.into_iter().skip(named).filter(|row| !row.cell(0).starts_with('#'));
                return Ok(Table { columns, rows: data.collect(), unit: "line", before });
            }
        }
        before.push(line.to_owned());
        at += line.len();
    }
    Err(ReadsError::NoColumns)
}

/// An array of objects, or one object a line.
fn from_json(text: &str) -> Result<Table, ReadsError> {
    let (unit, items): (_, Vec<(u64, Value)>) = if text.trim_start().starts_with('[') {
        ("item", (1..).zip(serde_json::from_str::<Vec<Value>>(text).map_err(ReadsError::Json)?).collect())
    } else {
        let lines = (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty());
        // A line that is no JSON has no cells, and is reported as one that names no page.
        (
            "line",
            lines.map(|(number, line)| (number, serde_json::from_str(line).unwrap_or(Value::Null))).collect(),
        )
    };
    let mut names: Vec<String> = Vec::new();
    for name in items.iter().filter_map(|(_, item)| item.as_object()).flat_map(|object| object.keys()) {
        if names.len() < 100 && !names.contains(name) {
            names.push(name.clone());
        }
    }
    let columns = Columns::by_name(names.iter().map(String::as_str)).ok_or(ReadsError::NoColumns)?;
    let cell = |item: &Value, name: &String| match item.get(name) {
        Some(Value::String(text)) => text.trim().to_owned(),
        Some(number @ Value::Number(_)) => number.to_string(),
        _ => String::new(),
    };
    let row =
        |(line, item): (u64, Value)| Row::new(line, names.iter().map(|name| cell(&item, name)).collect());
    Ok(Table { columns, rows: items.into_iter().map(row).collect(), unit, before: Vec::new() })
}
