//! From a configuration to an engine: database opened and migrated, keys, ways out.

use std::sync::Arc;

use tokio::sync::Notify;

use super::instance;
use super::keys::{self, KeyFileError};
use super::signers::{self, SignersError};
use crate::clock::Clock;
use crate::config::{self, Config, DatabaseUrl, SecretError, SignIn};
use crate::mail::smtp::{Dns, Proof, Relay, RelaySettings, SettingsError, TokenSource};
use crate::pipeline::Engine;
use crate::pipeline::providers::Providers;
use crate::pipeline::relays::{Relays, WayOut};
use crate::sources::fetch::{FetchError, FetchRules, Fetcher};
use crate::store::journal::Journal;
use crate::store::{self, Db, StoreError};

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
    #[error("relays: {name}: {source}")]
    Relay {
        /// Which.
        name: config::Name,
        /// Why.
        source: SettingsError,
    },
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
    let relays = relays(&config)?;
    let signers = signers::load(&config)?;
    let fetcher = Fetcher::new(fetch_rules(&config))?;
    let db = Db::open(&database_url(&config)?).await?;
    db.migrate().await?;
    let mut tx = db.read().await?;
    for known in store::relays::states(&mut tx).await? {
        let bears = known.concurrency.and_then(|bears| usize::try_from(bears).ok());
        if let (Some(way), Some(bears)) = (relays.named(&known.relay), bears) {
            // What the relay was found to bear need not be found out again.
            way.relay.begin_with(bears);
        }
    }
    drop(tx);
    let incarnation: Arc<str> = instance::incarnation().into();
    let journal = Journal::new(&config.journal(), &incarnation);
    let providers = Providers::new(&config.providers);
    Ok(Engine {
        db,
        config,
        clock,
        keys: Arc::new(keys),
        fetcher,
        relays,
        journal: Arc::new(journal),
        providers: Arc::new(providers),
        signers: Arc::new(signers),
        dns: Dns::system(),
        incarnation,
        wake: Arc::new(Notify::new()),
        forecasts: Arc::default(),
        windows: Arc::default(),
    })
}

/// Makes ready all relays of the configuration. None of them is asked anything yet.
///
/// # Errors
/// [`BuildError`], for the first one that cannot be used.
pub fn relays(config: &Arc<Config>) -> Result<Relays, BuildError> {
    let ways = config.relays.iter().map(|settings| {
        let relay = Relay::new(RelaySettings::new(settings, proof(config, settings)?))
            .map_err(|source| BuildError::Relay { name: settings.name.clone(), source })?;
        Ok(WayOut { settings: settings.clone(), relay })
    });
    Relays::new(ways.collect::<Result<_, BuildError>>()?).ok_or(BuildError::NoRelay)
}

/// What shows to a relay who we are. A password is read now and must be there; a token is read for
/// each connection, since it may come later and does not last.
fn proof(config: &Arc<Config>, relay: &config::Relay) -> Result<Option<Proof>, SecretError> {
    let Some(file) = &relay.password_file else { return Ok(None) };
    Ok(Some(match relay.auth {
        SignIn::Password => Proof::Password(config.read_secret(file)?),
        SignIn::Xoauth2 => {
            let (config, file) = (Arc::clone(config), file.clone());
            Proof::Token(TokenSource::new(move || {
                config.read_secret(&file).map_err(|error| error.to_string())
            }))
        }
    }))
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
