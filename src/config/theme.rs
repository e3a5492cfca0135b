//! The sections that say how a newsletter looks. Whether its texts can be read on what is behind
//! them is worked out here, so that nobody learns it from a reader.

use std::num::NonZeroU16;

use newsletterd_templates::content::{Text, WebLink};
use newsletterd_templates::letter::theme as letter;
use newsletterd_templates::letter::theme::{Colour, Faint, FontStack, LIGHT, Look, Palette, READABLE};
use newsletterd_templates::view::ImageView;
use url::Url;

use super::section::section;

section! {
    /// How a newsletter looks. docs/looks.md shows the looks and says how colours are checked.
    pub struct Theme {
        /// The design: `classic` (a front page: large lead picture, much room), `compact` (a
        /// briefing: dense, small pictures) or `text-first` (a letter from a person: words alone).
        look: Look = "\"classic\"",
        /// Faces of headlines, ending in `serif` or `sans-serif`; the look's own when it is left out.
        /// Ours follow, so that every script has one.
        heading_font: Option<FontStack>,
        /// Faces of all else; the look's own when it is left out.
        text_font: Option<FontStack>,
        /// Width of the letter where there is room, in pixels, from 480 to 720; the look's own when it
        /// is left out.
        width: Option<u32> where fits_screens,
        /// Width of small pictures, in pixels, from 48 to 200; the look's own when it is left out.
        thumbnail_width: Option<u32> where fits_letters,
        /// The newsroom's mark.
        logo: Option<Logo>,
        /// Colours by day.
        light: LightColours,
        /// Colours by night, for those whose mail program is dark.
        dark: DarkColours,
    }
}

section! {
    /// The newsroom's mark, which stands at the top instead of its name. It is seen by day and by
    /// night, so it needs a ground of its own or colours that are seen on both.
    pub struct Logo {
        /// Its address. PNG or JPEG: Outlook on Windows shows nothing else.
        url: Url,
        /// What it says, for those who do not see it; the newsroom's name when it is left out.
        alt: Option<String>,
        /// Its width in pixels. It is shown at most 240 wide.
        width: NonZeroU16,
        /// Its height in pixels. It is shown at most 64 high.
        height: NonZeroU16,
    }
}

/// Declares the colours of one appearance with their defaults.
macro_rules! colours {
    ($doc:literal $section:ident
        $ground:literal $paper:literal $tint:literal $ink:literal $muted:literal $accent:literal $rule:literal) => {
        section! {
            #[doc = $doc]
            pub struct $section
                check ink_is_read(ink, paper, tint, ground)
                check muted_is_read(muted, paper, tint, ground)
                check accent_is_read(accent, paper, tint, ground)
                check button_is_read(on_button, button, accent)
            {
                /// Around the letter.
                ground: Colour = $ground,
                /// Behind the letter.
                paper: Colour = $paper,
                /// Behind what is set apart, and behind pictures that are not there yet.
                tint: Colour = $tint,
                /// Headlines and text.
                ink: Colour = $ink,
                /// Small print.
                muted: Colour = $muted,
                /// Titles of sections, kickers and ranks.
                accent: Colour = $accent,
                /// Thin lines.
                rule: Colour = $rule,
                /// Buttons, and the band at the top of the compact look; as `accent` when it is left out.
                button: Option<Colour>,
                /// On buttons; white or black when it is left out, whichever is read better.
                on_button: Option<Colour>,
            }
        }

        impl $section {
            /// The colours as letters use them.
            pub fn palette(&self) -> Palette {
                let Self { ground, paper, tint, ink, muted, accent, rule, button, on_button } = *self;
                let button = button.unwrap_or(accent);
                let on_button = on_button.unwrap_or_else(|| button.text_on());
                Palette { ground, paper, tint, ink, muted, accent, rule, button, on_button }
            }
        }
    };
}

colours! {
    "Colours by day. Each text is held against what may be behind it: 4.5 to 1 is the least contrast (WCAG 2.2, 1.4.3)."
    LightColours
    "\"#f3f1ec\"" "\"#ffffff\"" "\"#f7f4ee\"" "\"#1c1b19\"" "\"#5f5b54\"" "\"#9a2617\"" "\"#e2ddd3\""
}

colours! {
    "Colours by night, checked like those by day."
    DarkColours
    "\"#121211\"" "\"#1c1b1a\"" "\"#262523\"" "\"#efece6\"" "\"#b3ada3\"" "\"#ff9c85\"" "\"#3a3835\""
}

impl Theme {
    /// The theme as letters use it, of a newsroom with this name.
    pub fn of(&self, site_name: &str) -> letter::Theme {
        let mut theme = letter::Theme::of(self.look);
        let logo = self.logo.as_ref().and_then(|logo| {
            Some(ImageView {
                url: WebLink::parse(logo.url.as_str())?,
                alt: Text::new(logo.alt.as_deref().unwrap_or(site_name)),
                size: Some((logo.width.get().into(), logo.height.get().into())),
                credit: None,
            })
        });
        theme.light = self.light.palette();
        theme.dark = self.dark.palette();
        theme.logo = logo;
        if let Some(font) = &self.heading_font {
            theme.heading_font = font.clone();
        }
        if let Some(font) = &self.text_font {
            theme.text_font = font.clone();
        }
        if let Some(width) = self.width {
            theme = theme.with_width(width);
        }
        if let Some(width) = self.thumbnail_width {
            theme = theme.with_thumbnails(width);
        }
        theme
    }
}

fn fits_screens(width: &Option<u32>) -> Option<String> {
    outside(*width, letter::Theme::WIDTHS)
}

fn fits_letters(width: &Option<u32>) -> Option<String> {
    outside(*width, letter::Theme::THUMBNAILS)
}

fn outside(width: Option<u32>, (least, most): (u32, u32)) -> Option<String> {
    width
        .filter(|width| !(least..=most).contains(width))
        .map(|width| format!("is {width}; a width from {least} to {most} pixels is wanted"))
}

type Found = Option<(&'static str, String)>;

fn ink_is_read(ink: &Colour, paper: &Colour, tint: &Colour, ground: &Colour) -> Found {
    is_read("ink", &Palette { ink: *ink, paper: *paper, tint: *tint, ground: *ground, ..LIGHT })
}

fn muted_is_read(muted: &Colour, paper: &Colour, tint: &Colour, ground: &Colour) -> Found {
    is_read("muted", &Palette { muted: *muted, paper: *paper, tint: *tint, ground: *ground, ..LIGHT })
}

fn accent_is_read(accent: &Colour, paper: &Colour, tint: &Colour, ground: &Colour) -> Found {
    is_read("accent", &Palette { accent: *accent, paper: *paper, tint: *tint, ground: *ground, ..LIGHT })
}

fn button_is_read(on_button: &Option<Colour>, button: &Option<Colour>, accent: &Colour) -> Found {
    let button = button.unwrap_or(*accent);
    let on_button = on_button.unwrap_or_else(|| button.text_on());
    is_read("on_button", &Palette { button, on_button, ..LIGHT })
}

/// Names every ground on which a text of `palette` is hard to read, with both colours and their
/// contrast.
fn is_read(text: &'static str, palette: &Palette) -> Found {
    let faint: Vec<_> = palette.faint().into_iter().filter(|faint| faint.text == text).collect();
    let (colour, _) = faint.first()?.colours;
    let grounds = faint.iter().map(|Faint { ground, colours: (_, behind), contrast, .. }| {
        // Cut, not rounded: 4.499 is not 4.5.
        format!("{:.2} to 1 on {ground} ({behind})", (contrast * 100.0).floor() / 100.0)
    });
    let message = format!(
        "{colour} has a contrast of {}; at least {READABLE} to 1 is wanted (WCAG 2.2, 1.4.3)",
        grounds.collect::<Vec<_>>().join(", ")
    );
    Some((text, message))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::problem::Place;
    use crate::config::section::Setting as _;
    use crate::config::tree::Node;

    fn read(text: &str) -> Result<Theme, String> {
        let node = Node::from_toml(text, std::path::Path::new("newsletter.toml")).unwrap();
        let mut problems = Vec::new();
        let theme = Theme::read(&node, "theme", &mut problems);
        let said = problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
        if said.is_empty() { theme.ok_or(said) } else { Err(said) }
    }

    #[test]
    fn a_theme_that_says_nothing_is_the_look_as_we_drew_it() {
        for look in Look::ALL {
            let theme = read(&format!("look = \"{}\"", look.as_str())).unwrap().of("Post");
            let ours = letter::Theme::of(look);
            assert_eq!((theme.look, theme.light, theme.dark), (look, ours.light, ours.dark));
            assert_eq!((theme.heading_font, theme.text_font), (ours.heading_font, ours.text_font));
            assert_eq!(theme.width, ours.width);
        }
        assert_eq!(Theme::absent(&Place::Default, "", &mut Vec::new()), read("").ok());
    }

    #[test]
    fn every_faint_text_is_named_with_its_contrast() {
        let problems = read("[light]\nmuted = \"#aaaaaa\"\nbutton = \"#ffee00\"\non_button = \"#ffffff\"\n[dark]\npaper = \"#eeeeee\"\n")
            .unwrap_err();
        let expected = "\
newsletter.toml:2: theme.light.muted: #aaaaaa has a contrast of 2.32 to 1 on paper (#ffffff), 2.11 to 1 on tint (#f7f4ee), 2.05 to 1 on ground (#f3f1ec); at least 4.5 to 1 is wanted (WCAG 2.2, 1.4.3)
newsletter.toml:4: theme.light.on_button: #ffffff has a contrast of 1.20 to 1 on button (#ffee00); at least 4.5 to 1 is wanted (WCAG 2.2, 1.4.3)
newsletter.toml:5: theme.dark.ink: #efece6 has a contrast of 1.01 to 1 on paper (#eeeeee); at least 4.5 to 1 is wanted (WCAG 2.2, 1.4.3)
newsletter.toml:5: theme.dark.muted: #b3ada3 has a contrast of 1.92 to 1 on paper (#eeeeee); at least 4.5 to 1 is wanted (WCAG 2.2, 1.4.3)
newsletter.toml:5: theme.dark.accent: #ff9c85 has a contrast of 1.74 to 1 on paper (#eeeeee); at least 4.5 to 1 is wanted (WCAG 2.2, 1.4.3)";
        assert_eq!(problems, expected);
    }

    #[test]
    fn what_is_no_look_no_colour_and_no_width_is_refused() {
        for (text, wanted) in [
            ("look = \"clasic\"", "did you mean \"classic\"?"),
            ("width = 1000", "a width from 480 to 720 pixels is wanted"),
            ("thumbnail_width = 20", "a width from 48 to 200 pixels is wanted"),
            ("heading_font = \"Georgia\"", "does not end in \"serif\" or \"sans-serif\""),
            ("[light]\nink = \"black\"", "\"black\" is not a colour such as \"#9a2617\""),
            ("[logo]\nurl = \"https://example.org/logo.png\"", "theme.logo.width: is missing"),
        ] {
            let problems = read(text).unwrap_err();
            assert!(problems.contains(wanted), "{text}: {problems}");
        }
    }

    #[test]
    fn what_was_chosen_is_written_and_read_back() {
        let text = "look = \"compact\"\nheading_font = \"Charter, Georgia, serif\"\nwidth = 560\nthumbnail_width = 96\n\
                    [logo]\nurl = \"https://example.org/logo.png\"\nwidth = 480\nheight = 96\n[dark]\naccent = \"#ffcc00\"\n";
        let theme = read(text).unwrap();
        let again = Theme::read(&Node::from_json(theme.write()), "", &mut Vec::new()).unwrap();
        assert_eq!(theme, again);
        let drawn = theme.of("The Post");
        assert_eq!((drawn.width, drawn.thumbnail_width()), (560, 96));
        assert_eq!(drawn.logo.unwrap().alt.as_str(), "The Post");
        assert_eq!(drawn.dark.button, drawn.dark.accent);
    }
}
