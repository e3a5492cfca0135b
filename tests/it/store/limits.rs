//! Rates and limits: granted to any number of askers at once, and never more than there is.

use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta};
use newsletterd::clock::Clock;
use newsletterd::store::limits::{self, Ask, Grant};
use newsletterd::store::{Db, Tx};

use super::{execute, number, on_both};

on_both!(
    without_a_limit_all_is_granted_and_nothing_written,
    three_askers_together_keep_to_the_rate,
    slots_are_given_out_two_seconds_ahead_and_not_saved_up,
    a_slow_provider_leaves_the_relay_to_others,
    a_clock_that_is_set_back_stops_nobody_for_long,
    an_hour_and_a_day_take_so_many,
    what_was_not_sent_is_given_back,
    what_an_undone_claim_was_granted_is_free,
);

const NONE: Ask<'static> =
    Ask { relay: "main", rate: None, per_hour: None, per_day: None, provider: None, wanted: 500 };
const RATE: Ask<'static> = Ask { rate: Some(50.0), ..NONE };

async fn grant(tx: &mut Tx, ask: &Ask<'_>) -> Grant {
    limits::grant(tx, ask, Clock::System.now()).await.unwrap()
}

async fn without_a_limit_all_is_granted_and_nothing_written(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    assert_eq!(grant(&mut tx, &NONE).await, Grant { n: 500, ..Grant::default() });
    assert_eq!(number(&mut tx, "SELECT COUNT(*) FROM paces").await, 0);
    assert_eq!(number(&mut tx, "SELECT COUNT(*) FROM relay_usage").await, 0);
}

/// Each task is a daemon: it asks for what it can get and sends it, slot by slot. The slots are counted
/// by the schedule itself: what was granted from its first to its first free slot.
async fn three_askers_together_keep_to_the_rate(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    let first = grant(&mut tx, &Ask { wanted: 1, ..RATE }).await;
    assert_eq!((first.n, first.start_in, first.spacing), (1, Duration::ZERO, Duration::from_millis(20)));
    let begin = number(&mut tx, "SELECT free_at FROM paces").await - 20_000;
    tx.commit().await.unwrap();
    let until = Instant::now() + Duration::from_secs(4);
    let asker = |db: Db| async move {
        let mut granted = 0;
        while Instant::now() < until {
            let mut tx = db.begin().await.unwrap();
            let grant = grant(&mut tx, &Ask { wanted: 17, ..RATE }).await;
            tx.commit().await.unwrap();
            granted += i64::from(grant.n);
            let last = grant.start_in + grant.spacing * grant.n.saturating_sub(1);
            assert!(last <= Duration::from_millis(2_001), "{grant:?}");
            tokio::time::sleep(grant.again_in.min(Duration::from_millis(300))).await;
        }
        granted
    };
    let tasks: Vec<_> = (0..3).map(|_| tokio::spawn(asker(db.clone()))).collect();
    let mut granted = 1;
    for task in tasks {
        granted += task.await.unwrap();
    }
    let mut tx = db.begin().await.unwrap();
    let end = number(&mut tx, "SELECT free_at FROM paces").await;
    let rate = granted * 1_000_000 * 100 / (end - begin);
    assert!((4_900..=5_000).contains(&rate), "{granted} in {} µs: {rate} hundredths a second", end - begin);
    assert!(granted >= 4 * 49, "{granted} in four seconds and two ahead");
}

async fn slots_are_given_out_two_seconds_ahead_and_not_saved_up(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    let all = grant(&mut tx, &RATE).await;
    assert_eq!((all.n, all.start_in), (101, Duration::ZERO), "both ends of two seconds");
    let more = grant(&mut tx, &RATE).await;
    assert!(more.n <= 25, "what has become free in the meantime: {more:?}");
    if more.n == 0 {
        assert!((1..=300).contains(&more.again_in.as_millis()), "{more:?}");
    }
    // An hour in which nobody sent anything.
    execute(&mut tx, "UPDATE paces SET free_at = free_at - 3600000000").await;
    assert_eq!(grant(&mut tx, &RATE).await.n, 101);
    // A rate of two a minute: one at a time.
    let slow = Ask { relay: "slow", rate: Some(2.0 / 60.0), ..NONE };
    assert_eq!(grant(&mut tx, &slow).await.n, 1);
    let none = grant(&mut tx, &slow).await;
    assert_eq!(none.n, 0);
    assert!((27..=29).contains(&none.again_in.as_secs()), "{none:?}");
}

async fn a_slow_provider_leaves_the_relay_to_others(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    let theirs = Ask { provider: Some(("gmail", 5.0)), ..RATE };
    let provider = grant(&mut tx, &theirs).await;
    assert_eq!((provider.n, provider.spacing), (11, Duration::from_millis(200)));
    let none = grant(&mut tx, &theirs).await;
    assert!(none.n <= 1, "{none:?}");
    let others = grant(&mut tx, &RATE).await;
    assert!((89..=101).contains(&others.n), "{others:?}");
    // Without a rate of the relay's own the provider's holds all the same.
    let other_relay = Ask { relay: "other", rate: None, ..theirs };
    assert!(grant(&mut tx, &other_relay).await.n <= 1);
    assert_eq!(grant(&mut tx, &Ask { provider: Some(("mailru", 5.0)), ..other_relay }).await.n, 11);
}

async fn a_clock_that_is_set_back_stops_nobody_for_long(db: &Db) {
    let ask = Ask { per_hour: Some(1_000), ..RATE };
    let mut tx = db.begin().await.unwrap();
    assert_eq!(grant(&mut tx, &ask).await.n, 101);
    // As if all of it had been written by a clock that was an hour ahead.
    execute(&mut tx, "UPDATE paces SET free_at = free_at + 3600000000").await;
    execute(&mut tx, "UPDATE relay_usage SET window_start = window_start + 3600000").await;
    let none = grant(&mut tx, &ask).await;
    assert!(none.n <= 1 && none.again_in < Duration::from_secs(3), "{none:?}");
    // What was sent counts as sent just now: not twice, and not for two hours.
    let kinds = "SELECT COUNT(*) FROM relay_usage WHERE window_start > ";
    let now = Clock::System.now().timestamp_millis();
    assert_eq!(number(&mut tx, &format!("{kinds}{now}")).await, 0);
    let (hour, day) = limits::used(&mut tx, "main", Clock::System.now()).await.unwrap();
    assert!((101..=102).contains(&hour) && hour == day, "{hour} {day}");
}

/// Makes what was counted so much older.
async fn age(tx: &mut Tx, by: TimeDelta) {
    let by = by.num_milliseconds();
    execute(tx, &format!("UPDATE relay_usage SET window_start = window_start - {by}")).await;
}

async fn an_hour_and_a_day_take_so_many(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    let ask = Ask { per_hour: Some(100), per_day: Some(250), wanted: 80, ..NONE };
    assert_eq!(grant(&mut tx, &ask).await.n, 80);
    assert_eq!(grant(&mut tx, &ask).await.n, 20);
    let none = grant(&mut tx, &ask).await;
    assert_eq!(none.n, 0);
    assert!((59 * 60..=61 * 60).contains(&none.again_in.as_secs()), "{none:?}");
    assert_eq!(grant(&mut tx, &Ask { relay: "other", ..ask }).await.n, 80);
    execute(&mut tx, "DELETE FROM relay_usage WHERE relay = 'other'").await;
    age(&mut tx, TimeDelta::minutes(59)).await;
    assert_eq!(grant(&mut tx, &ask).await.n, 0, "within the hour");
    age(&mut tx, TimeDelta::minutes(3)).await;
    assert_eq!(grant(&mut tx, &Ask { wanted: 500, ..ask }).await.n, 100);
    age(&mut tx, TimeDelta::minutes(62)).await;
    // Fifty are left of the day.
    assert_eq!(grant(&mut tx, &Ask { wanted: 500, ..ask }).await.n, 50);
    age(&mut tx, TimeDelta::minutes(62)).await;
    let none = grant(&mut tx, &ask).await;
    assert_eq!(none.n, 0);
    assert!((19 * 3600..23 * 3600).contains(&none.again_in.as_secs()), "{none:?}");
    age(&mut tx, TimeDelta::hours(26)).await;
    assert_eq!(grant(&mut tx, &ask).await.n, 80);
    // What is past is not kept.
    assert_eq!(number(&mut tx, "SELECT COUNT(*) FROM relay_usage").await, 2);
}

async fn what_was_not_sent_is_given_back(db: &Db) {
    let mut tx = db.begin().await.unwrap();
    let ask = Ask { per_hour: Some(100), per_day: Some(100), wanted: 100, ..NONE };
    assert_eq!(grant(&mut tx, &Ask { wanted: 60, ..ask }).await.n, 60);
    age(&mut tx, TimeDelta::minutes(2)).await;
    assert_eq!(grant(&mut tx, &Ask { wanted: 40, ..ask }).await.n, 40);
    // The latest first, then of what was before.
    limits::give_back(&mut tx, "main", 50, Clock::System.now()).await.unwrap();
    assert_eq!(limits::used(&mut tx, "main", Clock::System.now()).await.unwrap(), (50, 50));
    assert_eq!(number(&mut tx, "SELECT MIN(n) FROM relay_usage WHERE kind = 'minute'").await, 0);
    assert_eq!(grant(&mut tx, &ask).await.n, 50);
    limits::give_back(&mut tx, "nobody", 5, DateTime::UNIX_EPOCH).await.unwrap();
}

async fn what_an_undone_claim_was_granted_is_free(db: &Db) {
    for _ in 0..2 {
        let mut tx = db.begin().await.unwrap();
        assert_eq!(grant(&mut tx, &Ask { per_hour: Some(101), ..RATE }).await.n, 101);
        drop(tx);
    }
}
