//! What holds for every newsroom.

use std::collections::{BTreeSet, HashMap, HashSet};

use proptest::prelude::*;

use super::*;

fn any_story() -> impl Strategy<Value = Article> {
    let hours = || prop_oneof![3 => 0..40i64, 1 => -3..400i64];
    let words = (
        prop::option::weighted(0.9, prop::sample::select(vec!["en", "hy", "hy-AM", "ru", "xx"])),
        prop::option::weighted(0.3, 0..5u8),
        prop::option::of(prop::sample::select(vec!["City", "Sport"])),
        prop::collection::vec(prop::sample::select(vec!["ferry", "port", "advert"]), 0..3),
    );
    let times = (hours(), prop::option::of(hours()), prop::option::weighted(0.15, hours()));
    let flags = (
        prop::option::weighted(0.3, 0..40i64),
        prop::bool::weighted(0.1),
        prop::bool::weighted(0.1),
        prop::bool::weighted(0.9),
        prop::option::weighted(0.2, 1..14i64),
    );
    (words, times, flags).prop_map(|((language, group, section, tags), (seen, dated, embargo), flags)| {
        let (flag, withdrawn, pageless, eligible, related) = flags;
        with(story(0, seen.max(0)), |story| {
            story.content.language = language.map(str::to_owned);
            story.content.translation_group = group.map(|group| group.to_string());
            story.content.section = section.map(str::to_owned);
            story.content.tags = tags.iter().map(|tag| (*tag).to_owned()).collect();
            story.content.published_at = dated.map(ago);
            story.content.embargo_until = embargo.map(ago);
            story.content.related =
                related.map(|id| format!("https://news.example.org/{id}/")).into_iter().collect();
            story.flagged_at = flag.map(ago);
            story.eligible = eligible;
            if withdrawn {
                story.content.status = ArticleStatus::Withdrawn;
            }
            if pageless {
                (story.url, story.url_key) = (None, None);
            }
        })
    })
}

fn any_block() -> impl Strategy<Value = BlockRules> {
    let words = (
        prop::sample::select(BlockKind::ALL.to_vec()),
        prop::collection::vec(prop::sample::select(vec!["City".to_owned(), "Sport".to_owned()]), 0..2),
        prop::collection::vec(prop::sample::select(vec!["ferry".to_owned(), "port".to_owned()]), 0..2),
        prop::collection::vec(prop::sample::select(vec![Language::Russian, Language::English]), 0..2),
    );
    let pooled = prop::sample::select(Translations::ALL.to_vec());
    (words, 0..5u32, prop::option::of(0..30u32), prop::option::of(1..100i64), pooled).prop_map(
        |((kind, sections, tags, languages), max, min_visitors, age, translations)| BlockRules {
            sections,
            tags,
            languages,
            max,
            min_visitors,
            translations,
            max_age: age.map(TimeDelta::hours),
            ..BlockRules::new(kind)
        },
    )
}

fn any_newsroom() -> impl Strategy<Value = Newsroom> {
    let exclusion =
        (0..20i64, prop::option::of(-2..2i64), any::<bool>()).prop_map(|(id, until, tag)| Exclusion {
            what: if tag { Excluded::Tag("advert".to_owned()) } else { Excluded::Article(ArticleId(id)) },
            until: until.map(ago),
            reason: "legal".to_owned(),
        });
    let before =
        (1..16i64, 0..8i64, prop::sample::select(BlockKind::ALL.to_vec()), prop::option::of(0..100_000i64))
            .prop_map(|(id, days, block, score)| SentBefore {
                article: ArticleId(id),
                edition_day: at().date_naive() - TimeDelta::days(days),
                block,
                score,
            });
    let placed = (1..18i64, prop::option::weighted(0.3, 0..6usize))
        .prop_map(|(id, block)| EditorPick { block, ..pick(id) });
    (
        prop::collection::vec(any_story(), 0..16),
        prop::collection::vec(any_block(), 0..6),
        prop::collection::vec(placed, 0..4),
        prop::collection::vec((1..16i64, 0..400i64), 0..20),
        prop::collection::vec(before, 0..5),
        prop::collection::vec(exclusion, 0..3),
        (
            prop::option::of(0..10i64),
            prop::option::of(1..200i64),
            prop::sample::select(vec![Language::English, Language::Armenian]),
            prop::sample::select(WithoutLanguage::ALL.to_vec()),
        ),
    )
        .prop_map(|(mut articles, blocks, picks, counts, sent, exclusions, rest)| {
            let (fetched, last, language, without_language) = rest;
            for (id, article) in (1..).zip(&mut articles) {
                let numbered = story(id, 0);
                article.id = numbered.id;
                if article.url.is_some() {
                    (article.url, article.url_key) = (numbered.url, numbered.url_key);
                }
            }
            Newsroom {
                articles,
                blocks,
                picks,
                reads: counts.into_iter().map(|(id, visitors)| reads(id, visitors)).collect(),
                sent,
                exclusions,
                reads_fetched_at: fetched.map(ago),
                last_edition_at: last.map(ago),
                language,
                without_language,
                ..Newsroom::default()
            }
        })
}

/// A story with its translations, as one name.
fn group(article: &Article) -> String {
    article.content.translation_group.clone().unwrap_or_else(|| format!("article {}", article.id))
}

fn by_id(newsroom: &Newsroom) -> HashMap<ArticleId, &Article> {
    newsroom.articles.iter().map(|article| (article.id, article)).collect()
}

/// What may never be sent, checked straight from the words of the design.
fn must_not_be_sent(newsroom: &Newsroom, article: &Article, rules: &BlockRules) -> bool {
    let content = &article.content;
    let embargoed = content.embargo_until.is_some_and(|until| until > newsroom.at);
    let spoken = if rules.languages.is_empty() { vec![newsroom.language] } else { rules.languages.clone() };
    let foreign = match content.language.as_deref().map(Language::from_tag) {
        Some(language) => !language.is_some_and(|language| spoken.contains(&language)),
        None => newsroom.without_language == WithoutLanguage::Leave || !spoken.contains(&newsroom.language),
    };
    let excluded = newsroom.exclusions.iter().any(|exclusion| {
        exclusion.until.is_none_or(|until| until > newsroom.at)
            && exclusion.what == Excluded::Article(article.id)
    });
    content.status == ArticleStatus::Withdrawn
        || embargoed
        || foreign
        || excluded
        || article.url.is_none()
        || !article.eligible
}

fn check(newsroom: &Newsroom, blocks: &[Block]) -> Result<(), TestCaseError> {
    let articles = by_id(newsroom);
    let mut seen = HashSet::new();
    for (block, rules) in blocks.iter().zip(&newsroom.blocks) {
        prop_assert!(block.items.len() <= rules.max as usize);
        prop_assert!(block.reserves.len() <= 3);
        for item in block.items.iter().chain(&block.reserves) {
            let article = articles[&item.article().unwrap()];
            prop_assert!(!must_not_be_sent(newsroom, article, rules), "{article:?}");
            let placed_by_hand = item.origin == Origin::Editor;
            prop_assert!(seen.insert(group(article)) || placed_by_hand, "{article:?} stands twice");
        }
    }
    Ok(())
}

proptest! {
    #[test]
    fn an_edition_holds_nothing_twice_and_nothing_unfit(newsroom in any_newsroom()) {
        let compiled = newsroom.compile();
        prop_assert_eq!(compiled.blocks.len(), newsroom.blocks.len());
        // Hand-placed stories may stand in a lower block too; so they are looked at first.
        let mut by_hand_first: Vec<_> = compiled.blocks.iter().zip(&newsroom.blocks).collect();
        by_hand_first.sort_by_key(|(block, _)| block.items.iter().all(|item| item.origin != Origin::Editor));
        let sorted = Newsroom {
            blocks: by_hand_first.iter().map(|(_, rules)| (*rules).clone()).collect(),
            ..newsroom.clone()
        };
        let blocks: Vec<_> = by_hand_first.iter().map(|(block, _)| (*block).clone()).collect();
        check(&sorted, &blocks)?;
    }

    #[test]
    fn every_candidate_is_in_or_says_why_not(newsroom in any_newsroom()) {
        let compiled = newsroom.compile();
        let kept = compiled.blocks.iter().flat_map(|block| block.items.iter().chain(&block.reserves));
        let mut named: BTreeSet<_> = kept.filter_map(Item::article).collect();
        named.extend(compiled.omissions.iter().map(|omission| omission.article));
        for article in &newsroom.articles {
            prop_assert!(named.contains(&article.id), "{article:?}");
        }
    }

    #[test]
    fn what_a_person_chose_comes_before_what_a_rule_chose(newsroom in any_newsroom()) {
        let compiled = newsroom.compile();
        for (block, rules) in compiled.blocks.iter().zip(&newsroom.blocks) {
            let by_rule = |item: &Item| item.origin != Origin::Editor;
            prop_assert!(block.items.is_sorted_by_key(by_rule));
            // Nothing waits in reserve beside an empty place.
            prop_assert!(block.items.len() == rules.max as usize || block.reserves.is_empty());
        }
        // What is left out as placed elsewhere is placed there.
        let articles = by_id(&newsroom);
        for omission in &compiled.omissions {
            let OmissionReason::AlreadyIn { kind, .. } = &omission.why else { continue };
            let wanted = group(articles[&omission.article]);
            let places = compiled.blocks.iter().filter(|block| block.kind == *kind);
            let found = places.flat_map(|block| ids(&block.items));
            prop_assert!(found.into_iter().any(|id| group(articles[&ArticleId(id)]) == wanted));
        }
    }

    /// Human priority alone decides who gets a story, not where a block stands in the letter.
    #[test]
    fn the_order_of_blocks_in_the_letter_does_not_matter(newsroom in any_newsroom()) {
        let mut kinds = HashSet::new();
        let mut newsroom = Newsroom { reads_fetched_at: Some(ago(1)), ..newsroom };
        newsroom.blocks.retain(|rules| kinds.insert(rules.kind));
        newsroom.picks.iter_mut().for_each(|pick| pick.block = None);
        let turned = Newsroom { blocks: newsroom.blocks.iter().rev().cloned().collect(), ..newsroom.clone() };
        let mut blocks = turned.compile().blocks;
        blocks.reverse();
        prop_assert_eq!(newsroom.compile().blocks, blocks);
    }

    #[test]
    fn the_order_of_articles_and_reads_does_not_matter(newsroom in any_newsroom()) {
        let mut turned = newsroom.clone();
        turned.articles.reverse();
        turned.reads.reverse();
        turned.sent.reverse();
        prop_assert_eq!(newsroom.compile(), turned.compile());
    }

    #[test]
    fn a_second_look_finds_nothing_and_a_later_one_leaves_only_what_is_fit(
        newsroom in any_newsroom(),
        gone in prop::collection::vec(1..16i64, 0..5),
    ) {
        let draft = newsroom.compile();
        let again = newsroom.recheck(&draft);
        prop_assert_eq!((&again.blocks, again.changes.len()), (&draft.blocks, 0));
        prop_assert_eq!(again.lead, Lead::Stands);

        let mut later = Newsroom { picks: Vec::new(), ..newsroom };
        let without_hand = later.compile();
        for article in later.articles.iter_mut().filter(|article| gone.contains(&article.id.0)) {
            article.content.status = ArticleStatus::Withdrawn;
        }
        let again = later.recheck(&without_hand);
        check(&later, &again.blocks)?;
        let lead_went = lead(&without_hand.blocks)
            .and_then(Item::article)
            .is_some_and(|id| gone.contains(&id.0));
        prop_assert_eq!(lead_went, matches!(again.lead, Lead::Withdrawn { .. }));
    }
}
