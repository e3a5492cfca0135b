//! Over a long line: with 20 ms added to each direction, how many round trips a message takes.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::time::{Duration, Instant};

use super::database::Database;
use super::drain::Drain;
use super::newsroom::{Newsroom, Signed};
use super::options::Options;
use super::sent::send;
use super::{Result, delaying_proxy};

const EACH_WAY: Duration = Duration::from_millis(20);
const CONNECTIONS: usize = 16;
const MESSAGES: u32 = 6_000;
/// Round trips a message, at most.
const MOST: f64 = 1.3;

/// Sends over the line; whether no message took too many round trips in steady state, between the
/// first tenth and the last, is given back.
pub fn measure(options: &Options, folder: &Path) -> Result<bool> {
    let messages = options.messages.unwrap_or(MESSAGES);
    let drain = Drain::start()?;
    let line = delaying_proxy::start(drain.address, EACH_WAY)?;
    let connections = options.connections.first().copied().unwrap_or(CONNECTIONS);
    let signed = options.signed.first().copied().unwrap_or(Signed::Not);
    let mut holds = true;
    println!(
        "\nWith {EACH_WAY:?} each way, {connections} connections; at most {MOST} round trips a message:\n"
    );
    println!("| database | messages/s | round trip | round trips a message | |\n|---|--:|--:|--:|---|");
    for on in &options.databases {
        let folder = folder.join(format!("line-{}", on.name()));
        let mut newsroom = Newsroom::new(&folder, Database::new(*on, folder.clone())?)?;
        newsroom.import_readers(messages)?;
        let round_trip = round_trip(line)?;
        drain.forget();
        send(&mut newsroom, line, connections, signed, messages)?;
        let drained = drain.drained();
        let all = drained.whole.len();
        let rate = drained.rate(all / 10, all - all / 10 - 1);
        // By the line as it is asked for: a timer that sleeps a little longer is not forgiven.
        let trips = f64::from(u32::try_from(connections)?) / rate / (2 * EACH_WAY).as_secs_f64();
        let met = trips <= MOST;
        holds &= met;
        let verdict = if met { "pass" } else { "FAIL" };
        println!("| {} | {rate:.0} | {round_trip:.1?} | {trips:.2} | {verdict} |", on.name());
    }
    Ok(holds)
}

/// What one command takes there and back, at least, as seen from a client.
fn round_trip(line: SocketAddr) -> Result<Duration> {
    let mut socket = TcpStream::connect(line)?;
    socket.set_nodelay(true)?;
    let mut replies = BufReader::new(socket.try_clone()?);
    let mut reply = String::new();
    replies.read_line(&mut reply)?;
    let mut least = Duration::MAX;
    for _ in 0..10 {
        let asked = Instant::now();
        socket.write_all(b"NOOP\r\n")?;
        replies.read_line(&mut reply)?;
        least = least.min(asked.elapsed());
    }
    socket.write_all(b"QUIT\r\n")?;
    replies.read_line(&mut reply)?;
    Ok(least)
}
