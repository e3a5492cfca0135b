//! What SES says, in both of its shapes.

use serde_json::json;

use super::super::ses::tests_of_events::read;
use super::*;

fn mail() -> Value {
    json!({
        "timestamp": "2026-11-25T06:59:50.000Z",
        "source": "bounce-abc@bounces.example.org",
        "messageId": "0102018b-0000-000000",
        "destination": ["ana@example.org"],
        "headers": [
            {"name": "From", "value": "news@example.org"},
            {"name": "Message-ID", "value": "<x@letters.example.org>"},
        ],
        "commonHeaders": {"messageId": "<0102018b-0000-000000@email.amazonses.com>"},
    })
}

fn bounce(kind: &str, sub: &str, recipient: &Value) -> Value {
    let mut whom = json!({"emailAddress": "ana@example.org"});
    whom.as_object_mut().unwrap().extend(recipient.as_object().unwrap().clone());
    json!({
        "bounceType": kind, "bounceSubType": sub, "bouncedRecipients": [whom],
        "timestamp": "2026-11-25T06:59:58.000Z", "feedbackId": "0102-f-1",
        "reportingMTA": "dns; a1-2.smtp-out.eu-west-1.amazonses.com",
    })
}

fn both_shapes(name: &str, part: &str, detail: &Value) -> [Option<Incoming>; 2] {
    ["notificationType", "eventType"].map(|shape| {
        let message = json!({shape: name, part: detail, "mail": mail()}).to_string();
        read(&message, "sns-1").unwrap()
    })
}

#[test]
fn bounces() {
    for (kind, sub, recipient, expected) in [
        (
            "Permanent",
            "General",
            json!({"action": "failed", "status": "5.1.1", "diagnosticCode": "smtp; 550 5.1.1 No such user"}),
            "hard user_unknown 5.1.1",
        ),
        ("Permanent", "General", json!({}), "hard user_unknown -"),
        (
            "Permanent",
            "General",
            json!({"status": "5.2.2", "diagnosticCode": "smtp; 552 5.2.2 Over quota"}),
            "soft mailbox_full 5.2.2",
        ),
        ("Permanent", "NoEmail", json!({}), "hard user_unknown -"),
        ("Permanent", "Suppressed", json!({"status": "5.1.1"}), "hard user_unknown 5.1.1"),
        ("Permanent", "OnAccountSuppressionList", json!({}), "soft inactive -"),
        ("Permanent", "UnsubscribedRecipient", json!({}), "unsubscribe - -"),
        ("Permanent", "OfTomorrow", json!({}), "soft undefined -"),
        (
            "Transient",
            "General",
            json!({"status": "4.4.7", "diagnosticCode": "smtp; 451 4.4.7 Later"}),
            "soft expired 4.4.7",
        ),
        ("Transient", "General", json!({}), "autoreply - -"),
        ("Transient", "MailboxFull", json!({}), "soft mailbox_full -"),
        ("Transient", "MessageTooLarge", json!({}), "soft too_large -"),
        ("Transient", "ContentRejected", json!({}), "soft content -"),
        ("Transient", "AttachmentRejected", json!({}), "soft content -"),
        ("Undetermined", "Undetermined", json!({}), "soft undefined -"),
        ("OfTomorrow", "", json!({}), "unknown - -"),
    ] {
        for told in both_shapes("Bounce", "bounce", &bounce(kind, sub, &recipient)) {
            let told = told.unwrap();
            assert_eq!(verdict(&told), expected, "{kind} {sub}");
            assert_eq!(key(&told), "ses:0102-f-1");
            let report = report(&told);
            assert_eq!(report.recipients[0].address, "ana@example.org");
            // Ours, not the name that SES gives to every letter.
            assert_eq!(report.traces.message_ids, ["x@letters.example.org"]);
            assert_eq!(report.traces.return_paths, ["bounce-abc"]);
            assert_eq!(report.reporting_mta.as_deref(), Some("a1-2.smtp-out.eu-west-1.amazonses.com"));
            assert!(report.diagnostic.as_ref().is_none_or(|text| !text.starts_with("smtp")));
        }
    }
}

#[test]
fn everything_else() {
    let whom = json!([{"emailAddress": "ana@example.org"}]);
    for (name, part, detail, expected) in [
        (
            "Complaint",
            "complaint",
            json!({"complainedRecipients": whom, "complaintFeedbackType": "abuse", "feedbackId": "f"}),
            Some("complaint - -"),
        ),
        ("Complaint", "complaint", json!({"complainedRecipients": whom}), Some("complaint - -")),
        (
            "Complaint",
            "complaint",
            json!({"complainedRecipients": whom, "complaintFeedbackType": "not-spam"}),
            None,
        ),
        (
            "Complaint",
            "complaint",
            json!({"complainedRecipients": whom, "complaintFeedbackType": "auth-failure"}),
            Some("soft authentication -"),
        ),
        (
            "Complaint",
            "complaint",
            json!({"complainedRecipients": whom, "complaintSubType": "OnAccountSuppressionList"}),
            Some("unsubscribe - -"),
        ),
        (
            "Delivery",
            "delivery",
            json!({"recipients": ["ana@example.org"], "smtpResponse": "250 OK"}),
            Some("not-a-bounce - -"),
        ),
        (
            "DeliveryDelay",
            "deliveryDelay",
            json!({"delayType": "MailboxFull", "delayedRecipients": [{"emailAddress": "ana@example.org", "status": "4.2.2"}]}),
            Some("delayed mailbox_full 4.2.2"),
        ),
        (
            "DeliveryDelay",
            "deliveryDelay",
            json!({"delayType": "IPFailure", "delayedRecipients": whom}),
            Some("delayed reputation -"),
        ),
        ("Reject", "reject", json!({"reason": "Bad content"}), Some("soft virus -")),
        ("Rendering Failure", "failure", json!({"errorMessage": "x"}), Some("soft content -")),
        (
            "Subscription",
            "subscription",
            json!({"newTopicPreferences": {"unsubscribeAll": true}}),
            Some("unsubscribe - -"),
        ),
        ("Subscription", "subscription", json!({"newTopicPreferences": {"unsubscribeAll": false}}), None),
        ("Send", "send", json!({}), None),
        ("Open", "open", json!({}), None),
        ("Click", "click", json!({}), None),
        ("OfTomorrow", "x", json!({}), None),
    ] {
        for told in both_shapes(name, part, &detail) {
            assert_eq!(told.as_ref().map(verdict).as_deref(), expected, "{name} {detail}");
            if let Some(told) = told {
                assert_eq!(report(&told).recipients[0].address, "ana@example.org");
            }
        }
    }
    // Where SES gives no name, the envelope's own stands for it.
    let [told, _] = both_shapes("Reject", "reject", &json!({}));
    assert_eq!(key(&told.unwrap()), "ses:sns-1");
}

#[test]
fn what_cannot_be_read_is_named_and_a_trial_in_words_is_passed_over() {
    let trial = "Successfully validated SNS topic for Amazon SES event publishing.";
    assert_eq!(read(trial, "x").unwrap(), None);
    for (message, expected) in [
        ("{", "body, line 1, column 1: is not JSON"),
        ("{}", "notificationType: is missing"),
        (r#"{"eventType":"Bounce"}"#, "bounce: is missing"),
        (r#"{"eventType":"Bounce","bounce":{}}"#, "bounce, bounceType: is missing"),
        (r#"{"eventType":"Complaint","complaint":{}}"#, "mail.destination: is missing"),
    ] {
        assert_eq!(read(message, "x").unwrap_err().to_string(), expected);
    }
}
