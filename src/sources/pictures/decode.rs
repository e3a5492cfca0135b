//! From a file to upright pixels of the wanted width. Colours are premultiplied: what is fully
//! transparent has no colour that could bleed into its neighbours.

use std::io::Cursor;

use image::imageops::FilterType;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits, RgbaImage};

use super::{MAX_PIXELS, MAX_SOURCE_BYTES, PictureError, jpeg};
use crate::sources::plain_text::shorten;

/// The longest side that is read; as long as any JPEG's can be.
const MAX_SIDE: u32 = 65_535;
/// The most memory for the decoded picture: [`MAX_PIXELS`] of four bytes, and room to work.
const MAX_MEMORY: u64 = 256 * 1024 * 1024;

/// Upright pixels of `file`, at most `width` wide, colours premultiplied.
pub(super) fn decode(file: &[u8], width: u32) -> Result<RgbaImage, PictureError> {
    if file.len() > MAX_SOURCE_BYTES {
        return Err(PictureError::TooManyBytes { bytes: file.len() });
    }
    let format = format(file)?;
    let scans = if format == ImageFormat::Jpeg { jpeg::examine(file)? } else { 1 };
    let mut limits = Limits::no_limits();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(MAX_MEMORY);
    let mut reader = ImageReader::with_format(Cursor::new(file), format);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(|error| damaged(&error))?;
    let (across, down) = decoder.dimensions();
    let pixels = u64::from(across) * u64::from(down);
    if pixels > MAX_PIXELS || decoder.total_bytes() > MAX_MEMORY {
        return Err(PictureError::TooManyPixels { width: across, height: down });
    }
    if pixels == 0 {
        return Err(PictureError::Damaged { reason: "it has no pixels".to_owned() });
    }
    jpeg::bound(scans, pixels)?;
    // A damaged note on the orientation is none.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let decoded = DynamicImage::from_decoder(decoder).map_err(|error| damaged(&error))?;
    let mut upright = scaled(decoded, width, orientation);
    upright.apply_orientation(orientation);
    Ok(upright.into_rgba8())
}

/// What the file's first bytes say that it is.
fn format(file: &[u8]) -> Result<ImageFormat, PictureError> {
    match image::guess_format(file) {
        Ok(format @ (ImageFormat::Jpeg | ImageFormat::Png | ImageFormat::WebP | ImageFormat::Gif)) => {
            Ok(format)
        }
        Ok(ImageFormat::Avif) => Err(PictureError::Unsupported { got: "an AVIF picture" }),
        Ok(_) => Err(PictureError::Unsupported { got: "a picture of another format" }),
        Err(_) => Err(PictureError::Unsupported { got: otherwise(file) }),
    }
}

/// What a file is that no decoder knows.
fn otherwise(file: &[u8]) -> &'static str {
    let start = String::from_utf8_lossy(&file[..file.len().min(1024)]).to_ascii_lowercase();
    let start = start.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n']);
    if start.is_empty() {
        "empty"
    } else if start.contains("<svg") {
        "an SVG drawing"
    } else if start.starts_with('<') {
        "a page, not a picture"
    } else {
        "no picture"
    }
}

/// At most `width` wide once it is upright.
fn scaled(picture: DynamicImage, width: u32, orientation: Orientation) -> DynamicImage {
    let lies = matches!(
        orientation,
        Orientation::Rotate90
            | Orientation::Rotate270
            | Orientation::Rotate90FlipH
            | Orientation::Rotate270FlipH
    );
    let (across, down) = (picture.width(), picture.height());
    let upright_width = if lies { down } else { across };
    let to = |side: u32| {
        let scaled = u64::from(side) * u64::from(width) + u64::from(upright_width) / 2;
        u32::try_from(scaled / u64::from(upright_width)).unwrap_or(side).max(1)
    };
    let picture = if picture.color().has_alpha() { premultiplied(picture) } else { picture };
    if upright_width <= width {
        return picture;
    }
    let (to_across, to_down) = (to(across), to(down));
    // Averages over whole boxes are fast; a finer filter then needs to look at few pixels.
    let nearer = if across / 3 > to_across && down / 3 > to_down {
        picture.thumbnail_exact(2 * to_across, 2 * to_down)
    } else {
        picture
    };
    nearer.resize_exact(to_across, to_down, FilterType::CatmullRom)
}

fn premultiplied(picture: DynamicImage) -> DynamicImage {
    let mut pixels = picture.into_rgba8();
    for pixel in pixels.pixels_mut() {
        let [red, green, blue, alpha] = pixel.0;
        if alpha < 255 {
            pixel.0 = [share(red, alpha), share(green, alpha), share(blue, alpha), alpha];
        }
    }
    DynamicImage::ImageRgba8(pixels)
}

/// `value` × `alpha` / 255, rounded.
fn share(value: u8, alpha: u8) -> u8 {
    let product = u16::from(value) * u16::from(alpha) + 127;
    u8::try_from(product / 255).unwrap_or(u8::MAX)
}

fn damaged(error: &ImageError) -> PictureError {
    match error {
        ImageError::IoError(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
            PictureError::Truncated
        }
        ImageError::Limits(_) => PictureError::TooMuchMemory,
        _ => PictureError::Damaged { reason: shorten(&error.to_string(), 200) },
    }
}
