//! `newsletter.toml`, read into types.
//!
//! Every problem is found in one go and named with file, line, key and what would be right;
//! nothing half-read ever comes out. The sections are declared with their documentation and
//! defaults in `settings` and `newsletter`, which are the one source for the reader, for
//! suggestions and for docs/configuration.md. Values of the environment
//! (`NEWSLETTERD__DATABASE__URL`) go over those of the file. Secrets stand in files of their own,
//! which [`Config::read_secret`] finds.
//!
//! What single keys cannot show (a list that nobody declared) is looked for in `checks`. Whether
//! the database answers or the relay takes mail is left to those who use them.

mod blocks;
mod bounces;
mod checks;
mod dkim;
mod environment;
mod links;
mod newsletter;
mod problem;
mod relays;
mod secret;
mod section;
mod settings;
mod theme;
mod tree;
mod values;

#[cfg(test)]
mod reference;
#[cfg(test)]
mod tests;

use std::io::Read as _;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

pub use blocks::{Block, House, Latest, MostRead, Picks, Related};
pub use bounces::{
    Bounces, Done, EventKey, Folder, Listener, MailProtocol, Mailbox, MailboxUrl, TopicArn, Webhook,
    WebhookKind,
};
pub use dkim::{Dkim, Selector, Signing};
pub use links::Utm;
pub use newsletter::{Canary, Newsletter};
pub use problem::{ConfigErrors, Place, Problem};
pub use relays::{Provider, Relay, SignIn};
pub use secret::{Secret, SecretError};
pub use settings::{
    Alerts, Database, Delivery, Fetch, List, LogFormat, Logging, Secrets, Site, Source, SourceKind, Web,
    WhenLeft,
};
pub use theme::{DarkColours, LightColours, Logo, Theme};
pub use values::{
    DatabaseUrl, Extension, HostName, Location, Name, Rate, RelayUrl, Security, Share, TimeSpan,
};

use section::{Setting as _, section};
use tree::Node;

/// Where the configuration is looked for when nobody names a file.
pub const SEARCHED: [&str; 2] = ["./newsletter.toml", "/etc/newsletterd/newsletter.toml"];

/// The largest configuration that is read, in bytes.
const MAX_BYTES: u64 = 1 << 20;

section! {
    /// The whole configuration.
    pub struct Settings {
        /// The newsroom.
        site: Site,
        /// Where everything is kept.
        database: Database,
        /// The pages that readers reach.
        web: Web,
        /// Who hears of trouble.
        alerts: Alerts,
        /// The mail servers that take the letters; at least one.
        relays: Vec<Relay>,
        /// Mailbox providers that take only so much at once.
        providers: Vec<Provider>,
        /// Where reports of failed delivery go.
        bounces: Bounces,
        /// What signs letters.
        dkim: Vec<Dkim>,
        /// What signs links.
        secrets: Secrets,
        /// Sources of articles that are read again and again.
        sources: Vec<Source>,
        /// Limits for everything that is fetched from the web.
        fetch: Fetch,
        /// The lists of subscribers.
        lists: Vec<List>,
        /// The newsletters.
        newsletters: Vec<Newsletter>,
        /// How letters are handed to the relay.
        delivery: Delivery,
        /// What the daemon tells.
        logging: Logging,
    }
}

/// A configuration that can be worked with.
#[derive(Clone, Debug)]
pub struct Config {
    settings: Settings,
    /// systemd's folder of credentials, where secrets are looked for first.
    credentials: Option<PathBuf>,
}

impl std::ops::Deref for Config {
    type Target = Settings;

    fn deref(&self) -> &Settings {
        &self.settings
    }
}

/// Reads the configuration from `path`, or else from the first of [`SEARCHED`] that exists, and
/// lays the variables of `environment` over it.
///
/// # Errors
/// [`ConfigErrors`]: all that is wrong, in the order of the file.
pub fn load(
    path: Option<&Path>,
    environment: impl Iterator<Item = (String, String)>,
) -> Result<Config, ConfigErrors> {
    let file = match path {
        Some(path) => path,
        None => SEARCHED.iter().map(Path::new).find(|path| path.exists()).ok_or_else(|| {
            let message =
                format!("there is no configuration here or at {}; name one with -c FILE", SEARCHED[1]);
            ConfigErrors::of_file(Path::new(SEARCHED[0]), message)
        })?,
    };
    let mut bytes = Vec::new();
    std::fs::File::open(file)
        .and_then(|opened| opened.take(MAX_BYTES + 1).read_to_end(&mut bytes))
        .map_err(|error| ConfigErrors::of_file(file, format!("cannot be read: {error}")))?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let line =
            1 + error.as_bytes()[..error.utf8_error().valid_up_to()].iter().filter(|b| **b == b'\n').count();
        ConfigErrors::of_file(file, format!("is not UTF-8 in line {line}"))
    })?;
    parse(&text, file, environment)
}

/// Reads the configuration from `text`, which stands in `file`, and lays the variables of
/// `environment` over it. Nothing is opened.
///
/// # Errors
/// As [`load`].
pub fn parse(
    text: &str,
    file: &Path,
    environment: impl Iterator<Item = (String, String)>,
) -> Result<Config, ConfigErrors> {
    if text.len() as u64 > MAX_BYTES {
        return Err(ConfigErrors::of_file(
            file,
            format!("is larger than {MAX_BYTES} bytes: no configuration"),
        ));
    }
    let variables: Vec<(String, String)> = environment.collect();
    let credentials =
        variables.iter().find(|(name, _)| name == secret::CREDENTIALS).map(|(_, folder)| folder.into());
    let mut root = Node::from_toml(text.strip_prefix('\u{FEFF}').unwrap_or(text), file)?;
    let mut problems = environment::overlay(&mut root, variables.into_iter());
    let settings = Settings::read(&root, "", &mut problems);
    checks::check(&root, &mut problems);
    match settings {
        Some(settings) if problems.is_empty() => Ok(Config { settings, credentials }),
        _ => Err(ConfigErrors::new(problems)),
    }
}

impl Config {
    /// SHA-256 over all settings in a canonical form, without secrets, in hexadecimal: equal on two
    /// machines that are configured alike.
    pub fn hash(&self) -> String {
        hash_of(&self.settings.write())
    }

    /// The newsletter of a name.
    pub fn newsletter(&self, name: &str) -> Option<&Newsletter> {
        self.newsletters.iter().find(|newsletter| newsletter.name.as_str() == name)
    }

    /// The list of a name.
    pub fn list(&self, name: &str) -> Option<&List> {
        self.lists.iter().find(|list| list.name.as_str() == name)
    }

    /// The relay of a name.
    pub fn relay(&self, name: &str) -> Option<&Relay> {
        self.relays.iter().find(|relay| relay.name.as_str() == name)
    }

    /// The provider of the addresses in a domain, which is in lower-case ASCII as
    /// [`EmailAddress::domain`](crate::domain::address::EmailAddress::domain) gives it.
    pub fn provider_of(&self, domain: &str) -> Option<&Provider> {
        let has = |provider: &&Provider| provider.domains.iter().any(|own| own.as_str() == domain);
        self.providers.iter().find(has)
    }

    /// Where the key that signs tokens is kept: the file that was named, else `newsletterd.key`
    /// beside the SQLite file, else in the working directory.
    pub fn key_file(&self) -> PathBuf {
        let named = self.secrets.key_file.as_ref().map(|file| self.secret_path(file));
        named.unwrap_or_else(|| self.beside_the_database("newsletterd.key"))
    }

    /// The folder of the journals: the one that was named, else `journal` where the key file is when
    /// nobody names one. Not beside a key that was named: where secrets lie, nothing else may be
    /// written.
    pub fn journal(&self) -> PathBuf {
        self.delivery.journal.clone().unwrap_or_else(|| self.beside_the_database("journal"))
    }

    /// A file beside the SQLite file, else in the working directory.
    fn beside_the_database(&self, name: &str) -> PathBuf {
        let folder = self.database.url.sqlite_file().and_then(Path::parent).unwrap_or(Path::new(""));
        folder.join(name)
    }
}

impl Newsletter {
    /// SHA-256 over its settings, in hexadecimal: changes when one of them does.
    pub fn hash(&self) -> String {
        hash_of(&self.write())
    }
}

/// Members of JSON objects come in the order of their names, so equal settings give equal bytes.
fn hash_of(json: &serde_json::Value) -> String {
    data_encoding::HEXLOWER.encode(&Sha256::digest(json.to_string().as_bytes()))
}
