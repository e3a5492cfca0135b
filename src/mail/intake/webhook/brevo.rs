//! Brevo's webhooks, which are proved by a token, or by the name and password in the address that it
//! calls; alone or several in a list.

use super::fields::{Fields, events, json};
use super::login::basic_or_bearer;
use super::told::{Says, Told, Whom, name_of, traces};
use super::{Call, Opened, Refusal};
use crate::domain::bounce::BounceReason;

/// The rule's name, and the beginning of its keys.
const NAME: &str = "brevo";

/// Opens a call that signs in with `secret`: a token, or `USER:PASSWORD`. Its time proves nothing, as
/// nothing binds it to the call.
///
/// # Errors
/// [`Refusal`].
pub fn open(call: Call<'_>, secret: &str) -> Opened {
    basic_or_bearer(call, secret)?;
    call.must_be_json()?;
    let body = json(call.body)?;
    let told = events(&body)?.into_iter().map(|event| told(&event));
    told.filter_map(Result::transpose).map(|told| Ok(told?.into_incoming())).collect()
}

fn told(event: &Fields<'_>) -> Result<Option<Told>, Refusal> {
    let name = event.need(&["event"])?;
    // It writes `hard_bounce` here and `hardBounce` there.
    let plain = name.replace('_', "").to_ascii_lowercase();
    let says = match plain.as_str() {
        "hardbounce" | "invalid" | "invalidemail" => Says::Hard(BounceReason::UserUnknown),
        // Blocked: on its own list, for whatever happened before.
        "softbounce" | "blocked" => Says::Failed(BounceReason::Undefined),
        "error" => Says::Failed(BounceReason::SystemError),
        "deferred" => Says::Delayed(BounceReason::Undefined),
        "spam" | "complaint" => Says::Complaint,
        "unsubscribe" | "unsubscribed" => Says::Unsubscribe,
        "delivered" => Says::Delivered,
        _ => return Ok(None),
    };
    // Its `id` is the webhook's, the same for all events.
    let named: &[&[&str]] =
        &[&["event"], &["message-id"], &["email"], &["ts_event"], &["ts_epoch"], &["date"]];
    let key = event.text(&["uuid"]).unwrap_or_else(|| name_of(event, named));
    let diagnostic = if says == Says::Delivered { None } else { event.text(&["reason"]) };
    Ok(Some(Told {
        provider: NAME,
        key,
        says,
        certain: false,
        words: name,
        place: event.place().to_owned(),
        recipients: vec![Whom { address: event.need(&["email"])?, status: None, diagnostic }],
        reporting_mta: None,
        traces: traces(event.text(&["message-id"]), None),
    }))
}
