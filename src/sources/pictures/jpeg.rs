//! What the decoder of JPEG files does not refuse by itself: a file without its end, of which it
//! would show the rest in grey, and one of so many scans that it would never come to an end.

use super::PictureError;

/// The most pixels times scans. A progressive photograph has about ten scans.
const MAX_EFFORT: u64 = 1_000_000_000;

/// Looks whether the file has its end (ITU T.81, B.1.1).
pub(super) fn examine(file: &[u8]) -> Result<usize, PictureError> {
    scans(file).ok_or(PictureError::Truncated)
}

/// Whether so many scans of so many pixels can be decoded in time.
pub(super) fn bound(scans: usize, pixels: u64) -> Result<(), PictureError> {
    let effort = u64::try_from(scans).ok().and_then(|scans| scans.checked_mul(pixels));
    if effort.is_some_and(|effort| effort <= MAX_EFFORT) {
        Ok(())
    } else {
        Err(PictureError::TooManyScans { scans })
    }
}

/// How many scans there are before the end; `None` where there is no end.
fn scans(file: &[u8]) -> Option<usize> {
    let mut scans = 0;
    let mut at = 2;
    loop {
        at += memchr::memchr(0xff, file.get(at..)?)?;
        match *file.get(at + 1)? {
            // The end of the image.
            0xd9 => return Some(scans),
            // Fill bytes.
            0xff => at += 1,
            // A stuffed byte, and markers without a segment.
            0x00 | 0x01 | 0xd0..=0xd8 => at += 2,
            marker => {
                // The start of a scan.
                scans += usize::from(marker == 0xda);
                let length = u16::from_be_bytes([*file.get(at + 2)?, *file.get(at + 3)?]);
                at += 2 + usize::from(length).max(2);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_thumbnail_is_not_the_end() {
        let thumbnail = [0xff, 0xd8, 0xff, 0xe1, 0, 6, 0xff, 0xd9, 0, 0];
        assert_eq!(examine(&thumbnail), Err(PictureError::Truncated));
        let whole =
            [&thumbnail[..], &[0xff, 0xda, 0, 4, 1, 1, 7, 0xff, 0, 7, 0xff, 0xd0, 7, 0xff, 0xff, 0xd9]]
                .concat();
        assert_eq!(examine(&whole), Ok(1));
        for length in 0..whole.len() {
            assert_eq!(examine(&whole[..length]), Err(PictureError::Truncated), "{length}");
        }
    }

    #[test]
    fn scans_are_bounded_by_the_work_that_they_make() {
        assert_eq!(bound(10, 50_000_000), Ok(()));
        assert_eq!(bound(100, 1_000_000), Ok(()));
        assert_eq!(bound(100, 50_000_000), Err(PictureError::TooManyScans { scans: 100 }));
        assert!(bound(usize::MAX, u64::MAX).is_err());
    }
}
