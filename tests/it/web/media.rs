//! The pictures of letters, as mail programs and their proxies ask for them.

use std::time::Instant;

use axum::body::Body;
use axum::http::{HeaderMap, Request};
use http_body_util::BodyExt as _;
use newsletterd::domain::picture::{Picture, PictureHash, PictureKind};
use newsletterd::store::media::{self, Wanted};
use tower::ServiceExt as _;

use super::Site;

async fn keep(site: &Site, kind: PictureKind, bytes: &[u8]) -> String {
    let picture = Picture::new(kind, 20, 10, bytes.to_vec());
    let wanted = Wanted { source_url: format!("https://example.org/{kind}"), width: 10 };
    let now = site.test.engine.clock.now();
    let mut tx = site.test.engine.db.begin().await.unwrap();
    media::keep(&mut tx, &wanted, &picture, now, now).await.unwrap();
    tx.commit().await.unwrap();
    picture.stored.hash.to_string()
}

async fn ask(site: &Site, method: &str, path: &str, tag: Option<&str>) -> (u16, HeaderMap, Vec<u8>) {
    let mut request = Request::builder().method(method).uri(path);
    if let Some(tag) = tag {
        request = request.header("if-none-match", tag);
    }
    let response = site.router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    let (parts, body) = response.into_parts();
    (parts.status.as_u16(), parts.headers, body.collect().await.unwrap().to_bytes().to_vec())
}

#[tokio::test]
async fn a_picture_is_served_once_and_kept_for_good() {
    for site in Site::on_each_database().await {
        for (kind, bytes) in [(PictureKind::Jpeg, &b"\xff\xd8 one"[..]), (PictureKind::Png, b"\x89PNG two")] {
            let path = format!("/media/{}", keep(&site, kind, bytes).await);
            let (status, headers, body) = ask(&site, "GET", &path, None).await;
            assert_eq!((status, &body[..]), (200, bytes));
            for (name, value) in [
                ("content-type", kind.as_str()),
                ("cache-control", "public, max-age=31536000, immutable"),
                ("x-content-type-options", "nosniff"),
                ("content-security-policy", "default-src 'none'; frame-ancestors 'none'"),
            ] {
                assert_eq!(headers[name], value);
            }
            assert!(headers.get("set-cookie").is_none());
            let tag = headers["etag"].to_str().unwrap().to_owned();
            let (status, headers, body) = ask(&site, "HEAD", &path, None).await;
            assert_eq!((status, body.len()), (200, 0));
            assert_eq!(headers["content-length"], bytes.len().to_string().as_str());
            for condition in [tag.clone(), format!("\"other\", W/{tag}"), "*".to_owned()] {
                let (status, headers, body) = ask(&site, "GET", &path, Some(&condition)).await;
                assert_eq!((status, body.len()), (304, 0), "{condition}");
                assert_eq!(headers["etag"], tag.as_str());
            }
            assert_eq!(ask(&site, "GET", &path, Some("\"other\"")).await.0, 200);
            assert_eq!(ask(&site, "POST", &path, None).await.0, 405);
        }
    }
}

#[tokio::test]
async fn unknown_names_lead_nowhere() {
    let site = Site::new().await;
    let unknown = PictureHash::of(b"nothing").to_string();
    for name in [
        unknown.as_str(),
        "",
        "x",
        "..%2f..%2fetc%2fpasswd",
        "%ff",
        &unknown.to_uppercase(),
        &format!("{unknown}.jpg"),
    ] {
        for tag in [None, Some("*"), Some(&*format!("\"{unknown}\""))] {
            assert_eq!(ask(&site, "GET", &format!("/media/{name}"), tag).await.0, 404, "{name} {tag:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_readers_at_once_are_served() {
    for site in Site::on_each_database().await {
        let bytes = vec![7; 200 * 1024];
        let path = format!("/media/{}", keep(&site, PictureKind::Jpeg, &bytes).await);
        let started = Instant::now();
        let mut readers = tokio::task::JoinSet::new();
        for _ in 0..300 {
            let (router, path) = (site.router.clone(), path.clone());
            readers.spawn(async move {
                let request = Request::builder().uri(path).body(Body::empty()).unwrap();
                let response = router.oneshot(request).await.unwrap();
                (response.status().as_u16(), response.into_body().collect().await.unwrap().to_bytes().len())
            });
        }
        while let Some(answer) = readers.join_next().await {
            assert_eq!(answer.unwrap(), (200, 200 * 1024));
        }
        println!("300 requests for 200 KiB at once: {:?}", started.elapsed());
    }
}
