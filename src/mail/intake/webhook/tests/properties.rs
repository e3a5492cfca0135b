//! Whatever comes, reading ends with an answer.

use proptest::prelude::*;

use super::super::ses::tests_of_events::read;
use super::super::{brevo, postmark};
use super::*;

/// JSON of any shape, with the names that the readers look for in it more often than chance would.
fn any_json() -> impl Strategy<Value = Value> {
    let word = prop_oneof![
        Just("Bounce"),
        Just("Complaint"),
        Just("DeliveryDelay"),
        Just("Permanent"),
        Just("bounce"),
        Just("failed"),
        Just("dropped"),
        Just("hard_bounce"),
        Just("SubscriptionChange"),
        Just("5.1.1"),
        Just("<a@b>"),
        Just("bounce-x@y"),
        Just("მიწა"),
        Just(";"),
        Just("Bearer "),
        Just("2026-11-25T07:00:00Z"),
        Just("hard"),
    ];
    let name = prop_oneof![
        Just("eventType"),
        Just("bounce"),
        Just("bouncedRecipients"),
        Just("emailAddress"),
        Just("mail"),
        Just("headers"),
        Just("name"),
        Just("value"),
        Just("destination"),
        Just("diagnosticCode"),
        Just("bounceType"),
        Just("event"),
        Just("email"),
        Just("sg_event_id"),
        Just("reason"),
        Just("type"),
        Just("id"),
        Just("recipient"),
        Just("delivery-status"),
        Just("RecordType"),
        Just("ID"),
        Just("Type"),
        Just("Email"),
        Just("kind"),
        Just("at"),
        Just("status"),
        Just("delayedRecipients"),
        Just("complaint"),
        Just("deliveryDelay"),
        Just("message-id"),
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        word.prop_map(Value::from),
        ".{0,40}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 64, 8, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((name.clone(), inner), 0..8).prop_map(|members| members
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect()),
        ]
    })
}

/// Reads one body by every reader, each with a proof that is right.
fn by_all(body: &str) {
    let _ = read(body, "x");
    let _ = generic_call(body, 5);
    let login =
        headers(&[("Authorization", &format!("Basic {}", data_encoding::BASE64.encode(SECRET.as_bytes())))]);
    let call = Call { headers: &login, body: body.as_bytes() };
    let _ = postmark::open(call, SECRET);
    let _ = brevo::open(call, SECRET);
}

proptest! {
    #[test]
    fn any_json_is_answered(body in any_json()) {
        by_all(&body.to_string());
        let _ = mailgun_call(&body, 5);
    }

    #[test]
    fn any_text_is_answered(body in "\\PC{0,200}") {
        by_all(&body);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn reports_are_bounded(length in 1000_usize..3000, count in 1_usize..150) {
        let long = "ქ".repeat(length);
        let whom = json!({"emailAddress": long, "diagnosticCode": long});
        let message = json!({
            "eventType": "Bounce",
            "bounce": {"bounceType": long, "bouncedRecipients": vec![whom; count], "feedbackId": long},
            "mail": {"source": format!("bounce-{long}"), "commonHeaders": {"messageId": long}},
        });
        let told = read(&message.to_string(), "x").unwrap().unwrap();
        prop_assert!(key(&told).len() < 300);
        let report = report(&told);
        prop_assert!(report.recipients.len() <= 100);
        for recipient in &report.recipients {
            prop_assert!(recipient.address.chars().count() <= 1000);
            prop_assert!(recipient.diagnostic.as_ref().is_some_and(|text| text.chars().count() <= 1000));
        }
        prop_assert!(report.traces.message_ids.is_empty() && report.traces.return_paths.is_empty());
        prop_assert!(report.evidence.iter().all(|seen| seen.text.chars().count() <= 200));
    }
}
