//! Automatic answers, challenges, those who leave by mail, and people.

use super::read_mail;
use crate::domain::bounce::ReportKind;
use crate::mail::report::read;

#[test]
fn automatic_answers_of_many_readers() {
    for header in [
        "Subject: hello\nAuto-Submitted: auto-replied",
        "Subject: hello\nAuto-Submitted: auto-replied (vacation)",
        "Subject: hello\nX-Autoreply: yes",
        "Subject: hello\nPrecedence: auto_reply",
        "Subject: Automatic reply: news\nAuto-Submitted: auto-generated",
        "Subject: Out of Office: news",
        "Subject: Abwesenheitsnotiz: Nachrichten",
        "Subject: =?utf-8?Q?R=C3=A9ponse_automatique?= : news",
        "Subject: Risposta automatica: news",
        "Subject: Re: Respuesta automática: news",
        "Subject: Автоответ: news",
        "Subject: 自動返信: news",
        "Subject: ავტომატური პასუხი",
        "Subject: Ավտոմատ պատասխան",
        "Subject: Avtomatik cavab: news",
        "Subject: On holiday until Monday\nPrecedence: junk",
        "Subject: Urlaub\nPrecedence: bulk",
    ] {
        let report = read_mail(&format!(
            "From: Nina <nina@example.org>\nTo: bounce-abc@news.example\n{header}\n\nBack soon.\n"
        ));
        assert_eq!(report.kind, ReportKind::Autoreply, "{header}");
        assert_eq!(report.recipients[0].address, "nina@example.org");
    }
}

#[test]
fn a_receipt_is_an_automatic_answer() {
    let report = read_mail(
        "From: nina@example.org\nSubject: Read: news\nContent-Type: multipart/report; \
         report-type=disposition-notification; boundary=b\n\n--b\n\nRead.\n--b\n\
         Content-Type: message/disposition-notification\n\nFinal-Recipient: rfc822;nina@example.org\n\
         Disposition: manual-action/MDN-sent-manually; displayed\n--b--\n",
    );
    assert_eq!((report.kind, report.rule.0.as_str()), (ReportKind::Autoreply, "receipt"));
}

#[test]
fn what_people_write_is_no_report() {
    for mail in [
        "From: nina@example.org\nSubject: Re: news\nIn-Reply-To: <1@news.example>\n\nIs it true that 550 people came? My mailbox is full.\n",
        "From: nina@example.org\nSubject: My holiday\n\nI was on vacation and could not read your letter.\n",
        "From: nina@example.org\nSubject: Fwd: Undelivered Mail Returned to Sender\nIn-Reply-To: <1@news.example>\n\nWhat is this?\n\n\
         > <tom@example.org>: host mx.example.org said: 550 5.1.1 User unknown\n> Final-Recipient: rfc822;tom@example.org\n> Action: failed\n> Status: 5.1.1\n",
        "From: nina@example.org\nSubject: Re: news\nIn-Reply-To: <1@news.example>\n\nI got this:\nFinal-Recipient: rfc822;tom@example.org\nAction: failed\nStatus: 5.1.1\n",
        "From: nina@example.org\nSubject: An away day\n\nCome to our away day!\n",
    ] {
        let report = read_mail(mail);
        assert_eq!(report.kind, ReportKind::NotABounce, "{mail}");
        assert_eq!(report.rule.0, "ordinary");
    }
}

#[test]
fn a_challenge_is_for_a_person() {
    let report = read_mail(
        "From: nina@example.org\nAuto-Submitted: auto-replied\nSubject: Please confirm your message\n\nClick to be added to my approved senders list.\n",
    );
    assert_eq!((report.kind, report.rule.0.as_str()), (ReportKind::NotABounce, "challenge"));
}

#[test]
fn who_leaves_by_mail() {
    let plain = "From: nina@example.org\nTo: <unsubscribe+tok-en_1@news.example>\nSubject: unsubscribe\n\n";
    let apple = "From: nina@example.org\nTo: <unsubscribe-tok-en_1@news.example>\nSubject: unsubscribe\n\
                 Auto-Submitted: auto-replied\nX-Apple-Unsubscribe: true\n\nApple Mail sent this.\n";
    for mail in [plain, apple] {
        let report = read_mail(mail);
        assert_eq!((report.kind, report.rule.0.as_str()), (ReportKind::Unsubscribe, "unsubscribe"));
        assert_eq!(report.traces.unsubscribe, ["tok-en_1"]);
    }
    let elsewhere = "From: nina@example.org\nTo: letters@news.example\nSubject: x\n\n";
    let report = read(elsewhere.as_bytes(), Some("unsubscribe+abc@news.example"));
    assert_eq!((report.kind, report.traces.unsubscribe), (ReportKind::Unsubscribe, vec!["abc".to_owned()]));
}

#[test]
fn who_is_away_does_not_leave() {
    let away = "From: nina@example.org\nTo: <unsubscribe+abc@news.example>\nSubject: x\nAuto-Submitted: auto-replied\n\nAway.\n";
    assert_eq!(read_mail(away).kind, ReportKind::Autoreply);
    let bounce = super::dsn("Final-Recipient: rfc822;nina@example.org\nAction: failed\nStatus: 5.1.1\n", "");
    assert_eq!(read(bounce.as_bytes(), Some("unsubscribe+abc@news.example")).kind, ReportKind::Hard);
}
