//! Reports of those who mean us no good, or whose programs are broken: kept and shown, and harmless.

use std::time::{Duration, Instant};

use newsletterd::mail::intake::Kept;

use super::{Sent, report};

const ANA: &str = "ana@example.org";
const BO: &str = "bo@example.org";

async fn sent() -> Sent {
    Sent::to(&[ANA, BO, "cy@example.org"]).await
}

fn hard(path: &str, reader: &str) -> String {
    report(path, reader, "failed", "5.1.1", "550 5.1.1 no such user")
}

/// Nobody is worse off than before.
async fn harmless(sent: &Sent, what: &str) {
    let readers = sent.readers().await;
    assert!(readers.iter().all(|line| line.ends_with(": accepted, active")), "{what}: {readers:?}");
    let reports = sent.reports().await;
    assert!(!reports.is_empty() && reports.iter().all(|line| line.ends_with(" 0")), "{what}: {reports:?}");
}

#[tokio::test]
async fn a_forged_report_changes_nothing() {
    let sent = sent().await;
    let path = sent.return_path(ANA).await;
    let (local, domain) = path.split_once('@').unwrap();
    // One letter of the signature, another token's end, none at all.
    let last = if local.ends_with('a') { 'b' } else { 'a' };
    let other = sent.return_path(BO).await;
    let spliced =
        format!("{}{}", &local[..local.len() / 2], &other.split_once('@').unwrap().0[local.len() / 2..]);
    let cut = &local[..local.len() - 1];
    for forged in [format!("{cut}{last}"), spliced, cut.to_owned(), "bounce-".to_owned(), "x".to_owned()] {
        let mail = hard(&format!("{forged}@{domain}"), ANA);
        assert_eq!(sent.comes_in(mail).await, Kept::Report, "{forged}");
    }
    harmless(&sent, "forged").await;
}

#[tokio::test]
async fn a_borrowed_token_touches_nobody_but_its_owner() {
    let sent = sent().await;
    let path = sent.return_path(ANA).await;
    // Who has a token of their own speaks of others; also beside themselves.
    sent.comes_in(hard(&path, BO)).await;
    harmless(&sent, "borrowed").await;
    let several = hard(&path, ANA).replace(
        "Final-Recipient: rfc822; ana@example.org",
        "Final-Recipient: rfc822; bo@example.org\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n\
         Final-Recipient: rfc822; ana@example.org",
    );
    sent.comes_in(several).await;
    let readers = sent.readers().await;
    assert!(readers[0].starts_with("ana@example.org: bounced suppressed hard"), "{readers:?}");
    assert!(readers[1..].iter().all(|line| line.ends_with(": accepted, active")), "{readers:?}");
}

#[tokio::test]
async fn a_replayed_report_counts_once() {
    let sent = sent().await;
    let path = sent.return_path(ANA).await;
    let full = report(&path, ANA, "failed", "5.2.2", "552 5.2.2 mailbox full");
    // As it was, with other line ends, with more on its way, and with another Message-ID.
    for mail in [
        full.clone(),
        full.clone(),
        full.replace("\r\n", "\n"),
        format!("Received: from a by b; Tue, 24 Nov 2026 04:00:00 +0000\r\n{full}"),
        full.replace("Message-ID: <", "Message-ID: <again."),
    ] {
        assert_eq!(sent.comes_in(mail).await, Kept::Report);
    }
    let readers = sent.readers().await;
    assert_eq!(readers[0], "ana@example.org: rejected score 1000, active");
    let reports = sent.reports().await;
    assert_eq!(reports.len(), 3, "{reports:?}");
    assert_eq!(reports.iter().filter(|line| line.ends_with(" 1")).count(), 1, "{reports:?}");
}

/// What is large, deep or without end is looked at for a while, and kept.
#[tokio::test]
async fn oversized_and_endless_reports_are_survived() {
    let sent = sent().await;
    let path = sent.return_path(ANA).await;
    let about = hard(&path, ANA);
    let returned = format!("Subject: Today in Example\r\n\r\n{}", "Long. ".repeat(1 << 20));
    let large = about.replace("Subject: Today in Example\r\n", &returned);
    let nested =
        (0..500).map(|n| format!("Content-Type: multipart/mixed; boundary=\"n{n}\"\r\n\r\n--n{n}\r\n"));
    let parts = "--b0\r\nContent-Type: message/delivery-status\r\n\r\n".repeat(20_000);
    let folded = format!("Subject: a\r\n{}", "\tb\r\n".repeat(200_000));
    for (what, mail) in [
        ("one line", format!("From: a@example.org\r\nSubject: {}", "x".repeat(2 << 20))),
        ("one field of many lines", folded),
        ("many fields", "X-A: b\r\n".repeat(200_000)),
        ("many parts", format!("{}{parts}", &about[..about.find("--b0").unwrap()])),
        ("deep parts", nested.collect()),
        ("no end", about[..about.len() / 2].to_owned()),
        ("nothing", String::new()),
        ("line ends", "\r\n".repeat(100_000)),
        ("zeros", "\0".repeat(1 << 20)),
    ] {
        let started = Instant::now();
        sent.comes_in(&mail).await;
        assert!(started.elapsed() < Duration::from_secs(10), "{what}: {:?}", started.elapsed());
    }
    // What it was about stands before what is too much.
    assert_eq!(sent.comes_in(large).await, Kept::Report);
    let readers = sent.readers().await;
    assert!(readers[0].starts_with("ana@example.org: bounced suppressed hard"), "{readers:?}");
    assert!(readers[1..].iter().all(|line| line.ends_with(": accepted, active")), "{readers:?}");
}

#[tokio::test]
async fn reports_beyond_ascii_are_understood() {
    let sent = Sent::to(&["დავითი@example.org", "jörg@bücher.example", "cy@example.org"]).await;
    let global = |mail: String| {
        mail.replace("message/delivery-status", "message/global-delivery-status").replace("rfc822;", "utf-8;")
    };
    let path = sent.return_path("დავითი@example.org").await;
    let david = global(report(&path, "დავითი@example.org", "failed", "5.1.1", "550 5.1.1 უცნობია"));
    sent.comes_in(david).await;
    let path = sent.return_path("jörg@bücher.example").await;
    let joerg = global(report(&path, "jörg@xn--bcher-kva.example", "failed", "5.1.1", "550 Unbekannt: jörg"));
    // In an old encoding, which is no UTF-8.
    let joerg: Vec<u8> = joerg.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    sent.comes_in(joerg).await;
    let readers = sent.readers().await;
    let hard = readers.iter().filter(|line| line.contains(": bounced suppressed hard, active")).count();
    assert_eq!(hard, 2, "{readers:?}\n{:?}", sent.reports().await);
}
