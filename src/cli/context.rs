//! What most commands begin with: the configuration, logging, an engine.

use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::sync::Arc;

use super::Failure;
use crate::clock::Clock;
use crate::config::{self, Config};
use crate::pipeline::Engine;
use crate::{daemon, telemetry};

/// Reads the configuration and starts logging as it says.
pub fn configuration(file: Option<&Path>) -> Result<Arc<Config>, Failure> {
    let config = config::load(file, std::env::vars())?;
    telemetry::init(config.logging.format, &config.logging.filter).map_err(Failure::usage)?;
    Ok(Arc::new(config))
}

/// An engine for a command beside the daemon: warnings are logged, the rest is the command's to
/// say.
pub async fn engine(file: Option<&Path>) -> Result<Engine, Failure> {
    let config = config::load(file, std::env::vars())?;
    telemetry::init(config.logging.format, "warn").map_err(Failure::usage)?;
    refuse_other_users(&config)?;
    Ok(daemon::engine(Arc::new(config), Clock::System).await?)
}

/// On SQLite, a command as another user would leave files behind that the daemon cannot write.
pub fn refuse_other_users(config: &Config) -> Result<(), Failure> {
    let Some(file) = config.database.url.sqlite_file() else { return Ok(()) };
    let Ok(owner) = std::fs::metadata(file).map(|metadata| metadata.uid()) else { return Ok(()) };
    let us = std::fs::metadata("/proc/self").map_or(owner, |metadata| metadata.uid());
    if us == owner {
        return Ok(());
    }
    Err(Failure::usage(format!(
        "{} belongs to another user; run this command as that user (sudo -u newsletterd newsletterd …)",
        file.display()
    )))
}

/// Who is at the command line, for the records.
pub fn operator() -> String {
    std::env::var("SUDO_USER")
        .or_else(|_| std::env::var("USER"))
        .unwrap_or_else(|_| "command line".to_owned())
}
