//! Reads spoilt reports by the million: none may make the reader panic, or take long.
//!
//! `cargo bench --bench report_fuzz -- --executions 10000000` spoils mails of the labelled corpus
//! (`bounces` among the shared data) and a few of its own: bytes flipped, pieces cut, doubled and taken
//! from another mail, lines repeated. `--seconds N` ends it by time, `--threads N` shares it out,
//! `--seed N` begins elsewhere. A mail that fails is written to `report_fuzz.eml` in the folder of
//! temporary files.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test that runs long says what it found, and ends when something is wrong with it"
)]

use std::hint::black_box;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use newsletterd::mail::report::read;

/// What no mail of the corpus' size may take, however spoilt.
const LONGEST: Duration = Duration::from_secs(2);

/// Mails longer than this are cut, so that many are read.
const MOST_SEED: usize = 12 << 10;

/// Own mails, for where there is no corpus.
const OWN: [&str; 3] = [
    "Return-Path: <>\nFrom: MAILER-DAEMON@mx.example\nContent-Type: multipart/report; boundary=b\n\n--b\n\nIt failed.\n--b\n\
     Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\nFinal-Recipient: rfc822;a@example.org\n\
     Action: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 User unknown\n\n--b\nContent-Type: message/rfc822\n\n\
     Received: x\nMessage-ID: <1@a.example>\nTo: a@example.org\n\nHello\n--b--\n",
    "From: MAILER-DAEMON@mx.example\nSubject: =?utf-8?Q?failure_=C3=A9?=\nContent-Type: text/html; charset=iso-2022-jp\n\
     Content-Transfer-Encoding: quoted-printable\n\n<p>&lt;a@example.org&gt;: 550=20User<br>unknown\n\
     ---Below this line is a copy of the message.\nReceived: x\n",
    "From: a\nContent-Type: multipart/report; boundary=b\n\n--b\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\n\
     Version: 1\n--b\nContent-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\nUmVjZWl2ZWQ6IHgK\n--b--\n",
];

/// Numbers without a pattern that would matter here (SplitMix64).
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `most`; 0 where that is 0.
    fn below(&mut self, most: usize) -> usize {
        usize::try_from(self.roll() % u64::try_from(most.max(1)).unwrap()).unwrap()
    }
}

struct Limits {
    executions: u64,
    seconds: u64,
    threads: u64,
    seed: u64,
}

fn main() -> ExitCode {
    let limits = limits();
    let seeds = seeds();
    let (done, failed, longest) = (AtomicU64::new(0), AtomicBool::new(false), AtomicU64::new(0));
    let begun = Instant::now();
    std::panic::set_hook(Box::new(|_| {}));
    std::thread::scope(|scope| {
        for thread in 0..limits.threads {
            let (limits, seeds, done, failed, longest) = (&limits, &seeds, &done, &failed, &longest);
            scope.spawn(move || {
                let mut dice = Dice(limits.seed.wrapping_add(thread.wrapping_mul(0x1234_5678_9abc_def1)));
                let over = || begun.elapsed().as_secs() >= limits.seconds || failed.load(Ordering::Relaxed);
                while done.fetch_add(1, Ordering::Relaxed) < limits.executions && !over() {
                    let mail = spoilt(&mut dice, seeds);
                    let started = Instant::now();
                    let result = catch_unwind(AssertUnwindSafe(|| black_box(read(&mail, None))));
                    let took = started.elapsed();
                    longest.fetch_max(u64::try_from(took.as_micros()).unwrap(), Ordering::Relaxed);
                    if result.is_err() || took > LONGEST {
                        let file = std::env::temp_dir().join("report_fuzz.eml");
                        std::fs::write(&file, &mail).unwrap();
                        println!("FAILED: {} ({took:?})", file.display());
                        failed.store(true, Ordering::Relaxed);
                    }
                }
            });
        }
    });
    let executions = done.load(Ordering::Relaxed).saturating_sub(limits.threads);
    println!(
        "{executions} executions over {} mails in {:.0?} on {} threads, seed {}; the longest took {} µs",
        seeds.len(),
        begun.elapsed(),
        limits.threads,
        limits.seed,
        longest.load(Ordering::Relaxed)
    );
    if failed.load(Ordering::Relaxed) { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

fn limits() -> Limits {
    let arguments: Vec<String> = std::env::args().collect();
    let number = |name: &str, usual: u64| {
        let at = arguments.iter().position(|argument| argument == name);
        at.and_then(|at| arguments.get(at + 1)?.parse().ok()).unwrap_or(usual)
    };
    Limits {
        executions: number("--executions", 100_000),
        seconds: number("--seconds", u64::MAX),
        threads: number("--threads", 1),
        seed: number("--seed", 1),
    }
}

/// The mails to be spoilt.
fn seeds() -> Vec<Vec<u8>> {
    let beside = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared")).to_owned();
    let named = std::env::var_os("NEWSLETTERD_SHARED").map(PathBuf::from);
    let folder = named
        .into_iter()
        .chain([beside])
        .map(|folder| folder.join("bounces/mail"))
        .find(|folder| folder.is_dir());
    let own = OWN.iter().map(|mail| mail.as_bytes().to_vec());
    let Some(folder) = folder else { return own.collect() };
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let corpus = files.iter().map(|file| {
        let mut mail = std::fs::read(file).unwrap();
        mail.truncate(MOST_SEED);
        mail
    });
    own.chain(corpus).collect()
}

/// A mail, spoilt in one to eight ways.
fn spoilt(dice: &mut Dice, seeds: &[Vec<u8>]) -> Vec<u8> {
    let mut mail = seeds[dice.below(seeds.len())].clone();
    for _ in 0..=dice.below(8) {
        let at = dice.below(mail.len() + 1);
        match dice.below(7) {
            0 | 1 => {
                let byte = dice.roll().to_le_bytes()[0];
                if let Some(place) = mail.get_mut(at) {
                    *place = byte;
                }
            }
            2 => {
                let to = (at + dice.below(300)).min(mail.len());
                mail.drain(at..to);
            }
            3 => {
                let piece = piece(dice, &mail);
                mail.splice(at..at, piece);
            }
            4 => {
                let other = &seeds[dice.below(seeds.len())];
                let piece = piece(dice, other);
                mail.splice(at..at, piece);
            }
            5 => {
                let from = mail[..at].iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
                let to =
                    mail[at..].iter().position(|byte| *byte == b'\n').map_or(mail.len(), |end| at + end + 1);
                let lines = mail[from..to].repeat(dice.below(20));
                mail.splice(from..from, lines);
            }
            _ => {
                let odd: [&[u8]; 12] = [
                    b"\n\n",
                    b"\r",
                    b"=?",
                    b"?=",
                    b"--",
                    b"<",
                    b">",
                    b"@",
                    b": ",
                    b"\xff\xfe",
                    b"\x1b$B",
                    b"From ",
                ];
                mail.splice(at..at, odd[dice.below(odd.len())].iter().copied());
            }
        }
    }
    mail
}

/// A piece of a mail.
fn piece(dice: &mut Dice, mail: &[u8]) -> Vec<u8> {
    let from = dice.below(mail.len() + 1);
    mail[from..(from + dice.below(500)).min(mail.len())].to_vec()
}
