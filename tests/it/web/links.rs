//! Links that lead over us, the picture that counts openings, and what is counted of both.

use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use newsletterd::domain::ids::{EditionId, LinkNo};
use newsletterd::pipeline::links;
use newsletterd::pipeline::report::{Report, report};
use newsletterd::store::{Tx, links as store};
use newsletterd::web::{WebState, router};

use super::{Answered, Site, path_of};

const BROWSER: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:135.0) Gecko/20100101 Firefox/135.0";
const GOOGLE_PROXY: &str =
    "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)";
const CRAWLER: &str = "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)";
const BOTH: &str = "links = \"counted\"\nopen_pixel = \"on\"";

/// A letter that has gone out to one reader, its links over us.
async fn sent(site: &Site) -> EditionId {
    site.enqueue(&["anna@example.org"]).await;
    site.deliver().await;
    site.test.editions().await.remove(0).id
}

fn link(site: &Site, edition: EditionId, no: i64) -> String {
    path_of(&site.test.engine.links().story(edition, LinkNo(no))).to_owned()
}

fn pixel(site: &Site, edition: EditionId) -> String {
    path_of(&site.test.engine.links().pixel(edition)).to_owned()
}

async fn ask(site: &Site, method: &str, path: &str, headers: &[(&str, &str)]) -> Answered {
    let request =
        headers.iter().fold(Request::builder().method(method).uri(path), |request, (name, value)| {
            request.header(*name, *value)
        });
    let request = request.body(Body::empty()).unwrap();
    if path.contains("/o/") { asked_for_bytes(site, request).await } else { site.ask(request).await }
}

/// As `Site::ask`, where the body is no text.
async fn asked_for_bytes(site: &Site, request: Request<Body>) -> Answered {
    use http_body_util::BodyExt as _;
    use tower::ServiceExt as _;
    let (parts, body) = site.router.clone().oneshot(request).await.unwrap().into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    if parts.status == 200 && !body.is_empty() {
        let picture = image::load_from_memory_with_format(&body, image::ImageFormat::Gif).unwrap();
        assert_eq!(picture.to_rgba8().pixels().map(|pixel| pixel.0[3]).collect::<Vec<_>>(), [0]);
    }
    Answered { status: parts.status, headers: parts.headers, body: body.len().to_string() }
}

/// What the report says when everything counted so far is written.
async fn counted(site: &Site, edition: EditionId) -> Report {
    site.state.settle().await;
    report(&site.test.engine, edition).await.unwrap()
}

#[tokio::test]
async fn a_link_leads_to_its_article_and_nobody_keeps_the_answer() {
    for site in Site::on_each_database_with_keys("links = \"redirect\"\n[newsletters.utm]").await {
        let edition = sent(&site).await;
        let path = link(&site, edition, 1);
        for method in ["GET", "HEAD"] {
            let answer = ask(&site, method, &path, &[("user-agent", BROWSER)]).await;
            assert_eq!(answer.status, 302);
            assert_eq!(
                answer.header("location"),
                "https://example.org/news/story-4?utm_source=daily&utm_medium=email&utm_campaign=2026-11-24"
            );
            assert_eq!(answer.header("cache-control"), "no-store");
            assert_eq!(answer.header("referrer-policy"), "no-referrer");
            assert!(!answer.headers.contains_key("set-cookie"));
            assert_eq!(answer.body, "");
        }
        // The same for all, and in either case of the token.
        let (front, token) = path.rsplit_once('/').unwrap();
        let loud = format!("{front}/{}", token.to_uppercase());
        assert_eq!(site.get(&loud).await.status, 302);
        assert_eq!(site.request("POST", &path).await.status, 405);
        // Nothing is counted, and the report says nothing of it.
        let report = counted(&site, edition).await;
        assert_eq!((report.clicks, report.openings), (None, None));
        assert_eq!(rows(&site).await, 0);
    }
}

async fn rows(site: &Site) -> i64 {
    const SELECT: &str =
        "SELECT (SELECT COUNT(*) FROM link_clicks) + (SELECT COUNT(*) FROM edition_openings)";
    match site.test.engine.db.read().await.unwrap() {
        Tx::Sqlite(mut tx) => sqlx::query_scalar(SELECT).fetch_one(&mut *tx).await.unwrap(),
        Tx::Postgres(mut tx) => sqlx::query_scalar(SELECT).fetch_one(&mut *tx).await.unwrap(),
    }
}

#[tokio::test]
async fn what_is_no_link_of_ours_leads_nowhere() {
    let site = Site::on_each_database_with_keys(BOTH).await.remove(0);
    let edition = sent(&site).await;
    let good = link(&site, edition, 1);
    let token = good.rsplit('/').next().unwrap();
    let (keys, links) = (&site.test.engine.keys, site.test.engine.links());
    let cut = &token[..token.len() - 1];
    let changed = format!("{cut}{}", if token.ends_with('a') { 'b' } else { 'a' });
    let unlisted = keys.link(edition, LinkNo(99));
    let elsewhere = keys.link(EditionId(99), LinkNo(1));
    let other_purpose = keys.opening(edition);
    let unsubscribe = site.message("anna@example.org").one_click.rsplit('/').next().unwrap().to_owned();
    let no_url = "https:%2F%2Fevil.test";
    for wrong in
        [cut, &changed, &unlisted, &elsewhere, &other_purpose, &unsubscribe, "x", "%ff", no_url, "%00"]
    {
        let answer = site.get(&format!("/r/{wrong}")).await;
        assert_eq!((answer.status.as_u16(), answer.header("location")), (404, ""), "{wrong}");
        assert!(answer.body.contains("This link is not complete"), "{wrong}: {}", answer.body);
        assert!(!answer.body.contains("evil"));
    }
    for query in ["?url=https://evil.test", "?to=//evil.test", "?"] {
        let answer = site.get(&format!("{good}{query}")).await;
        assert_eq!(answer.header("location"), "https://example.org/news/story-4", "{query}");
    }
    for wrong in [token, "x", &keys.link(edition, LinkNo(1))] {
        assert_eq!(site.get(&format!("/o/{wrong}")).await.status, 404, "{wrong}");
    }
    assert!(links.pixel(edition).starts_with("https://letters.example.org/o/"));
}

#[tokio::test]
async fn people_are_counted_and_machines_are_not() {
    for site in Site::on_each_database_with_keys(BOTH).await {
        let edition = sent(&site).await;
        let (first, second, pixel) =
            (link(&site, edition, 1), link(&site, edition, 2), pixel(&site, edition));
        let before = counted(&site, edition).await;
        assert_eq!((before.clicks, before.openings), (Some(0), Some(0)));
        // Led on, each of them, but nobody has read anything.
        let nobody: &[(&str, &[(&str, &str)])] = &[
            ("HEAD", &[("user-agent", BROWSER)]),
            ("GET", &[]),
            ("GET", &[("user-agent", "")]),
            ("GET", &[("user-agent", CRAWLER)]),
            ("GET", &[("user-agent", "Mozilla/5.0")]),
            ("GET", &[("user-agent", "curl/8.5.0")]),
            ("GET", &[("user-agent", BROWSER), ("sec-purpose", "prefetch;prerender")]),
            ("GET", &[("user-agent", BROWSER), ("purpose", "Prefetch")]),
            ("GET", &[("user-agent", BROWSER), ("x-purpose", "preview")]),
            ("GET", &[("user-agent", BROWSER), ("x-moz", "prefetch")]),
        ];
        for (method, headers) in nobody {
            assert_eq!(ask(&site, method, &first, headers).await.status, 302, "{method} {headers:?}");
            assert_eq!(ask(&site, method, &pixel, headers).await.status, 200, "{method} {headers:?}");
        }
        assert_eq!(ask(&site, "GET", &first, &[("user-agent", GOOGLE_PROXY)]).await.status, 302);
        let report = counted(&site, edition).await;
        assert_eq!((report.clicks, report.openings), (Some(0), Some(0)));

        // People, some with headers that tell much about them.
        let personal = [
            ("user-agent", BROWSER),
            ("cookie", "reader=anna"),
            ("x-forwarded-for", "203.0.113.77"),
            ("referer", "https://mail.example.org/anna"),
            ("sec-fetch-site", "cross-site"),
        ];
        for _ in 0..3 {
            ask(&site, "GET", &first, &personal).await;
        }
        ask(&site, "GET", &second, &[("user-agent", BROWSER)]).await;
        for agent in [BROWSER, GOOGLE_PROXY] {
            let answer = ask(&site, "GET", &pixel, &[("user-agent", agent)]).await;
            assert_eq!(
                (answer.header("content-type"), answer.header("cache-control")),
                ("image/gif", "no-store")
            );
            assert_eq!(answer.body, "43");
        }
        let report = counted(&site, edition).await;
        assert_eq!((report.clicks, report.openings), (Some(4), Some(2)));
        // The next day is another row, and all that is stored is numbers.
        site.test.engine.clock.set("2026-11-25T00:30:00Z".parse().unwrap());
        ask(&site, "GET", &first, &personal).await;
        assert_eq!(counted(&site, edition).await.clicks, Some(5));
        let mut tx = site.test.engine.db.read().await.unwrap();
        let stored = stored_clicks(&mut tx).await;
        assert_eq!(stored, [(edition.0, 1, 20_781, 3), (edition.0, 1, 20_782, 1), (edition.0, 2, 20_781, 1)]);
        let listed = store::of_edition(&mut tx, edition).await.unwrap();
        assert_eq!(listed.iter().map(|link| link.clicks).collect::<Vec<_>>(), [4, 1, 0, 0]);
    }
}

/// All that the tables of counts hold: a column more would fail here.
async fn stored_clicks(tx: &mut Tx) -> Vec<(i64, i64, i64, i64)> {
    const SELECT: &str = "SELECT * FROM link_clicks ORDER BY no, day";
    match tx {
        Tx::Sqlite(tx) => columns_are_four(sqlx::query(SELECT).fetch_all(&mut **tx).await.unwrap()),
        Tx::Postgres(tx) => columns_are_four(sqlx::query(SELECT).fetch_all(&mut **tx).await.unwrap()),
    }
}

fn columns_are_four<R: sqlx::Row>(rows: Vec<R>) -> Vec<(i64, i64, i64, i64)>
where
    for<'r> i64: sqlx::Decode<'r, R::Database> + sqlx::Type<R::Database>,
    usize: sqlx::ColumnIndex<R>,
{
    let row = |row: R| {
        assert_eq!(row.columns().len(), 4);
        (row.get(0), row.get(1), row.get(2), row.get(3))
    };
    rows.into_iter().map(row).collect()
}

#[tokio::test]
async fn what_is_counted_is_written_by_itself() {
    let site = Site::on_each_database_with_keys(BOTH).await.remove(0);
    let edition = sent(&site).await;
    for _ in 0..5 {
        ask(&site, "GET", &link(&site, edition, 3), &[("user-agent", BROWSER)]).await;
    }
    let engine = &site.test.engine;
    let written = async {
        while report(engine, edition).await.unwrap().clicks != Some(5) {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), written).await.unwrap();
}

#[tokio::test]
async fn many_at_once_are_counted_each_and_written_together() {
    let site = Site::on_each_database_with_keys(BOTH).await.remove(0);
    let edition = sent(&site).await;
    let path = link(&site, edition, 1);
    let clicks =
        (0..200).map(|_| async { ask(&site, "GET", &path, &[("user-agent", BROWSER)]).await.status });
    let answers = futures_util::future::join_all(clicks).await;
    assert!(answers.iter().all(|status| *status == 302));
    assert_eq!(counted(&site, edition).await.clicks, Some(200));
}

#[tokio::test]
async fn a_database_that_cannot_count_keeps_nobody_from_the_article() {
    let site = Site::on_each_database_with_keys(BOTH).await.remove(0);
    let edition = sent(&site).await;
    let Tx::Sqlite(mut tx) = site.test.engine.db.begin().await.unwrap() else {
        panic!("the first is SQLite")
    };
    sqlx::query("ALTER TABLE link_clicks RENAME TO away").execute(&mut *tx).await.unwrap();
    tx.commit().await.unwrap();
    for _ in 0..3 {
        let answer = ask(&site, "GET", &link(&site, edition, 1), &[("user-agent", BROWSER)]).await;
        assert_eq!(answer.status, 302);
        site.state.settle().await;
    }
    // And when it can again, nothing is lost.
    let Tx::Sqlite(mut tx) = site.test.engine.db.begin().await.unwrap() else {
        panic!("the first is SQLite")
    };
    sqlx::query("ALTER TABLE away RENAME TO link_clicks").execute(&mut *tx).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(counted(&site, edition).await.clicks, Some(3));
    // A picture comes even when the database is gone.
    site.test.engine.db.close().await;
    let answer = ask(&site, "GET", &pixel(&site, edition), &[("user-agent", BROWSER)]).await;
    assert_eq!((answer.status.as_u16(), answer.body.as_str()), (200, "43"));
}

#[tokio::test]
async fn switched_off_it_ends_at_once_and_switched_on_it_begins_with_the_next_letter() {
    let counted_before = Site::on_each_database_with_keys(BOTH).await.remove(0);
    let redirected_before = Site::on_each_database_with_keys("links = \"redirect\"").await.remove(0);
    for (site, other) in [(&counted_before, &redirected_before), (&redirected_before, &counted_before)] {
        let edition = sent(site).await;
        let mut engine = site.test.engine.clone();
        engine.config = other.test.engine.config.clone();
        let state = WebState::new(engine, site.health.clone());
        let pages = router(state.clone());
        for path in [link(site, edition, 1), pixel(site, edition)] {
            use tower::ServiceExt as _;
            let request = Request::get(&path).header("user-agent", BROWSER).body(Body::empty()).unwrap();
            let answer = pages.clone().oneshot(request).await.unwrap();
            let led = if path.contains("/r/") { 302 } else { 200 };
            assert_eq!(answer.status(), led);
        }
        state.settle().await;
        let mut tx = site.test.engine.db.read().await.unwrap();
        assert_eq!(store::clicks(&mut tx, edition).await.unwrap(), 0);
        // Letters that announced no picture carry none, so nobody asks for it as here.
        if std::ptr::eq(site, &counted_before) {
            assert_eq!(store::openings(&mut tx, edition).await.unwrap(), 0);
        }
    }
}

#[tokio::test]
async fn a_repair_holds_in_letters_that_are_out_and_in_the_archive() {
    for site in Site::on_each_database_with_keys("links = \"redirect\"\n[newsletters.utm]").await {
        let edition = sent(&site).await;
        let in_the_mail = site.message("anna@example.org").links();
        let broken = in_the_mail.iter().find(|url| path_of_ours(url).is_some()).unwrap().clone();
        let new = "https://example.org/moved?a=%26b#c".parse().unwrap();
        let target = links::relink(&site.test.engine, edition, LinkNo(1), &new, "ed").await.unwrap();
        assert_eq!(
            target,
            "https://example.org/moved?a=%26b&utm_source=daily&utm_medium=email&utm_campaign=2026-11-24#c"
        );
        let archived = site.get(&format!("/archive/daily/{edition}")).await;
        assert!(archived.attribute("href").contains(&broken));
        let answer = site.get(path_of_ours(&broken).unwrap()).await;
        assert_eq!((answer.status.as_u16(), answer.header("location")), (302, target.as_str()));
        // A host beyond ASCII, too.
        let new = "https://пример.рф/новости".parse().unwrap();
        links::relink(&site.test.engine, edition, LinkNo(1), &new, "ed").await.unwrap();
        let answer = site.get(path_of_ours(&broken).unwrap()).await;
        let start =
            "https://xn--e1afmkfd.xn--p1ai/%D0%BD%D0%BE%D0%B2%D0%BE%D1%81%D1%82%D0%B8?utm_source=daily";
        assert!(answer.header("location").starts_with(start), "{}", answer.header("location"));
    }
}

fn path_of_ours(url: &str) -> Option<&str> {
    url.strip_prefix("https://letters.example.org").filter(|path| path.starts_with("/r/"))
}
