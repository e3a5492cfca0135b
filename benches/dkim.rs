//! How long a letter takes to be signed: by itself and as one of many that share all but a few places,
//! with the RSA key, with the Ed25519 key, with both; and the bare signatures, which nothing undercuts.
//!
//! `cargo bench --bench dkim` measures, then says whether the targets hold, and fails when one does
//! not. Nearly all of it is RSA, so that both keys together set how many letters one core can send in
//! a second.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark says what it found, and ends when something is wrong with it"
)]

use std::hint::black_box;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use criterion::Criterion;
use newsletterd::domain::address::Mailbox;
use newsletterd::domain::ids::EditionId;
use newsletterd::mail::dkim::{Algorithm, DomainKey, Signers, generate};
use newsletterd::mail::letter::{
    EncodedLetter, FeedbackId, LetterSource, ListId, PREFERENCES_MARK, PlaceValues, UNSUBSCRIBE_MARK, encode,
};
use newsletterd::mail::prepared::Prepared;

const DOMAIN: &str = "example.org";
/// A letter of 40 KB with Ed25519 alone.
const WITH_ED25519: Duration = Duration::from_micros(45);
/// What both signatures may cost beyond the bare RSA signature.
const BESIDE_RSA: Duration = Duration::from_micros(60);

fn key(algorithm: Algorithm) -> DomainKey {
    let selector = algorithm.to_string();
    DomainKey { domain: DOMAIN.to_owned(), selector, signs: true, key: generate(algorithm).unwrap().key }
}

/// A letter that takes 40 KB as a message, as one with ten stories does: one part of text to five of
/// HTML, with places at their ends.
fn letter() -> EncodedLetter {
    let ends = format!("\nLeave: {UNSUBSCRIBE_MARK}\nChoose: {PREFERENCES_MARK}\n");
    let html = "<td style=\"padding: 0 24px\"><a href=\"https://example.org/news/story\">The bridge closes</a></td>\n";
    let source = LetterSource {
        from: Mailbox::parse("The Example Post <news@example.org>").unwrap(),
        reply_to: None,
        subject: "The bridge closes on Tuesday and the ferries are full".to_owned(),
        list_id: ListId::new("Today in Example", "readers", DOMAIN),
        feedback_id: Some(FeedbackId::new(EditionId(7), "daily", "readers", DOMAIN)),
        html: format!("{}{ends}", html.repeat(315)),
        text: format!("{}{ends}", "The city hall advises people to walk across the bridge.\n".repeat(100)),
        web_html: String::new(),
    };
    encode(&source).unwrap()
}

fn places() -> PlaceValues {
    let token = "aeaqgbaadqmba5dfon2hi33omzxxelttmvzxg2lpnyxgk3tdn5sgkzbom";
    PlaceValues {
        to: Mailbox::parse("ana.beridze@example.org").unwrap(),
        message_id: "edition-123456.1234567.1795590000000@example.org".to_owned(),
        date: DateTime::parse_from_rfc3339("2026-11-25T07:00:00+04:00").unwrap(),
        unsubscribe_url: format!("https://letters.example.org/unsubscribe/{token}"),
        preferences_url: format!("https://letters.example.org/preferences/{token}"),
        one_click_url: format!("https://letters.example.org/unsubscribe/{token}"),
        unsubscribe_address: format!("unsubscribe+{token}@bounces.example.org"),
    }
}

fn main() -> ExitCode {
    let (rsa, ed25519) = (key(Algorithm::Rsa), key(Algorithm::Ed25519));
    let (letter, places) = (letter(), places());
    let now = DateTime::from_timestamp(1_795_590_000, 0).unwrap();
    let mut criterion = Criterion::default().configure_from_args();
    // As part of `cargo test --benches` everything runs once, unoptimised.
    let measured = !cfg!(debug_assertions) && !std::env::args().any(|argument| argument == "--test");
    let mut took = Vec::new();
    for (name, keys) in [
        ("none", vec![]),
        ("ed25519", vec![ed25519.clone()]),
        ("rsa", vec![rsa.clone()]),
        ("both", vec![rsa, ed25519]),
    ] {
        let signers = Signers::new(keys);
        let prepared = Prepared::new(&letter, &signers, DOMAIN);
        let message = || prepared.message(black_box(&places), now).unwrap();
        criterion.bench_function(&format!("one by itself/{name}"), |bencher| {
            bencher.iter(|| signers.sign(DOMAIN, now, letter.fill(black_box(&places)).unwrap()).unwrap());
        });
        criterion.bench_function(&format!("one of many/{name}"), |bencher| bencher.iter(message));
        criterion.bench_function(&format!("bare signature/{name}"), |bencher| {
            bencher.iter(|| bare(&signers, now));
        });
        if measured {
            took.push((name, typical(message), typical(|| bare(&signers, now))));
        }
    }
    criterion.final_summary();
    if judge(&took, letter.fill(&places).unwrap().len()) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// A signature of next to nothing.
fn bare(signers: &Signers, now: DateTime<Utc>) -> Vec<u8> {
    signers.sign(DOMAIN, now, b"From: a@example.org\r\n\r\na\r\n".to_vec()).unwrap()
}

/// Says what the letters took and whether the targets hold.
fn judge(took: &[(&str, Duration, Duration)], bytes: usize) -> bool {
    let mut holds = true;
    println!("\none of many messages of {bytes} bytes, with the bare signatures beside it:");
    for (name, whole, bare) in took {
        let target = match *name {
            "ed25519" => Some(WITH_ED25519),
            "both" => Some(*bare + BESIDE_RSA),
            _ => None,
        };
        let verdict = target.map_or_else(String::new, |target| {
            holds &= *whole <= target;
            format!(", target {target:.1?}: {}", if *whole <= target { "holds" } else { "MISSED" })
        });
        println!("  {name}: {whole:.1?} ({bare:.1?}){verdict}");
    }
    holds
}

/// The median over many rounds of the time that one call takes. Rounds are short, so that few of them
/// are broken into where others use the machine, too.
fn typical<T>(mut work: impl FnMut() -> T) -> Duration {
    const CALLS: u32 = 1;
    let mut times: Vec<Duration> = (0..1001)
        .map(|_| {
            let started = Instant::now();
            for _ in 0..CALLS {
                black_box(work());
            }
            started.elapsed() / CALLS
        })
        .collect();
    times.sort_unstable();
    times[times.len() / 2]
}
