//! The second look before lock.

use super::*;

fn newsroom() -> Newsroom {
    Newsroom {
        blocks: vec![block(BlockKind::Picks, 2), block(BlockKind::MostRead, 3)],
        articles: (1..=9).map(|id| story(id, 30)).collect(),
        reads: (3..=9).map(|id| reads(id, 1_000 - 100 * id)).collect(),
        picks: vec![pick(1), pick(2)],
        ..Newsroom::default()
    }
}

fn change(newsroom: &mut Newsroom, id: i64, change: impl FnOnce(&mut Article)) {
    change(newsroom.articles.iter_mut().find(|article| article.id == ArticleId(id)).unwrap());
}

#[test]
fn what_stands_is_not_touched() {
    let newsroom = newsroom();
    let draft = newsroom.compile();
    assert_eq!(items(&draft.blocks), [vec![1, 2], vec![3, 4, 5]]);
    let again = newsroom.recheck(&draft);
    assert_eq!((again.blocks, again.changes, again.lead), (draft.blocks, Vec::new(), Lead::Stands));
}

/// Deleted posts in a digest: looked at again at send time, dropped, refilled, told.
#[test]
fn a_story_that_went_is_replaced_from_the_reserves() {
    let mut newsroom = newsroom();
    let draft = newsroom.compile();
    change(&mut newsroom, 4, |story| story.content.status = ArticleStatus::Withdrawn);
    newsroom.articles.retain(|story| story.id != ArticleId(6));
    let again = newsroom.recheck(&draft);
    assert_eq!(items(&again.blocks), [vec![1, 2], vec![3, 5, 7]]);
    assert_eq!(ids(&again.blocks[1].reserves), [8]);
    let came = &again.blocks[1].items[2];
    assert_eq!(came.origin, Origin::Reserve);
    assert!(came.reason.to_string().starts_with("in place of article 4 (withdrawn); 300 readers in 24 h"));
    assert_eq!(
        again.changes.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["article 4 went from most_read (withdrawn); article 7 came in"]
    );
    assert_eq!(again.lead, Lead::Stands);
}

#[test]
fn a_lead_that_went_is_told() {
    let mut newsroom = newsroom();
    let draft = newsroom.compile();
    change(&mut newsroom, 1, |story| story.content.embargo_until = Some(ago(-2)));
    let again = newsroom.recheck(&draft);
    let reason = OmissionReason::Embargoed { until: ago(-2) };
    assert_eq!(again.lead, Lead::Withdrawn { article: ArticleId(1), reason: reason.clone() });
    assert_eq!(items(&again.blocks)[0], [2]);
    let dropped = Change::Dropped { kind: BlockKind::Picks, article: ArticleId(1), reason };
    assert_eq!(again.changes, [dropped]);
}

#[test]
fn an_order_to_keep_out_and_a_changed_language_bite_after_approval() {
    let mut newsroom = newsroom();
    let draft = newsroom.compile();
    newsroom.exclusions.push(Exclusion {
        what: Excluded::Article(ArticleId(3)),
        until: None,
        reason: "legal".to_owned(),
    });
    change(&mut newsroom, 5, |story| story.content.language = Some("ru".to_owned()));
    let again = newsroom.recheck(&draft);
    assert_eq!(items(&again.blocks)[1], [4, 6, 7]);
}

#[test]
fn an_excluded_section_takes_out_what_rules_chose_and_not_what_editors_chose() {
    let mut newsroom = newsroom();
    for article in &mut newsroom.articles {
        article.content.section = [1, 3].contains(&article.id.0).then(|| "Adverts".to_owned());
    }
    let draft = newsroom.compile();
    newsroom.exclusions.push(Exclusion {
        what: Excluded::Section("adverts".to_owned()),
        until: None,
        reason: "paid".to_owned(),
    });
    assert_eq!(items(&newsroom.recheck(&draft).blocks), [vec![1, 2], vec![4, 5, 6]]);
}

#[test]
fn a_reserve_that_an_editor_placed_meanwhile_does_not_come_in_twice() {
    let mut newsroom = newsroom();
    let mut draft = newsroom.compile();
    let reserve = draft.blocks[1].reserves[0].clone();
    assert_eq!(reserve.article(), Some(ArticleId(6)));
    draft.blocks[0].items.push(reserve);
    change(&mut newsroom, 3, |story| story.content.status = ArticleStatus::Withdrawn);
    let again = newsroom.recheck(&draft);
    assert_eq!(items(&again.blocks), [vec![1, 2, 6], vec![4, 5, 7]]);
    assert_eq!(ids(&again.blocks[1].reserves), [8]);
}

#[test]
fn an_override_stands_and_is_marked_when_the_source_changes() {
    let mut newsroom = newsroom();
    newsroom.picks[0].overrides.headline = Some("Ours".to_owned());
    newsroom.picks[0].source_hash = Some(source_hash(&newsroom.articles[0].content));
    let draft = newsroom.compile();
    assert!(!draft.blocks[0].items[0].source_changed);
    // Words that no editor overrides do not count.
    change(&mut newsroom, 1, |story| story.content.updated_at = Some(ago(1)));
    assert_eq!(newsroom.recheck(&draft).changes, []);

    change(&mut newsroom, 1, |story| story.content.title = "Theirs".to_owned());
    let again = newsroom.recheck(&draft);
    let item = &again.blocks[0].items[0];
    assert!(item.source_changed);
    assert_eq!(item.headline(Some(&newsroom.articles[0].content)), Some("Ours"));
    assert_eq!(again.changes, [Change::SourceChanged { article: ArticleId(1) }]);
    // It is told once, and a new draft says it too.
    let told = Compiled { blocks: again.blocks, ..draft };
    assert_eq!(newsroom.recheck(&told).changes, []);
    let compiled = newsroom.compile();
    assert!(compiled.blocks[0].items[0].source_changed);
    assert!(compiled.warnings.contains(&Warning::SourceChanged { article: ArticleId(1) }));
}
