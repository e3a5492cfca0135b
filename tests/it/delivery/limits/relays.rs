//! Several relays: letters go to them by their weight, to the others when one is down or refuses us,
//! back to it when it recovers; a newsletter can be bound to some of them.

use std::net::SocketAddr;
use std::time::Duration;

use crate::delivery::letters::Letters;
use crate::delivery::newsroom::{LIMIT, Newsroom, On, Settings, addresses, count, free_address};
use crate::support::scripted_smtp::{Script, ScriptedSmtp};
use crate::support::wait;

const ROUND: [On; 2] = [On::Sqlite, On::Postgres];

/// A second relay, with further keys.
fn second(address: SocketAddr, keys: &str) -> String {
    format!("[[relays]]\nname = \"second\"\nurl = \"smtp://{address}\"\n{keys}\n")
}

/// What both got, sorted: everybody once.
fn all_readers(first: &Letters, other: &Letters) -> Vec<String> {
    let mut all: Vec<_> = first.all().into_iter().chain(other.all()).map(|letter| letter.to).collect();
    all.sort();
    all
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn letters_go_to_relays_by_their_weight() {
    for on in ROUND {
        // Both are slow and have connections enough: only the weight decides.
        let (first, other) =
            (Letters::start(Duration::from_millis(2)).await, Letters::start(Duration::from_millis(2)).await);
        let settings = Settings {
            relay_keys: "weight = 3\nrate = \"1000/s\"",
            delivery: "batch = 50",
            sections: second(other.address, "weight = 1\nrate = \"1000/s\""),
            ..Settings::relay(first.address)
        };
        let Some(newsroom) = Newsroom::open(on, &settings).await else { return };
        let readers = addresses(999, "reader.test");
        newsroom.import_readers(&readers);
        let edition = newsroom.start_edition();
        let _daemon = newsroom.serve();
        let report = newsroom.wait_state(edition, "sent");
        assert_eq!(count(&report, "accepted"), readers.len(), "{report}");
        assert_eq!(all_readers(&first, &other), readers);
        let share = first.arrived() * 100 / readers.len();
        println!("{on:?}: the relay of weight 3 of 4 got {share} %");
        assert!((65..=85).contains(&share), "{on:?}: {share} %");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_relay_that_is_down_is_stood_in_for_and_comes_back() {
    for on in ROUND {
        let down = free_address();
        let other = Letters::start(Duration::from_millis(20)).await;
        let settings = Settings { sections: second(other.address, ""), ..Settings::relay(down) };
        let Some(newsroom) = Newsroom::open(on, &settings).await else { return };
        let readers = addresses(800, "reader.test");
        newsroom.import_readers(&readers);
        let edition = newsroom.start_edition();
        let _daemon = newsroom.serve();
        other.wait_arrived(100, LIMIT);
        let first = Letters::start_at(down, Duration::from_millis(20)).await;
        wait::until("a letter at the relay that has recovered", LIMIT, || {
            (first.arrived() > 0).then_some(())
        });
        let report = newsroom.wait_state(edition, "sent");
        assert_eq!(count(&report, "accepted"), readers.len(), "{report}");
        first.forget_alerts();
        other.forget_alerts();
        assert_eq!(all_readers(&first, &other), readers);
        println!("{on:?}: {} letters went over the relay that came back", first.arrived());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_relay_that_refuses_us_is_stood_in_for() {
    for (on, refusal) in ROUND.into_iter().zip(["421 4.3.2 Not for you", "554 5.7.1 Not for you"]) {
        let refusing =
            ScriptedSmtp::start(Script::table(&format!("*\talways\tCONNECT\tclose: {refusal}"))).await;
        let other = Letters::start(Duration::ZERO).await;
        let settings = Settings { sections: second(other.address, ""), ..Settings::relay(refusing.address) };
        let Some(newsroom) = Newsroom::open(on, &settings).await else { return };
        let readers = addresses(100, "reader.test");
        newsroom.import_readers(&readers);
        let edition = newsroom.start_edition();
        let _daemon = newsroom.serve();
        let report = newsroom.wait_state(edition, "sent");
        assert_eq!(count(&report, "accepted"), readers.len(), "{report}");
        other.forget_alerts();
        assert_eq!(other.repeats(&readers), 0);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_newsletter_keeps_to_the_relays_that_it_is_bound_to() {
    for on in ROUND {
        let (first, other) = (Letters::start(Duration::ZERO).await, Letters::start(Duration::ZERO).await);
        let settings = Settings {
            newsletter: "relays = [\"second\"]",
            sections: second(other.address, ""),
            ..Settings::relay(first.address)
        };
        let Some(newsroom) = Newsroom::open(on, &settings).await else { return };
        let readers = addresses(200, "reader.test");
        newsroom.import_readers(&readers);
        let edition = newsroom.start_edition();
        let _daemon = newsroom.serve();
        newsroom.wait_state(edition, "sent");
        assert_eq!(first.arrived(), 0, "{on:?}");
        assert_eq!(other.repeats(&readers), 0, "{on:?}");
    }
}
