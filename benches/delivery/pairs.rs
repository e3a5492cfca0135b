//! The program and `smtp-source` by turns, over the same number of connections with messages of the
//! same size to the same relay; of each pair the ratio, of the pairs the median.

use std::net::SocketAddr;
use std::path::Path;

use super::Result;
use super::database::{Database, On};
use super::drain::Drain;
use super::newsroom::{Newsroom, Signed};
use super::options::Options;
use super::postfix::{Sink, Source};
use super::sent::{Sent, send};

/// Subscribers of a run.
const MESSAGES: u32 = 20_000;
/// Octets of a message as it is sent, and how far from it a letter may be.
const SIZE: u64 = 40 * 1024;
const TOLERANCE: u64 = SIZE / 10;

/// What is required, and what is aimed at: the ratio to `smtp-source` at least, microseconds of
/// processor a message at most.
struct Mark {
    ratio: f64,
    cpu: f64,
}

fn marks(signed: Signed) -> [Mark; 2] {
    let [required, aim] = match signed {
        Signed::Not => [(0.95, 80.0), (1.1, 60.0)],
        Signed::Ed25519 => [(0.85, 140.0), (1.0, 110.0)],
        Signed::Both => [(0.42, 950.0), (0.55, 800.0)],
    };
    [required, aim].map(|(ratio, cpu)| Mark { ratio, cpu })
}

/// A newsroom on a database, with readers; and a source of messages of the size of its letters.
pub fn prepare(on: On, folder: &Path, messages: u32, drain: &Drain) -> Result<(Newsroom, Source)> {
    let folder = folder.join(format!("{}-{messages}", on.name()));
    let mut newsroom = Newsroom::new(&folder, Database::new(on, folder.clone())?)?;
    newsroom.import_readers(messages)?;
    drain.forget();
    send(&mut newsroom, drain.address, 4, Signed::Both, messages)?;
    let size = drain.drained().size();
    println!("{}: {messages} subscribers, letters of {size} octets with both signatures", on.name());
    if size.abs_diff(SIZE) > TOLERANCE {
        return Err(format!("a letter has {size} octets, too far from {SIZE}").into());
    }
    let source = Source::of_size(size, drain)?;
    Ok((newsroom, source))
}

/// Against Postfix's own sink.
pub fn against_sink(options: &Options, folder: &Path) -> Result<bool> {
    let messages = options.messages.unwrap_or(MESSAGES);
    let drain = Drain::start()?;
    let mut holds = true;
    let mut table = Table::new("smtp-sink");
    for on in &options.databases {
        let (mut newsroom, source) = prepare(*on, folder, messages, &drain)?;
        for signed in or(&options.signed, &[Signed::Not, Signed::Ed25519, Signed::Both]) {
            for connections in or(&options.connections, &[4, 16]) {
                let sink = Sink::start()?;
                let mut run = Run { newsroom: &mut newsroom, source: &source, relay: sink.address };
                let row = run.median(options, *connections, *signed, messages)?;
                let [required, aim] = marks(*signed);
                let met = |mark: &Mark| row.ratio >= mark.ratio && row.cpu <= mark.cpu;
                holds &= met(&required);
                let verdict = match (met(&required), met(&aim)) {
                    (_, true) => "pass, aim reached",
                    (true, _) => "pass",
                    _ => "FAIL",
                };
                let bounds = format!("≥ {:.2}, ≤ {:.0} µs", required.ratio, required.cpu);
                table.row(*on, *connections, *signed, &row, &bounds, verdict);
            }
        }
    }
    table.print();
    Ok(holds)
}

/// What is required against a relay that costs next to nothing.
const RATIO_TO_DRAIN: f64 = 2.0;

/// Against a relay that only drains.
pub fn against_drain(options: &Options, folder: &Path) -> Result<bool> {
    let messages = options.messages.unwrap_or(MESSAGES);
    let drain = Drain::start()?;
    let mut holds = true;
    let mut table = Table::new("a relay that only drains");
    for on in &options.databases {
        let (mut newsroom, source) = prepare(*on, &folder.join("drain"), messages, &drain)?;
        for signed in or(&options.signed, &[Signed::Not]) {
            for connections in or(&options.connections, &[16]) {
                let mut run = Run { newsroom: &mut newsroom, source: &source, relay: drain.address };
                let row = run.median(options, *connections, *signed, messages)?;
                let is_judged = *signed == Signed::Not && *connections == 16;
                let met = !is_judged || row.ratio >= RATIO_TO_DRAIN;
                holds &= met;
                let bounds = if is_judged { format!("≥ {RATIO_TO_DRAIN:.2}") } else { String::new() };
                table.row(*on, *connections, *signed, &row, &bounds, if met { "pass" } else { "FAIL" });
            }
        }
    }
    table.print();
    Ok(holds)
}

fn or<'a, T>(asked: &'a [T], usual: &'a [T]) -> &'a [T] {
    if asked.is_empty() { usual } else { asked }
}

/// The two that are compared, and their relay.
struct Run<'a> {
    newsroom: &'a mut Newsroom,
    source: &'a Source,
    relay: SocketAddr,
}

/// The medians of some pairs.
struct Row {
    rate: f64,
    source_rate: f64,
    ratio: f64,
    range: [f64; 2],
    cpu: f64,
    memory: u64,
    tail: f64,
}

impl Run<'_> {
    fn median(
        &mut self,
        options: &Options,
        connections: usize,
        signed: Signed,
        messages: u32,
    ) -> Result<Row> {
        let mut pairs = Vec::new();
        for _ in 0..options.pairs.max(1) {
            let source = self.source.send(self.relay, connections, messages)?;
            let sent = send(self.newsroom, self.relay, connections, signed, messages)?;
            eprintln!(
                "  {connections} connections, {}: {:.0}/s, smtp-source {source:.0}/s, {:.0} µs",
                signed.name(),
                sent.rate(),
                sent.cpu_each()
            );
            pairs.push((source, sent));
        }
        let of = |figure: &dyn Fn(&(f64, Sent)) -> f64| {
            let mut all: Vec<f64> = pairs.iter().map(figure).collect();
            all.sort_by(f64::total_cmp);
            [all[0], all[all.len() / 2], all[all.len() - 1]]
        };
        let [least, ratio, most] = of(&|(source, sent)| sent.rate() / source);
        Ok(Row {
            rate: of(&|(_, sent)| sent.rate())[1],
            source_rate: of(&|(source, _)| *source)[1],
            ratio,
            range: [least, most],
            cpu: of(&|(_, sent)| sent.cpu_each())[1],
            memory: pairs.iter().map(|(_, sent)| sent.memory).max().unwrap_or(0),
            tail: of(&|(_, sent)| sent.tail.as_secs_f64() * 1e3)[1],
        })
    }
}

/// The table, in Markdown, printed when it is whole.
struct Table {
    lines: Vec<String>,
}

impl Table {
    fn new(relay: &str) -> Self {
        let head = format!(
            "\nAgainst {relay}:\n\n\
             | database | connections | signed | messages/s | smtp-source | ratio (range) | CPU a message | memory | after the last record | required | |\n\
             |---|--:|---|--:|--:|--:|--:|--:|--:|---|---|"
        );
        Self { lines: vec![head] }
    }

    fn row(&mut self, on: On, connections: usize, signed: Signed, row: &Row, bounds: &str, verdict: &str) {
        let Row { rate, source_rate, ratio, range: [least, most], cpu, memory, tail } = row;
        let (on, signed, memory) = (on.name(), signed.name(), memory / 1024);
        self.lines.push(format!(
            "| {on} | {connections} | {signed} | {rate:.0} | {source_rate:.0} | {ratio:.2} ({least:.2}–{most:.2}) \
             | {cpu:.0} µs | {memory} MB | {tail:.0} ms | {bounds} | {verdict} |"
        ));
    }

    fn print(&self) {
        println!("{}", self.lines.join("\n"));
    }
}
