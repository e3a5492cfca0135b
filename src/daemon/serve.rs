//! The daemon's life: started, ready, reloaded on SIGHUP, stopped softly on the first SIGTERM or
//! SIGINT and hard on the second, or when the soft stop takes too long.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::{BuildError, build, instance, intake, notify, signers, work};
use crate::clock::Clock;
use crate::config::{self, Config, ConfigErrors};
use crate::domain::words::words;
use crate::mail::receiver::ServerTlsError;
use crate::pipeline::{Engine, PipelineError, schedule};
use crate::web::ops::Health;
use crate::web::{self, WebState};

/// How long a soft stop may take before it becomes a hard one. Longer than the time a relay usually
/// takes to answer a final dot, shorter than `TimeoutStopSec` in the unit.
const SOFT_STOP: Duration = Duration::from_secs(60);

words! {
    /// What a daemon does; each can be left to others.
    pub enum Role {
        /// Opens, compiles, locks and enqueues editions; polls sources; fetches pictures.
        Scheduler = "scheduler",
        /// Sends.
        Worker = "worker",
        /// Takes reports of failed delivery in, and judges them.
        Intake = "intake",
        /// Answers readers, and the calls of mail services.
        Web = "web",
    }
}

/// Why the daemon ended.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The configuration.
    #[error(transparent)]
    Config(#[from] ConfigErrors),
    /// The database or a way out.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// A step of the pipeline.
    #[error(transparent)]
    Pipeline(#[from] PipelineError),
    /// The web address cannot be listened at.
    #[error("{key}: {address} cannot be used: {source}")]
    Listen {
        /// The key in the configuration.
        key: &'static str,
        /// Which.
        address: std::net::SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// The certificate of the listener.
    #[error("bounces.listener: {0}")]
    Certificate(#[from] ServerTlsError),
    /// Signals cannot be waited for.
    #[error("signals cannot be waited for: {0}")]
    Signals(io::Error),
    /// A task ended that must not.
    #[error("the daemon's {0} ended by itself: this is a defect")]
    TaskEnded(String),
}

/// What ended one life between two reloads.
enum Ended {
    Stopped,
    Reload(Engine),
}

struct Signals {
    term: Signal,
    int: Signal,
    hup: Signal,
}

impl Signals {
    fn new() -> io::Result<Self> {
        Ok(Self {
            term: signal(SignalKind::terminate())?,
            int: signal(SignalKind::interrupt())?,
            hup: signal(SignalKind::hangup())?,
        })
    }

    async fn stop(&mut self) {
        tokio::select! {
            _ = self.term.recv() => {}
            _ = self.int.recv() => {}
        }
    }
}

/// Runs the daemon until it is stopped. `file` is where a reload reads the configuration from.
///
/// # Errors
/// [`ServeError`]: it could not start, or a part of it ended by itself.
pub async fn serve(
    config: Arc<Config>,
    file: Option<PathBuf>,
    roles: &[Role],
    clock: Clock,
) -> Result<(), ServeError> {
    let mut signals = Signals::new().map_err(ServeError::Signals)?;
    let mut engine = build::engine(config, clock).await?;
    loop {
        match live(&engine, file.as_ref(), roles, &mut signals).await? {
            Ended::Stopped => {
                engine.db.close().await;
                return Ok(());
            }
            Ended::Reload(new) => {
                engine.db.close().await;
                engine = new;
            }
        }
    }
}

async fn live(
    engine: &Engine,
    file: Option<&PathBuf>,
    roles: &[Role],
    signals: &mut Signals,
) -> Result<Ended, ServeError> {
    let names = roles.iter().map(|role| role.as_str()).collect::<Vec<_>>().join(" ");
    let stop = CancellationToken::new();
    let schedules = roles.contains(&Role::Scheduler);
    let health = Health::new(schedules);
    instance::bury_the_dead(engine).await?;
    instance::announce(engine, &names).await?;
    let mut tasks = JoinSet::new();
    if roles.contains(&Role::Web) {
        web::webhooks::check(&engine.config).map_err(BuildError::from)?;
        let address = engine.config.web.listen;
        let listener = TcpListener::bind(address).await.map_err(|source| ServeError::Listen {
            key: "web.listen",
            address,
            source,
        })?;
        let state = WebState::new(engine.clone(), health.clone());
        let stop = stop.clone();
        tasks.spawn(async move {
            web::serve(listener, web::router(state.clone()), stop).await;
            state.settle().await;
        });
    }
    if schedules {
        schedule::announce(engine);
        tasks.spawn(work::schedule(engine.clone(), health.clone(), stop.clone()));
        tasks.spawn(work::gather(engine.clone(), stop.clone()));
        tasks.spawn(work::pictures(engine.clone(), stop.clone()));
        tasks.spawn(work::upkeep(engine.clone(), stop.clone()));
    }
    if roles.contains(&Role::Worker) {
        for (newsletter, domain) in signers::unsigned(&engine.config, &engine.signers) {
            tracing::warn!(
                newsletter,
                domain,
                "goes out unsigned: no [[dkim]] key signs for its sender's domain"
            );
        }
        tasks.spawn(work::mail(engine.clone(), stop.clone()));
        tasks.spawn(work::send(engine.clone(), stop.clone()));
    }
    if roles.contains(&Role::Intake) {
        intake::start(engine, &mut tasks, &stop).await?;
        tasks.spawn(work::track(engine.clone(), stop.clone()));
    }
    tasks.spawn(work::listen(engine.clone(), stop.clone()));
    tasks.spawn(work::live(engine.clone(), names.clone(), stop.clone()));
    tracing::info!(version = env!("CARGO_PKG_VERSION"), roles = names, "newsletterd is ready");
    notify::ready("sending letters");

    let Signals { term, int, hup } = signals;
    let ended = tokio::select! {
        _ = term.recv() => Ended::Stopped,
        _ = int.recv() => Ended::Stopped,
        new = reload(file, hup, &engine.clock) => Ended::Reload(new),
        Some(ended) = tasks.join_next() => {
            stop.cancel();
            let why = ended.err().map_or_else(|| "task".to_owned(), |error| error.to_string());
            return Err(ServeError::TaskEnded(why));
        }
    };
    match ended {
        Ended::Stopped => notify::stopping(),
        Ended::Reload(_) => notify::reloading(),
    }
    tracing::info!("stopping: letters on their way are finished, the rest goes back to the queue");
    stop.cancel();
    tokio::select! {
        () = async { while tasks.join_next().await.is_some() {} } => {}
        () = signals.stop() => tracing::warn!("stopped at once"),
        () = tokio::time::sleep(SOFT_STOP) => tracing::warn!("the soft stop took too long"),
    }
    tasks.shutdown().await;
    instance::leave(engine).await?;
    tracing::info!("stopped");
    Ok(ended)
}

/// Waits until a SIGHUP brings a configuration that can be used, and gives the engine it makes; one
/// that cannot is logged, and the daemon goes on as it is.
async fn reload(file: Option<&PathBuf>, hup: &mut Signal, clock: &Clock) -> Engine {
    loop {
        if hup.recv().await.is_none() {
            std::future::pending::<()>().await;
        }
        let made = async {
            let config = config::load(file.map(PathBuf::as_path), std::env::vars())?;
            Ok::<_, ServeError>(build::engine(Arc::new(config), clock.clone()).await?)
        };
        match made.await {
            Ok(engine) => return engine,
            Err(error) => tracing::error!("the new configuration is not used: {error}"),
        }
    }
}
