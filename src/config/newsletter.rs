//! The sections that say what a newsletter is: to whom, when, from whom, and what stands in it. An
//! edition stores its newsletter's section as it was when the edition was opened, so it can be
//! written to JSON and read back, also by a version that has more keys.

use std::num::{NonZeroU8, NonZeroU32};

use chrono_tz::Tz;
use newsletterd_templates::view::TextLinks;
use serde_json::Value as Json;

use super::blocks::Block;
use super::links::Utm;
use super::section::{Setting as _, section};
use super::settings::longer_than_nothing;
use super::theme::Theme;
use super::tree::Node;
use super::values::{Name, Share, TimeSpan};
use crate::domain::address::{EmailAddress, Mailbox};
use crate::domain::delivery::WhenUncertain;
use crate::domain::edition::{LetterCheck, WhenNotApproved, WhenTooLittle};
use crate::domain::language::Language;
use crate::domain::link::{LinkMode, OpenPixel};
use crate::domain::schedule::Schedule;
use crate::domain::schedule::due::Plan;
use crate::domain::selection::{BlockKind, BlockRules, WithoutLanguage};

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
        /// How long after its send time everybody should have it. An alert goes out as soon as the
        /// forecast is later; it is sent on all the same.
        finish_within: Option<TimeSpan> where some_time,
        /// The relays it goes through, by name; all when it is left out.
        relays: Vec<Name>,
        /// Who gets it before everybody else does; nobody when it is left out.
        canary: Option<Canary>,
        /// What becomes of an edition that nobody approved: `send`, `hold` or `skip`.
        when_not_approved: WhenNotApproved = "\"send\"",
        /// What becomes of an edition with fewer stories than `min_items`: `hold` or `skip`.
        when_too_little: WhenTooLittle = "\"hold\"",
        /// What becomes of a letter when the connection died before the relay's answer: `resend`
        /// (with the same Message-ID, so that mail programs can drop one) or `hold`.
        when_uncertain: WhenUncertain = "\"resend\"",
        /// What becomes of an edition whose letter the check before each send finds broken, so that
        /// providers would refuse or clip it, or readers could not read or leave it: `block` (it
        /// waits for a person) or `warn` (it goes out, and the log says so).
        letter_check: LetterCheck = "\"block\"",
        /// How many stories an edition needs, counted over all blocks.
        min_items: NonZeroU8 = "3",
        /// Where the links of stories lead: `direct` to the article, or over an address of ours,
        /// which can be led elsewhere after sending: `redirect`, or `counted`, which also counts by
        /// day how often each link was followed, and never by whom.
        links: LinkMode = "\"direct\"",
        /// Whether a picture of one pixel counts how often a letter was opened: `off` or `on`. The
        /// letter says so; nothing tells one reader from another.
        open_pixel: OpenPixel = "\"off\"",
        /// What is added to the links of stories.
        utm: Option<Utm>,
        /// How the text form shows the addresses of stories: `lines` (each below its story) or
        /// `footnotes` (numbers, with the addresses at the end of each section).
        text_links: TextLinks = "\"lines\"",
        /// How it looks.
        theme: Theme,
        /// What stands in it, in this order.
        blocks: Vec<Block> where with_stories,
    }
}

section! {
    /// A few letters go out before the rest. Only when they did well does the rest follow; otherwise
    /// the edition pauses, with an alert.
    pub struct Canary check one_choice(first, seeds) {
        /// How many of the readers are the first; either this or `seeds`.
        first: Option<NonZeroU32>,
        /// The addresses that are the first, such as those of the newsroom's own mailboxes at large
        /// providers. They are sent to as subscribers of the list, so they must be among them.
        seeds: Vec<EmailAddress>,
        /// How long to wait for what comes back, counted from the last of these letters.
        wait: TimeSpan = "\"10m\"",
        /// The share of them that may fail, such as `"2%"`.
        max_errors: Share = "\"2%\"",
    }
}

fn one_choice(first: &Option<NonZeroU32>, seeds: &[EmailAddress]) -> Option<(&'static str, String)> {
    match (first, seeds.is_empty()) {
        (None, true) => {
            Some(("first", "is missing: say who gets it first, by first = 100 or by seeds".to_owned()))
        }
        (Some(_), false) => Some(("seeds", "cannot stand beside first: one of both is wanted".to_owned())),
        _ => None,
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

fn some_time(finish_within: &Option<TimeSpan>) -> Option<String> {
    finish_within.as_ref().and_then(longer_than_nothing)
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
