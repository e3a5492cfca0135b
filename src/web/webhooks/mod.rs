//! Providers' calls: `POST /webhooks/NAME`. What comes is bounded in size, number and time, proved,
//! read (`mail::intake::webhook`), and answered with 200 only when all of it is kept. Whatever is
//! refused is refused with a reason in words; the log learns which webhook and why, and nothing of
//! what was in the call.

mod answer;
mod certificates;
mod gate;
mod tokens;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::to_bytes;
use axum::extract::{Path, Request, State};
use axum::http::HeaderMap;
use axum::routing::post;
use tokio::sync::Semaphore;

pub use self::certificates::Certificates;

use self::answer::{Answer, Fault};
use self::gate::{Gate, Quiet};
use self::tokens::Tokens;
use super::WebState;
use crate::config::{Config, SecretError, Webhook, WebhookKind};
use crate::mail::intake::webhook::ses::{Envelope, Said};
use crate::mail::intake::webhook::{Call, Headers, MOST_BYTES, brevo, generic, mailgun, postmark, sendgrid};
use crate::mail::intake::{Incoming, Keeper};
use crate::pipeline::Engine;
use crate::pipeline::intake::Inbox;

/// Calls that are read at once. What they hold in memory is this many times [`MOST_BYTES`].
const AT_ONCE: usize = 32;
/// How long the body of a call may take.
const BODY_LIMIT: Duration = Duration::from_secs(10);

/// What is remembered between calls.
pub(super) struct Hooks {
    certificates: Certificates,
    tokens: Tokens,
    gate: Gate,
    quiet: Quiet,
    at_once: Arc<Semaphore>,
}

impl Hooks {
    pub(super) fn new(engine: &Engine, certificates: Certificates) -> Self {
        Self {
            certificates,
            tokens: Tokens::new(),
            gate: Gate::new(),
            quiet: Quiet::new(engine.config.bounces.webhooks.len()),
            at_once: Arc::new(Semaphore::new(AT_ONCE)),
        }
    }
}

/// Reads the secret of each webhook once, so that a missing one is found when the daemon starts.
///
/// # Errors
/// [`SecretError`] for the first that cannot be read.
pub fn check(config: &Config) -> Result<(), SecretError> {
    let mut files = config.bounces.webhooks.iter().filter_map(|webhook| webhook.secret_file.as_ref());
    files.try_for_each(|file| config.read_secret(file).map(drop))
}

pub(super) fn routes() -> Router<WebState> {
    Router::new().route("/webhooks/{name}", post(receive))
}

async fn receive(State(state): State<WebState>, Path(name): Path<String>, request: Request) -> Answer {
    let engine = &state.engine;
    let webhooks = &engine.config.bounces.webhooks;
    let Some(nth) = webhooks.iter().position(|webhook| webhook.name.as_str() == name) else {
        return Answer::Refused(Fault::NoSuchHook);
    };
    let answer = match take(&state, &webhooks[nth], request).await {
        Ok(()) => return Answer::Taken,
        Err(fault) => Answer::Refused(fault),
    };
    if let Answer::Refused(fault) = &answer
        && state.hooks.quiet.may_tell(nth, engine.clock.now())
    {
        tracing::warn!(
            webhook = name,
            reason = fault.word(),
            "a call was refused; more may follow, one a minute is told"
        );
    }
    answer
}

/// Takes a call, whole.
async fn take(state: &WebState, webhook: &Webhook, request: Request) -> Result<(), Fault> {
    let (engine, hooks) = (&state.engine, &state.hooks);
    let _place = hooks.at_once.try_acquire().map_err(|_| Fault::TooMuch)?;
    if !hooks.gate.admits(engine.clock.now()) {
        return Err(Fault::TooMuch);
    }
    let headers = headers(request.headers());
    let body = tokio::time::timeout(BODY_LIMIT, to_bytes(request.into_body(), MOST_BYTES)).await;
    // What is too long and what breaks off cannot be told apart here.
    let body = body.map_err(|_| Fault::TooSlow)?.map_err(|_| Fault::TooLong)?;
    let call = Call { headers: &headers, body: &body };
    let inbox = Inbox::new(engine);
    for incoming in open(state, webhook, call).await? {
        inbox.keep(incoming).await?;
    }
    Ok(())
}

fn headers(headers: &HeaderMap) -> Headers {
    let text = |value: &axum::http::HeaderValue| value.to_str().unwrap_or_default().to_owned();
    headers.iter().map(|(name, value)| (name.as_str(), text(value))).collect()
}

/// What a call says that is believed.
async fn open(state: &WebState, webhook: &Webhook, call: Call<'_>) -> Result<Vec<Incoming>, Fault> {
    let engine = &state.engine;
    let now = engine.clock.now();
    let secret = match &webhook.secret_file {
        // A short file, as near as memory; read anew, so that a secret can be changed while we run.
        Some(file) => engine.config.read_secret(file)?.reveal().to_owned(),
        None => String::new(),
    };
    Ok(match webhook.kind {
        WebhookKind::Ses => return from_ses(state, webhook, call).await,
        WebhookKind::Sendgrid => {
            let key = webhook.public_key.as_ref().ok_or(Fault::NoSuchHook)?;
            sendgrid::open(call, key.point(), now)?
        }
        WebhookKind::Mailgun => {
            let opened = mailgun::open(call, &secret, now)?;
            state.hooks.tokens.spend(&opened, now)?;
            opened.incoming.into_iter().collect()
        }
        WebhookKind::Postmark => postmark::open(call, &secret)?,
        WebhookKind::Brevo => brevo::open(call, &secret)?,
        WebhookKind::Generic => generic::open(call, &secret, now)?,
    })
}

async fn from_ses(state: &WebState, webhook: &Webhook, call: Call<'_>) -> Result<Vec<Incoming>, Fault> {
    let engine = &state.engine;
    let envelope = Envelope::read(call, &webhook.topics)?;
    let certificate = state.hooks.certificates.get(&engine.fetcher, envelope.certificate()).await?;
    match envelope.open(&certificate, engine.clock.now())? {
        Said::Events(events) => Ok(events),
        Said::Subscribed { confirm } => {
            certificates::narrow(&engine.fetcher).ping(&confirm).await?;
            tracing::info!(webhook = webhook.name.as_str(), "the subscription of this webhook is confirmed");
            Ok(Vec::new())
        }
        Said::Unsubscribed => {
            tracing::warn!(
                webhook = webhook.name.as_str(),
                "the topic no longer calls this webhook: its subscription was ended there"
            );
            Ok(Vec::new())
        }
    }
}
