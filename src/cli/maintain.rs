//! `newsletterd migrate` and `newsletterd backup`.

use std::path::PathBuf;

use super::{Failure, context, output};

#[derive(Debug, clap::Args)]
pub struct BackupArgs {
    /// Where the copy goes; a file that exists is not overwritten.
    file: PathBuf,
}

pub async fn migrate(file: Option<PathBuf>) -> Result<(), Failure> {
    let engine = context::engine(file.as_deref()).await?;
    output::note(format!("{} is up to date", engine.config.database.url))?;
    Ok(())
}

pub async fn backup(file: Option<PathBuf>, args: BackupArgs) -> Result<(), Failure> {
    let engine = context::engine(file.as_deref()).await?;
    engine.db.backup(&args.file).await?;
    output::note(format!(
        "{} is a complete copy; to restore, stop the daemon and put it in place",
        args.file.display()
    ))?;
    Ok(())
}
