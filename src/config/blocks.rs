//! The sections that say what stands in a newsletter: one kind of block each.

use std::num::NonZeroU8;

use serde_json::Value as Json;
use url::Url;

use super::problem::Problem;
use super::section::{Setting, section};
use super::tree::{Node, Value};
use super::values::TimeSpan;
use crate::domain::language::Language;
use crate::domain::selection::{self, BlockKind, BlockRules, Translations};

section! {
    /// What editors chose for this edition, else what the newsroom flagged since the last one.
    pub struct Picks {
        /// The heading; the usual one in the newsletter's language when it is left out.
        title: Option<String>,
        /// How many stories, at most.
        max: NonZeroU8 = "5",
        /// How old a flagged story may be; ten days when it is left out.
        max_age: Option<TimeSpan>,
        /// Only stories of these sections; of all when it is left out.
        sections: Vec<String>,
        /// Only stories with one of these tags; all when it is left out.
        tags: Vec<String>,
        /// Only stories in these languages; in the newsletter's own when it is left out.
        languages: Vec<Language>,
    }
}

section! {
    /// What readers read most, without the picks and without what recent editions carried.
    pub struct MostRead {
        /// The heading; the usual one in the newsletter's language when it is left out.
        title: Option<String>,
        /// How many stories, at most.
        max: NonZeroU8 = "5",
        /// How far back reads count.
        window: TimeSpan = "\"24h\"",
        /// How old a story may be. When it is left out: three days, or as far back as the last
        /// edition and a day more, but not beyond ten days.
        max_age: Option<TimeSpan>,
        /// How many readers a story needs. When it is left out: ten, or one in two hundred of all
        /// readers where that is more, and the block needs three such stories.
        min_visitors: Option<u32>,
        /// For how many days a story stays out that an edition carried, unless its score has doubled
        /// since.
        repeat_days: u32 = "3",
        /// How reads of translations count: `separate` (each version by its own readers) or `pooled`
        /// (each by the readers of all).
        translations: Translations = "\"separate\"",
        /// Only stories of these sections; of all when it is left out.
        sections: Vec<String>,
        /// Only stories with one of these tags; all when it is left out.
        tags: Vec<String>,
        /// Only stories in these languages; in the newsletter's own when it is left out.
        languages: Vec<Language>,
    }
}

section! {
    /// What is new, newest first.
    pub struct Latest {
        /// The heading; the usual one in the newsletter's language when it is left out.
        title: Option<String>,
        /// How many stories, at most.
        max: NonZeroU8 = "5",
        /// How old a story may be. When it is left out: three days, or as far back as the last
        /// edition and a day more, but not beyond ten days.
        max_age: Option<TimeSpan>,
        /// Only stories of these sections; of all when it is left out.
        sections: Vec<String>,
        /// Only stories with one of these tags; all when it is left out.
        tags: Vec<String>,
        /// Only stories in these languages; in the newsletter's own when it is left out.
        languages: Vec<Language>,
    }
}

section! {
    /// What belongs to the lead story: the source's own relation, else the same tags and section.
    pub struct Related {
        /// The heading; the usual one in the newsletter's language when it is left out.
        title: Option<String>,
        /// How many stories, at most.
        max: NonZeroU8 = "5",
        /// How old a story may be; of any age when it is left out.
        max_age: Option<TimeSpan>,
        /// Only stories of these sections; of all when it is left out.
        sections: Vec<String>,
        /// Only stories with one of these tags; all when it is left out.
        tags: Vec<String>,
        /// Only stories in these languages; in the newsletter's own when it is left out.
        languages: Vec<Language>,
    }
}

section! {
    /// The newsroom's own appeal, for membership say.
    pub struct House check complete_button(link, button) {
        /// The heading; none when it is left out.
        title: Option<String>,
        /// What it says. An empty line begins a new paragraph.
        text: String,
        /// Where its button leads.
        link: Option<Url>,
        /// What stands on its button.
        button: Option<String>,
        /// The address of a picture.
        image: Option<Url>,
        /// What the picture shows, for those who do not see it. One without words is taken for
        /// decoration and passed over where the letter is read aloud.
        image_alt: Option<String>,
    }
}

/// One block: its kind, and the keys that this kind has.
#[derive(Clone, Debug, PartialEq)]
pub enum Block {
    /// [`BlockKind::Picks`].
    Picks(Picks),
    /// [`BlockKind::MostRead`].
    MostRead(MostRead),
    /// [`BlockKind::Latest`].
    Latest(Latest),
    /// [`BlockKind::Related`].
    Related(Related),
    /// [`BlockKind::House`].
    House(House),
}

/// The rules of a block with stories: what all kinds of them have, by name.
macro_rules! story_rules {
    ($kind:expr, $block:ident) => {
        BlockRules {
            title: $block.title,
            max: $block.max.get().into(),
            max_age: $block.max_age.map(TimeSpan::delta),
            sections: $block.sections,
            tags: $block.tags,
            languages: $block.languages,
            ..BlockRules::new($kind)
        }
    };
}

impl Block {
    /// What fills it.
    pub const fn kind(&self) -> BlockKind {
        match self {
            Self::Picks(_) => BlockKind::Picks,
            Self::MostRead(_) => BlockKind::MostRead,
            Self::Latest(_) => BlockKind::Latest,
            Self::Related(_) => BlockKind::Related,
            Self::House(_) => BlockKind::House,
        }
    }

    /// The rules by which an edition fills it.
    pub fn rules(&self) -> BlockRules {
        match self.clone() {
            Self::Picks(block) => story_rules!(BlockKind::Picks, block),
            Self::Latest(block) => story_rules!(BlockKind::Latest, block),
            Self::Related(block) => story_rules!(BlockKind::Related, block),
            Self::MostRead(block) => BlockRules {
                window: block.window.delta(),
                min_visitors: block.min_visitors,
                repeat_days: block.repeat_days,
                translations: block.translations,
                ..story_rules!(BlockKind::MostRead, block)
            },
            Self::House(block) => BlockRules {
                title: block.title,
                max: 0,
                house: Some(selection::House {
                    text: block.text,
                    image: block.image.map(String::from),
                    image_alt: block.image_alt,
                    button_label: block.button,
                    button_url: block.link.map(String::from),
                }),
                ..BlockRules::new(BlockKind::House)
            },
        }
    }
}

impl Setting for Block {
    const KIND: &'static str = "a section with a kind";
    const KINDS: &'static str = "sections, each with a kind";

    #[cfg(test)]
    fn sections() -> Vec<&'static super::section::Described> {
        // In the order of `BlockKind::ALL`.
        vec![Picks::DESCRIBED, MostRead::DESCRIBED, Related::DESCRIBED, Latest::DESCRIBED, House::DESCRIBED]
    }

    fn read(node: &Node, path: &str, problems: &mut Vec<Problem>) -> Option<Self> {
        let mut node = node.clone();
        let kind = match &mut node.value {
            Value::Table(entries) => {
                entries.iter().position(|entry| entry.key == "kind").map(|at| entries.remove(at))
            }
            _ => None,
        };
        let kind_path = super::section::join(path, "kind");
        let kind = match kind {
            Some(entry) => BlockKind::read(&entry.node, &kind_path, problems)?,
            None => BlockKind::absent(&node.place, &kind_path, problems)?,
        };
        Some(match kind {
            BlockKind::Picks => Self::Picks(Setting::read(&node, path, problems)?),
            BlockKind::MostRead => Self::MostRead(Setting::read(&node, path, problems)?),
            BlockKind::Latest => Self::Latest(Setting::read(&node, path, problems)?),
            BlockKind::Related => Self::Related(Setting::read(&node, path, problems)?),
            BlockKind::House => Self::House(Setting::read(&node, path, problems)?),
        })
    }

    fn write(&self) -> Json {
        let mut json = match self {
            Self::Picks(block) => block.write(),
            Self::MostRead(block) => block.write(),
            Self::Latest(block) => block.write(),
            Self::Related(block) => block.write(),
            Self::House(block) => block.write(),
        };
        if let Json::Object(members) = &mut json {
            members.insert("kind".to_owned(), self.kind().write());
        }
        json
    }
}

fn complete_button(link: &Option<Url>, button: &Option<String>) -> Option<(&'static str, String)> {
    match (link, button) {
        (Some(_), None) => Some(("button", "is missing: the link needs words to stand on".to_owned())),
        (None, Some(_)) => Some(("link", "is missing: the button leads nowhere".to_owned())),
        _ => None,
    }
}
