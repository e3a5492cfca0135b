//! The sections that say what a newsletter is: to whom, when, from whom, and what stands in it. An
//! edition stores its newsletter's section as it was when the edition was opened, so it can be
//! written to JSON and read back, also by a version that has more keys.

use std::num::NonZeroU8;

use chrono_tz::Tz;
use serde_json::Value as Json;
use url::Url;

use super::problem::Problem;
use super::section::{Setting, section};
use super::tree::{Node, Value};
use super::values::{Name, TimeSpan};
use crate::domain::address::Mailbox;
use crate::domain::delivery::WhenUncertain;
use crate::domain::edition::{WhenNotApproved, WhenTooLittle};
use crate::domain::language::Language;
use crate::domain::schedule::Schedule;
use crate::domain::schedule::due::Plan;
use crate::domain::selection::{self, BlockKind, BlockRules, Translations, WithoutLanguage};

section! {
    /// One product: its list, its schedule, its sender and its blocks.
    pub struct Newsletter check can_be_full(blocks, min_items) {
        /// What commands, addresses of pages and the database call it.
        name: Name,
        /// The list it goes to; one of `[[lists]]`.
        list: Name,
        /// What readers call it. Stands at the top of the letter and in the archive.
        title: String,
        /// The language of its texts and dates: `en`, `ka`, `hy`, `az` or `ru`.
        language: Language,
        /// When it goes out: a crontab(5) expression of five fields (minute, hour, day of month,
        /// month, day of week), or `@hourly`, `@daily`, `@weekly`, `@monthly`, `@yearly`. Names,
        /// lists, ranges and steps; Sunday is 0 and 7; where both kinds of day are restricted, either
        /// is enough. Where the hour is `*` or `*/n`, it goes out whenever the clock reads so, also
        /// on the days when clocks change. Otherwise a time that such a day leaves out is sent at the
        /// first minute after the gap, and one that comes twice at its first.
        schedule: Schedule,
        /// The time zone of the schedule and of dates in letters. UTC when it is left out, and the
        /// daemon says so at start.
        time_zone: Option<Tz>,
        /// What becomes of stories whose source names no language: `take` (right where a newsroom
        /// has only one) or `leave`.
        without_language: WithoutLanguage = "\"take\"",
        /// The sender.
        from: Mailbox,
        /// Where answers go; to the sender when it is left out.
        reply_to: Option<Mailbox>,
        /// The subject of every edition; the headline of the lead story when it is left out.
        subject: Option<String>,
        /// The line that mail programs show beside the subject; the summary of the lead story when it
        /// is left out.
        preheader: Option<String>,
        /// How long before its slot an edition is opened, so that editors can work on it.
        drafting_lead: TimeSpan = "\"2h\"" where fresh_enough,
        /// How late an edition may go out by itself, after an outage say. One that is later is
        /// recorded as missed.
        grace: TimeSpan = "\"2h\"",
        /// How long after its send time an edition is worth delivering; what was refused for now
        /// until then expires.
        expires_after: TimeSpan = "\"24h\"" where worth_a_retry,
        /// What becomes of an edition that nobody approved: `send`, `hold` or `skip`.
        when_not_approved: WhenNotApproved = "\"send\"",
        /// What becomes of an edition with fewer stories than `min_items`: `hold` or `skip`.
        when_too_little: WhenTooLittle = "\"hold\"",
        /// What becomes of a letter when the connection died before the relay's answer: `resend`
        /// (with the same Message-ID, so that mail programs can drop one) or `hold`.
        when_uncertain: WhenUncertain = "\"resend\"",
        /// How many stories an edition needs, counted over all blocks.
        min_items: NonZeroU8 = "3",
        /// What stands in it, in this order.
        blocks: Vec<Block> where with_stories,
    }
}

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

impl Newsletter {
    /// The rules of its blocks, in their order.
    pub fn rules(&self) -> Vec<BlockRules> {
        self.blocks.iter().map(Block::rules).collect()
    }

    /// Its time zone: the one that was written, else UTC.
    pub fn zone(&self) -> Tz {
        self.time_zone.unwrap_or(Tz::UTC)
    }

    /// What the scheduler needs of it.
    pub fn plan(&self) -> Plan<'_> {
        Plan {
            schedule: &self.schedule,
            zone: self.zone(),
            drafting_lead: self.drafting_lead.delta(),
            grace: self.grace.delta(),
        }
    }
}

fn fresh_enough(drafting_lead: &TimeSpan) -> Option<String> {
    (drafting_lead.seconds() > 7 * 86_400)
        .then(|| "is longer than 7d: editions would be compiled from old news".to_owned())
}

fn worth_a_retry(expires_after: &TimeSpan) -> Option<String> {
    (expires_after.seconds() < 600).then(|| "is shorter than 10m, so nothing could be tried again".to_owned())
}

#[expect(clippy::ptr_arg, reason = "`section!` hands over the value of the key as it is")]
fn with_stories(blocks: &Vec<Block>) -> Option<String> {
    if blocks.iter().all(|block| block.kind() == BlockKind::House) {
        return Some("has no block with stories: the letter would say nothing".to_owned());
    }
    (blocks.len() > 20).then(|| "has more than 20 blocks, which no mail program shows whole".to_owned())
}

fn can_be_full(blocks: &[Block], min_items: &NonZeroU8) -> Option<(&'static str, String)> {
    let most = blocks.iter().map(|block| block.rules().max).sum::<u32>();
    let never = most > 0 && most < min_items.get().into();
    never.then(|| ("min_items", format!("can never be reached: the blocks take at most {most} stories")))
}

fn complete_button(link: &Option<Url>, button: &Option<String>) -> Option<(&'static str, String)> {
    match (link, button) {
        (Some(_), None) => Some(("button", "is missing: the link needs words to stand on".to_owned())),
        (None, Some(_)) => Some(("link", "is missing: the button leads nowhere".to_owned())),
        _ => None,
    }
}

impl serde::Serialize for Newsletter {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.write().serialize(serializer)
    }
}

impl<'de> serde::Deserialize<'de> for Newsletter {
    /// Reads what was stored with an edition: a key that is missing has its default, a key of
    /// another version is passed over.
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let node = Node::from_json(Json::deserialize(deserializer)?);
        let mut problems = Vec::new();
        Self::read(&node, "", &mut problems)
            .ok_or_else(|| serde::de::Error::custom(super::problem::ConfigErrors::new(problems)))
    }
}
