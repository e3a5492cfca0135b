//! Whatever bytes come, reading ends soon and says something within bounds.

use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::dsn;
use crate::domain::bounce::Report;
use crate::mail::report::{MOST, read};

/// How long one message may take here: a build without optimisation, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

/// Reads, and holds the report to the bounds that it promises.
fn bounded(mail: &[u8]) -> Report {
    let begun = Instant::now();
    let report = read(mail, Some("bounce-x@news.example"));
    assert!(begun.elapsed() < PATIENCE, "{:?} for {} bytes", begun.elapsed(), mail.len());
    assert!(report.recipients.len() <= 100 && report.evidence.len() <= 50);
    let traces = &report.traces;
    for list in [&traces.return_paths, &traces.unsubscribe, &traces.envelope_ids, &traces.message_ids] {
        assert!(list.len() <= 16);
    }
    assert!(report.diagnostic.iter().all(|said| said.chars().count() <= 1000));
    assert!(report.evidence.iter().all(|seen| seen.text.chars().count() <= 200));
    report
}

/// Mails to be spoilt.
fn seeds() -> Vec<String> {
    vec![
        dsn("Original-Recipient: rfc822;a@example.org\nFinal-Recipient: rfc822;a@example.org\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 no\n", "Message-ID: <1@a>\nTo: a@example.org\n"),
        "From: MAILER-DAEMON@a\nSubject: =?utf-8?Q?failure_=C3=A9?=\nContent-Type: text/html; charset=iso-2022-jp\nContent-Transfer-Encoding: quoted-printable\n\n<p>&lt;a@example.org&gt;: 550=20User<br>unknown\n---Below this line is a copy of the message.\nReceived: x\n".to_owned(),
        "From: a\nContent-Type: multipart/report; boundary=b\n\n--b\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\nVersion: 1\n--b\nContent-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\nUmVjZWl2ZWQ6IHgK\n--b--\n".to_owned(),
    ]
}

#[derive(Clone, Debug)]
enum Harm {
    Flip(usize, u8),
    Cut(usize, usize),
    Splice(usize, usize, usize),
    Repeat(usize, usize),
}

fn harms() -> impl Strategy<Value = Vec<Harm>> {
    let one = prop_oneof![
        (any::<usize>(), any::<u8>()).prop_map(|(at, byte)| Harm::Flip(at, byte)),
        (any::<usize>(), 0..200_usize).prop_map(|(at, length)| Harm::Cut(at, length)),
        (any::<usize>(), any::<usize>(), 0..300_usize)
            .prop_map(|(from, to, length)| Harm::Splice(from, to, length)),
        (any::<usize>(), 1..200_usize).prop_map(|(at, times)| Harm::Repeat(at, times)),
    ];
    proptest::collection::vec(one, 1..12)
}

fn spoil(mail: &mut Vec<u8>, harm: &Harm) {
    let length = mail.len().max(1);
    match *harm {
        Harm::Flip(at, byte) => {
            if let Some(place) = mail.get_mut(at % length) {
                *place = byte;
            }
        }
        Harm::Cut(at, cut) => {
            let from = (at % length).min(mail.len());
            let to = (from + cut).min(mail.len());
            mail.drain(from..to);
        }
        Harm::Splice(from, to, some) => {
            let from = (from % length).min(mail.len());
            let piece = mail[from..(from + some).min(mail.len())].to_vec();
            let to = (to % length).min(mail.len());
            mail.splice(to..to, piece);
        }
        Harm::Repeat(at, times) => {
            let at = (at % length).min(mail.len());
            let from = mail[..at].iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
            let to = mail[at..].iter().position(|byte| *byte == b'\n').map_or(mail.len(), |end| at + end + 1);
            let line = mail[from..to].repeat(times);
            mail.splice(from..from, line);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn spoilt_mail_is_read_within_bounds(seed in 0..3_usize, harms in harms()) {
        let mut mail = seeds().swap_remove(seed).into_bytes();
        for harm in &harms {
            spoil(&mut mail, harm);
        }
        bounded(&mail);
    }

    #[test]
    fn any_bytes_are_read_within_bounds(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
        bounded(&bytes);
    }
}

#[test]
fn mail_that_is_made_to_last() {
    let head = "From: MAILER-DAEMON@a\nSubject: failure notice\n";
    let deep: String = (0..500)
        .map(|level| format!("Content-Type: multipart/mixed; boundary=\"b{level}\"\n\n--b{level}\n"))
        .collect();
    let address = "nina@example.org ";
    for mail in [
        format!("{head}{deep}"),
        format!("{head}Content-Type: multipart/mixed; boundary=b\n\n{}", "--b\n\nx\n".repeat(100_000)),
        format!("{head}\n{}", address.repeat(60_000)),
        format!("{head}\n{}", "<a@example.org>: 550 5.1.1 user unknown\n".repeat(20_000)),
        format!("{head}\n{}", "a@".repeat(500_000)),
        format!("{head}\n{}", "<".repeat(1_000_000)),
        format!("{head}Content-Type: text/html\n\n{}", "<style>".repeat(140_000)),
        format!("{head}Content-Type: text/html\n\n{}", "</".repeat(500_000)),
        format!("{head}\n{}", "Received: x\n".repeat(80_000)),
        format!("{head}\n{}", "original message follows\n\n".repeat(40_000)),
        format!("{head}\n{}", "To: a@example.org\n\n".repeat(50_000)),
        format!("{head}\n{}", ">>> DATA\n<<< 550 5.0.0 no\n".repeat(40_000)),
        format!("{head}\n{}", "5.1.1 ".repeat(170_000)),
        format!("{head}\n{}", "550 ".repeat(250_000)),
        format!("{head}\n{}", "user unknown ".repeat(80_000)),
        format!("Subject: {}\n\n", "=?utf-8?Q?=".repeat(90_000)),
        format!("Subject: {}\n\n", "=?".repeat(400_000)),
        format!("Subject: x\n{}", " folded\n".repeat(100_000)),
        format!("{}\n", "X-A: b@c.d\n".repeat(90_000)),
        format!("From a 2026\n{}", "From x Thu Apr 29 23:34:45 2026\nA: b\n\n".repeat(25_000)),
        dsn(&"Final-Recipient: rfc822;a@example.org\nAction: failed\nStatus: 5.1.1\n\n".repeat(12_000), ""),
        dsn(
            &(0..8_000)
                .map(|number| format!("Final-Recipient: rfc822;a{number}@example.org\nAction: failed\n\n"))
                .collect::<String>(),
            "",
        ),
        dsn(&"Diagnostic-Code: smtp; x\n".repeat(30_000), ""),
        dsn(
            &format!("Final-Recipient: rfc822;a@example.org\nDiagnostic-Code: {}\n", " y\n".repeat(200_000)),
            "",
        ),
        "\u{feff}\u{0}".repeat(200_000),
        String::new(),
    ] {
        bounded(mail.as_bytes());
    }
    bounded(&vec![0xff; MOST * 3]);
}

#[test]
fn what_stands_beyond_the_most_is_not_looked_at() {
    let mut mail = format!("From: a@example.org\nSubject: x\n\n{}", "x\n".repeat(MOST / 2)).into_bytes();
    mail.extend_from_slice(
        dsn("Final-Recipient: rfc822;a@example.org\nAction: failed\nStatus: 5.1.1\n", "").as_bytes(),
    );
    assert!(bounded(&mail).recipients.is_empty());
}
