//! What ops ask for.

use chrono::TimeDelta;
use newsletterd::web::ops::Health;
use newsletterd::web::{WebState, router};
use serde_json::{Value, json};

use super::Site;

async fn health(site: &Site) -> (u16, Value) {
    let answer = site.get("/healthz").await;
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.header("cache-control"), "no-store");
    (answer.status.as_u16(), serde_json::from_str(&answer.body).unwrap())
}

#[tokio::test]
async fn health_tells_of_database_scheduler_and_next_slots() {
    for site in Site::on_each_database().await {
        let clock = &site.test.engine.clock;
        site.health.ticked(clock.now());
        clock.advance(TimeDelta::seconds(7));
        let expected = json!({
            "status": "ok",
            "version": env!("CARGO_PKG_VERSION"),
            "database": "ok",
            "scheduler": {"status": "ok", "last_tick_age_seconds": 7},
            "next_slots": {"daily": "2026-11-24T03:00:00Z"},
        });
        assert_eq!(health(&site).await, (200, expected));
    }
}

#[tokio::test]
async fn a_scheduler_that_stands_still_is_a_failure() {
    let site = Site::new().await;
    let clock = &site.test.engine.clock;
    let (status, report) = health(&site).await;
    assert_eq!((status, &report["scheduler"]["last_tick_age_seconds"]), (503, &Value::Null));
    site.health.ticked(clock.now());
    clock.advance(TimeDelta::seconds(60));
    assert_eq!(health(&site).await.0, 200);
    clock.advance(TimeDelta::seconds(1));
    let (status, report) = health(&site).await;
    assert_eq!((status, &report["scheduler"]["status"]), (503, &json!("failing")));
    assert_eq!(report["status"], "failing");
    site.health.ticked(clock.now());
    assert_eq!(health(&site).await.0, 200);
}

#[tokio::test]
async fn a_process_without_a_scheduler_needs_no_rounds() {
    let mut site = Site::new().await;
    site.router = router(WebState::new(site.test.engine.clone(), Health::new(false)));
    let (status, report) = health(&site).await;
    assert_eq!((status, report.get("scheduler")), (200, None));
}

#[tokio::test]
async fn a_database_that_is_gone_is_a_failure_and_a_page_in_words() {
    for site in Site::on_each_database().await {
        site.enqueue(&["ana@example.org"]).await;
        site.deliver().await;
        let letter = site.message("ana@example.org");
        site.health.ticked(site.test.engine.clock.now());
        site.test.engine.db.close().await;
        let (status, report) = health(&site).await;
        assert_eq!((status, &report["database"]), (503, &json!("failing")));
        for path in ["/archive/daily", "/archive/daily/1", super::path_of(&letter.one_click)] {
            let answer = site.get(path).await;
            assert_eq!(answer.status, 503, "{path}");
            assert!(answer.body.contains("nothing has been changed"), "{}", answer.body);
            assert!(!answer.body.to_lowercase().contains("pool"), "{}", answer.body);
        }
        let posted = site.post(super::path_of(&letter.one_click), "", "List-Unsubscribe=One-Click").await;
        assert_eq!(posted.status, 503);
    }
}
