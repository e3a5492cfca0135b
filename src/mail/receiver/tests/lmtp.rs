//! LMTP (RFC 2033) at the same port: its greeting, and an answer for each recipient.

use super::*;

#[tokio::test]
async fn each_recipient_has_an_answer() {
    let running = start(Limits::default()).await;
    let said = b"LHLO mx.example\r\nMAIL FROM:<>\r\nRCPT TO:<ana@example.org>\r\nRCPT TO:<nobody@example.org>\r\n\
        RCPT TO:<spam@example.org>\r\nRCPT TO:<later@example.org>\r\nRCPT TO:<bo@example.org>\r\nDATA\r\n\
        Subject: Report\r\n\r\nwhole\r\n.\r\nMAIL FROM:<a@b>\r\nRCPT TO:<postmaster>\r\nDATA\r\nnext\r\n.\r\nQUIT\r\n";
    let codes = running.codes(said).await;
    let (begun, refused, answers) =
        (["220", "250", "250"], ["250", "550", "250", "250", "250"], ["250", "554", "451", "250"]);
    let next = ["250", "250", "354", "250", "221"];
    assert_eq!(codes, [&begun[..], &refused, &["354"], &answers, &next].concat());
    let got: Vec<_> =
        running.messages().into_iter().map(|message| (message.rcpt_to, message.bytes)).collect();
    let whole = b"Subject: Report\r\n\r\nwhole\r\n".to_vec();
    let expected = [
        (vec!["ana@example.org".to_owned()], whole.clone()),
        (vec!["bo@example.org".to_owned()], whole),
        (vec!["postmaster".to_owned()], b"next\r\n".to_vec()),
    ];
    assert_eq!(got, expected);
}

#[tokio::test]
async fn a_conversation_is_of_one_kind() {
    for (said, expected) in [
        ("LHLO x\r\nEHLO x\r\nHELO x\r\nLHLO x\r\n", "250 500 500 250"),
        ("EHLO x\r\nLHLO x\r\nHELO x\r\n", "250 500 250"),
        ("HELO x\r\nLHLO x\r\n", "250 500"),
        // What was refused has changed nothing.
        ("LHLO x\r\nMAIL FROM:<>\r\nEHLO x\r\nRCPT TO:<a@b>\r\n", "250 250 500 250"),
        ("LHLO x\r\nMAIL FROM:<>\r\nLHLO x\r\nRCPT TO:<a@b>\r\n", "250 250 250 503"),
        // RFC 2033 4.2.
        ("LHLO x\r\nMAIL FROM:<>\r\nDATA\r\n", "250 250 503"),
        ("LHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<nobody@example.org>\r\nDATA\r\n", "250 250 550 503"),
    ] {
        let running = start(Limits::default()).await;
        let codes = running.codes(format!("{said}QUIT\r\n").as_bytes()).await;
        assert_eq!(codes.join(" "), format!("220 {expected} 221"), "{said}");
    }
}

#[tokio::test]
async fn what_is_too_big_is_refused_for_each() {
    let running = start(Limits { message_size: 1_000, ..Limits::default() }).await;
    let big = [
        b"LHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<a@b>\r\nRCPT TO:<b@b>\r\nDATA\r\n".as_slice(),
        &[b'x'; 3_000],
        b"\r\n.\r\nNOOP\r\nQUIT\r\n",
    ];
    let expected = ["220", "250", "250", "250", "250", "354", "552", "552", "250", "221"];
    assert_eq!(running.codes(&big.concat()).await, expected);
    assert!(running.messages().is_empty());
}
