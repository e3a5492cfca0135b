//! Colours, type and measures of letters. Each text colour is read on each ground beside it at a
//! contrast of at least 4.5 to 1 (WCAG 2.2, 1.4.3); a test works it out.

/// The colours of one appearance, as `#rrggbb`.
#[derive(Clone, Copy, Debug)]
pub struct Palette {
    /// Around the letter.
    pub ground: &'static str,
    /// Behind the letter.
    pub paper: &'static str,
    /// Behind what is set apart.
    pub tint: &'static str,
    /// Headlines and text.
    pub ink: &'static str,
    /// What matters less.
    pub muted: &'static str,
    /// Links, kickers and ranks.
    pub accent: &'static str,
    /// Thin lines.
    pub rule: &'static str,
    /// Buttons.
    pub button: &'static str,
    /// On buttons.
    pub on_button: &'static str,
}

/// By day.
pub const LIGHT: Palette = Palette {
    ground: "#f3f1ec",
    paper: "#ffffff",
    tint: "#f7f4ee",
    ink: "#1c1b19",
    muted: "#5f5b54",
    accent: "#9a2617",
    rule: "#e2ddd3",
    button: "#9a2617",
    on_button: "#ffffff",
};

/// By night.
pub const DARK: Palette = Palette {
    ground: "#121211",
    paper: "#1c1b1a",
    tint: "#262523",
    ink: "#efece6",
    muted: "#b3ada3",
    accent: "#ff9c85",
    rule: "#3a3835",
    button: "#ffb3a0",
    on_button: "#2a0f09",
};

/// Type for reading. No web fonts; each of our scripts has a face in it on every usual system.
pub const SANS: &str = "-apple-system,'Segoe UI',Roboto,'Noto Sans','Noto Sans Georgian','Noto Sans Armenian',Sylfaen,Arial,sans-serif";

/// Type for headlines.
pub const SERIF: &str =
    "Georgia,'Noto Serif','Noto Serif Georgian','Noto Serif Armenian',Sylfaen,'Times New Roman',serif";

/// Width of the letter where there is room, in pixels.
pub const WIDTH: u32 = 600;

/// Room at either side of the text, in pixels.
pub const MARGIN: u32 = 32;

/// Width of a story's small picture, in pixels.
pub const THUMBNAIL: u32 = 128;

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative luminance (WCAG 2.2).
    fn luminance(colour: &str) -> f64 {
        let channel = |at: usize| {
            let value = f64::from(u8::from_str_radix(&colour[at..at + 2], 16).unwrap()) / 255.0;
            if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
    }

    #[test]
    fn every_text_is_read_easily_on_every_ground() {
        for palette in [LIGHT, DARK] {
            let grounds = [palette.ground, palette.paper, palette.tint];
            let texts = [palette.ink, palette.muted, palette.accent];
            let pairs = grounds.iter().flat_map(|ground| texts.iter().map(move |text| (*text, *ground)));
            for (text, ground) in pairs.chain([(palette.on_button, palette.button)]) {
                let (one, other) = (luminance(text), luminance(ground));
                let contrast = (one.max(other) + 0.05) / (one.min(other) + 0.05);
                assert!(contrast >= 4.5, "{text} on {ground}: {contrast:.2}");
            }
        }
    }
}
