//! The envelope of SNS.

use chrono::{DateTime, TimeDelta, Utc};
use url::Url;

use super::certificate::{Version, verify};
use super::event;
use crate::config::TopicArn;
use crate::mail::intake::Incoming;
use crate::mail::intake::webhook::fields::{Fields, json};
use crate::mail::intake::webhook::proof::timely;
use crate::mail::intake::webhook::{Call, Refusal};

/// SNS tries for an hour, at most.
const WINDOW: TimeDelta = TimeDelta::minutes(75);

/// What a message is signed for, in the order in which its members are covered.
const NOTIFICATION: &[&str] = &["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"];
const CONFIRMATION: &[&str] =
    &["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"];

/// What kind of message it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Notification,
    Subscription,
    Unsubscription,
}

/// A message that names a topic of ours and a certificate of that topic's region, and is not yet
/// believed.
#[derive(Clone, Debug)]
pub struct Envelope {
    kind: Kind,
    certificate: String,
    version: Version,
    covered: Vec<u8>,
    signature: Vec<u8>,
    made: DateTime<Utc>,
    id: String,
    message: String,
    confirm: Option<String>,
}

/// What a message says that is believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// What became of letters.
    Events(Vec<Incoming>),
    /// We were subscribed to the topic, and confirm it by asking for this address.
    Subscribed {
        /// The address, at the host of the topic's region.
        confirm: String,
    },
    /// We are no longer subscribed to the topic.
    Unsubscribed,
}

impl Envelope {
    /// Reads a call, which must come from one of `topics`.
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn read(call: Call<'_>, topics: &[TopicArn]) -> Result<Self, Refusal> {
        let body = json(call.body)?;
        let body = Fields::of_body(&body);
        let is_raw = call.headers.get("x-amz-sns-rawdelivery") == Some("true")
            || ["notificationType", "eventType"].iter().any(|name| body.text(&[name]).is_some());
        if is_raw {
            return Err(Refusal::Unproved(
                "raw message delivery is on for this subscription; switch it off, as only the envelope is signed",
            ));
        }
        let kind = match body.need(&["Type"])?.as_str() {
            "Notification" => Kind::Notification,
            "SubscriptionConfirmation" => Kind::Subscription,
            "UnsubscribeConfirmation" => Kind::Unsubscription,
            _ => return Err(body.wrong(&["Type"], "is none that SNS sends")),
        };
        let topic = body.need(&["TopicArn"])?;
        let topic = topics.iter().find(|own| own.as_str() == topic);
        let topic = topic.ok_or(Refusal::Foreign("its topic is not among the configured ones"))?;
        let version = match body.need(&["SignatureVersion"])?.as_str() {
            "1" => Version::One,
            "2" => Version::Two,
            _ => return Err(Refusal::Forged("its signature is of a version that is not known")),
        };
        let certificate = pinned(&body.need(&["SigningCertURL"])?, topic)
            .filter(|url| url.path().ends_with(".pem") && url.query().is_none())
            .ok_or(Refusal::Foreign("its certificate is not from SNS in the topic's region"))?;
        let confirm = match kind {
            Kind::Subscription => Some(
                pinned(&body.need(&["SubscribeURL"])?, topic)
                    .ok_or(Refusal::Foreign("its SubscribeURL does not lead to SNS in the topic's region"))?,
            ),
            Kind::Notification | Kind::Unsubscription => None,
        };
        let signature = data_encoding::BASE64.decode(body.need(&["Signature"])?.as_bytes());
        let made = body.need(&["Timestamp"])?;
        Ok(Self {
            kind,
            certificate: certificate.into(),
            version,
            covered: covered(&body, if kind == Kind::Notification { NOTIFICATION } else { CONFIRMATION })?,
            signature: signature.map_err(|_| Refusal::Forged("the signature is not base64"))?,
            made: DateTime::parse_from_rfc3339(&made)
                .map_err(|_| body.wrong(&["Timestamp"], "is no instant"))?
                .to_utc(),
            id: body.need(&["MessageId"])?,
            message: body.exact("Message").unwrap_or_default().to_owned(),
            confirm: confirm.map(Into::into),
        })
    }

    /// Where its certificate is: at the host of the topic's region, over https.
    pub fn certificate(&self) -> &str {
        &self.certificate
    }

    /// Believes it by the certificate that was found there, or refuses it.
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn open(self, pem: &[u8], now: DateTime<Utc>) -> Result<Said, Refusal> {
        verify(pem, self.version, &self.covered, &self.signature, now)?;
        timely(self.made, now, WINDOW)?;
        match (self.kind, self.confirm) {
            (Kind::Subscription, Some(confirm)) => Ok(Said::Subscribed { confirm }),
            (Kind::Subscription | Kind::Unsubscription, _) => Ok(Said::Unsubscribed),
            (Kind::Notification, _) => {
                Ok(Said::Events(event::read(&self.message, &self.id)?.into_iter().collect()))
            }
        }
    }
}

/// An address that leads to SNS in the region of `topic`, and to nobody else.
fn pinned(text: &str, topic: &TopicArn) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let plain = url.username().is_empty() && url.password().is_none() && url.port().is_none();
    (url.scheme() == "https" && url.host_str() == Some(topic.host()) && plain).then_some(url)
}

/// What the signature covers: each member's name and value, in lines of their own.
fn covered(body: &Fields<'_>, names: &[&str]) -> Result<Vec<u8>, Refusal> {
    let mut covered = Vec::new();
    for name in names {
        let Some(value) = body.exact(name) else {
            if *name == "Subject" {
                continue;
            }
            return Err(body.wrong(&[name], "is missing"));
        };
        for line in [name, value] {
            covered.extend_from_slice(line.as_bytes());
            covered.push(b'\n');
        }
    }
    Ok(covered)
}
