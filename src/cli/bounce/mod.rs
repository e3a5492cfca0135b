//! `newsletterd bounce`: keeps reports, or says what they say.

mod explain;
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
    /// Says what each mail says and by what evidence, and keeps nothing. Needs no configuration.
    #[arg(long)]
    explain: bool,
    /// With --explain: one JSON object for each mail, one a line.
    #[arg(long, requires = "explain")]
    json: bool,
}

pub async fn run(file: Option<PathBuf>, args: Args) -> Result<(), Failure> {
    if args.explain {
        return explain::run(&args.files, args.recipient.as_deref(), args.json);
    }
    record::run(file, args.files, args.recipient).await
}
