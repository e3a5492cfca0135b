//! A provider's limit slows its own letters only: whoever stands behind a hundred thousand of them is
//! served at once.
//!
//! `NEWSLETTERD_TEST_PROVIDER_ROWS` sets how many stand before the one; acceptance asks for 100,000.

use std::time::Duration;

use crate::delivery::killed::number;
use crate::delivery::letters::Letters;
use crate::delivery::newsroom::{LIMIT, Newsroom, On, Settings};
use crate::support::wait;

const ROWS: u64 = 5_000;
/// Within this time after the first letter of all, the one has its own.
const AT_ONCE: Duration = Duration::from_secs(2);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_slow_provider_delays_nobody_else() {
    let rows = number("NEWSLETTERD_TEST_PROVIDER_ROWS").unwrap_or(ROWS);
    for on in [On::Sqlite, On::Postgres] {
        let letters = Letters::start(Duration::ZERO).await;
        let settings = Settings {
            sections:
                "[[providers]]\nname = \"big\"\ndomains = [\"big.test\", \"big.example\"]\nrate = \"20/s\""
                    .to_owned(),
            ..Settings::relay(letters.address)
        };
        let Some(newsroom) = Newsroom::open(on, &settings).await else { return };
        let domain = |n: u64| if n.is_multiple_of(2) { "big.test" } else { "big.example" };
        let mut readers: Vec<_> = (0..rows).map(|n| format!("reader{n}@{}", domain(n))).collect();
        // The last in line, and one whose domain only looks like the provider's.
        let others = ["ana@elsewhere.test".to_owned(), "ana@notbig.test".to_owned()];
        readers.extend(others.clone());
        newsroom.import_readers(&readers);
        let edition = newsroom.start_edition();
        let _daemon = newsroom.serve();
        let at = |to: &str| letters.all().iter().find(|letter| letter.to == to).map(|letter| letter.at);
        let first = wait::until("the first letter", LIMIT, || letters.all().first().map(|letter| letter.at));
        for other in &others {
            let came = wait::until("the letter of one behind all others", LIMIT, || at(other));
            println!("{on:?}: {other} behind {rows} after {:?}", came - first);
            assert!(came - first < AT_ONCE, "{:?}", came - first);
        }
        std::thread::sleep(Duration::from_secs(5));
        let all = letters.all();
        let big: Vec<_> = all.iter().filter(|letter| !others.contains(&letter.to)).collect();
        let time = big.last().unwrap().at - big[0].at;
        let rate = f64::from(u32::try_from(big.len() - 1).unwrap()) / time.as_secs_f64();
        println!("{on:?}: the provider got {rate:.1} letters a second");
        assert!((18.0..=20.5).contains(&rate), "{on:?}: {rate} a second");
        newsroom.run(&["edition", "cancel", &edition.to_string()]);
    }
}
