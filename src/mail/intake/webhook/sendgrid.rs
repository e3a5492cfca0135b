//! SendGrid's event webhook, signed: ECDSA over the curve P-256 of the time and the body, just as they
//! came.

use chrono::{DateTime, TimeDelta, Utc};
use ring::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};

use super::fields::{Fields, events, json, unix_seconds};
use super::proof::timely;
use super::told::{Says, Told, Whom, traces};
use super::{Call, Opened, Refusal};
use crate::domain::bounce::BounceReason;

/// The rule's name, and the beginning of its keys.
const NAME: &str = "sendgrid";
/// It tries for 24 hours.
const WINDOW: TimeDelta = TimeDelta::hours(25);
const TIME: &str = "x-twilio-email-event-webhook-timestamp";
const SIGNATURE: &str = "x-twilio-email-event-webhook-signature";

/// Opens a call that is signed with the key whose public half is the uncompressed point `key`.
///
/// # Errors
/// [`Refusal`].
pub fn open(call: Call<'_>, key: &[u8], now: DateTime<Utc>) -> Opened {
    let time = call.headers.get(TIME).ok_or(Refusal::Unproved("the timestamp's header is missing"))?;
    let signature =
        call.headers.get(SIGNATURE).ok_or(Refusal::Unproved("the signature's header is missing"))?;
    let signature = data_encoding::BASE64.decode(signature.as_bytes());
    let signature = signature.map_err(|_| Refusal::Forged("the signature is not base64"))?;
    let covered = [time.as_bytes(), call.body].concat();
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, key)
        .verify(&covered, &signature)
        .map_err(|_| Refusal::Forged("the signature does not fit"))?;
    let made = unix_seconds(time).ok_or(Refusal::Untimely("the timestamp is not in Unix seconds"))?;
    timely(made, now, WINDOW)?;
    call.must_be_json()?;
    let body = json(call.body)?;
    let told = events(&body)?.into_iter().map(|event| told(&event));
    told.filter_map(Result::transpose).map(|told| Ok(told?.into_incoming())).collect()
}

/// What an event says; nothing where it says nothing of delivery.
fn told(event: &Fields<'_>) -> Result<Option<Told>, Refusal> {
    let name = event.need(&["event"])?;
    let kind = event.text(&["type"]);
    let reason = event.text(&["reason"]);
    let says = match name.as_str() {
        "bounce" => bounced(kind.as_deref(), event.text(&["bounce_classification"]).as_deref()),
        "dropped" => dropped(reason.as_deref()),
        "deferred" => Says::Delayed(BounceReason::Undefined),
        "spamreport" => Says::Complaint,
        "unsubscribe" | "group_unsubscribe" => Says::Unsubscribe,
        "delivered" => Says::Delivered,
        _ => return Ok(None),
    };
    let address = event.need(&["email"])?;
    let diagnostic = match says {
        Says::Delivered => None,
        _ => reason.clone().or_else(|| event.text(&["response"])),
    };
    Ok(Some(Told {
        provider: NAME,
        key: event.need(&["sg_event_id"])?,
        says,
        certain: false,
        words: [Some(name), kind].into_iter().flatten().collect::<Vec<_>>().join("/"),
        place: event.place().to_owned(),
        recipients: vec![Whom { address, status: event.status(&["status"]), diagnostic }],
        reporting_mta: None,
        traces: traces(event.text(&["smtp-id"]), None),
    }))
}

/// A bounce is *blocked* where the letter was refused and not the address; its class says more.
fn bounced(kind: Option<&str>, class: Option<&str>) -> Says {
    let class = match class {
        Some("Invalid Address") => Some(BounceReason::UserUnknown),
        Some("Technical" | "Technical Failure") => Some(BounceReason::SystemError),
        Some("Content") => Some(BounceReason::Content),
        Some("Reputation") => Some(BounceReason::Reputation),
        Some("Frequency/Volume" | "Frequency or Volume Too High") => Some(BounceReason::RateLimited),
        Some("Mailbox Unavailable") => Some(BounceReason::Inactive),
        _ => None,
    };
    match (kind, class) {
        (Some("bounce") | None, None | Some(BounceReason::UserUnknown)) => {
            Says::Hard(BounceReason::UserUnknown)
        }
        (_, class) => Says::Failed(class.unwrap_or(BounceReason::Undefined)),
    }
}

/// What SendGrid did not even try to deliver, by its reason. Who complained or left there earlier has
/// left; it is no new complaint.
fn dropped(reason: Option<&str>) -> Says {
    match reason {
        Some("Bounced Address" | "Invalid") => Says::Hard(BounceReason::UserUnknown),
        Some("Spam Reporting Address" | "Unsubscribed Address") => Says::Unsubscribe,
        Some("Recipient List over Package Quota") => Says::Failed(BounceReason::RateLimited),
        Some(reason) if reason.starts_with("Spam Content") => Says::Failed(BounceReason::Spam),
        Some(reason) if reason.starts_with("Invalid SMTPAPI") => Says::Failed(BounceReason::Content),
        _ => Says::Failed(BounceReason::Undefined),
    }
}
