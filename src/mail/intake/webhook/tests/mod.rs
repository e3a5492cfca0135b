//! What calls say, and who may make them. The samples are written after the providers' documentation,
//! and signed with keys made here.

mod authorities;
mod generic_form;
mod meanings;
mod properties;
mod ses_meanings;

use chrono::{DateTime, TimeDelta, Utc};
use hmac::{Hmac, KeyInit as _, Mac as _};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};
use serde_json::{Value, json};
use sha2::Sha256;

use super::{Call, Headers, Opened, Refusal, generic, mailgun, sendgrid};
use crate::domain::bounce::Report;
use crate::mail::intake::{Content, Incoming};

/// The secret of every provider here.
const SECRET: &str = "open:sesame";

fn now() -> DateTime<Utc> {
    "2026-11-25T07:00:00Z".parse().unwrap()
}

/// A call that says to be JSON, with headers besides.
fn headers(more: &[(&str, &str)]) -> Headers {
    let json = [("Content-Type", "application/json; charset=utf-8")];
    json.iter().chain(more).map(|(name, value)| (*name, (*value).to_owned())).collect()
}

fn mac(parts: &[&str]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    parts.iter().for_each(|part| mac.update(part.as_bytes()));
    data_encoding::HEXLOWER.encode(&mac.finalize().into_bytes())
}

fn ago(seconds: i64) -> String {
    (now() - TimeDelta::seconds(seconds)).timestamp().to_string()
}

/// A generic call, made so many seconds ago.
fn generic_call(body: &str, age: i64) -> Opened {
    let time = ago(age);
    let signature = format!("sha256={}", mac(&[&time, ".", body]));
    let headers = headers(&[("Newsletterd-Timestamp", &time), ("Newsletterd-Signature", &signature)]);
    generic::open(Call { headers: &headers, body: body.as_bytes() }, SECRET, now())
}

/// A call of Mailgun, made so many seconds ago.
fn mailgun_call(event: &Value, age: i64) -> Result<mailgun::Opened, Refusal> {
    let time = ago(age);
    let signature = json!({"timestamp": time, "token": "t1", "signature": mac(&[&time, "t1"])});
    let body = json!({"signature": signature, "event-data": event}).to_string();
    mailgun::open(Call { headers: &headers(&[]), body: body.as_bytes() }, SECRET, now())
}

/// SendGrid's key, made anew in each test.
struct Signer(EcdsaKeyPair);

impl Signer {
    fn new() -> Self {
        let random = SystemRandom::new();
        let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &random).unwrap();
        Self(EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, document.as_ref(), &random).unwrap())
    }

    fn public(&self) -> &[u8] {
        self.0.public_key().as_ref()
    }

    fn headers(&self, time: &str, body: &str) -> Headers {
        let covered = format!("{time}{body}");
        let signature = self.0.sign(&SystemRandom::new(), covered.as_bytes()).unwrap();
        let signature = data_encoding::BASE64.encode(signature.as_ref());
        headers(&[
            ("X-Twilio-Email-Event-Webhook-Timestamp", time),
            ("X-Twilio-Email-Event-Webhook-Signature", &signature),
        ])
    }

    fn open(&self, body: &Value) -> Opened {
        let body = body.to_string();
        let headers = self.headers(&ago(5), &body);
        sendgrid::open(Call { headers: &headers, body: body.as_bytes() }, self.public(), now())
    }
}

fn report(incoming: &Incoming) -> &Report {
    match &incoming.content {
        Content::Told { report, .. } => report,
        Content::Mail(_) => panic!("a call is no mail"),
    }
}

fn key(incoming: &Incoming) -> &str {
    match &incoming.content {
        Content::Told { key, .. } => key,
        Content::Mail(_) => panic!("a call is no mail"),
    }
}

/// Kind, reason and status in one word: `hard user_unknown 5.1.1`.
fn verdict(incoming: &Incoming) -> String {
    let report = report(incoming);
    let reason = report.reason.map_or_else(|| "-".to_owned(), |reason| reason.to_string());
    let status = report.status.map_or_else(|| "-".to_owned(), |status| status.to_string());
    format!("{} {reason} {status}", report.kind)
}
