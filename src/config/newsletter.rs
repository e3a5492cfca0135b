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
use crate::domain::words::words;

section! {
    /// One product: its list, its schedule, its sender and its blocks.
    pub struct Newsletter check check_newsletter {
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
        drafting_lead: TimeSpan = "\"2h\"",
        /// How late an edition may go out by itself, after an outage say. One that is later is
        /// recorded as missed.
        grace: TimeSpan = "\"2h\"",
        /// How long after its send time an edition is worth delivering; what was refused for now
        /// until then expires.
        expires_after: TimeSpan = "\"24h\"",
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
        blocks: Vec<Block>,
    }
}

words! {
    /// What fills a block.
    pub enum BlockKind {
        /// What editors chose, else what the newsroom flagged since the last edition.
        Picks = "picks",
        /// What readers read most.
        MostRead = "most_read",
        /// What is new.
        Latest = "latest",
        /// What belongs to the lead story.
        Related = "related",
        /// The newsroom's own appeal.
        House = "house",
    }
}

section! {
    /// What editors chose for this edition, else what the newsroom flagged since the last one.
    pub struct Picks {
        /// The heading; a usual one in the newsletter's language when it is left out.
        title: Option<String>,
        /// How many stories, at most.
        max: NonZeroU8 = "5",
        /// How far back flagged stories are looked for when there was no edition before.
        window: TimeSpan = "\"24h\"",
    }
}

section! {
    /// What readers read most, without the picks and without what recent editions carried.
    pub struct MostRead {
        /// The heading; a usual one in the newsletter's language when it is left out.
        title: Option<String>,
        /// How many stories, at most.
        max: NonZeroU8 = "5",
        /// The span of time over which reads count.
        window: TimeSpan = "\"24h\"",
        /// How old a story may be.
        max_age: TimeSpan = "\"72h\"",
        /// How many visitors a story needs, so that chance does not rank.
        min_visitors: u32 = "10",
        /// For how long a story stays out that an edition carried.
        repeat_after: TimeSpan = "\"3d\"",
        /// Only stories of these sections; all when it is left out.
        sections: Vec<String>,
        /// Only stories with one of these tags; all when it is left out.
        tags: Vec<String>,
        /// Only stories in these languages; the newsletter's own when it is left out.
        languages: Vec<Language>,
    }
}

section! {
    /// What is new, newest first.
    pub struct Latest {
        /// The heading; a usual one in the newsletter's language when it is left out.
        title: Option<String>,
        /// How many stories, at most.
        max: NonZeroU8 = "5",
        /// How old a story may be.
        window: TimeSpan = "\"24h\"",
        /// Only stories of these sections; all when it is left out.
        sections: Vec<String>,
        /// Only stories with one of these tags; all when it is left out.
        tags: Vec<String>,
        /// Only stories in these languages; the newsletter's own when it is left out.
        languages: Vec<Language>,
    }
}

section! {
    /// What belongs to the lead story: the source's own relation, else the same tags and section.
    pub struct Related {
        /// The heading; a usual one in the newsletter's language when it is left out.
        title: Option<String>,
        /// How many stories, at most.
        max: NonZeroU8 = "3",
        /// How old a story may be.
        window: TimeSpan = "\"30d\"",
    }
}

section! {
    /// The newsroom's own appeal, for membership say.
    pub struct House check check_house {
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
        /// What the picture shows, for those who do not see it.
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

    /// The heading that was written for it.
    pub fn title(&self) -> Option<&str> {
        match self {
            Self::Picks(block) => block.title.as_deref(),
            Self::MostRead(block) => block.title.as_deref(),
            Self::Latest(block) => block.title.as_deref(),
            Self::Related(block) => block.title.as_deref(),
            Self::House(block) => block.title.as_deref(),
        }
    }

    /// How many stories it takes; 0 for one that has no stories.
    pub fn max(&self) -> usize {
        match self {
            Self::Picks(block) => block.max.get().into(),
            Self::MostRead(block) => block.max.get().into(),
            Self::Latest(block) => block.max.get().into(),
            Self::Related(block) => block.max.get().into(),
            Self::House(_) => 0,
        }
    }
}

impl Setting for Block {
    const KIND: &'static str = "a section with a kind";
    const KINDS: &'static str = "sections, each with a kind";

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

fn check_newsletter(newsletter: &Newsletter) -> Vec<(&'static str, String)> {
    let mut found = Vec::new();
    if newsletter.blocks.iter().all(|block| block.kind() == BlockKind::House) {
        found.push(("blocks", "has no block with stories: the letter would say nothing".to_owned()));
    }
    if newsletter.blocks.len() > 20 {
        found.push(("blocks", "has more than 20 blocks, which no mail program shows whole".to_owned()));
    }
    let most = newsletter.blocks.iter().map(Block::max).sum::<usize>();
    if most > 0 && most < newsletter.min_items.get().into() {
        found.push(("min_items", format!("can never be reached: the blocks take at most {most} stories")));
    }
    if newsletter.drafting_lead.seconds() > 7 * 86_400 {
        found.push((
            "drafting_lead",
            "is longer than 7d: editions would be compiled from old news".to_owned(),
        ));
    }
    if newsletter.expires_after.seconds() < 600 {
        found.push(("expires_after", "is shorter than 10m, so nothing could be tried again".to_owned()));
    }
    found
}

fn check_house(house: &House) -> Vec<(&'static str, String)> {
    let mut found = Vec::new();
    match (&house.link, &house.button) {
        (Some(_), None) => found.push(("button", "is missing: the link needs words to stand on".to_owned())),
        (None, Some(_)) => found.push(("link", "is missing: the button leads nowhere".to_owned())),
        _ => {}
    }
    if house.image.is_some() && house.image_alt.is_none() {
        found.push(("image_alt", "is missing: say what the picture shows".to_owned()));
    }
    found
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
