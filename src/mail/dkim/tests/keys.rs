//! Keys as they are found in files.

use data_encoding::{BASE64, BASE64_MIME};
use mail_auth::dkim::generate::DkimKeyPair;

use super::super::record::tagged;
use super::super::{Algorithm, Key, KeyError, Signers, generate};
use super::{KEYS, now};
use crate::mail::dkim::DomainKey;
use crate::mail::dkim::key::RSA;

fn pem(label: &str, der: &[u8]) -> String {
    format!("-----BEGIN {label}-----\n{}-----END {label}-----\n", BASE64_MIME.encode(der).replace('\r', ""))
}

/// A private key of any algorithm as PKCS#8 (RFC 5208 5).
fn pkcs8(algorithm: &[u8], key: &[u8]) -> String {
    let parts = [&[0x02, 0x01, 0x00][..], &tagged(0x30, algorithm), &tagged(0x04, key)];
    pem("PRIVATE KEY", &tagged(0x30, &parts.concat()))
}

/// The example of RFC 8463, A.2.
const SEED: &str = "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=";
const PUBLIC: &str = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=";

fn of_the_rfc() -> String {
    let seed = tagged(0x04, &BASE64.decode(SEED.as_bytes()).unwrap());
    pkcs8(&[0x06, 0x03, 0x2b, 0x65, 0x70], &seed)
}

#[test]
fn the_algorithm_is_told_from_the_key() {
    let rsa = DkimKeyPair::generate_rsa(2048).unwrap();
    let algorithm = [RSA, &[0x05, 0x00]].concat();
    for (text, algorithm) in [
        (pem("RSA PRIVATE KEY", rsa.private_key()), Algorithm::Rsa),
        (pkcs8(&algorithm, rsa.private_key()), Algorithm::Rsa),
        (of_the_rfc(), Algorithm::Ed25519),
        (format!("Bag Attributes\n{}trailing", of_the_rfc()), Algorithm::Ed25519),
    ] {
        assert_eq!(Key::from_pem(text.as_bytes()).unwrap().algorithm(), algorithm);
    }
}

#[test]
fn the_record_of_the_rfcs_key_is_that_of_the_rfc() {
    let key = Key::from_pem(of_the_rfc().as_bytes()).unwrap();
    let key =
        DomainKey { domain: "football.example.com".into(), selector: "brisbane".into(), signs: true, key };
    assert_eq!(key.record().name, "brisbane._domainkey.football.example.com");
    assert_eq!(key.record().text, format!("v=DKIM1; k=ed25519; p={PUBLIC}"));
}

#[test]
fn keys_that_cannot_sign_are_refused_with_the_reason() {
    let small = DkimKeyPair::generate_rsa(1024).unwrap();
    let refused = Key::from_pem(pem("RSA PRIVATE KEY", small.private_key()).as_bytes()).unwrap_err();
    assert_eq!(refused, KeyError::TooSmall);
    assert!(refused.to_string().contains("2048 bits") && refused.to_string().contains("dkim new"));
    for text in
        ["", "key", "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----\n"]
    {
        assert_eq!(Key::from_pem(text.as_bytes()).unwrap_err(), KeyError::NotPem, "{text}");
    }
    // An elliptic curve of another kind: 1.2.840.10045.2.1.
    let other = pkcs8(&[0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01], &[0; 32]);
    assert_eq!(Key::from_pem(other.as_bytes()).unwrap_err(), KeyError::OtherAlgorithm);
    let cut = pem("RSA PRIVATE KEY", &small.private_key()[..100]);
    assert!(matches!(Key::from_pem(cut.as_bytes()), Err(KeyError::Damaged(_))));
}

#[test]
fn a_key_with_one_wrong_byte_is_found_before_a_letter_needs_it() {
    let good = DkimKeyPair::generate_rsa(2048).unwrap();
    let mut refused = 0;
    // Private exponent, both primes, both exponents of theirs (RFC 8017 A.1.2).
    for at in [400, 700, 850, 980, 1080] {
        let mut der = good.private_key().to_vec();
        der[at] ^= 1;
        match Key::from_pem(pem("RSA PRIVATE KEY", &der).as_bytes()) {
            Err(KeyError::Damaged(_)) => refused += 1,
            // The private exponent itself is not used: the two halves of it are.
            Ok(_) => assert!(at < 530, "byte {at} of the key was changed, and it signs"),
            Err(error) => panic!("{error}"),
        }
    }
    assert!(refused >= 4, "{refused}");
}

#[test]
fn keys_are_not_shown() {
    for algorithm in [Algorithm::Rsa, Algorithm::Ed25519] {
        let new = generate(algorithm).unwrap();
        let secret: String = new.pem.reveal().lines().nth(1).unwrap().chars().take(40).collect();
        let shown = format!("{new:?} {:?}", Signers::new(KEYS.clone()));
        assert!(!shown.contains(&secret) && shown.contains("Key("), "{shown}");
        assert!(shown.len() < 400, "{shown}");
    }
}

#[test]
fn what_was_made_is_read_back() {
    for algorithm in [Algorithm::Rsa, Algorithm::Ed25519] {
        let new = generate(algorithm).unwrap();
        let again = Key::from_pem(new.pem.reveal().as_bytes()).unwrap();
        assert_eq!(again.algorithm(), algorithm);
        assert_eq!(again.public(), new.key.public());
        let sign = |key: Key| {
            let key = DomainKey { domain: "example.org".into(), selector: "s".into(), signs: true, key };
            let letter = b"From: a@example.org\r\n\r\n".to_vec();
            Signers::new(vec![key]).sign("example.org", now(), letter).unwrap()
        };
        // Neither algorithm takes anything from chance.
        assert_eq!(sign(new.key), sign(again));
    }
}
