//! Our own form.

use serde_json::json;

use super::*;

fn event(change: &[(&str, Value)]) -> Value {
    let mut event = json!({
        "id": "q-4711",
        "kind": "hard",
        "recipient": "ana@example.org",
        "at": "2026-11-25T06:59:58Z",
    });
    for (name, value) in change {
        event[*name] = value.clone();
    }
    event
}

fn one(event: &Value) -> Incoming {
    generic_call(&event.to_string(), 5).unwrap().remove(0)
}

#[test]
fn everything_in_an_event_comes_out_of_it() {
    let full = one(&event(&[
        ("reason", json!("moved")),
        ("status", json!("5.1.6")),
        ("diagnostic", json!("550 5.1.6 She moved")),
        ("return_path", json!("bounce-abc@bounces.example.org")),
        ("envelope_id", json!("bounce-def")),
        ("message_id", json!("<x@letters.example.org>")),
    ]));
    assert_eq!((key(&full), verdict(&full).as_str()), ("generic:q-4711", "hard moved 5.1.6"));
    let report = report(&full);
    assert_eq!(report.recipients[0].address, "ana@example.org");
    assert_eq!(report.diagnostic.as_deref(), Some("550 5.1.6 She moved"));
    assert_eq!(report.traces.return_paths, ["bounce-abc"]);
    assert_eq!(report.traces.envelope_ids, ["bounce-def"]);
    assert_eq!(report.traces.message_ids, ["x@letters.example.org"]);
    assert_eq!(report.rule.0, "generic");
}

#[test]
fn a_return_path_of_somebody_else_leads_nowhere() {
    let told = one(&event(&[("return_path", json!("news@example.org"))]));
    assert!(report(&told).traces.return_paths.is_empty());
}

#[test]
fn each_kind_has_its_meaning() {
    for (kind, expected) in [
        ("hard", "hard user_unknown -"),
        ("soft", "soft undefined -"),
        ("delayed", "delayed undefined -"),
        ("complaint", "complaint - -"),
        ("unsubscribe", "unsubscribe - -"),
        ("autoreply", "autoreply - -"),
        ("delivered", "not-a-bounce - -"),
    ] {
        assert_eq!(verdict(&one(&event(&[("kind", json!(kind))]))), expected);
    }
    // What the caller says stands, whatever else is told.
    let told = one(&event(&[
        ("kind", json!("soft")),
        ("reason", json!("mailbox_full")),
        ("status", json!("5.1.1")),
    ]));
    assert_eq!(verdict(&told), "soft mailbox_full 5.1.1");
}

#[test]
fn a_list_is_read_in_its_order() {
    let list = json!([event(&[("id", json!("1"))]), event(&[("id", json!("2"))])]).to_string();
    let told = generic_call(&list, 5).unwrap();
    assert_eq!(told.iter().map(key).collect::<Vec<_>>(), ["generic:1", "generic:2"]);
    let many = |count| json!(vec![event(&[]); count]).to_string();
    assert_eq!(generic_call(&many(1000), 5).unwrap().len(), 1000);
    assert_eq!(generic_call(&many(1001), 5), Err(Refusal::TooMany));
}

#[test]
fn what_is_wrong_is_named_with_its_place() {
    let wrong = |change: &[(&str, Value)]| {
        let list = json!([event(&[]), event(change)]).to_string();
        generic_call(&list, 5).unwrap_err().to_string()
    };
    for (change, expected) in [
        (("recipient", Value::Null), "event 2, recipient: is missing"),
        (("id", json!(7)), "event 2, id: is not text"),
        (
            ("kind", json!("bounced")),
            "event 2, kind: is not what can stand here, which is: hard, soft, delayed,",
        ),
        (("reason", json!("full")), "event 2, reason: is not what can stand here, which is: user_unknown,"),
        (("reason", json!("mailbox_full")), "event 2, reason: is not the address's fault"),
        (("status", json!("5.1")), "event 2, status: is not of the form"),
        (("at", json!("yesterday")), "event 2, at: is not an instant such as"),
        (("recipent", json!("x")), "event 2, recipent: is unknown; there are: id, kind,"),
    ] {
        let found = wrong(&[change]);
        assert!(found.starts_with(expected), "{found}");
    }
    let complaint = wrong(&[("kind", json!("complaint")), ("reason", json!("spam"))]);
    assert_eq!(complaint, "event 2, reason: is only for hard, soft and delayed");
    assert_eq!(generic_call("[1]", 5).unwrap_err().to_string(), "event 1: is not an object with members");
    let broken = generic_call("{\"id\": \"ana@example.org\",\n oops}", 5).unwrap_err().to_string();
    assert_eq!(broken, "body, line 2, column 2: is not JSON");
}
