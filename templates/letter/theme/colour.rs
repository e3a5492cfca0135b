//! Colours, and how well one is read on another.

use std::fmt;

use maud::Render;

/// An opaque colour of the sRGB space.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Colour(u8, u8, u8);

impl Colour {
    /// White.
    pub const WHITE: Self = Self(255, 255, 255);

    /// A black that is soft enough to read.
    pub const BLACK: Self = Self(17, 17, 17);

    /// The colour of three channels.
    pub const fn new(red: u8, green: u8, blue: u8) -> Self {
        Self(red, green, blue)
    }

    /// Reads `#rrggbb`, the one form that every mail program knows; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6 && digits.is_ascii())?;
        let channel = |at: usize| {
            let pair = digits.get(at..at + 2).filter(|pair| pair.bytes().all(|b| b.is_ascii_hexdigit()))?;
            u8::from_str_radix(pair, 16).ok()
        };
        Some(Self(channel(0)?, channel(2)?, channel(4)?))
    }

    /// White or black, whichever is read better on this colour.
    #[must_use]
    pub fn text_on(self) -> Self {
        let better = contrast(Self::WHITE, self) >= contrast(Self::BLACK, self);
        if better { Self::WHITE } else { Self::BLACK }
    }

    /// Relative luminance, from 0 for black to 1 for white (WCAG 2.2, definitions).
    fn luminance(self) -> f64 {
        let channel = |value: u8| {
            let value = f64::from(value) / 255.0;
            if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * channel(self.0) + 0.7152 * channel(self.1) + 0.0722 * channel(self.2)
    }
}

impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{:02x}{:02x}{:02x}", self.0, self.1, self.2)
    }
}

impl Render for Colour {
    fn render_to(&self, buffer: &mut String) {
        buffer.push_str(&self.to_string());
    }
}

/// The contrast of two colours, from 1 (none) to 21 (black and white), whichever of them is the
/// text (WCAG 2.2, 1.4.3).
pub fn contrast(one: Colour, other: Colour) -> f64 {
    let (one, other) = (one.luminance(), other.luminance());
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_colour_is_six_digits_behind_a_hash() {
        for text in ["#9a2617", "#000000", "#ffffff"] {
            assert_eq!(Colour::parse(text).unwrap().to_string(), text);
        }
        assert_eq!(Colour::parse("#9A2617"), Colour::parse("#9a2617"));
        for text in ["", "9a2617", "#fff", "#9a26170", "#9a261", "#+1+1+1", "#9a26é", "red", "#12345g"] {
            assert_eq!(Colour::parse(text), None, "{text}");
        }
    }

    /// The figures are those of the WCAG's own examples and of its formula, worked out by hand.
    #[test]
    fn contrast_is_that_of_the_guideline() {
        let of = |one, other| contrast(Colour::parse(one).unwrap(), Colour::parse(other).unwrap());
        for (one, other, expected) in [
            ("#000000", "#ffffff", 21.0),
            ("#ffffff", "#ffffff", 1.0),
            ("#777777", "#ffffff", 4.478),
            ("#767676", "#ffffff", 4.542),
            ("#ff0000", "#ffffff", 3.998),
            ("#0000ff", "#ffffff", 8.592),
        ] {
            assert!((of(one, other) - expected).abs() < 0.001, "{one} on {other}: {}", of(one, other));
            assert!((of(one, other) - of(other, one)).abs() < f64::EPSILON);
        }
    }

    #[test]
    fn text_on_a_colour_is_the_better_of_two() {
        assert_eq!(Colour::new(154, 38, 23).text_on(), Colour::WHITE);
        assert_eq!(Colour::new(255, 179, 160).text_on(), Colour::BLACK);
    }
}
