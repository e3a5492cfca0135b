//! Points 6 and 7: what a mailbox provider concludes, by mailauth and a made-up zone.

use serde_json::{Value, json};

use super::newsroom::{Received, zone};
use super::others::Mailauth;
use crate::support::postfix::mail_server;

/// An address for documentation (RFC 5737): the relay's.
const RELAY: &str = "192.0.2.25";

fn return_path(mail: &[u8]) -> String {
    let text = String::from_utf8_lossy(mail);
    let line = text.lines().find_map(|line| line.strip_prefix("Return-Path: <")).unwrap();
    line.trim_end().trim_end_matches('>').to_owned()
}

fn both_pass(verdict: &Value) {
    let signatures = verdict["signatures"].as_array().unwrap();
    assert_eq!(signatures.len(), 2, "{verdict}");
    for (signature, algorithm) in signatures.iter().zip(["rsa-sha256", "ed25519-sha256"]) {
        assert_eq!(signature["result"], "pass", "{verdict}");
        assert_eq!(signature["algorithm"], algorithm, "{verdict}");
        // The domain with which the signature is aligned.
        assert_eq!(signature["aligned"], "example.org", "{verdict}");
    }
}

#[tokio::test]
async fn point_07_dmarc_passes_by_dkim_alone_and_both_signatures_are_aligned() {
    let (Some(server), Some(mailauth)) = (mail_server(), Mailauth::find()) else { return };
    let letter = Received::letter(&server).await;
    let mut zone = zone();
    // Strict alignment of DKIM, and no SPF record: only the signatures can make it pass.
    zone.insert("_dmarc.example.org".to_owned(), json!("v=DMARC1; p=reject; adkim=s; aspf=s"));
    let sender = return_path(&letter.fetched);
    let damaged =
        String::from_utf8(letter.fetched.clone()).unwrap().replacen("Story number", "Story nomber", 1);
    let mails = [letter.fetched.clone(), damaged.into_bytes()];
    let verdicts = mailauth.judge(letter.folder.path(), &zone, (RELAY, &sender), &mails);
    both_pass(&verdicts[0]);
    assert_eq!(verdicts[0]["spf"]["result"], "none", "{}", verdicts[0]);
    assert_eq!(verdicts[0]["dmarc"]["result"], "pass", "{}", verdicts[0]);
    assert_eq!(verdicts[0]["dmarc"]["policy"], "reject");
    assert_eq!(verdicts[0]["dmarc"]["alignedByDkim"], "example.org", "{}", verdicts[0]);
    assert_eq!(verdicts[0]["dmarc"]["alignedBySpf"], Value::Null, "{}", verdicts[0]);

    for signature in verdicts[1]["signatures"].as_array().unwrap() {
        assert_ne!(signature["result"], "pass", "{}", verdicts[1]);
    }
    assert_eq!(verdicts[1]["dmarc"]["result"], "fail", "{}", verdicts[1]);
}

#[tokio::test]
async fn point_06_spf_passes_for_the_return_path_and_is_aligned_as_well() {
    let (Some(server), Some(mailauth)) = (mail_server(), Mailauth::find()) else { return };
    let letter = Received::letter(&server).await;
    let sender = return_path(&letter.fetched);
    assert!(sender.ends_with("@bounces.example.org"), "{sender}");
    let mut zone = zone();
    zone.insert("_dmarc.example.org".to_owned(), json!("v=DMARC1; p=none"));
    zone.insert("bounces.example.org".to_owned(), json!(format!("v=spf1 ip4:{RELAY} -all")));
    let mails = [letter.fetched.clone()];
    let verdict = &mailauth.judge(letter.folder.path(), &zone, (RELAY, &sender), &mails)[0];
    both_pass(verdict);
    assert_eq!(verdict["spf"]["result"], "pass", "{verdict}");
    assert_eq!(verdict["dmarc"]["result"], "pass", "{verdict}");
    assert_eq!(verdict["dmarc"]["alignedByDkim"], "example.org", "{verdict}");
    assert_eq!(verdict["dmarc"]["alignedBySpf"], "bounces.example.org", "{verdict}");
    // From another machine SPF fails, and the signatures carry it.
    let verdict = &mailauth.judge(letter.folder.path(), &zone, ("192.0.2.99", &sender), &mails)[0];
    both_pass(verdict);
    assert_eq!(verdict["spf"]["result"], "fail", "{verdict}");
    assert_eq!(verdict["dmarc"]["result"], "pass", "{verdict}");
}
