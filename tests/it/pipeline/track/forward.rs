//! What people write to a return path is handed on to a person, or kept.

use newsletterd::pipeline::outbox;

use super::*;

const QUESTION: &str = "From nina Tue Nov 24\nFrom: Nina <nina@example.org>\nTo: x@bounces.example.org\n\
    Subject: =?utf-8?q?Fr=C3=A4ge?=\nMessage-ID: <q1@example.org>\n\nWhen is the vote?\n.\nNina\n";

async fn writes(test: &TestEngine) {
    let content = Content::Mail(QUESTION.as_bytes().to_vec());
    let incoming = Incoming { intake: Intake::Listener, came_to: None, content };
    let kept = Inbox::new(&test.engine).keep(incoming).await.unwrap();
    assert_eq!(kept, newsletterd::mail::intake::Kept::ForPeople);
    assert_eq!(track::tick(&test.engine).await.unwrap(), 1);
    outbox::send_due(&test.engine).await.unwrap();
}

#[tokio::test]
async fn what_people_write_is_handed_on_as_it_came() {
    let with =
        |base: String| base.replace("return_path = ", "forward_to = \"desk@example.org\"\nreturn_path = ");
    let room = Newsroom::with(with).await;
    for test in &room.engines {
        writes(test).await;
        let letters = room.letters();
        assert_eq!(letters.iter().map(|letter| letter.to.as_str()).collect::<Vec<_>>(), ["desk@example.org"]);
        let raw = String::from_utf8(letters[0].raw.clone()).unwrap();
        assert!(raw.starts_with("Resent-From: postmaster@bounces.example.org\r\n"), "{raw}");
        assert!(raw.ends_with(&QUESTION.split_once('\n').unwrap().1.replace('\n', "\r\n")), "{raw}");
    }
}

#[tokio::test]
async fn without_such_a_person_it_is_kept() {
    let room = Newsroom::open("", "", "").await;
    for test in &room.engines {
        writes(test).await;
        assert!(room.letters().is_empty());
        let mut tx = test.engine.db.read().await.unwrap();
        assert_eq!(text(&mut tx, "SELECT kind FROM reports WHERE raw IS NOT NULL").await, "not-a-bounce");
    }
}
