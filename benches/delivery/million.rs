//! A million subscribers: how long it takes to write their deliveries, how much memory sending takes,
//! and whether the last are served as fast as the first.

use std::path::Path;
use std::time::Instant;

use super::Result;
use super::database::{Database, On};
use super::drain::Drain;
use super::newsroom::{Newsroom, Signed};
use super::options::Options;
use super::sent::send;

const SUBSCRIBERS: u32 = 1_000_000;
const CONNECTIONS: usize = 16;
/// Resident memory of the sending process, at any time.
const MOST_MEMORY: u64 = 64 * 1024;
/// How far the last tenth's rate may be below the first tenth's.
const STEADY: f64 = 0.1;

/// Seconds from the lock to the first that may be claimed.
fn most_enqueue(on: On) -> f64 {
    match on {
        On::Sqlite => 10.0,
        On::Postgres => 20.0,
    }
}

/// Sends to a million on each database; whether all bounds hold is given back.
pub fn measure(options: &Options, folder: &Path) -> Result<bool> {
    let subscribers = options.messages.unwrap_or(SUBSCRIBERS);
    let connections = options.connections.first().copied().unwrap_or(CONNECTIONS);
    let signed = options.signed.first().copied().unwrap_or(Signed::Not);
    let drain = Drain::start()?;
    let mut holds = true;
    println!(
        "\n{subscribers} subscribers, {connections} connections, {}, a relay that only drains:\n",
        signed.name()
    );
    println!(
        "| database | deliveries written in | messages/s | first tenth | last tenth | CPU a message | most memory | |"
    );
    println!("|---|--:|--:|--:|--:|--:|--:|---|");
    for on in &options.databases {
        let folder = folder.join(format!("million-{}", on.name()));
        let mut newsroom = Newsroom::new(&folder, Database::new(*on, folder.clone())?)?;
        let filling = Instant::now();
        newsroom.database().fill(subscribers)?;
        eprintln!("  {}: filled in {:.1?}", on.name(), filling.elapsed());
        drain.forget();
        let sent = send(&mut newsroom, drain.address, connections, signed, subscribers)?;
        let [locked, sending] = newsroom.database().reached(["locked", "sending"])?;
        let enqueue = f64::from(u32::try_from(sending - locked)?) / 1e3;
        let drained = drain.drained();
        let all = drained.whole.len();
        let [first, last] =
            [(0, all / 10), (all - all / 10 - 1, all - 1)].map(|(from, to)| drained.rate(from, to));
        drop(drained);
        let met =
            enqueue <= most_enqueue(*on) && sent.memory <= MOST_MEMORY && last >= first * (1.0 - STEADY);
        holds &= met;
        println!(
            "| {} | {enqueue:.1} s | {:.0} | {first:.0} | {last:.0} | {:.0} µs | {:.1} MB | {} |",
            on.name(),
            sent.rate(),
            sent.cpu_each(),
            f64::from(u32::try_from(sent.memory)?) / 1024.0,
            if met { "pass" } else { "FAIL" },
        );
    }
    Ok(holds)
}
