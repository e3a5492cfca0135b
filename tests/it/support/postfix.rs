//! The Postfix and Dovecot of `tests/servers/mail`, whose head says what becomes of which address.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use super::maildir::Maildir;
use super::provided;

/// The mail server of this run, and a domain on it that only one test uses.
pub struct MailServer {
    /// Where it takes mail: host and port.
    pub smtp: String,
    /// Where the mailboxes are read by IMAP: host and port.
    pub imap: String,
    /// Where the mailboxes are read by POP3: host and port.
    pub pop3: String,
    /// The same under TLS: host and port.
    pub imaps: String,
    /// The same under TLS: host and port.
    pub pop3s: String,
    /// The certificate to trust for TLS.
    pub ca: PathBuf,
    /// A domain whose every address (but the few with a fate of their own) is a mailbox.
    pub domain: String,
    /// Where the programs lie that it pipes to.
    pub pipes: PathBuf,
    mailboxes: PathBuf,
}

/// The mail server of `tests/run`; `None` where there is none (outside of continuous integration).
pub fn mail_server() -> Option<MailServer> {
    static COUNTER: AtomicU32 = AtomicU32::new(0);
    let what = "mail server";
    let mailboxes = PathBuf::from(provided("NEWSLETTERD_TEST_MAILDIR", what)?);
    let number = COUNTER.fetch_add(1, Ordering::Relaxed);
    Some(MailServer {
        smtp: provided("NEWSLETTERD_TEST_SMTP", what)?,
        imap: provided("NEWSLETTERD_TEST_IMAP", what)?,
        pop3: provided("NEWSLETTERD_TEST_POP3", what)?,
        imaps: provided("NEWSLETTERD_TEST_IMAPS", what)?,
        pop3s: provided("NEWSLETTERD_TEST_POP3S", what)?,
        ca: provided("NEWSLETTERD_TEST_MAIL_CA", what)?.into(),
        domain: format!("t{}-{number}.reader.test", std::process::id()),
        pipes: mailboxes.with_file_name("pipe"),
        mailboxes,
    })
}

impl MailServer {
    /// The mails that came for addresses of this test's domain.
    pub fn inbox(&self) -> Maildir {
        Maildir::of_domain(self.mailboxes.join("readers"), &self.domain)
    }

    /// The Maildir of a mailbox.
    pub fn mailbox(&self, name: &str) -> PathBuf {
        self.mailboxes.join(name)
    }

    /// The reports that came back to `return_path`, an address of `bounces.news.test`: what
    /// stands before a `+` in it is `bounces`, what follows is the test's.
    pub fn reports_to(&self, return_path: &str) -> Maildir {
        Maildir::of_address(self.mailboxes.join("bounces"), return_path)
    }
}
