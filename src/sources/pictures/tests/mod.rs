//! Pictures that are drawn here, and what both groups of tests ask of them.

mod formats;
mod hostile;

use std::io::Cursor;

use image::codecs::gif::GifEncoder;
use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, Frame, ImageFormat, Rgb, RgbImage};

use super::MAX_BYTES;
use crate::domain::picture::{Picture, PictureKind};

/// A photograph of nothing: a gradient with grain, which no encoder makes small.
fn grain(width: u32, height: u32) -> RgbImage {
    let mut state = 1_u32;
    RgbImage::from_fn(width, height, |x, y| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let noise = state >> 26;
        let part = |at: u32, of: u32| u8::try_from(at * 190 / of + noise).unwrap();
        Rgb([part(x, width), part(y, height), part(x + y, width + height)])
    })
}

/// Two colours with a hard edge: left red, right blue; above bright, below dark.
fn quarters(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| {
        let light = if y < height / 2 { 240 } else { 90 };
        if x < width / 2 { Rgb([light, 0, 0]) } else { Rgb([0, 0, light]) }
    })
}

fn file(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut file = Cursor::new(Vec::new());
    picture.write_to(&mut file, format).unwrap();
    file.into_inner()
}

fn gif(picture: &DynamicImage) -> Vec<u8> {
    let mut file = Vec::new();
    GifEncoder::new(&mut file).encode_frame(Frame::new(picture.to_rgba8())).unwrap();
    file
}

fn jpeg(picture: &RgbImage, quality: u8) -> Vec<u8> {
    let mut file = Vec::new();
    JpegEncoder::new_with_quality(&mut file, quality).encode_image(picture).unwrap();
    file
}

fn shown(picture: &Picture) -> DynamicImage {
    let format = match picture.stored.kind {
        PictureKind::Jpeg => ImageFormat::Jpeg,
        PictureKind::Png => ImageFormat::Png,
    };
    let shown = image::load_from_memory_with_format(&picture.bytes, format).unwrap();
    assert_eq!((shown.width(), shown.height()), (picture.stored.width, picture.stored.height));
    assert!(picture.bytes.len() <= MAX_BYTES, "{}", picture.bytes.len());
    shown
}

/// Whether two colours look the same.
fn near(one: [u8; 3], other: [u8; 3]) -> bool {
    one.iter().zip(other).all(|(one, other)| one.abs_diff(other) <= 12)
}

fn colour(picture: &DynamicImage, x: u32, y: u32) -> [u8; 3] {
    picture.to_rgb8().get_pixel(x, y).0
}
