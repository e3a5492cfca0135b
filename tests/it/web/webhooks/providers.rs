//! Each provider's call: taken when it is proved, and once; refused when it is not.

use axum::http::StatusCode;
use hmac::{Hmac, KeyInit as _, Mac as _};
use newsletterd::web::webhooks::Certificates;
use ring::rand::SystemRandom;
use serde_json::{Value, json};
use sha2::Sha256;

use super::{Answer, Hooked, SECRET};

pub fn mac(secret: &str, parts: &[&str]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    parts.iter().for_each(|part| mac.update(part.as_bytes()));
    data_encoding::HEXLOWER.encode(&mac.finalize().into_bytes())
}

fn basic(secret: &str) -> String {
    format!("Basic {}", data_encoding::BASE64.encode(secret.as_bytes()))
}

impl Hooked {
    pub async fn generic(&self, secret: &str, age: i64, body: &str) -> Answer {
        let time = (self.now() - age).to_string();
        let signature = format!("sha256={}", mac(secret, &[&time, ".", body]));
        let headers = [("newsletterd-timestamp", &*time), ("newsletterd-signature", &*signature)];
        self.post("generic", &headers, body.to_owned()).await
    }

    pub async fn sendgrid(&self, age: i64, signed: &str, body: &str) -> Answer {
        let time = (self.now() - age).to_string();
        let signature =
            self.sendgrid.sign(&SystemRandom::new(), format!("{time}{signed}").as_bytes()).unwrap();
        let signature = data_encoding::BASE64.encode(signature.as_ref());
        let headers = [
            ("x-twilio-email-event-webhook-timestamp", &*time),
            ("x-twilio-email-event-webhook-signature", &*signature),
        ];
        self.post("sendgrid", &headers, body.to_owned()).await
    }

    pub async fn mailgun(&self, secret: &str, age: i64, token: &str, event: &Value) -> Answer {
        let time = (self.now() - age).to_string();
        let signature = json!({"timestamp": time, "token": token, "signature": mac(secret, &[&time, token])});
        self.post("mailgun", &[], json!({"signature": signature, "event-data": event}).to_string()).await
    }

    async fn is_refused(&self, answer: Answer, status: StatusCode) {
        assert_eq!(answer.0, status, "{}", answer.1);
        assert!(answer.1.ends_with('\n') && !answer.1.contains("example.org"), "{}", answer.1);
        assert!(self.kept().await.is_empty());
    }

    /// Two good calls of the same, one row.
    async fn is_kept_once(&self, answers: [Answer; 2], key: usize) {
        for answer in answers {
            assert_eq!(answer, (StatusCode::OK, "taken\n".to_owned()));
        }
        assert_eq!(self.kept().await.len(), key);
    }
}

const FORBIDDEN: StatusCode = StatusCode::FORBIDDEN;
const UNAUTHORIZED: StatusCode = StatusCode::UNAUTHORIZED;

#[tokio::test]
async fn generic() {
    for site in Hooked::on_each_database(&Certificates::default()).await {
        let body = json!([
            {"id": "1", "kind": "hard", "recipient": "ana@example.org", "at": "2026-11-24T00:00:00Z"},
            {"id": "2", "kind": "complaint", "recipient": "gio@example.org", "at": "2026-11-24T00:00:00Z"},
        ])
        .to_string();
        site.is_refused(site.generic("other", 0, &body).await, FORBIDDEN).await;
        site.is_refused(site.generic(SECRET, 901, &body).await, FORBIDDEN).await;
        site.is_refused(site.post("generic", &[], body.clone()).await, UNAUTHORIZED).await;
        let wrong = body.replace("complaint", "complaints");
        let (status, text) = site.generic(SECRET, 0, &wrong).await;
        assert_eq!(status, StatusCode::BAD_REQUEST);
        assert!(text.starts_with("event 2, kind: is not what can stand here"), "{text}");
        assert!(site.kept().await.is_empty(), "all of a call or nothing");
        site.is_kept_once([site.generic(SECRET, 0, &body).await, site.generic(SECRET, 60, &body).await], 2)
            .await;
    }
}

#[tokio::test]
async fn sendgrid() {
    for site in Hooked::on_each_database(&Certificates::default()).await {
        let body =
            json!([{"event": "bounce", "type": "bounce", "email": "ana@example.org", "sg_event_id": "e1",
            "reason": "550 5.1.1 No such user", "status": "5.1.1", "smtp-id": "<x@letters.example.org>"},
            {"event": "open", "email": "ana@example.org", "sg_event_id": "e2"}])
            .to_string();
        site.is_refused(site.sendgrid(0, &body, &body.replace("ana", "gio")).await, FORBIDDEN).await;
        site.is_refused(site.sendgrid(25 * 3600 + 1, &body, &body).await, FORBIDDEN).await;
        site.is_refused(site.post("sendgrid", &[], body.clone()).await, UNAUTHORIZED).await;
        // Another's key is another site's.
        let other = Hooked::new().await;
        other.is_refused(forged(&site, &other, &body).await, FORBIDDEN).await;
        site.is_kept_once([site.sendgrid(0, &body, &body).await, site.sendgrid(30, &body, &body).await], 1)
            .await;
    }
}

/// A call to `other` that is signed with the key of `site`.
async fn forged(site: &Hooked, other: &Hooked, body: &str) -> Answer {
    let time = other.now().to_string();
    let signature = site.sendgrid.sign(&SystemRandom::new(), format!("{time}{body}").as_bytes()).unwrap();
    let signature = data_encoding::BASE64.encode(signature.as_ref());
    let headers = [
        ("x-twilio-email-event-webhook-timestamp", &*time),
        ("x-twilio-email-event-webhook-signature", &*signature),
    ];
    other.post("sendgrid", &headers, body.to_owned()).await
}

#[tokio::test]
async fn mailgun() {
    for site in Hooked::on_each_database(&Certificates::default()).await {
        let event = |id: &str| {
            json!({"event": "failed", "severity": "permanent", "reason": "bounce", "id": id,
                "recipient": "ana@example.org", "delivery-status": {"code": 550, "message": "5.1.1 No such user"}})
        };
        let first = event("e1");
        site.is_refused(site.mailgun("other", 0, "t1", &first).await, FORBIDDEN).await;
        site.is_refused(site.mailgun(SECRET, 9 * 3600 + 1, "t1", &first).await, FORBIDDEN).await;
        site.is_refused(
            site.post("mailgun", &[], json!({"event-data": first}).to_string()).await,
            UNAUTHORIZED,
        )
        .await;
        let again =
            [site.mailgun(SECRET, 0, "t1", &first).await, site.mailgun(SECRET, 0, "t1", &first).await];
        site.is_kept_once(again, 1).await;
        // The signature does not cover the event: a token that was seen is good for no other.
        let (status, text) = site.mailgun(SECRET, 0, "t1", &event("e2")).await;
        assert_eq!((status, site.kept().await.len()), (FORBIDDEN, 1), "{text}");
        assert_eq!(site.mailgun(SECRET, 0, "t2", &event("e2")).await.0, StatusCode::OK);
        assert_eq!(site.kept().await.len(), 2);
    }
}

#[tokio::test]
async fn postmark_and_brevo() {
    let bounce = json!({"RecordType": "Bounce", "Type": "HardBounce", "ID": 7, "Email": "ana@example.org"});
    let spam = json!({"event": "spam", "email": "ana@example.org", "message-id": "<x@letters.example.org>", "ts_event": 7});
    for (name, body) in [("postmark", bounce), ("brevo", spam)] {
        for site in Hooked::on_each_database(&Certificates::default()).await {
            let body = body.to_string();
            let ask = |login: String, body: String| {
                let site = &site;
                async move { site.post(name, &[("authorization", &login)], body).await }
            };
            site.is_refused(site.post(name, &[], body.clone()).await, UNAUTHORIZED).await;
            site.is_refused(ask(basic("open:barley"), body.clone()).await, FORBIDDEN).await;
            let good = [ask(basic(SECRET), body.clone()).await, ask(basic(SECRET), body.clone()).await];
            site.is_kept_once(good, 1).await;
            let token = ask(format!("Bearer {SECRET}"), body.clone()).await;
            let expected = if name == "brevo" { StatusCode::OK } else { UNAUTHORIZED };
            assert_eq!(token.0, expected);
        }
    }
}
