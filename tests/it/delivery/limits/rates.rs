//! A rate that is set is the rate that is had, however far away the relay is.
//!
//! `NEWSLETTERD_TEST_SECONDS` sets how long it is measured; acceptance asks for 60.

use std::time::Duration;

use crate::delivery::killed::number;
use crate::delivery::letters::{Letter, Letters};
use crate::delivery::newsroom::{Newsroom, On, Settings, addresses};
use crate::support::delaying_proxy;

const RATE: f64 = 50.0;
/// Seconds that are measured.
const SECONDS: u64 = 10;
/// Letters before the measurement begins: the number of connections grows meanwhile.
const BEFORE: usize = 250;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_a_second_are_fifty_a_second_without_latency() {
    holds_on(On::Sqlite, Duration::ZERO).await;
    holds_on(On::Postgres, Duration::ZERO).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_a_second_are_fifty_a_second_at_20_milliseconds() {
    holds_on(On::Postgres, Duration::from_millis(20)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_a_second_are_fifty_a_second_at_200_milliseconds() {
    holds_on(On::Sqlite, Duration::from_millis(200)).await;
}

async fn holds_on(on: On, latency: Duration) {
    let seconds = number("NEWSLETTERD_TEST_SECONDS").unwrap_or(SECONDS);
    let letters = Letters::start(Duration::ZERO).await;
    let relay = delaying_proxy::start(letters.address, latency / 2).unwrap();
    let settings = Settings { connections: 64, relay_keys: "rate = \"50/s\"", ..Settings::relay(relay) };
    let Some(newsroom) = Newsroom::open(on, &settings).await else { return };
    let readers = addresses(BEFORE + usize::try_from(seconds * 51).unwrap() + 100, "reader.test");
    newsroom.import_readers(&readers);
    newsroom.start_edition();
    let _daemon = newsroom.serve();
    letters.wait_arrived(readers.len() - 50, Duration::from_secs(seconds + 60));
    let all = letters.all();
    let from = all[BEFORE].at;
    let measured = Duration::from_secs(seconds);
    let count = all[BEFORE..].iter().filter(|letter| letter.at - from < measured).count();
    let rate = f64::from(u32::try_from(count).unwrap()) / measured.as_secs_f64();
    println!("{on:?}, {latency:?}: {rate:.2} a second");
    let mut by_second = vec![0; usize::try_from(seconds).unwrap() + 60];
    for one in &all {
        by_second[usize::try_from((one.at - all[0].at).as_secs()).unwrap()] += 1;
    }
    println!("by second: {by_second:?}");
    // The beginning and the end of the measurement may lie a tenth of a second off.
    let cut = RATE / 10.0 / measured.as_secs_f64();
    assert!((RATE - 1.0 - cut..=RATE + cut).contains(&rate), "{on:?}, {latency:?}: {rate} a second");
    // Not in bursts, either, from the first letter on: the connections and the way of each take the one
    // more and the other fewer round trips, and those who are nearer come in with those who are not.
    let second = Duration::from_secs(1);
    let within =
        |one: &Letter| all.iter().filter(|other| other.at >= one.at && other.at - one.at < second).count();
    let busiest = all.iter().map(within).max().unwrap();
    let most = (RATE + 2.0 + RATE * 3.0 * latency.as_secs_f64()).min(60.0);
    println!("the busiest second: {busiest}");
    assert!(
        f64::from(u32::try_from(busiest).unwrap()) <= most,
        "{busiest} letters in one second, not {most}"
    );
}
