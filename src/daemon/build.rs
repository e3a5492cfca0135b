//! From a configuration to an engine: database opened and migrated, keys, ways out.

use std::sync::Arc;

use tokio::sync::Notify;

use super::instance;
use super::keys::{self, KeyFileError};
use crate::clock::Clock;
use crate::config::{self, Config, DatabaseUrl, Relay as RelayConfig, SecretError};
use crate::mail::smtp::{Dns, Password, Relay, RelaySettings, RelayUrl, Security, SettingsError, Timeouts};
use crate::pipeline::Engine;
use crate::sources::fetch::{FetchError, FetchRules, Fetcher};
use crate::store::{Db, StoreError};

/// Why there is no engine.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// The database.
    #[error("database.url: {0}")]
    Store(#[from] StoreError),
    /// The key file.
    #[error(transparent)]
    Keys(#[from] KeyFileError),
    /// A secret could not be read.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// A relay cannot be used as configured.
    #[error("relays: {0}")]
    Relay(#[from] SettingsError),
    /// The fetcher's rules.
    #[error("fetch: {0}")]
    Fetch(#[from] FetchError),
    /// There is no relay.
    #[error("relays: there is none; letters need one")]
    NoRelay,
}

/// Opens the database, brings it up to date, and makes ready all that the pipeline needs.
///
/// # Errors
/// [`BuildError`].
pub async fn engine(config: Arc<Config>, clock: Clock) -> Result<Engine, BuildError> {
    let keys = keys::load_or_make(&config.key_file())?;
    let relay = config.relays.first().ok_or(BuildError::NoRelay)?;
    let relay = Relay::new(relay_settings(&config, relay)?)?;
    let fetcher = Fetcher::new(fetch_rules(&config))?;
    let db = Db::open(&database_url(&config)?).await?;
    db.migrate().await?;
    Ok(Engine {
        db,
        config,
        clock,
        keys: Arc::new(keys),
        fetcher,
        relay,
        dns: Dns::system(),
        incarnation: instance::incarnation().into(),
        wake: Arc::new(Notify::new()),
    })
}

/// The database's address for the driver, with its password from the file where one is named.
///
/// # Errors
/// When the password's file cannot be read.
pub fn database_url(config: &Config) -> Result<String, SecretError> {
    let (DatabaseUrl::Postgres(url), Some(file)) = (&config.database.url, &config.database.password_file)
    else {
        return Ok(config.database.url.driver_url());
    };
    let mut url = url.clone();
    let password = config.read_secret(file)?;
    // An address of PostgreSQL has a host, so that it can take a password.
    let _ = url.set_password(Some(password.reveal()));
    Ok(url.into())
}

fn relay_settings(config: &Config, relay: &RelayConfig) -> Result<RelaySettings, BuildError> {
    let password = match &relay.password_file {
        Some(file) => Some(Password::new(config.read_secret(file)?.reveal().to_owned())),
        None => None,
    };
    let url = RelayUrl {
        host: relay.url.host.as_str().to_owned(),
        port: relay.url.port,
        security: match relay.url.security {
            config::Security::Plain => Security::Plain,
            config::Security::StartTls => Security::StartTls,
            config::Security::Tls => Security::Tls,
        },
        user: relay.url.user.clone(),
    };
    let mut settings = RelaySettings::new(relay.name.as_str(), url, password)?;
    settings.ca_file.clone_from(&relay.ca_file);
    if let Some(hello) = &relay.hello {
        hello.as_str().clone_into(&mut settings.hello);
    }
    settings.connections = relay.connections.get().into();
    let usual = Timeouts::default();
    let timeout = relay.timeout.duration();
    settings.timeouts = Timeouts {
        connect: timeout.min(usual.connect),
        command: timeout,
        body: usual.body,
        after_dot: usual.after_dot,
    };
    Ok(settings)
}

fn fetch_rules(config: &Config) -> FetchRules {
    FetchRules {
        allow_hosts: config.fetch.allow_hosts.iter().map(|host| host.as_str().to_owned()).collect(),
        max_bytes: usize::try_from(config.fetch.max_bytes.get()).unwrap_or(usize::MAX),
        timeout: config.fetch.timeout.duration(),
        max_redirects: 5,
        user_agent: format!("newsletterd/{} (+{})", env!("CARGO_PKG_VERSION"), config.site.url),
    }
}
