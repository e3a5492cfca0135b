//! Our own form, for mail systems that have none of the others: see docs/bounces.md. Strict where the
//! others are lenient: whoever writes it can read the answer.

use chrono::{DateTime, TimeDelta, Utc};

use super::fields::{Fields, events, json, unix_seconds};
use super::proof::{is_mac_of, timely};
use super::told::{Says, Told, Whom, traces};
use super::{Call, Opened, Refusal};
use crate::domain::bounce::{BounceReason, EnhancedStatus, Fault};
use crate::domain::words::words;

/// The rule's name, and the beginning of its keys.
const NAME: &str = "generic";
/// Who calls signs anew each time that it tries.
const WINDOW: TimeDelta = TimeDelta::minutes(15);
/// The members of an event.
const MEMBERS: &[&str] = &[
    "id",
    "kind",
    "reason",
    "recipient",
    "status",
    "diagnostic",
    "return_path",
    "envelope_id",
    "message_id",
    "at",
];

words! {
    /// What became of a letter.
    enum Kind {
        /// Given up; the address is no good.
        Hard = "hard",
        /// Given up for this letter.
        Soft = "soft",
        /// Still trying.
        Delayed = "delayed",
        /// The reader complained.
        Complaint = "complaint",
        /// The reader leaves.
        Unsubscribe = "unsubscribe",
        /// An automatic answer.
        Autoreply = "autoreply",
        /// It arrived.
        Delivered = "delivered",
    }
}

/// Opens a call that is signed with `secret`: HMAC-SHA256 over the time, a dot and the body.
///
/// # Errors
/// [`Refusal`].
pub fn open(call: Call<'_>, secret: &str, now: DateTime<Utc>) -> Opened {
    let time = call.headers.get("newsletterd-timestamp");
    let time = time.ok_or(Refusal::Unproved("the header Newsletterd-Timestamp is missing"))?;
    let signature = call.headers.get("newsletterd-signature");
    let signature = signature.ok_or(Refusal::Unproved("the header Newsletterd-Signature is missing"))?;
    let mac = signature
        .strip_prefix("sha256=")
        .map(|hex| data_encoding::HEXLOWER_PERMISSIVE.decode(hex.as_bytes()));
    let Some(Ok(mac)) = mac else {
        return Err(Refusal::Forged("Newsletterd-Signature is not of the form sha256=HEX"));
    };
    if !is_mac_of(secret.as_bytes(), &[time.as_bytes(), b".", call.body], &mac) {
        return Err(Refusal::Forged("the signature does not fit"));
    }
    let made = unix_seconds(time).ok_or(Refusal::Untimely("Newsletterd-Timestamp is not in Unix seconds"))?;
    timely(made, now, WINDOW)?;
    call.must_be_json()?;
    let body = json(call.body)?;
    events(&body)?.iter().map(|event| Ok(told(event)?.into_incoming())).collect()
}

fn told(event: &Fields<'_>) -> Result<Told, Refusal> {
    if let Some(other) = event.names().find(|name| !MEMBERS.contains(name)) {
        // A name of theirs, cut so that the answer stays one line.
        let shown: String = other.chars().filter(|c| !c.is_control()).take(40).collect();
        return Err(event.wrong(&[&shown], format!("is unknown; there are: {}", MEMBERS.join(", "))));
    }
    for name in MEMBERS {
        if event.value().get(name).is_some_and(|value| !value.is_string() && !value.is_null()) {
            return Err(event.wrong(&[name], "is not text"));
        }
    }
    let at = event.need(&["at"])?;
    DateTime::parse_from_rfc3339(&at)
        .map_err(|_| event.wrong(&["at"], "is not an instant such as \"2026-11-25T07:00:00Z\""))?;
    let word = event.need(&["kind"])?;
    let kind: Kind = word
        .parse()
        .map_err(|_| event.wrong(&["kind"], one_of(Kind::ALL.iter().map(|kind| kind.as_str()))))?;
    let reason = event.text(&["reason"]).map(|word| word.parse::<BounceReason>()).transpose();
    let reason = reason.map_err(|_| {
        event.wrong(&["reason"], one_of(BounceReason::ALL.iter().map(|reason| reason.as_str())))
    })?;
    let status = event.text(&["status"]).map(|text| text.parse::<EnhancedStatus>()).transpose();
    let status = status.map_err(|error| event.wrong(&["status"], format!("is {error}")))?;
    let says = says(kind, reason).map_err(|problem| event.wrong(&["reason"], problem))?;
    let recipient = event.need(&["recipient"])?;
    let mut traces = traces(event.text(&["message_id"]), event.text(&["return_path"]));
    traces.envelope_ids.extend(event.text(&["envelope_id"]));
    Ok(Told {
        provider: NAME,
        key: event.need(&["id"])?,
        says,
        certain: reason.is_some(),
        words: match reason {
            Some(reason) => format!("{kind}, {reason}, at {at}"),
            None => format!("{kind}, at {at}"),
        },
        place: event.place().to_owned(),
        recipients: vec![Whom { address: recipient, status, diagnostic: event.text(&["diagnostic"]) }],
        reporting_mta: None,
        traces,
    })
}

fn says(kind: Kind, reason: Option<BounceReason>) -> Result<Says, &'static str> {
    Ok(match (kind, reason) {
        (Kind::Hard, Some(reason)) if reason.fault() != Fault::Address => {
            return Err("is not the address's fault, so that the kind cannot be hard");
        }
        (Kind::Hard, reason) => Says::Hard(reason.unwrap_or(BounceReason::UserUnknown)),
        (Kind::Soft, reason) => Says::Failed(reason.unwrap_or(BounceReason::Undefined)),
        (Kind::Delayed, reason) => Says::Delayed(reason.unwrap_or(BounceReason::Undefined)),
        (_, Some(_)) => return Err("is only for hard, soft and delayed"),
        (Kind::Complaint, None) => Says::Complaint,
        (Kind::Unsubscribe, None) => Says::Unsubscribe,
        (Kind::Autoreply, None) => Says::Autoreply,
        (Kind::Delivered, None) => Says::Delivered,
    })
}

fn one_of<'a>(words: impl Iterator<Item = &'a str>) -> String {
    format!("is not what can stand here, which is: {}", words.collect::<Vec<_>>().join(", "))
}
