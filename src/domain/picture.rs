//! A picture of ours: made fit for mail, and named by what is in it, so that its address never
//! shows anything else.

use std::fmt;
use std::str::FromStr;

use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::words::words;

words! {
    /// What a picture is encoded as; the word is its media type. Every mail program shows both.
    pub enum PictureKind {
        /// A photograph.
        Jpeg = "image/jpeg",
        /// A drawing with few colours, or a logo.
        Png = "image/png",
    }
}

/// The name of a picture: the first half of the SHA-256 of its bytes, as 32 hexadecimal digits. It
/// stands in every letter twice, and half of it leaves no two pictures with one name.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct PictureHash(String);

impl PictureHash {
    /// How many digits it has.
    const DIGITS: usize = 32;

    /// The name of `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        let mut name = HEXLOWER.encode(&Sha256::digest(bytes));
        name.truncate(Self::DIGITS);
        Self(name)
    }

    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A text that is no name of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a picture's name is 32 hexadecimal digits in lower case")]
pub struct NoPictureHash;

impl FromStr for PictureHash {
    type Err = NoPictureHash;

    fn from_str(text: &str) -> Result<Self, NoPictureHash> {
        Self::try_from(text.to_owned())
    }
}

impl TryFrom<String> for PictureHash {
    type Error = NoPictureHash;

    fn try_from(text: String) -> Result<Self, NoPictureHash> {
        let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        let fits = text.len() == Self::DIGITS && text.bytes().all(is_digit);
        if fits { Ok(Self(text)) } else { Err(NoPictureHash) }
    }
}

impl From<PictureHash> for String {
    fn from(hash: PictureHash) -> Self {
        hash.0
    }
}

impl fmt::Display for PictureHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A picture that is kept, without its bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredPicture {
    /// Its name.
    pub hash: PictureHash,
    /// What it is encoded as.
    pub kind: PictureKind,
    /// Pixels.
    pub width: u32,
    /// Pixels.
    pub height: u32,
}

/// A picture with its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// Name, kind and size.
    pub stored: StoredPicture,
    /// The file.
    pub bytes: Vec<u8>,
}

impl Picture {
    /// Names the file `bytes`.
    pub fn new(kind: PictureKind, width: u32, height: u32, bytes: Vec<u8>) -> Self {
        Self { stored: StoredPicture { hash: PictureHash::of(&bytes), kind, width, height }, bytes }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_that_of_its_bytes_and_nothing_else_is_one() {
        let hash = PictureHash::of(b"abc");
        assert_eq!(hash.as_str(), "ba7816bf8f01cfea414140de5dae2223");
        assert_eq!(hash.as_str().parse(), Ok(hash.clone()));
        assert_ne!(PictureHash::of(b"abd"), hash);
        let long = format!("{hash}0");
        for wrong in
            ["", "ba78", "BA7816BF8F01CFEA414140DE5DAE2223", "../../../../../etc/passwd/aaaaaa", &long]
        {
            assert_eq!(wrong.parse::<PictureHash>(), Err(NoPictureHash), "{wrong}");
        }
        assert!(serde_json::from_str::<PictureHash>("\"abc\"").is_err());
    }
}
