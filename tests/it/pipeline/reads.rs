//! Read counts from reports and logs, and the order in which the most-read block shows stories.

use newsletterd::domain::article::IncomingArticle;
use newsletterd::domain::edition::EditionState;
use newsletterd::pipeline::import::{self, Mode, ReadsSummary};
use newsletterd::sources::reads::{self, Format, ReadOptions};

use super::{Newsroom, send_due};
use crate::support::engine::{TestEngine, story};

const MOST_READ: &str = "[[newsletters.blocks]]\nkind = \"most_read\"\nwindow = \"2d\"\nmin_visitors = 1\n";

/// Stories at these paths, the first the newest.
fn at(test: &TestEngine, paths: &[&str]) -> Vec<IncomingArticle> {
    let published = test.engine.clock.now() - chrono::TimeDelta::hours(20);
    (1..)
        .zip(paths)
        .map(|(n, path)| {
            let mut article = story(n, published - chrono::TimeDelta::minutes(n.into()));
            article.url = Some(format!("https://example.org/2026/11/{path}/"));
            article.content.title = format!("About the {path}");
            article
        })
        .collect()
}

async fn import_reads(test: &TestEngine, text: &str) -> (ReadsSummary, reads::ReadsFile) {
    let format = Format::guess(text.as_bytes()).unwrap();
    let options = ReadOptions {
        site_host: Some("example.org".to_owned()),
        zone: chrono_tz::UTC,
        now: test.engine.clock.now(),
        day: None,
        rules: test.engine.config.site.page_keys(),
    };
    let file = reads::read(text.as_bytes(), format, &options).unwrap();
    let summary = import::reads(&test.engine, "reads", &file, Mode::Real).await.unwrap();
    (summary, file)
}

/// The titles of the letter, in order.
async fn titles(room: &Newsroom, test: &TestEngine) -> Vec<String> {
    test.add_subscribers("readers", &["ana@example.org"]).await;
    test.tick_at("2026-11-24T03:00:00Z").await;
    let edition = send_due(test).await;
    assert_eq!(edition.state, EditionState::Sent, "{:?}", edition.reason);
    let letter = room.letters().remove(0);
    let titles = letter.text.lines().filter_map(|line| line.split_once("About the "));
    titles.map(|(_, title)| title.trim().to_owned()).collect()
}

#[tokio::test]
async fn case_c15_a_report_orders_the_most_read_block() {
    let report = "\
# ----------------------------------------
# Pages and screens: Page path and screen class
# Account: Paper
# ----------------------------------------
#
# All Users
# Start date: 20261123
# End date: 20261123
Page path and screen class,Views,Active users,Event count,Total revenue
,\"18,402\",\"9,114\",40211,0,Grand total
/,9800,5100,21000,0
/2026/11/bridge/,\"3,505\",\"2,801\",9001,0
/2026/11/harbour-tax/,1 204,1 003,4002,0
/2026/11/ferry/,987,900,2001,0
(other),2894,1200,5000,0
/2026/11/library/,12,12,40,0
";
    let room = Newsroom::open("", "", MOST_READ).await;
    for test in &room.engines {
        test.tick_at("2026-11-24T00:30:00Z").await;
        test.import_articles(&at(test, &["library", "ferry", "harbour-tax", "bridge"])).await;
        let (summary, _) = import_reads(test, report).await;
        assert_eq!((summary.views, summary.unmatched.len()), (3505 + 1204 + 987 + 12, 0), "{summary:?}");
        let again = import_reads(test, report).await.0;
        assert_eq!(again.views, summary.views, "the same part again replaces");
        assert_eq!(titles(&room, test).await, ["bridge", "harbour-tax", "ferry", "library"]);
    }
}

#[tokio::test]
async fn case_c17_machines_do_not_put_a_story_first() {
    let reader = |host: &str, minute: u32, path: &str, agent: &str| {
        format!(
            "{host} - - [24/Nov/2026:02:{minute:02}:00 +0100] \"GET /2026/11/{path}/ HTTP/1.1\" 200 5120 \"-\" \"{agent}\"\n"
        )
    };
    let firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:135.0) Gecko/20100101 Firefox/135.0";
    let phone = "Mozilla/5.0 (Linux; Android 14; CUBOT X70) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Mobile Safari/537.36";
    let mut log = String::new();
    for (n, agent) in (1..).zip([
        "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
        "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
        "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko); compatible; ChatGPT-User/1.0; +https://openai.com/bot",
        "curl/8.5.0",
        "python-requests/2.32.3",
        "-",
        "Feedfetcher-Google; (+http://www.google.com/feedfetcher.html)",
    ]) {
        log += &reader(&format!("198.51.100.{n}"), n, "ferry", agent);
    }
    log += &reader("192.0.2.30", 20, "ferry", firefox);
    log += &reader("192.0.2.40", 21, "bridge", firefox);
    log += &reader("192.0.2.41", 22, "bridge", phone);
    log += "this line is damaged\n";
    log += &reader("2001:db8::7", 30, "bridge", firefox);
    log += &reader("2001:db8::7", 31, "tax", firefox);
    let room = Newsroom::open("", "", MOST_READ).await;
    for test in &room.engines {
        test.tick_at("2026-11-24T02:30:00Z").await;
        test.import_articles(&at(test, &["ferry", "bridge", "tax"])).await;
        let (summary, file) = import_reads(test, &log).await;
        assert_eq!((summary.views, file.skipped.machines), (5, 7), "{file:?}");
        assert_eq!(file.problems.len(), 1);
        assert!(file.problems[0].place.contains("11"), "{:?}", file.problems);
        assert_eq!(titles(&room, test).await[0], "bridge");
    }
}
