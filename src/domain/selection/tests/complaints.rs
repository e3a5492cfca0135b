//! What went wrong in other programs, each with what is right.

use super::*;

/// The feed in which the site moved to https: what was known keeps its first-seen time, and one
/// story is new.
#[test]
fn the_next_edition_holds_only_what_was_first_seen_after_the_last() {
    let retitled = with(story(2, 30), |story| {
        story.content.title = "Harbour tax: council said yes".to_owned();
        story.content.published_at = Some(ago(3));
        story.content.updated_at = Some(ago(3));
    });
    let newsroom = Newsroom {
        articles: vec![story(1, 30), retitled, story(3, 5)],
        blocks: vec![block(BlockKind::Latest, 10)],
        ..Newsroom::default()
    };
    assert_eq!(items(&newsroom.compile().blocks), [[3]]);
    // The first edition had the two that were known then, by the same instant.
    let first = Newsroom { at: ago(24), last_edition_at: None, ..newsroom.clone() };
    let known = first.articles[..2]
        .iter()
        .map(|known| with(known.clone(), |known| known.content.published_at = Some(ago(30))));
    let first = Newsroom { articles: known.collect(), ..first };
    assert_eq!(items(&first.compile().blocks), [[2, 1]]);
}

#[test]
fn a_digest_with_nothing_new_is_nothing_new() {
    let newsroom = Newsroom { articles: vec![story(1, 30), story(2, 40)], ..Newsroom::default() };
    assert_eq!(weigh(&newsroom.compile().blocks, 1), Content::NothingNew);
}

/// Local time is never compared with UTC: a story of the evening in Tbilisi is in one edition,
/// whatever the hour of the edition, also when both have the same minute.
#[test]
fn a_late_story_is_in_exactly_one_edition() {
    for evening in ["2026-11-23T22:30:00+04:00", "2026-11-23T22:00:00+04:00"] {
        let evening: DateTime<Utc> = evening.parse().unwrap();
        let late = with(story(1, 0), |story| {
            story.first_seen_at = evening;
            story.content.published_at = Some(evening);
        });
        for hour in 0..24 {
            let first: DateTime<Utc> = format!("2026-11-22T{hour:02}:00:00+04:00").parse().unwrap();
            let slots: Vec<_> = (0..5).map(|days| first + TimeDelta::days(days)).collect();
            let carrying = slots.windows(2).filter(|slots| {
                let newsroom = Newsroom {
                    at: slots[1],
                    last_edition_at: Some(slots[0]),
                    // The importer had not seen it before.
                    articles: if slots[1] >= evening { vec![late.clone()] } else { Vec::new() },
                    ..Newsroom::default()
                };
                items(&newsroom.compile().blocks).concat() == [1]
            });
            assert_eq!(carrying.count(), 1, "story of {evening}, editions at {hour}:00");
        }
    }
}

/// Friday's edition did not know yet what was published a moment before it; Monday's has it.
#[test]
fn what_a_source_tells_late_is_not_lost_over_a_weekend() {
    let before_friday = with(story(1, 72), |story| story.content.published_at = Some(ago(73)));
    let seen_after = with(before_friday, |story| story.first_seen_at = ago(71));
    let monday =
        Newsroom { articles: vec![seen_after], last_edition_at: Some(ago(72)), ..Newsroom::default() };
    assert_eq!(ids(&monday.compile().blocks[2].items), [1]);
    let first_ever = Newsroom { last_edition_at: None, ..monday };
    assert_eq!(why_not(&first_ever.compile(), 1, BlockKind::Latest), ["too old: of 2026-11-21 13:00 UTC"]);
}

#[test]
fn one_excluded_tag_keeps_a_story_out_and_two_wanted_ones_bring_it_in_once() {
    let wanted =
        BlockRules { tags: vec!["port".to_owned(), "ferry".to_owned()], ..block(BlockKind::Latest, 5) };
    let newsroom = Newsroom {
        blocks: vec![wanted.clone(), wanted],
        articles: vec![
            tagged("City", &["port", "Advert"], story(1, 5)),
            tagged("City", &["port", "ferry"], story(2, 5)),
        ],
        exclusions: vec![Exclusion {
            what: Excluded::Tag("advert".to_owned()),
            until: None,
            reason: "advertising".to_owned(),
        }],
        ..Newsroom::default()
    };
    let compiled = newsroom.compile();
    assert_eq!(items(&compiled.blocks), [vec![2], vec![]]);
    assert_eq!(why_not(&compiled, 1, BlockKind::Latest)[0], "excluded: advertising");
}

#[test]
fn an_armenian_list_gets_armenian_stories_only() {
    let articles = vec![
        in_language("en", "a", story(1, 5)),
        in_language("hy-AM", "a", story(2, 5)),
        in_language("en", "b", story(3, 5)),
        in_language("hy", "c", story(4, 6)),
        in_language("fr", "c", story(5, 6)),
    ];
    let newsroom = Newsroom {
        language: Language::Armenian,
        articles,
        picks: vec![pick(1), pick(3)],
        ..Newsroom::default()
    };
    let compiled = newsroom.compile();
    // The pick is shown in its Armenian version; the one without a version is left out.
    assert_eq!(items(&compiled.blocks), [vec![2], vec![], vec![4]]);
    assert_eq!(
        compiled.blocks[0].items[0].reason.to_string(),
        "translation of article 1, which an editor picked"
    );
    assert_eq!(compiled.warnings[0].to_string(), "a pick was left out (article 3): in language en");
    assert_eq!(why_not(&compiled, 5, None), ["in language fr"]);
}

#[test]
fn a_flag_reaches_the_translations() {
    let newsroom = Newsroom {
        language: Language::Georgian,
        articles: vec![flagged(2, in_language("en", "a", story(1, 5))), in_language("ka", "a", story(2, 5))],
        ..Newsroom::default()
    };
    assert_eq!(ids(&newsroom.compile().blocks[0].items), [2]);
}

#[test]
fn machines_of_one_hour_are_shown_to_a_person_and_weigh_little() {
    let hour = |id: i64, hours, visitors| ReadCount { start_at: ago(hours), ..reads(id, visitors) };
    let mut counts: Vec<_> = (2..=9).flat_map(|hours| [hour(1, hours, 40), hour(3, hours, 35)]).collect();
    counts.extend((3..=9).map(|hours| hour(2, hours, 3)));
    counts.push(hour(2, 2, 50_000));
    let newsroom = Newsroom {
        articles: vec![story(1, 30), story(2, 30), story(3, 30)],
        reads: counts,
        blocks: vec![BlockRules { min_visitors: Some(10), ..block(BlockKind::MostRead, 3) }],
        ..Newsroom::default()
    };
    let compiled = newsroom.compile();
    assert_eq!(items(&compiled.blocks), [[1, 3, 2]]);
    assert_eq!(compiled.warnings, [Warning::Suspicious { article: ArticleId(2) }]);
}

#[test]
fn a_stale_ranking_gives_way_to_the_latest() {
    let mut newsroom = Newsroom {
        blocks: vec![BlockRules { title: Some("Most Popular".to_owned()), ..block(BlockKind::MostRead, 3) }],
        articles: (1..=4).map(|id| story(id, id)).collect(),
        reads: (1..=4).map(|id| reads(id, 100 * id)).collect(),
        ..Newsroom::default()
    };
    assert_eq!(items(&newsroom.compile().blocks), [[4, 3, 2]]);
    newsroom.reads_fetched_at = Some(ago(7));
    let compiled = newsroom.compile();
    assert_eq!(items(&compiled.blocks), [[1, 2, 3]]);
    assert_eq!((compiled.blocks[0].kind, &compiled.blocks[0].title), (BlockKind::Latest, &None));
    assert!(compiled.warnings[0].to_string().starts_with("no most-read list: the read counts are of "));
    // Where the letter has the latest already, they are not shown twice.
    newsroom.blocks.push(block(BlockKind::Latest, 9));
    let compiled = newsroom.compile();
    assert_eq!(items(&compiled.blocks), [vec![], vec![1, 2, 3, 4]]);
    assert_eq!(compiled.blocks[0].kind, BlockKind::MostRead);
}

#[test]
fn an_exclusion_holds_in_all_languages_for_picks_too_until_it_ends() {
    let exclude = |id: i64, until| Exclusion {
        what: Excluded::parse(ExclusionScope::Article, &id.to_string()).unwrap(),
        until,
        reason: "legal".to_owned(),
    };
    let mut newsroom = Newsroom {
        articles: vec![
            in_language("en", "a", story(1, 5)),
            in_language("ka", "a", story(2, 5)),
            story(3, 5),
            story(4, 5),
            story(5, 5),
        ],
        reads: (1..=5).map(|id| reads(id, 100)).collect(),
        exclusions: vec![exclude(2, None), exclude(3, Some(ago(-1))), exclude(4, Some(at()))],
        ..Newsroom::default()
    };
    newsroom.picks = vec![pick(1)];
    let compiled = newsroom.compile();
    let mut shown = items(&compiled.blocks).concat();
    shown.sort_unstable();
    assert_eq!(shown, [4, 5]);
    assert_eq!(why_not(&compiled, 1, None), ["excluded: legal"]);
    assert_eq!(compiled.warnings[0].to_string(), "a pick was left out (article 1): excluded: legal");
}

#[test]
fn an_editor_may_overrule_the_exclusion_of_a_section_and_is_told() {
    let newsroom = Newsroom {
        articles: vec![tagged("Adverts", &[], story(1, 5)), tagged("adverts", &[], story(2, 5))],
        picks: vec![pick(1)],
        exclusions: vec![Exclusion {
            what: Excluded::Section("Adverts".to_owned()),
            until: None,
            reason: "paid".to_owned(),
        }],
        ..Newsroom::default()
    };
    let compiled = newsroom.compile();
    assert_eq!(items(&compiled.blocks), [vec![1], vec![], vec![]]);
    assert_eq!(compiled.warnings[0].to_string(), "article 1 was picked although it is excluded: paid");
}

#[test]
fn two_placements_by_an_editor_are_allowed_with_a_warning() {
    let mut again = pick(1);
    again.block = Some(2);
    let newsroom = Newsroom {
        articles: vec![story(1, 5), story(2, 5)],
        picks: vec![pick(1), again],
        sent: vec![sent(1, "2026-11-23", BlockKind::Latest, None)],
        ..Newsroom::default()
    };
    let compiled = newsroom.compile();
    assert_eq!(items(&compiled.blocks), [vec![1], vec![], vec![1, 2]]);
    assert!(compiled.warnings.contains(&Warning::PlacedTwice { article: ArticleId(1) }));
    assert_eq!(compiled.warnings[0].to_string(), "article 1 was sent in the edition of 2026-11-23");
}
