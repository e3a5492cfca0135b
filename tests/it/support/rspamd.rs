//! A spam filter of the test's own: rspamd with its distribution's rules, on a free loopback port
//! and without any network.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

use super::{file, skip, wait};

/// Reading its rules takes seconds, on a busy machine many.
const LIMIT: Duration = Duration::from_secs(120);

/// A running rspamd; it ends with this value.
pub struct Rspamd {
    folder: TempDir,
    address: SocketAddr,
    child: Child,
}

impl Rspamd {
    /// Starts one and waits until it answers; `None`, and the test is declared skipped, where there
    /// is none.
    pub fn start() -> Option<Self> {
        if Command::new("rspamd").arg("--version").output().is_err() {
            skip("no rspamd; run tests/run");
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        let ports = free_ports();
        let path = |name: &str| folder.path().join(name).display().to_string();
        for name in ["local.d", "db", "run", "log"] {
            fs::create_dir(path(name)).unwrap();
        }
        let domains = file(folder.path(), "domains", "com\nnet\norg\nexample\ntest\n");
        // Port 9 answers nothing: names stay unknown, and no list of anybody's is asked. The list of
        // all top-level domains takes a busy machine a minute to compile.
        let options = format!(
            "dns {{ nameserver = [\"127.0.0.1:9\"]; timeout = 0.1s; retransmits = 1; }}\n\
             disable_hyperscan = true;\nurl_tld = \"{}\";",
            domains.display()
        );
        for (name, text) in [
            ("options.inc", options),
            ("logging.inc", "type = \"console\";".to_owned()),
            ("worker-normal.inc", format!("bind_socket = \"{}\";\ncount = 1;", ports[0])),
            ("worker-controller.inc", format!("bind_socket = \"{}\";", ports[1])),
            ("worker-proxy.inc", format!("bind_socket = \"{}\";", ports[2])),
        ] {
            fs::write(folder.path().join("local.d").join(name), text).unwrap();
        }
        let log = File::create(path("log/out")).unwrap();
        let mut command = Command::new("rspamd");
        // In the foreground; -i lets it run as root.
        command.args(["-f", "-i", "-c", "/etc/rspamd/rspamd.conf"]);
        command.arg(format!("--var=LOCAL_CONFDIR={}", folder.path().display()));
        for (name, place) in [("DBDIR", "db"), ("RUNDIR", "run"), ("LOGDIR", "log")] {
            command.arg(format!("--var={name}={}", path(place)));
        }
        let child =
            command.stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log).spawn().unwrap();
        let mut rspamd = Self { folder, address: ports[0], child };
        wait::until("rspamd to answer", LIMIT, || {
            if let Some(status) = rspamd.child.try_wait().unwrap() {
                let log = fs::read_to_string(rspamd.folder.path().join("log/out")).unwrap_or_default();
                panic!("rspamd ended with {status}:\n{log}");
            }
            rspamd.ask("GET /ping", b"").filter(|answer| answer.contains("pong"))
        });
        Some(rspamd)
    }

    /// One HTTP request; `None` when nobody answers yet.
    fn ask(&self, what: &str, body: &[u8]) -> Option<String> {
        let mut stream = TcpStream::connect(self.address).ok()?;
        stream.set_read_timeout(Some(LIMIT)).ok()?;
        let head = format!("{what} HTTP/1.0\r\nContent-Length: {}\r\n\r\n", body.len());
        stream.write_all(&[head.as_bytes(), body].concat()).ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        Some(answer)
    }

    /// The symbols that a mail gets, with their scores.
    pub fn check(&self, mail: &[u8]) -> BTreeMap<String, f64> {
        let answer = self.ask("POST /checkv2", mail).unwrap();
        let json = answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("{answer}")).1;
        let json: serde_json::Value = serde_json::from_str(json).unwrap_or_else(|_| panic!("{answer}"));
        let symbols = json["symbols"].as_object().unwrap_or_else(|| panic!("{json}"));
        symbols
            .iter()
            .map(|(name, symbol)| (name.clone(), symbol["metric_score"].as_f64().unwrap()))
            .collect()
    }
}

/// Three loopback addresses that nobody listens at.
fn free_ports() -> [SocketAddr; 3] {
    // All are held until all are known, so that they differ.
    let held = [(); 3].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
    held.map(|listener| listener.local_addr().unwrap())
}

impl Drop for Rspamd {
    fn drop(&mut self) {
        // Its main process ends its workers when it is asked to end.
        let pid = rustix::process::Pid::from_child(&self.child);
        let _ = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
        let _ = self.child.wait();
    }
}
