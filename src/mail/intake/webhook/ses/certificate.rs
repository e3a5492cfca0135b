//! The certificate of SNS, and what it has signed.

use chrono::{DateTime, Utc};
use ring::signature::{
    RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY, RSA_PKCS1_2048_8192_SHA256, RsaParameters,
    UnparsedPublicKey,
};
use x509_parser::pem::parse_x509_pem;

use crate::mail::intake::webhook::Refusal;

/// How a message is signed: `SignatureVersion`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Version {
    /// RSA with SHA-1. It is what topics use unless they are told otherwise.
    One,
    /// RSA with SHA-256.
    Two,
}

impl Version {
    const fn algorithm(self) -> &'static RsaParameters {
        match self {
            Self::One => &RSA_PKCS1_2048_8192_SHA1_FOR_LEGACY_USE_ONLY,
            Self::Two => &RSA_PKCS1_2048_8192_SHA256,
        }
    }
}

/// Checks a signature by the certificate in `pem`, which must be valid at `now`.
pub(super) fn verify(
    pem: &[u8],
    version: Version,
    covered: &[u8],
    signature: &[u8],
    now: DateTime<Utc>,
) -> Result<(), Refusal> {
    let unreadable = || Refusal::Forged("the certificate that it names cannot be read");
    let (_, pem) = parse_x509_pem(pem).map_err(|_| unreadable())?;
    let certificate = pem.parse_x509().map_err(|_| unreadable())?;
    let validity = certificate.validity();
    let now = now.timestamp();
    if now < validity.not_before.timestamp() || now > validity.not_after.timestamp() {
        return Err(Refusal::Forged("the certificate that it names is not valid at this time"));
    }
    let key = &certificate.public_key().subject_public_key.data;
    UnparsedPublicKey::new(version.algorithm(), key)
        .verify(covered, signature)
        .map_err(|_| Refusal::Forged("the signature does not fit"))
}
