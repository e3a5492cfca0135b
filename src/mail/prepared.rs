//! A letter ready to be filled in and signed for one recipient after the other: what all of them share
//! is brought into form once, and each message costs its places, one pass of the hash over its body,
//! and the signatures themselves.
//!
//! What comes out is, byte for byte, [`EncodedLetter::fill`] and then [`Signers::sign`]; the tests
//! hold it to that.

use chrono::{DateTime, Utc};

use super::dkim::{Piece, Shared, SignError, Signers};
use super::letter::{EncodedLetter, LetterError, PlaceValues, Segment, piece};

/// Why a message could not be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PreparedError {
    /// A value cannot stand in its place: this recipient's message cannot be made.
    #[error(transparent)]
    Letter(#[from] LetterError),
    /// It cannot be signed, which is ours and says nothing of the recipient.
    #[error(transparent)]
    Sign(#[from] SignError),
}

/// A letter with its signers. It shares nothing with what it was made of, so that it can go to any
/// task.
pub struct Prepared {
    pieces: Vec<MessagePiece>,
    /// Each place once, however often it occurs.
    places: Vec<Segment>,
    /// How much room a message takes but for what is filled in.
    room: usize,
    signing: Signing,
}

/// A piece of a message.
enum MessagePiece {
    /// The same in each.
    Fixed(String),
    /// The place of that number.
    Place(usize),
}

enum Signing {
    /// There is no key for the sender's domain.
    None,
    /// The letter is of our form.
    Shared(Box<Shared>),
    /// It is of another: each message by itself.
    Each(Signers, String),
}

impl Prepared {
    /// `letter` with the keys of `domain`, which is that of its sender.
    pub fn new(letter: &EncodedLetter, signers: &Signers, domain: &str) -> Self {
        let signing = if signers.sign_for(domain) {
            let pieces: Vec<_> = letter.segments.iter().map(form).collect();
            Shared::of(signers, domain, &pieces).map_or_else(
                || Signing::Each(signers.clone(), domain.to_owned()),
                |shared| Signing::Shared(Box::new(shared)),
            )
        } else {
            Signing::None
        };
        let mut places: Vec<Segment> = Vec::new();
        let mut numbered = |segment: &Segment| match segment {
            Segment::Fixed(piece) => MessagePiece::Fixed(piece.clone()),
            place => {
                MessagePiece::Place(places.iter().position(|known| known == place).unwrap_or_else(|| {
                    places.push(place.clone());
                    places.len() - 1
                }))
            }
        };
        let pieces = letter.segments.iter().map(&mut numbered).collect();
        Self { pieces, places, room: letter.fixed_size() + 1024, signing }
    }

    /// The whole message for one recipient, signed where there is a key, with CRLF line ends, not
    /// dot-stuffed. `now` is the signatures' time.
    ///
    /// # Errors
    /// [`PreparedError`].
    pub fn message(&self, values: &PlaceValues, now: DateTime<Utc>) -> Result<Vec<u8>, PreparedError> {
        let places = self.places.iter().map(|place| piece(place, values)).collect::<Result<Vec<_>, _>>()?;
        let place = |number: usize| places.get(number).map_or("", |place| place).as_bytes();
        let mut message = Vec::with_capacity(self.room + 2048);
        if let Signing::Shared(shared) = &self.signing {
            let numbers = self.pieces.iter().filter_map(|piece| match piece {
                MessagePiece::Fixed(_) => None,
                MessagePiece::Place(number) => Some(place(*number)),
            });
            shared.sign(&numbers.collect::<Vec<_>>(), now, &mut message)?;
        }
        for piece in &self.pieces {
            message.extend_from_slice(match piece {
                MessagePiece::Fixed(piece) => piece.as_bytes(),
                MessagePiece::Place(number) => place(*number),
            });
        }
        match &self.signing {
            Signing::Each(signers, domain) => Ok(signers.sign(domain, now, message)?),
            Signing::None | Signing::Shared(_) => Ok(message),
        }
    }

    /// Whether what its messages share is brought into form once; `false` where nothing is signed, and
    /// for a letter of a form that we do not make.
    #[cfg(test)]
    fn is_shared(&self) -> bool {
        matches!(self.signing, Signing::Shared(_))
    }
}

/// What a segment is to a signature.
fn form(segment: &Segment) -> Piece<'_> {
    match segment {
        Segment::Fixed(piece) => Piece::Fixed(piece.as_bytes()),
        Segment::Field(place) => Piece::Field(place.name()),
        Segment::Html(_) | Segment::Text(_) => Piece::Word,
    }
}

impl std::fmt::Debug for Prepared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Prepared").field("places", &self.places.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
