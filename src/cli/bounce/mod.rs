//! `newsletterd bounce`: keeps reports, or shows what was kept.

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
    shown: list::Args,
    /// As JSON, one object a line.
    #[arg(long)]
    json: bool,
}

pub async fn run(file: Option<PathBuf>, args: Args) -> Result<(), Failure> {
    if args.shown.is_asked() {
        let engine = context::engine(file.as_deref()).await?;
        return list::run(&engine, &args.shown, args.json).await;
    }
    record::run(file, args.files, args.recipient).await
}
