//! Mails that are no edition.

use super::*;

fn mail(html: Option<&str>) -> SingleMail {
    SingleMail {
        from: Mailbox::parse("The Example Post <news@example.org>").unwrap(),
        reply_to: None,
        to: Mailbox::parse("\"Ops, night\" <ops@example.org>").unwrap(),
        subject: "Edition held – too little in it".to_owned(),
        text: "Only 1 story.\n".to_owned(),
        html: html.map(str::to_owned),
        message_id: "mail-3@example.org".to_owned(),
        date: date(),
    }
}

#[test]
fn without_html_it_is_one_plain_part() {
    let raw = single(&mail(None)).unwrap();
    let expected = "From: The Example Post <news@example.org>\r\n\
        Subject: =?utf-8?Q?Edition_held_=E2=80=93_too_little_in_it?=\r\n\
        To: \"Ops, night\" <ops@example.org>\r\n\
        Date: Tue, 24 Nov 2026 07:00:00 +0400\r\n\
        Message-ID: <mail-3@example.org>\r\n\
        Auto-Submitted: auto-generated\r\n\
        MIME-Version: 1.0\r\n\
        Content-Type: text/plain; charset=utf-8\r\n\
        Content-Transfer-Encoding: quoted-printable\r\n\r\n\
        Only 1 story.\r\n";
    assert_eq!(String::from_utf8(raw).unwrap(), expected);
}

#[test]
fn with_html_it_has_both_forms() {
    let raw = single(&mail(Some("<p>Only 1 story.</p>"))).unwrap();
    let (subject, text, html) = read(&raw);
    assert_eq!(subject, "Edition held – too little in it");
    assert_eq!((text.as_str(), html.as_str()), ("Only 1 story.\n", "<p>Only 1 story.</p>"));
}

#[test]
fn an_unfit_message_id_is_refused() {
    for id in ["", "left", "@right", "left@", "a@b@c", "a b@c", "a@b>\r\nBcc: x"] {
        let unfit = SingleMail { message_id: id.to_owned(), ..mail(None) };
        assert_eq!(single(&unfit), Err(LetterError::MessageId), "{id}");
    }
}
