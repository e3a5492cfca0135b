//! A proxy that makes the way to a server longer: what comes in goes out after a while, in order,
//! in both directions. It delays and never throttles, as a long line does.
//!
//! It depends on nothing of the crate, so that benchmarks can include it by path. Threads rather than
//! tasks, because they sleep to less than a tenth of a millisecond.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::{Duration, Instant};

/// Starts one on a free loopback port, which adds `delay` to each direction on the way to `target`;
/// it lasts as long as the process.
pub fn start(target: SocketAddr, delay: Duration) -> std::io::Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    thread::spawn(move || {
        for near in listener.incoming().flatten() {
            // A server that is not there is not there through a proxy, either.
            if let Ok(far) = TcpStream::connect(target) {
                drop(join(&near, &far, delay));
            }
        }
    });
    Ok(address)
}

fn join(near: &TcpStream, far: &TcpStream, delay: Duration) -> std::io::Result<()> {
    for socket in [near, far] {
        socket.set_nodelay(true)?;
    }
    for (from, to) in [(near, far), (far, near)] {
        let (from, to) = (from.try_clone()?, to.try_clone()?);
        let (inlet, outlet) = channel();
        thread::spawn(move || take(from, &inlet, delay));
        thread::spawn(move || give(to, &outlet));
    }
    Ok(())
}

/// Bytes, and when they are to arrive; none at all is the end.
type Piece = (Instant, Vec<u8>);

fn take(mut from: TcpStream, inlet: &Sender<Piece>, delay: Duration) {
    let mut buffer = vec![0; 64 * 1024];
    loop {
        // A broken connection ends like one that was closed.
        let length = from.read(&mut buffer).unwrap_or(0);
        let piece = (Instant::now() + delay, buffer[..length].to_vec());
        if inlet.send(piece).is_err() || length == 0 {
            return;
        }
    }
}

fn give(mut to: TcpStream, outlet: &Receiver<Piece>) {
    for (at, bytes) in outlet {
        thread::sleep(at.saturating_duration_since(Instant::now()));
        if bytes.is_empty() || to.write_all(&bytes).is_err() {
            break;
        }
    }
    // The other end may be gone already.
    drop(to.shutdown(Shutdown::Write));
}

#[test]
fn what_is_said_comes_back_after_both_delays() {
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = start(server.local_addr().unwrap(), Duration::from_millis(30)).unwrap();
    thread::spawn(move || {
        let (mut socket, _) = server.accept().unwrap();
        let mut word = [0; 4];
        while socket.read_exact(&mut word).is_ok() {
            socket.write_all(&word).unwrap();
        }
    });
    let mut socket = TcpStream::connect(address).unwrap();
    for word in [b"ping", b"pong"] {
        let started = Instant::now();
        socket.write_all(word).unwrap();
        let mut back = [0; 4];
        socket.read_exact(&mut back).unwrap();
        assert_eq!(&back, word);
        let took = started.elapsed();
        assert!(took >= Duration::from_millis(60), "{took:?}");
    }
    // The end is passed on, both ways.
    socket.shutdown(Shutdown::Write).unwrap();
    assert_eq!(socket.read(&mut [0; 1]).unwrap(), 0);
}
