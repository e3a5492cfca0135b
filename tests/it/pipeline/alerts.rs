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
        room.letters();
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

/// All mails that wait, made as an earlier version made them.
async fn as_an_earlier_version_stored_them(test: &TestEngine) {
    const UPDATE: &str = "UPDATE mails SET params = '{\"title\":\"Old title\",\"text\":\"Old text.\",\"remedy\":\"Old remedy.\"}'";
    let mut tx = test.engine.db.begin().await.unwrap();
    match &mut tx {
        Tx::Sqlite(tx) => {
            assert!(sqlx::query(UPDATE).execute(&mut **tx).await.unwrap().rows_affected() > 0);
        }
        Tx::Postgres(tx) => {
            assert!(sqlx::query(UPDATE).execute(&mut **tx).await.unwrap().rows_affected() > 0);
        }
    }
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn an_alert_speaks_the_language_of_its_readers_in_title_facts_and_reason() {
    let told = [
        (
            "en",
            "“Today in Example” is held",
            [
                "Newsletter: daily",
                "Planned for: Tuesday, 24 November 2026, 07:00 (Asia/Tbilisi)",
                "nobody approved it",
            ],
        ),
        (
            "ka",
            "„Today in Example“ – გამოშვება გადაწყვეტილებას ელოდება",
            [
                "ბიულეტენი: daily",
                "დაგეგმილი დრო: სამშაბათი, 24 ნოემბერი, 2026, 07:00 (Asia/Tbilisi)",
                "არავის დაუმტკიცებია",
            ],
        ),
        (
            "hy",
            "«Today in Example». թողարկումը սպասում է որոշման",
            [
                "Տեղեկագիր՝ daily",
                "Նախատեսված ժամը՝ 2026 թ. նոյեմբերի 24, երեքշաբթի, 07:00 (Asia/Tbilisi)",
                "ոչ ոք չի հաստատել",
            ],
        ),
        (
            "az",
            "“Today in Example”: buraxılış qərar gözləyir",
            [
                "Bülleten: daily",
                "Planlaşdırılan vaxt: 24 noyabr 2026, çərşənbə axşamı, 07:00 (Asia/Tbilisi)",
                "heç kim təsdiqləməyib",
            ],
        ),
        (
            "ru",
            "«Today in Example»: выпуск ждёт решения",
            [
                "Рассылка: daily",
                "Назначенное время: вторник, 24 ноября 2026 г., 07:00 (Asia/Tbilisi)",
                "никто его не утвердил",
            ],
        ),
    ];
    for (language, title, facts) in told {
        let top = format!("[alerts]\nmail = [\"ops@example.org\"]\nlanguage = \"{language}\"\n");
        let room = Newsroom::open(&top, "when_not_approved = \"hold\"", "").await;
        for test in &room.engines {
            test.tick_at("2026-11-24T00:00:00Z").await;
            test.import_articles(&stories(4, test.engine.clock.now())).await;
            test.add_subscribers("readers", &["ana@example.org"]).await;
            test.tick_at("2026-11-24T03:00:00Z").await;
            outbox::send_due(&test.engine).await.unwrap();
            let letter = room.letters().remove(0);
            assert_eq!(letter.subject, title);
            assert_eq!(letter.types, ["multipart/alternative", "text/plain", "text/html"]);
            let raw = String::from_utf8(letter.raw).unwrap();
            assert!(
                raw.contains("Auto-Submitted: auto-generated") && !raw.contains("List-Unsubscribe"),
                "{raw}"
            );
            assert!(letter.html.contains(&format!("<html lang=\"{language}\"")), "{}", letter.html);
            // Lines are wrapped, and a zone's name may be wrapped at its slash.
            let squeezed = |text: &str| text.split_whitespace().collect::<String>();
            let text = squeezed(&letter.text);
            for fact in facts {
                assert!(text.contains(&squeezed(fact)), "{fact} in {text}");
            }
            let id = super::newest(test).await.id;
            for command in ["show", "send", "skip"].map(|what| format!("newsletterd edition {what} {id}")) {
                assert!(letter.text.lines().any(|line| line.trim() == command), "{text}");
                assert!(letter.html.contains(&command), "{}", letter.html);
            }
        }
    }
}

#[tokio::test]
async fn an_alert_that_an_earlier_version_left_is_sent_as_it_stood() {
    let top = "[alerts]\nmail = [\"ops@example.org\"]\nlanguage = \"ka\"\n";
    let room = Newsroom::open(top, "when_not_approved = \"hold\"", "").await;
    for test in &room.engines {
        test.tick_at("2026-11-24T00:00:00Z").await;
        test.import_articles(&stories(4, test.engine.clock.now())).await;
        test.tick_at("2026-11-24T03:00:00Z").await;
        as_an_earlier_version_stored_them(test).await;
        outbox::send_due(&test.engine).await.unwrap();
        let letter = room.letters().remove(0);
        assert_eq!(letter.subject, "Old title");
        assert!(
            letter.html.contains("<html lang=\"en\"") && letter.text.contains("Old remedy."),
            "{}",
            letter.text
        );
    }
}
