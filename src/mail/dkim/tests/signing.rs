//! What is signed, and how the fields look.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::super::{DomainKey, SignError, Signers};
use super::verifier::{parts, signatures, verifies};
use super::{KEYS, now, signers};

/// A letter in the form that ours have.
pub const LETTER: &str = "From: The Example Post <news@example.org>\r\n\
    Subject: =?utf-8?B?4YOT4YOm4YOU4YOh?=\r\n  and  more\r\n\
    To: ana@reader.test\r\n\
    Date: Wed, 25 Nov 2026 07:00:00 +0000\r\n\
    Message-ID: <edition-1.2.3@example.org>\r\n\
    List-Id: Readers <readers.example.org>\r\n\
    List-Unsubscribe: <https://letters.example.org/unsubscribe/token>\r\n\
    List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n\
    Feedback-ID: 1:daily:readers:example-org\r\n\
    Auto-Submitted: auto-generated\r\n\
    Precedence: bulk\r\n\
    MIME-Version: 1.0\r\n\
    Content-Type: multipart/alternative;\r\n boundary=\"=_b\"\r\n\
    \r\n\
    --=_b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nHello=20\r\n\r\n\
    --=_b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>Hello</p>\r\n\r\n--=_b--\r\n";

fn signed(message: &str) -> Vec<u8> {
    signers().sign("example.org", now(), message.as_bytes().to_vec()).unwrap()
}

/// Whether both signatures of a message verify, and why not.
fn both(message: &[u8]) -> Result<(), String> {
    let read = signatures(message);
    assert_eq!(read.len(), 2);
    let results = KEYS.iter().zip(&read).map(|(key, read)| verifies(message, read, &key.record().text));
    results.collect()
}

#[test]
fn both_signatures_verify_and_say_what_they_must() {
    let message = signed(LETTER);
    both(&message).unwrap();
    assert!(message.ends_with(LETTER.as_bytes()), "nothing else may change");
    for (read, (selector, algorithm)) in
        signatures(&message).iter().zip([("r", "rsa-sha256"), ("e", "ed25519-sha256")])
    {
        let tags = ["v", "a", "c", "d", "s", "t"].map(|name| read.tag(name));
        assert_eq!(tags, ["1", algorithm, "relaxed/relaxed", "example.org", selector, "1795590000"]);
        for never in ["l", "i", "x", "z", "q"] {
            assert_eq!(read.tag(never), "", "{never}");
        }
    }
}

#[test]
fn what_must_not_come_twice_is_listed_once_more_than_it_occurs() {
    let times = |message: &[u8]| {
        let mut times = BTreeMap::new();
        for name in signatures(message)[0].names() {
            *times.entry(name).or_insert(0) += 1;
        }
        times
    };
    let listed = times(&signed(LETTER));
    for sealed in [
        "from",
        "to",
        "subject",
        "date",
        "message-id",
        "list-unsubscribe",
        "list-unsubscribe-post",
        "mime-version",
        "content-type",
    ] {
        assert_eq!(listed[sealed], 2, "{sealed}");
    }
    for absent in ["cc", "reply-to"] {
        assert_eq!(listed[absent], 1, "{absent}");
    }
    for covered in ["list-id", "feedback-id", "auto-submitted", "precedence"] {
        assert_eq!(listed[covered], 1, "{covered}");
    }
    assert!(!listed.contains_key("content-transfer-encoding"), "it is not there");
    let single = LETTER.replace("Precedence: bulk", "Content-Transfer-Encoding: quoted-printable");
    assert_eq!(times(&signed(&single))["content-transfer-encoding"], 1);
}

#[test]
fn a_field_that_is_added_or_changed_breaks_both_signatures() {
    let message = String::from_utf8(signed(LETTER)).unwrap();
    for added in [
        "From: Eve <eve@example.net>",
        "Subject: Win",
        "To: all@example.net",
        "Cc: all@example.net",
        "Reply-To: eve@example.net",
        "Date: Thu, 26 Nov 2026 07:00:00 +0000",
        "Message-ID: <x@example.net>",
        "List-Unsubscribe: <https://example.net/>",
        "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
        "MIME-Version: 1.0",
        "Content-Type: text/html",
    ] {
        // Above, as programs that show the first would take it, and below.
        assert!(both(format!("{added}\r\n{message}").as_bytes()).is_err(), "{added}");
        let below = message.replacen("MIME-Version", &format!("{added}\r\nMIME-Version"), 1);
        assert!(both(below.as_bytes()).is_err(), "{added}");
    }
    // What relays add harms nothing.
    both(format!("Received: from a by b\r\nX-Spam: no\r\n{message}").as_bytes()).unwrap();
    let (fields, _) = parts(LETTER.as_bytes());
    for field in fields {
        let last = field.pop_off();
        assert!(both(message.replacen(&field, &last, 1).as_bytes()).is_err(), "{field}");
    }
}

trait PopOff {
    fn pop_off(&self) -> String;
}

impl PopOff for String {
    /// The field with its last character changed.
    fn pop_off(&self) -> String {
        let mut changed = self.clone();
        let last = changed.pop().unwrap();
        changed.push(if last == 'x' { 'y' } else { 'x' });
        changed
    }
}

#[test]
fn lines_are_folded_and_end_in_crlf() {
    let message = signed(LETTER);
    let text = String::from_utf8(message).unwrap();
    let head = text.split_once("From: The").unwrap().0;
    assert!(head.ends_with("\r\n") && !head.replace("\r\n", "").contains(['\r', '\n']));
    for line in head.split("\r\n") {
        assert!(line.len() <= 78 && line.trim_end() == line, "{line}");
    }
    // A name that leaves no room stays whole, and within what SMTP carries.
    let long = format!("{}.example.org", ["long-label"; 20].join("."));
    let key = DomainKey { domain: long.clone(), selector: ["s"; 60].join("."), ..KEYS[0].clone() };
    let record = key.record();
    let message = LETTER.replace("news@example.org", &format!("news@{long}"));
    let message = Signers::new(vec![key]).sign(&long, now(), message.into_bytes()).unwrap();
    verifies(&message, &signatures(&message)[0], &record.text).unwrap();
    assert!(String::from_utf8(message).unwrap().split("\r\n").all(|line| line.len() <= 300));
}

#[test]
fn only_the_keys_of_the_domain_that_sign_now_are_used() {
    let sign = |keys: Vec<DomainKey>, domain| {
        signatures(&Signers::new(keys).sign(domain, now(), LETTER.as_bytes().to_vec()).unwrap()).len()
    };
    assert_eq!(sign(KEYS.clone(), "example.org"), 2);
    assert_eq!(sign(KEYS.clone(), "EXAMPLE.org"), 2);
    assert_eq!(sign(KEYS.clone(), "news.example.org"), 0);
    assert_eq!(sign(Vec::new(), "example.org"), 0);
    let standby = DomainKey { signs: false, ..KEYS[0].clone() };
    assert_eq!(sign(vec![standby.clone(), KEYS[1].clone()], "example.org"), 1);
    assert!(!Signers::new(vec![standby]).sign_for("example.org"));
}

#[test]
fn what_a_server_would_change_is_not_signed() {
    for (message, error) in [
        ("From: a@example.org\r\n\r\na\nb\r\n", SignError::LineEnds),
        ("From: a@example.org\r\n\r\na\rb\r\n", SignError::LineEnds),
        ("From: a@example.org\r\n\r\na\r", SignError::LineEnds),
        ("To: a@example.org\r\n\r\na\r\n", SignError::NoHeader),
        ("From: a@example.org\r\n", SignError::NoHeader),
        ("", SignError::NoHeader),
    ] {
        let signed = signers().sign("example.org", now(), message.as_bytes().to_vec());
        assert_eq!(signed, Err(error), "{message:?}");
    }
}

#[test]
fn ed25519_gives_the_same_bytes_for_the_same_message() {
    let one = Signers::new(vec![KEYS[1].clone()]);
    let sign = || one.sign("example.org", now(), LETTER.as_bytes().to_vec()).unwrap();
    assert_eq!(sign(), sign());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever white space there is: RSA is slow in a debug build, and the canonical forms do not
    /// depend on the key.
    #[test]
    fn any_header_and_body_verify(
        subject in "[ \ta-zé:=;]{0,30}(\r\n[ \t]{1,3}[a-z]{1,5}[ \t]{0,2}){0,3}",
        body in "([ \t]{0,3}[a-z.=é]{0,6}[ \t]{0,3}(\r\n){0,3}){0,12}",
    ) {
        let message = format!("From: a@example.org\r\nSubject:{subject}\r\n\r\n{body}");
        let one = Signers::new(vec![KEYS[1].clone()]);
        let message = one.sign("example.org", now(), message.into_bytes()).unwrap();
        let read = signatures(&message);
        prop_assert_eq!(verifies(&message, &read[0], &KEYS[1].record().text), Ok(()));
    }

    #[test]
    fn any_bytes_are_answered(message in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = Signers::new(vec![KEYS[1].clone()]).sign("example.org", now(), message);
    }
}
