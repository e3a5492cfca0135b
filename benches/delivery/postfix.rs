//! Postfix's test programs: smtp-sink takes messages and forgets them, smtp-source makes and sends
//! them as fast as it can, without a database or a reader.

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::Result;
use super::drain::Drain;

/// A running smtp-sink; it ends with this value.
pub struct Sink {
    /// Where it listens.
    pub address: SocketAddr,
    child: Child,
}

impl Sink {
    /// Starts one on a free loopback port.
    pub fn start() -> Result<Self> {
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let mut command = Command::new("smtp-sink");
        // It wants another user when it is started by root.
        if rustix::process::geteuid().is_root() {
            command.args(["-u", "nobody"]);
        }
        command.args([&address.to_string(), "1024"]).stdin(Stdio::null());
        let child = command.spawn().map_err(|error| format!("smtp-sink: {error}"))?;
        let sink = Self { address, child };
        let started = Instant::now();
        while TcpStream::connect(address).is_err() {
            if started.elapsed() > Duration::from_secs(10) {
                return Err("smtp-sink does not answer".into());
            }
            sleep(Duration::from_millis(20));
        }
        // That connection is not to be taken for the program's.
        while super::machine::is_connected_to(address)? {
            sleep(Duration::from_millis(20));
        }
        Ok(sink)
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// A sender with a certain length of its message.
pub struct Source {
    length: u64,
}

impl Source {
    /// One whose messages have `size` octets in all, as `drain` counts them.
    pub fn of_size(size: u64, drain: &Drain) -> Result<Self> {
        drain.forget();
        let probe = Self { length: size };
        probe.send(drain.address, 1, 1)?;
        let extra = drain.drained().size().saturating_sub(size);
        Ok(Self { length: size - extra })
    }

    /// Sends `messages` over so many connections; gives how many a second.
    pub fn send(&self, to: SocketAddr, connections: usize, messages: u32) -> Result<f64> {
        let mut command = Command::new("smtp-source");
        command.args(["-d", "-l", &self.length.to_string(), "-m", &messages.to_string()]);
        command.args(["-s", &connections.to_string(), "-f", "bounces@news.test", "-t", "reader@reader.test"]);
        let started = Instant::now();
        let status = command.arg(to.to_string()).stdin(Stdio::null()).status();
        let status = status.map_err(|error| format!("smtp-source: {error}"))?;
        if !status.success() {
            return Err(format!("smtp-source ended with {status}").into());
        }
        Ok(f64::from(messages) / started.elapsed().as_secs_f64())
    }
}
