//! `newsletterd bounce`.

mod record;

use std::path::PathBuf;

use super::Failure;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Mails, as files; - for standard input. Each is kept as a report, and the daemon acts on it.
    #[arg(required = true, value_name = "FILE|-")]
    files: Vec<PathBuf>,
    /// The address of ours to which they came, where it is known [default: $ORIGINAL_RECIPIENT].
    #[arg(long, value_name = "ADDRESS")]
    recipient: Option<String>,
}

pub async fn run(file: Option<PathBuf>, args: Args) -> Result<(), Failure> {
    record::run(file, args.files, args.recipient).await
}
