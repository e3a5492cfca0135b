//! What each kind of block would take, best first, before anything is placed.

use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap};

use chrono::{NaiveDate, TimeDelta};

use super::content::{BlockKind, Origin};
use super::input::{CompileInput, SentBefore};
use super::omission::OmissionReason;
use super::pool::{Pool, same};
use super::reason::Reason;
use super::rules::{BlockRules, Translations};
use super::warning::Warning;
use crate::domain::article::Article;
use crate::domain::article_key::url_key;
use crate::domain::ids::ArticleId;
use crate::domain::ranking::{self, Candidate, Floor, RankingRules, check_freshness, rank};

/// No story is news for longer than this, unless a block says otherwise.
const OLDEST: TimeDelta = TimeDelta::days(10);

/// A story that a block would take.
pub(super) struct Chosen {
    pub(super) article: ArticleId,
    pub(super) origin: Origin,
    pub(super) reason: Reason,
}

/// What a block would take, best first, and what it would not.
#[derive(Default)]
pub(super) struct Shortlist {
    pub(super) chosen: Vec<Chosen>,
    pub(super) left_out: Vec<(ArticleId, OmissionReason)>,
    pub(super) warning: Option<Warning>,
}

/// The stories that any block may show, with what the rules need to know of them.
pub(super) struct Shortlister<'a> {
    input: &'a CompileInput<'a>,
    pool: &'a Pool<'a>,
    open: Vec<&'a Article>,
    sent: HashMap<ArticleId, Vec<&'a SentBefore>>,
}

impl<'a> Shortlister<'a> {
    pub(super) fn new(input: &'a CompileInput<'a>, pool: &'a Pool<'a>, open: Vec<&'a Article>) -> Self {
        let mut sent: HashMap<ArticleId, Vec<&SentBefore>> = HashMap::new();
        for before in input.sent {
            sent.entry(before.article).or_default().push(before);
        }
        Self { input, pool, open, sent }
    }

    /// What recent editions carried of a story and its translations.
    fn sent(&self, article: &'a Article) -> impl Iterator<Item = &'a SentBefore> {
        self.pool.versions(article).filter_map(|version| self.sent.get(&version.id)).flatten().copied()
    }

    /// The last edition that carried the story or a translation of it.
    pub(super) fn last_sent(&self, article: &'a Article) -> Option<NaiveDate> {
        self.sent(article).map(|before| before.edition_day).max()
    }

    /// What the newsroom flagged since the last edition, newest flag first.
    pub(super) fn flagged(&self, rules: &BlockRules, editors_chose: bool) -> Shortlist {
        let since = self.input.last_edition_at.unwrap_or(self.input.at - self.usual_age());
        let mut list = Shortlist::default();
        let mut found = Vec::new();
        for &article in &self.open {
            let Some(at) = self.pool.flagged_at(article) else { continue };
            let as_pick = self.sent(article).filter(|before| before.block == BlockKind::Picks);
            let unfit = self
                .unfit(article, rules, Some(rules.max_age.unwrap_or(OLDEST)))
                .or_else(|| (at <= since).then_some(OmissionReason::FlaggedBefore { at }))
                .or_else(|| sent_on(as_pick.map(|before| before.edition_day).max()))
                .or_else(|| editors_chose.then_some(OmissionReason::EditorsChose));
            match unfit {
                Some(why) => list.left_out.push((article.id, why)),
                None => found.push((at, article)),
            }
        }
        found.sort_by_key(|(at, article)| Reverse((*at, article.dated_at(), article.id)));
        let chosen = |(at, article): (_, &Article)| Chosen {
            article: article.id,
            origin: Origin::Flag,
            reason: Reason::Flagged { at },
        };
        list.chosen = found.into_iter().map(chosen).collect();
        list
    }

    /// What was read most, as the ranking rule says.
    pub(super) fn most_read(&self, rules: &BlockRules) -> Shortlist {
        let mut list = Shortlist::default();
        let stale = check_freshness(self.input.reads_fetched_at, self.input.at).err();
        let max_age = Some(rules.max_age.unwrap_or(self.usual_age()));
        let mut candidates = HashMap::new();
        for &article in &self.open {
            let stale = stale.map(|staleness| OmissionReason::ReadsStale { staleness });
            match self.unfit(article, rules, max_age).or(stale) {
                Some(why) => list.left_out.push((article.id, why)),
                None => {
                    candidates.insert(article.id, article);
                }
            }
        }
        if stale.is_some() {
            return list;
        }
        let ranking_rules = RankingRules {
            window: rules.window,
            floor: rules.min_visitors.map_or(Floor::Automatic, Floor::Visitors),
            ..RankingRules::default()
        };
        let ranked: Vec<Candidate> =
            candidates.values().map(|article| self.candidate(article, rules)).collect();
        let ranking = rank(&ranked, self.input.reads, &ranking_rules, self.input.at);
        let floor = ranking.floor;
        for ranking::NotRanked { article, visitors } in &ranking.not_ranked {
            list.left_out.push((*article, OmissionReason::TooFewReaders { visitors: *visitors, floor }));
        }
        // A block of two cannot ask for three.
        let needed = ranking.shortest.min(usize::try_from(rules.max).unwrap_or(usize::MAX));
        if ranking.ranked.len() < needed {
            list.left_out.extend(ranking.ranked.iter().map(|row| (row.article, OmissionReason::ShortList)));
            list.warning = Some(Warning::ShortList { stories: ranking.ranked.len(), needed, floor });
            return list;
        }
        for row in &ranking.ranked {
            let Some(article) = candidates.get(&row.article).copied() else { continue };
            match self.repeats(article, rules, row.score) {
                Some(day) => list.left_out.push((row.article, OmissionReason::Sent { day })),
                None => list.chosen.push(Chosen {
                    article: row.article,
                    origin: Origin::Rank,
                    reason: Reason::Read {
                        visitors: row.visitors,
                        window_hours: rules.window.num_hours(),
                        trend: row.trend,
                        score: row.score,
                        suspicious: row.suspicious,
                        sent_before: self.last_sent(article),
                    },
                }),
            }
        }
        list
    }

    fn candidate(&self, article: &'a Article, rules: &BlockRules) -> Candidate {
        let mut candidate = Candidate::of(article);
        if rules.translations == Translations::Pooled {
            let pages = self.pool.versions(article).filter_map(|version| version.url_key.clone());
            candidate.pages = pages.collect::<BTreeSet<_>>();
        }
        candidate
    }

    /// The edition for whose sake a most-read story is not shown again: it was a pick or most read
    /// there, not long ago, and its score has not doubled since.
    fn repeats(&self, article: &'a Article, rules: &BlockRules, score: i64) -> Option<NaiveDate> {
        let today = self.input.at.date_naive();
        let shown = |before: &&SentBefore| matches!(before.block, BlockKind::Picks | BlockKind::MostRead);
        let lately = |before: &&SentBefore| {
            today.signed_duration_since(before.edition_day).num_days() <= i64::from(rules.repeat_days)
        };
        let still = |before: &&SentBefore| before.score.is_none_or(|then| score < then.saturating_mul(2));
        self.sent(article).filter(shown).filter(lately).filter(still).map(|before| before.edition_day).max()
    }

    /// What was first seen (or came out of its embargo) after the last edition, newest first.
    pub(super) fn latest(&self, rules: &BlockRules) -> Shortlist {
        let max_age = Some(rules.max_age.unwrap_or(self.usual_age()));
        let mut list = Shortlist::default();
        let mut found = Vec::new();
        for &article in &self.open {
            let available_at = article.content.embargo_until.max(Some(article.first_seen_at));
            let first_seen_at = article.first_seen_at;
            let unfit = self
                .unfit(article, rules, max_age)
                .or_else(|| sent_on(self.last_sent(article)))
                .or_else(|| {
                    let known =
                        self.input.last_edition_at.is_some() && available_at <= self.input.last_edition_at;
                    known.then_some(OmissionReason::NotNew { first_seen_at })
                });
            match unfit {
                Some(why) => list.left_out.push((article.id, why)),
                None => found.push(article),
            }
        }
        found.sort_by_key(|article| Reverse((article.dated_at(), article.first_seen_at, article.id)));
        let chosen = |article: &Article| Chosen {
            article: article.id,
            origin: Origin::Latest,
            reason: Reason::New { dated_at: article.dated_at() },
        };
        list.chosen = found.into_iter().map(chosen).collect();
        list
    }

    /// What belongs to the lead: first what its source names, then what shares most with it.
    pub(super) fn related(&self, rules: &BlockRules, lead: Option<ArticleId>) -> Shortlist {
        let mut list = Shortlist::default();
        let Some(lead) = lead.and_then(|id| self.pool.get(id)) else { return list };
        let mut reasons: HashMap<ArticleId, Reason> = HashMap::new();
        let mut order: Vec<ArticleId> = Vec::new();
        for article in self.named_by(lead).filter_map(|named| self.pool.version_for(named, rules)) {
            if reasons.insert(article.id, Reason::RelatedBySource).is_none() {
                order.push(article.id);
            }
        }
        let mut sharing: Vec<_> = self
            .open
            .iter()
            .filter_map(|article| shared(lead, article).map(|(score, reason)| (score, *article, reason)))
            .filter(|(_, article, _)| !reasons.contains_key(&article.id))
            .collect();
        sharing.sort_by_key(|(score, article, _)| Reverse((*score, article.dated_at(), article.id)));
        for (_, article, reason) in sharing {
            order.push(article.id);
            reasons.insert(article.id, reason);
        }

        let own: Vec<ArticleId> = self.pool.versions(lead).map(|version| version.id).collect();
        for id in order.into_iter().filter(|id| !own.contains(id)) {
            let (Some(article), Some(reason)) = (self.pool.get(id), reasons.remove(&id)) else { continue };
            let unfit =
                self.unfit(article, rules, rules.max_age).or_else(|| sent_on(self.last_sent(article)));
            match unfit {
                Some(why) => list.left_out.push((id, why)),
                None => list.chosen.push(Chosen { article: id, origin: Origin::Related, reason }),
            }
        }
        list
    }

    /// The stories that the lead's source names, in its order.
    fn named_by(&self, lead: &'a Article) -> impl Iterator<Item = &'a Article> {
        lead.content.related.iter().filter_map(|address| {
            let key = url_key(address, self.input.page_keys);
            let is_it = |article: &&Article| {
                article.url.as_ref() == Some(address) || (key.is_some() && article.url_key == key)
            };
            self.pool.all().find(is_it)
        })
    }

    /// Why a rule may not put a story into a block.
    fn unfit(
        &self,
        article: &'a Article,
        rules: &BlockRules,
        max_age: Option<TimeDelta>,
    ) -> Option<OmissionReason> {
        let content = &article.content;
        let in_sections = rules.sections.is_empty()
            || content.section.iter().any(|own| rules.sections.iter().any(|wanted| same(own, wanted)));
        let has_tag = rules.tags.is_empty()
            || content.tags.iter().any(|own| rules.tags.iter().any(|wanted| same(own, wanted)));
        let dated_at = article.dated_at();
        let age = self.input.at.signed_duration_since(dated_at);
        self.pool
            .foreign(article, rules)
            .or_else(|| self.pool.subject_excluded(article))
            .or_else(|| (!in_sections || !has_tag).then_some(OmissionReason::OtherSubject))
            .or_else(|| max_age.is_some_and(|most| age > most).then_some(OmissionReason::TooOld { dated_at }))
    }

    /// How old a story may be where nothing is configured: as far as it takes to miss nothing
    /// between two editions, at least three days and at most ten.
    fn usual_age(&self) -> TimeDelta {
        let since_last = self.input.last_edition_at.map(|last| self.input.at.signed_duration_since(last));
        let (least, slack) = (TimeDelta::hours(72), TimeDelta::days(1));
        since_last.map_or(least, |gap| (gap.min(OLDEST) + slack).clamp(least, OLDEST))
    }
}

fn sent_on(day: Option<NaiveDate>) -> Option<OmissionReason> {
    day.map(|day| OmissionReason::Sent { day })
}

/// What a story shares with the lead, and how much that weighs: two for each tag, one for the
/// section.
fn shared(lead: &Article, article: &Article) -> Option<(usize, Reason)> {
    let has = |tag: &&String| article.content.tags.iter().any(|own| same(own, tag));
    let tags: Vec<String> = lead.content.tags.iter().filter(has).cloned().collect();
    let both = |section: &&String| article.content.section.as_ref().is_some_and(|own| same(own, section));
    let section = lead.content.section.as_ref().filter(both).cloned();
    let score = 2 * tags.len() + usize::from(section.is_some());
    (score > 0).then_some((score, Reason::SharedWithLead { tags, section }))
}
