//! The cases that are kept beside the project: headers that stand in the returned part alone (c34), and
//! vacation replies and questions (c36).

use newsletterd::mail::intake::Kept;

use super::Sent;
use crate::support::shared::shared;

const C34: &str = "cases/c34-returned-headers-only";
const C36: &str = "cases/c36-away-from-desk";

const READERS: [&str; 3] = ["nina.berg@example.org", "tom.aas@example.net", "ines.wolf@example.org"];

/// A mail of a case, filled in for a reader.
async fn filled_in(sent: &Sent, file: &str, reader: &str) -> Option<Vec<u8>> {
    let text = String::from_utf8(shared(file)?).unwrap();
    let unsubscribe = sent.header(reader, "List-Unsubscribe");
    let url = unsubscribe.split(['<', '>']).find(|part| part.starts_with("https:")).unwrap();
    let text = text
        .replace("@@ENVELOPE_FROM@@", &sent.return_path(reader).await)
        .replace("@@MESSAGE_ID@@", &sent.header(reader, "Message-ID"))
        .replace("@@RECIPIENT@@", reader)
        .replace("@@UNSUBSCRIBE_URL@@", url);
    assert!(!text.contains("@@"), "{text}");
    Some(text.into_bytes())
}

#[tokio::test]
async fn c34_what_leads_to_the_letter_stands_in_the_returned_part_alone() {
    let sent = Sent::to(&READERS).await;
    let files = ["headers-only", "whole-message", "no-original"];
    for (file, reader) in files.into_iter().zip(READERS) {
        let file = format!("{C34}/{file}.eml");
        let Some(mail) = filled_in(&sent, &file, reader).await else { return };
        // The same notice twice counts once.
        for _ in 0..2 {
            assert_eq!(sent.comes_in(&mail).await, Kept::Report, "{file}");
        }
    }
    let expected = READERS.map(|reader| format!("{reader}: bounced suppressed hard, active"));
    let mut expected = expected.to_vec();
    expected.sort();
    assert_eq!(sent.readers().await, expected);
    let reports = sent.reports().await;
    assert_eq!(reports.len(), 3);
    assert!(
        reports.iter().all(|line| line.contains(": hard user_unknown 5.1.1 ") && line.ends_with(" 1")),
        "{reports:?}"
    );
    // What the server said is kept.
    let said =
        super::lines(&sent.test.engine, "SELECT COALESCE(diagnostic, '-') FROM reports ORDER BY id").await;
    assert!(
        said[0].contains("550 5.1.1 mailbox unavailable") && said[1].contains("550 5.1.1 User unknown"),
        "{said:?}"
    );
    // One that leads nowhere is kept as well.
    let stray = String::from_utf8(shared(&format!("{C34}/no-original.eml")).unwrap())
        .unwrap()
        .replace("ines.wolf", "somebody.else");
    assert_eq!(sent.comes_in(stray).await, Kept::Report);
    let nobodys = "nobody: hard user_unknown 5.1.1 none unattributed 0";
    assert!(sent.reports().await.iter().any(|line| line == nobodys), "{:?}", sent.reports().await);
}

#[tokio::test]
async fn c36_vacation_replies_and_questions_cost_no_reader() {
    let sent = Sent::to(&READERS).await;
    let before = sent.readers().await;
    for (file, reader, expected) in [
        ("vacation.eml", READERS[0], Kept::Report),
        ("vacation-unmarked.eml", READERS[1], Kept::Report),
        ("question.eml", READERS[2], Kept::ForPeople),
    ] {
        let Some(mail) = filled_in(&sent, &format!("{C36}/{file}"), reader).await else { return };
        assert_eq!(sent.comes_in(&mail).await, expected, "{file}");
    }
    assert_eq!(sent.readers().await, before);
    assert!(before.iter().all(|line| line.ends_with(": accepted, active")), "{before:?}");
    let reports = sent.reports().await;
    assert_eq!(reports.iter().filter(|line| line.contains(": autoreply ")).count(), 2, "{reports:?}");
    assert!(reports.iter().all(|line| line.ends_with(" 0")), "{reports:?}");
}
