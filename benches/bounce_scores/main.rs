//! How well reports are read: the score on labelled mail, what each rule is worth, and another reader
//! beside ours.
//!
//! `cargo bench --bench bounce_scores` prints the score and the table with each rule switched off in
//! turn; `-- --beside FILE` also reads what another reader said of the same mail, as
//! `tests/tools/flufl_verdicts.py` writes it (`tests/tools/bounce_scores` does it all). `-- --wrong`
//! lists the rows that are not right, `-- --show NAME` what is said of the files of that name. The labelled mail is `bounces` among the shared data: beside
//! the project, or where `NEWSLETTERD_SHARED` says. How a row counts is told in docs/bounces.md.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark says what it found")]

mod ablation;
mod beside;
mod labels;
mod score;

use std::path::{Path, PathBuf};

use labels::Corpus;
use score::{Score, ours};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|one| one != "--bench").collect();
    let Some(corpus) = folder().map(|folder| Corpus::read(&folder)) else {
        println!("skipped: no labelled mail beside the project, and none named by NEWSLETTERD_SHARED");
        return;
    };
    if let Some(at) = arguments.iter().position(|one| one == "--show") {
        let name = &arguments[at + 1];
        for mail in corpus.mails.iter().filter(|mail| mail.file.contains(name.as_str())) {
            println!("{}: {:#?}", mail.file, newsletterd::mail::report::read(&mail.bytes, None));
        }
        return;
    }
    let said = ours(&corpus, &[]);
    let whole = Score::of(&corpus, &said, true);
    println!("{whole}\n");
    println!("Certain labels alone:\n\n{}\n", Score::of(&corpus, &said, false));
    if arguments.iter().any(|one| one == "--wrong") {
        whole.wrong.iter().for_each(|line| println!("{line}"));
        return;
    }
    println!("{}", ablation::table(&corpus, &whole));
    if let Some(at) = arguments.iter().position(|one| one == "--beside") {
        let file = arguments.get(at + 1).expect("--beside FILE");
        println!("{}", beside::table(&corpus, &std::fs::read_to_string(file).unwrap()));
    }
}

/// The folder of labelled mail.
fn folder() -> Option<PathBuf> {
    let beside = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared")).to_owned();
    let named = std::env::var_os("NEWSLETTERD_SHARED").map(PathBuf::from);
    named.into_iter().chain([beside]).map(|folder| folder.join("bounces")).find(|folder| folder.is_dir())
}
