//! How long a letter takes: rendering it once for all its readers, and making one reader's message of
//! it. What signatures add is in the `dkim` benchmark.
//!
//! `cargo bench --bench letter` measures, then says whether the targets hold, and fails when one
//! does not. Sending is not in it.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark says what it found, and ends when something is wrong with it"
)]

use std::collections::BTreeMap;
use std::hint::black_box;
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use criterion::Criterion;
use newsletterd::config::{self, Config, Newsletter};
use newsletterd::domain::address::Mailbox;
use newsletterd::domain::ids::{EditionId, ListId, SubscriberId};
use newsletterd::domain::revision::Content;
use newsletterd::domain::token::TokenKeys;
use newsletterd::mail::dkim::Signers;
use newsletterd::mail::letter::{EncodedLetter, PlaceValues, message_id};
use newsletterd::mail::prepared::Prepared;
use newsletterd::pipeline::{Links, render};

/// Rendering an edition of ten stories: view, HTML, text, the public form, MIME.
const RENDERING: Duration = Duration::from_millis(2);
/// Filling in one recipient, with the tokens of their links.
const FILLING: Duration = Duration::from_micros(5);
/// One recipient's unsigned message as the sender makes it, with tokens and return path.
const WHOLE: Duration = Duration::from_micros(10);

const EDITION: EditionId = EditionId(123_456);

/// A newsroom with one newsletter, whose links lead over us and which counts.
struct Newsroom {
    config: Config,
    newsletter: Newsletter,
    keys: TokenKeys,
    content: Content,
}

impl Newsroom {
    /// Ten stories, of the usual length, in `language`.
    fn new(language: &str, headline: &str, summary: &str) -> Self {
        let toml = format!(
            r#"
[site]
name = "The Example Post"
url = "https://example.org"
postal_address = "The Example Post, 1 Example Street, Tbilisi 0105, Georgia"
[web]
public_url = "https://letters.example.org"
[[relays]]
name = "main"
url = "smtp://127.0.0.1:25"
[bounces]
return_path = "bounces.example.org"
[[lists]]
name = "readers"
[[newsletters]]
name = "daily"
list = "readers"
title = "Today in Example"
language = "{language}"
schedule = "0 7 * * *"
from = "The Example Post <news@example.org>"
links = "counted"
open_pixel = "on"
[newsletters.utm]
[[newsletters.blocks]]
kind = "latest"
"#
        );
        let config = config::parse(&toml, Path::new("newsletter.toml"), std::iter::empty()).unwrap();
        let stories = |numbers: std::ops::RangeInclusive<u32>| -> Vec<serde_json::Value> {
            let story = |n: u32| {
                serde_json::json!({
                    "article": n, "url": format!("https://example.org/news/2026/11/25/story-{n}?lang={language}"),
                    "link": n, "headline": format!("{headline} {n}"), "summary": summary, "kicker": "News",
                    "authors": ["Ana Beridze", "Giorgi Kapanadze"], "language": language, "origin": "latest",
                    "image": {
                        "url": format!("https://example.org/pictures/{n}.jpg"), "alt": headline,
                        "width": 1200, "height": 800,
                    },
                })
            };
            numbers.map(story).collect()
        };
        let section = |kind: &str, stories: Vec<serde_json::Value>| serde_json::json!({"kind": kind, "title": null, "stories": stories, "house": null});
        let content = serde_json::from_value(serde_json::json!({
            "newsletter": "daily", "title": "Today in Example", "list_title": "Readers", "language": language,
            "number": 312, "date": "2026-11-25", "subject": headline, "preheader": summary,
            "note": summary, "blocks": [section("picks", stories(1..=5)), section("most_read", stories(6..=10))],
        }))
        .unwrap();
        let newsletter = config.newsletters[0].clone();
        let keys = TokenKeys::new(1, BTreeMap::from([(1, [7; 32])])).unwrap();
        Self { config, newsletter, keys, content }
    }

    fn links(&self) -> Links<'_> {
        Links::new(self.config.web.public_url.as_str(), &self.keys)
    }

    /// The edition's letter, from its content.
    fn render(&self) -> EncodedLetter {
        let view = render::view(&self.content, &self.newsletter, &self.config.site, self.links(), EDITION);
        render::encoded(&view, &self.content.subject, &self.content.list_title, &self.newsletter, EDITION)
            .unwrap()
    }

    /// What is filled in for one subscriber, as the sender makes it.
    fn places(&self, to: &Mailbox, subscriber: SubscriberId, now: DateTime<Utc>) -> PlaceValues {
        let url = self.links().unsubscribe(subscriber, ListId(3), EDITION);
        PlaceValues {
            to: to.clone(),
            message_id: message_id(
                &self.keys,
                EDITION,
                now,
                subscriber,
                self.newsletter.from.address.domain(),
            ),
            date: now.with_timezone(&self.newsletter.zone()).fixed_offset(),
            unsubscribe_url: url.clone(),
            preferences_url: self.links().preferences(subscriber, ListId(3), EDITION),
            one_click_url: url,
            unsubscribe_address: format!(
                "{}@{}",
                self.keys.leaving(subscriber, ListId(3), Some(EDITION)),
                self.config.bounces.return_path.as_str()
            ),
        }
    }
}

fn main() -> ExitCode {
    let english = Newsroom::new(
        "en",
        "The bridge closes on Tuesday and the ferries are full",
        "The city hall advises people to walk. The works will take a week, says the mayor, and cost twice what was planned.",
    );
    let georgian = Newsroom::new(
        "ka",
        "სამშაბათს ხიდი იკეტება და ბორნები სავსეა",
        "მერია გვირჩევს, ფეხით ვიაროთ. სამუშაოები ერთ კვირას გაგრძელდება და დაგეგმილზე ორჯერ მეტი დაჯდება.",
    );
    let mut criterion = Criterion::default().configure_from_args();
    let now = "2026-11-25T03:00:00Z".parse::<DateTime<Utc>>().unwrap();
    let to = Mailbox::parse("ana.beridze@example.org").unwrap();
    let mut holds = true;
    // As part of `cargo test --benches` everything runs once, unoptimised.
    let measured = !cfg!(debug_assertions) && !std::env::args().any(|argument| argument == "--test");
    for (language, room) in [("en", &english), ("ka", &georgian)] {
        let letter = room.render();
        let subscriber = SubscriberId(1_234_567);
        let places = room.places(&to, subscriber, now);
        let prepared = Prepared::new(&letter, &Signers::default(), "example.org");
        let whole = || {
            let path = room.keys.return_path(EDITION, subscriber);
            (path, prepared.message(&room.places(&to, subscriber, now), now).unwrap())
        };
        criterion.bench_function(&format!("render/{language}"), |bench| bench.iter(|| room.render()));
        criterion.bench_function(&format!("fill/{language}"), |bench| {
            bench.iter(|| letter.fill(black_box(&places)).unwrap());
        });
        criterion.bench_function(&format!("tokens/{language}"), |bench| {
            bench.iter(|| room.places(&to, subscriber, now));
        });
        criterion.bench_function(&format!("whole, unsigned/{language}"), |bench| bench.iter(whole));
        criterion.bench_function(&format!("fill with token/{language}"), |bench| {
            bench.iter(|| prepared.message(&room.places(&to, subscriber, now), now).unwrap());
        });
        if measured {
            println!("\n{language}: targets");
            holds &= target("render an edition of 10 stories", RENDERING, 200, 1, || room.render());
            holds &= target("fill in one recipient, with tokens", FILLING, 1001, 20, || {
                prepared.message(&room.places(&to, subscriber, now), now).unwrap()
            });
            holds &= target("an unsigned message as a whole", WHOLE, 1001, 20, whole);
            note(&letter, &places, typical(1001, 20, whole));
        }
    }
    criterion.final_summary();
    if holds { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The median over `rounds` of the time that one call takes, each round of `calls` calls.
fn typical<T>(rounds: usize, calls: u32, mut work: impl FnMut() -> T) -> Duration {
    let mut times: Vec<Duration> = (0..rounds)
        .map(|_| {
            let started = Instant::now();
            for _ in 0..calls {
                black_box(work());
            }
            started.elapsed() / calls
        })
        .collect();
    times.sort_unstable();
    times[rounds / 2]
}

/// Measures, and says whether it is quick enough.
fn target<T>(what: &str, limit: Duration, rounds: usize, calls: u32, work: impl FnMut() -> T) -> bool {
    let time = typical(rounds, calls, work);
    let holds = time < limit;
    println!("  {what}: {time:.1?}, target {limit:?}: {}", if holds { "holds" } else { "MISSED" });
    holds
}

/// What a letter weighs, and how many of them one core can make.
fn note(letter: &EncodedLetter, places: &PlaceValues, whole: Duration) {
    let message = letter.fill(places).unwrap();
    let stored = serde_json::to_vec(letter).unwrap().len();
    println!("  {:.0} unsigned messages a second on one core", 1.0 / whole.as_secs_f64());
    println!(
        "  a message has {} bytes ({} of HTML) and takes {} in memory while it is sent; stored once, {stored}",
        message.len(),
        letter.html_size,
        message.capacity(),
    );
}
