//! Inline style: declarations, colours and lengths, as far as letters use them. What is not
//! understood counts as not written.

use newsletterd_templates::letter::theme::Colour;

/// What text has of which nothing is said.
pub(super) const BLACK: Colour = Colour::new(0, 0, 0);

/// `#rgb`, `#rrggbb`, `rgb(…)` or one of the sixteen old names.
pub(super) fn colour(value: &str) -> Option<Colour> {
    let value = value.trim();
    if let Some(hex) = value.strip_prefix('#') {
        return from_hex(hex);
    }
    if let Some(inner) = value.strip_prefix("rgb(").and_then(|rest| rest.strip_suffix(')')) {
        let mut channels = inner.split(',').map(|channel| channel.trim().parse().ok());
        return Some(Colour::new(channels.next()??, channels.next()??, channels.next()??));
    }
    NAMES.iter().find(|(name, _)| *name == value).and_then(|(_, hex)| from_hex(hex))
}

fn from_hex(hex: &str) -> Option<Colour> {
    if !hex.is_ascii() {
        return None;
    }
    let two = |at: usize| u8::from_str_radix(hex.get(at..at + 2)?, 16).ok();
    let one = |at: usize| u8::from_str_radix(hex.get(at..=at)?, 16).ok().map(|digit| digit * 17);
    match hex.len() {
        6 => Some(Colour::new(two(0)?, two(2)?, two(4)?)),
        3 => Some(Colour::new(one(0)?, one(1)?, one(2)?)),
        _ => None,
    }
}

const NAMES: [(&str, &str); 17] = [
    ("black", "000000"),
    ("silver", "c0c0c0"),
    ("gray", "808080"),
    ("grey", "808080"),
    ("white", "ffffff"),
    ("maroon", "800000"),
    ("red", "ff0000"),
    ("purple", "800080"),
    ("fuchsia", "ff00ff"),
    ("green", "008000"),
    ("lime", "00ff00"),
    ("olive", "808000"),
    ("yellow", "ffff00"),
    ("navy", "000080"),
    ("blue", "0000ff"),
    ("teal", "008080"),
    ("aqua", "00ffff"),
];

/// The declarations of a `style` attribute, in lower case, without `!important`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Declarations(Vec<(String, String)>);

impl Declarations {
    /// Reads them; a semicolon in quotation marks or brackets ends none.
    pub(super) fn parse(style: &str) -> Self {
        let mut declarations = Vec::new();
        let (mut from, mut quote, mut depth) = (0, None, 0_usize);
        for (at, byte) in style.bytes().chain([b';']).enumerate() {
            match (quote, byte) {
                (Some(open), byte) if byte == open => quote = None,
                (None, b'"' | b'\'') => quote = Some(byte),
                (None, b'(') => depth += 1,
                (None, b')') => depth = depth.saturating_sub(1),
                (None, b';') if depth == 0 || at == style.len() => {
                    declarations.extend(style.get(from..at).and_then(declaration));
                    from = at + 1;
                }
                _ => {}
            }
        }
        Self(declarations)
    }

    /// The last value of a property.
    pub(super) fn get(&self, property: &str) -> Option<&str> {
        self.0.iter().rfind(|(name, _)| name == property).map(|(_, value)| value.as_str())
    }

    /// Whether a property has exactly this value.
    pub(super) fn is(&self, property: &str, value: &str) -> bool {
        self.get(property) == Some(value)
    }

    /// All of them.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}

fn declaration(piece: &str) -> Option<(String, String)> {
    let (name, value) = piece.split_once(':')?;
    let value = value.trim().to_ascii_lowercase();
    let value = value.strip_suffix("!important").unwrap_or(&value).trim().to_owned();
    Some((name.trim().to_ascii_lowercase(), value))
}

/// A length in pixels, where `base` is what `em` and `%` are of.
pub(super) fn pixels(value: &str, base: f64) -> Option<f64> {
    let value = value.trim();
    let of = |unit: &str| value.strip_suffix(unit).and_then(|number| number.trim().parse::<f64>().ok());
    let length = of("px")
        .or_else(|| of("pt").map(|points| points * 4.0 / 3.0))
        .or_else(|| of("rem").map(|times| times * 16.0))
        .or_else(|| of("em").map(|times| times * base))
        .or_else(|| of("%").map(|percent| percent / 100.0 * base))
        .or_else(|| value.parse().ok().filter(|number: &f64| *number == 0.0));
    length.filter(|length| length.is_finite())
}

#[cfg(test)]
mod tests {
    use newsletterd_templates::letter::theme::contrast;

    use super::*;

    #[test]
    fn styles_are_read() {
        let style = Declarations::parse(
            "color:#FFF; font-family:'a;b',serif ;background:url(x;y);COLOR: red !important;;x",
        );
        assert_eq!(style.get("color"), Some("red"));
        assert_eq!(style.get("font-family"), Some("'a;b',serif"));
        assert_eq!(style.get("background"), Some("url(x;y)"));
        assert_eq!(Declarations::parse("color:red;width:calc((1px").get("color"), Some("red"));
    }

    #[test]
    fn colours_and_lengths_are_read() {
        assert_eq!(colour("#09f"), Some(Colour::new(0, 0x99, 0xFF)));
        assert_eq!(colour("rgb(1, 2,3)"), Some(Colour::new(1, 2, 3)));
        assert_eq!(colour("#ფff"), None);
        assert!((contrast(BLACK, Colour::WHITE) - 21.0).abs() < 0.01);
        for (value, length) in [("12px", 12.0), ("12pt", 16.0), ("1.5em", 30.0), ("50%", 10.0), ("0", 0.0)] {
            assert_eq!(pixels(value, 20.0), Some(length));
        }
        for value in ["auto", "12", "NaNpx", "infpx", ""] {
            assert_eq!(pixels(value, 20.0), None, "{value}");
        }
    }
}
