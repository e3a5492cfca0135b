//! How a relay is reached, parsed once: its URL, its credentials, its limits.
//!
//! A password never stands in a URL, and never in what `Debug` or an error shows. Reading the
//! configuration and the secret's file is left to `config`.

use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use percent_encoding::percent_decode_str;

/// How the connection to a relay is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Security {
    /// Not at all (`smtp://`): for a relay on the same machine.
    Plain,
    /// Upgraded by STARTTLS (`smtp+starttls://`, RFC 3207). There is no way back to plain text
    /// when the relay does not offer it.
    StartTls,
    /// TLS from the first byte (`smtps://`, RFC 8314).
    Tls,
}

impl Security {
    const fn default_port(self) -> u16 {
        match self {
            Self::Plain => 25,
            Self::StartTls => 587,
            Self::Tls => 465,
        }
    }
}

/// A password, which neither `Debug` nor any error shows.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

impl Password {
    /// Takes the secret as it is. A file's trailing line break has to be cut off before.
    pub const fn new(secret: String) -> Self {
        Self(secret)
    }

    /// The secret, for the one place that sends it.
    pub(super) fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

/// Who we are to the relay (AUTH PLAIN or LOGIN, RFC 4954).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credentials {
    /// The user's name.
    pub user: String,
    /// The user's password.
    pub password: Password,
}

/// How long each step may take. The defaults are those of RFC 5321 4.5.3.2, except that a
/// connection which cannot be opened at all is given up after 30 seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// Opening the TCP connection, and the TLS handshake.
    pub connect: Duration,
    /// From a command to its reply; the greeting counts as one.
    pub command: Duration,
    /// Writing the whole message.
    pub body: Duration,
    /// From the final dot to the reply. Long, because a relay that is cut off here may have taken
    /// the message already.
    pub after_dot: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(30),
            command: Duration::from_secs(300),
            body: Duration::from_secs(180),
            after_dot: Duration::from_secs(600),
        }
    }
}

/// What a relay's URL says: `smtp://127.0.0.1:25`, `smtp+starttls://user@mail.example.org`,
/// `smtps://user%40example.org@mail.example.org`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RelayUrl {
    /// Host name or address, IPv6 without its brackets.
    pub host: String,
    /// Port; 25, 587 or 465 by scheme when the URL names none.
    pub port: u16,
    /// By scheme.
    pub security: Security,
    /// The user to authenticate as, percent-decoded.
    pub user: Option<String>,
}

/// Why a relay's settings cannot be used, in words for the person who wrote them.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// No URL at all.
    #[error("`{0}` is no URL such as smtp://127.0.0.1:25")]
    NotAUrl(String),
    /// A scheme that is none of ours.
    #[error("the scheme `{0}` is unknown: use smtp (no encryption), smtp+starttls or smtps")]
    Scheme(String),
    /// No host.
    #[error("the relay's URL names no host")]
    NoHost,
    /// A password in the URL.
    #[error("the relay's URL holds a password: take it out and name its file in password_file")]
    PasswordInUrl,
    /// A path, query or fragment.
    #[error("the relay's URL must end after host and port")]
    Trailing,
    /// The user's name does not decode to text without control characters.
    #[error("the user's name in the relay's URL is not usable text")]
    User,
    /// A user without a password.
    #[error("the relay's URL names a user, but there is no password: name its file in password_file")]
    NoPassword,
    /// A password without a user.
    #[error("there is a password for the relay, but its URL names no user: smtps://USER@host")]
    NoUser,
    /// A password would cross a network unencrypted.
    #[error("a password would go to the relay unencrypted: use smtp+starttls:// or smtps://")]
    PasswordInClear,
    /// The name for EHLO is not usable.
    #[error("`{0}` is no host name to greet the relay with")]
    Hello(String),
    /// A limit of zero.
    #[error("a relay needs at least one connection and one message per connection")]
    Zero,
    /// The CA file cannot be read or holds no certificate.
    #[error("the CA file {file} of the relay cannot be used: {why}", file = .file.display())]
    CaFile {
        /// Which file.
        file: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// TLS cannot be set up.
    #[error("TLS for the relay cannot be set up: {0}")]
    Tls(String),
}

impl FromStr for RelayUrl {
    type Err = SettingsError;

    fn from_str(text: &str) -> Result<Self, SettingsError> {
        let url = url::Url::parse(text).map_err(|_| SettingsError::NotAUrl(without_userinfo(text)))?;
        let security = match url.scheme() {
            "smtp" => Security::Plain,
            "smtp+starttls" => Security::StartTls,
            "smtps" => Security::Tls,
            other => return Err(SettingsError::Scheme(other.to_owned())),
        };
        if url.password().is_some() {
            return Err(SettingsError::PasswordInUrl);
        }
        if !matches!(url.path(), "" | "/") || url.query().is_some() || url.fragment().is_some() {
            return Err(SettingsError::Trailing);
        }
        let host = match url.host() {
            Some(url::Host::Ipv6(address)) => address.to_string(),
            // The url crate does not normalise hosts of schemes it does not know.
            Some(host) => idna::domain_to_ascii(
                &percent_decode_str(&host.to_string()).decode_utf8().map_err(|_| SettingsError::NoHost)?,
            )
            .map_err(|_| SettingsError::NoHost)?,
            None => return Err(SettingsError::NoHost),
        };
        let user = match url.username() {
            "" => None,
            encoded => match percent_decode_str(encoded).decode_utf8() {
                Ok(user) if !user.contains(char::is_control) => Some(user.into_owned()),
                _ => return Err(SettingsError::User),
            },
        };
        Ok(Self { host, port: url.port().unwrap_or(security.default_port()), security, user })
    }
}

/// What can be shown of a text that should have been a URL: nothing before its last `@`.
fn without_userinfo(text: &str) -> String {
    text.rsplit('@').next().unwrap_or_default().to_owned()
}

/// Everything about one relay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RelaySettings {
    /// The name by which the configuration and the messages call it.
    pub name: String,
    /// Host name or address.
    pub host: String,
    /// Port.
    pub port: u16,
    /// How the connection is protected.
    pub security: Security,
    /// Who we are to it, where it asks.
    pub credentials: Option<Credentials>,
    /// A PEM file of the certificate authorities to trust instead of the system's.
    pub ca_file: Option<PathBuf>,
    /// The name for EHLO: a host name, or an address literal such as `[192.0.2.1]`.
    pub hello: String,
    /// Connections at most.
    pub connections: usize,
    /// How long each step may take.
    pub timeouts: Timeouts,
    /// After so many messages a connection is closed and a new one opened.
    pub max_messages_per_connection: usize,
}

impl RelaySettings {
    /// Settings with defaults for what `url` does not say: 8 connections, 1000 messages on each,
    /// this machine's name for EHLO, the system's certificate authorities.
    ///
    /// # Errors
    /// [`SettingsError::NoPassword`] and [`SettingsError::NoUser`] when only one of the two is
    /// there; [`SettingsError::PasswordInClear`] when a password would leave this machine
    /// unencrypted.
    pub fn new(name: &str, url: RelayUrl, password: Option<Password>) -> Result<Self, SettingsError> {
        let credentials = match (url.user, password) {
            (Some(user), Some(password)) => Some(Credentials { user, password }),
            (None, None) => None,
            (Some(_), None) => return Err(SettingsError::NoPassword),
            (None, Some(_)) => return Err(SettingsError::NoUser),
        };
        if credentials.is_some() && url.security == Security::Plain && !is_loopback(&url.host) {
            return Err(SettingsError::PasswordInClear);
        }
        Ok(Self {
            name: name.to_owned(),
            host: url.host,
            port: url.port,
            security: url.security,
            credentials,
            ca_file: None,
            hello: super::wire::machine_name(),
            connections: 8,
            timeouts: Timeouts::default(),
            max_messages_per_connection: 1000,
        })
    }

    /// What [`Relay::new`](super::Relay::new) wants to be true of fields that anyone may set.
    pub(super) fn check(&self) -> Result<(), SettingsError> {
        if self.connections == 0 || self.max_messages_per_connection == 0 {
            return Err(SettingsError::Zero);
        }
        let usable = |c: char| c.is_ascii_alphanumeric() || ".-_:[]".contains(c);
        if self.hello.is_empty() || self.hello.len() > 255 || !self.hello.chars().all(usable) {
            return Err(SettingsError::Hello(self.hello.clone()));
        }
        Ok(())
    }
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn urls_are_parsed() {
        for (text, host, port, security, user) in [
            ("smtp://127.0.0.1:2525", "127.0.0.1", 2525, Security::Plain, None),
            ("smtp://localhost", "localhost", 25, Security::Plain, None),
            ("smtp://localhost/", "localhost", 25, Security::Plain, None),
            (
                "smtp+starttls://ana@Mail.Example.org",
                "mail.example.org",
                587,
                Security::StartTls,
                Some("ana"),
            ),
            ("smtps://a%40b%3Ac@mail.example.org", "mail.example.org", 465, Security::Tls, Some("a@b:c")),
            ("SMTPS://[::1]:99", "::1", 99, Security::Tls, None),
            ("smtps://bücher.example", "xn--bcher-kva.example", 465, Security::Tls, None),
        ] {
            let expected = RelayUrl { host: host.to_owned(), port, security, user: user.map(str::to_owned) };
            assert_eq!(text.parse(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_is_wrong_is_said() {
        let wrong = |text: &str| text.parse::<RelayUrl>().unwrap_err();
        assert_eq!(wrong("mail.example.org"), SettingsError::NotAUrl("mail.example.org".to_owned()));
        assert_eq!(wrong("http://mail.example.org"), SettingsError::Scheme("http".to_owned()));
        assert_eq!(wrong("smtp:///"), SettingsError::NoHost);
        assert_eq!(wrong("smtp:localhost"), SettingsError::Trailing);
        assert_eq!(wrong("smtp://ana:secret@localhost"), SettingsError::PasswordInUrl);
        assert_eq!(wrong("smtp://localhost/x"), SettingsError::Trailing);
        assert_eq!(wrong("smtp://localhost?x"), SettingsError::Trailing);
        assert_eq!(wrong("smtp://a%0d%0a@localhost"), SettingsError::User);
        assert_eq!(wrong("smtp://a%ff@localhost"), SettingsError::User);
    }

    #[test]
    fn passwords_stay_hidden_and_off_the_wire() {
        let password = || Some(Password::new("hunter2".to_owned()));
        let url = |text: &str| text.parse::<RelayUrl>().unwrap();
        let settings = RelaySettings::new("main", url("smtps://ana@mail.example.org"), password()).unwrap();
        assert!(!format!("{settings:?}").contains("hunter2"));
        assert!(RelaySettings::new("main", url("smtp://ana@127.0.0.1"), password()).is_ok());
        assert!(RelaySettings::new("main", url("smtp://ana@localhost"), password()).is_ok());
        for (text, password, error) in [
            ("smtp://ana@mail.example.org", password(), SettingsError::PasswordInClear),
            ("smtps://ana@mail.example.org", None, SettingsError::NoPassword),
            ("smtps://mail.example.org", password(), SettingsError::NoUser),
        ] {
            assert_eq!(RelaySettings::new("main", url(text), password), Err(error), "{text}");
        }
        for text in ["ana:hunter2@mail.example.org:25", "smtp://ana:hunter2@mail example.org"] {
            assert!(!text.parse::<RelayUrl>().unwrap_err().to_string().contains("hunter2"), "{text}");
        }
    }

    proptest! {
        #[test]
        fn parsing_never_panics(text in "(smtp|smtps|smtp\\+starttls|x)?:?/?/?\\PC{0,40}") {
            let _ = text.parse::<RelayUrl>();
        }
    }
}
