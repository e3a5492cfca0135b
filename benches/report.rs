//! How long it takes to read a report.
//!
//! `cargo bench --bench report` reads every mail of the labelled corpus (`bounces` among the shared
//! data: beside the project, or where `NEWSLETTERD_SHARED` says), says what a message took, and fails
//! when the mean is a millisecond or more.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark says what it found, and ends when something is wrong with it"
)]

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use newsletterd::mail::report::read;

/// What a message may take, on average, on one core.
const TARGET: Duration = Duration::from_millis(1);

/// How often the corpus is read; the least of the rounds counts for each message.
const ROUNDS: u32 = 11;

fn main() -> ExitCode {
    let Some(folder) = folder() else {
        println!("skipped: no labelled mail beside the project, and none named by NEWSLETTERD_SHARED");
        return ExitCode::SUCCESS;
    };
    let mut mails: Vec<(String, Vec<u8>)> = std::fs::read_dir(folder.join("mail"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read(&path).unwrap()))
        .collect();
    mails.sort();
    let bytes: usize = mails.iter().map(|(_, mail)| mail.len()).sum();
    let mut best = vec![Duration::MAX; mails.len()];
    for _ in 0..ROUNDS {
        for ((_, mail), best) in mails.iter().zip(&mut best) {
            let begun = Instant::now();
            black_box(read(black_box(mail), None));
            *best = (*best).min(begun.elapsed());
        }
    }
    let count = u32::try_from(mails.len()).unwrap();
    let mean = best.iter().sum::<Duration>() / count;
    let (slowest, longest) = best.iter().enumerate().max_by_key(|(_, took)| **took).unwrap();
    let mut sorted = best.clone();
    sorted.sort_unstable();
    println!(
        "{count} messages, {} KB in all, on one core, of each the best of {ROUNDS} rounds",
        bytes / 1024
    );
    println!("mean    {:>7.1} µs a message", micros(mean));
    println!("median  {:>7.1} µs", micros(sorted[sorted.len() / 2]));
    println!(
        "longest {:>7.1} µs ({}, {} KB)",
        micros(*longest),
        mails[slowest].0,
        mails[slowest].1.len() / 1024
    );
    let holds = mean < TARGET;
    println!("target  {:>7.1} µs: {}", micros(TARGET), if holds { "holds" } else { "MISSED" });
    if holds { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

/// The folder of labelled mail.
fn folder() -> Option<PathBuf> {
    let beside = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared")).to_owned();
    let named = std::env::var_os("NEWSLETTERD_SHARED").map(PathBuf::from);
    named.into_iter().chain([beside]).map(|folder| folder.join("bounces")).find(|folder| folder.is_dir())
}
