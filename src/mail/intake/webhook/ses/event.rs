//! What SES says, in either of its shapes: notifications of an identity (`notificationType`) and
//! events of a configuration set (`eventType`).

use crate::domain::bounce::BounceReason;
use crate::mail::intake::Incoming;
use crate::mail::intake::webhook::Refusal;
use crate::mail::intake::webhook::fields::{Fields, json};
use crate::mail::intake::webhook::told::{Says, Told, Whom, traces};

/// The rule's name, and the beginning of its keys.
const NAME: &str = "ses";

/// Reads the message in an envelope whose own name is `id`; nothing where it says nothing of delivery.
pub(in crate::mail::intake::webhook) fn read(message: &str, id: &str) -> Result<Option<Incoming>, Refusal> {
    // When a topic is chosen, SES sends a sentence in words to try it.
    if !message.trim_start().starts_with('{') {
        return Ok(None);
    }
    let value = json(message.as_bytes())?;
    let event = Fields::of_body(&value);
    Ok(told(&event, id)?.map(Told::into_incoming))
}

fn told(event: &Fields<'_>, id: &str) -> Result<Option<Told>, Refusal> {
    let name = event.text(&["eventType"]).map_or_else(|| event.need(&["notificationType"]), Ok)?;
    let part = |name: &str| event.inner(name).ok_or_else(|| event.wrong(&[name], "is missing"));
    let (says, words, detail, recipients) = match name.as_str() {
        "Bounce" => {
            let bounce = part("bounce")?;
            let (kind, sub) =
                (bounce.need(&["bounceType"])?, bounce.text(&["bounceSubType"]).unwrap_or_default());
            let recipients = whom(&bounce.list(&["bouncedRecipients"]));
            (bounced(&kind, &sub, &recipients), format!("{kind}/{sub}"), bounce, recipients)
        }
        "Complaint" => {
            let complaint = part("complaint")?;
            let Some(says) = complained(&complaint) else { return Ok(None) };
            let kind = complaint.text(&["complaintFeedbackType"]).unwrap_or_default();
            let recipients = whom(&complaint.list(&["complainedRecipients"]));
            (says, format!("Complaint/{kind}"), complaint, recipients)
        }
        "Delivery" => {
            let delivery = part("delivery")?;
            let recipients = plain(delivery.texts(&["recipients"]));
            (Says::Delivered, name, delivery, recipients)
        }
        "DeliveryDelay" => {
            let delay = part("deliveryDelay")?;
            let kind = delay.text(&["delayType"]).unwrap_or_default();
            let recipients = whom(&delay.list(&["delayedRecipients"]));
            (Says::Delayed(delayed(&kind)), format!("{name}/{kind}"), delay, recipients)
        }
        "Reject" => (Says::Failed(BounceReason::Virus), name, part("reject")?, Vec::new()),
        "Rendering Failure" => (Says::Failed(BounceReason::Content), name, part("failure")?, Vec::new()),
        "Subscription" => {
            let subscription = part("subscription")?;
            if subscription.flag(&["newTopicPreferences", "unsubscribeAll"]) != Some(true) {
                return Ok(None);
            }
            (Says::Unsubscribe, name, subscription, Vec::new())
        }
        _ => return Ok(None),
    };
    let recipients =
        if recipients.is_empty() { plain(event.texts(&["mail", "destination"])) } else { recipients };
    if recipients.is_empty() {
        return Err(event.wrong(&["mail", "destination"], "is missing"));
    }
    Ok(Some(Told {
        provider: NAME,
        // Both shapes of one bounce have one feedback id.
        key: detail.text(&["feedbackId"]).unwrap_or_else(|| id.to_owned()),
        says,
        certain: false,
        words,
        place: "Message".to_owned(),
        recipients,
        reporting_mta: detail.text(&["reportingMTA"]).map(|mta| after_semicolon(&mta)),
        traces: traces(message_id(event), event.text(&["mail", "source"])),
    }))
}

/// Our own Message-ID. `mail.messageId` is SES's name of the letter.
fn message_id(event: &Fields<'_>) -> Option<String> {
    let headers = event.list(&["mail", "headers"]);
    let is_ours = |header: &&Fields<'_>| {
        header.text(&["name"]).is_some_and(|name| name.eq_ignore_ascii_case("message-id"))
    };
    let header = headers.iter().find(is_ours).and_then(|header| header.text(&["value"]));
    header.or_else(|| event.text(&["mail", "commonHeaders", "messageId"]))
}

fn whom(recipients: &[Fields<'_>]) -> Vec<Whom> {
    let one = |recipient: &Fields<'_>| {
        Some(Whom {
            address: recipient.text(&["emailAddress"])?,
            status: recipient.status(&["status"]),
            diagnostic: recipient.text(&["diagnosticCode"]).map(|text| after_semicolon(&text)),
        })
    };
    recipients.iter().filter_map(one).collect()
}

fn plain(addresses: Vec<String>) -> Vec<Whom> {
    addresses.into_iter().map(|address| Whom { address, ..Whom::default() }).collect()
}

/// Without the type before it: `smtp; 550 …`, `dns; host` (RFC 3464 section 2.3).
fn after_semicolon(text: &str) -> String {
    let typed = text
        .split_once(';')
        .filter(|(kind, _)| kind.trim().bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'));
    typed.map_or(text, |(_, rest)| rest).trim().to_owned()
}

fn bounced(kind: &str, sub: &str, recipients: &[Whom]) -> Says {
    // Automatic answers are told as this, and nothing in them says that anything failed.
    let says_nothing = recipients.iter().all(|whom| whom.status.is_none() && whom.diagnostic.is_none());
    match (kind, sub) {
        ("Permanent", "General" | "NoEmail" | "Suppressed") => Says::Hard(BounceReason::UserUnknown),
        // The account's own list: nobody tells whether for a bounce, a complaint or by hand.
        ("Permanent", "OnAccountSuppressionList") => Says::Failed(BounceReason::Inactive),
        ("Permanent", "UnsubscribedRecipient") => Says::Unsubscribe,
        ("Transient", "MailboxFull") => Says::Failed(BounceReason::MailboxFull),
        ("Transient", "MessageTooLarge") => Says::Failed(BounceReason::TooLarge),
        ("Transient", "ContentRejected" | "AttachmentRejected") => Says::Failed(BounceReason::Content),
        ("Transient", "CustomTimeoutExceeded") => Says::Failed(BounceReason::Expired),
        ("Transient", "General") if says_nothing => Says::Autoreply,
        ("Permanent" | "Transient" | "Undetermined", _) => Says::Failed(BounceReason::Undefined),
        _ => Says::Unknown,
    }
}

/// What a complaint is; nothing where its reader says that the letter is no spam.
fn complained(complaint: &Fields<'_>) -> Option<Says> {
    if complaint.text(&["complaintSubType"]).as_deref() == Some("OnAccountSuppressionList") {
        // It was not sent at all, for a complaint of earlier.
        return Some(Says::Unsubscribe);
    }
    match complaint.text(&["complaintFeedbackType"]).as_deref() {
        Some("not-spam") => None,
        Some("auth-failure") => Some(Says::Failed(BounceReason::Authentication)),
        Some("virus") => Some(Says::Failed(BounceReason::Virus)),
        _ => Some(Says::Complaint),
    }
}

fn delayed(kind: &str) -> BounceReason {
    match kind {
        "MailboxFull" => BounceReason::MailboxFull,
        "SpamDetected" => BounceReason::Spam,
        "IPFailure" => BounceReason::Reputation,
        "InternalFailure" | "RecipientServerError" => BounceReason::SystemError,
        "TransientCommunicationFailure" | "BYOIPHostNameLookupUnavailable" => BounceReason::Network,
        "SendingDeferral" => BounceReason::RateLimited,
        _ => BounceReason::Undefined,
    }
}
