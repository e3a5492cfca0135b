//! `newsletterd demo`.

use std::path::PathBuf;

use super::Failure;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Where database and mails are kept; a new temporary folder when it is left out.
    #[arg(long)]
    dir: Option<PathBuf>,
    /// A feed to take articles from, beside the sample newsroom: a file or an http(s) address.
    #[arg(long)]
    feed: Option<String>,
    /// Ends when the edition is delivered.
    #[arg(long)]
    once: bool,
}

pub async fn run(args: Args) -> Result<(), Failure> {
    let _ = args;
    Err(Failure::failed("to come"))
}
