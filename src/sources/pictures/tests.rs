//! Each format, each oddity, and what must not be read. All pictures are drawn here.

use std::io::Cursor;
use std::time::{Duration, Instant};

use image::codecs::gif::GifEncoder;
use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::PngEncoder;
use image::codecs::webp::WebPEncoder;
use image::{DynamicImage, Frame, ImageEncoder, ImageFormat, Rgb, RgbImage, Rgba, RgbaImage};

use super::*;
use crate::domain::picture::PictureKind;

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

#[test]
fn each_format_is_read_and_made_twice_as_wide_as_shown() {
    let source = DynamicImage::ImageRgb8(grain(900, 600));
    for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP, ImageFormat::Gif] {
        let bytes = if format == ImageFormat::Gif {
            file(&DynamicImage::ImageRgba8(source.to_rgba8()), format)
        } else {
            file(&source, format)
        };
        let picture = fit(&bytes, 128).unwrap();
        assert_eq!((picture.stored.width, picture.stored.height), (256, 171), "{format:?}");
        assert_eq!(picture.stored.kind, PictureKind::Jpeg);
        let shown = shown(&picture);
        for (x, y) in [(128, 85), (20, 150), (240, 20)] {
            let original = colour(&source.thumbnail_exact(256, 171), x, y);
            let found = colour(&shown, x, y);
            assert!(
                original.iter().zip(found).all(|(one, two)| one.abs_diff(two) <= 40),
                "{format:?} {original:?} {found:?}"
            );
        }
    }
}

#[test]
fn nothing_is_enlarged() {
    let picture = fit(&jpeg(&grain(300, 200), 90), 536).unwrap();
    assert_eq!((picture.stored.width, picture.stored.height), (300, 200));
    let dot = fit(&file(&DynamicImage::ImageRgb8(RgbImage::new(1, 1)), ImageFormat::Png), 536).unwrap();
    assert_eq!((dot.stored.width, dot.stored.height), (1, 1));
    let line = fit(&file(&DynamicImage::ImageRgb8(RgbImage::new(3000, 1)), ImageFormat::Png), 128).unwrap();
    assert_eq!((line.stored.width, line.stored.height), (256, 1));
}

#[test]
fn a_hero_of_four_megabytes_becomes_small_and_quickly_so() {
    let hero = jpeg(&grain(3200, 2100), 95);
    assert!(hero.len() > 4_000_000, "{}", hero.len());
    let started = Instant::now();
    let picture = fit(&hero, 536).unwrap();
    let took = started.elapsed();
    println!("a JPEG of {} bytes: {} bytes in {took:?}", hero.len(), picture.bytes.len());
    // Far more than it takes, also unoptimised on a busy machine.
    assert!(took < Duration::from_secs(20), "{took:?}");
    assert!(picture.stored.width <= 1072 && picture.stored.width > 500, "{:?}", picture.stored);
    shown(&picture);
    assert_eq!(fit(&hero, 536).unwrap(), picture, "the same bytes give the same picture");

    let webp = file(&DynamicImage::ImageRgb8(grain(1600, 900)), ImageFormat::WebP);
    let started = Instant::now();
    let picture = fit(&webp, 536).unwrap();
    println!("a WebP of {} bytes: {} bytes in {:?}", webp.len(), picture.bytes.len(), started.elapsed());
    shown(&picture);
}

/// A JPEG with a note of its orientation (EXIF 2.32, 4.6.4).
fn turned(picture: &RgbImage, orientation: u8) -> Vec<u8> {
    let mut exif = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0".to_vec();
    exif.extend([orientation, 0, 0, 0, 0, 0, 0, 0]);
    let mut file = Vec::new();
    let mut encoder = JpegEncoder::new_with_quality(&mut file, 95);
    encoder.set_exif_metadata(exif).unwrap();
    encoder
        .write_image(picture.as_raw(), picture.width(), picture.height(), image::ExtendedColorType::Rgb8)
        .unwrap();
    file
}

#[test]
fn what_the_camera_says_of_up_and_down_is_done_and_then_forgotten() {
    let source = quarters(400, 200);
    // Where the top left quarter, bright red, stands afterwards: right, down.
    for (orientation, right, down) in [
        (1, false, false),
        (2, true, false),
        (3, true, true),
        (4, false, true),
        (5, false, false),
        (6, true, false),
        (7, true, true),
        (8, false, true),
    ] {
        let picture = fit(&turned(&source, orientation), 50).unwrap();
        let lies = orientation >= 5;
        let (width, height) = if lies { (100, 200) } else { (100, 50) };
        assert_eq!((picture.stored.width, picture.stored.height), (width, height), "{orientation}");
        let x = if right { width * 3 / 4 } else { width / 4 };
        let y = if down { height * 3 / 4 } else { height / 4 };
        let found = colour(&shown(&picture), x, y);
        assert!(near(found, [240, 0, 0]), "{orientation}: {found:?}");
        assert!(!picture.bytes.windows(4).any(|four| four == b"Exif" || four == b"eXIf"), "{orientation}");
    }
}

#[test]
fn a_photograph_that_shines_through_stands_on_white() {
    let grain = grain(600, 400);
    let source = RgbaImage::from_fn(600, 400, |x, y| {
        let Rgb([red, green, blue]) = *grain.get_pixel(x, y);
        // What nobody sees is black: it must not bleed into what is seen.
        if x < 300 { Rgba([red, green, blue, 255]) } else { Rgba([0, 0, 0, 0]) }
    });
    let picture = fit(&file(&DynamicImage::ImageRgba8(source), ImageFormat::Png), 150).unwrap();
    assert_eq!(picture.stored.kind, PictureKind::Jpeg);
    let shown = shown(&picture);
    assert!(near(colour(&shown, 250, 100), [255; 3]));
    assert!(colour(&shown, 20, 20)[0] < 120);
}

#[test]
fn a_logo_stays_what_it_is() {
    let source = RgbaImage::from_fn(800, 800, |x, y| {
        let inside = x.abs_diff(400).pow(2) + y.abs_diff(400).pow(2) < 90_000;
        if inside { Rgba([154, 38, 23, 255]) } else { Rgba([255, 255, 255, 0]) }
    });
    for format in [ImageFormat::Png, ImageFormat::WebP] {
        let picture = fit(&file(&DynamicImage::ImageRgba8(source.clone()), format), 110).unwrap();
        assert_eq!((picture.stored.kind, picture.stored.width), (PictureKind::Png, 220), "{format:?}");
        assert!(picture.bytes.len() < 20_000);
        let shown = shown(&picture).to_rgba8();
        assert_eq!(shown.get_pixel(110, 110).0, [154, 38, 23, 255]);
        assert_eq!(shown.get_pixel(2, 2).0[3], 0);
        // No white seam: the colour of the edge is that of what it is the edge of.
        let seam = shown.pixels().filter(|pixel| (40..215).contains(&pixel.0[3]));
        assert!(seam.clone().count() > 20);
        assert!(seam.into_iter().all(|pixel| near([pixel.0[0], pixel.0[1], pixel.0[2]], [154, 38, 23])));
    }
    // A chart without any transparency is sharper as PNG, and smaller.
    let chart = fit(&file(&DynamicImage::ImageRgb8(quarters(1200, 600)), ImageFormat::Png), 536).unwrap();
    assert_eq!(chart.stored.kind, PictureKind::Png);
}

#[test]
fn grey_and_sixteen_bits_are_read() {
    let grain = DynamicImage::ImageRgb8(grain(300, 200));
    for source in [
        DynamicImage::ImageLuma8(grain.to_luma8()),
        DynamicImage::ImageLumaA8(grain.to_luma_alpha8()),
        DynamicImage::ImageLuma16(grain.to_luma16()),
        DynamicImage::ImageRgb16(grain.to_rgb16()),
        DynamicImage::ImageRgba16(grain.to_rgba16()),
    ] {
        let picture = fit(&file(&source, ImageFormat::Png), 64).unwrap();
        let (found, expected) = (shown(&picture), source.thumbnail_exact(128, 85));
        let (found, expected) = (colour(&found, 64, 42), colour(&expected, 64, 42));
        assert!(found.iter().zip(expected).all(|(one, two)| one.abs_diff(two) <= 40), "{source:?}");
    }
    let mut grey = Vec::new();
    let encoder = JpegEncoder::new_with_quality(&mut grey, 90);
    encoder.write_image(grain.to_luma8().as_raw(), 300, 200, image::ExtendedColorType::L8).unwrap();
    shown(&fit(&grey, 64).unwrap());
}

/// A JPEG of one block in four inks, as Adobe's programs write it: 255 is none of an ink.
fn four_inks(inks: [u8; 4]) -> Vec<u8> {
    let mut file = vec![0xff, 0xd8];
    let mut segment = |marker: u8, body: &[u8]| {
        let length = u16::try_from(body.len() + 2).unwrap().to_be_bytes();
        file.extend([0xff, marker, length[0], length[1]]);
        file.extend(body);
    };
    segment(0xee, b"Adobe\0\x64\0\0\0\0\0");
    segment(0xdb, &[vec![0], vec![1; 64]].concat());
    segment(0xc0, &[8, 0, 8, 0, 8, 4, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0, 4, 0x11, 0]);
    // Twelve codes of four bits for differences, one of one bit for the end of the block.
    segment(
        0xc4,
        &[&[0x00, 0, 0, 0, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0][..], &(0..12).collect::<Vec<u8>>()]
            .concat(),
    );
    segment(0xc4, &[0x10, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x00]);
    segment(0xda, &[4, 1, 0, 2, 0, 3, 0, 4, 0, 0, 63, 0]);
    let mut bits = String::new();
    for ink in inks {
        let level = (i32::from(ink) - 128) * 8;
        let size = 32 - level.unsigned_abs().leading_zeros();
        let value = if level < 0 { level + (1 << size) - 1 } else { level };
        bits += &format!("{size:04b}");
        if size > 0 {
            bits += &format!("{value:0width$b}", width = usize::try_from(size).unwrap());
        }
        bits += "0";
    }
    while bits.len() % 8 != 0 {
        bits += "1";
    }
    for byte in bits.as_bytes().chunks(8) {
        let byte = u8::from_str_radix(std::str::from_utf8(byte).unwrap(), 2).unwrap();
        file.push(byte);
        if byte == 0xff {
            file.push(0);
        }
    }
    file.extend([0xff, 0xd9]);
    file
}

#[test]
fn four_inks_are_turned_into_light() {
    for (inks, light) in
        [([200, 40, 40, 255], [200, 40, 40]), ([255, 255, 255, 255], [255; 3]), ([255, 255, 255, 0], [0; 3])]
    {
        let picture = fit(&four_inks(inks), 100).unwrap();
        let found = colour(&shown(&picture), 4, 4);
        assert!(near(found, light), "{inks:?}: {found:?}");
    }
}

#[test]
fn of_an_animation_the_first_frame_is_taken() {
    let frame = |colour| Frame::new(RgbaImage::from_pixel(300, 200, Rgba(colour)));
    let mut file = Vec::new();
    let mut encoder = GifEncoder::new(&mut file);
    encoder.encode_frames([frame([200, 0, 0, 255]), frame([0, 0, 200, 255])]).unwrap();
    drop(encoder);
    let picture = fit(&file, 100).unwrap();
    assert_eq!(picture.stored.width, 200);
    assert!(near(colour(&shown(&picture), 100, 60), [200, 0, 0]));
}

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
    let mut gif = Vec::new();
    GifEncoder::new(&mut gif).encode_frame(Frame::new(source.to_rgba8())).unwrap();
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
    let mut gif = Vec::new();
    GifEncoder::new(&mut gif).encode_frame(Frame::new(small.to_rgba8())).unwrap();
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
    // A header that is just within the limits, with nothing behind it.
    for bomb in bombs(7_000, 7_000) {
        let started = Instant::now();
        let is_read = fit(&bomb, 128).is_ok();
        println!("49 million pixels of {:?}: read: {is_read}, {:?}", &bomb[..4], started.elapsed());
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
    let mut gif = Vec::new();
    GifEncoder::new(&mut gif).encode_frame(Frame::new(source.to_rgba8())).unwrap();
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
