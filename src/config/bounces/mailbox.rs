//! Mailboxes that are read by IMAP or POP3.

use std::fmt;
use std::path::PathBuf;

use crate::config::section::section;
use crate::config::settings::longer_than_nothing;
use crate::config::values::server::{self, Server};
use crate::config::values::{HostName, Name, Security, TimeSpan, Word, quoted};
use crate::domain::words::words;

section! {
    /// A mailbox in which reports arrive. A mail leaves it only when what it says is safe in the
    /// database; what is for people, unreadable or too large is put aside and never deleted.
    pub struct Mailbox check elsewhere(url, done, aside) {
        /// What messages call it.
        name: Name,
        /// `SCHEME://USER@HOST[:PORT][/FOLDER]`. Schemes: `imaps`, `pop3s` (TLS from the start),
        /// `imap+starttls`, `pop3+starttls` (nothing is said without STARTTLS), and `imap`, `pop3`
        /// (no encryption) to this machine only. The folder, percent-encoded, is IMAP's alone: the
        /// inbox when none is written. Ports when none is written: 993, 995, 143, 110.
        url: MailboxUrl where protected,
        /// A file with the password. It is read anew for each connection. See *Secrets* above.
        password_file: PathBuf,
        /// How often it is looked at; with IMAP new mail is told at once besides (IDLE).
        every: TimeSpan = "\"1m\"" where longer_than_nothing,
        /// What becomes of a report that was read: `delete`, or with IMAP the name of a folder to
        /// move it to, which is made when there is none.
        done: Done = "\"delete\"",
        /// The folder for mail that is for people, unreadable or too large; made when there is none.
        /// IMAP only: by POP3 such mail stays where it is.
        aside: Folder = "\"Newsletterd aside\"",
        /// A PEM file with certificates to trust instead of those of the system.
        ca_file: Option<PathBuf>,
    }
}

words! {
    /// How a mailbox is read.
    pub enum MailProtocol {
        /// IMAP4rev1 (RFC 3501).
        Imap = "imap",
        /// POP3 (RFC 1939).
        Pop3 = "pop3",
    }
}

/// What stands before `://`, and what it means.
const SCHEMES: [(&str, MailProtocol, Security, u16); 6] = [
    ("imap", MailProtocol::Imap, Security::Plain, 143),
    ("imap+starttls", MailProtocol::Imap, Security::StartTls, 143),
    ("imaps", MailProtocol::Imap, Security::Tls, 993),
    ("pop3", MailProtocol::Pop3, Security::Plain, 110),
    ("pop3+starttls", MailProtocol::Pop3, Security::StartTls, 110),
    ("pop3s", MailProtocol::Pop3, Security::Tls, 995),
];

/// Where a mailbox is, and who signs in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailboxUrl {
    /// How it is read.
    pub protocol: MailProtocol,
    /// How the connection is protected.
    pub security: Security,
    /// Who signs in.
    pub user: String,
    /// The server.
    pub host: HostName,
    /// TCP port.
    pub port: u16,
    /// The folder, with IMAP; the inbox where there is none.
    pub folder: Option<Folder>,
}

impl MailboxUrl {
    /// The folder that is read.
    pub fn folder(&self) -> &str {
        self.folder.as_ref().map_or("INBOX", Folder::as_str)
    }

    fn scheme(&self) -> &'static str {
        let ours = |(_, protocol, security, _): &&(_, _, _, _)| {
            *protocol == self.protocol && *security == self.security
        };
        SCHEMES.iter().find(ours).map_or("", |(scheme, ..)| scheme)
    }
}

impl fmt::Display for MailboxUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://", self.scheme())?;
        server::show(f, Some(&self.user), &self.host, self.port)?;
        match &self.folder {
            Some(folder) => write!(f, "/{}", server::encoded(folder.as_str())),
            None => Ok(()),
        }
    }
}

impl Word for MailboxUrl {
    const ONE: &'static str =
        "a mailbox such as \"imaps://bounces@mail.example.org\" or \"pop3s://bounces@mail.example.org\"";
    const MANY: &'static str = "a list of mailboxes";

    fn parse(text: &str) -> Result<Self, String> {
        let (scheme, rest) = text.split_once("://").ok_or_else(|| format!("is not {}", Self::ONE))?;
        let (_, protocol, security, port) =
            SCHEMES.into_iter().find(|(known, ..)| *known == scheme).ok_or_else(|| {
                let known = SCHEMES.map(|(known, ..)| format!("{known:?}")).join(", ");
                format!("{} is no scheme for a mailbox; one of {known} is wanted", quoted(scheme))
            })?;
        let (user, place) = rest.rsplit_once('@').ok_or("has no user in it, as in imaps://user@host")?;
        if user.contains('/') {
            return Err("has a / or an @ where none can stand: write %2F and %40 for them".to_owned());
        }
        let (place, folder) = match place.split_once('/') {
            None | Some((_, "")) => (place.strip_suffix('/').unwrap_or(place), None),
            Some((place, folder)) => (place, Some(Folder::parse(&server::decoded(folder, "folder")?)?)),
        };
        if folder.is_some() && protocol == MailProtocol::Pop3 {
            return Err("names a folder, and POP3 has none; read it by IMAP".to_owned());
        }
        let folder = folder.filter(|folder| !folder.as_str().eq_ignore_ascii_case("INBOX"));
        let Server { user, host, port } = Server::parse(&format!("{user}@{place}"), port)?;
        let user = user.ok_or("has no user in it, as in imaps://user@host")?;
        Ok(Self { protocol, security, user, host, port, folder })
    }

    fn show(&self) -> String {
        self.to_string()
    }
}

/// The name of a folder of a mailbox.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folder(String);

impl Folder {
    /// The name, as people write it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Word for Folder {
    const ONE: &'static str = "the name of a folder such as \"Reports\"";
    const MANY: &'static str = "a list of folders";

    fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        // `%` and `*` stand for others where folders are listed (RFC 3501 section 5.1).
        if text.is_empty() || text.len() > 200 || text.chars().any(|c| c.is_control() || "%*".contains(c)) {
            return Err(format!("{} is not {}", quoted(text), Self::ONE));
        }
        Ok(Self(text.to_owned()))
    }

    fn show(&self) -> String {
        self.0.clone()
    }
}

/// What becomes of a report that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Done {
    /// It is deleted.
    Delete,
    /// It is moved to this folder.
    MoveTo(Folder),
}

impl Word for Done {
    const ONE: &'static str = "\"delete\" or the name of a folder";
    const MANY: &'static str = "a list, each \"delete\" or the name of a folder";

    fn parse(text: &str) -> Result<Self, String> {
        if text.trim() == "delete" { Ok(Self::Delete) } else { Folder::parse(text).map(Self::MoveTo) }
    }

    fn show(&self) -> String {
        match self {
            Self::Delete => "delete".to_owned(),
            Self::MoveTo(folder) => folder.show(),
        }
    }
}

fn protected(url: &MailboxUrl) -> Option<String> {
    let open = url.security == Security::Plain && !server::is_loopback(&url.host);
    open.then(|| {
        let protocol = url.protocol;
        format!("would send the password unencrypted; {protocol}s:// or {protocol}+starttls:// is wanted")
    })
}

fn elsewhere(url: &MailboxUrl, done: &Done, aside: &Folder) -> Option<(&'static str, String)> {
    let itself = |folder: &Folder| folder.as_str().eq_ignore_ascii_case(url.folder());
    match (url.protocol, done) {
        (MailProtocol::Pop3, Done::MoveTo(_)) => {
            Some(("done", "names a folder, and POP3 has none: \"delete\" is all that it can".to_owned()))
        }
        (MailProtocol::Pop3, Done::Delete) => None,
        (_, Done::MoveTo(folder)) if itself(folder) => {
            Some(("done", "names the folder that is read".to_owned()))
        }
        _ if itself(aside) => Some(("aside", "names the folder that is read".to_owned())),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_mailbox_says_how_where_who_and_which_folder() {
        use {MailProtocol::*, Security::*};
        for (text, protocol, security, user, host, port, folder) in [
            ("imaps://bounces@Mail.Example.org", Imap, Tls, "bounces", "mail.example.org", 993, "INBOX"),
            ("imap+starttls://b@h.test/", Imap, StartTls, "b", "h.test", 143, "INBOX"),
            ("imap://b@127.0.0.1:1143/Inbox", Imap, Plain, "b", "127.0.0.1", 1143, "INBOX"),
            ("imaps://b@x.test@h.test/Re%20ports/Ä", Imap, Tls, "b@x.test", "h.test", 993, "Re ports/Ä"),
            ("imaps://b%40x.test@h.test/Reports/Old", Imap, Tls, "b@x.test", "h.test", 993, "Reports/Old"),
            ("pop3s://b@h.test", Pop3, Tls, "b", "h.test", 995, "INBOX"),
            ("pop3+starttls://b@h.test:1110", Pop3, StartTls, "b", "h.test", 1110, "INBOX"),
            ("pop3://a%2Fb@[::1]", Pop3, Plain, "a/b", "::1", 110, "INBOX"),
        ] {
            let url = MailboxUrl::parse(text).unwrap();
            assert_eq!((url.protocol, url.security, url.port), (protocol, security, port), "{text}");
            assert_eq!((url.user.as_str(), url.host.as_str(), url.folder()), (user, host, folder), "{text}");
            assert_eq!(MailboxUrl::parse(&url.show()), Ok(url), "{text}");
        }
    }

    #[test]
    fn what_is_no_mailbox_is_refused_with_what_would_be_right() {
        for (text, expected) in [
            ("", "is not a mailbox such as"),
            ("bounces@mail.example.org", "is not a mailbox such as"),
            ("http://b@h.test", "no scheme for a mailbox; one of \"imap\", \"imap+starttls\", \"imaps\""),
            ("imaps://h.test", "has no user"),
            ("imaps://@h.test", "without a usable user name"),
            ("imaps://b@", "no usable host name"),
            ("imaps://b@a b", "no usable host name"),
            ("imaps://b@h.test:0", "no number from 1 to 65535"),
            ("imaps://b@h.test:99999", "no number from 1 to 65535"),
            ("imaps://%FF@h.test", "user name that is not UTF-8"),
            ("imaps://b@h.test/%FF", "folder that is not UTF-8"),
            ("imaps://b@h.test/a%0D%0Ab", "is not the name of a folder"),
            ("imaps://b@h.test/20%25", "is not the name of a folder"),
            ("imaps://b@h.test/a@b", "write %2F and %40"),
            ("pop3s://b@h.test/Reports", "POP3 has none"),
        ] {
            let message = MailboxUrl::parse(text).unwrap_err();
            assert!(message.contains(expected), "{text}: {message}");
        }
        let message = MailboxUrl::parse("imaps://bounces:geheim@mail.example.org").unwrap_err();
        assert!(message.contains("password_file") && !message.contains("geheim"), "{message}");
    }

    proptest! {
        #[test]
        fn any_text_is_answered_and_what_is_shown_is_read_back(
            text in ".*|(imap|pop3)(s|\\+starttls)?://[a-z@]{1,6}@[a-z.]{1,9}(:[0-9]{1,5})?(/.{0,9})?"
        ) {
            if let Ok(url) = MailboxUrl::parse(&text) {
                prop_assert_eq!(MailboxUrl::parse(&url.show()), Ok(url));
            }
            if let Ok(done) = Done::parse(&text) {
                prop_assert_eq!(Done::parse(&done.show()), Ok(done));
            }
        }
    }
}
