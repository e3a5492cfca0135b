//! `newsletterd bounce`.

mod list;
pub mod words;

use std::path::PathBuf;

use super::{Failure, context};

#[derive(Debug, clap::Args)]
#[command(arg_required_else_help = true)]
pub struct Args {
    #[command(flatten)]
    shown: list::Args,
    /// As JSON, one object a line.
    #[arg(long)]
    json: bool,
}

pub async fn run(file: Option<PathBuf>, args: Args) -> Result<(), Failure> {
    let engine = context::engine(file.as_deref()).await?;
    list::run(&engine, &args.shown, args.json).await
}
