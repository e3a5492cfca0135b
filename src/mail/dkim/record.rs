//! What stands in the DNS for a key: a TXT record at `SELECTOR._domainkey.DOMAIN` (RFC 6376 3.6).

use std::fmt;

use super::key::{Algorithm, Key, RSA};

/// The most octets of one string in a TXT record (RFC 6376 3.6.2.2).
const STRING: usize = 255;

/// A TXT record. `Display` gives the line of a zone file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Where it stands, without a final dot.
    pub name: String,
    /// What it says.
    pub text: String,
}

impl Record {
    pub(super) fn new(domain: &str, selector: &str, key: &Key) -> Self {
        let (kind, public) = match key.algorithm() {
            Algorithm::Rsa => ("rsa", public_key_info(&key.public())),
            Algorithm::Ed25519 => ("ed25519", key.public()),
        };
        let text = format!("v=DKIM1; k={kind}; p={}", data_encoding::BASE64.encode(&public));
        Self { name: format!("{selector}._domainkey.{domain}"), text }
    }

    /// A first DMARC record for `domain` (RFC 7489 6.3): it asks for nothing but reports.
    pub fn dmarc_hint(domain: &str) -> Self {
        let text = format!("v=DMARC1; p=none; rua=mailto:dmarc@{domain}");
        Self { name: format!("_dmarc.{domain}"), text }
    }

    /// The strings that together are the text, each as long as one may be.
    pub fn strings(&self) -> Vec<&str> {
        // The text is ASCII, so every index is a boundary.
        (0..self.text.len())
            .step_by(STRING)
            .filter_map(|at| self.text.get(at..self.text.len().min(at + STRING)))
            .collect()
    }
}

impl fmt::Display for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let strings: Vec<_> = self.strings().iter().map(|string| format!("\"{string}\"")).collect();
        match &strings[..] {
            [one] => write!(f, "{}. IN TXT {one}", self.name),
            several => write!(f, "{}. IN TXT (\n    {} )", self.name, several.join("\n    ")),
        }
    }
}

/// An RSAPublicKey as SubjectPublicKeyInfo (RFC 5280 4.1): what receivers have come to expect
/// (erratum 3017 to RFC 6376).
fn public_key_info(key: &[u8]) -> Vec<u8> {
    const NULL: &[u8] = &[0x05, 0x00];
    let algorithm = tagged(0x30, &[RSA, NULL].concat());
    let bits = tagged(0x03, &[&[0], key].concat());
    tagged(0x30, &[algorithm, bits].concat())
}

/// One value in DER (X.690 8.1).
pub(super) fn tagged(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len().to_be_bytes();
    let length = &length[length.iter().take_while(|byte| **byte == 0).count()..];
    let mut out = vec![tag];
    match length {
        [] => out.push(0),
        [short] if *short < 0x80 => out.push(*short),
        long => {
            // A usize has at most eight bytes.
            out.push(0x80 | u8::try_from(long.len()).unwrap_or(8));
            out.extend_from_slice(long);
        }
    }
    out.extend_from_slice(content);
    out
}
