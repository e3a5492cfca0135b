//! From a configuration to an engine: database opened and migrated, keys, ways out.

use std::sync::Arc;

use tokio::sync::Notify;

use super::instance;
use super::keys::{self, KeyFileError};
use super::signers::{self, SignersError};
use crate::clock::Clock;
use crate::config::{Config, DatabaseUrl, SecretError};
use crate::mail::smtp::{Dns, Relay, RelaySettings, SettingsError};
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
    /// A key that signs mail.
    #[error(transparent)]
    Signers(#[from] SignersError),
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
    let password = relay.password_file.as_deref().map(|file| config.read_secret(file)).transpose()?;
    let relay = Relay::new(RelaySettings::new(relay, password))?;
    let signers = signers::load(&config)?;
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
        signers: Arc::new(signers),
        dns: Dns::system(),
        incarnation: instance::incarnation().into(),
        wake: Arc::new(Notify::new()),
        forecasts: Arc::default(),
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

fn fetch_rules(config: &Config) -> FetchRules {
    FetchRules {
        allow_hosts: config.fetch.allow_hosts.iter().map(|host| host.as_str().to_owned()).collect(),
        max_bytes: usize::try_from(config.fetch.max_bytes.get()).unwrap_or(usize::MAX),
        timeout: config.fetch.timeout.duration(),
        max_redirects: 5,
        user_agent: format!("newsletterd/{} (+{})", env!("CARGO_PKG_VERSION"), config.site.url),
    }
}
