//! `newsletterd edition deliveries`: what became of each letter, for a spreadsheet, a machine or a
//! person. Read in portions, so that a million lines take no more memory than a thousand.

use std::io::{self, BufWriter, Write};

use crate::cli::{Failure, output};
use crate::domain::delivery::DeliveryState;
use crate::domain::ids::{EditionId, SubscriberId};
use crate::pipeline::{Engine, PipelineError, control};
use crate::store::StoreError;
use crate::store::progress::{self, OutcomeRow};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Which edition.
    id: EditionId,
    /// Only those that stand so: queued, claimed, deferred, accepted, bounced, rejected, expired,
    /// cancelled or uncertain.
    #[arg(long)]
    outcome: Option<DeliveryState>,
    /// As CSV, with a line of names.
    #[arg(long, conflicts_with = "json")]
    csv: bool,
    /// One JSON object a line.
    #[arg(long)]
    json: bool,
}

/// Letters read at once.
const PORTION: u16 = 1_000;

const COLUMNS: [&str; 10] = [
    "subscriber",
    "address",
    "outcome",
    "attempts",
    "relay",
    "code",
    "enhanced",
    "reply",
    "due_at",
    "ended_at",
];

pub async fn run(engine: &Engine, args: Args) -> Result<(), Failure> {
    match write_all(engine, &args).await {
        Err(Broken::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        Err(Broken::Output(error)) => Err(error.into()),
        Err(Broken::Other(failure)) => Err(failure),
        Ok(()) => Ok(()),
    }
}

/// A reader of the output that went away (`| head`) is no failure, so it is told from what is.
enum Broken {
    Output(io::Error),
    Other(Failure),
}

impl From<io::Error> for Broken {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

impl From<StoreError> for Broken {
    fn from(error: StoreError) -> Self {
        Self::Other(error.into())
    }
}

impl From<PipelineError> for Broken {
    fn from(error: PipelineError) -> Self {
        Self::Other(error.into())
    }
}

async fn write_all(engine: &Engine, args: &Args) -> Result<(), Broken> {
    let mut tx = engine.db.read().await?;
    let edition = control::edition(&mut tx, args.id).await?;
    drop(tx);
    if edition.archived_at.is_some() {
        let gone = format!("edition {} is archived: only its report is kept", args.id);
        return Err(Broken::Other(Failure::failed(gone)));
    }
    let mut out = BufWriter::new(io::stdout());
    if args.csv {
        out.write_all(&csv_line(COLUMNS.map(str::to_owned))?)?;
    }
    let mut after = SubscriberId(0);
    loop {
        // A transaction for each portion: a slow reader of the output holds nothing in the database.
        let mut tx = engine.db.read().await?;
        let rows = progress::outcomes(&mut tx, &edition, args.outcome, after, PORTION.into()).await?;
        drop(tx);
        for row in &rows {
            match (args.csv, args.json) {
                (true, _) => out.write_all(&csv_line(cells(row))?)?,
                (_, true) => {
                    serde_json::to_writer(&mut out, row).map_err(io::Error::from)?;
                    out.write_all(b"\n")?;
                }
                (false, false) => writeln!(out, "{}", line(row))?,
            }
        }
        out.flush()?;
        match rows.last() {
            Some(last) if rows.len() == usize::from(PORTION) => after = last.subscriber,
            _ => return Ok(()),
        }
    }
}

fn cells(row: &OutcomeRow) -> [String; 10] {
    let text = |text: &Option<String>| text.as_deref().map_or_else(String::new, harmless);
    let time = |at: Option<chrono::DateTime<chrono::Utc>>| {
        at.map_or_else(String::new, |at| at.format("%Y-%m-%dT%H:%M:%SZ").to_string())
    };
    [
        row.subscriber.to_string(),
        text(&row.address),
        row.state.to_string(),
        row.attempts.to_string(),
        text(&row.relay),
        row.code.map_or_else(String::new, |code| code.to_string()),
        text(&row.enhanced),
        text(&row.reply),
        time(row.due_at),
        time(row.ended_at),
    ]
}

/// A cell that no spreadsheet takes for a formula: what a server answers is a stranger's text.
fn harmless(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() }
}

fn csv_line(cells: [String; 10]) -> io::Result<Vec<u8>> {
    let mut line = csv::Writer::from_writer(Vec::new());
    line.write_record(cells).map_err(io::Error::from)?;
    line.into_inner().map_err(|error| io::Error::other(error.to_string()))
}

fn line(row: &OutcomeRow) -> String {
    let reply = [
        row.code.filter(|code| *code != 0).map(|code| code.to_string()),
        row.enhanced.clone(),
        row.reply.clone(),
    ];
    let reply: Vec<_> = reply.into_iter().flatten().collect();
    let due = row.due_at.map_or_else(String::new, |at| format!(", again {}", at.format("%H:%M UTC")));
    let tries = if row.attempts == 1 { "try" } else { "tries" };
    format!(
        "{:>12}  {:<9}  {:>2} {tries}{due}  {}  {}",
        output::grouped(row.subscriber.0),
        row.state.as_str(),
        row.attempts,
        row.address.as_deref().unwrap_or("(erased)"),
        reply.join(" ")
    )
    .trim_end()
    .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_server_answered_is_a_cell_and_nothing_else() {
        let row = OutcomeRow {
            subscriber: SubscriberId(1_234),
            address: Some("ana@example.org".to_owned()),
            state: DeliveryState::Rejected,
            attempts: 2,
            relay: Some("main".to_owned()),
            code: Some(550),
            enhanced: Some("5.7.1".to_owned()),
            reply: Some("=HYPERLINK(\"http://evil\"), \"no\"\nway".to_owned()),
            due_at: None,
            ended_at: Some("2026-11-25T08:00:01.5Z".parse().unwrap()),
        };
        let line = String::from_utf8(csv_line(cells(&row)).unwrap()).unwrap();
        assert_eq!(
            line,
            "1234,ana@example.org,rejected,2,main,550,5.7.1,\
             \"'=HYPERLINK(\"\"http://evil\"\"), \"\"no\"\"\nway\",,2026-11-25T08:00:01Z\n"
        );
    }
}
