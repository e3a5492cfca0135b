//! How fast, and at what cost, an edition goes out: the built program against Postfix's `smtp-sink`,
//! paired with its `smtp-source`; against a relay that only drains; over a long line; to a million.
//!
//! `benches/delivery/run` and `benches/delivery/million` build this and start what it needs.

#![allow(clippy::print_stdout, reason = "a benchmark says what it found")]

mod database;
#[path = "../../tests/it/support/delaying_proxy.rs"]
mod delaying_proxy;
mod drain;
mod long_line;
mod machine;
mod million;
mod newsroom;
mod options;
mod pairs;
mod postfix;
mod sent;

use std::process::ExitCode;

use options::{Options, Part};

/// What goes wrong is said and ends the benchmark.
type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

fn main() -> ExitCode {
    let options = match Options::read(std::env::args().skip(1)) {
        Ok(Some(options)) => options,
        Ok(None) => {
            println!("{}", options::HELP);
            return ExitCode::SUCCESS;
        }
        Err(why) => {
            eprintln!("{why}\n{}", options::HELP);
            return ExitCode::from(2);
        }
    };
    match measure(&options) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("benches/delivery: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Measures what was asked for; whether all that is required holds is given back.
fn measure(options: &Options) -> Result<bool> {
    drain::prove()?;
    let folder = tempfile::Builder::new().prefix("newsletterd-bench.").tempdir_in(&options.folder)?;
    println!("{}, {}\n", newsletterd::clock::Clock::System.now().format("%Y-%m-%d"), machine::description());
    let mut holds = true;
    for part in &options.parts {
        holds &= match part {
            Part::Sink => pairs::against_sink(options, folder.path())?,
            Part::Drain => pairs::against_drain(options, folder.path())?,
            Part::Line => long_line::measure(options, folder.path())?,
            Part::Million => million::measure(options, folder.path())?,
        };
    }
    if options.is_quick {
        println!("\nA quick run: it shows that everything works, and its figures are judged by nobody.");
        return Ok(true);
    }
    println!(
        "\n{}",
        if holds { "All that is required holds." } else { "Something that is required does NOT hold." }
    );
    Ok(holds)
}
