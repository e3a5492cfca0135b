//! Each kind of block, by example.

use super::*;
use crate::domain::ranking::Trend;

#[test]
fn each_block_fills_by_its_rule_and_says_why() {
    let newsroom = Newsroom {
        articles: vec![
            flagged(3, story(1, 20)),
            flagged(2, story(2, 50)),
            story(3, 30),
            story(4, 30),
            story(5, 5),
            story(6, 30),
            story(7, 30),
        ],
        reads: vec![reads(1, 900), reads(3, 412), reads(4, 50), reads(5, 20), reads(6, 9), reads(7, 10)],
        ..Newsroom::default()
    };
    let compiled = newsroom.compile();
    // Story 1 is read most, but stands in the picks; story 5 is new, but stands in most read.
    assert_eq!(items(&compiled.blocks), [vec![2, 1], vec![3, 4, 5], vec![]]);
    assert_eq!(ids(&compiled.blocks[1].reserves), [7]);
    let sentence = |block: usize, item: usize| compiled.blocks[block].items[item].reason.to_string();
    assert_eq!(sentence(0, 0), "flagged by the newsroom on 2026-11-24 12:00 UTC");
    assert_eq!(
        sentence(1, 0),
        "412 readers in 24 h, steady, not sent before; most of its views came in one hour, please look"
    );
    assert_eq!(why_not(&compiled, 1, BlockKind::MostRead), ["already in the block picks"]);
    assert_eq!(why_not(&compiled, 6, BlockKind::MostRead), ["too few readers: 9 of 10"]);
    assert_eq!(
        why_not(&compiled, 3, BlockKind::Latest),
        ["not new: there since 2026-11-23 08:00 UTC, before the last edition"]
    );
    assert_eq!(compiled.warnings.last(), Some(&Warning::Empty { kind: BlockKind::Latest }));
}

#[test]
fn reasons_read_as_sentences() {
    let read = Reason::Read {
        visitors: 412,
        window_hours: 24,
        trend: Trend::Rising,
        score: 300_000,
        suspicious: false,
        sent_before: None,
    };
    assert_eq!(read.to_string(), "412 readers in 24 h, rising, not sent before");
    let shared = |tags: &[&str], section: Option<&str>| Reason::SharedWithLead {
        tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
        section: section.map(str::to_owned),
    };
    assert_eq!(shared(&["ferry", "port"], None).to_string(), "shares the tags ferry, port with the lead");
    assert_eq!(
        shared(&["ferry"], Some("City")).to_string(),
        "shares the tag ferry and the section City with the lead"
    );
    assert_eq!(shared(&[], Some("City")).to_string(), "shares the section City with the lead");
}

#[test]
fn editors_picks_stand_in_their_order_and_leave_the_flags_out() {
    let newsroom = Newsroom {
        articles: vec![flagged(2, story(1, 5)), story(2, 90), story(3, 5)],
        picks: vec![pick(3), pick(2)],
        ..Newsroom::default()
    };
    let compiled = newsroom.compile();
    assert_eq!(items(&compiled.blocks), [vec![3, 2], vec![], vec![1]]);
    assert_eq!(
        why_not(&compiled, 1, BlockKind::Picks),
        ["flagged by the newsroom, but editors chose the picks"]
    );
}

#[test]
fn flags_fill_in_when_no_pick_can_be_taken() {
    let newsroom = Newsroom {
        articles: vec![
            flagged(2, story(1, 5)),
            with(story(2, 5), |story| story.content.status = ArticleStatus::Withdrawn),
        ],
        picks: vec![pick(2), pick(99)],
        ..Newsroom::default()
    };
    let compiled = newsroom.compile();
    assert_eq!(ids(&compiled.blocks[0].items), [1]);
    assert_eq!(compiled.warnings[0].to_string(), "a pick was left out (article 2): withdrawn");
    assert_eq!(
        compiled.warnings[1].to_string(),
        "a pick was left out (article 99): not among the stories any more"
    );
}

#[test]
fn only_flags_since_the_last_edition_count() {
    let articles = vec![flagged(23, story(1, 30)), flagged(25, story(2, 30)), flagged(1, story(3, 24 * 30))];
    let newsroom = Newsroom { articles, ..Newsroom::default() };
    let compiled = newsroom.compile();
    assert_eq!(ids(&compiled.blocks[0].items), [1]);
    assert_eq!(
        why_not(&compiled, 2, BlockKind::Picks),
        ["flagged on 2026-11-23 13:00 UTC, before the last edition"]
    );
    assert_eq!(why_not(&compiled, 3, BlockKind::Picks), ["too old: of 2026-10-25 14:00 UTC"]);
}

#[test]
fn a_pick_beyond_the_most_waits_in_reserve() {
    let newsroom = Newsroom {
        blocks: vec![block(BlockKind::Picks, 1)],
        articles: vec![story(1, 5), story(2, 5)],
        picks: vec![pick(2), pick(1)],
        ..Newsroom::default()
    };
    let compiled = newsroom.compile();
    assert_eq!(ids(&compiled.blocks[0].items), [2]);
    assert_eq!(ids(&compiled.blocks[0].reserves), [1]);
}

#[test]
fn an_external_page_needs_a_headline() {
    let mut external = pick(0);
    external.target = Target::External("https://elsewhere.example.net/a".to_owned());
    let mut newsroom = Newsroom { picks: vec![external], ..Newsroom::default() };
    assert_eq!(
        newsroom.compile().warnings[0].to_string(),
        "a pick was left out (https://elsewhere.example.net/a): an external page needs a headline"
    );
    newsroom.picks[0].overrides.headline = Some("Elsewhere".to_owned());
    let item = newsroom.compile().blocks[0].items[0].clone();
    assert_eq!(item.external_url(), Some("https://elsewhere.example.net/a"));
    assert_eq!(item.headline(None), Some("Elsewhere"));
}

#[test]
fn a_story_that_was_sent_comes_again_only_when_its_score_has_doubled() {
    let articles: Vec<_> = (1..=5).map(|id| story(id, 30)).collect();
    let mut newsroom = Newsroom {
        blocks: vec![block(BlockKind::MostRead, 5)],
        reads: (1..=5).map(|id| reads(id, 100)).collect(),
        articles,
        ..Newsroom::default()
    };
    let score = match newsroom.compile().blocks[0].items[0].reason {
        Reason::Read { score, .. } => score,
        ref other => panic!("{other}"),
    };
    newsroom.sent = vec![
        sent(1, "2026-11-23", BlockKind::MostRead, Some(score / 2)),
        sent(2, "2026-11-23", BlockKind::MostRead, Some(score / 2 + 1)),
        sent(3, "2026-11-21", BlockKind::Picks, None),
        sent(4, "2026-11-20", BlockKind::Picks, None),
        sent(5, "2026-11-23", BlockKind::Latest, None),
    ];
    let compiled = newsroom.compile();
    assert_eq!(
        items(&compiled.blocks),
        [[5, 4, 1]].map(|mut ids| {
            ids.sort_unstable();
            ids.to_vec()
        })
    );
    assert_eq!(why_not(&compiled, 2, BlockKind::MostRead), ["sent in the edition of 2026-11-23"]);
    assert_eq!(why_not(&compiled, 3, BlockKind::MostRead), ["sent in the edition of 2026-11-21"]);
}

#[test]
fn two_stories_make_no_most_read_list() {
    let newsroom = Newsroom {
        articles: vec![story(1, 30), story(2, 30), story(3, 30)],
        reads: vec![reads(1, 100), reads(2, 100)],
        ..Newsroom::default()
    };
    let compiled = newsroom.compile();
    assert!(compiled.blocks[1].items.is_empty());
    assert!(compiled.warnings.contains(&Warning::ShortList { stories: 2, needed: 3, floor: 10 }));
    assert_eq!(
        why_not(&compiled, 1, BlockKind::MostRead),
        ["too few stories had enough readers to make a list"]
    );

    let of_two = BlockRules { max: 2, ..BlockRules::new(BlockKind::MostRead) };
    let newsroom = Newsroom { blocks: vec![of_two], ..newsroom };
    assert_eq!(items(&newsroom.compile().blocks), [[1, 2]]);
}

#[test]
fn latest_obeys_its_filters() {
    let sport = BlockRules { sections: vec!["SPORT".to_owned()], ..block(BlockKind::Latest, 5) };
    let ferry = BlockRules { tags: vec!["ferry".to_owned()], ..block(BlockKind::Latest, 5) };
    let russian = BlockRules { languages: vec![Language::Russian], ..block(BlockKind::Latest, 5) };
    let newsroom = Newsroom {
        blocks: vec![sport, ferry, russian],
        articles: vec![
            tagged("Sport", &[], story(1, 5)),
            tagged("City", &["Ferry"], story(2, 6)),
            tagged("Sport", &["ferry"], story(3, 7)),
            in_language("ru", "g", tagged("Sport", &[], story(4, 5))),
        ],
        ..Newsroom::default()
    };
    let compiled = newsroom.compile();
    assert_eq!(items(&compiled.blocks), [vec![1, 3], vec![2], vec![4]]);
    assert_eq!(why_not(&compiled, 3, BlockKind::Latest), ["in language en", "already in the block latest"]);
}

#[test]
fn a_story_without_a_date_is_as_new_as_when_it_was_first_seen() {
    let undated = with(story(1, 5), |story| story.content.published_at = None);
    let newsroom = Newsroom { articles: vec![story(2, 6), undated, story(3, 4)], ..Newsroom::default() };
    assert_eq!(ids(&newsroom.compile().blocks[2].items), [3, 1, 2]);
}

#[test]
fn what_comes_out_of_its_embargo_is_new() {
    let embargoed = |id, hours: i64| {
        with(story(id, 48), |story| story.content.embargo_until = Some(at() - TimeDelta::hours(hours)))
    };
    let newsroom = Newsroom {
        articles: vec![embargoed(1, 1), embargoed(2, -1), embargoed(3, 30), embargoed(4, 0)],
        ..Newsroom::default()
    };
    let compiled = newsroom.compile();
    assert_eq!(ids(&compiled.blocks[2].items), [4, 1]);
    assert_eq!(why_not(&compiled, 2, None), ["embargoed until 2026-11-24 15:00 UTC"]);
}

#[test]
fn what_can_never_be_sent_is_said_once() {
    let newsroom = Newsroom {
        articles: vec![
            with(story(1, 5), |story| story.content.status = ArticleStatus::Withdrawn),
            with(story(2, 5), |story| story.url = None),
            with(story(3, 5), |story| story.eligible = false),
            with(story(4, 5), |story| story.content.published_at = Some(ago(-1))),
            with(story(5, 5), |story| story.content.language = None),
            with(story(6, 5), |story| story.content.published_at = Some(at() + TimeDelta::minutes(9))),
        ],
        ..Newsroom::default()
    };
    let compiled = newsroom.compile();
    assert_eq!(items(&compiled.blocks), [vec![], vec![], vec![6]]);
    let whys: Vec<_> = (1..=5).flat_map(|id| why_not(&compiled, id, None)).collect();
    assert_eq!(
        whys,
        [
            "withdrawn",
            "no page to link to",
            "undated and from the first poll",
            "embargoed until 2026-11-24 15:00 UTC",
            "its source names no language",
        ]
    );
    let one_language = Newsroom { without_language: WithoutLanguage::Take, ..newsroom };
    assert_eq!(ids(&one_language.compile().blocks[2].items), [6, 5]);
}

#[test]
fn related_stories_follow_the_source_and_then_what_they_share() {
    let lead = with(tagged("City", &["ferry", "port"], story(1, 5)), |story| {
        story.content.related = vec![
            "http://www.news.example.org/5?utm_source=x".to_owned(),
            "https://elsewhere.example.net/".to_owned(),
        ];
    });
    let newsroom = Newsroom {
        blocks: vec![block(BlockKind::Related, 9), block(BlockKind::Picks, 1)],
        picks: vec![pick(1)],
        articles: vec![
            lead,
            tagged("City", &[], story(2, 50)),
            tagged("Sport", &["Port"], story(3, 50)),
            tagged("City", &["ferry"], story(4, 50)),
            story(5, 2_000),
            story(6, 1),
            tagged("City", &["ferry", "port"], story(7, 50)),
        ],
        sent: vec![sent(7, "2026-11-23", BlockKind::Picks, None)],
        ..Newsroom::default()
    };
    let compiled = newsroom.compile();
    assert_eq!(items(&compiled.blocks), [vec![5, 4, 3, 2], vec![1]]);
    assert_eq!(
        compiled.blocks[0].items[1].reason.to_string(),
        "shares the tag ferry and the section City with the lead"
    );
    assert_eq!(why_not(&compiled, 7, BlockKind::Related), ["sent in the edition of 2026-11-23"]);
    assert_eq!(why_not(&compiled, 6, None), ["no block asks for it"]);
}

#[test]
fn related_stories_wait_for_the_latest_when_those_give_the_lead() {
    let newsroom = Newsroom {
        blocks: vec![block(BlockKind::Related, 2), block(BlockKind::Latest, 1)],
        articles: vec![tagged("City", &[], story(1, 1)), tagged("City", &[], story(2, 40))],
        ..Newsroom::default()
    };
    assert_eq!(items(&newsroom.compile().blocks), [[2], [1]]);
}

#[test]
fn pooled_reads_rank_a_story_by_all_its_versions() {
    let mut most_read = BlockRules { min_visitors: Some(1), ..block(BlockKind::MostRead, 5) };
    most_read.translations = Translations::Pooled;
    let mut newsroom = Newsroom {
        blocks: vec![most_read],
        articles: vec![
            in_language("en", "g", story(1, 30)),
            in_language("ka", "g", story(2, 30)),
            story(3, 30),
        ],
        reads: vec![reads(1, 10), reads(2, 90), reads(3, 50)],
        ..Newsroom::default()
    };
    assert_eq!(items(&newsroom.compile().blocks), [[1, 3]]);
    newsroom.blocks[0].translations = Translations::Separate;
    assert_eq!(items(&newsroom.compile().blocks), [[3, 1]]);
}

#[test]
fn the_houses_appeal_is_no_content() {
    let house = House {
        text: "Become a member".to_owned(),
        image: None,
        image_alt: None,
        button_label: Some("Join".to_owned()),
        button_url: Some("https://news.example.org/join".to_owned()),
    };
    let mut newsroom = Newsroom {
        blocks: vec![
            BlockRules { house: Some(house.clone()), ..BlockRules::new(BlockKind::House) },
            block(BlockKind::Latest, 5),
        ],
        ..Newsroom::default()
    };
    let compiled = newsroom.compile();
    assert_eq!(compiled.blocks[0].house, Some(house));
    assert_eq!(weigh(&compiled.blocks, 1), Content::NothingNew);
    newsroom.articles = vec![story(1, 1), story(2, 1)];
    let compiled = newsroom.compile();
    assert_eq!(weigh(&compiled.blocks, 2), Content::Enough);
    assert_eq!(weigh(&compiled.blocks, 3), Content::TooLittle { have: 2, need: 3 });
}

#[test]
fn the_subject_is_the_leads_headline_in_human_priority() {
    let mut newsroom = Newsroom {
        blocks: vec![block(BlockKind::Latest, 2), block(BlockKind::Picks, 2)],
        articles: vec![story(1, 5), story(2, 40)],
        picks: vec![pick(2)],
        ..Newsroom::default()
    };
    let subject = |newsroom: &Newsroom| subject_for(&newsroom.compile().blocks, &newsroom.articles).unwrap();
    let Subject { subject: line, preheader } = subject(&newsroom);
    assert_eq!((line.as_str(), preheader.as_str()), ("Story 2", "Story 1"));
    newsroom.picks[0].overrides.headline = Some("Better".to_owned());
    newsroom.articles.remove(0);
    let Subject { subject: line, preheader } = subject(&newsroom);
    assert_eq!((line.as_str(), preheader.as_str()), ("Better", "What story 2 says."));
    assert_eq!(subject_for(&[], &[]), None);
}

#[test]
fn an_edition_survives_being_stored() {
    let mut external = pick(0);
    external.target = Target::External("https://elsewhere.example.net/a".to_owned());
    external.overrides.headline = Some("Elsewhere".to_owned());
    let newsroom = Newsroom {
        blocks: vec![
            BlockRules { max_age: Some(TimeDelta::days(2)), ..block(BlockKind::Picks, 3) },
            block(BlockKind::MostRead, 3),
            block(BlockKind::Latest, 3),
        ],
        articles: (1..=9).map(|id| story(id, id)).collect(),
        reads: (1..=5).map(|id| reads(id, 100)).collect(),
        picks: vec![external, pick(1), pick(1), pick(77)],
        ..Newsroom::default()
    };
    let compiled = newsroom.compile();
    let json = serde_json::to_value(&compiled).unwrap();
    assert_eq!(json["blocks"][0]["items"][0]["external_url"], "https://elsewhere.example.net/a");
    assert_eq!(json["blocks"][0]["items"][1]["article"], 1);
    assert_eq!(json["blocks"][1]["items"][0]["reason"]["why"], "read");
    assert_eq!(serde_json::from_value::<Compiled>(json).unwrap(), compiled);

    let json = serde_json::to_value(&newsroom.blocks).unwrap();
    assert_eq!((&json[0]["window"], &json[0]["max_age"]), (&86_400.into(), &172_800.into()));
    assert_eq!(serde_json::from_value::<Vec<BlockRules>>(json).unwrap(), newsroom.blocks);
    let short: BlockRules = serde_json::from_str(r#"{"kind": "most_read"}"#).unwrap();
    assert_eq!(short, BlockRules::new(BlockKind::MostRead));
    let json = serde_json::to_value(&newsroom.picks).unwrap();
    assert_eq!(serde_json::from_value::<Vec<EditorPick>>(json).unwrap(), newsroom.picks);
}
