//! What single keys can hold: numbers, flags, and words that are parsed into types right here, so
//! that nothing behind the configuration handles a text that may be wrong.

mod network;
mod plain;
mod relay;
pub(super) mod server;
mod theme;

pub use network::{DatabaseUrl, HostName, Location};
pub use plain::{Name, Share, TimeSpan};
pub use relay::{Extension, Rate, RelayUrl, Security};

use std::net::SocketAddr;
use std::num::{NonZeroU8, NonZeroU16, NonZeroU32, NonZeroU64};
use std::path::PathBuf;

use chrono::NaiveDate;
use chrono_tz::Tz;
use serde_json::Value as Json;
use url::Url;

use super::bounces::WebhookKind;
use super::problem::{Problem, did_you_mean};
use super::section::Setting;
use super::tree::{Node, Value};
use crate::domain::UnknownWord;
use crate::domain::address::{EmailAddress, Mailbox};
use crate::domain::delivery::WhenUncertain;
use crate::domain::edition::{LetterCheck, WhenNotApproved, WhenTooLittle};
use crate::domain::language::Language;
use crate::domain::link::{LinkMode, OpenPixel};
use crate::domain::schedule::Schedule;
use crate::domain::selection::{BlockKind, Translations, WithoutLanguage};

/// A value that is written as one text.
pub(super) trait Word: Sized {
    /// [`Setting::KIND`].
    const ONE: &'static str;
    /// [`Setting::KINDS`].
    const MANY: &'static str;

    /// Parses it.
    ///
    /// # Errors
    /// What is wrong, as the end of a sentence that begins with the key.
    fn parse(text: &str) -> Result<Self, String>;

    /// The text that `parse` reads.
    fn show(&self) -> String;
}

impl<T: Word> Setting for T {
    const KIND: &'static str = T::ONE;
    const KINDS: &'static str = T::MANY;

    fn read(node: &Node, path: &str, problems: &mut Vec<Problem>) -> Option<Self> {
        let read =
            node.text().map_or_else(|| Err(format!("is {}; {} is wanted", node.kind(), T::ONE)), T::parse);
        read.map_err(|message| {
            problems.push(Problem { place: node.place.clone(), key: path.to_owned(), message });
        })
        .ok()
    }

    fn write(&self) -> Json {
        Json::String(self.show())
    }
}

/// A text as a message quotes it: on one line, and not at full length.
pub(super) fn quoted(text: &str) -> String {
    let short: String = text.chars().take(80).collect();
    if short.len() == text.len() { format!("{short:?}") } else { format!("{short:?}…") }
}

impl Word for String {
    const ONE: &'static str = "text";
    const MANY: &'static str = "a list of texts";

    fn parse(text: &str) -> Result<Self, String> {
        if text.trim().is_empty() {
            return Err("is empty: leave the key out instead".to_owned());
        }
        if text.chars().any(|c| c.is_control() && c != '\n') {
            return Err("has control characters in it".to_owned());
        }
        Ok(text.trim().to_owned())
    }

    fn show(&self) -> String {
        self.clone()
    }
}

impl Word for PathBuf {
    const ONE: &'static str = "a file name";
    const MANY: &'static str = "a list of file names";

    fn parse(text: &str) -> Result<Self, String> {
        String::parse(text).map(Self::from)
    }

    fn show(&self) -> String {
        self.to_string_lossy().into_owned()
    }
}

impl Word for Tz {
    const ONE: &'static str = "a time zone of the IANA database such as \"Asia/Tbilisi\"";
    const MANY: &'static str = "a list of time zones";

    fn parse(text: &str) -> Result<Self, String> {
        let zones = || chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name());
        text.parse().map_err(|_| {
            let hint = did_you_mean(text, zones());
            let hint = if hint.is_empty() {
                "; a name such as \"Asia/Tbilisi\" or \"UTC\" is wanted"
            } else {
                &hint
            };
            format!("unknown time zone {}{hint}", quoted(text))
        })
    }

    fn show(&self) -> String {
        self.name().to_owned()
    }
}

impl Word for NaiveDate {
    const ONE: &'static str = "a day in quotes such as \"2026-11-25\"";
    const MANY: &'static str = "a list of days";

    fn parse(text: &str) -> Result<Self, String> {
        let day = Self::parse_from_str(text, "%Y-%m-%d").ok().filter(|day| day.to_string() == text);
        day.ok_or_else(|| format!("{} is not {}", quoted(text), Self::ONE))
    }

    fn show(&self) -> String {
        self.to_string()
    }
}

impl Word for Schedule {
    const ONE: &'static str = "a crontab(5) expression of five fields such as \"0 7 * * Mon-Fri\"";
    const MANY: &'static str = "a list of crontab(5) expressions";

    fn parse(text: &str) -> Result<Self, String> {
        Self::parse(text).map_err(|error| error.to_string())
    }

    fn show(&self) -> String {
        self.as_str().to_owned()
    }
}

impl Word for EmailAddress {
    const ONE: &'static str = "a mail address such as \"news@example.org\"";
    const MANY: &'static str = "a list of mail addresses";

    fn parse(text: &str) -> Result<Self, String> {
        Self::parse(text).map_err(|error| format!("{} is no mail address: {error}", quoted(text)))
    }

    fn show(&self) -> String {
        self.as_string()
    }
}

impl Word for Mailbox {
    const ONE: &'static str = "a sender such as \"The Example Post <news@example.org>\"";
    const MANY: &'static str = "a list of senders";

    fn parse(text: &str) -> Result<Self, String> {
        Self::parse(text).map_err(|error| format!("{} is no mail address: {error}", quoted(text)))
    }

    fn show(&self) -> String {
        let address = self.address.as_string();
        match &self.name {
            Some(name) => format!("\"{}\" <{address}>", name.replace('\\', "\\\\").replace('"', "\\\"")),
            None => address,
        }
    }
}

impl Word for Url {
    const ONE: &'static str = "a web address such as \"https://example.org\"";
    const MANY: &'static str = "a list of web addresses";

    fn parse(text: &str) -> Result<Self, String> {
        let url =
            Self::parse(text).map_err(|error| format!("{} is no web address: {error}", quoted(text)))?;
        if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
            return Err(format!("{} does not begin with https:// or http://", quoted(text)));
        }
        Ok(url)
    }

    fn show(&self) -> String {
        self.to_string()
    }
}

impl Word for Language {
    const ONE: &'static str = "a language: \"en\", \"ka\", \"hy\", \"az\" or \"ru\"";
    const MANY: &'static str = "a list of languages";

    fn parse(text: &str) -> Result<Self, String> {
        Self::from_tag(text)
            .ok_or_else(|| format!("{} is no language of ours; {} is wanted", quoted(text), Self::ONE))
    }

    fn show(&self) -> String {
        self.as_str().to_owned()
    }
}

impl Word for SocketAddr {
    const ONE: &'static str = "an IP address with a port such as \"127.0.0.1:8080\" or \"[::1]:8080\"";
    const MANY: &'static str = "a list of IP addresses with ports";

    fn parse(text: &str) -> Result<Self, String> {
        text.parse().map_err(|_| format!("{} is not {}", quoted(text), Self::ONE))
    }

    fn show(&self) -> String {
        self.to_string()
    }
}

/// The enums that have a word for each value.
macro_rules! choices {
    ($($choice:ty = $kind:literal),+ $(,)?) => {$(
        impl Word for $choice {
            const ONE: &'static str = $kind;
            const MANY: &'static str = concat!("a list, each ", $kind);

            fn parse(text: &str) -> Result<Self, String> {
                text.parse().map_err(|UnknownWord { word, expected }| {
                    let hint = did_you_mean(&word, expected.iter().copied());
                    format!("{} is not what can stand here, which is {}{hint}", quoted(&word), Self::ONE)
                })
            }

            fn show(&self) -> String { self.as_str().to_owned() }
        }
    )+};
}

choices! {
    WebhookKind = "\"ses\", \"sendgrid\", \"mailgun\", \"postmark\", \"brevo\" or \"generic\"",
    WhenNotApproved = "\"send\", \"hold\" or \"skip\"",
    WhenTooLittle = "\"hold\" or \"skip\"",
    LetterCheck = "\"block\" or \"warn\"",
    Translations = "\"separate\" or \"pooled\"",
    WithoutLanguage = "\"take\" or \"leave\"",
    WhenUncertain = "\"resend\" or \"hold\"",
    LinkMode = "\"direct\", \"redirect\" or \"counted\"",
    OpenPixel = "\"off\" or \"on\"",
    BlockKind = "\"picks\", \"most_read\", \"latest\", \"related\" or \"house\"",
    super::relays::SignIn = "\"password\" or \"xoauth2\"",
    Extension = "\"when_offered\" or \"never\"",
    super::dkim::Signing = "\"now\" or \"standby\"",
    super::settings::LogFormat = "\"text\" or \"json\"",
    super::settings::WhenLeft = "\"send\" or \"none\"",
    super::settings::SourceKind = "\"feed\"",
}

/// Whole numbers, each with the bounds of its type.
macro_rules! numbers {
    ($($number:ty = $kind:literal),+ $(,)?) => {$(
        impl Setting for $number {
            const KIND: &'static str = $kind;
            const KINDS: &'static str = concat!("a list, each ", $kind);

            fn read(node: &Node, path: &str, problems: &mut Vec<Problem>) -> Option<Self> {
                let digits = match &node.value {
                    Value::Integer(number) => number.to_string(),
                    Value::Untyped(text) => text.trim().to_owned(),
                    _ => node.kind().to_owned(),
                };
                digits.parse().ok().or_else(|| {
                    let message = format!("is {digits}; {} is wanted", Self::KIND);
                    problems.push(Problem { place: node.place.clone(), key: path.to_owned(), message });
                    None
                })
            }

            fn write(&self) -> Json { serde_json::to_value(self).unwrap_or_default() }
        }
    )+};
}

numbers! {
    u32 = "a whole number from 0",
    NonZeroU8 = "a whole number from 1 to 255",
    NonZeroU16 = "a whole number from 1 to 65535",
    NonZeroU32 = "a whole number from 1 to 4294967295",
    NonZeroU64 = "a whole number from 1",
}

impl Setting for bool {
    const KIND: &'static str = "true or false";
    const KINDS: &'static str = "a list, each true or false";

    fn read(node: &Node, path: &str, problems: &mut Vec<Problem>) -> Option<Self> {
        let flag = match &node.value {
            Value::Flag(flag) => Some(*flag),
            Value::Untyped(text) => text.trim().parse().ok(),
            _ => None,
        };
        flag.or_else(|| {
            let message = format!("is {}; {} is wanted", node.kind(), Self::KIND);
            problems.push(Problem { place: node.place.clone(), key: path.to_owned(), message });
            None
        })
    }

    fn write(&self) -> Json {
        Json::Bool(*self)
    }
}
