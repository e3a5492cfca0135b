//! `newsletterd bounce`: keeps reports, says what they say, or shows what was kept.

mod explain;
mod list;
mod record;
pub mod words;

use std::path::PathBuf;

use super::{Failure, context};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Mails, as files; - for standard input. Each is kept as a report, and the daemon acts on it.
    #[arg(required_unless_present = "shown", conflicts_with = "shown", value_name = "FILE|-")]
    files: Vec<PathBuf>,
    /// The address of ours to which they came, where it is known [default: $ORIGINAL_RECIPIENT].
    #[arg(long, value_name = "ADDRESS")]
    recipient: Option<String>,
    #[command(flatten)]
    shown: list::Shown,
    /// Says what each mail says and by what evidence, and keeps nothing. Needs no configuration.
    #[arg(long)]
    explain: bool,
    /// With --explain, --list or --show: as JSON, one object a line.
    #[arg(long)]
    json: bool,
}

pub async fn run(file: Option<PathBuf>, args: Args) -> Result<(), Failure> {
    if args.explain {
        return explain::run(&args.files, args.recipient.as_deref(), args.json);
    }
    if args.shown.is_asked() {
        let engine = context::engine(file.as_deref()).await?;
        return list::run(&engine, &args.shown, args.json).await;
    }
    if args.json {
        return Err(Failure::usage("--json goes with --explain, --list or --show"));
    }
    record::run(file, args.files, args.recipient).await
}
