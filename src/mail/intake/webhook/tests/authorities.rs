//! Who may call.

use serde_json::json;

use super::super::{brevo, postmark};
use super::*;

fn basic(user_and_password: &str) -> String {
    format!("Basic {}", data_encoding::BASE64.encode(user_and_password.as_bytes()))
}

#[test]
fn a_name_and_a_password_are_wanted_or_a_token() {
    let body = br#"{"RecordType":"Open","event":"opened"}"#;
    let ask = |open: fn(Call<'_>, &str) -> Opened, login: Option<&str>| {
        let login: Vec<(&str, &str)> = login.iter().map(|login| ("Authorization", *login)).collect();
        let headers = headers(&login);
        open(Call { headers: &headers, body }, SECRET).map_err(|refusal| refusal.word())
    };
    let (good, bad) = (basic(SECRET), basic("open:barley"));
    for open in [postmark::open, brevo::open] {
        assert_eq!(ask(open, None), Err("unproved"));
        assert_eq!(ask(open, Some(&good)), Ok(vec![]));
        assert_eq!(ask(open, Some(&good.replace("Basic", "BASIC"))), Ok(vec![]));
        assert_eq!(ask(open, Some(&bad)), Err("forged"));
        assert_eq!(ask(open, Some("Basic ?")), Err("forged"));
        assert_eq!(ask(open, Some("Basic")), Err("unproved"));
        assert_eq!(ask(open, Some("Digest x")), Err("unproved"));
    }
    assert_eq!(ask(brevo::open, Some(&format!("Bearer {SECRET}"))), Ok(vec![]));
    assert_eq!(ask(brevo::open, Some("Bearer x")), Err("forged"));
    assert_eq!(ask(postmark::open, Some(&format!("Bearer {SECRET}"))), Err("unproved"));
}

#[test]
fn a_header_that_stands_there_twice_is_none() {
    let good = basic(SECRET);
    let headers = headers(&[("Authorization", &good), ("authorization", &good)]);
    let refused = postmark::open(Call { headers: &headers, body: b"{}" }, SECRET).unwrap_err();
    assert_eq!(refused.word(), "unproved");
}

#[test]
fn only_json_is_read() {
    let good = basic(SECRET);
    for kind in ["text/plain", "application/x-www-form-urlencoded", "application/jsonx", ""] {
        let headers = [("Content-Type", kind), ("Authorization", good.as_str())].into_iter().collect();
        let call = Call { headers: &headers, body: b"{}" };
        assert_eq!(postmark::open(call, SECRET).unwrap_err(), Refusal::NotJson, "{kind}");
    }
}

#[test]
fn sendgrids_signature_covers_the_time_and_each_byte_of_the_body() {
    let (signer, stranger) = (Signer::new(), Signer::new());
    let body = r#"[{"event":"processed"}]"#;
    let ask = |headers: &Headers, body: &str, key: &[u8]| {
        sendgrid::open(Call { headers, body: body.as_bytes() }, key, now()).map_err(|refusal| refusal.word())
    };
    let good = signer.headers(&ago(5), body);
    assert_eq!(ask(&good, body, signer.public()), Ok(vec![]));
    assert_eq!(ask(&good, r#"[{"event":"processed"} ]"#, signer.public()), Err("forged"));
    assert_eq!(ask(&good, body, stranger.public()), Err("forged"));
    assert_eq!(ask(&headers(&[]), body, signer.public()), Err("unproved"));
    let other_time = headers(&[
        ("X-Twilio-Email-Event-Webhook-Timestamp", &ago(4)),
        (
            "X-Twilio-Email-Event-Webhook-Signature",
            good.get("x-twilio-email-event-webhook-signature").unwrap(),
        ),
    ]);
    assert_eq!(ask(&other_time, body, signer.public()), Err("forged"));
    for (age, expected) in
        [(25 * 3600, Ok(vec![])), (25 * 3600 + 1, Err("untimely")), (-601, Err("untimely"))]
    {
        assert_eq!(ask(&signer.headers(&ago(age), body), body, signer.public()), expected, "{age}");
    }
    assert_eq!(ask(&signer.headers("soon", body), body, signer.public()), Err("untimely"));
}

#[test]
fn mailguns_signature_has_a_window() {
    let event = json!({"event": "opened", "id": "e1"});
    let opened = mailgun_call(&event, 5).unwrap();
    assert_eq!((opened.token.as_str(), opened.event.as_str(), opened.incoming), ("t1", "e1", None));
    assert!(mailgun_call(&event, 9 * 3600).is_ok());
    assert_eq!(mailgun_call(&event, 9 * 3600 + 1).unwrap_err().word(), "untimely");
    assert_eq!(mailgun_call(&event, -601).unwrap_err().word(), "untimely");
    for (signature, word) in [
        (json!({"timestamp": ago(5), "token": "t1", "signature": mac(&[&ago(5), "t2"])}), "forged"),
        (json!({"timestamp": ago(6), "token": "t1", "signature": mac(&[&ago(5), "t1"])}), "forged"),
        (json!({"timestamp": ago(5), "token": "t1", "signature": "xyz"}), "forged"),
        (json!({"timestamp": ago(5), "token": "t1"}), "unproved"),
        (json!("signed"), "unproved"),
    ] {
        let body = json!({"signature": signature, "event-data": event}).to_string();
        let call = Call { headers: &headers(&[]), body: body.as_bytes() };
        assert_eq!(mailgun::open(call, SECRET, now()).unwrap_err().word(), word, "{body}");
    }
}

#[test]
fn a_generic_signature_has_a_window_and_covers_each_byte() {
    assert_eq!(generic_call("[]", 15 * 60), Ok(vec![]));
    assert_eq!(generic_call("[]", 15 * 60 + 1).unwrap_err().word(), "untimely");
    assert_eq!(generic_call("[]", -601).unwrap_err().word(), "untimely");
    let time = ago(5);
    for (signature, word) in [
        (Some(format!("sha256={}", mac(&[&time, ".", "[ ]"]))), "forged"),
        (Some(format!("sha256={}", mac(&[&ago(4), ".", "[]"]))), "forged"),
        (Some(mac(&[&time, ".", "[]"])), "forged"),
        (Some("sha256=".to_owned()), "forged"),
        (Some("sha256=zz".to_owned()), "forged"),
        (None, "unproved"),
    ] {
        let signature = signature.iter().map(|signature| ("Newsletterd-Signature", signature.as_str()));
        let all: Vec<_> = [("Newsletterd-Timestamp", time.as_str())].into_iter().chain(signature).collect();
        let headers = headers(&all);
        let refused = generic::open(Call { headers: &headers, body: b"[]" }, SECRET, now()).unwrap_err();
        assert_eq!(refused.word(), word, "{all:?}");
    }
}
