//! Signatures as a receiver checks them: by a verifier of the tests' own, which shares neither the
//! parser nor the canonical forms with the code under test.

mod keys;
mod records;
mod signing;
mod verifier;

use std::sync::LazyLock;

use chrono::{DateTime, Utc};

use super::{Algorithm, DomainKey, Signers, generate};

/// One RSA and one Ed25519 key of `example.org`, made once for all tests.
pub(in crate::mail) static KEYS: LazyLock<Vec<DomainKey>> = LazyLock::new(|| {
    [(Algorithm::Rsa, "r"), (Algorithm::Ed25519, "e")]
        .map(|(algorithm, selector)| DomainKey {
            domain: "example.org".to_owned(),
            selector: selector.to_owned(),
            signs: true,
            key: generate(algorithm).unwrap().key,
        })
        .into()
});

/// Both keys.
fn signers() -> Signers {
    Signers::new(KEYS.clone())
}

/// 2026-11-25 07:00:00 UTC.
fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_590_000, 0).unwrap()
}
