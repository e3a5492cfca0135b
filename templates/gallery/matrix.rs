//! Which sample letters there are, and which few of them show every pair of properties.

use super::{LANGUAGES, Variant, sample};
use crate::content::WebLink;
use crate::letter::theme::{Look, Theme};
use crate::strings::Strings;
use crate::view::{ImageView, LetterView};

/// One sample letter.
#[derive(Clone, Copy, Debug)]
pub struct Case {
    /// Its look.
    pub look: Look,
    /// Its language.
    pub strings: &'static Strings,
    /// What it has to stand.
    pub variant: Variant,
}

impl Case {
    /// `LOOK-LANGUAGE-VARIANT`, for names of files.
    pub fn name(&self) -> String {
        format!("{}-{}-{}", self.look.as_str(), self.strings.tag, self.variant.as_str())
    }

    /// The letter. Those of one story have a mark at the top.
    pub fn view(&self) -> LetterView {
        let mut theme = Theme::of(self.look);
        if self.variant == Variant::OneStory {
            theme.logo = logo();
        }
        sample(&theme, self.strings, self.variant)
    }
}

/// Every look in every language in every variant.
pub fn all() -> Vec<Case> {
    let mut cases = Vec::new();
    for look in Look::ALL {
        for strings in LANGUAGES {
            cases.extend(Variant::ALL.map(|variant| Case { look, strings, variant }));
        }
    }
    cases
}

/// As few letters as show each language in each variant, and each look with each language and in
/// each variant: the look follows from the two others, as in a Latin square.
pub fn pairwise() -> Vec<Case> {
    let mut cases = Vec::new();
    for (row, strings) in LANGUAGES.into_iter().enumerate() {
        for (column, variant) in Variant::ALL.into_iter().enumerate() {
            cases.push(Case { look: Look::ALL[(row + column) % Look::ALL.len()], strings, variant });
        }
    }
    cases
}

fn logo() -> Option<ImageView> {
    let url = WebLink::parse("https://pictures.example.org/logo-480x96.jpg")?;
    Some(ImageView { url, alt: "The Harbour Post".into(), size: Some((480, 96)), credit: None })
}
