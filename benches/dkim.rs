//! How long a letter takes to be signed: with the RSA key, with the Ed25519 key, with both.
//!
//! `cargo bench --bench dkim` measures. Nearly all of it is RSA, so that both keys together set how
//! many letters one core can send in a second.

#![allow(clippy::unwrap_used, reason = "a benchmark ends when something is wrong with it")]

use std::hint::black_box;

use chrono::DateTime;
use criterion::Criterion;
use newsletterd::mail::dkim::{Algorithm, DomainKey, Signers, generate};

/// Lines of a body as large as that of an edition with ten stories.
const LINES: usize = 900;

fn key(algorithm: Algorithm) -> DomainKey {
    let (domain, selector) = ("example.org".to_owned(), algorithm.to_string());
    DomainKey { domain, selector, signs: true, key: generate(algorithm).unwrap().key }
}

fn letter() -> Vec<u8> {
    let head = "From: The Example Post <news@example.org>\r\nSubject: Today\r\nTo: ana@example.org\r\n\
        Date: Wed, 25 Nov 2026 07:00:00 +0000\r\nMessage-ID: <edition-1.2.3@example.org>\r\n\
        List-Unsubscribe: <https://letters.example.org/unsubscribe/token>\r\n\
        List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\nMIME-Version: 1.0\r\n\
        Content-Type: text/html; charset=utf-8\r\n\r\n";
    let line = "=E1=83=90=E1=83=9B =E1=83=93=E1=83=A6=E1=83=94=E1=83=A1 <td style=3D\"p=\r\n";
    format!("{head}{}", line.repeat(LINES)).into_bytes()
}

fn main() {
    let (rsa, ed25519) = (key(Algorithm::Rsa), key(Algorithm::Ed25519));
    let letter = letter();
    let now = DateTime::from_timestamp(1_795_590_000, 0).unwrap();
    let mut criterion = Criterion::default().configure_from_args();
    for (name, keys) in
        [("rsa", vec![rsa.clone()]), ("ed25519", vec![ed25519.clone()]), ("both", vec![rsa, ed25519])]
    {
        let signers = Signers::new(keys);
        criterion.bench_function(&format!("sign/{name}"), |bencher| {
            bencher.iter(|| signers.sign("example.org", now, black_box(letter.clone())).unwrap());
        });
    }
    criterion.final_summary();
}
