//! Counts what readers do where a newsletter says so: links followed, letters opened, by day, and
//! nothing about who. What comes is gathered for a second and written together, so that the
//! database has one small transaction a second, however many click, and nobody waits for it to
//! reach their article. A process that is killed loses that second.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::http::header::USER_AGENT;
use axum::http::{HeaderMap, Method};

use crate::pipeline::links::{self, Counts, Event};
use crate::pipeline::{Engine, Result};
use crate::sources::reads::UserAgents;
use crate::store::editions;

/// How long counts are gathered before they are written.
const GATHERED_FOR: Duration = Duration::from_secs(1);
/// How long to wait, at most, before a database that failed is tried again.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// How long writing may take.
const WRITING_LIMIT: Duration = Duration::from_secs(10);
/// Links and days that are remembered while the database cannot be reached: a few megabytes.
const GATHERED_MAX: usize = 50_000;

/// Programs that fetch a letter's pictures at the moment when its reader opens it, and hide that
/// reader. For a link they would be machines.
const PICTURE_PROXIES: &[&str] = &["GoogleImageProxy", "YahooMailProxy"];

/// Headers by which browsers and mail programs say that nobody has asked for the page yet.
const AHEAD_OF_TIME: &[&str] = &["sec-purpose", "purpose", "x-purpose", "x-moz"];

/// What was counted and is not written yet.
pub(super) struct Counting {
    agents: UserAgents,
    gathered: Mutex<Gathered>,
}

#[derive(Default)]
struct Gathered {
    counts: Counts,
    /// Whether a task is there that will write them.
    awaited: bool,
}

impl Counting {
    pub(super) fn new() -> Self {
        Self { agents: UserAgents::new(), gathered: Mutex::default() }
    }

    /// Whether a request for a link is a person's, as far as can be told: a GET, made when somebody
    /// clicked, by a program that is not known to be a machine. Nothing of it is kept.
    pub(super) fn is_click(&self, method: &Method, headers: &HeaderMap) -> bool {
        is_asked_for(method, headers) && !self.agents.is_machine(agent(headers))
    }

    /// As [`Self::is_click`], for the picture in a letter.
    pub(super) fn is_opening(&self, method: &Method, headers: &HeaderMap) -> bool {
        let agent = agent(headers);
        let proxy = PICTURE_PROXIES.iter().any(|proxy| agent.contains(proxy));
        is_asked_for(method, headers) && (proxy || !self.agents.is_machine(agent))
    }

    /// Counts one more of `event`, today.
    pub(super) fn add(self: &Arc<Self>, engine: &Engine, event: Event) {
        let key = (event, editions::day_of(engine.clock.now()));
        let mut gathered = self.gathered();
        if gathered.counts.len() >= GATHERED_MAX && !gathered.counts.contains_key(&key) {
            return;
        }
        *gathered.counts.entry(key).or_default() += 1;
        if !std::mem::replace(&mut gathered.awaited, true) {
            drop(gathered);
            tokio::spawn(Arc::clone(self).write_in_a_while(engine.clone()));
        }
    }

    /// Writes until nothing is left.
    async fn write_in_a_while(self: Arc<Self>, engine: Engine) {
        let mut pause = GATHERED_FOR;
        loop {
            tokio::time::sleep(pause).await;
            pause = if self.write(&engine).await { GATHERED_FOR } else { (pause * 2).min(LONGEST_PAUSE) };
            let mut gathered = self.gathered();
            if gathered.counts.is_empty() {
                gathered.awaited = false;
                return;
            }
        }
    }

    /// Writes what was gathered; what cannot be written stays. Whether it could.
    pub(super) async fn write(&self, engine: &Engine) -> bool {
        let counts = std::mem::take(&mut self.gathered().counts);
        if counts.is_empty() {
            return true;
        }
        let Err(why) = in_time(links::count(engine, &counts)).await else { return true };
        tracing::warn!("clicks and openings could not be counted yet: {why}");
        let mut gathered = self.gathered();
        for (key, n) in counts {
            *gathered.counts.entry(key).or_default() += n;
        }
        false
    }

    fn gathered(&self) -> MutexGuard<'_, Gathered> {
        self.gathered.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn in_time(writing: impl Future<Output = Result<()>>) -> std::result::Result<(), String> {
    match tokio::time::timeout(WRITING_LIMIT, writing).await {
        Ok(written) => written.map_err(|error| error.to_string()),
        Err(_) => Err(format!("the database took longer than {} s", WRITING_LIMIT.as_secs())),
    }
}

fn agent(headers: &HeaderMap) -> &str {
    headers.get(USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or_default()
}

/// Whether somebody asked for the page now: no HEAD, no fetching ahead of time.
fn is_asked_for(method: &Method, headers: &HeaderMap) -> bool {
    let ahead = |value: &str| {
        let value = value.to_ascii_lowercase();
        ["prefetch", "prerender", "preview"].iter().any(|word| value.contains(word))
    };
    method == Method::GET
        && !AHEAD_OF_TIME.iter().filter_map(|name| headers.get(*name)?.to_str().ok()).any(ahead)
}
