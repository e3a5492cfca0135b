//! Alerts: each once, into the log, to every address, to the web address; and the heartbeat.

use newsletterd::domain::edition::EditionState;
use newsletterd::pipeline::{gather, outbox};
use newsletterd::sources::fetch::{FetchRules, Fetcher};
use newsletterd::store::Tx;

use super::{Newsroom, send_due};
use crate::support::engine::{TestEngine, stories};

/// The keys of all that was ever in the outbox.
pub async fn keys(test: &TestEngine) -> Vec<String> {
    const SELECT: &str = "SELECT dedupe_key FROM mails ORDER BY id";
    let mut tx = test.engine.db.read().await.unwrap();
    match &mut tx {
        Tx::Sqlite(tx) => sqlx::query_scalar(SELECT).fetch_all(&mut **tx).await.unwrap(),
        Tx::Postgres(tx) => sqlx::query_scalar(SELECT).fetch_all(&mut **tx).await.unwrap(),
    }
}

/// A web server that answers everything with 200 and counts what it is asked.
async fn hook() -> (String, std::sync::Arc<std::sync::Mutex<Vec<String>>>) {
    use axum::extract::Request;
    let seen = std::sync::Arc::<std::sync::Mutex<Vec<String>>>::default();
    let (kept, listener) = (seen.clone(), tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap());
    let address = listener.local_addr().unwrap();
    let app = axum::Router::new().fallback(move |request: Request| {
        let kept = kept.clone();
        async move {
            let (parts, body) = request.into_parts();
            let body = axum::body::to_bytes(body, 1 << 20).await.unwrap();
            let line = format!("{} {} {}", parts.method, parts.uri.path(), String::from_utf8_lossy(&body));
            kept.lock().unwrap().push(line);
            "ok"
        }
    });
    tokio::spawn(async move { axum::serve(listener, app).await });
    (format!("http://{address}"), seen)
}

#[tokio::test]
async fn a_held_edition_is_told_once_by_log_mail_and_webhook_and_a_sent_one_by_heartbeat() {
    let (url, seen) = hook().await;
    let top = format!(
        "[alerts]\nmail = [\"ops@example.org\", \"desk@example.org\"]\nwebhook = \"{url}/hook\"\nheartbeat_url = \"{url}/beat\"\n"
    );
    let room = Newsroom::open(&top, "when_not_approved = \"hold\"", "").await;
    for mut test in room.engines.iter().map(|test| (test, test.engine.clone())) {
        test.1.fetcher =
            Fetcher::new(FetchRules { allow_hosts: vec!["127.0.0.1".to_owned()], ..FetchRules::default() })
                .unwrap();
        let (test, engine) = test;
        seen.lock().unwrap().clear();
        test.tick_at("2026-11-24T00:00:00Z").await;
        test.import_articles(&stories(4, engine.clock.now())).await;
        test.add_subscribers("readers", &["ana@example.org"]).await;
        for second in 0..5 {
            test.tick_at(&format!("2026-11-24T03:00:0{second}Z")).await;
            outbox::send_due(&engine).await.unwrap();
        }
        let mut letters = room.letters();
        letters.sort_by(|a, b| a.to.cmp(&b.to));
        let to: Vec<_> = letters.iter().map(|letter| letter.to.as_str()).collect();
        assert_eq!(to, ["desk@example.org", "ops@example.org"]);
        assert!(letters[0].subject.contains("Today in Example") && letters[0].subject.contains("is held"));
        let text = letters[0].text.replace('\n', " ");
        assert!(text.contains("nobody approved it") && text.contains("newsletterd edition send"), "{text}");
        let hooks = seen.lock().unwrap().clone();
        assert_eq!(hooks.len(), 1, "{hooks:?}");
        assert!(hooks[0].starts_with("POST /hook {") && hooks[0].contains("nobody approved it"), "{hooks:?}");

        // Fifteen minutes later it is late: once.
        for minute in 14..20 {
            test.tick_at(&format!("2026-11-24T03:{minute}:00Z")).await;
        }
        let late = keys(test).await.into_iter().filter(|key| key.starts_with("log:late")).count();
        assert_eq!(late, 1);
        seen.lock().unwrap().clear();
        outbox::send_due(&engine).await.unwrap();
        room.letters();

        let id = super::newest(test).await.id;
        newsletterd::pipeline::control::send_now(&engine, id, "editor").await.unwrap();
        newsletterd::pipeline::advance::tick(&engine).await.unwrap();
        assert_eq!(send_due(test).await.state, EditionState::Sent);
        while outbox::send_due(&engine).await.unwrap() > 0 {}
        let beats = seen.lock().unwrap().iter().filter(|line| line.contains("/beat")).count();
        assert_eq!(beats, 1);
        let keys = keys(test).await;
        let mut distinct = keys.clone();
        distinct.sort();
        distinct.dedup();
        assert_eq!(keys.len(), distinct.len());
    }
}

#[tokio::test]
async fn a_missed_slot_is_told_once() {
    let room = Newsroom::open("", "grace = \"1h\"", "").await;
    for test in &room.engines {
        test.tick_at("2026-11-24T00:00:00Z").await;
        for hour in ["08", "09"] {
            test.tick_at(&format!("2026-11-24T{hour}:00:00Z")).await;
        }
        let keys = keys(test).await;
        assert_eq!(keys.iter().filter(|key| key.starts_with("log:missed")).count(), 1, "{keys:?}");
    }
}

#[tokio::test]
async fn a_source_that_does_not_answer_is_told_once_also_when_it_never_did() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("feed.xml");
    let source = |name: &str, path: &std::path::Path| {
        format!(
            "[[sources]]\nname = \"{name}\"\nurl = \"{}\"\nevery = \"10m\"\nstale_after = \"2h\"\n",
            path.display()
        )
    };
    let top = source("good", &file) + &source("never", &folder.path().join("nowhere.xml"));
    let mailbox = tempfile::tempdir().unwrap();
    let relay = crate::support::engine::capturing_relay(mailbox.path()).await;
    let config = crate::support::engine::daily_config(relay) + &top;
    let mut engines = vec![TestEngine::sqlite(&config).await];
    engines.extend(TestEngine::postgres(&config).await);
    for test in &engines {
        std::fs::write(&file, super::rss("<item><title>A</title><link>https://example.org/a</link></item>"))
            .unwrap();
        gather::tick(&test.engine).await.unwrap();
        std::fs::remove_file(&file).unwrap();
        for minute in (10..=300).step_by(10) {
            test.engine.clock.set(TestEngine::start() + chrono::TimeDelta::minutes(minute));
            gather::tick(&test.engine).await.unwrap();
            let stale = |name: &str| format!("log:stale:{name}:");
            let keys = keys(test).await;
            let told = |name: &str| keys.iter().filter(|key| key.starts_with(&stale(name))).count();
            assert_eq!(told("good"), usize::from(minute >= 120), "{minute}: {keys:?}");
            assert_eq!(told("never"), 1, "{minute}: {keys:?}");
        }
    }
}
