//! What leads to the delivery, wherever it stands.

use super::{dsn, read_mail};
use crate::mail::report::read;

#[test]
fn traces_are_found_wherever_they_stand() {
    let failed = "Original-Envelope-Id: bounce-e+2Bid\nFinal-Recipient: rfc822;nina@example.org\nAction: failed\nStatus: 5.1.1\n";
    let mail = dsn(
        failed,
        "Return-Path: <bounce-rp@news.example>\nMessage-ID:\n <1.2@news.example>\nTo: nina@example.org\n",
    )
    .replace("To: bounce-abc@", "Delivered-To: bounce-dt@news.example\nTo: bounce-abc@");
    let traces = read(mail.as_bytes(), Some("<bounce-came@news.example>")).traces;
    assert_eq!(traces.return_paths, ["bounce-came", "bounce-dt", "bounce-abc", "bounce-e+id", "bounce-rp"]);
    assert_eq!(traces.envelope_ids, ["bounce-e+id"]);
    assert_eq!(traces.message_ids, ["1.2@news.example"]);
}

#[test]
fn traces_of_letters_in_every_form() {
    let letter = "Received: from a (envelope-from <bounce-r1@news.example>)\nMessage-ID: <m@news.example>\nFrom: a@news.example\nTo: nina@example.org\nSubject: x\n\nHello\n";
    let quoted = letter.lines().map(|line| format!("> {line}\n")).collect::<String>();
    let base64 = data_encoding::BASE64.encode(letter.as_bytes());
    for (form, found) in [
        (
            format!(
                "Content-Type: text/plain\n\nfailed\n--- Below this line is a copy of the message.\n\n{letter}"
            ),
            true,
        ),
        (
            format!(
                "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nfailed\n--b\nContent-Type: message/rfc822\n\n{letter}--b--\n"
            ),
            true,
        ),
        (
            format!(
                "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nfailed\n--b\nContent-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n{base64}\n--b--\n"
            ),
            true,
        ),
        (
            format!(
                "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nfailed\n--b\nContent-Type: text/plain\n\n{letter}"
            ),
            true,
        ),
        // Of what is quoted, only the fields that stand alone are taken.
        (format!("Content-Type: text/plain\n\nfailed\n{quoted}"), false),
    ] {
        let traces =
            read_mail(&format!("From: MAILER-DAEMON@mx.example\nSubject: failure notice\n{form}")).traces;
        assert_eq!(traces.message_ids, ["m@news.example"], "{form}");
        assert_eq!(traces.return_paths.first().map(String::as_str), found.then_some("bounce-r1"), "{form}");
    }
}

#[test]
fn lists_of_traces_are_short() {
    let many: String =
        (0..1000).map(|number| format!("Delivered-To: bounce-{number}@news.example\n")).collect();
    assert_eq!(read_mail(&format!("{many}\n")).traces.return_paths.len(), 16);
}
