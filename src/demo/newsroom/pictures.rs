//! The stories' pictures: small landscapes, drawn when somebody asks for them, so that the demo
//! needs neither a network nor files. Mail programs show PNG everywhere, and SVG hardly anywhere.

use serde::Deserialize;

use super::noise::fraction;

/// One story's picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DemoPicture {
    /// The story's key; pictures of one scene differ by it.
    pub name: String,
    /// What is drawn.
    pub scene: Scene,
}

/// What a picture shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scene {
    /// Where.
    pub place: Place,
    /// When.
    pub light: Light,
}

/// What stands before the hills.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Place {
    /// Water that mirrors them.
    River,
    /// More hills.
    Hills,
    /// Roofs.
    Town,
}

/// The time of day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Light {
    /// Pale and misty.
    Morning,
    /// Bright.
    Noon,
    /// Red.
    Evening,
    /// Dark, with stars.
    Night,
}

impl DemoPicture {
    /// Pixels: as wide as a letter.
    pub const WIDTH: u32 = 600;
    /// Pixels: 16 to 9.
    pub const HEIGHT: u32 = 338;

    /// The picture as a PNG file.
    ///
    /// # Errors
    /// What the encoder says; writing to memory gives it no reason to.
    pub fn png(&self) -> Result<Vec<u8>, png::EncodingError> {
        let landscape = Landscape::new(self);
        let pixels: Vec<u8> = (0..Self::HEIGHT)
            .flat_map(|y| (0..Self::WIDTH).map(move |x| (x, y)))
            .flat_map(|(x, y)| landscape.colour_at(x, y).bytes())
            .collect();
        let mut file = Vec::new();
        let mut encoder = png::Encoder::new(&mut file, Self::WIDTH, Self::HEIGHT);
        encoder.set_color(png::ColorType::Rgb);
        encoder.write_header()?.write_image_data(&pixels)?;
        Ok(file)
    }
}

/// Red, green and blue, each `0.0..=255.0`.
#[derive(Clone, Copy)]
struct Colour([f64; 3]);

impl Colour {
    const fn hex(rgb: u32) -> Self {
        let [_, red, green, blue] = rgb.to_be_bytes();
        Self([red as f64, green as f64, blue as f64])
    }

    /// A mixture with `share` (`0.0..=1.0`) of `other` in it.
    fn mixed(self, other: Self, share: f64) -> Self {
        let (Self([r, g, b]), Self([s, h, c])) = (self, other);
        let mix = |one: f64, two: f64| one + (two - one) * share.clamp(0.0, 1.0);
        Self([mix(r, s), mix(g, h), mix(b, c)])
    }

    fn bytes(self) -> [u8; 3] {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "`as` saturates")]
        self.0.map(|part| part.round() as u8)
    }
}

/// The colours of a time of day.
struct Palette {
    zenith: Colour,
    horizon: Colour,
    far: Colour,
    near: Colour,
    sun: Colour,
    window: Colour,
}

const fn palette(light: Light) -> Palette {
    let [zenith, horizon, far, near, sun, window] = match light {
        Light::Morning => [0x8f_b8d8, 0xfb_e3c4, 0xb9_c4cf, 0x3f_6b5c, 0xff_f3d6, 0x9f_b9b4],
        Light::Noon => [0x4f_9bd9, 0xd7_ecf7, 0x9c_c3b0, 0x2f_7a4a, 0xff_fbe6, 0xbf_dcd0],
        Light::Evening => [0x40_426f, 0xf4_a261, 0xa8_6f7d, 0x2d_2a45, 0xff_d9a0, 0xff_c46b],
        Light::Night => [0x0b_1530, 0x2c_4a78, 0x24_365c, 0x0a_1226, 0xf3_f1dc, 0xff_d27a],
    };
    Palette {
        zenith: Colour::hex(zenith),
        horizon: Colour::hex(horizon),
        far: Colour::hex(far),
        near: Colour::hex(near),
        sun: Colour::hex(sun),
        window: Colour::hex(window),
    }
}

/// A ridge from edge to edge, and all below it in one colour.
struct Layer {
    colour: Colour,
    /// For each column, how far below the picture's upper edge the ridge lies.
    ridge: Vec<f64>,
}

/// A house of the front row.
struct House {
    left: f64,
    width: f64,
    eaves: f64,
    gable: f64,
}

struct Landscape<'a> {
    picture: &'a DemoPicture,
    palette: Palette,
    sun: (f64, f64, f64),
    /// From far to near.
    layers: Vec<Layer>,
    houses: Vec<House>,
    /// Below this line lies water.
    shore: f64,
}

const WIDTH: f64 = DemoPicture::WIDTH as f64;
const HEIGHT: f64 = DemoPicture::HEIGHT as f64;

impl<'a> Landscape<'a> {
    fn new(picture: &'a DemoPicture) -> Self {
        let palette = palette(picture.scene.light);
        let chance = |number| fraction(&picture.name, number);
        let altitude = match picture.scene.light {
            Light::Morning | Light::Evening => 0.42,
            Light::Noon | Light::Night => 0.2,
        };
        let sun = (WIDTH * (0.2 + 0.6 * chance(0)), HEIGHT * altitude, 22.0);
        let mut layers: Vec<_> = (0..4).map(|depth| hills(&palette, depth, chance)).collect();
        let houses = if picture.scene.place == Place::Town { row_of_houses(chance) } else { Vec::new() };
        if !houses.is_empty() {
            layers.push(Layer { colour: palette.near.mixed(palette.zenith, 0.12), ridge: roofs(&houses) });
        }
        let shore = if picture.scene.place == Place::River { HEIGHT * 0.72 } else { HEIGHT };
        Self { picture, palette, sun, layers, houses, shore }
    }

    fn colour_at(&self, column: u32, row: u32) -> Colour {
        let (x, y) = (f64::from(column), f64::from(row));
        if y < self.shore {
            return self.above_water(column, y);
        }
        // Water mirrors what stands above it, darker towards us, and broken by ripples.
        let depth = (y - self.shore) / (HEIGHT - self.shore);
        let ripple = (y * 0.9 + (x * 0.05 + y * 0.3).sin() * 2.0).sin() * (1.0 + 3.0 * depth);
        let mirrored =
            self.above_water(column, (self.shore - (y - self.shore) * 1.8 + ripple).min(self.shore));
        mirrored.mixed(self.palette.zenith, 0.25 + 0.35 * depth)
    }

    fn above_water(&self, column: u32, y: f64) -> Colour {
        let x = f64::from(column);
        let mut colour = self.sky(x, y);
        for layer in &self.layers {
            let Some(ridge) = layer.ridge.get(column as usize) else { continue };
            // Mist lies in the valleys.
            let mist = ((y - ridge) / HEIGHT * 1.4).clamp(0.0, 0.35);
            colour = colour.mixed(layer.colour.mixed(self.palette.horizon, mist), y + 0.5 - ridge);
        }
        if self.is_window(x, y) { self.palette.window } else { colour }
    }

    fn sky(&self, x: f64, y: f64) -> Colour {
        let colour = self.palette.zenith.mixed(self.palette.horizon, y / (HEIGHT * 0.6));
        let (sun_x, sun_y, radius) = self.sun;
        let distance = (x - sun_x).hypot(y - sun_y);
        let glow = 0.5 / (1.0 + (distance / (2.5 * radius)).powi(2));
        let colour = colour.mixed(self.palette.sun, glow).mixed(self.palette.sun, radius + 0.5 - distance);
        let cell = (x / 2.0).floor() + (y / 2.0).floor() * WIDTH;
        if self.picture.scene.light == Light::Night && fraction("stars", whole(cell)) > 0.9985 {
            return colour.mixed(self.palette.sun, 0.8);
        }
        colour
    }

    /// Windows stand in rows of two or three; by night not all of them are lit.
    fn is_window(&self, x: f64, y: f64) -> bool {
        let Some(house) =
            self.houses.iter().find(|house| (house.left..house.left + house.width).contains(&x))
        else {
            return false;
        };
        let (across, down) = (x - house.left, y - house.eaves);
        let columns = (house.width / 22.0).floor();
        let pitch = house.width / columns;
        let (column, row) = ((across / pitch).floor(), (down / 28.0).floor());
        let inside = |at: f64, size: f64, pane: f64| ((at % size) - size / 2.0).abs() < pane / 2.0;
        let lit = match self.picture.scene.light {
            Light::Morning | Light::Noon => true,
            Light::Evening | Light::Night => {
                fraction(&self.picture.name, whole(house.left * 64.0 + column * 8.0 + row)) > 0.4
            }
        };
        down >= 0.0 && inside(across, pitch, 8.0) && inside(down, 28.0, 12.0) && lit
    }
}

/// The hills at a depth from 0, the farthest, to 3.
fn hills(palette: &Palette, depth: u8, chance: impl Fn(i64) -> f64) -> Layer {
    let (nearness, number) = (f64::from(depth) / 3.0, i64::from(depth) * 10);
    let base = HEIGHT * (0.48 + 0.3 * nearness);
    let wave = |x: f64, length: f64, height: f64, which: i64| {
        height * (x / length + std::f64::consts::TAU * chance(number + which)).sin()
    };
    let ridge = (0..DemoPicture::WIDTH).map(f64::from).map(|x| {
        base + wave(x, 120.0, 24.0, 1) + wave(x, 52.0, 10.0, 2) + wave(x, 17.0, 3.0 * (1.0 - nearness), 3)
    });
    Layer { colour: palette.far.mixed(palette.near, nearness), ridge: ridge.collect() }
}

fn row_of_houses(chance: impl Fn(i64) -> f64) -> Vec<House> {
    let mut houses = Vec::new();
    let mut left = -30.0;
    let mut number = 100;
    while left < WIDTH {
        let width = (46.0 + 40.0 * chance(number)).round();
        let eaves = HEIGHT * (0.66 + 0.12 * chance(number + 1));
        houses.push(House { left, width, eaves, gable: 18.0 + 18.0 * chance(number + 2) });
        left += width;
        number += 3;
    }
    houses
}

/// The outline of a row of houses.
fn roofs(houses: &[House]) -> Vec<f64> {
    let height_at = |x: f64| {
        let house = houses.iter().find(|house| x < house.left + house.width)?;
        let from_middle = ((x - house.left) / house.width * 2.0 - 1.0).abs();
        Some(house.eaves - house.gable * (1.0 - from_middle))
    };
    (0..DemoPicture::WIDTH).map(f64::from).map(|x| height_at(x).unwrap_or(HEIGHT)).collect()
}

#[expect(clippy::cast_possible_truncation, reason = "some thousands at most; `as` saturates")]
fn whole(number: f64) -> i64 {
    number as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn png_of(name: &str, place: Place, light: Light) -> Vec<u8> {
        DemoPicture { name: name.to_owned(), scene: Scene { place, light } }.png().unwrap()
    }

    #[test]
    fn pictures_are_small_pngs_of_the_promised_size() {
        for place in [Place::River, Place::Hills, Place::Town] {
            for light in [Light::Morning, Light::Noon, Light::Evening, Light::Night] {
                let file = png_of("bridge", place, light);
                assert!(file.len() < 100_000, "{place:?} {light:?} has {} bytes", file.len());
                let mut reader = png::Decoder::new(std::io::Cursor::new(&file)).read_info().unwrap();
                let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
                let info = reader.next_frame(&mut pixels).unwrap();
                assert_eq!((info.width, info.height), (DemoPicture::WIDTH, DemoPicture::HEIGHT));
                let (top, bottom) = (&pixels[..3], &pixels[pixels.len() - 3..]);
                assert_ne!(top, bottom, "{place:?} {light:?} is flat");
            }
        }
    }

    #[test]
    fn a_picture_belongs_to_its_story() {
        let one = png_of("bridge", Place::River, Light::Noon);
        assert_eq!(one, png_of("bridge", Place::River, Light::Noon));
        assert_ne!(one, png_of("ferry", Place::River, Light::Noon));
    }
}
