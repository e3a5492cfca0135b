//! Amazon SES through SNS, sent as mail: one line of JSON.

use serde_json::Value;

use super::super::marks::Mark;
use crate::domain::bounce::{Action, BounceReason};
use crate::mail::report::failure::{Found, diagnostic_of};
use crate::mail::report::view::View;

/// The most bytes of JSON that are read.
const MOST_JSON: usize = 256 << 10;

/// Reads a notification.
pub(in crate::mail::report) fn read(view: &View) -> Option<Found> {
    if !view.header.has("x-amz-sns-message-id") && !Mark::From(&["sns.amazonaws.com"]).holds(view) {
        return None;
    }
    let told = json(view.report_text())?;
    let mut found = Found::new("sns");
    let (list, from) = match told.get("notificationType").or_else(|| told.get("eventType"))?.as_str()? {
        "Bounce" => ("bouncedRecipients", "bounce"),
        "Delivery" => {
            found.action = Action::Delivered;
            ("recipients", "delivery")
        }
        _ => return None,
    };
    let event = told.get(from)?;
    found.reporting_mta = event.get("reportingMTA").and_then(Value::as_str).map(str::to_owned);
    if event.get("bounceSubType").and_then(Value::as_str) == Some("Suppressed") {
        found.reason = Some(BounceReason::Inactive);
    }
    for one in event.get(list)?.as_array()?.iter().take(100) {
        let address = one.get("emailAddress").unwrap_or(one).as_str()?;
        let word = |name: &str| one.get(name).and_then(Value::as_str);
        found.recipient(address, word("diagnosticCode").map(diagnostic_of).as_deref());
        if let Some(status) = word("status").and_then(|status| status.parse().ok()) {
            found.status(status);
        }
        if let Some(last) = found.recipients.last_mut() {
            last.action = word("action").and_then(|action| action.parse().ok());
        }
    }
    if let Some(line) = view.lines().next() {
        found.saw(view, &line, "kind");
    }
    (!found.recipients.is_empty()).then_some(found)
}

/// The JSON that a text begins with; long lines were broken with `!` on the way (RFC 5321 section
/// 4.5.3.1.6 allows 998 bytes, and Sendmail breaks them so).
fn json(text: &str) -> Option<Value> {
    let start = text.find('{')?;
    let mut end = text.len().min(start + MOST_JSON);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let whole = text[start..end].replace("!\n ", "").replace("!\n", "");
    serde_json::Deserializer::from_str(&whole).into_iter::<Value>().next()?.ok()
}
