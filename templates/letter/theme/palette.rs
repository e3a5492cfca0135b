//! The colours of a letter, by day and by night, and which of them are read on which.

use super::colour::{Colour, contrast};

/// The colours of one appearance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Palette {
    /// Around the letter.
    pub ground: Colour,
    /// Behind the letter.
    pub paper: Colour,
    /// Behind what is set apart, and behind pictures that are not there yet.
    pub tint: Colour,
    /// Headlines and text.
    pub ink: Colour,
    /// What matters less.
    pub muted: Colour,
    /// Kickers, ranks and titles of sections.
    pub accent: Colour,
    /// Thin lines.
    pub rule: Colour,
    /// Buttons.
    pub button: Colour,
    /// On buttons.
    pub on_button: Colour,
}

/// By day.
pub const LIGHT: Palette = Palette {
    ground: Colour::new(0xf3, 0xf1, 0xec),
    paper: Colour::WHITE,
    tint: Colour::new(0xf7, 0xf4, 0xee),
    ink: Colour::new(0x1c, 0x1b, 0x19),
    muted: Colour::new(0x5f, 0x5b, 0x54),
    accent: Colour::new(0x9a, 0x26, 0x17),
    rule: Colour::new(0xe2, 0xdd, 0xd3),
    button: Colour::new(0x9a, 0x26, 0x17),
    on_button: Colour::WHITE,
};

/// By night.
pub const DARK: Palette = Palette {
    ground: Colour::new(0x12, 0x12, 0x11),
    paper: Colour::new(0x1c, 0x1b, 0x1a),
    tint: Colour::new(0x26, 0x25, 0x23),
    ink: Colour::new(0xef, 0xec, 0xe6),
    muted: Colour::new(0xb3, 0xad, 0xa3),
    accent: Colour::new(0xff, 0x9c, 0x85),
    rule: Colour::new(0x3a, 0x38, 0x35),
    button: Colour::new(0xff, 0x9c, 0x85),
    on_button: Colour::BLACK,
};

/// The least contrast of text with what is behind it (WCAG 2.2, 1.4.3, level AA, for text of any
/// size).
pub const READABLE: f64 = 4.5;

/// A text that is hard to read on what is behind it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Faint {
    /// The text's colour, by its name in [`Palette`].
    pub text: &'static str,
    /// The colour behind it, by its name in [`Palette`].
    pub ground: &'static str,
    /// The two colours.
    pub colours: (Colour, Colour),
    /// Their contrast, less than [`READABLE`].
    pub contrast: f64,
}

impl Palette {
    /// Every pair of text and ground that some look draws, by name.
    pub fn pairs(&self) -> [(&'static str, Colour, &'static str, Colour); 10] {
        [
            ("ink", self.ink, "paper", self.paper),
            ("ink", self.ink, "tint", self.tint),
            ("ink", self.ink, "ground", self.ground),
            ("muted", self.muted, "paper", self.paper),
            ("muted", self.muted, "tint", self.tint),
            ("muted", self.muted, "ground", self.ground),
            ("accent", self.accent, "paper", self.paper),
            ("accent", self.accent, "tint", self.tint),
            ("accent", self.accent, "ground", self.ground),
            ("on_button", self.on_button, "button", self.button),
        ]
    }

    /// Those of them that are hard to read.
    pub fn faint(&self) -> Vec<Faint> {
        let measured = self.pairs().into_iter().map(|(text, text_colour, ground, ground_colour)| Faint {
            text,
            ground,
            colours: (text_colour, ground_colour),
            contrast: contrast(text_colour, ground_colour),
        });
        measured.filter(|pair| pair.contrast < READABLE).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_is_read_easily_on_every_ground() {
        assert_eq!((LIGHT.faint(), DARK.faint()), (vec![], vec![]));
    }

    #[test]
    fn what_is_hard_to_read_is_named_with_its_contrast() {
        let palette = Palette { muted: Colour::new(0xaa, 0xaa, 0xaa), ..LIGHT };
        let faint = palette.faint();
        assert_eq!(
            faint.iter().map(|pair| (pair.text, pair.ground)).collect::<Vec<_>>(),
            [("muted", "paper"), ("muted", "tint"), ("muted", "ground")]
        );
        assert!((faint[0].contrast - 2.32).abs() < 0.01, "{}", faint[0].contrast);
    }
}
