//! From shortlists to blocks: who stands where, when several blocks want one story.

use std::collections::{BTreeMap, BTreeSet, HashSet, VecDeque};

use serde::{Deserialize, Serialize};

use super::content::{Block, BlockKind, Item, Origin, Overrides, Target, lead, source_hash};
use super::input::{CompileInput, EditorPick};
use super::omission::{Omission, OmissionReason};
use super::pool::Pool;
use super::reason::Reason;
use super::recheck::has_changed;
use super::rules::BlockRules;
use super::shortlist::{Chosen, Shortlist, Shortlister};
use super::warning::Warning;
use crate::domain::article::Article;
use crate::domain::ids::ArticleId;
use crate::domain::ranking::check_freshness;

/// How many reserves a block keeps.
const RESERVES: usize = 3;

/// A compiled draft.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Compiled {
    /// One for each block rule, in the order of the letter.
    pub blocks: Vec<Block>,
    /// Why stories are not where they might be; every candidate is an item, a reserve, or here.
    pub omissions: Vec<Omission>,
    /// What editors should know.
    pub warnings: Vec<Warning>,
}

/// Compiles an edition. Editors' picks are placed first, then the blocks fill in order of human
/// priority ([`BlockKind`]), and what is left over becomes reserves in the same order.
///
/// When the read counts are stale, a most-read block becomes one of the latest stories, or stays
/// empty where the newsletter has such a block without filters already.
pub fn compile(input: &CompileInput<'_>) -> Compiled {
    let pool = Pool::new(input.at, input.language, input.without_language, input.articles, input.exclusions);
    let mut omissions = Vec::new();
    let open = pool.all().filter(|article| match closed(input, &pool, article) {
        Some(why) => {
            omissions.push(Omission { article: article.id, block: None, why });
            false
        }
        None => true,
    });
    let open = open.collect();
    let mut draft = Draft {
        input,
        pool: &pool,
        shortlister: Shortlister::new(input, &pool, open),
        blocks: empty_blocks(input),
        waiting: input.blocks.iter().map(|_| VecDeque::new()).collect(),
        taken: BTreeMap::new(),
        omissions,
        warnings: Vec::new(),
    };
    draft.fall_back_from_stale_reads();
    for pick in input.picks {
        draft.place_pick(pick);
    }
    let order = draft.order();
    draft.fill_all(&order);
    draft.keep_reserves(&order);
    draft.finish()
}

/// Why no block of the edition can take a story.
fn closed<'a>(input: &CompileInput<'_>, pool: &Pool<'a>, article: &'a Article) -> Option<OmissionReason> {
    let foreign_to_all = || {
        let of_stories = input.blocks.iter().filter(|rules| rules.kind != BlockKind::House);
        let mut foreign = of_stories.map(|rules| pool.foreign(article, rules));
        let first = foreign.next().flatten()?;
        foreign.all(|why| why.is_some()).then_some(first)
    };
    pool.barred(article).or_else(foreign_to_all)
}

fn empty_blocks(input: &CompileInput<'_>) -> Vec<Block> {
    let empty = |rules: &BlockRules| Block {
        kind: rules.kind,
        title: rules.title.clone(),
        items: Vec::new(),
        reserves: Vec::new(),
        house: rules.house.clone().filter(|_| rules.kind == BlockKind::House),
    };
    input.blocks.iter().map(empty).collect()
}

/// An edition in the making. Blocks are known by their position in the letter.
struct Draft<'a> {
    input: &'a CompileInput<'a>,
    pool: &'a Pool<'a>,
    shortlister: Shortlister<'a>,
    blocks: Vec<Block>,
    /// What each block would take besides its items, best first.
    waiting: Vec<VecDeque<Item>>,
    /// Each placed story and its translations, with the block where it stands.
    taken: BTreeMap<ArticleId, usize>,
    omissions: Vec<Omission>,
    warnings: Vec<Warning>,
}

impl<'a> Draft<'a> {
    fn fall_back_from_stale_reads(&mut self) {
        let Err(staleness) = check_freshness(self.input.reads_fetched_at, self.input.at) else { return };
        for index in 0..self.blocks.len() {
            if self.blocks[index].kind != BlockKind::MostRead {
                continue;
            }
            self.warnings.push(Warning::ReadsStale { staleness });
            let shows_all_latest = self.blocks.iter().zip(self.input.blocks).any(|(block, rules)| {
                block.kind == BlockKind::Latest && rules.sections.is_empty() && rules.tags.is_empty()
            });
            if !shows_all_latest {
                // Its own heading would promise what it does not hold.
                self.blocks[index].kind = BlockKind::Latest;
                self.blocks[index].title = None;
            }
        }
    }

    /// The blocks in order of human priority.
    fn order(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.blocks.len()).collect();
        order.sort_by_key(|index| (self.blocks[*index].kind, *index));
        order
    }

    fn place_pick(&mut self, pick: &EditorPick) {
        let first_picks = || self.blocks.iter().position(|block| block.kind == BlockKind::Picks);
        let index = pick
            .block
            .or_else(first_picks)
            .filter(|index| self.blocks.get(*index).is_some_and(|block| block.kind != BlockKind::House));
        let Some(index) = index else {
            self.warnings.push(Warning::NoSuchBlock { target: pick.target.clone() });
            return;
        };
        match self.item_of(pick, index) {
            Ok(item) => {
                let versions = self.versions(&item);
                if self.has_room(index) {
                    self.warn_of_pick(&item);
                    for version in versions {
                        self.taken.entry(version).or_insert(index);
                    }
                    self.blocks[index].items.push(item);
                } else {
                    self.waiting[index].push_back(item);
                }
            }
            Err(reason) => {
                if let Target::Article(id) = pick.target {
                    self.omit(id, index, reason.clone());
                }
                self.warnings.push(Warning::PickLeftOut { target: pick.target.clone(), reason });
            }
        }
    }

    fn item_of(&self, pick: &EditorPick, index: usize) -> Result<Item, OmissionReason> {
        let mut item = Item {
            target: pick.target.clone(),
            overrides: pick.overrides.clone(),
            source_hash: pick.source_hash.clone(),
            source_changed: false,
            origin: Origin::Editor,
            reason: Reason::Picked,
        };
        let Target::Article(picked) = pick.target else {
            let headline = pick.overrides.headline.as_deref().map(str::trim);
            return if headline.is_none_or(str::is_empty) {
                Err(OmissionReason::NoHeadline)
            } else {
                Ok(item)
            };
        };
        let article = self.pool.get(picked).ok_or(OmissionReason::Vanished)?;
        let rules = &self.input.blocks[index];
        if let Some(why) = self.pool.barred(article) {
            return Err(why);
        }
        if let Some(why) = self.pool.foreign(article, rules) {
            let version = self.pool.version_for(article, rules).ok_or(why)?;
            item.target = Target::Article(version.id);
            item.source_hash = item.source_hash.map(|_| source_hash(&version.content));
            item.reason = Reason::TranslationOfPick { picked };
        } else {
            item.source_changed = has_changed(&item, article);
        }
        Ok(item)
    }

    fn warn_of_pick(&mut self, item: &Item) {
        let Some(story) = item.article().and_then(|id| self.pool.get(id)) else { return };
        let article = story.id;
        if self.taken.contains_key(&article) {
            self.warnings.push(Warning::PlacedTwice { article });
        }
        if let Some(OmissionReason::Excluded { reason }) = self.pool.subject_excluded(story) {
            self.warnings.push(Warning::PickedThoughExcluded { article, reason });
        }
        if let Some(day) = self.shortlister.last_sent(story) {
            self.warnings.push(Warning::PickedAgain { article, day });
        }
        if item.source_changed {
            self.warnings.push(Warning::SourceChanged { article });
        }
    }

    fn fill_all(&mut self, order: &[usize]) {
        let mut without_lead = Vec::new();
        for &index in order {
            if self.blocks[index].kind == BlockKind::Related && lead(&self.blocks).is_none() {
                // Only the latest can give the lead now, so they come first.
                without_lead.push(index);
            } else {
                self.fill(index);
            }
        }
        for index in without_lead {
            self.fill(index);
        }
    }

    /// Fills a block with what its kind asks for.
    fn fill(&mut self, index: usize) {
        let Shortlist { chosen, left_out, warning } = self.shortlist(index);
        self.warnings.extend(warning);
        for (article, why) in left_out {
            self.omit(article, index, why);
        }
        for Chosen { article, origin, reason } in chosen {
            let item = Item {
                target: Target::Article(article),
                overrides: Overrides::default(),
                source_hash: None,
                source_changed: false,
                origin,
                reason,
            };
            if !self.taken.contains_key(&article) && self.has_room(index) {
                for version in self.versions(&item) {
                    self.taken.insert(version, index);
                }
                self.blocks[index].items.push(item);
            } else {
                self.waiting[index].push_back(item);
            }
        }
    }

    fn shortlist(&self, index: usize) -> Shortlist {
        let rules = &self.input.blocks[index];
        match self.blocks[index].kind {
            BlockKind::Picks => {
                let editors_chose = !self.blocks[index].items.is_empty();
                self.shortlister.flagged(rules, editors_chose)
            }
            BlockKind::MostRead => self.shortlister.most_read(rules),
            BlockKind::Latest => self.shortlister.latest(rules),
            BlockKind::Related => self.shortlister.related(rules, lead(&self.blocks).and_then(Item::article)),
            BlockKind::House => Shortlist::default(),
        }
    }

    fn has_room(&self, index: usize) -> bool {
        let max = usize::try_from(self.input.blocks[index].max).unwrap_or(usize::MAX);
        self.blocks[index].items.len() < max
    }

    fn versions(&self, item: &Item) -> Vec<ArticleId> {
        let story = item.article().and_then(|id| self.pool.get(id));
        story.into_iter().flat_map(|story| self.pool.versions(story)).map(|version| version.id).collect()
    }

    fn omit(&mut self, article: ArticleId, index: usize, why: OmissionReason) {
        self.omissions.push(Omission { article, block: Some(self.blocks[index].kind), why });
    }

    /// Turns what waits into reserves, each story at most once in the edition.
    fn keep_reserves(&mut self, order: &[usize]) {
        let mut reserved = HashSet::new();
        for &index in order {
            for item in std::mem::take(&mut self.waiting[index]) {
                let placed = item.article().and_then(|id| Some((id, *self.taken.get(&id)?)));
                if let Some((id, place)) = placed {
                    if !self.stands_in(id, index) {
                        let Block { kind, title, .. } = &self.blocks[place];
                        let why = OmissionReason::AlreadyIn { kind: *kind, title: title.clone() };
                        self.omit(id, index, why);
                    }
                    continue;
                }
                let versions = self.versions(&item);
                let is_new = !versions.iter().any(|version| reserved.contains(version));
                if is_new && self.blocks[index].reserves.len() < RESERVES {
                    reserved.extend(versions);
                    self.blocks[index].reserves.push(item);
                } else if let Some(id) = item.article() {
                    self.omit(id, index, OmissionReason::NoRoom);
                }
            }
        }
    }

    fn stands_in(&self, article: ArticleId, index: usize) -> bool {
        self.blocks[index].items.iter().any(|item| item.article() == Some(article))
    }

    fn finish(mut self) -> Compiled {
        let kept = self.blocks.iter().flat_map(|block| block.items.iter().chain(&block.reserves));
        let mut named: BTreeSet<ArticleId> = kept.filter_map(Item::article).collect();
        named.extend(self.omissions.iter().map(|omission| omission.article));
        for article in self.pool.all().map(|article| article.id).filter(|id| !named.contains(id)) {
            self.omissions.push(Omission { article, block: None, why: OmissionReason::NotAsked });
        }
        for block in self.blocks.iter().filter(|block| block.kind != BlockKind::House) {
            if block.items.is_empty() {
                self.warnings.push(Warning::Empty { kind: block.kind });
            }
            for item in &block.items {
                if let (Some(article), Reason::Read { suspicious: true, .. }) = (item.article(), &item.reason)
                {
                    self.warnings.push(Warning::Suspicious { article });
                }
            }
        }
        Compiled { blocks: self.blocks, omissions: self.omissions, warnings: self.warnings }
    }
}
