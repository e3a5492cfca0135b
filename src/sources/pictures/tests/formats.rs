//! Each format, and each oddity that a picture may have.

use std::time::{Duration, Instant};

use image::codecs::gif::GifEncoder;
use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, Frame, ImageEncoder as _, ImageFormat, Rgb, RgbImage, Rgba, RgbaImage};

use super::{colour, file, gif, grain, jpeg, near, quarters, shown};
use crate::domain::picture::PictureKind;
use crate::sources::pictures::fit;

#[test]
fn each_format_is_read_and_made_twice_as_wide_as_shown() {
    let source = DynamicImage::ImageRgb8(grain(900, 600));
    for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP, ImageFormat::Gif] {
        let bytes = if format == ImageFormat::Gif { gif(&source) } else { file(&source, format) };
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
    assert!(took < Duration::from_secs(120), "{took:?}");
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
    while !bits.len().is_multiple_of(8) {
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
