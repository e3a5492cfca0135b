//! Mail services that call us: which needs what.

use super::super::WebhookKind;
use super::{SMALL, problems, read};

/// The public half of a key on P-256.
const KEY: &str = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEaxfR8uEsQkf4vOblY6RA8ncDfYEt6zOg9KE5RdiYwpZP40Li/hp/m47n60p8D54WK84zV2sxXs7LtkBoN79R9Q==";
const TOPIC: &str = "arn:aws:sns:eu-west-1:123456789012:bounces";

/// The small configuration with a webhook.
fn webhook(keys: &str) -> String {
    format!("{SMALL}[[bounces.webhooks]]\nname = \"a\"\n{keys}\n")
}

#[test]
fn each_kind_with_what_it_needs_is_read() {
    for (kind, keys) in [
        ("ses", format!("topics = [\"{TOPIC}\"]")),
        ("sendgrid", format!("public_key = \"{KEY}\"")),
        ("mailgun", "secret_file = \"s\"".to_owned()),
        ("postmark", "secret_file = \"s\"".to_owned()),
        ("brevo", "secret_file = \"s\"".to_owned()),
        ("generic", "secret_file = \"s\"".to_owned()),
    ] {
        let config = read(&webhook(&format!("kind = \"{kind}\"\n{keys}")), &[]).unwrap();
        assert_eq!(config.bounces.webhooks[0].kind.as_str(), kind);
    }
    assert!(read(SMALL, &[]).unwrap().bounces.webhooks.is_empty());
    assert_eq!(WebhookKind::ALL.len(), 6);
}

#[test]
fn what_is_missing_or_does_not_fit_is_named() {
    let topics = format!("topics = [\"{TOPIC}\"]");
    for (keys, expected) in [
        (
            "kind = \"ses\"".to_owned(),
            "bounces.webhooks[0].topics: is missing: anybody can have an SNS topic",
        ),
        (
            format!("kind = \"ses\"\n{topics}\nsecret_file = \"s\""),
            "bounces.webhooks[0].secret_file: is not for ses",
        ),
        (
            "kind = \"ses\"\ntopics = [\"bounces\"]".to_owned(),
            "bounces.webhooks[0].topics[0]: \"bounces\" is not a topic such as \"arn:aws:sns:",
        ),
        (
            "kind = \"sendgrid\"".to_owned(),
            "bounces.webhooks[0].public_key: is missing: sendgrid's verification key is wanted",
        ),
        (
            format!("kind = \"sendgrid\"\npublic_key = \"{KEY}\"\nsecret_file = \"s\""),
            "bounces.webhooks[0].secret_file: is not for sendgrid",
        ),
        (
            "kind = \"sendgrid\"\npublic_key = \"MFkw\"".to_owned(),
            "bounces.webhooks[0].public_key: \"MFkw\" is not a P-256 key in base64 that begins with",
        ),
        (
            "kind = \"mailgun\"".to_owned(),
            "bounces.webhooks[0].secret_file: is missing: mailgun's HTTP webhook",
        ),
        (
            "kind = \"postmark\"".to_owned(),
            "bounces.webhooks[0].secret_file: is missing: a file with USER:PASSWORD",
        ),
        (
            "kind = \"brevo\"".to_owned(),
            "bounces.webhooks[0].secret_file: is missing: a file with a token or",
        ),
        (
            "kind = \"generic\"".to_owned(),
            "bounces.webhooks[0].secret_file: is missing: a file with the shared secret",
        ),
        (
            format!("kind = \"generic\"\nsecret_file = \"s\"\n{topics}"),
            "bounces.webhooks[0].topics: is for ses, not for generic; take it out",
        ),
        (
            format!("kind = \"brevo\"\nsecret_file = \"s\"\npublic_key = \"{KEY}\""),
            "bounces.webhooks[0].public_key: is for sendgrid, not for brevo; take it out",
        ),
        (
            "kind = \"mailgum\"\nsecret_file = \"s\"".to_owned(),
            "bounces.webhooks[0].kind: \"mailgum\" is not what can stand here",
        ),
    ] {
        let found = problems(&webhook(&keys));
        assert!(found.contains(expected), "{expected}\nin\n{found}");
        assert_eq!(found.lines().count(), 1, "{found}");
    }
}

#[test]
fn two_webhooks_cannot_have_one_address() {
    let one = "kind = \"generic\"\nsecret_file = \"s\"";
    let text = format!("{}[[bounces.webhooks]]\nname = \"a\"\n{one}\n", webhook(one));
    let found = problems(&text);
    assert!(
        found.contains("bounces.webhooks[1].name: \"a\" is the name of bounces.webhooks[0] already"),
        "{found}"
    );
}

#[test]
fn what_was_read_is_written_and_read_again() {
    let text = webhook(&format!("kind = \"ses\"\ntopics = [\"{TOPIC}\"]"));
    let config = read(&text, &[]).unwrap();
    assert_eq!(config.bounces.webhooks[0].topics[0].as_str(), TOPIC);
    let other = webhook(&format!("kind = \"ses\"\ntopics = [\"{TOPIC}2\"]"));
    assert_ne!(config.hash(), read(&other, &[]).unwrap().hash());
}
