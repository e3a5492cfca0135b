//! Postmark's webhooks, which are proved by the name and password in the address that it calls.

use super::fields::{Fields, events, json};
use super::login::basic;
use super::told::{Says, Told, Whom, name_of};
use super::{Call, Opened, Refusal};
use crate::domain::bounce::BounceReason;
use crate::mail::report;

/// The rule's name, and the beginning of its keys.
const NAME: &str = "postmark";

/// Opens a call that signs in with `secret`, which is `USER:PASSWORD`. Its time proves nothing, as
/// nothing binds it to the call.
///
/// # Errors
/// [`Refusal`].
pub fn open(call: Call<'_>, secret: &str) -> Opened {
    basic(call, secret)?;
    call.must_be_json()?;
    let body = json(call.body)?;
    let told = events(&body)?.into_iter().map(|event| told(&event));
    told.filter_map(Result::transpose).map(|told| Ok(told?.into_incoming())).collect()
}

fn told(event: &Fields<'_>) -> Result<Option<Told>, Refusal> {
    let record = event.need(&["RecordType"])?;
    let (says, key, words) = match record.as_str() {
        "Bounce" | "SpamComplaint" => {
            let kind = event.text(&["Type"]).unwrap_or_else(|| record.clone());
            let Some(says) = bounced(&kind) else { return Ok(None) };
            (says, event.need(&["ID"])?, kind)
        }
        "SubscriptionChange" => {
            let Some(says) = changed(event) else { return Ok(None) };
            let key = name_of(event, &[&["RecordType"], &["MessageID"], &["ChangedAt"], &["Recipient"]]);
            let why = event.text(&["SuppressionReason"]).unwrap_or_default();
            (says, key, format!("{record}/{why}"))
        }
        "Delivery" => {
            let key = name_of(event, &[&["RecordType"], &["MessageID"], &["DeliveredAt"], &["Recipient"]]);
            (Says::Delivered, key, record)
        }
        _ => return Ok(None),
    };
    let address = event.text(&["Email"]).map_or_else(|| event.need(&["Recipient"]), Ok)?;
    let diagnostic = match says {
        Says::Delivered => None,
        _ => event.text(&["Details"]).or_else(|| event.text(&["Description"])),
    };
    Ok(Some(Told {
        provider: NAME,
        key,
        says,
        certain: false,
        words,
        place: event.place().to_owned(),
        recipients: vec![Whom { address, status: None, diagnostic }],
        reporting_mta: None,
        // Its MessageID is a name of its own. Ours stands in the mail that came back, which it tells
        // where that is switched on.
        traces: event
            .text(&["Content"])
            .map(|mail| report::read(mail.as_bytes(), None).traces)
            .unwrap_or_default(),
    }))
}

/// What Postmark's types of bounces mean; nothing for those that say nothing of delivery.
fn bounced(kind: &str) -> Option<Says> {
    Some(match kind {
        "HardBounce" | "BadEmailAddress" => Says::Hard(BounceReason::UserUnknown),
        "SoftBounce" | "Undeliverable" | "Unconfirmed" => Says::Failed(BounceReason::Undefined),
        "Transient" | "DnsError" => Says::Failed(BounceReason::Network),
        "Blocked" => Says::Failed(BounceReason::Reputation),
        "SpamNotification" => Says::Failed(BounceReason::Spam),
        "VirusNotification" => Says::Failed(BounceReason::Virus),
        "DMARCPolicy" => Says::Failed(BounceReason::Authentication),
        "TemplateRenderingFailed" => Says::Failed(BounceReason::Content),
        "OpenRelayTest" => Says::Failed(BounceReason::NoRelaying),
        "SMTPApiError" => Says::Failed(BounceReason::Protocol),
        "ManuallyDeactivated" => Says::Failed(BounceReason::Inactive),
        "SpamComplaint" => Says::Complaint,
        "Unsubscribe" => Says::Unsubscribe,
        "AutoResponder" | "AddressChange" | "ChallengeVerification" => Says::Autoreply,
        "Subscribe" | "InboundError" => return None,
        _ => Says::Unknown,
    })
}

/// What follows from an address that Postmark sends nothing more to: only what its reader did. What
/// the newsroom does there by hand is its own affair.
fn changed(event: &Fields<'_>) -> Option<Says> {
    if event.flag(&["SuppressSending"]) != Some(true) {
        return None;
    }
    let by_its_reader = event.text(&["Origin"]).as_deref() == Some("Recipient");
    match event.text(&["SuppressionReason"])?.as_str() {
        "HardBounce" => Some(Says::Hard(BounceReason::UserUnknown)),
        "SpamComplaint" => Some(Says::Complaint),
        "ManualSuppression" if by_its_reader => Some(Says::Unsubscribe),
        _ => None,
    }
}
