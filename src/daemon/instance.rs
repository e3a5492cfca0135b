//! Which process this is, and which of those that announced themselves are dead: what they had
//! claimed goes back to the queue at once when they ran on this machine, and when their leases end
//! otherwise.

use std::fs;
use std::io::Read as _;
use std::path::Path;

use chrono::TimeDelta;

use crate::pipeline::{Engine, Result, deliver};
use crate::store::instances::{self, Instance};
use crate::store::{Db, claims, journal};

/// An instance that has not said for so long that it lives is taken for dead by those who ask.
pub const SILENT: TimeDelta = TimeDelta::seconds(30);

/// A name for this process that no other ever bears: its id, its start time, and chance.
pub fn incarnation() -> String {
    let mut chance = [0_u8; 8];
    let read = fs::File::open("/dev/urandom").and_then(|mut file| file.read_exact(&mut chance));
    if read.is_err() {
        // Still unique on this machine by the two others.
        chance = [0; 8];
    }
    let pid = std::process::id();
    format!("{pid}-{}-{}", start_of(pid.into()).unwrap_or(0), data_encoding::HEXLOWER.encode(&chance))
}

/// The machine, as far as process ids mean the same: host name, boot, and process-id namespace.
pub fn host() -> String {
    let read = |path| fs::read_to_string(path).unwrap_or_default();
    let boot: String = read("/proc/sys/kernel/random/boot_id").chars().take(8).collect();
    let namespace =
        fs::read_link("/proc/self/ns/pid").map(|link| link.display().to_string()).unwrap_or_default();
    format!("{} {boot} {namespace}", read("/proc/sys/kernel/hostname").trim())
}

/// When a process started, in clock ticks since boot; `None` when there is none with that id.
fn start_of(pid: i64) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // Fields follow the command's name, which is in parentheses and may hold anything; the 22nd
    // field of the line is the start time (proc(5)).
    stat.rsplit_once(')')?.1.split_whitespace().nth(19)?.parse().ok()
}

/// Whether an instance is certainly dead: it ran on this machine, and its process is gone.
fn is_dead(instance: &Instance, host: &str) -> bool {
    let started = instance.incarnation.split('-').nth(1).and_then(|text| text.parse().ok());
    instance.host == host && start_of(instance.pid) != started
}

/// Announces this process.
///
/// # Errors
/// What the database says.
pub async fn announce(engine: &Engine, roles: &str) -> Result<()> {
    let instance = Instance {
        incarnation: engine.incarnation.to_string(),
        host: host(),
        pid: std::process::id().into(),
        roles: roles.to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        config_hash: engine.config.hash(),
        journal: Some(engine.journal.base().display().to_string()),
        heartbeat_at: engine.clock.now(),
    };
    let mut tx = engine.db.begin().await?;
    instances::announce(&mut tx, &instance, instance.heartbeat_at).await?;
    tx.commit().await?;
    Ok(())
}

/// Strikes out processes of this machine that are dead: first what their journals say is recorded,
/// then what else they had claimed goes back to the queue.
///
/// # Errors
/// What the database says.
pub async fn bury_the_dead(engine: &Engine) -> Result<()> {
    let host = host();
    let mut tx = engine.db.read().await?;
    let dead: Vec<_> = instances::all(&mut tx).await?.into_iter().filter(|one| is_dead(one, &host)).collect();
    drop(tx);
    for instance in dead {
        let journal = instance.journal.as_deref().map(Path::new);
        take_over(engine, &instance.incarnation, journal).await?;
    }
    Ok(())
}

/// Takes over what a process left that does not send any more.
async fn take_over(engine: &Engine, incarnation: &str, journal: Option<&Path>) -> Result<()> {
    let entries = match journal.map(journal::read).transpose() {
        Ok(entries) => entries.unwrap_or_default(),
        Err(error) => {
            // Its letters may be out: what it had claimed waits until its leases end.
            let file = journal.map(Path::display);
            tracing::error!(
                instance = incarnation,
                "the journal {} of a dead process cannot be read: {error}; check its rights",
                file.map(|file| file.to_string()).unwrap_or_default()
            );
            return Ok(());
        }
    };
    let known = deliver::replay(engine, &entries).await?;
    let mut tx = engine.db.begin().await?;
    let back = claims::take_back_of(&mut tx, incarnation).await?;
    instances::remove(&mut tx, incarnation).await?;
    tx.commit().await?;
    if let Some(Err(error)) = journal.map(journal::remove) {
        tracing::warn!(instance = incarnation, "its journal cannot be taken away: {error}");
    }
    if !entries.is_empty() || back > 0 {
        tracing::info!(
            instance = incarnation,
            answers.journaled = known,
            deliveries.requeued = back,
            "took over what a process left"
        );
    }
    Ok(())
}

/// Puts back into the queue what stands under leases that are over.
///
/// # Errors
/// What the database says.
pub async fn take_back_expired(engine: &Engine) -> Result<()> {
    let now = engine.clock.now();
    let mut tx = engine.db.begin().await?;
    let back = claims::take_back_expired(&mut tx, now).await?;
    tx.commit().await?;
    if back > 0 {
        tracing::warn!(deliveries.requeued = back, "leases ended without an outcome");
    }
    Ok(())
}

/// Takes leave. What a hard stop left goes the way of what the dead leave: nobody would look for a
/// process that took leave.
///
/// # Errors
/// What the database says.
pub async fn leave(engine: &Engine) -> Result<()> {
    take_over(engine, &engine.incarnation, Some(engine.journal.base())).await
}

/// The other daemons that live, commands left out.
///
/// # Errors
/// What the database says.
pub async fn other_daemons(engine: &Engine) -> Result<Vec<Instance>> {
    let (host, now) = (host(), engine.clock.now());
    let mut tx = engine.db.read().await?;
    let mut all = instances::all(&mut tx).await?;
    all.retain(|one| {
        *one.incarnation != *engine.incarnation
            && one.roles.split(' ').any(|role| role == "worker" || role == "scheduler")
            && now - one.heartbeat_at < SILENT
            && !is_dead(one, &host)
    });
    Ok(all)
}

/// Whether a live daemon that sends shares the database.
///
/// # Errors
/// What the database says.
pub async fn has_live_worker(db: &Db, now: chrono::DateTime<chrono::Utc>) -> Result<bool> {
    let host = host();
    let mut tx = db.read().await?;
    let all = instances::all(&mut tx).await?;
    Ok(all.iter().any(|one| {
        one.roles.split(' ').any(|role| role == "worker")
            && now - one.heartbeat_at < SILENT
            && !is_dead(one, &host)
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn instance(incarnation: String, host: String, pid: i64) -> Instance {
        Instance {
            incarnation,
            host,
            pid,
            roles: "worker".to_owned(),
            version: String::new(),
            config_hash: String::new(),
            journal: None,
            heartbeat_at: chrono::DateTime::UNIX_EPOCH,
        }
    }

    #[test]
    fn only_a_process_of_this_machine_that_is_gone_is_dead() {
        let pid = i64::from(std::process::id());
        assert!(!is_dead(&instance(incarnation(), host(), pid), &host()));
        // The same id, but another start time: the id was given out again.
        assert!(is_dead(&instance(format!("{pid}-1-00"), host(), pid), &host()));
        assert!(is_dead(&instance("4000000-5-00".to_owned(), host(), 4_000_000), &host()));
        assert!(!is_dead(&instance("4000000-5-00".to_owned(), "elsewhere".to_owned(), 4_000_000), &host()));
    }
}
