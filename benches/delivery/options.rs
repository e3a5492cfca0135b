//! What is to be measured, as the command line says it.

use std::path::PathBuf;

use super::database::On;
use super::newsroom::Signed;

/// How to use it.
pub const HELP: &str = "\
benches/delivery/run [OPTION...]        how fast an edition goes out, against what is required
benches/delivery/million [OPTION...]    memory, speed and steadiness with a million subscribers

  --part NAME         sink | drain | line: against smtp-sink, against a relay that only drains,
                      with 20 ms each way; may be given several times [all three]
  --database NAME     sqlite | postgres [both]
  --connections N     [4 and 16; 16 for drain and line]
  --signed HOW        unsigned | ed25519 | rsa+ed25519 [all three; unsigned for drain and line]
  --messages N        subscribers of each run [20000; a million: 1000000]
  --pairs N           pairs of runs, of which the median counts [5]
  --quick             500 messages, one pair: shows that everything works, judges nothing";

/// A part of the benchmark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Against smtp-sink.
    Sink,
    /// Against a relay that only drains.
    Drain,
    /// Over a long line.
    Line,
    /// With a million subscribers.
    Million,
}

/// What is to be measured.
pub struct Options {
    /// Which parts.
    pub parts: Vec<Part>,
    /// On which databases.
    pub databases: Vec<On>,
    /// Over how many connections; empty: each part's own.
    pub connections: Vec<usize>,
    /// How signed; empty: each part's own.
    pub signed: Vec<Signed>,
    /// Subscribers of a run.
    pub messages: Option<u32>,
    /// Pairs of runs.
    pub pairs: usize,
    /// Whether nothing is judged.
    pub is_quick: bool,
    /// Where the throw-away newsrooms go.
    pub folder: PathBuf,
}

impl Options {
    /// Reads arguments; `None` when nothing is to be measured.
    pub fn read(arguments: impl Iterator<Item = String>) -> Result<Option<Self>, String> {
        let mut options = Self {
            parts: Vec::new(),
            databases: Vec::new(),
            connections: Vec::new(),
            signed: Vec::new(),
            messages: None,
            pairs: 5,
            is_quick: false,
            folder: std::env::temp_dir(),
        };
        // What `cargo bench` adds.
        let mut arguments = arguments.filter(|argument| argument != "--bench").peekable();
        if arguments.peek().is_none() {
            return Ok(None);
        }
        while let Some(option) = arguments.next() {
            let mut value = || arguments.next().ok_or(format!("{option} wants a value"));
            match option.as_str() {
                "--all" => options.parts = vec![Part::Sink, Part::Drain, Part::Line],
                "--part" => options.parts.push(one_of(
                    &value()?,
                    &[
                        ("sink", Part::Sink),
                        ("drain", Part::Drain),
                        ("line", Part::Line),
                        ("million", Part::Million),
                    ],
                )?),
                "--database" => {
                    let all = [On::Sqlite, On::Postgres].map(|on| (on.name(), on));
                    options.databases.push(one_of(&value()?, &all)?);
                }
                "--signed" => {
                    let all = [Signed::Not, Signed::Ed25519, Signed::Both].map(|how| (how.name(), how));
                    options.signed.push(one_of(&value()?, &all)?);
                }
                "--connections" => options.connections.push(number(&value()?)?),
                "--messages" => options.messages = Some(number(&value()?)?),
                "--pairs" => options.pairs = number(&value()?)?,
                "--folder" => options.folder = value()?.into(),
                "--quick" => {
                    options.is_quick = true;
                    options.pairs = 1;
                    options.messages = options.messages.or(Some(500));
                }
                "--help" => return Ok(None),
                _ => return Err(format!("{option} is no option")),
            }
        }
        if options.databases.is_empty() {
            options.databases = vec![On::Sqlite, On::Postgres];
        }
        Ok(Some(options))
    }
}

fn number<T: std::str::FromStr>(text: &str) -> Result<T, String> {
    text.parse().map_err(|_| format!("{text} is no number that can be used"))
}

fn one_of<T: Copy>(text: &str, all: &[(&str, T)]) -> Result<T, String> {
    let found = all.iter().find(|(name, _)| *name == text);
    found.map(|(_, one)| *one).ok_or_else(|| {
        let names: Vec<_> = all.iter().map(|(name, _)| *name).collect();
        format!("{text} is none of {}", names.join(", "))
    })
}
