//! The mail server that takes our letters: its address, and how fast it may be used.

use std::fmt;

use super::server::{self, Server};
use super::{HostName, Word, quoted};
use crate::domain::words::words;

words! {
    /// How the connection to a relay is protected, by the scheme that stands for it.
    pub enum Security {
        /// Not at all.
        Plain = "smtp",
        /// Upgraded by STARTTLS before anything is said (RFC 3207); without it nothing is sent.
        StartTls = "smtp+starttls",
        /// TLS from the first byte (RFC 8314).
        Tls = "smtps",
    }
}

words! {
    /// What is done with an extension of SMTP that the relay offers.
    pub enum Extension {
        /// It is used.
        Use = "when_offered",
        /// It is left alone, for a relay that offers what it does not do well.
        Ignore = "never",
    }
}

impl Security {
    /// The port that is used when none is written.
    const fn default_port(self) -> u16 {
        match self {
            Self::Plain => 25,
            Self::StartTls => 587,
            Self::Tls => 465,
        }
    }
}

/// `SCHEME://[USER@]HOST[:PORT]`. The password never stands in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RelayUrl {
    /// How the connection is protected.
    pub security: Security,
    /// Where it goes.
    pub host: HostName,
    /// TCP port.
    pub port: u16,
    /// Who signs in; `None` for a relay that trusts us by our address.
    pub user: Option<String>,
}

impl RelayUrl {
    /// Whether what is said stays on this machine.
    pub fn is_loopback(&self) -> bool {
        server::is_loopback(&self.host)
    }
}

impl fmt::Display for RelayUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://", self.security)?;
        server::show(f, self.user.as_deref(), &self.host, self.port)
    }
}

impl Word for RelayUrl {
    const ONE: &'static str =
        "a relay such as \"smtp://127.0.0.1:25\" or \"smtp+starttls://user@mail.example.org\"";
    const MANY: &'static str = "a list of relays";

    fn parse(text: &str) -> Result<Self, String> {
        // A password may have been written into it, so no message repeats more than the scheme.
        let (scheme, rest) = text.split_once("://").ok_or_else(|| format!("is not {}", Self::ONE))?;
        let security: Security = scheme.parse().map_err(|_| {
            format!(
                "{} is no scheme for a relay; \"smtp\", \"smtp+starttls\" or \"smtps\" is wanted",
                quoted(scheme)
            )
        })?;
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        let Server { user, host, port } = Server::parse(rest, security.default_port())?;
        Ok(Self { security, host, port, user })
    }

    fn show(&self) -> String {
        self.to_string()
    }
}

/// How many letters may go out in a span of time: `200/s`, `3000/m`, `50000/h`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    letters: u32,
    unit: char,
}

impl Rate {
    const UNITS: [(char, f64); 3] = [('s', 1.0), ('m', 60.0), ('h', 3600.0)];

    /// Letters a second; more than 0, and less than 1 for slow relays.
    pub fn per_second(self) -> f64 {
        let seconds =
            Self::UNITS.into_iter().find(|(unit, _)| *unit == self.unit).map_or(1.0, |(_, seconds)| seconds);
        f64::from(self.letters) / seconds
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.letters, self.unit)
    }
}

impl Word for Rate {
    const ONE: &'static str = "a rate such as \"200/s\", \"3000/m\" or \"50000/h\"";
    const MANY: &'static str = "a list of rates";

    fn parse(text: &str) -> Result<Self, String> {
        let rate = text.split_once('/').and_then(|(letters, unit)| {
            let (unit, _) = Self::UNITS.into_iter().find(|(letter, _)| unit.trim() == letter.to_string())?;
            let letters = letters.trim().parse().ok().filter(|letters| *letters > 0)?;
            Some(Self { letters, unit })
        });
        rate.ok_or_else(|| format!("{} is not {}", quoted(text), Self::ONE))
    }

    fn show(&self) -> String {
        self.to_string()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn relays_say_scheme_user_host_and_port() {
        for (text, security, user, host, port) in [
            ("smtp://127.0.0.1:2525", Security::Plain, None, "127.0.0.1", 2525),
            ("smtp://localhost", Security::Plain, None, "localhost", 25),
            (
                "smtp+starttls://news@Mail.Example.org/",
                Security::StartTls,
                Some("news"),
                "mail.example.org",
                587,
            ),
            (
                "smtps://news@example.org@mail.example.org",
                Security::Tls,
                Some("news@example.org"),
                "mail.example.org",
                465,
            ),
            ("smtps://news%40example.org@[::1]:4650", Security::Tls, Some("news@example.org"), "::1", 4650),
        ] {
            let relay = RelayUrl::parse(text).unwrap();
            assert_eq!(
                (relay.security, relay.user.as_deref(), relay.host.as_str(), relay.port),
                (security, user, host, port),
                "{text}"
            );
            assert_eq!(RelayUrl::parse(&relay.show()), Ok(relay), "{text}");
        }
        for bad in [
            "",
            "localhost",
            "http://localhost",
            "smtp://",
            "smtp://h:0",
            "smtp://h:x",
            "smtp://h:99999",
            "smtp://@h",
            "smtp://h/path",
            "smtp://[::1]25",
            "smtp://a b",
        ] {
            assert!(RelayUrl::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_password_in_the_address_is_refused_and_not_repeated() {
        let message = RelayUrl::parse("smtp://news:geheim@mail.example.org").unwrap_err();
        assert!(message.contains("password_file") && !message.contains("geheim"), "{message}");
    }

    #[test]
    fn rates_come_down_to_a_second() {
        let per_second = |text| Rate::parse(text).map(Rate::per_second);
        assert_eq!(per_second("200/s"), Ok(200.0));
        assert_eq!(per_second("90 / m"), Ok(1.5));
        assert_eq!(per_second("1800/h"), Ok(0.5));
        for bad in ["", "200", "0/s", "-1/s", "200/d", "/s", "200/", "1.5/s", "200/ss"] {
            assert!(Rate::parse(bad).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_answered_and_what_is_shown_is_read_back(text in ".*|smtp(s|\\+starttls)?://.*") {
            if let Ok(relay) = RelayUrl::parse(&text) {
                prop_assert_eq!(RelayUrl::parse(&relay.show()), Ok(relay));
            }
            if let Ok(rate) = Rate::parse(&text) {
                prop_assert_eq!(Rate::parse(&rate.show()), Ok(rate));
            }
        }
    }
}
