//! The demo: an invented town's paper sends today's edition of its five newsletters, everything in
//! one process. A folder holds an embedded database, the configuration and a captured mailbox; a
//! receiver of our own on loopback takes the mails; one more port serves letters, mailbox, archive
//! and the paper's own pages and pictures.
//!
//! Promises: needs no configuration and no server; nothing leaves this machine but requests for a
//! feed that was named and for its pictures; a folder that holds an earlier demo is gone on with, and nobody gets an
//! edition twice.
//!
//! What is told to the person at the terminal is the command's business.

mod editions;
mod feed;
mod folder;
pub mod newsroom;
mod settings;
mod site;
mod stock;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use url::Url;

pub use self::editions::{Outcome, Sent, Tally};
use self::folder::Folder;
use self::newsroom::{Newsroom, NewsroomError};
use crate::clock::Clock;
use crate::config::ConfigErrors;
use crate::daemon::{self, BuildError, instance};
use crate::domain::language::Language;
use crate::mail::receiver::{Limits, Receiver};
use crate::pipeline::{Engine, PipelineError};
use crate::store::StoreError;
use crate::web::ops::Health;
use crate::web::{self, WebState};

/// What a person may wish of the demo.
#[derive(Clone, Debug, Default)]
pub struct Wishes {
    /// Where everything is kept; a new temporary folder when it is left out.
    pub folder: Option<PathBuf>,
    /// A file or an address with articles, which take the place of the sample's in their language.
    pub feed: Option<String>,
}

/// Why the demo cannot be shown.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// The folder, or something in it.
    #[error("{path} cannot be used: {source}; name another folder with --dir")]
    Folder {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// No port of this machine can be listened at.
    #[error("no port of this machine can be listened at: {0}")]
    Port(io::Error),
    /// The texts that the program carries.
    #[error(transparent)]
    Newsroom(#[from] NewsroomError),
    /// The configuration cannot be written as TOML.
    #[error("the demo's configuration cannot be written: {0}")]
    Settings(#[from] toml::ser::Error),
    /// The configuration is refused: what stands in it comes from the folder's or the feed's name.
    #[error(transparent)]
    Config(#[from] ConfigErrors),
    /// There is no engine.
    #[error(transparent)]
    Build(#[from] BuildError),
    /// The feed cannot be used.
    #[error("--feed {feed}: {why}")]
    Feed {
        /// As it was named.
        feed: String,
        /// What is wrong with it.
        why: String,
    },
    /// A step failed.
    #[error(transparent)]
    Pipeline(#[from] PipelineError),
}

impl From<StoreError> for DemoError {
    fn from(error: StoreError) -> Self {
        Self::Pipeline(error.into())
    }
}

/// A demo that is ready: articles, reads and readers are in its database, its mailbox takes mail.
pub struct Demo {
    engine: Engine,
    newsroom: Arc<Newsroom>,
    /// The language whose stories come from a feed.
    fed: Option<Language>,
    folder: Folder,
    /// The pages, also while letters are sent: their pictures are fetched from there.
    web: Part,
    receiver: Part,
}

/// What runs beside the rest, until it is ended.
struct Part {
    task: JoinHandle<()>,
    end: CancellationToken,
}

impl Part {
    fn start<F: Future<Output = ()> + Send + 'static>(run: impl FnOnce(CancellationToken) -> F) -> Self {
        let end = CancellationToken::new();
        Self { task: tokio::spawn(run(end.clone())), end }
    }

    async fn end(self) {
        self.end.cancel();
        // It ends by itself once its connections are gone; what it had is in the folder already.
        let _ = self.task.await;
    }
}

impl Demo {
    /// Makes everything ready: folder, database, mailbox, sample newsroom.
    ///
    /// # Errors
    /// [`DemoError`].
    pub async fn prepare(wishes: Wishes, clock: Clock) -> Result<Self, DemoError> {
        let folder = Folder::prepare(wishes.folder.as_deref())?;
        let listener = listen(folder.last_port()).await?;
        let smtp = listen(None).await?;
        let (web_at, smtp_at) =
            (listener.local_addr().map_err(DemoError::Port)?, smtp.local_addr().map_err(DemoError::Port)?);
        let site = site_at(web_at)?;

        let texts = newsroom::newsroom(clock.now(), &site)?;
        let ports = settings::Ports { web: web_at, smtp: smtp_at };
        let config = settings::configure(&folder, ports, &texts, wishes.feed.as_deref())?;
        let engine = daemon::engine(Arc::new(config), clock).await?;
        engine.db.relax().await?;
        instance::announce(&engine, "demo").await?;
        // An earlier demo may have been killed with deliveries in its hands.
        instance::bury_the_dead(&engine).await?;

        let mailbox = Arc::new(folder.mailbox()?);
        let receiver = Receiver::new("localhost", Limits::default(), Arc::clone(&mailbox));
        let receiver = Part::start(|end| receiver.serve(smtp, end));

        let feed = feed::read(&engine).await?;
        // An earlier demo's stories keep the times that they had.
        let began = stock::began(&engine).await?.unwrap_or_else(|| engine.clock.now());
        let newsroom = newsroom::newsroom(began, &site)?;
        stock::store(&engine, &newsroom, feed.as_ref()).await?;
        let fed = feed.map(|feed| feed.language);
        let newsroom = Arc::new(newsroom);
        let state = WebState::new(engine.clone(), Health::new(false)).with_mailbox(mailbox);
        let router =
            web::router(state.clone()).merge(site::routes(Arc::clone(&newsroom), &engine.config.site));
        let web = Part::start(|end| async move {
            web::serve(listener, router, end).await;
            state.settle().await;
        });
        Ok(Self { engine, newsroom, fed, folder, web, receiver })
    }

    /// Sends today's edition of every newsletter, or goes on where an earlier demo was stopped.
    /// `shown` is called again and again with where it stands. Ends early when `stop` is cancelled.
    ///
    /// # Errors
    /// What the database says.
    pub async fn send(&self, stop: &CancellationToken, shown: impl Fn(Tally)) -> Result<Outcome, DemoError> {
        editions::send(&self.engine, self.fed, stop, shown).await
    }

    /// Goes on serving letters, mailbox, archive and the paper's pages until `stop` is cancelled.
    pub async fn serve(self, stop: CancellationToken) -> Result<(), DemoError> {
        stop.cancelled().await;
        self.close().await
    }

    /// Ends: what was sent lies in the folder.
    pub async fn close(self) -> Result<(), DemoError> {
        let Self { engine, web, receiver, .. } = self;
        web.end().await;
        engine.relays.close().await;
        receiver.end().await;
        instance::leave(&engine).await?;
        engine.db.close().await;
        Ok(())
    }

    /// The folder of the captured mails.
    pub fn mails(&self) -> &Path {
        self.folder.mails()
    }

    /// The demo's folder.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The front page of the archive.
    pub fn archive(&self) -> &Url {
        &self.engine.config.web.public_url
    }

    /// The list of captured mails.
    pub fn mailbox(&self) -> String {
        format!("{}mailbox", self.archive())
    }

    /// Where a letter is read in the browser.
    pub fn letter(&self, sent: &Sent) -> String {
        self.engine.links().letter(&sent.newsletter, sent.edition)
    }

    /// How many readers there are, and how many of them get no letter.
    pub fn readers(&self) -> (usize, usize) {
        let readers = &self.newsroom.subscribers;
        let active =
            |reader: &&newsroom::DemoSubscriber| reader.subscription == newsroom::DemoSubscription::Active;
        (readers.len(), readers.len() - readers.iter().filter(active).count())
    }
}

/// What a language calls itself.
pub const fn own_name(language: Language) -> &'static str {
    match language {
        Language::English => "English",
        Language::Georgian => "ქართული",
        Language::Armenian => "հայերեն",
        Language::Azerbaijani => "azərbaycanca",
        Language::Russian => "русский",
    }
}

/// Listens at the port of an earlier demo, so that links in its mails still lead somewhere, else at
/// a free one.
async fn listen(wanted: Option<u16>) -> Result<TcpListener, DemoError> {
    if let Some(port) = wanted
        && let Ok(listener) = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await
    {
        return Ok(listener);
    }
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.map_err(DemoError::Port)
}

fn site_at(address: SocketAddr) -> Result<Url, DemoError> {
    Url::parse(&format!("http://{address}/")).map_err(|error| DemoError::Port(io::Error::other(error)))
}
