//! Amazon SES through SNS: messages that are signed as SNS signs them.

use std::sync::OnceLock;

use axum::http::StatusCode;
use chrono::{SecondsFormat, TimeDelta};
use newsletterd::mail::dkim::{self, Algorithm};
use newsletterd::web::webhooks::Certificates;
use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use rsa::pkcs1::DecodeRsaPrivateKey as _;
use rsa::pkcs8::{EncodePrivateKey as _, LineEnding};
use rsa::{Pkcs1v15Sign, RsaPrivateKey};
use serde_json::{Value, json};

use super::{Answer, Hooked};

pub const TOPIC: &str = "arn:aws:sns:eu-west-1:123456789012:bounces";
/// Where the certificate of SNS in that region is.
pub const CERTIFICATE: &str =
    "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-9c6465fa7f48f5cacd23014631ec1136.pem";

/// A key of SNS: made once, as that takes a while.
pub fn key() -> &'static RsaPrivateKey {
    static KEY: OnceLock<RsaPrivateKey> = OnceLock::new();
    KEY.get_or_init(|| {
        let made = dkim::generate(Algorithm::Rsa).unwrap();
        RsaPrivateKey::from_pkcs1_pem(made.pem.reveal()).unwrap()
    })
}

/// A certificate for that key that is valid in these years.
pub fn certificate(from: i32, until: i32) -> String {
    let pem = key().to_pkcs8_pem(LineEnding::LF).unwrap();
    let pair = rcgen::KeyPair::from_pkcs8_pem_and_sign_algo(&pem, &rcgen::PKCS_RSA_SHA256).unwrap();
    let mut params = rcgen::CertificateParams::new(vec!["sns.amazonaws.com".to_owned()]).unwrap();
    params.not_before = rcgen::date_time_ymd(from, 1, 1);
    params.not_after = rcgen::date_time_ymd(until, 1, 1);
    params.self_signed(&pair).unwrap().pem()
}

pub fn known() -> Certificates {
    Certificates::known([(CERTIFICATE.to_owned(), certificate(2026, 2027).into_bytes())])
}

/// Signs what SNS signs of a message.
pub fn sign(message: &mut Value) {
    let names: &[&str] = if message["Type"] == "Notification" {
        &["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"]
    } else {
        &["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"]
    };
    let mut covered = String::new();
    for name in names {
        if let Some(value) = message[*name].as_str() {
            covered.push_str(&format!("{name}\n{value}\n"));
        }
    }
    let (algorithm, prefix) = if message["SignatureVersion"] == "1" {
        (&SHA1_FOR_LEGACY_USE_ONLY, "3021300906052b0e03021a05000414")
    } else {
        (&SHA256, "3031300d060960864801650304020105000420")
    };
    let hash = digest(algorithm, covered.as_bytes());
    // DigestInfo (RFC 8017 section 9.2, note 1).
    let prefix = data_encoding::HEXLOWER.decode(prefix.as_bytes()).unwrap().into_boxed_slice();
    let scheme = Pkcs1v15Sign { hash_len: Some(hash.as_ref().len()), prefix };
    let signature = key().sign(scheme, hash.as_ref()).unwrap();
    message["Signature"] = data_encoding::BASE64.encode(&signature).into();
}

/// A notification of SNS with a message of SES in it.
pub fn notification(site: &Hooked, said: &Value) -> Value {
    let at = site.test.engine.clock.now().to_rfc3339_opts(SecondsFormat::Millis, true);
    json!({
        "Type": "Notification",
        "MessageId": "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324",
        "TopicArn": TOPIC,
        "Subject": "Amazon SES Email Event Notification",
        "Message": said.to_string(),
        "Timestamp": at,
        "SignatureVersion": "2",
        "SigningCertURL": CERTIFICATE,
        "UnsubscribeURL": "https://sns.eu-west-1.amazonaws.com/?Action=Unsubscribe&SubscriptionArn=x",
    })
}

pub fn bounce(shape: &str, address: &str, return_path: &str) -> Value {
    json!({
        shape: "Bounce",
        "bounce": {
            "bounceType": "Permanent",
            "bounceSubType": "General",
            "bouncedRecipients": [{
                "emailAddress": address, "action": "failed", "status": "5.1.1",
                "diagnosticCode": "smtp; 550 5.1.1 No such user",
            }],
            "timestamp": "2026-11-24T00:00:00.000Z",
            "feedbackId": "0102018b-f00d",
        },
        "mail": {"source": return_path, "destination": [address], "messageId": "0102018b", "headers": []},
    })
}

impl Hooked {
    pub async fn sns(&self, message: &Value) -> Answer {
        let headers =
            [("content-type", "text/plain; charset=UTF-8"), ("x-amz-sns-message-type", "Notification")];
        self.post("ses", &headers, message.to_string()).await
    }
}

#[tokio::test]
async fn a_signed_message_is_taken_in_both_versions_and_shapes_and_kept_once() {
    for site in Hooked::on_each_database(&known()).await {
        for shape in ["notificationType", "eventType"] {
            for version in ["1", "2"] {
                let said = bounce(shape, "ana@example.org", "bounce-x@bounces.example.org");
                let mut message = notification(&site, &said);
                message["SignatureVersion"] = version.into();
                sign(&mut message);
                for _ in 0..2 {
                    assert_eq!(site.sns(&message).await, (StatusCode::OK, "taken\n".to_owned()));
                }
                message.as_object_mut().unwrap().remove("Subject");
                sign(&mut message);
                assert_eq!(site.sns(&message).await.0, StatusCode::OK, "a subject is no must");
            }
        }
        // One bounce, however often it is told, and by whatever of the two ways SES has.
        assert_eq!(site.kept().await.len(), 1);
    }
}

#[tokio::test]
async fn a_message_within_its_window_is_taken_and_an_old_one_is_not() {
    let site = Hooked::on_each_database(&known()).await.remove(0);
    let mut message = notification(&site, &bounce("eventType", "ana@example.org", "x@example.org"));
    sign(&mut message);
    site.test.engine.clock.advance(TimeDelta::minutes(75));
    assert_eq!(site.sns(&message).await.0, StatusCode::OK);
    site.test.engine.clock.advance(TimeDelta::seconds(1));
    assert_eq!(site.sns(&message).await.0, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn the_end_of_a_subscription_is_heard() {
    let site = Hooked::on_each_database(&known()).await.remove(0);
    let mut message = notification(&site, &json!("You have chosen to deactivate subscription"));
    message["Type"] = "UnsubscribeConfirmation".into();
    message["Token"] = "2336412f37fb".into();
    message["SubscribeURL"] =
        "https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&Token=2336412f37fb".into();
    sign(&mut message);
    assert_eq!(site.sns(&message).await.0, StatusCode::OK);
    assert!(site.kept().await.is_empty());
}
