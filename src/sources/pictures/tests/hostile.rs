//! What must not be read, and what must not take long.

use std::time::{Duration, Instant};

use image::codecs::png::PngEncoder;
use image::codecs::webp::WebPEncoder;
use image::{DynamicImage, ImageEncoder as _, ImageFormat};

use super::{file, gif, grain, quarters};
use crate::sources::pictures::{MAX_SOURCE_BYTES, PictureError, fit};

#[test]
fn what_is_no_picture_of_ours_is_named() {
    for (bytes, what) in [
        (&b"<?xml version=\"1.0\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\"/>"[..], "an SVG drawing"),
        (b"\0\0\0\x20ftypavif\0\0\0\0avifmif1", "an AVIF picture"),
        (b"<!doctype html><title>Sign in</title>", "a page, not a picture"),
        (b"", "empty"),
        (b"hello", "no picture"),
        (b"BM\0\0\0\0\0\0\0\0\0\0\0\0", "a picture of another format"),
    ] {
        assert_eq!(fit(bytes, 128), Err(PictureError::Unsupported { got: what }));
    }
}

#[test]
fn a_file_that_ends_too_soon_is_no_picture() {
    let source = DynamicImage::ImageRgb8(grain(120, 80));
    let gif = gif(&source);
    let files = [
        file(&source, ImageFormat::Jpeg),
        file(&source, ImageFormat::Png),
        file(&source, ImageFormat::WebP),
        gif,
    ];
    for whole in files {
        fit(&whole, 64).unwrap();
        for length in (0..whole.len() * 9 / 10).step_by(whole.len() / 40) {
            assert!(
                fit(&whole[..length], 64).is_err(),
                "{length} of {} bytes: {:?}",
                whole.len(),
                &whole[..4]
            );
        }
    }
}

/// A file whose header claims `width` × `height` pixels: a few bytes that would become gigabytes.
fn bombs(width: u16, height: u16) -> Vec<Vec<u8>> {
    let (w, h) = (width.to_be_bytes(), height.to_be_bytes());
    let small = DynamicImage::ImageRgb8(quarters(8, 8));
    let mut png = Vec::new();
    {
        let mut encoder = png::Encoder::new(&mut png, u32::from(width), u32::from(height));
        encoder.set_color(png::ColorType::Rgb);
        let mut file = encoder.write_header().unwrap();
        file.write_chunk(png::chunk::IDAT, &[0x78, 0x9c]).unwrap();
    }
    let mut gif = gif(&small);
    gif[6..10].copy_from_slice(&[w[1], w[0], h[1], h[0]]);
    let mut jpeg = file(&small, ImageFormat::Jpeg);
    let frame = jpeg.windows(2).position(|two| two == [0xff, 0xc0]).unwrap();
    jpeg[frame + 5..frame + 9].copy_from_slice(&[h[0], h[1], w[0], w[1]]);
    vec![png, gif, jpeg]
}

#[test]
fn a_bomb_is_refused_before_it_goes_off() {
    for bomb in bombs(60_000, 60_000).into_iter().chain(bombs(50_001, 1_000)) {
        let started = Instant::now();
        assert!(matches!(fit(&bomb, 128), Err(PictureError::TooManyPixels { .. })), "{:?}", &bomb[..4]);
        assert!(started.elapsed() < Duration::from_secs(1));
    }
    // A header that is within the limits, with nothing behind it.
    for bomb in bombs(4_000, 4_000) {
        let started = Instant::now();
        let is_read = fit(&bomb, 128).is_ok();
        println!("16 million pixels of {:?}: read: {is_read}, {:?}", &bomb[..4], started.elapsed());
        // Far more than it takes, also unoptimised on a busy machine.
        assert!(started.elapsed() < Duration::from_secs(120), "{:?}", started.elapsed());
    }
    let large = vec![0xff; MAX_SOURCE_BYTES + 1];
    assert_eq!(fit(&large, 128), Err(PictureError::TooManyBytes { bytes: MAX_SOURCE_BYTES + 1 }));
}

#[test]
fn many_scans_of_many_pixels_are_refused() {
    let mut jpeg = file(&DynamicImage::ImageRgb8(quarters(8, 8)), ImageFormat::Jpeg);
    let frame = jpeg.windows(2).position(|two| two == [0xff, 0xc0]).unwrap();
    jpeg[frame + 5..frame + 9].copy_from_slice(&[0x1b, 0x58, 0x1b, 0x58]);
    let scan = jpeg.windows(2).position(|two| two == [0xff, 0xda]).unwrap();
    let again = jpeg[scan..jpeg.len() - 2].to_vec();
    for _ in 0..50 {
        jpeg.splice(scan..scan, again.iter().copied());
    }
    assert_eq!(fit(&jpeg, 128), Err(PictureError::TooManyScans { scans: 51 }));
}

#[test]
fn damaged_bytes_never_make_it_panic() {
    let source = DynamicImage::ImageRgb8(grain(48, 32));
    let gif = gif(&source);
    let mut webp = Vec::new();
    WebPEncoder::new_lossless(&mut webp)
        .encode(source.to_rgba8().as_raw(), 48, 32, image::ExtendedColorType::Rgba8)
        .unwrap();
    let mut png = Vec::new();
    PngEncoder::new(&mut png).write_image(source.as_bytes(), 48, 32, image::ExtendedColorType::Rgb8).unwrap();
    let mut state = 7_usize;
    let mut chance = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    let mut read = 0;
    for whole in [file(&source, ImageFormat::Jpeg), png, webp, gif] {
        for _ in 0..150 {
            let mut damaged = whole.clone();
            for _ in 0..=chance(4) {
                let at = chance(damaged.len());
                damaged[at] = u8::try_from(chance(256)).unwrap();
            }
            read += usize::from(fit(&damaged, 16).is_ok());
        }
    }
    println!("{read} of 600 damaged pictures could be read");
}
