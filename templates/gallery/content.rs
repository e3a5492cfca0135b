//! What a sample newsroom writes, in one language: the same day in each, told by its own desk.

/// One language's newsroom and its day.
#[derive(Debug)]
pub(super) struct Newsroom {
    /// Its name.
    pub(super) site: &'static str,
    /// What its letter is called.
    pub(super) newsletter: &'static str,
    /// What its list is called.
    pub(super) list: &'static str,
    /// Where it sits.
    pub(super) address: &'static str,
    /// The subject of the day.
    pub(super) subject: &'static str,
    /// The line beside it.
    pub(super) preheader: &'static str,
    /// The editors' words, by paragraph.
    pub(super) note: [&'static str; 2],
    /// Its own appeal, by paragraph.
    pub(super) appeal: [&'static str; 2],
    /// What the appeal's button says.
    pub(super) button: &'static str,
    /// What the appeal's picture shows.
    pub(super) appeal_alt: &'static str,
    /// A word without a gap that is wider than a phone.
    pub(super) long_word: &'static str,
    /// The stories of the day, in the order of [`FACTS`].
    pub(super) stories: [Story; 8],
    /// Headlines alone.
    pub(super) briefs: [&'static str; 5],
}

/// What a language says of one story.
#[derive(Debug)]
pub(super) struct Story {
    /// Its section.
    pub(super) kicker: &'static str,
    /// Its headline.
    pub(super) headline: &'static str,
    /// The headline of a second story on the matter.
    pub(super) second: &'static str,
    /// What it tells.
    pub(super) blurb: &'static str,
    /// Who wrote it.
    pub(super) authors: &'static [&'static str],
    /// What its picture shows.
    pub(super) alt: &'static str,
}

/// What is the same in all languages: the story's address, its picture's width and height in
/// pixels, and the minutes that it takes.
pub(super) const FACTS: [(&str, (u32, u32), u16); 8] = [
    ("bridge", (1200, 800), 6),
    ("river", (1600, 900), 9),
    ("frost", (1200, 800), 4),
    ("school", (1200, 900), 5),
    ("cinema", (1200, 800), 7),
    ("chess", (1000, 1000), 3),
    ("buses", (1200, 800), 1),
    ("bread", (900, 1200), 8),
];

/// The addresses of the headlines alone.
pub(super) const BRIEFS: [&str; 5] = ["library", "water", "match", "market", "stairs"];
