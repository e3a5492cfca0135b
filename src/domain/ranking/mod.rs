//! Which stories were read most: the ranking rule, as a pure function of candidates, read counts,
//! rules and one instant.
//!
//! Promises: the same input in any order gives the same list; scores are whole numbers, so that two
//! machines never disagree on a tie; no number, however large, makes it fail.
//!
//! Leaves to others: which stories may stand in a letter at all, and which were sent before (see
//! `selection`); fetching counts and dropping robots (see `sources`).

mod page;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use self::page::{Pages, Tally};
use super::article::Article;
use super::ids::ArticleId;
use super::reads::ReadCount;
use super::words::words;

/// A story that may be ranked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The story.
    pub article: ArticleId,
    /// The pages whose reads count for it, in the form of `article_key::url_key`: its own, and those
    /// of its translations where a newsletter pools them.
    pub pages: BTreeSet<String>,
    /// Breaks ties, newest first.
    pub published_at: Option<DateTime<Utc>>,
}

impl Candidate {
    /// A story that is ranked by the reads of its own page.
    pub fn of(article: &Article) -> Self {
        Self {
            article: article.id,
            pages: article.url_key.iter().cloned().collect(),
            published_at: article.content.published_at,
        }
    }
}

/// How few readers are too few.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Floor {
    /// 10 readers, or 0.5 % of all readers of the candidates in the window where that is more; and a
    /// list of fewer than three is none.
    Automatic,
    /// What the newsroom says; then a list of one is a list.
    Visitors(u32),
}

/// The numbers of the ranking rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RankingRules {
    /// Reads that are older do not count.
    pub window: TimeDelta,
    /// After this time a read counts half.
    pub half_life: TimeDelta,
    /// How few readers are too few.
    pub floor: Floor,
}

impl Default for RankingRules {
    fn default() -> Self {
        Self { window: TimeDelta::hours(24), half_life: TimeDelta::hours(12), floor: Floor::Automatic }
    }
}

words! {
    /// Whether a story gains or loses among all that is read. It compares the story's *share* of the
    /// reads, so that the quiet of the night makes nothing fall.
    pub enum Trend {
        /// Its share grew by more than a quarter.
        Rising = "rising",
        /// In between, or the counts are too coarse to tell.
        Steady = "steady",
        /// Its share shrank by more than a quarter.
        Falling = "falling",
    }
}

/// A story's place in the ranking; the place is its position in [`Ranking::ranked`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ranked {
    /// The story.
    pub article: ArticleId,
    /// Readers weighed by age, times 1,000.
    pub score: i64,
    /// Readers in the window, as counted.
    pub visitors: u64,
    /// The last quarter of the window against the one before.
    pub trend: Trend,
    /// More than 60 % of its views came in one hour: news, or a machine. A person should look.
    pub suspicious: bool,
}

/// A story that did not get a place: it had fewer readers than the floor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotRanked {
    /// The story.
    pub article: ArticleId,
    /// Readers in the window.
    pub visitors: u64,
}

/// The ranking at one instant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ranking {
    /// First is most read.
    pub ranked: Vec<Ranked>,
    /// In order of their ids.
    pub not_ranked: Vec<NotRanked>,
    /// Readers of all candidates in the window.
    pub total_visitors: u64,
    /// Readers that a place took.
    pub floor: u64,
    /// The shortest list that is worth showing.
    pub shortest: usize,
}

impl Ranking {
    /// Whether enough stories were read by enough people. A "most read" of two stories says nothing.
    pub fn is_worth_showing(&self) -> bool {
        self.ranked.len() >= self.shortest
    }
}

/// Read counts that are too old to say what is read now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "stale", rename_all = "snake_case")]
pub enum Staleness {
    /// No source of reads ever answered.
    #[error("no read counts were ever fetched")]
    NeverFetched,
    /// The last answer is too old.
    #[error("the read counts are of {fetched_at}, more than {} h old", MAX_READS_AGE.num_hours())]
    Old {
        /// When a source of reads last answered.
        fetched_at: DateTime<Utc>,
    },
}

/// Read counts that were fetched longer ago than this make no list: yesterday's is worse than none.
pub const MAX_READS_AGE: TimeDelta = TimeDelta::hours(6);

/// Whether counts that were fetched at `fetched_at` may be ranked at `at`.
///
/// # Errors
/// [`Staleness`] when they are too old. Show the latest stories then, never an older ranking.
pub fn check_freshness(fetched_at: Option<DateTime<Utc>>, at: DateTime<Utc>) -> Result<(), Staleness> {
    let fetched_at = fetched_at.ok_or(Staleness::NeverFetched)?;
    if at.signed_duration_since(fetched_at) > MAX_READS_AGE {
        return Err(Staleness::Old { fetched_at });
    }
    Ok(())
}

/// Ranks the candidates by what was read of their pages in the window before `at`.
///
/// The score is the sum over hours of visitors × 2^(−age ÷ half-life); counts of longer spans (a day,
/// where a source has no hours) add the part that lies in the window, without decay. One hour counts
/// at most 20 visitors or four times the story's median hour, whichever is more, once it has four
/// hours. Order: score, visitors, publication (newest first), article id.
///
/// A read whose key is a path alone counts for every candidate page with that path.
pub fn rank(
    candidates: &[Candidate],
    reads: &[ReadCount],
    rules: &RankingRules,
    at: DateTime<Utc>,
) -> Ranking {
    let candidates: BTreeMap<ArticleId, &Candidate> = candidates.iter().map(|c| (c.article, c)).collect();
    let pages = Pages::count(candidates.values().flat_map(|c| &c.pages), reads, rules.window, at);
    let total_visitors = pages.total().visitors();
    let (floor, shortest) = match rules.floor {
        Floor::Automatic => (total_visitors.div_ceil(200).max(10), 3),
        Floor::Visitors(visitors) => (u64::from(visitors).max(1), 1),
    };

    let mut rows = Vec::new();
    let mut not_ranked = Vec::new();
    for candidate in candidates.values() {
        let tally = pages.tally(&candidate.pages);
        let (article, visitors) = (candidate.article, tally.visitors());
        if visitors < floor {
            not_ranked.push(NotRanked { article, visitors });
            continue;
        }
        let row = Ranked {
            article,
            score: tally.score(rules.half_life, at),
            visitors,
            trend: trend(&tally, pages.total()),
            suspicious: tally.is_suspicious(),
        };
        rows.push((row, candidate.published_at));
    }
    rows.sort_by(|(a, a_published), (b, b_published)| {
        (b.score, b.visitors, b_published)
            .cmp(&(a.score, a.visitors, a_published))
            .then(a.article.cmp(&b.article))
    });
    let ranked = rows.into_iter().map(|(row, _)| row).collect();
    Ranking { ranked, not_ranked, total_visitors, floor, shortest }
}

fn trend(story: &Tally, all: &Tally) -> Trend {
    // Shares are compared crosswise, so that nothing is divided: share now > 5/4 of share before.
    let now = story.lately().saturating_mul(all.before());
    let before = story.before().saturating_mul(all.lately());
    if now.saturating_mul(4) > before.saturating_mul(5) {
        Trend::Rising
    } else if now.saturating_mul(4) < before.saturating_mul(3) {
        Trend::Falling
    } else {
        Trend::Steady
    }
}
