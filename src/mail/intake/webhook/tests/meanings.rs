//! What the events of SendGrid, Mailgun, Postmark and Brevo mean.

use serde_json::json;

use super::super::{brevo, postmark};
use super::*;

/// `base` with the members of `more` in it.
fn with(base: &Value, more: Value) -> Value {
    let mut all = base.clone();
    let Value::Object(more) = more else { panic!("{more}") };
    all.as_object_mut().unwrap().extend(more);
    all
}

#[test]
fn sendgrid() {
    let signer = Signer::new();
    let base = json!({
        "email": "ana@example.org",
        "timestamp": 1_795_676_100,
        "smtp-id": "<x@letters.example.org>",
        "sg_event_id": "Ym91bmNlLTEtMg",
        "sg_message_id": "abc.recvd-1-2-3.0",
    });
    for (more, expected) in [
        (
            json!({"event": "bounce", "type": "bounce", "status": "5.1.1", "reason": "550 5.1.1 No such user"}),
            "hard user_unknown 5.1.1",
        ),
        (
            json!({"event": "bounce", "type": "bounce", "reason": "no answer that tells"}),
            "hard user_unknown -",
        ),
        (
            json!({"event": "bounce", "type": "bounce", "status": "5.2.2", "reason": "552 5.2.2 Over quota"}),
            "soft mailbox_full 5.2.2",
        ),
        (
            json!({"event": "bounce", "type": "bounce", "bounce_classification": "Reputation", "reason": "550 no"}),
            "soft reputation -",
        ),
        (
            json!({"event": "bounce", "type": "blocked", "bounce_classification": "Unclassified",
                "reason": "unable to get mx info"}),
            "soft undefined -",
        ),
        (
            json!({"event": "bounce", "type": "blocked", "bounce_classification": "Mailbox Unavailable"}),
            "soft inactive -",
        ),
        (json!({"event": "dropped", "reason": "Bounced Address"}), "hard user_unknown -"),
        (json!({"event": "dropped", "reason": "Unsubscribed Address"}), "unsubscribe - -"),
        (json!({"event": "dropped", "reason": "Spam Reporting Address"}), "unsubscribe - -"),
        (json!({"event": "dropped", "reason": "Recipient List over Package Quota"}), "soft rate_limited -"),
        (
            json!({"event": "deferred", "response": "450 4.2.2 Over quota", "attempt": "3"}),
            "delayed mailbox_full 4.2.2",
        ),
        (json!({"event": "spamreport"}), "complaint - -"),
        (json!({"event": "unsubscribe"}), "unsubscribe - -"),
        (json!({"event": "group_unsubscribe", "asm_group_id": 1}), "unsubscribe - -"),
        (json!({"event": "delivered", "response": "250 OK"}), "not-a-bounce - -"),
    ] {
        let told = signer.open(&json!([with(&base, more.clone())])).unwrap().remove(0);
        assert_eq!(verdict(&told), expected, "{more}");
        assert_eq!(key(&told), "sendgrid:Ym91bmNlLTEtMg");
        assert_eq!(report(&told).traces.message_ids, ["x@letters.example.org"]);
        assert_eq!(report(&told).recipients[0].address, "ana@example.org");
    }
    let others = ["processed", "open", "click", "group_resubscribe", "account_status_change", "of tomorrow"];
    let others: Vec<Value> = others.iter().map(|name| with(&base, json!({"event": name}))).collect();
    assert_eq!(signer.open(&json!(others)), Ok(vec![]));
    let broken =
        signer.open(&json!([{"event": "open"}, {"event": "bounce", "sg_event_id": "x"}])).unwrap_err();
    assert_eq!(broken.to_string(), "event 2, email: is missing");
}

#[test]
fn mailgun() {
    let base = json!({
        "id": "G9Bn5sl1TC6nu79C8C0bwg",
        "timestamp": 1_795_676_100.5,
        "recipient": "ana@example.org",
        "envelope": {"sender": "bounce-abc@bounces.example.org", "targets": "ana@example.org"},
        "message": {"headers": {"message-id": "x@letters.example.org", "to": "ana@example.org"}},
    });
    let failed = |severity: &str, reason: &str, status: Value| json!({"event": "failed", "severity": severity, "reason": reason, "delivery-status": status});
    for (more, expected) in [
        (
            failed(
                "permanent",
                "bounce",
                json!({"code": 550, "enhanced-code": "5.1.1", "message": "5.1.1 No such user",
                       "bounce-type": "hard", "mx-host": "mx.example.org"}),
            ),
            "hard user_unknown 5.1.1",
        ),
        (
            failed(
                "permanent",
                "bounce",
                json!({"code": 552, "message": "5.2.2 Over quota", "bounce-type": "soft"}),
            ),
            "soft mailbox_full 5.2.2",
        ),
        (
            failed("permanent", "generic", json!({"code": 498, "message": "", "description": "No MX"})),
            "soft undefined -",
        ),
        (
            failed(
                "permanent",
                "suppress-bounce",
                json!({"code": 605, "description": "Not delivering to previously bounced address"}),
            ),
            "hard user_unknown -",
        ),
        (failed("permanent", "suppress-complaint", json!({"code": 607})), "unsubscribe - -"),
        (failed("permanent", "old", json!({"code": 602, "message": "Too old"})), "soft expired -"),
        (
            failed("temporary", "generic", json!({"code": 452, "message": "4.2.2 Full", "attempt-no": 2})),
            "delayed mailbox_full 4.2.2",
        ),
        (json!({"event": "complained"}), "complaint - -"),
        (json!({"event": "unsubscribed"}), "unsubscribe - -"),
        (
            json!({"event": "delivered", "delivery-status": {"code": 250, "message": "OK"}}),
            "not-a-bounce - -",
        ),
        (json!({"event": "rejected", "reject": {"reason": "Contains a virus"}}), "soft virus -"),
    ] {
        let told = mailgun_call(&with(&base, more.clone()), 5).unwrap().incoming.unwrap();
        assert_eq!(verdict(&told), expected, "{more}");
        assert_eq!(key(&told), "mailgun:G9Bn5sl1TC6nu79C8C0bwg");
        let traces = &report(&told).traces;
        assert_eq!(
            (&traces.message_ids[0][..], &traces.return_paths[0][..]),
            ("x@letters.example.org", "bounce-abc")
        );
    }
    for other in ["accepted", "opened", "clicked", "stored", "of tomorrow"] {
        assert_eq!(mailgun_call(&with(&base, json!({"event": other})), 5).unwrap().incoming, None);
    }
    let broken = mailgun_call(&json!({"event": "complained", "id": "x"}), 5).unwrap_err();
    assert_eq!(broken.to_string(), "event-data, recipient: is missing");
}

fn login() -> Headers {
    headers(&[("Authorization", &format!("Basic {}", data_encoding::BASE64.encode(SECRET.as_bytes())))])
}

#[test]
fn postmark() {
    let ask = |event: &Value| {
        let body = event.to_string();
        postmark::open(Call { headers: &login(), body: body.as_bytes() }, SECRET)
    };
    let base = json!({
        "RecordType": "Bounce",
        "ID": 692_560_173,
        "MessageID": "2c1b63fe-43f2-4db5-91b0-8bdfa44a9316",
        "MessageStream": "broadcast",
        "Email": "ana@example.org",
        "From": "news@example.org",
        "BouncedAt": "2026-11-25T06:59:58Z",
    });
    for (kind, details, expected) in [
        ("HardBounce", "smtp;550 5.1.1 No such user", "hard user_unknown 5.1.1"),
        ("HardBounce", "", "hard user_unknown -"),
        ("HardBounce", "smtp;552 5.2.2 Over quota", "soft mailbox_full 5.2.2"),
        ("SoftBounce", "", "soft undefined -"),
        ("Transient", "", "soft network -"),
        ("DnsError", "", "soft network -"),
        ("Blocked", "", "soft reputation -"),
        ("SpamNotification", "", "soft spam -"),
        ("VirusNotification", "", "soft virus -"),
        ("DMARCPolicy", "", "soft authentication -"),
        ("SMTPApiError", "", "soft protocol -"),
        ("BadEmailAddress", "", "hard user_unknown -"),
        ("ManuallyDeactivated", "", "soft inactive -"),
        ("AutoResponder", "", "autoreply - -"),
        ("ChallengeVerification", "", "autoreply - -"),
        ("Unsubscribe", "", "unsubscribe - -"),
        ("SpamComplaint", "", "complaint - -"),
        ("OfTomorrow", "", "unknown - -"),
    ] {
        let told = ask(&with(&base, json!({"Type": kind, "Details": details}))).unwrap().remove(0);
        assert_eq!((key(&told), verdict(&told).as_str()), ("postmark:692560173", expected), "{kind}");
    }
    let complaint =
        with(&base, json!({"RecordType": "SpamComplaint", "Type": "SpamComplaint", "TypeCode": 512}));
    assert_eq!(verdict(&ask(&complaint).unwrap()[0]), "complaint - -");
    let change = |reason: &str, origin: &str, off: bool| {
        json!({
            "RecordType": "SubscriptionChange", "MessageID": "m", "ChangedAt": "2026-11-25T06:59:58Z",
            "Recipient": "ana@example.org", "Origin": origin, "SuppressSending": off,
            "SuppressionReason": if off { json!(reason) } else { Value::Null },
        })
    };
    for (reason, origin, off, expected) in [
        ("HardBounce", "Recipient", true, Some("hard user_unknown -")),
        ("SpamComplaint", "Recipient", true, Some("complaint - -")),
        ("ManualSuppression", "Recipient", true, Some("unsubscribe - -")),
        ("ManualSuppression", "Admin", true, None),
        ("ManualSuppression", "Customer", true, None),
        ("", "Recipient", false, None),
    ] {
        let told = ask(&change(reason, origin, off)).unwrap();
        assert_eq!(told.first().map(verdict).as_deref(), expected, "{reason} {origin}");
    }
    // It has no name of its own, and needs one: the same change has the same.
    let keys = [("HardBounce", "Recipient"), ("HardBounce", "Recipient"), ("SpamComplaint", "Recipient")]
        .map(|(reason, origin)| key(&ask(&change(reason, origin, true)).unwrap()[0]).to_owned());
    assert_eq!(keys[0], keys[1]);
    assert!(!keys[0].contains("ana"), "{}", keys[0]);
    let delivery = json!({"RecordType": "Delivery", "MessageID": "m", "Recipient": "ana@example.org",
                          "DeliveredAt": "2026-11-25T06:59:58Z", "Details": "250 OK"});
    assert_eq!(verdict(&ask(&delivery).unwrap()[0]), "not-a-bounce - -");
    for other in ["Open", "Click", "Inbound", "OfTomorrow"] {
        assert_eq!(ask(&with(&base, json!({"RecordType": other}))), Ok(vec![]));
    }
    assert_eq!(
        ask(&json!({"Type": "HardBounce"})).unwrap_err().to_string(),
        "event 1, RecordType: is missing"
    );
}

#[test]
fn brevo() {
    let ask = |event: &Value| {
        let body = event.to_string();
        brevo::open(Call { headers: &login(), body: body.as_bytes() }, SECRET)
    };
    let base = json!({
        "email": "ana@example.org",
        "id": 26224,
        "date": "2026-11-25 07:59:58",
        "ts": 1_795_676_398,
        "message-id": "<x@letters.example.org>",
        "ts_event": 1_795_676_398,
    });
    for (event, reason, expected) in [
        ("hard_bounce", "550 5.1.1 No such user", "hard user_unknown 5.1.1"),
        ("hardBounce", "", "hard user_unknown -"),
        ("hard_bounce", "552 5.2.2 Over quota", "soft mailbox_full 5.2.2"),
        ("soft_bounce", "server is down", "soft undefined -"),
        ("blocked", "", "soft undefined -"),
        ("invalid_email", "", "hard user_unknown -"),
        ("error", "", "soft system_error -"),
        ("deferred", "452 4.2.2 Full", "delayed mailbox_full 4.2.2"),
        ("spam", "", "complaint - -"),
        ("complaint", "", "complaint - -"),
        ("unsubscribed", "", "unsubscribe - -"),
        ("delivered", "", "not-a-bounce - -"),
    ] {
        let told = ask(&with(&base, json!({"event": event, "reason": reason}))).unwrap().remove(0);
        assert_eq!(verdict(&told), expected, "{event}");
        assert_eq!(report(&told).traces.message_ids, ["x@letters.example.org"]);
        // `id` is the webhook's.
        assert!(!key(&told).contains("26224") && !key(&told).contains("ana"), "{}", key(&told));
    }
    let named = ask(&with(&base, json!({"event": "spam", "uuid": "0b1c"}))).unwrap();
    assert_eq!(key(&named[0]), "brevo:0b1c");
    let list = json!([with(&base, json!({"event": "spam"})), with(&base, json!({"event": "hard_bounce"}))]);
    let told = ask(&list).unwrap();
    assert_ne!(key(&told[0]), key(&told[1]));
    for other in ["request", "opened", "unique_opened", "click", "proxy_open", "of tomorrow"] {
        assert_eq!(ask(&with(&base, json!({"event": other}))), Ok(vec![]));
    }
}
