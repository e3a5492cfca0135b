//! What a letter shows, as plain structs. Whoever fills them needs to know nothing about HTML;
//! whoever renders them needs to know nothing about editions.

use crate::content::{Text, WebLink};
use crate::date::LocalDate;
use crate::letter::theme::Theme;
use crate::strings::{Direction, Strings};

/// One letter, in every form that it has.
#[derive(Clone, Debug)]
pub struct LetterView {
    /// How it looks.
    pub theme: Theme,
    /// How the text form shows links.
    pub text_links: TextLinks,
    /// The language of all words that the letter adds, and of its date.
    pub strings: &'static Strings,
    /// The reading direction of the newsletter.
    pub direction: Direction,
    /// The newsletter's title, the letter's only first-level heading.
    pub newsletter: Text,
    /// The newsroom's name.
    pub site_name: Text,
    /// The newsroom's home page.
    pub site_url: Option<WebLink>,
    /// The day that the letter is of, in the newsletter's zone.
    pub date: LocalDate,
    /// The edition's running number, where the newsletter counts.
    pub edition_number: Option<u64>,
    /// The subject: the HTML form's title.
    pub subject: Text,
    /// What mail programs show beside the subject; hidden in the letter itself. 40 to 110
    /// characters do best.
    pub preheader: Text,
    /// Said above everything else, for example that this is a test; `None` in what subscribers get.
    pub marking: Option<Text>,
    /// The editors' words before the first block, by paragraph; empty when they wrote none.
    pub note: Vec<Text>,
    /// The sections, in order.
    pub blocks: Vec<BlockView>,
    /// The list that the reader is on, as named in the footer.
    pub list_title: Text,
    /// Where the newsroom can be written to on paper.
    pub postal_address: Text,
    /// The same letter on the web; `None` in that form itself.
    pub web_url: Option<WebLink>,
    /// Where this reader sees and changes what they get: an address, or the encoder's mark for it.
    /// `None` in the public form.
    pub preferences_url: Option<String>,
    /// What is counted about this letter's readers; the footer says so.
    pub tracking: Tracking,
    /// The picture that counts openings; `None` unless the newsroom switched that on.
    pub pixel: Option<WebLink>,
    /// Where this reader leaves the list: an address, or the encoder's mark for it, which is why it
    /// is taken as it is. `None` in the public form, which carries nothing personal.
    pub unsubscribe_url: Option<String>,
}

impl LetterView {
    /// A letter with nothing in it yet but its name and day.
    #[must_use]
    pub fn new(strings: &'static Strings, newsletter: Text, date: LocalDate) -> Self {
        Self {
            theme: Theme::default(),
            text_links: TextLinks::default(),
            strings,
            direction: strings.direction,
            subject: newsletter.clone(),
            newsletter,
            site_name: Text::default(),
            site_url: None,
            date,
            edition_number: None,
            preheader: Text::default(),
            marking: None,
            note: Vec::new(),
            blocks: Vec::new(),
            list_title: Text::default(),
            postal_address: Text::default(),
            web_url: None,
            preferences_url: None,
            tracking: Tracking::None,
            pixel: None,
            unsubscribe_url: None,
        }
    }

    /// The public form of the letter, for the archive and the browser: without the personal link,
    /// and without the link to itself.
    #[must_use]
    pub fn public(&self) -> Self {
        Self {
            web_url: None,
            preferences_url: None,
            tracking: self.tracking.without_openings(),
            pixel: None,
            unsubscribe_url: None,
            ..self.clone()
        }
    }
}

/// How the text form shows the addresses of stories.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TextLinks {
    /// Each on a line of its own below its story.
    #[default]
    Lines,
    /// As a number in brackets, with the addresses at the end of each section.
    Footnotes,
}

impl TextLinks {
    /// Its word in the configuration.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Lines => "lines",
            Self::Footnotes => "footnotes",
        }
    }
}

/// What is counted when a letter is read. Nothing that tells one reader from another ever is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tracking {
    /// Nothing.
    #[default]
    None,
    /// How often each link was followed.
    Links,
    /// How often the letter was opened.
    Openings,
    /// Both.
    LinksAndOpenings,
}

impl Tracking {
    /// What is still counted where there is no picture that counts.
    #[must_use]
    pub const fn without_openings(self) -> Self {
        match self {
            Self::None | Self::Openings => Self::None,
            Self::Links | Self::LinksAndOpenings => Self::Links,
        }
    }
}

/// A titled section.
#[derive(Clone, Debug)]
pub struct BlockView {
    /// The heading; empty for none.
    pub title: Text,
    /// What stands in it.
    pub content: BlockContent,
}

/// What a section holds.
#[derive(Clone, Debug)]
pub enum BlockContent {
    /// Stories with their summaries.
    Stories(Vec<StoryView>),
    /// Headlines by rank, numbered from 1.
    Ranked(Vec<StoryView>),
    /// The newsroom's own appeal.
    House(HouseView),
}

/// One story.
#[derive(Clone, Debug, Default)]
pub struct StoryView {
    /// Where it is read; `None` leaves the headline unlinked.
    pub url: Option<WebLink>,
    /// The headline.
    pub headline: Text,
    /// The blurb; empty for none.
    pub summary: Text,
    /// A word or two above the headline: section or kind.
    pub kicker: Option<Text>,
    /// Who wrote it.
    pub authors: Vec<Text>,
    /// How long it takes to read, in minutes, where that is known.
    pub reading_minutes: Option<u16>,
    /// Its picture.
    pub image: Option<ImageView>,
    /// Shown large. A block's first story usually is.
    pub lead: bool,
    /// BCP 47 tag of the story where it is not the letter's language.
    pub language: Option<String>,
}

/// A picture.
#[derive(Clone, Debug)]
pub struct ImageView {
    /// Where it lies.
    pub url: WebLink,
    /// What it shows, for those who do not see it; empty when it says nothing of its own.
    pub alt: Text,
    /// Its width and height in pixels, where they are known; 3:2 is assumed where they are not.
    pub size: Option<(u32, u32)>,
    /// Who made it.
    pub credit: Option<Text>,
}

/// The newsroom's own appeal.
#[derive(Clone, Debug)]
pub struct HouseView {
    /// What it says, by paragraph.
    pub text: Vec<Text>,
    /// A picture above the text.
    pub image: Option<ImageView>,
    /// Where it asks to go.
    pub button: Option<ButtonView>,
}

/// A link drawn as a button.
#[derive(Clone, Debug)]
pub struct ButtonView {
    /// What it says.
    pub label: Text,
    /// Where it leads.
    pub url: WebLink,
}
