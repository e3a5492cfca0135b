//! `newsletterd dkim`: makes keys, and says what must stand in the DNS for them.

use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use chrono::Datelike as _;
use clap::Subcommand;
use serde::Serialize;

use super::{Failure, output};
use crate::clock::Clock;
use crate::config::{self, HostName, Selector};
use crate::daemon::signers;
use crate::mail::dkim::{Algorithm, NewKey, Record, generate};

#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Makes an RSA and an Ed25519 key, and prints their DNS records and `[[dkim]]` sections.
    New(New),
    /// Prints the DNS records of the configured keys.
    Show {
        /// One JSON object for each key.
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, clap::Args)]
struct New {
    /// The domain that letters come from.
    #[arg(long, value_parser = domain)]
    domain: HostName,
    /// Where the key files go; they are never written over.
    #[arg(long, default_value = ".")]
    dir: PathBuf,
    /// What the selectors begin with; `-rsa` and `-ed25519` follow [default: n and the month].
    #[arg(long)]
    selector: Option<Selector>,
    /// One JSON object for each key.
    #[arg(long)]
    json: bool,
}

fn domain(text: &str) -> Result<HostName, String> {
    let domain = HostName::parse_text(text)?;
    if domain.as_str().contains('.') { Ok(domain) } else { Err(format!("{text} is no mail domain")) }
}

/// What a machine reads of one key.
#[derive(Serialize)]
struct Shown<'a> {
    domain: &'a str,
    selector: &'a str,
    algorithm: Algorithm,
    key_file: &'a Path,
    name: &'a str,
    txt: &'a str,
    strings: Vec<&'a str>,
}

pub fn run(file: Option<&Path>, args: Args) -> Result<(), Failure> {
    match args.command {
        Command::New(args) => new(&args),
        Command::Show { json } => show(file, json),
    }
}

fn new(args: &New) -> Result<(), Failure> {
    let domain = args.domain.as_str();
    let base = args.selector.as_ref().map_or_else(
        || {
            let now = Clock::System.now();
            format!("n{}{:02}", now.year(), now.month())
        },
        |selector| selector.as_str().to_owned(),
    );
    let mut made = Vec::new();
    for (algorithm, suffix) in [(Algorithm::Rsa, "rsa"), (Algorithm::Ed25519, "ed25519")] {
        let selector: Selector = format!("{base}-{suffix}").parse().map_err(Failure::usage)?;
        let file = args.dir.join(format!("dkim-{domain}-{selector}.pem"));
        if file.exists() {
            return Err(exists(&file));
        }
        made.push((selector, file, generate(algorithm).map_err(Failure::failed)?));
    }
    for (written, (_, file, key)) in made.iter().enumerate() {
        if let Err(error) = write(file, key) {
            // Half of a pair would only be in the way of the next try.
            for (_, file, _) in &made[..written] {
                std::fs::remove_file(file)?;
            }
            return Err(match error.kind() {
                io::ErrorKind::AlreadyExists => exists(file),
                _ => Failure::failed(format!("{} cannot be written: {error}", file.display())),
            });
        }
    }
    let records: Vec<_> = made
        .iter()
        .map(|(selector, file, new)| {
            (selector, file, new.key.algorithm(), new.record(domain, selector.as_str()))
        })
        .collect();
    if args.json {
        for (selector, file, algorithm, record) in &records {
            print_json(domain, selector.as_str(), *algorithm, file, record)?;
        }
        return Ok(());
    }
    for (_, file, ..) in &records {
        output::note(format!("made {}", file.display()))?;
    }
    output::line(format!("; into the DNS of {domain}"))?;
    for (.., record) in &records {
        output::line(record.to_string())?;
    }
    output::line("; and, if there is none yet, with an address that reads the reports")?;
    output::line(Record::dmarc_hint(domain).to_string())?;
    output::line("\n# into newsletter.toml, once `newsletterd check` finds the records")?;
    for (selector, file, ..) in &records {
        output::line(format!(
            "[[dkim]]\ndomain = {domain:?}\nselector = \"{selector}\"\nkey_file = {:?}\n",
            file.display().to_string().trim_start_matches("./")
        ))?;
    }
    output::note(
        "the user of the daemon must be able to read the files, and nobody else: docs/operating.md",
    )?;
    Ok(())
}

fn exists(file: &Path) -> Failure {
    Failure::failed(format!(
        "{} is there already and is not written over; name another --selector",
        file.display()
    ))
}

/// Writes a key for its owner's eyes alone.
fn write(file: &Path, key: &NewKey) -> io::Result<()> {
    let mut opened = OpenOptions::new().write(true).create_new(true).mode(0o600).open(file)?;
    opened.write_all(key.pem.reveal().as_bytes())?;
    opened.sync_all()
}

fn show(file: Option<&Path>, json: bool) -> Result<(), Failure> {
    let config = config::load(file, std::env::vars())?;
    let signers = signers::load(&config).map_err(Failure::usage)?;
    for (entry, key) in config.dkim.iter().zip(signers.keys()) {
        let record = key.record();
        if json {
            let file = config.secret_path(&entry.key_file);
            print_json(&key.domain, &key.selector, key.key.algorithm(), &file, &record)?;
        } else {
            output::line(format!("; sign = \"{}\"", entry.sign))?;
            output::line(record.to_string())?;
        }
    }
    if config.dkim.is_empty() {
        output::note("there is no [[dkim]] section: nothing is signed here")?;
    }
    Ok(())
}

fn print_json(
    domain: &str,
    selector: &str,
    algorithm: Algorithm,
    key_file: &Path,
    record: &Record,
) -> io::Result<()> {
    output::json(&Shown {
        domain,
        selector,
        algorithm,
        key_file,
        name: &record.name,
        txt: &record.text,
        strings: record.strings(),
    })
}
