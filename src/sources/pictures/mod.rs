//! A picture from the web into one that is fit for mail: JPEG or PNG, at twice the width at which a
//! letter shows it, and at most [`MAX_BYTES`].
//!
//! Pure: bytes in, bytes out, and the same for the same. Promises: what the camera's orientation
//! says is applied, and all metadata are dropped; nothing is enlarged; what shines through stands on
//! white, but for drawings with few colours; of an animation the first frame is taken; a bomb, a
//! damaged or a foreign file is an error and never a panic, and costs bounded memory and time.
//! Leaves to others: fetching, and a thread of its own, since large pictures take some tenths of a
//! second. Colours count as sRGB.

mod decode;
mod encode;
mod jpeg;

use crate::domain::picture::Picture;

/// The most bytes that a picture in a letter has.
pub const MAX_BYTES: usize = 200 * 1024;
/// The most bytes of a picture that is read.
pub const MAX_SOURCE_BYTES: usize = 32 * 1024 * 1024;
/// The most pixels of a picture that is read: what large cameras make.
pub const MAX_PIXELS: u64 = 50_000_000;

/// Why there is no picture. What cannot be used here can still be shown by its own address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PictureError {
    /// The file is too large.
    #[error("the picture has {bytes} bytes; at most {MAX_SOURCE_BYTES} are read")]
    TooManyBytes {
        /// How many.
        bytes: usize,
    },
    /// It is something else.
    #[error("it is {got}; JPEG, PNG, WebP and GIF are read")]
    Unsupported {
        /// What it looks like.
        got: &'static str,
    },
    /// It would take too much memory.
    #[error("the picture has {width} × {height} pixels; at most {} million are read", MAX_PIXELS / 1_000_000)]
    TooManyPixels {
        /// Pixels.
        width: u32,
        /// Pixels.
        height: u32,
    },
    /// As [`PictureError::TooManyPixels`], of what the pixels are made from.
    #[error("the picture needs more memory than one is given")]
    TooMuchMemory,
    /// It would take too much time.
    #[error("the picture is put together from {scans} scans, which takes too long")]
    TooManyScans {
        /// How many.
        scans: usize,
    },
    /// The end is missing.
    #[error("the picture's end is missing")]
    Truncated,
    /// The decoder gave up.
    #[error("the picture is damaged ({reason})")]
    Damaged {
        /// What the decoder says.
        reason: String,
    },
    /// The encoder gave up.
    #[error("the picture cannot be encoded ({reason})")]
    NotEncoded {
        /// What the encoder says.
        reason: String,
    },
}

/// Makes of the file `bytes` a picture for a place that is `shown_width` CSS pixels wide.
///
/// # Errors
/// [`PictureError`].
pub fn fit(bytes: &[u8], shown_width: u32) -> Result<Picture, PictureError> {
    let pixels = decode::decode(bytes, shown_width.saturating_mul(2).max(1))?;
    encode::encode(pixels)
}

#[cfg(test)]
mod tests;
