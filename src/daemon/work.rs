//! The loops of a running daemon. Each looks at the database again and again, and a bell shortens
//! the wait; none of them ends but by its stop token, and a failure of the database is waited out.

use std::collections::HashSet;
use std::time::Duration;

use tokio::task::{JoinError, JoinSet};
use tokio_util::sync::CancellationToken;

use super::{instance, notify};
use crate::domain::edition::EditionState;
use crate::domain::ids::EditionId;
use crate::pipeline::deliver::{self, RunEnd};
use crate::pipeline::{Engine, Result, advance, control, gather, outbox, pictures, track, upkeep};
use crate::store::editions::{self, Edition};
use crate::store::{instances, relays};
use crate::web::ops::Health;

/// What a command changed is seen within this time.
const LOOK: Duration = Duration::from_millis(250);
/// After a failure of the database.
const AFTER_FAILURE: Duration = Duration::from_secs(2);
/// How often a daemon says that it lives.
const HEARTBEAT: Duration = Duration::from_secs(5);
/// How often sources are looked at; each has its own interval besides.
const GATHER: Duration = Duration::from_secs(5);
/// How often the day's upkeep is done, and how long it waits after a failure: mostly one of a table that
/// could not be had at once.
const DAY: Duration = Duration::from_secs(24 * 3600);
const UPKEEP_AGAIN: Duration = Duration::from_secs(600);
/// How often it is looked which pictures drafts want.
const PICTURES: Duration = Duration::from_secs(2);

/// Opens, compiles, locks and enqueues.
pub async fn schedule(engine: Engine, health: Health, stop: CancellationToken) {
    while !stop.is_cancelled() {
        let ticked = advance::tick(&engine).await;
        if ticked.is_ok() {
            health.ticked(engine.clock.now());
        }
        rest(&engine, &stop, "schedule", ticked, LOOK).await;
    }
}

/// Polls sources.
pub async fn gather(engine: Engine, stop: CancellationToken) {
    while !stop.is_cancelled() {
        let polled = gather::tick(&engine).await;
        rest(&engine, &stop, "gather", polled, GATHER).await;
    }
}

/// Fetches the pictures of drafts. A loop of its own: a slow site delays nobody.
pub async fn pictures(engine: Engine, stop: CancellationToken) {
    while !stop.is_cancelled() {
        // Each picture is stored by itself, so that what is under way can be dropped.
        let fetched = tokio::select! {
            fetched = pictures::tick(&engine) => fetched,
            () = stop.cancelled() => return,
        };
        rest(&engine, &stop, "pictures", fetched, PICTURES).await;
    }
}

/// Sends the outbox. Apart from the editions: an alert must not wait until a long run is over.
pub async fn mail(engine: Engine, stop: CancellationToken) {
    while !stop.is_cancelled() {
        let sent = outbox::send_due(&engine).await.map(|_| ());
        rest(&engine, &stop, "mail", sent, LOOK).await;
    }
}

/// Looks at the reports that came in.
pub async fn track(engine: Engine, stop: CancellationToken) {
    while !stop.is_cancelled() {
        match track::tick(&engine).await {
            // There may be more.
            Ok(settled) if settled > 0 => {}
            looked => rest(&engine, &stop, "track", looked.map(|_| ()), LOOK).await,
        }
    }
}

/// Sends every edition that is to be sent, all at the same time: a slow one delays no other.
pub async fn send(engine: Engine, stop: CancellationToken) {
    let mut runs = JoinSet::new();
    let mut under_way = HashSet::new();
    while !stop.is_cancelled() {
        let begun = begin_runs(&engine, &stop, &mut runs, &mut under_way).await;
        tokio::select! {
            () = rest(&engine, &stop, "send", begun, LOOK) => {}
            Some(ended) = runs.join_next() => forget(ended, &mut under_way),
        }
        while let Some(ended) = runs.try_join_next() {
            forget(ended, &mut under_way);
        }
    }
    while runs.join_next().await.is_some() {}
    engine.relays.close().await;
}

/// A run is over, and its edition may have another.
fn forget(ended: std::result::Result<EditionId, JoinError>, under_way: &mut HashSet<EditionId>) {
    match ended {
        Ok(id) => {
            under_way.remove(&id);
        }
        Err(error) => {
            tracing::error!("a run broke down: this is a defect: {error}");
            // Which one it was is not told: all may be begun again, and one that goes on is found so.
            under_way.clear();
        }
    }
}

async fn begin_runs(
    engine: &Engine,
    stop: &CancellationToken,
    runs: &mut JoinSet<EditionId>,
    under_way: &mut HashSet<EditionId>,
) -> Result<()> {
    let mut tx = engine.db.read().await?;
    let unfinished = editions::unfinished(&mut tx).await?;
    drop(tx);
    for edition in unfinished {
        if edition.state != EditionState::Sending || !under_way.insert(edition.id) {
            continue;
        }
        let (engine, stop) = (engine.clone(), stop.clone());
        runs.spawn(async move {
            // One edition's failure never keeps the others.
            if let Err(error) = send_edition(&engine, &edition, &stop).await {
                tracing::error!(edition.id = edition.id.0, "edition cannot be sent: {error}");
                pause(&stop, AFTER_FAILURE).await;
            }
            edition.id
        });
    }
    Ok(())
}

async fn send_edition(engine: &Engine, edition: &Edition, stop: &CancellationToken) -> Result<()> {
    // What came back to the queue after the edition's end is given up, not sent.
    if edition.expires_at <= engine.clock.now() && deliver::settle(engine, edition.id).await? {
        return Ok(());
    }
    match deliver::run(engine, edition.id, stop).await? {
        // Also what rests for its relay has an end.
        RunEnd::NothingDue | RunEnd::RelayDown(_) => {
            deliver::settle(engine, edition.id).await?;
            // Nothing is to be done for it now: it need not be looked at again at once.
            pause(stop, LOOK).await;
            Ok(())
        }
        RunEnd::NotSending => control::finish_cancelled(engine).await,
        RunEnd::Stopped => Ok(()),
    }
}

async fn pause(stop: &CancellationToken, wait: Duration) {
    tokio::select! {
        () = stop.cancelled() => {}
        () = tokio::time::sleep(wait) => {}
    }
}

/// Hears when another daemon, or a command, changed what this one waits for, and passes it on. What is
/// not heard is seen by looking, a little later.
pub async fn listen(engine: Engine, stop: CancellationToken) {
    let heard = async {
        loop {
            match engine.db.listen().await {
                Ok(mut bells) => loop {
                    // At first, too: what changed before anybody listened.
                    engine.wake.notify_waiters();
                    bells.next().await;
                },
                Err(error) => tracing::debug!("cannot listen to other daemons: {error}"),
            }
            tokio::time::sleep(AFTER_FAILURE).await;
        }
    };
    tokio::select! {
        () = stop.cancelled() => {}
        () = heard => {}
    }
}

/// Does what is to be done once a day; after a failure, soon again.
pub async fn upkeep(engine: Engine, stop: CancellationToken) {
    while !stop.is_cancelled() {
        let wait = match upkeep::tick(&engine).await {
            Ok(()) => DAY,
            Err(error) => {
                tracing::error!(work = "upkeep", "{error}");
                UPKEEP_AGAIN
            }
        };
        pause(&stop, wait).await;
    }
}

/// Says that this process lives, takes back or ends what others left, and keeps systemd's watchdog calm.
pub async fn live(engine: Engine, roles: String, stop: CancellationToken) {
    let every = notify::watchdog().map_or(HEARTBEAT, |limit| limit.min(HEARTBEAT));
    let mut told = HashSet::new();
    while !stop.is_cancelled() {
        let said = async {
            instance::announce(&engine, &roles).await?;
            instance::bury_the_dead(&engine).await?;
            instance::take_back_expired(&engine).await?;
            share(&engine).await?;
            tell_apart(&engine, &mut told).await?;
            control::finish_cancelled(&engine).await
        };
        let said = said.await;
        notify::alive();
        rest(&engine, &stop, "heartbeat", said, every).await;
    }
}

/// Warns, once for each, of daemons that share the database and run another version or with another
/// configuration: what one of them plans, the other may send by other rules.
async fn tell_apart(engine: &Engine, told: &mut HashSet<String>) -> Result<()> {
    for other in instance::other_daemons(engine).await? {
        let (version, config) = (env!("CARGO_PKG_VERSION"), engine.config.hash());
        let differs = other.version != version || other.config_hash != config;
        if differs && told.insert(other.incarnation.clone()) {
            tracing::warn!(
                instance = other.incarnation,
                instance.host = other.host,
                instance.version = other.version,
                same_version = other.version == version,
                same_configuration = other.config_hash == config,
                "another daemon on this database differs from this one: give all the same newsletter.toml \
                 and the same version"
            );
        }
    }
    Ok(())
}

/// Takes this daemon's share of connections, and keeps how many the relays bore.
async fn share(engine: &Engine) -> Result<()> {
    let since = engine.clock.now() - instance::SILENT;
    let mut tx = engine.db.read().await?;
    let daemons = instances::live_workers(&mut tx, since).await?;
    let states = relays::states(&mut tx).await?;
    drop(tx);
    let daemons = usize::try_from(daemons).unwrap_or(1).max(1);
    engine.providers.share(daemons);
    for way in &engine.relays {
        way.relay.share((usize::from(way.settings.connections.get()) / daemons).max(1));
        let (bears, name) = (way.relay.concurrency(), way.name());
        let known = states.iter().find(|state| state.relay == name).and_then(|state| state.concurrency);
        if known != i64::try_from(bears).ok() {
            let mut tx = engine.db.begin().await?;
            relays::set_concurrency(&mut tx, name, bears, engine.clock.now()).await?;
            tx.commit().await?;
        }
    }
    Ok(())
}

/// Waits for the bell, the stop, or the time; longer after a failure, which is logged.
async fn rest(engine: &Engine, stop: &CancellationToken, what: &str, done: Result<()>, wait: Duration) {
    let wait = match done {
        Ok(()) => wait,
        Err(error) => {
            tracing::error!(work = what, "{error}");
            AFTER_FAILURE
        }
    };
    tokio::select! {
        () = stop.cancelled() => {}
        () = engine.wake.notified() => {}
        () = tokio::time::sleep(wait) => {}
    }
}
