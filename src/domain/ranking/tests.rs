//! The ranking rule by examples, against an independent computation, and by its properties.

use proptest::prelude::*;

use super::*;

fn at() -> DateTime<Utc> {
    "2026-11-24T14:00:00Z".parse().unwrap()
}

fn candidate(id: i64) -> Candidate {
    Candidate {
        article: ArticleId(id),
        pages: BTreeSet::from([format!("news.example.org/{id}")]),
        published_at: None,
    }
}

fn spanning(key: &str, start_at: DateTime<Utc>, span_s: i64, visitors: i64) -> ReadCount {
    ReadCount { url_key: key.to_owned(), start_at, span_s, views: visitors, visitors }
}

fn hourly(id: i64, hours_ago: i64, visitors: i64) -> ReadCount {
    spanning(&format!("news.example.org/{id}"), at() - TimeDelta::hours(hours_ago), 3_600, visitors)
}

fn any_floor() -> RankingRules {
    RankingRules { floor: Floor::Visitors(1), ..RankingRules::default() }
}

fn order(ranking: &Ranking) -> Vec<i64> {
    ranking.ranked.iter().map(|row| row.article.0).collect()
}

/// The ranking of one story by its hourly visitors: (hours ago, visitors).
fn one(hours: &[(i64, i64)]) -> Ranked {
    let reads: Vec<_> = hours.iter().map(|(ago, visitors)| hourly(1, *ago, *visitors)).collect();
    rank(&[candidate(1)], &reads, &any_floor(), at()).ranked[0]
}

#[test]
fn after_twelve_hours_a_reader_counts_half_and_after_a_day_not_at_all() {
    assert_eq!(one(&[(12, 100)]).score, 50_000);
    assert_eq!(one(&[(24, 100)]).score, 25_000);
    assert_eq!(one(&[(12, 100), (25, 900)]).visitors, 100);
    assert_eq!(rank(&[candidate(1)], &[hourly(1, 25, 900)], &any_floor(), at()).ranked, []);
}

#[test]
fn an_hour_that_is_still_running_counts_in_full_and_one_to_come_does_not() {
    let running = spanning("news.example.org/1", at() - TimeDelta::minutes(20), 3_600, 30);
    let to_come = hourly(1, 0, 500);
    let ranking = rank(&[candidate(1)], &[running, to_come], &any_floor(), at());
    assert_eq!(ranking.ranked[0].visitors, 30);
}

#[test]
fn daily_counts_take_of_yesterday_what_lies_in_the_window() {
    // At 14:00 the window reaches back to 14:00 yesterday: 10 of yesterday's 24 hours.
    let day =
        |start: &str, visitors| spanning("news.example.org/1", start.parse().unwrap(), 86_400, visitors);
    let reads = [day("2026-11-24T00:00:00Z", 70), day("2026-11-23T00:00:00Z", 240)];
    let row = rank(&[candidate(1)], &reads, &any_floor(), at()).ranked[0];
    assert_eq!((row.score, row.visitors), (170_000, 170));
    assert_eq!((row.trend, row.suspicious), (Trend::Steady, false));
}

#[test]
fn counts_of_quarter_hours_and_of_several_parts_add_up() {
    let quarter = |minute| {
        spanning("news.example.org/1", at() - TimeDelta::hours(2) + TimeDelta::minutes(minute), 900, 10)
    };
    let reads = [quarter(0), quarter(15), quarter(30), quarter(45), hourly(1, 2, 60)];
    let row = rank(&[candidate(1)], &reads, &any_floor(), at()).ranked[0];
    assert_eq!(row, one(&[(2, 100)]));
}

#[test]
fn one_hour_counts_at_most_four_times_the_median_hour() {
    let row = one(&[(12, 1_000_000), (12 + 1, 30), (12 + 2, 30), (12 + 3, 30)]);
    let calm = one(&[(12, 120), (12 + 1, 30), (12 + 2, 30), (12 + 3, 30)]);
    assert_eq!(row.score, calm.score);
    assert_eq!(row.visitors, 1_000_090, "what was counted is shown as it was counted");
    assert!(row.suspicious);
    // Fewer than four hours say nothing about what is usual.
    assert_eq!(one(&[(12, 9_000), (12, 0), (13, 0), (14, 1)]).score / 1_000, 4_500);
    // Small stories may have 20 in an hour.
    assert_eq!(one(&[(12, 500), (24, 1), (24, 1), (23, 1), (22, 1)]).score / 1_000, 11);
}

#[test]
fn a_story_is_suspicious_when_more_than_sixty_percent_of_its_views_came_in_one_hour() {
    assert!(!one(&[(1, 60), (2, 40)]).suspicious);
    assert!(one(&[(1, 61), (2, 39)]).suspicious);
}

#[test]
fn the_floor_is_ten_readers_or_half_a_percent_of_all() {
    let reads = [hourly(1, 1, 9), hourly(2, 1, 10), hourly(3, 1, 11), hourly(4, 1, 12)];
    let candidates = [candidate(1), candidate(2), candidate(3), candidate(4), candidate(5)];
    let ranking = rank(&candidates, &reads, &RankingRules::default(), at());
    assert_eq!(order(&ranking), [4, 3, 2]);
    let out = |id, visitors| NotRanked { article: ArticleId(id), visitors };
    assert_eq!(ranking.not_ranked, [out(1, 9), out(5, 0)]);
    assert!(ranking.is_worth_showing());

    let reads = [hourly(1, 1, 50), hourly(2, 1, 51), hourly(3, 1, 10_099)];
    let ranking = rank(&candidates, &reads, &RankingRules::default(), at());
    assert_eq!((ranking.total_visitors, ranking.floor), (10_200, 51));
    assert_eq!(order(&ranking), [3, 2]);
    assert!(!ranking.is_worth_showing(), "two stories make no list");
}

#[test]
fn a_newsroom_that_sets_its_own_floor_may_have_a_list_of_two() {
    let reads = [hourly(1, 1, 5), hourly(2, 1, 2)];
    let rules = RankingRules { floor: Floor::Visitors(2), ..RankingRules::default() };
    let ranking = rank(&[candidate(1), candidate(2)], &reads, &rules, at());
    assert_eq!(order(&ranking), [1, 2]);
    assert!(ranking.is_worth_showing());
}

#[test]
fn a_report_of_paths_for_one_day_is_ranked_by_its_counts() {
    let key = |name: &str| format!("news.example.org/2026/02/{name}");
    let names = ["library", "ferry", "harbour-tax", "bridge"];
    let named = |(id, name)| Candidate { pages: BTreeSet::from([key(name)]), ..candidate(id) };
    let candidates: Vec<_> = (1..).zip(names).map(named).collect();
    let day = "2026-11-24T00:00:00Z".parse().unwrap();
    let row = |path: &str, visitors| spanning(path, day, 86_400, visitors);
    let reads = [
        row("/2026/02/bridge", 3_505),
        row("/2026/02/harbour-tax", 1_204),
        row("/2026/02/ferry", 987),
        row("/2026/02/library", 12),
        row("/", 90_000),
    ];
    let ranking = rank(&candidates, &reads, &any_floor(), at());
    assert_eq!(order(&ranking), [4, 3, 2, 1]);
    assert_eq!(ranking.total_visitors, 5_708, "the home page is no candidate");
}

#[test]
fn pooled_stories_have_the_readers_of_their_translations() {
    let mut pooled = candidate(1);
    pooled.pages.insert("news.example.org/2".to_owned());
    let reads = [hourly(1, 1, 10), hourly(2, 1, 25), hourly(3, 1, 30)];
    let ranking = rank(&[pooled, candidate(3)], &reads, &any_floor(), at());
    assert_eq!(order(&ranking), [1, 3]);
    assert_eq!((ranking.ranked[0].visitors, ranking.total_visitors), (35, 65));
}

#[test]
fn the_trend_compares_shares_so_that_the_night_makes_nothing_fall() {
    // All is read less lately; story 1 keeps its share, 2 gains, 3 loses.
    let reads = [
        hourly(1, 9, 1_000),
        hourly(2, 9, 100),
        hourly(3, 9, 900),
        hourly(1, 3, 100),
        hourly(2, 3, 40),
        hourly(3, 3, 60),
    ];
    let ranking = rank(&[candidate(1), candidate(2), candidate(3)], &reads, &any_floor(), at());
    let mut trends: Vec<_> = ranking.ranked.iter().map(|row| (row.article.0, row.trend)).collect();
    trends.sort_by_key(|(id, _)| *id);
    assert_eq!(trends, [(1, Trend::Steady), (2, Trend::Rising), (3, Trend::Falling)]);
}

#[test]
fn ties_go_by_visitors_then_publication_then_id() {
    // 50 readers twelve hours ago weigh as much as 100 readers a day ago.
    let mut reads = vec![hourly(1, 12, 50), hourly(2, 24, 100)];
    assert_eq!(order(&rank(&[candidate(1), candidate(2)], &reads, &any_floor(), at())), [2, 1]);

    reads = vec![hourly(1, 3, 50), hourly(2, 3, 50), hourly(3, 3, 50), hourly(4, 3, 50)];
    let dated = |id, hours| Candidate { published_at: Some(at() - TimeDelta::hours(hours)), ..candidate(id) };
    let candidates = [candidate(1), dated(2, 5), dated(3, 2), dated(4, 2)];
    assert_eq!(order(&rank(&candidates, &reads, &any_floor(), at())), [3, 4, 2, 1]);
}

#[test]
fn counts_of_more_than_six_hours_ago_are_stale() {
    assert_eq!(check_freshness(Some(at() - TimeDelta::hours(6)), at()), Ok(()));
    let fetched_at = at() - TimeDelta::hours(6) - TimeDelta::seconds(1);
    assert_eq!(check_freshness(Some(fetched_at), at()), Err(Staleness::Old { fetched_at }));
    assert_eq!(check_freshness(None, at()), Err(Staleness::NeverFetched));
}

/// The rule once more, in floating point and straight from its text.
fn by_the_book(hours: &BTreeMap<i64, i64>) -> f64 {
    let mut values: Vec<f64> = hours.values().filter(|v| **v > 0).map(|v| *v as f64).collect();
    values.sort_by(f64::total_cmp);
    let median = match values.len() {
        0 => 0.0,
        n if n % 2 == 1 => values[n / 2],
        n => (values[n / 2 - 1] + values[n / 2]) / 2.0,
    };
    let most = if values.len() >= 4 { f64::max(20.0, 4.0 * median) } else { f64::INFINITY };
    let weighed = |(ago, v): (&i64, &i64)| most.min(*v as f64) * 2f64.powf(-(*ago as f64) / 12.0);
    hours.iter().map(weighed).sum()
}

fn some_hours() -> impl Strategy<Value = BTreeMap<i64, i64>> {
    prop::collection::btree_map(1..=24i64, 0..5_000i64, 1..24)
}

fn any_reads() -> impl Strategy<Value = Vec<ReadCount>> {
    let instants = prop_oneof![
        4 => (0..60i64).prop_map(|hours| at() - TimeDelta::hours(hours)),
        1 => Just(DateTime::<Utc>::MIN_UTC),
        1 => Just(DateTime::<Utc>::MAX_UTC),
    ];
    let spans = prop_oneof![4 => Just(3_600i64), 2 => Just(86_400), 1 => any::<i64>()];
    let counts = prop_oneof![4 => 0..500i64, 1 => any::<i64>(), 1 => Just(i64::MAX)];
    let keys = prop_oneof![
        (0..6i64).prop_map(|id| format!("news.example.org/{id}")),
        (0..6i64).prop_map(|id| format!("/{id}")),
        ".{0,8}",
    ];
    let read = (keys, instants, spans, counts.clone(), counts).prop_map(
        |(url_key, start_at, span_s, views, visitors)| ReadCount {
            url_key,
            start_at,
            span_s,
            views,
            visitors,
        },
    );
    prop::collection::vec(read, 0..60)
}

fn any_rules() -> impl Strategy<Value = RankingRules> {
    let span = || {
        prop_oneof![
            3 => (0..80i64).prop_map(TimeDelta::hours),
            1 => Just(TimeDelta::MAX),
            1 => Just(TimeDelta::MIN),
        ]
    };
    let floor = prop_oneof![Just(Floor::Automatic), any::<u32>().prop_map(Floor::Visitors)];
    (span(), span(), floor).prop_map(|(window, half_life, floor)| RankingRules { window, half_life, floor })
}

proptest! {
    #[test]
    fn the_score_is_that_of_the_rule(hours in some_hours()) {
        prop_assume!(hours.values().sum::<i64>() > 0);
        let hours: Vec<_> = hours.into_iter().collect();
        let book = by_the_book(&hours.iter().copied().collect()) * 1_000.0;
        let score = one(&hours).score as f64;
        prop_assert!((score - book).abs() <= 2.0 + book / 1_000.0, "{score} is not {book}");
    }

    #[test]
    fn the_order_of_the_input_does_not_matter(
        reads in any_reads().prop_shuffle(),
        rules in any_rules(),
        order in Just((0..6).collect::<Vec<i64>>()).prop_shuffle(),
    ) {
        let candidates: Vec<_> = order.iter().map(|id| candidate(*id)).collect();
        let sorted: Vec<_> = (0..6).map(candidate).collect();
        let mut reversed = reads.clone();
        reversed.reverse();
        let ranking = rank(&candidates, &reads, &rules, at());
        prop_assert_eq!(&ranking, &rank(&sorted, &reversed, &rules, at()));
        // Each candidate once, in or out, as the floor says; scores never rise down the list.
        prop_assert_eq!(ranking.ranked.len() + ranking.not_ranked.len(), 6);
        prop_assert!(ranking.ranked.iter().all(|row| row.visitors >= ranking.floor && row.score >= 0));
        prop_assert!(ranking.not_ranked.iter().all(|row| row.visitors < ranking.floor));
        prop_assert!(ranking.ranked.is_sorted_by(|a, b| (a.score, a.visitors) >= (b.score, b.visitors)));
    }

    #[test]
    fn more_readers_in_each_hour_never_lower_the_score(hours in some_hours(), more in 0..1_000i64) {
        let hours: Vec<_> = hours.into_iter().filter(|(_, visitors)| *visitors > 0).collect();
        prop_assume!(!hours.is_empty());
        let raised: Vec<_> = hours.iter().map(|(ago, visitors)| (*ago, visitors + more)).collect();
        prop_assert!(one(&raised).score >= one(&hours).score);
    }

    #[test]
    fn beyond_the_clamp_one_hour_adds_nothing(
        calm in prop::collection::btree_map(2..=24i64, 1..300i64, 3..20),
        spikes in (0..i64::MAX, 0..i64::MAX),
    ) {
        // The spike is the largest of all, so the median is that of the sorted calm hours beside it.
        let mut sorted: Vec<_> = calm.values().copied().collect();
        sorted.push(i64::MAX);
        sorted.sort_unstable();
        let double_median = sorted[(sorted.len() - 1) / 2] + sorted[sorted.len() / 2];
        let most = 20.max(2 * double_median);
        let with = |spike: i64| {
            let mut hours: Vec<_> = calm.iter().map(|(ago, visitors)| (*ago, *visitors)).collect();
            hours.push((1, spike));
            one(&hours).score
        };
        prop_assert_eq!(with(most.saturating_add(spikes.0)), with(most.saturating_add(spikes.1)));
        prop_assert!(with(most - 1) < with(most));
    }
}
