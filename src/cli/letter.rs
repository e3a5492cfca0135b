//! `newsletterd letter check`: what falls short in a letter, ours or anybody's.

use std::borrow::Cow;
use std::io::{IsTerminal as _, Read as _};
use std::path::{Path, PathBuf};

use clap::Subcommand;
use serde_json::{Value, json};

use super::{Failure, context, output};
use crate::domain::ids::EditionId;
use crate::mail::letter::check::{MOST, Part, normalised};
use crate::mail::letter::{Finding, Judgement, Point, Severity, judge};
use crate::pipeline::preview;

#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Holds a letter to the checklist of docs/letter.md: all points that its bytes can tell.
    Check {
        /// A file with a mail (.eml), - for standard input, or the number of an edition.
        letter: String,
        /// One JSON object.
        #[arg(long)]
        json: bool,
    },
}

pub async fn run(file: Option<PathBuf>, args: Args) -> Result<(), Failure> {
    let Command::Check { letter, json } = args.command;
    let raw = match letter.parse::<EditionId>() {
        Ok(id) if !Path::new(&letter).exists() => {
            let engine = context::engine(file.as_deref()).await?;
            preview::of_edition(&engine, id).await?.message
        }
        _ => read(&letter)?,
    };
    let sent = normalised(&raw);
    let notes = match &sent {
        Cow::Owned(_) => {
            vec!["the file has plain line ends; it is judged with the CRLF that it is sent with"]
        }
        Cow::Borrowed(_) => Vec::new(),
    };
    let judgement = judge(&sent);
    if json {
        output::json(&as_json(&letter, &judgement, &notes))?;
    } else {
        let name = if letter == "-" { "standard input" } else { &letter };
        show(name, sent.len(), &judgement, &notes)?;
    }
    match judgement.of(Severity::Broken).count() {
        0 => Ok(()),
        _ => Err(Failure::failed("the letter is broken: see above")),
    }
}

/// The bytes of a letter: a little more than are judged, and no more.
fn read(letter: &str) -> Result<Vec<u8>, Failure> {
    let mut raw = Vec::new();
    let most = u64::try_from(MOST).unwrap_or(u64::MAX).saturating_add(1);
    if letter == "-" {
        std::io::stdin().lock().take(most).read_to_end(&mut raw)?;
    } else {
        let file = std::fs::File::open(letter)
            .map_err(|error| Failure::usage(format!("{letter}: {error}; name a file, an edition, or -")))?;
        file.take(most).read_to_end(&mut raw)?;
    }
    Ok(raw)
}

/// A letter's points by their numbers, each with what was found.
fn points(judgement: &Judgement) -> impl Iterator<Item = (Point, Vec<&Finding>)> {
    let mut points = Point::ALL.to_vec();
    points.sort_by_key(|point| point.number());
    let of = |point| judgement.findings.iter().filter(move |finding| finding.point == point).collect();
    points.into_iter().map(move |point| (point, of(point)))
}

fn outcome(judgement: &Judgement, point: Point, findings: &[&Finding]) -> &'static str {
    match findings.iter().map(|finding| finding.severity).max() {
        Some(severity) => severity.as_str(),
        None if judgement.not_judged.contains(&point) => "not-judged",
        None => "ok",
    }
}

fn as_json(letter: &str, judgement: &Judgement, notes: &[&str]) -> Value {
    let points = points(judgement).map(|(point, findings)| {
        let places = findings.iter().map(|finding| {
            json!({"severity": finding.severity, "place": finding.place, "message": finding.message})
        });
        json!({
            "point": point, "number": point.number(), "part": point.part(), "claim": point.claim(),
            "outcome": outcome(judgement, point, &findings), "findings": places.collect::<Vec<_>>(),
            "remedy": (!findings.is_empty()).then(|| point.remedy()),
        })
    });
    json!({
        "letter": letter, "notes": notes,
        "broken": judgement.of(Severity::Broken).count(), "advice": judgement.of(Severity::Advice).count(),
        "points": points.collect::<Vec<_>>(),
    })
}

/// How the parts are headed, in order.
const PARTS: [(Part, &str); 4] =
    [(Part::Header, "Header"), (Part::Message, "Message"), (Part::Html, "HTML"), (Part::Text, "Text")];

fn show(name: &str, size: usize, judgement: &Judgement, notes: &[&str]) -> Result<(), Failure> {
    let paint = Paint { on: std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none() };
    output::line(format!("{name}, {} bytes", output::grouped(i64::try_from(size).unwrap_or(i64::MAX))))?;
    for note in notes {
        output::line(format!("note: {note}"))?;
    }
    for (part, heading) in PARTS {
        output::line(format!("\n{}", paint.bold(heading)))?;
        for (point, findings) in points(judgement).filter(|(point, _)| point.part() == part) {
            let outcome = outcome(judgement, point, &findings);
            let word = match outcome {
                "ok" => paint.green("ok    "),
                "broken" => paint.red("BROKEN"),
                "advice" => paint.yellow("ADVICE"),
                _ => "–     ".to_owned(),
            };
            output::line(format!(
                "  {word}  {:>2}  {:<20} {}",
                point.number(),
                point.as_str(),
                claim(point)
            ))?;
            for finding in &findings {
                output::line(format!("               {}: {}", finding.place, finding.message))?;
            }
            if !findings.is_empty() {
                output::line(format!("               → {}", point.remedy()))?;
            }
        }
    }
    output::line(format!("\n{}", summary(judgement)))?;
    Ok(())
}

/// What a point asks, without the references, so that it fits on a line.
fn claim(point: Point) -> &'static str {
    let claim = point.claim().trim_end_matches('.');
    claim.find(" (").map_or(claim, |at| &claim[..at])
}

/// One line that says how the letter stands.
pub fn summary(judgement: &Judgement) -> String {
    let count = |severity| {
        let points = points(judgement)
            .filter(|(_, findings)| findings.iter().map(|finding| finding.severity).max() == Some(severity));
        points.count()
    };
    let (broken, advice) = (count(Severity::Broken), count(Severity::Advice));
    let unseen = judgement.not_judged.len();
    let held = Point::ALL.len() - broken - advice - unseen;
    let mut summary = format!("{held} points hold");
    if broken > 0 {
        summary.push_str(&format!(", {broken} broken"));
    }
    if advice > 0 {
        summary.push_str(&format!(", {advice} with advice"));
    }
    if unseen > 0 {
        summary.push_str(&format!(", {unseen} could not be judged"));
    }
    summary
}

/// Colours, where there is a terminal.
struct Paint {
    on: bool,
}

impl Paint {
    fn with(&self, code: &str, text: &str) -> String {
        if self.on { format!("\u{1B}[{code}m{text}\u{1B}[0m") } else { text.to_owned() }
    }

    fn bold(&self, text: &str) -> String {
        self.with("1", text)
    }

    fn green(&self, text: &str) -> String {
        self.with("32", text)
    }

    fn yellow(&self, text: &str) -> String {
        self.with("33", text)
    }

    fn red(&self, text: &str) -> String {
        self.with("31", text)
    }
}
