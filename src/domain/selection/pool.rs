//! The stories that an edition may draw on, and what keeps one out whoever asks for it.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, TimeDelta, Utc};

use super::input::{Excluded, Exclusion, WithoutLanguage};
use super::omission::OmissionReason;
use super::rules::BlockRules;
use crate::domain::article::{Article, ArticleStatus};
use crate::domain::ids::ArticleId;
use crate::domain::language::Language;

/// How far a source's clock may run ahead of ours before a publication date counts as an embargo.
const CLOCKS_DIFFER: TimeDelta = TimeDelta::minutes(10);

/// Stories by id and by translation group, at one instant.
pub(super) struct Pool<'a> {
    at: DateTime<Utc>,
    language: Language,
    without_language: WithoutLanguage,
    exclusions: Vec<&'a Exclusion>,
    articles: BTreeMap<ArticleId, &'a Article>,
    groups: HashMap<&'a str, Vec<ArticleId>>,
}

impl<'a> Pool<'a> {
    pub(super) fn new(
        at: DateTime<Utc>,
        language: Language,
        without_language: WithoutLanguage,
        articles: &'a [Article],
        exclusions: &'a [Exclusion],
    ) -> Self {
        let articles: BTreeMap<_, _> = articles.iter().map(|article| (article.id, article)).collect();
        let mut groups: HashMap<&str, Vec<ArticleId>> = HashMap::new();
        for article in articles.values() {
            if let Some(group) = group_of(article) {
                groups.entry(group).or_default().push(article.id);
            }
        }
        let in_force = |exclusion: &&Exclusion| exclusion.until.is_none_or(|until| at < until);
        let exclusions = exclusions.iter().filter(in_force).collect();
        Self { at, language, without_language, exclusions, articles, groups }
    }

    /// Every story, in order of ids.
    pub(super) fn all(&self) -> impl Iterator<Item = &'a Article> {
        self.articles.values().copied()
    }

    pub(super) fn get(&self, id: ArticleId) -> Option<&'a Article> {
        self.articles.get(&id).copied()
    }

    /// The story and its translations, itself first.
    pub(super) fn versions(&self, article: &'a Article) -> impl Iterator<Item = &'a Article> {
        let group = group_of(article).and_then(|group| self.groups.get(group));
        let others = group.into_iter().flatten().filter(move |id| **id != article.id);
        std::iter::once(article).chain(others.filter_map(|id| self.get(*id)))
    }

    /// The version of a story that a block may show: itself, else a translation.
    pub(super) fn version_for(&self, article: &'a Article, rules: &BlockRules) -> Option<&'a Article> {
        let fits =
            |version: &&Article| self.barred(version).is_none() && self.foreign(version, rules).is_none();
        self.versions(article).find(fits)
    }

    /// When the newsroom last flagged the story or a translation of it.
    pub(super) fn flagged_at(&self, article: &'a Article) -> Option<DateTime<Utc>> {
        self.versions(article).filter_map(|version| version.flagged_at).max()
    }

    /// What keeps a story out of every block, even where an editor placed it.
    pub(super) fn barred(&self, article: &'a Article) -> Option<OmissionReason> {
        let content = &article.content;
        if content.status == ArticleStatus::Withdrawn {
            return Some(OmissionReason::Withdrawn);
        }
        let ids: Vec<ArticleId> = self.versions(article).map(|version| version.id).collect();
        let orders_out =
            |exclusion: &Exclusion| matches!(exclusion.what, Excluded::Article(id) if ids.contains(&id));
        if let Some(reason) = self.exclusion(orders_out) {
            return Some(reason);
        }
        let future =
            content.published_at.filter(|published| published.signed_duration_since(self.at) > CLOCKS_DIFFER);
        let embargo = content.embargo_until.filter(|until| *until > self.at);
        if let Some(until) = embargo.max(future) {
            return Some(OmissionReason::Embargoed { until });
        }
        if article.url.is_none() {
            return Some(OmissionReason::NoPage);
        }
        (!article.eligible).then_some(OmissionReason::UndatedFirstPoll)
    }

    /// An exclusion of the story's section or of one of its tags: rules obey it, editors need not.
    pub(super) fn subject_excluded(&self, article: &Article) -> Option<OmissionReason> {
        self.exclusion(|exclusion| match &exclusion.what {
            Excluded::Article(_) => false,
            Excluded::Section(name) => article.content.section.as_ref().is_some_and(|own| same(own, name)),
            Excluded::Tag(name) => article.content.tags.iter().any(|own| same(own, name)),
        })
    }

    fn exclusion(&self, concerns: impl Fn(&Exclusion) -> bool) -> Option<OmissionReason> {
        let exclusion = self.exclusions.iter().find(|exclusion| concerns(exclusion))?;
        Some(OmissionReason::Excluded { reason: exclusion.reason.clone() })
    }

    /// Why a block does not speak the story's language, if so.
    pub(super) fn foreign(&self, article: &Article, rules: &BlockRules) -> Option<OmissionReason> {
        let speaks = |language: Language| match rules.languages.as_slice() {
            [] => language == self.language,
            languages => languages.contains(&language),
        };
        match (&article.content.language, self.without_language) {
            (Some(tag), _) => match Language::from_tag(tag) {
                Some(language) if speaks(language) => None,
                _ => Some(OmissionReason::InLanguage { language: tag.clone() }),
            },
            (None, WithoutLanguage::Take) if speaks(self.language) => None,
            (None, _) => Some(OmissionReason::LanguageUnknown),
        }
    }
}

/// Whether two names of sections or tags are one, whatever their case.
pub(super) fn same(one: &str, other: &str) -> bool {
    one.trim().to_lowercase() == other.trim().to_lowercase()
}

fn group_of(article: &Article) -> Option<&str> {
    article.content.translation_group.as_deref().filter(|group| !group.is_empty())
}
