//! The selection by examples, by what went wrong elsewhere, and by its properties.

mod blocks;
mod complaints;
mod properties;
mod rechecks;

use std::sync::LazyLock;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

use super::*;
use crate::domain::article::{Access, Article, ArticleContent, ArticleStatus};
use crate::domain::article_key::{UrlKeyRules, url_key};
use crate::domain::ids::ArticleId;
use crate::domain::language::Language;
use crate::domain::reads::ReadCount;

static PAGE_KEYS: LazyLock<UrlKeyRules> = LazyLock::new(UrlKeyRules::default);

/// A Tuesday, 18:00 in Tbilisi.
fn at() -> DateTime<Utc> {
    "2026-11-24T14:00:00Z".parse().unwrap()
}

fn ago(hours: i64) -> DateTime<Utc> {
    at() - TimeDelta::hours(hours)
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// An English story of so many hours ago, on its own page.
fn story(id: i64, hours: i64) -> Article {
    let url = format!("https://news.example.org/{id}/");
    Article {
        id: ArticleId(id),
        url_key: url_key(&url, &PAGE_KEYS),
        url: Some(url),
        first_seen_at: ago(hours),
        flagged_at: None,
        eligible: true,
        content: ArticleContent {
            title: format!("Story {id}"),
            summary: format!("What story {id} says."),
            section: None,
            authors: Vec::new(),
            tags: Vec::new(),
            language: Some("en".to_owned()),
            translation_group: None,
            image: None,
            published_at: Some(ago(hours)),
            updated_at: None,
            embargo_until: None,
            status: ArticleStatus::Published,
            access: Access::Public,
            related: Vec::new(),
            reading_minutes: None,
        },
    }
}

/// The story with a change.
fn with(mut story: Article, change: impl FnOnce(&mut Article)) -> Article {
    change(&mut story);
    story
}

fn in_language(tag: &str, group: &str, story: Article) -> Article {
    with(story, |story| {
        story.content.language = Some(tag.to_owned());
        story.content.translation_group = Some(group.to_owned());
    })
}

fn flagged(hours: i64, story: Article) -> Article {
    with(story, |story| story.flagged_at = Some(ago(hours)))
}

fn tagged(section: &str, tags: &[&str], story: Article) -> Article {
    with(story, |story| {
        story.content.section = Some(section.to_owned());
        story.content.tags = tags.iter().map(|tag| (*tag).to_owned()).collect();
    })
}

/// So many readers of a story's page, two hours ago.
fn reads(id: i64, visitors: i64) -> ReadCount {
    let url_key = format!("news.example.org/{id}");
    ReadCount { url_key, start_at: ago(2), span_s: 3_600, views: visitors, visitors }
}

fn pick(id: i64) -> EditorPick {
    EditorPick {
        target: Target::Article(ArticleId(id)),
        block: None,
        overrides: Overrides::default(),
        source_hash: None,
    }
}

fn block(kind: BlockKind, max: u32) -> BlockRules {
    BlockRules { max, ..BlockRules::new(kind) }
}

fn sent(id: i64, edition_day: &str, block: BlockKind, score: Option<i64>) -> SentBefore {
    SentBefore { article: ArticleId(id), edition_day: day(edition_day), block, score }
}

/// Everything that an edition is compiled from; yesterday's edition went out 24 hours ago.
#[derive(Clone, Debug)]
struct Newsroom {
    at: DateTime<Utc>,
    language: Language,
    without_language: WithoutLanguage,
    blocks: Vec<BlockRules>,
    picks: Vec<EditorPick>,
    articles: Vec<Article>,
    reads: Vec<ReadCount>,
    reads_fetched_at: Option<DateTime<Utc>>,
    sent: Vec<SentBefore>,
    exclusions: Vec<Exclusion>,
    last_edition_at: Option<DateTime<Utc>>,
}

impl Default for Newsroom {
    fn default() -> Self {
        Self {
            at: at(),
            language: Language::English,
            without_language: WithoutLanguage::Leave,
            blocks: vec![
                block(BlockKind::Picks, 3),
                block(BlockKind::MostRead, 3),
                block(BlockKind::Latest, 3),
            ],
            picks: Vec::new(),
            articles: Vec::new(),
            reads: Vec::new(),
            reads_fetched_at: Some(ago(1)),
            sent: Vec::new(),
            exclusions: Vec::new(),
            last_edition_at: Some(ago(24)),
        }
    }
}

impl Newsroom {
    fn compile(&self) -> Compiled {
        compile(&CompileInput {
            at: self.at,
            language: self.language,
            without_language: self.without_language,
            blocks: &self.blocks,
            picks: &self.picks,
            articles: &self.articles,
            reads: &self.reads,
            reads_fetched_at: self.reads_fetched_at,
            sent: &self.sent,
            exclusions: &self.exclusions,
            last_edition_at: self.last_edition_at,
            page_keys: &PAGE_KEYS,
        })
    }

    fn recheck(&self, draft: &Compiled) -> Rechecked {
        recheck(&RecheckInput {
            at: self.at,
            language: self.language,
            without_language: self.without_language,
            blocks: &draft.blocks,
            rules: &self.blocks,
            articles: &self.articles,
            exclusions: &self.exclusions,
        })
    }
}

fn ids(items: &[Item]) -> Vec<i64> {
    items.iter().filter_map(Item::article).map(|id| id.0).collect()
}

/// The items of each block.
fn items(blocks: &[Block]) -> Vec<Vec<i64>> {
    blocks.iter().map(|block| ids(&block.items)).collect()
}

/// Why a story is not in the blocks of a kind, in the words for people.
fn why_not(compiled: &Compiled, id: i64, block: impl Into<Option<BlockKind>>) -> Vec<String> {
    let block = block.into();
    let about = compiled
        .omissions
        .iter()
        .filter(|omission| omission.article == ArticleId(id) && omission.block == block);
    about.map(|omission| omission.why.to_string()).collect()
}
