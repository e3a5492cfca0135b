//! Mailboxes in which reports arrive.

use super::super::{Done, MailProtocol, Security};
use super::{SMALL, problems, read, with};

const RETURN_PATH: &str = "return_path = \"bounces.example.org\"";

const IMAP: &str = "url = \"imaps://b@mail.example.org/Reports\"";

/// The small configuration with a mailbox that has these keys.
fn mailbox(keys: &str) -> String {
    let section = "[[bounces.mailboxes]]\nname = \"reports\"\npassword_file = \"reports.password\"";
    with(RETURN_PATH, &format!("{RETURN_PATH}\n{section}\n{keys}"))
}

#[test]
fn a_mailbox_that_says_little_has_its_defaults() {
    assert!(read(SMALL, &[]).unwrap().bounces.mailboxes.is_empty());
    let config = read(&mailbox(IMAP), &[]).unwrap();
    let found = &config.bounces.mailboxes[0];
    assert_eq!((found.every.seconds(), &found.done), (60, &Done::Delete));
    assert_eq!((found.url.folder(), found.aside.as_str()), ("Reports", "Newsletterd aside"));
    assert!(found.ca_file.is_none());

    let text = mailbox(
        "url = \"imap+starttls://b@mail.example.org\"\nevery = \"10m\"\ndone = \"Read\"\naside = \"For people\"",
    );
    let config = read(&text, &[("NEWSLETTERD__BOUNCES__MAILBOXES__0__EVERY", "30s")]).unwrap();
    let found = &config.bounces.mailboxes[0];
    assert_eq!((found.url.protocol, found.url.security), (MailProtocol::Imap, Security::StartTls));
    assert!(matches!(&found.done, Done::MoveTo(folder) if folder.as_str() == "Read"));
    assert_eq!((found.every.seconds(), found.aside.as_str()), (30, "For people"));
}

#[test]
fn a_password_crosses_no_network_unencrypted() {
    for url in ["imap://b@127.0.0.1", "imap://b@localhost:1143", "pop3://b@[::1]"] {
        read(&mailbox(&format!("url = \"{url}\"")), &[]).unwrap_or_else(|why| panic!("{url}: {why}"));
    }
    for (url, expected) in [
        (
            "imap://b@mail.example.org",
            "would send the password unencrypted; imaps:// or imap+starttls:// is wanted",
        ),
        ("pop3://b@192.0.2.1", "would send the password unencrypted; pop3s:// or pop3+starttls:// is wanted"),
    ] {
        let found = problems(&mailbox(&format!("url = \"{url}\"")));
        assert!(found.contains("bounces.mailboxes[0].url: ") && found.contains(expected), "{found}");
    }
}

#[test]
fn what_cannot_be_is_refused_with_what_would_be_right() {
    let with_keys = |keys: &str| mailbox(&format!("{IMAP}\n{keys}"));
    let pop3 = |keys: &str| mailbox(&format!("url = \"pop3s://b@mail.example.org\"\n{keys}"));
    let missing = |key: &str| mailbox(IMAP).replace(key, "# ");
    for (text, expected) in [
        (missing("name = \"reports\""), "mailboxes[0].name: is missing"),
        (missing("password_file = "), "mailboxes[0].password_file: is missing: a file name is wanted"),
        (mailbox(""), "mailboxes[0].url: is missing: a mailbox such as"),
        (mailbox("url = 5"), "mailboxes[0].url: is a number; a mailbox such as"),
        (mailbox("url = \"imaps://b:geheim@h.test\""), "url: has a password in it; put it into a file"),
        (mailbox("url = \"imap2://b@h.test\""), "\"imap2\" is no scheme for a mailbox"),
        (mailbox("url = \"pop3s://b@h.test/Reports\""), "POP3 has none; read it by IMAP"),
        (with_keys("every = \"0s\""), "mailboxes[0].every: must be longer than 0s"),
        (with_keys("done = \"\""), "mailboxes[0].done: \"\" is not the name of a folder"),
        (with_keys("done = \"reports\""), "mailboxes[0].done: names the folder that is read"),
        (with_keys("aside = \"Reports\""), "mailboxes[0].aside: names the folder that is read"),
        (with_keys("aside = \"a*\""), "mailboxes[0].aside: \"a*\" is not the name of a folder"),
        (with_keys("ca_file = \"\""), "mailboxes[0].ca_file: is empty"),
        (with_keys("passwordfile = \"x\""), "unknown key; did you mean \"password_file\"?"),
        (pop3("done = \"Read\""), "mailboxes[0].done: names a folder, and POP3 has none"),
        (
            with_keys(&format!("[[bounces.mailboxes]]\nname = \"reports\"\npassword_file = \"x\"\n{IMAP}")),
            "bounces.mailboxes[1].name: \"reports\" is the name of bounces.mailboxes[0] already",
        ),
    ] {
        let found = problems(&text);
        assert!(found.contains(expected), "{expected}\nin\n{found}");
        assert!(!found.contains("geheim"), "{found}");
    }
}
