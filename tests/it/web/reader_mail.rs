//! Mails to one reader, as they arrive: what all of them keep to, whatever they say.

use mailparse::MailHeaderMap;
use newsletterd::domain::address::EmailAddress;
use newsletterd::domain::language::Language;
use newsletterd::domain::token::TokenKeys;
use newsletterd::pipeline::{consent, outbox};

use super::Site;

/// A mail as one reader got it.
pub struct ReaderMail {
    /// The return path; `None` is `<>`.
    pub mail_from: Option<String>,
    /// The head, unfolded.
    pub head: String,
    pub subject: String,
    pub text: String,
    pub html: String,
    raw: Vec<u8>,
}

impl ReaderMail {
    /// The only link in it, as both forms have it.
    pub fn link(&self) -> String {
        let links: Vec<_> =
            self.html.split("href=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
        assert_eq!(links.len(), 1, "{}", self.html);
        let link = links[0].replace("&amp;", "&");
        let in_text: Vec<_> = self.text.lines().filter(|line| line.contains("://")).collect();
        assert_eq!(in_text, [&link], "{}", self.text);
        link
    }

    /// What every mail to a reader keeps to.
    pub fn assert_sound(&self, language: Language) {
        assert_eq!(self.mail_from, None, "the return path is null");
        for field in
            ["Auto-Submitted: auto-generated", "Content-Type: multipart/alternative", "MIME-Version: 1.0"]
        {
            assert!(self.head.contains(field), "{field}: {}", self.head);
        }
        // No way to leave is claimed where there is nothing to leave (case c40).
        assert!(!self.head.contains("List-Unsubscribe"), "{}", self.head);
        let tag = language.as_str();
        assert!(self.html.contains(&format!("<html lang=\"{tag}\" dir=\"ltr\"")), "{}", self.html);
        assert!(!self.html.contains("<img") && !self.html.contains("<script"), "{}", self.html);
        for form in [&self.text, &self.html] {
            assert!(
                form.contains("The Example Post") && form.contains("1 Example Street, Tbilisi"),
                "{form}"
            );
        }
        // As it travels: text before HTML, both in quoted-printable, in short lines of ASCII that end in
        // CRLF.
        let raw = std::str::from_utf8(&self.raw).unwrap();
        assert!(raw.is_ascii() && !raw.replace("\r\n", "").contains(['\r', '\n', '\0']), "{raw}");
        assert!(raw.lines().all(|line| line.len() <= 78), "{raw}");
        let place = |needle: &str| raw.find(needle).unwrap_or_else(|| panic!("{needle}: {raw}"));
        assert!(
            place("Content-Type: text/plain; charset=utf-8")
                < place("Content-Type: text/html; charset=utf-8")
        );
        assert_eq!(raw.matches("Content-Transfer-Encoding: quoted-printable").count(), 2);
    }
}

impl Site {
    /// Sends all that the outbox holds.
    pub(super) async fn send_mails(&self) {
        while outbox::send_due(&self.test.engine).await.unwrap() > 0 {}
    }

    /// The mails to `address` that are no letters, in order of arrival.
    pub(super) fn mails_to(&self, address: &str) -> Vec<ReaderMail> {
        let captured = self.mailbox.list().unwrap();
        let to_address = captured
            .iter()
            .filter(|one| one.envelope.rcpt_to == [address] && one.envelope.mail_from.is_none());
        to_address
            .map(|one| {
                let raw = self.mailbox.message(one.number).unwrap().unwrap();
                let mail = mailparse::parse_mail(&raw).unwrap();
                let body = |n: usize| mail.subparts[n].get_body().unwrap().replace("\r\n", "\n");
                let fields =
                    mail.headers.iter().map(|field| format!("{}: {}\n", field.get_key(), field.get_value()));
                ReaderMail {
                    mail_from: one.envelope.mail_from.clone(),
                    head: fields.collect(),
                    subject: mail.headers.get_first_value("Subject").unwrap(),
                    text: body(0),
                    html: body(1),
                    raw: raw.clone(),
                }
            })
            .collect()
    }

    /// Asks `address` to confirm `readers`, and gives the link in the mail that came.
    pub(super) async fn ask_to_confirm(&self, address: &str) -> String {
        let before = self.mails_to(address).len();
        let parsed = EmailAddress::parse(address).unwrap();
        let asked = consent::ask(&self.test.engine, &parsed, None, None, "readers", "test").await.unwrap();
        assert_eq!(asked, consent::Asked::Now);
        self.send_mails().await;
        let mails = self.mails_to(address);
        assert_eq!(mails.len(), before + 1);
        mails[before].link()
    }
}

/// No token of a reader stands in the outbox: links are made when a mail is sent.
pub async fn assert_no_token_is_stored(site: &Site, keys: &TokenKeys, link: &str) {
    use newsletterd::store::Tx;
    const SELECT: &str = "SELECT recipient || CAST(params AS TEXT) || dedupe_key FROM mails";
    let mut tx = site.test.engine.db.read().await.unwrap();
    let rows: Vec<String> = match &mut tx {
        Tx::Sqlite(tx) => sqlx::query_scalar(SELECT).fetch_all(&mut **tx).await.unwrap(),
        Tx::Postgres(tx) => sqlx::query_scalar(SELECT).fetch_all(&mut **tx).await.unwrap(),
    };
    let token = link.rsplit('/').next().unwrap();
    assert!(keys.read_confirm(token).is_ok());
    assert!(
        !rows.is_empty() && rows.iter().all(|row| !row.contains(token) && !row.contains('@')),
        "{rows:?}"
    );
}
