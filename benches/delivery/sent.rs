//! One run of an edition by the program, timed and watched from outside.

use std::io::Read as _;
use std::net::SocketAddr;
use std::process::Stdio;
use std::thread::sleep;
use std::time::{Duration, Instant};

use newsletterd::clock::Clock;
use rustix::process::{Pid, WaitId, WaitIdOptions, waitid};
use serde_json::Value;

use super::newsroom::{Newsroom, Signed};
use super::{Result, machine};

/// What was seen of a run.
pub struct Sent {
    /// From the first connection to the relay, which comes just before the first MAIL, to the end of
    /// the program, which comes just after the last record.
    pub time: Duration,
    /// Time on the processors between the same two.
    pub cpu: Duration,
    /// The most memory that it had, in kibibytes.
    pub memory: u64,
    /// From the last instant that stands in the database to the end of the program.
    pub tail: Duration,
    /// How many letters there were, all of them accepted.
    pub messages: u32,
}

impl Sent {
    /// Messages a second.
    pub fn rate(&self) -> f64 {
        f64::from(self.messages) / self.time.as_secs_f64()
    }

    /// Processor time a message, in microseconds.
    pub fn cpu_each(&self) -> f64 {
        self.cpu.as_secs_f64() * 1e6 / f64::from(self.messages)
    }
}

/// How often memory is looked at. The kernel keeps the peak, so that only what the last look missed
/// is not seen.
const LOOK: Duration = Duration::from_millis(50);
/// Longer than any run may take.
const LIMIT: Duration = Duration::from_secs(3600);

/// Sends an edition to all `messages` readers, who must all be accepted.
pub fn send(
    newsroom: &mut Newsroom,
    relay: SocketAddr,
    connections: usize,
    signed: Signed,
    messages: u32,
) -> Result<Sent> {
    newsroom.database().copy()?;
    newsroom.configure(relay, connections, signed)?;
    let mut child = newsroom.send().stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let pid = child.id();
    let begun = Instant::now();
    let has_ended = || -> Result<bool> {
        let process = Pid::from_raw(i32::try_from(pid)?).ok_or("no process")?;
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOHANG | WaitIdOptions::NOWAIT;
        if begun.elapsed() > LIMIT {
            return Err(format!("a run took longer than {LIMIT:?}").into());
        }
        Ok(waitid(WaitId::Pid(process), options)?.is_some())
    };
    while !machine::is_connected_to(relay)? && !has_ended()? {
        sleep(Duration::from_millis(1));
    }
    let (started, cpu_before) = (Instant::now(), machine::cpu(pid)?);
    let (mut memory, mut looked) = (0, Instant::now());
    while !has_ended()? {
        if looked.elapsed() >= LOOK {
            memory = machine::peak_memory(pid).unwrap_or(0).max(memory);
            looked = Instant::now();
        }
        sleep(Duration::from_millis(2));
    }
    let (time, ended_at) = (started.elapsed(), Clock::System.now().timestamp_millis());
    let cpu = machine::cpu(pid)?.saturating_sub(cpu_before);
    // Little is written: it fits into the pipes.
    let (mut report, mut log) = (String::new(), String::new());
    child.stdout.take().ok_or("no stdout")?.read_to_string(&mut report)?;
    child.stderr.take().ok_or("no stderr")?.read_to_string(&mut log)?;
    let status = child.wait()?;
    let report: Value = serde_json::from_str(&report).unwrap_or_default();
    let accepted = report["accounting"]["accepted"].as_u64();
    if !status.success() || report["state"] != "sent" || accepted != Some(u64::from(messages)) {
        return Err(format!("not everybody got a letter ({status}): {report}\n{log}").into());
    }
    let last = newsroom.database().last_accepted()?;
    let tail = Duration::from_millis(u64::try_from(ended_at - last).unwrap_or(0));
    Ok(Sent { time, cpu, memory, tail, messages })
}
