//! Points 1 to 5: both signatures verify with dkimpy on the mail as it was received, and nothing
//! that they must protect can be changed or added.

use serde_json::Value;

use super::newsroom::{Received, zone};
use super::others::Dkimpy;
use crate::support::postfix::mail_server;

/// What a letter has and nobody may add to (`h=` names it once more than it occurs).
const SEALED: [&str; 10] = [
    "from",
    "to",
    "reply-to",
    "subject",
    "date",
    "message-id",
    "list-unsubscribe",
    "list-unsubscribe-post",
    "mime-version",
    "content-type",
];
/// What else it has.
const COVERED: [&str; 4] = ["list-id", "feedback-id", "auto-submitted", "precedence"];
/// What the servers on the way wrote.
const TRACE: [&str; 5] = ["return-path", "delivered-to", "x-original-to", "received", "dkim-signature"];

fn tag<'a>(signature: &'a Value, name: &str) -> &'a str {
    signature["tags"][name].as_str().unwrap_or("")
}

fn all_valid(verdict: &Value) -> bool {
    let signatures = verdict["signatures"].as_array().unwrap();
    assert_eq!(signatures.len(), 2, "{verdict}");
    signatures.iter().all(|signature| signature["valid"] == true)
}

fn none_valid(verdict: &Value) -> bool {
    let signatures = verdict["signatures"].as_array().unwrap();
    assert_eq!(signatures.len(), 2, "{verdict}");
    signatures.iter().all(|signature| signature["valid"] == false)
}

#[tokio::test]
async fn points_01_to_05_both_signatures_verify_as_received_and_after_a_maildir() {
    let (Some(server), Some(dkimpy)) = (mail_server(), Dkimpy::find()) else { return };
    let letter = Received::letter(&server).await;
    assert!(letter.fetched.windows(2).any(|pair| pair == b"\r\n"));
    assert!(!letter.on_disk.windows(2).any(|pair| pair == b"\r\n"), "a Maildir holds LF");
    let mails = [letter.fetched.clone(), letter.on_disk.clone()];
    for verdict in dkimpy.judge(letter.folder.path(), &zone(), &mails) {
        assert!(all_valid(&verdict), "{verdict}");
        let [rsa, ed25519] = &verdict["signatures"].as_array().unwrap()[..] else { panic!("{verdict}") };
        // Point 1: RSA, which dkimpy took with at least 2048 bits; d= is the domain of From.
        assert_eq!((tag(rsa, "a"), tag(rsa, "d")), ("rsa-sha256", "example.org"));
        // Point 2.
        assert_eq!((tag(ed25519, "a"), tag(ed25519, "d")), ("ed25519-sha256", "example.org"));
        for signature in [rsa, ed25519] {
            // Point 3.
            assert_eq!((tag(signature, "c"), tag(signature, "l")), ("relaxed/relaxed", ""));
            // Points 4 and 5: nothing is uncovered, and what matters is sealed.
            let names: Vec<_> = tag(signature, "h").split(':').map(str::to_lowercase).collect();
            let listed = |name: &str| names.iter().filter(|listed| *listed == name).count();
            for (name, occurs) in verdict["fields"].as_object().unwrap() {
                let occurs = usize::try_from(occurs.as_u64().unwrap()).unwrap();
                let enough = if SEALED.contains(&name.as_str()) { occurs + 1 } else { occurs };
                assert!(TRACE.contains(&name.as_str()) || listed(name) == enough, "{name}: {names:?}");
            }
            for name in SEALED.iter().chain(&COVERED) {
                assert!(verdict["fields"][name] == 1, "{name} is not in the letter: {verdict}");
            }
            assert_eq!(listed("cc"), 1, "nobody may add one: {names:?}");
        }
    }
}

#[tokio::test]
async fn points_04_and_05_what_is_changed_or_added_on_the_way_fails() {
    let (Some(server), Some(dkimpy)) = (mail_server(), Dkimpy::find()) else { return };
    let letter = Received::letter(&server).await;
    let text = String::from_utf8(letter.fetched.clone()).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let mut changes = vec![("body".to_owned(), format!("{head}\r\n\r\n{}", body.replacen('e', "f", 1)))];
    for name in SEALED.iter().chain(&COVERED) {
        changes.push(((*name).to_owned(), format!("{}\r\n\r\n{body}", with_field_changed(head, name))));
    }
    for added in [
        "From: The Example Post <eve@example.net>",
        "Subject: You have won",
        "To: somebody@example.net",
        "Cc: somebody@example.net",
        "Reply-To: eve@example.net",
        "List-Unsubscribe: <https://example.net/>",
        "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
        "Content-Type: text/html",
        "Date: Wed, 25 Nov 2026 00:00:00 +0000",
    ] {
        changes.push((added.to_owned(), format!("{added}\r\n{text}")));
        changes.push((added.to_owned(), format!("{head}\r\n{added}\r\n\r\n{body}")));
    }
    let mails: Vec<_> = changes.iter().map(|(_, mail)| mail.clone().into_bytes()).collect();
    let verdicts = dkimpy.judge(letter.folder.path(), &zone(), &mails);
    assert_eq!(verdicts.len(), changes.len());
    for ((what, _), verdict) in changes.iter().zip(&verdicts) {
        assert!(none_valid(verdict), "{what}: {verdict}");
    }
    // A further server's mark is no change.
    let marked =
        format!("Received: from a by b; Wed, 25 Nov 2026 00:00:00 +0000\r\nX-Spam-Status: No\r\n{text}");
    let verdicts = dkimpy.judge(letter.folder.path(), &zone(), &[marked.into_bytes()]);
    assert!(all_valid(&verdicts[0]), "{verdicts:?}");
}

/// The header with the last character of one field changed.
fn with_field_changed(head: &str, name: &str) -> String {
    let mut lines: Vec<_> = head.split("\r\n").map(str::to_owned).collect();
    let is_it =
        |line: &String| line.split_once(':').is_some_and(|(field, _)| field.eq_ignore_ascii_case(name));
    let mut at = lines.iter().position(is_it).unwrap_or_else(|| panic!("no {name} in {head}"));
    while lines.get(at + 1).is_some_and(|line| line.starts_with([' ', '\t'])) {
        at += 1;
    }
    let last = lines[at].pop().unwrap();
    lines[at].push(if last == 'x' { 'y' } else { 'x' });
    lines.join("\r\n")
}
