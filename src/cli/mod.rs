//! The command line: one subcommand per file, thin: parse, call, print. Data goes to stdout, logs
//! and progress to stderr. Exit codes: 0 done, 1 failed, 2 usage or configuration.

mod authentication;
mod bounce;
mod check;
mod context;
mod demo;
mod dkim;
mod edition;
mod exit;
mod import;
mod letter;
mod maintain;
mod output;
mod pick;
mod progress;
mod serve;
mod subscriber;
mod suppression;
mod ways_in;

use std::path::PathBuf;

use clap::{Parser, Subcommand};

pub use exit::Failure;

/// A newsletter daemon for newsrooms: Editor's Picks and most-read articles, by mail, on time.
#[derive(Debug, Parser)]
#[command(name = "newsletterd", version, propagate_version = true)]
pub struct Cli {
    /// The configuration [default: ./newsletter.toml, then /etc/newsletterd/newsletter.toml].
    #[arg(short, long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Everything in one process: a sample newsroom, an embedded database, a captured mailbox.
    Demo(demo::Args),
    /// The daemon: scheduler, workers, web pages.
    Serve(serve::Args),
    /// Looks at configuration, database, relay and schedule, and says what to do.
    Check(check::Args),
    /// Keys that sign letters: makes them, and says what to put into the DNS.
    Dkim(dkim::Args),
    /// Brings the database up to date.
    Migrate,
    /// Takes in articles, reads or subscribers.
    Import(import::Args),
    /// Editions: list, show, compile, preview, test, approve, hold, send and so on.
    Edition(edition::Args),
    /// Letters: holds one to the checklist.
    Letter(letter::Args),
    /// Editor's picks of a newsletter's next edition.
    Pick(pick::Args),
    /// Subscribers: show, add, remove, export, erase.
    Subscriber(subscriber::Args),
    /// Reports of failed delivery: keeps those that come as files or through a mail server's pipe, and
    /// shows what came in and what it came to.
    Bounce(bounce::Args),
    /// Addresses that get nothing: list, add, remove.
    Suppression(suppression::Args),
    /// Writes a copy of the database while it is in use.
    Backup(maintain::BackupArgs),
}

/// Runs the program.
///
/// # Errors
/// [`Failure`] with its exit code.
pub async fn run(cli: Cli) -> Result<(), Failure> {
    let file = cli.config;
    match cli.command {
        Command::Demo(args) => demo::run(args).await,
        Command::Serve(args) => serve::run(file, args).await,
        Command::Check(args) => check::run(file, args).await,
        Command::Dkim(args) => dkim::run(file.as_deref(), args),
        Command::Migrate => maintain::migrate(file).await,
        Command::Import(args) => import::run(file, args).await,
        Command::Edition(args) => edition::run(file, args).await,
        Command::Letter(args) => letter::run(file, args).await,
        Command::Pick(args) => pick::run(file, args).await,
        Command::Subscriber(args) => subscriber::run(file, args).await,
        Command::Suppression(args) => suppression::run(file, args).await,
        Command::Bounce(args) => bounce::run(file, args).await,
        Command::Backup(args) => maintain::backup(file, args).await,
    }
}
