//! Signed tokens: what a bounce or a click speaks of, provable without a database row and without
//! an address in it.
//!
//! A token is lower-case base32 of: version, key id, ids as varints, and the first 80 bits of an
//! HMAC-SHA-256 (RFC 2104) over all that stands before. It promises that
//! - no other text than the token itself (in either case) is accepted: one changed character,
//!   another purpose or a key that is retired is an error, and no input panics;
//! - tokens never expire; keys rotate, and old ones verify until they are retired;
//! - a return path, which has `bounce-` before its token, fits a local part (RFC 5321 4.5.3.1.1) for
//!   every 64-bit id.
//!
//! The alphabet is that of RFC 4648 section 6 rather than Crockford's: machines alone read tokens,
//! so his forgiveness for `O` and `0` would only make several texts stand for one token. Base64
//! would be shorter, but mail systems change the case of local parts.
//!
//! What a token may do is decided by who reads it; where the secrets are kept is the
//! configuration's business.

use std::collections::BTreeMap;
use std::fmt;

use data_encoding::{BASE32_NOPAD, BASE32_NOPAD_NOCASE, HEXLOWER};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use super::address::EmailAddress;
use super::ids::{EditionId, LinkNo, ListId, SubscriberId};
use super::words::words;

mod choices;
mod mail;

pub use choices::{Confirm, Preferences};
pub use mail::ReturnPath;

/// The first byte of each token: the shape of what follows it.
const VERSION: u8 = 1;
/// 80 bits: a forger has one guess in 2^80 for each request that we answer.
const MAC_LEN: usize = 10;
/// Version and key id.
const HEAD_LEN: usize = 2;

words! {
    /// What a token is for. Each purpose has keys of its own, so that a token made for one is
    /// worthless for another.
    pub enum Purpose {
        /// The local part of a letter's envelope sender.
        ReturnPath = "return_path",
        /// The Message-ID of one copy of a letter.
        MessageId = "message_id",
        /// The link that ends a subscription.
        Unsubscribe = "unsubscribe",
        /// The address of ours that leads to a story.
        Link = "link",
        /// The picture that counts openings.
        Opening = "opening",
        /// The link to what a reader gets.
        Preferences = "preferences",
        /// The link that starts a subscription.
        Confirm = "confirm",
    }
}

/// What an unsubscribe link says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unsubscribe {
    /// Who leaves.
    pub subscriber: SubscriberId,
    /// Which list.
    pub list: ListId,
    /// The edition whose letter carried the link; `None` in a mail that is no edition.
    pub edition: Option<EditionId>,
}

/// Why a text is no token of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Cut, or not of our alphabet.
    #[error("this is no complete token: copy the whole address from the letter")]
    Malformed,
    /// Made by a newer program.
    #[error("the token has version {0}, which this program does not know: update it")]
    UnknownVersion(u8),
    /// The key that signed it was retired or never here.
    #[error("the token was signed with key {0}, which is not among the token keys")]
    UnknownKey(u8),
    /// The signature is not ours.
    #[error("the token is not genuine: its signature does not match")]
    Forged,
}

/// Why keys cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// New tokens would have no key.
    #[error("token key {0} is to sign new tokens but has no secret")]
    NoCurrent(u8),
    /// Suppressions would be forgotten.
    #[error(
        "token key {} has no secret: hashes of suppressed addresses are made with it, so it must stay",
        TokenKeys::FIRST
    )]
    NoFirst,
    /// The key in use.
    #[error("token key {0} signs new tokens: make another one current before it is retired")]
    RetiresCurrent(u8),
}

type Secret = [u8; 32];
type HmacSha256 = Hmac<Sha256>;

/// The secrets that sign and verify. From each, one subkey per purpose is derived, so that a
/// single secret of 32 random bytes serves a whole installation.
///
/// `Debug` hides the secrets.
#[derive(Clone)]
pub struct TokenKeys {
    current: (u8, Subkeys),
    older: BTreeMap<u8, Subkeys>,
    addresses: HmacSha256,
}

/// An HMAC for each [`Purpose`], in their order, keyed and ready: deriving and keying it takes four
/// times as long as a token itself, and each letter has several.
#[derive(Clone)]
struct Subkeys(Vec<HmacSha256>);

impl Subkeys {
    fn of(secret: &Secret) -> Self {
        Self(Purpose::ALL.iter().map(|purpose| subkeyed(secret, purpose.as_str())).collect())
    }

    fn begin(&self, purpose: Purpose) -> HmacSha256 {
        self.0[purpose as usize].clone()
    }
}

impl TokenKeys {
    /// The key of a new installation. Its secret stays for good, also when it verifies no token any
    /// more: address hashes are made with it.
    pub const FIRST: u8 = 1;
    /// The longest return path, in characters, whatever the ids.
    pub const RETURN_PATH_MAX: usize = 59;
    /// The longest token of any purpose, in characters: three ids of ten bytes.
    pub const MAX: usize = 68;

    /// Keys that all verify, of which `current` signs.
    ///
    /// # Errors
    /// [`KeyError`] when the secret of `current` or of [`Self::FIRST`] is missing.
    pub fn new(current: u8, mut keys: BTreeMap<u8, Secret>) -> Result<Self, KeyError> {
        let addresses = subkeyed(keys.get(&Self::FIRST).ok_or(KeyError::NoFirst)?, "address_hash");
        let secret = keys.remove(&current).ok_or(KeyError::NoCurrent(current))?;
        let older = keys.iter().map(|(id, secret)| (*id, Subkeys::of(secret))).collect();
        Ok(Self { current: (current, Subkeys::of(&secret)), older, addresses })
    }

    /// The same keys, without those tokens that `id` signed. Address hashes stay as they are.
    ///
    /// # Errors
    /// [`KeyError::RetiresCurrent`] for the key that signs.
    pub fn retire(mut self, id: u8) -> Result<Self, KeyError> {
        if id == self.current.0 {
            return Err(KeyError::RetiresCurrent(id));
        }
        self.older.remove(&id);
        Ok(self)
    }

    /// The token of an unsubscribe link: letters and digits only, so it stands in a URL as it is.
    pub fn unsubscribe(&self, subscriber: SubscriberId, list: ListId, edition: Option<EditionId>) -> String {
        self.sign_for_reader(Purpose::Unsubscribe, subscriber, list, edition)
    }

    /// Reads the token of an unsubscribe link, in either case.
    ///
    /// # Errors
    /// [`TokenError`] for everything that [`Self::unsubscribe`] did not make.
    pub fn read_unsubscribe(&self, token: &str) -> Result<Unsubscribe, TokenError> {
        let (subscriber, list, edition) = self.verify_of_reader(Purpose::Unsubscribe, token)?;
        Ok(Unsubscribe { subscriber, list, edition })
    }

    /// The token of a story's link, the same for all readers: letters and digits only.
    pub fn link(&self, edition: EditionId, no: LinkNo) -> String {
        self.sign(Purpose::Link, &[edition.0, no.0])
    }

    /// Reads the token of a story's link, in either case.
    ///
    /// # Errors
    /// [`TokenError`] for everything that [`Self::link`] did not make.
    pub fn read_link(&self, token: &str) -> Result<(EditionId, LinkNo), TokenError> {
        match self.verify(Purpose::Link, token)?.as_slice() {
            &[edition, no] => Ok((EditionId(edition), LinkNo(no))),
            _ => Err(TokenError::Malformed),
        }
    }

    /// The token of the picture that counts the openings of an edition, the same for all readers.
    pub fn opening(&self, edition: EditionId) -> String {
        self.sign(Purpose::Opening, &[edition.0])
    }

    /// Reads the token of such a picture, in either case.
    ///
    /// # Errors
    /// [`TokenError`] for everything that [`Self::opening`] did not make.
    pub fn read_opening(&self, token: &str) -> Result<EditionId, TokenError> {
        match self.verify(Purpose::Opening, token)?.as_slice() {
            &[edition] => Ok(EditionId(edition)),
            _ => Err(TokenError::Malformed),
        }
    }

    /// A keyed hash of an address, 64 hexadecimal digits: the same for all spellings of one mailbox
    /// (see [`EmailAddress::key`]) and for as long as the installation lives. It lets a suppression
    /// outlive the address without telling whose it was.
    pub fn address_hash(&self, address: &EmailAddress) -> String {
        let mac = self.addresses.clone().chain_update(address.key());
        HEXLOWER.encode(&mac.finalize().into_bytes())
    }

    /// A token about one reader and one list, and the edition whose letter carries it, if any.
    fn sign_for_reader(
        &self,
        purpose: Purpose,
        subscriber: SubscriberId,
        list: ListId,
        edition: Option<EditionId>,
    ) -> String {
        let ids: Vec<i64> = [subscriber.0, list.0].into_iter().chain(edition.map(|id| id.0)).collect();
        self.sign(purpose, &ids)
    }

    /// What [`Self::sign_for_reader`] signed.
    fn verify_of_reader(
        &self,
        purpose: Purpose,
        token: &str,
    ) -> Result<(SubscriberId, ListId, Option<EditionId>), TokenError> {
        match self.verify(purpose, token)?.as_slice() {
            &[subscriber, list, ref rest @ ..] if rest.len() <= 1 => {
                Ok((SubscriberId(subscriber), ListId(list), rest.first().copied().map(EditionId)))
            }
            _ => Err(TokenError::Malformed),
        }
    }

    fn sign(&self, purpose: Purpose, ids: &[i64]) -> String {
        let (key_id, subkeys) = &self.current;
        let mut bytes = Vec::with_capacity(HEAD_LEN + 3 * 10 + MAC_LEN);
        bytes.extend([VERSION, *key_id]);
        for &id in ids {
            write_varint(&mut bytes, id);
        }
        let mac = subkeys.begin(purpose).chain_update(&bytes).finalize().into_bytes();
        bytes.extend(mac.iter().take(MAC_LEN));
        let mut token = BASE32_NOPAD.encode(&bytes);
        token.make_ascii_lowercase();
        token
    }

    fn verify(&self, purpose: Purpose, token: &str) -> Result<Vec<i64>, TokenError> {
        if token.len() > Self::MAX {
            return Err(TokenError::Malformed);
        }
        let bytes = BASE32_NOPAD_NOCASE.decode(token.as_bytes()).map_err(|_| TokenError::Malformed)?;
        let (signed, tag) = bytes.split_last_chunk::<MAC_LEN>().ok_or(TokenError::Malformed)?;
        let (&[version, key_id], ids) =
            signed.split_first_chunk::<HEAD_LEN>().ok_or(TokenError::Malformed)?;
        if version != VERSION {
            return Err(TokenError::UnknownVersion(version));
        }
        let subkeys = self.subkeys(key_id).ok_or(TokenError::UnknownKey(key_id))?;
        let mac = subkeys.begin(purpose).chain_update(signed);
        // Compares in constant time: an answer's delay must not tell how much of a guess was right.
        mac.verify_truncated_left(tag).map_err(|_| TokenError::Forged)?;
        read_varints(ids).ok_or(TokenError::Malformed)
    }

    fn subkeys(&self, key_id: u8) -> Option<&Subkeys> {
        if key_id == self.current.0 { Some(&self.current.1) } else { self.older.get(&key_id) }
    }
}

impl fmt::Debug for TokenKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let older: Vec<_> = self.older.keys().collect();
        f.debug_struct("TokenKeys")
            .field("current", &self.current.0)
            .field("older", &older)
            .finish_non_exhaustive()
    }
}

/// An HMAC under the subkey of `secret` for one use. The subkey is the label's own HMAC: who learns
/// one subkey learns nothing of the others.
fn subkeyed(secret: &Secret, label: &str) -> HmacSha256 {
    let subkey = keyed(secret).chain_update("newsletterd ").chain_update(label).finalize();
    keyed(&subkey.into_bytes().into())
}

/// An HMAC under a key of 32 bytes, filled up with zeros to SHA-256's block as RFC 2104 section 2
/// says.
fn keyed(key: &Secret) -> HmacSha256 {
    let mut block = [0; 64];
    block[..key.len()].copy_from_slice(key);
    HmacSha256::new(&block.into())
}

/// Appends an id in groups of seven bits, lowest first (LEB128): small ids, the usual ones, make
/// short tokens.
fn write_varint(bytes: &mut Vec<u8>, id: i64) {
    let mut rest = id.cast_unsigned();
    loop {
        let [group, ..] = rest.to_le_bytes();
        rest >>= 7;
        if rest == 0 {
            return bytes.push(group & 0x7f);
        }
        bytes.push(group | 0x80);
    }
}

/// The ids in `bytes`; `None` when the last one is cut or one has more than 64 bits.
fn read_varints(bytes: &[u8]) -> Option<Vec<i64>> {
    let mut ids = Vec::new();
    let (mut id, mut shift) = (0_u64, 0_u32);
    for &byte in bytes {
        let group = u64::from(byte & 0x7f);
        let placed = group.checked_shl(shift).filter(|placed| placed >> shift == group)?;
        id |= placed;
        shift += 7;
        if byte & 0x80 == 0 {
            ids.push(id.cast_signed());
            (id, shift) = (0, 0);
        }
    }
    (shift == 0).then_some(ids)
}

#[cfg(test)]
mod tests;
