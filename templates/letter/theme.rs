//! How letters look: one of three designs, in the newsroom's colours and type.
//!
//! A [`Theme`] holds what a newsroom may choose. The measures of each design that follow from it
//! (sizes of type, room between things) are the parts' own.

mod colour;
mod font;
mod palette;

pub use colour::{Colour, contrast};
pub use font::{FontStack, SANS, SERIF};
pub use palette::{DARK, Faint, LIGHT, Palette, READABLE};

use crate::view::ImageView;

/// A design.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Look {
    /// A front page: large lead picture, headlines with serifs, small pictures, much room.
    #[default]
    Classic,
    /// A briefing: dense, a small picture for the lead and smaller ones for the rest.
    Compact,
    /// A letter from a person: words alone.
    TextFirst,
}

impl Look {
    /// Every look there is.
    pub const ALL: [Self; 3] = [Self::Classic, Self::Compact, Self::TextFirst];

    /// Its name in the configuration and in names of files.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Classic => "classic",
            Self::Compact => "compact",
            Self::TextFirst => "text-first",
        }
    }

    /// The look of a name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|look| look.as_str() == name)
    }
}

/// What a newsroom chooses of a letter's appearance.
#[derive(Clone, Debug)]
pub struct Theme {
    /// The design.
    pub look: Look,
    /// The colours by day.
    pub light: Palette,
    /// The colours by night.
    pub dark: Palette,
    /// Type of headlines.
    pub heading_font: FontStack,
    /// Type of all else.
    pub text_font: FontStack,
    /// The newsroom's mark, which stands for its name at the top.
    pub logo: Option<ImageView>,
    /// Width of the letter where there is room, in CSS pixels.
    pub width: u32,
    lead: u32,
    thumbnail: u32,
}

impl Theme {
    /// The least and the greatest width of a letter, in CSS pixels: below, pictures are too small;
    /// above, mail programs cut it off.
    pub const WIDTHS: (u32, u32) = (480, 720);

    /// The least and the greatest width of a small picture, in CSS pixels.
    pub const THUMBNAILS: (u32, u32) = (48, 200);

    /// A look as we drew it.
    pub fn of(look: Look) -> Self {
        let (width, lead, thumbnail) = match look {
            Look::Classic => (600, 536, 128),
            Look::Compact => (640, 224, 80),
            Look::TextFirst => (580, 516, 96),
        };
        let (heading_font, text_font) = match look {
            Look::Classic => (FontStack::serif(), FontStack::sans()),
            Look::Compact => (FontStack::sans(), FontStack::sans()),
            Look::TextFirst => (FontStack::serif(), FontStack::serif()),
        };
        Self { look, light: LIGHT, dark: DARK, heading_font, text_font, logo: None, width, lead, thumbnail }
    }

    /// With a letter of this width in CSS pixels, brought into [`Theme::WIDTHS`]. Pictures that are
    /// as wide as the text keep to it.
    #[must_use]
    pub fn with_width(mut self, width: u32) -> Self {
        self.width = width.clamp(Self::WIDTHS.0, Self::WIDTHS.1);
        if self.look != Look::Compact {
            self.lead = self.text_width();
        }
        self
    }

    /// With small pictures of this width in CSS pixels, brought into [`Theme::THUMBNAILS`].
    #[must_use]
    pub fn with_thumbnails(mut self, width: u32) -> Self {
        self.thumbnail = width.clamp(Self::THUMBNAILS.0, Self::THUMBNAILS.1);
        self
    }

    /// Width at which the lead story's picture is shown, in CSS pixels.
    pub fn lead_width(&self) -> u32 {
        self.lead
    }

    /// Width at which other stories' pictures are shown, in CSS pixels.
    pub fn thumbnail_width(&self) -> u32 {
        self.thumbnail
    }

    /// Width at which the picture of the newsroom's own appeal is shown, in CSS pixels.
    pub fn house_width(&self) -> u32 {
        match self.look {
            Look::Compact => 168,
            Look::Classic | Look::TextFirst => self.text_width() - 2 * self.inset(),
        }
    }

    /// Whether stories have pictures at all.
    pub fn shows_pictures(&self) -> bool {
        self.look != Look::TextFirst
    }

    /// Room at either side of the text, in CSS pixels.
    pub(crate) fn margin(&self) -> u32 {
        if self.look == Look::Compact { 28 } else { 32 }
    }

    /// Room between the edge of a box and what stands in it, in CSS pixels.
    pub(crate) fn inset(&self) -> u32 {
        match self.look {
            Look::Classic => 24,
            Look::Compact => 16,
            Look::TextFirst => 0,
        }
    }

    /// Width of the text where there is room, in CSS pixels.
    pub(crate) fn text_width(&self) -> u32 {
        self.width - 2 * self.margin()
    }
}

impl Default for Theme {
    fn default() -> Self {
        Self::of(Look::default())
    }
}

/// Room at either side of the text of mails that are no letter, in pixels.
pub const MARGIN: u32 = 32;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_keep_within_the_letter() {
        for look in Look::ALL {
            for width in [0, 480, 600, 720, 10_000] {
                let theme = Theme::of(look).with_width(width).with_thumbnails(width);
                assert!((480..=720).contains(&theme.width));
                assert!(
                    theme.lead_width() <= theme.text_width() && theme.house_width() <= theme.text_width()
                );
                assert!((48..=200).contains(&theme.thumbnail_width()));
            }
        }
        assert_eq!(Theme::default().with_width(640).lead_width(), 576);
    }
}
