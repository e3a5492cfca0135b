//! Mailgun's webhooks. Their signature covers a time and a token but not the event, so that a token is
//! good for one event only: whoever calls [`open`] remembers which.

use chrono::{DateTime, TimeDelta, Utc};

use super::fields::{Fields, json, unix_seconds};
use super::proof::{is_mac_of, timely};
use super::told::{Says, Told, Whom, traces};
use super::{Call, Refusal};
use crate::domain::bounce::BounceReason;
use crate::mail::intake::Incoming;

/// The rule's name, and the beginning of its keys.
const NAME: &str = "mailgun";
/// It tries for eight hours.
pub const WINDOW: TimeDelta = TimeDelta::hours(9);

/// A call that is believed, if its token is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// What proved it: good for the event of that name alone.
    pub token: String,
    /// The event's name.
    pub event: String,
    /// What it says; nothing where it says nothing of delivery.
    pub incoming: Option<Incoming>,
}

/// Opens a call that is signed with the key `secret`.
///
/// # Errors
/// [`Refusal`].
pub fn open(call: Call<'_>, secret: &str, now: DateTime<Utc>) -> Result<Opened, Refusal> {
    call.must_be_json()?;
    let body = json(call.body)?;
    let body = Fields::of_body(&body);
    let signature = body.inner("signature").ok_or(Refusal::Unproved("the member signature is missing"))?;
    let part = |name| signature.text(&[name]).ok_or(Refusal::Unproved("a part of the signature is missing"));
    let (time, token, mac) = (part("timestamp")?, part("token")?, part("signature")?);
    let mac = data_encoding::HEXLOWER_PERMISSIVE.decode(mac.as_bytes());
    let mac = mac.map_err(|_| Refusal::Forged("the signature is not in hexadecimal"))?;
    if !is_mac_of(secret.as_bytes(), &[time.as_bytes(), token.as_bytes()], &mac) {
        return Err(Refusal::Forged("the signature does not fit"));
    }
    let made = unix_seconds(&time).ok_or(Refusal::Untimely("the timestamp is not in Unix seconds"))?;
    timely(made, now, WINDOW)?;
    let event = body.inner("event-data").ok_or_else(|| body.wrong(&["event-data"], "is missing"))?;
    let name = event.need(&["id"])?;
    Ok(Opened { token, event: name.clone(), incoming: told(&event, name)?.map(Told::into_incoming) })
}

fn told(event: &Fields<'_>, key: String) -> Result<Option<Told>, Refusal> {
    let name = event.need(&["event"])?;
    let severity = event.text(&["severity"]);
    let reason = event.text(&["reason"]);
    let says = match name.as_str() {
        "failed" if severity.as_deref() == Some("temporary") => Says::Delayed(BounceReason::Undefined),
        "failed" => failed(reason.as_deref(), event.text(&["delivery-status", "bounce-type"]).as_deref()),
        "rejected" => Says::Failed(BounceReason::Content),
        "complained" => Says::Complaint,
        "unsubscribed" => Says::Unsubscribe,
        "delivered" => Says::Delivered,
        _ => return Ok(None),
    };
    let said = |name| event.text(&["delivery-status", name]);
    let diagnostic = match says {
        Says::Delivered => None,
        _ => said("message").or_else(|| said("description")).or_else(|| event.text(&["reject", "reason"])),
    };
    let status = event.status(&["delivery-status", "enhanced-code"]);
    // The SMTP code says what a text without it cannot; those of Mailgun's own are no SMTP codes.
    let code = said("code").filter(|code| matches!(code.as_bytes(), [b'4' | b'5', _, _]));
    let diagnostic = match (code, diagnostic) {
        (Some(code), Some(text)) if !text.starts_with(&code) => Some(format!("{code} {text}")),
        (Some(code), None) if says != Says::Delivered => Some(code),
        (_, text) => text,
    };
    let address = event.need(&["recipient"])?;
    Ok(Some(Told {
        provider: NAME,
        key,
        says,
        certain: false,
        words: [Some(name), severity, reason].into_iter().flatten().collect::<Vec<_>>().join("/"),
        place: event.place().to_owned(),
        recipients: vec![Whom { address, status, diagnostic }],
        reporting_mta: said("mx-host"),
        traces: traces(
            event.text(&["message", "headers", "message-id"]),
            event.text(&["envelope", "sender"]),
        ),
    }))
}

/// A letter that was given up, by Mailgun's reason for it. Who complained or left there earlier has
/// left; it is no new complaint.
fn failed(reason: Option<&str>, bounce_type: Option<&str>) -> Says {
    match (reason, bounce_type) {
        (Some("suppress-bounce"), _) => Says::Hard(BounceReason::UserUnknown),
        (Some("suppress-complaint" | "suppress-unsubscribe"), _) => Says::Unsubscribe,
        (Some("old"), _) => Says::Failed(BounceReason::Expired),
        (Some("espblock"), _) => Says::Failed(BounceReason::Reputation),
        (Some("greylisted"), _) => Says::Failed(BounceReason::RateLimited),
        (_, Some("soft")) => Says::Failed(BounceReason::Undefined),
        (Some("bounce" | "hardfail"), _) | (_, Some("hard")) => Says::Hard(BounceReason::UserUnknown),
        _ => Says::Failed(BounceReason::Undefined),
    }
}
