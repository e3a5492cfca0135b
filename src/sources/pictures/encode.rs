//! From pixels, whose colours are premultiplied, to a file that is small enough: a drawing stays a
//! PNG, all else becomes a JPEG whose quality and then whose size gives way.

use std::collections::HashSet;

use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::imageops;
use image::{ExtendedColorType, ImageEncoder as _, ImageError, RgbImage, RgbaImage};

use super::{MAX_BYTES, PictureError};
use crate::domain::picture::{Picture, PictureKind};

/// Tried in this order: the first that is small enough is taken.
const QUALITIES: [u8; 5] = [85, 78, 70, 62, 54];
/// A drawing has at most so many colours, of which 4,096 are told apart.
const FEW_COLOURS: usize = 128;

/// The smallest file that shows `pixels` well.
pub(super) fn encode(pixels: RgbaImage) -> Result<Picture, PictureError> {
    let (width, height) = pixels.dimensions();
    let shines_through = pixels.pixels().any(|pixel| pixel.0[3] < 255);
    let drawing = if has_few_colours(&pixels) { Some(png(&pixels)?) } else { None };
    let drawing = drawing.filter(|file| file.len() <= MAX_BYTES);
    let keep = |file| Picture::new(PictureKind::Png, width, height, file);
    if shines_through && let Some(file) = drawing {
        return Ok(keep(file));
    }
    let on_white = on_white(&pixels);
    drop(pixels);
    let photograph = photograph(on_white)?;
    Ok(match drawing {
        Some(file) if file.len() <= photograph.bytes.len() => keep(file),
        _ => photograph,
    })
}

/// A JPEG of at most [`MAX_BYTES`].
fn photograph(mut pixels: RgbImage) -> Result<Picture, PictureError> {
    loop {
        let (width, height) = pixels.dimensions();
        for quality in QUALITIES {
            let file = jpeg(&pixels, quality)?;
            if file.len() <= MAX_BYTES {
                return Ok(Picture::new(PictureKind::Jpeg, width, height, file));
            }
        }
        // A few hundred pixels always fit, so that this comes to an end.
        let less = |side: u32| (side / 5 * 4 + side % 5 * 4 / 5).max(1);
        pixels = imageops::resize(&pixels, less(width), less(height), imageops::FilterType::CatmullRom);
    }
}

fn has_few_colours(pixels: &RgbaImage) -> bool {
    let mut colours = HashSet::with_capacity(FEW_COLOURS + 1);
    let mut last = None;
    for pixel in pixels.pixels() {
        let colour = pixel.0.map(|part| part >> 4);
        if last != Some(colour) {
            last = Some(colour);
            colours.insert(colour);
            if colours.len() > FEW_COLOURS {
                return false;
            }
        }
    }
    true
}

fn on_white(pixels: &RgbaImage) -> RgbImage {
    RgbImage::from_fn(pixels.width(), pixels.height(), |x, y| {
        let [red, green, blue, alpha] = pixels.get_pixel(x, y).0;
        image::Rgb([red, green, blue].map(|part| part.saturating_add(255 - alpha)))
    })
}

/// As PNG: without an alpha channel where nothing shines through.
fn png(pixels: &RgbaImage) -> Result<Vec<u8>, PictureError> {
    let mut file = Vec::new();
    let encoder = PngEncoder::new_with_quality(&mut file, CompressionType::Best, FilterType::Adaptive);
    let (width, height) = pixels.dimensions();
    let written = if pixels.pixels().any(|pixel| pixel.0[3] < 255) {
        let plain: Vec<u8> = pixels.pixels().flat_map(|pixel| divided(pixel.0)).collect();
        encoder.write_image(&plain, width, height, ExtendedColorType::Rgba8)
    } else {
        encoder.write_image(on_white(pixels).as_raw(), width, height, ExtendedColorType::Rgb8)
    };
    written.map_err(|error| not_encoded(&error))?;
    Ok(file)
}

/// The colour as PNG has it: not premultiplied.
fn divided([red, green, blue, alpha]: [u8; 4]) -> [u8; 4] {
    let part = |value: u8| {
        let divided =
            (u16::from(value) * 255 + u16::from(alpha) / 2).checked_div(u16::from(alpha)).unwrap_or(0);
        u8::try_from(divided).unwrap_or(u8::MAX)
    };
    [part(red), part(green), part(blue), alpha]
}

fn jpeg(pixels: &RgbImage, quality: u8) -> Result<Vec<u8>, PictureError> {
    let mut file = Vec::new();
    let encoder = JpegEncoder::new_with_quality(&mut file, quality);
    let (width, height) = pixels.dimensions();
    encoder
        .write_image(pixels.as_raw(), width, height, ExtendedColorType::Rgb8)
        .map_err(|error| not_encoded(&error))?;
    Ok(file)
}

fn not_encoded(error: &ImageError) -> PictureError {
    PictureError::NotEncoded { reason: error.to_string() }
}
