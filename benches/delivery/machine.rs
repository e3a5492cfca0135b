//! What the machine says of a process from outside: its time on the processors, its memory, and
//! whether it has a connection.

use std::fs;
use std::net::SocketAddr;
use std::time::Duration;

use super::Result;

/// Linux tells times in hundredths of a second, whatever its own clock ticks.
const TICK: Duration = Duration::from_millis(10);

/// Time that a process has spent on the processors, user and system. It can still be asked of one
/// that has ended and was not waited for.
pub fn cpu(pid: u32) -> Result<Duration> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    // The name, in parentheses, may hold anything.
    let after_name = stat.rsplit_once(')').ok_or("no name in stat")?.1;
    let fields: Vec<&str> = after_name.split_ascii_whitespace().collect();
    let ticks = |n: usize| -> Result<u32> { Ok(fields.get(n).ok_or("stat is short")?.parse()?) };
    Ok(TICK * (ticks(11)? + ticks(12)?))
}

/// The most memory that a process had at any time, in kibibytes; `None` once it has ended.
pub fn peak_memory(pid: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches(" kB").parse().ok()
}

/// Whether anybody has a connection to a loopback address.
pub fn is_connected_to(address: SocketAddr) -> Result<bool> {
    let far = format!("0100007F:{:04X}", address.port());
    let table = fs::read_to_string("/proc/net/tcp")?;
    Ok(table.lines().any(|line| {
        let mut fields = line.split_ascii_whitespace().skip(2);
        fields.next() == Some(&far) && fields.next() == Some("01")
    }))
}

/// What this is measured on.
pub fn description() -> String {
    let cpus = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpus.lines().find_map(|line| line.strip_prefix("model name")?.split_once(':'));
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    format!("{cores} x {}", model.map_or("processor", |(_, model)| model.trim()))
}
