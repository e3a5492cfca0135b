//! HTTP in: the pages that readers reach, the demo's captured mailbox, and what ops ask for.
//!
//! Promises: a GET changes nothing, whoever sends it; each answer carries the strictest content
//! security policy that its page can live with; no token, path or address is logged; requests are
//! bounded in size, time and number; a fault of ours is a page in words, its cause stands in the
//! log alone.
//!
//! Paths begin at the root. A web server in front that gives us a part of its own site, as
//! `web.public_url` then says, takes its prefix off before it hands a request on; links on pages
//! carry it.

mod answer;
mod captured;
mod counting;
mod error;
mod frame;
mod metrics;
pub mod ops;
mod public;
mod server;
mod site;
pub mod webhooks;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;

pub use self::server::serve;

use self::counting::Counting;
use self::error::WebError;
use self::metrics::Metrics;
use self::ops::Health;
use self::webhooks::{Certificates, Hooks};
use crate::mail::receiver::Capture;
use crate::pipeline::Engine;

/// The largest body of a request, in bytes. All that is ever sent to us is a short form.
const BODY_LIMIT: usize = 64 * 1024;

/// What the pages are made from; cheap to clone.
#[derive(Clone)]
pub struct WebState {
    engine: Engine,
    health: Health,
    mailbox: Option<Arc<Capture>>,
    counting: Arc<Counting>,
    hooks: Arc<Hooks>,
    metrics: Arc<Metrics>,
}

impl WebState {
    /// Pages over `engine`; `health` tells how the scheduler of this process fares.
    pub fn new(engine: Engine, health: Health) -> Self {
        let hooks = Arc::new(Hooks::new(&engine, Certificates::default()));
        let metrics = Arc::new(Metrics::new(engine.clock.now()));
        Self { engine, health, mailbox: None, counting: Arc::new(Counting::new()), hooks, metrics }
    }

    /// With the mails of `mailbox` for everybody to see, as in the demo.
    #[must_use]
    pub fn with_mailbox(self, mailbox: Arc<Capture>) -> Self {
        Self { mailbox: Some(mailbox), ..self }
    }

    /// With certificates for providers' calls that need not be fetched.
    #[must_use]
    pub fn with_certificates(self, certificates: Certificates) -> Self {
        Self { hooks: Arc::new(Hooks::new(&self.engine, certificates)), ..self }
    }

    /// Writes what was counted and is not written yet: called when the pages are no longer served.
    pub async fn settle(&self) {
        self.counting.write(&self.engine).await;
    }
}

/// All pages, ready to be served or to be called without a port.
pub fn router(state: WebState) -> Router {
    let mut router = Router::new()
        .merge(public::routes())
        .merge(ops::routes())
        .merge(metrics::routes())
        .merge(webhooks::routes());
    if state.mailbox.is_some() {
        router = router.merge(captured::routes());
    }
    router
        .fallback(async || WebError::NotFound)
        .method_not_allowed_fallback(async || WebError::Method)
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(from_fn_with_state(state.clone(), frame::frame))
        .with_state(state)
}
