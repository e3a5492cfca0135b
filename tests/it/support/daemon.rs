//! The built program as a process: started as systemd would, watched, signalled, ended.

use std::fs::{self, File};
use std::io::ErrorKind;
use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use super::wait;

/// A running program with its own `NOTIFY_SOCKET`; it is killed with this value.
pub struct Daemon {
    child: Child,
    notices: UnixDatagram,
    log: PathBuf,
}

/// The built program, to which arguments and environment may be given before it is started.
pub fn newsletterd() -> Command {
    Command::new(env!("CARGO_BIN_EXE_newsletterd"))
}

impl Daemon {
    /// Starts `command` in `folder`, a temporary one: there its log (stdout and stderr) and its
    /// socket lie as well.
    pub fn start(mut command: Command, folder: &Path) -> Self {
        let socket = folder.join("notify.sock");
        let log = folder.join("daemon.log");
        // A second start in the same folder is a restart: it has a new socket, the log goes on.
        drop(fs::remove_file(&socket));
        let notices = UnixDatagram::bind(&socket).unwrap();
        let output = File::options().create(true).append(true).open(&log).unwrap();
        let child = command
            .current_dir(folder)
            .env("NOTIFY_SOCKET", &socket)
            .stdin(Stdio::null())
            .stdout(output.try_clone().unwrap())
            .stderr(output)
            .spawn()
            .unwrap();
        Self { child, notices, log }
    }

    /// Waits until the program says `notice` to the service manager, such as `READY=1`.
    /// Notices before it are passed over; the program's end or the deadline fails the test.
    pub fn wait_notice(&mut self, notice: &str, limit: Duration) {
        let started = Instant::now();
        let mut message = [0; 4096];
        self.notices.set_read_timeout(Some(Duration::from_millis(50))).unwrap();
        loop {
            match self.notices.recv(&mut message) {
                Ok(length) => {
                    let text = String::from_utf8_lossy(&message[..length]);
                    if text.lines().any(|line| line == notice) {
                        return;
                    }
                    continue;
                }
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
                Err(error) => panic!("reading the notices: {error}"),
            }
            if let Some(status) = self.child.try_wait().unwrap() {
                panic!("ended ({status}) before it said {notice}; its log:\n{}", self.log());
            }
            assert!(started.elapsed() < limit, "no {notice} within {limit:?}; the log:\n{}", self.log());
        }
    }

    /// Waits until a line of the log contains `text`, and returns that line.
    pub fn wait_log(&self, text: &str, limit: Duration) -> String {
        wait::until(&format!("{text:?} in the log"), limit, || {
            self.log().lines().find(|line| line.contains(text)).map(str::to_owned)
        })
    }

    /// Fails the test when the program has ended.
    pub fn must_run(&mut self) {
        let ended = self.child.try_wait().unwrap();
        assert!(ended.is_none(), "ended by itself: {ended:?}");
    }

    /// Sends the program a signal.
    pub fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// Waits for the end of the program.
    pub fn wait_exit(&mut self, limit: Duration) -> ExitStatus {
        wait::until("the end of the program", limit, || self.child.try_wait().unwrap())
    }

    /// What the program has written so far.
    pub fn log(&self) -> String {
        String::from_utf8_lossy(&fs::read(&self.log).unwrap()).into_owned()
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        if self.child.try_wait().is_ok_and(|status| status.is_none()) {
            drop(self.child.kill());
            drop(self.child.wait());
        }
        if std::thread::panicking() {
            eprintln!("the log of the program:\n{}", self.log());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::ExitStatusExt;

    use super::*;

    const LIMIT: Duration = Duration::from_secs(20);

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn sees_notices_log_lines_signals_and_the_end() {
        let folder = tempfile::tempdir().unwrap();
        let mut daemon = Daemon::start(
            shell("echo up >&2; trap 'exit 7' TERM; while :; do sleep 0.05; done"),
            folder.path(),
        );
        assert_eq!(daemon.wait_log("up", LIMIT), "up");
        let service = UnixDatagram::unbound().unwrap();
        let socket = folder.path().join("notify.sock");
        service.send_to(b"STATUS=starting", &socket).unwrap();
        service.send_to(b"STATUS=serving\nREADY=1", &socket).unwrap();
        daemon.wait_notice("READY=1", LIMIT);
        daemon.signal(Signal::TERM);
        assert_eq!(daemon.wait_exit(LIMIT).code(), Some(7));
    }

    #[test]
    fn a_restart_in_the_same_folder_goes_on_in_the_same_log() {
        let folder = tempfile::tempdir().unwrap();
        for word in ["first", "second"] {
            let mut daemon = Daemon::start(shell(&format!("echo {word}")), folder.path());
            assert!(daemon.wait_exit(LIMIT).success());
            assert!(daemon.log().ends_with(&format!("{word}\n")));
        }
        assert_eq!(fs::read_to_string(folder.path().join("daemon.log")).unwrap(), "first\nsecond\n");
    }

    #[test]
    fn dies_with_its_value() {
        let folder = tempfile::tempdir().unwrap();
        let daemon = Daemon::start(shell("exec sleep 600"), folder.path());
        let pid = Pid::from_child(&daemon.child);
        drop(daemon);
        assert!(kill_process(pid, Signal::CONT).is_err());
    }

    #[test]
    fn tells_a_kill_from_an_exit() {
        let folder = tempfile::tempdir().unwrap();
        let mut daemon = Daemon::start(shell("exec sleep 600"), folder.path());
        daemon.signal(Signal::KILL);
        assert_eq!(daemon.wait_exit(LIMIT).signal(), Some(Signal::KILL.as_raw()));
    }

    #[test]
    #[should_panic(expected = "before it said READY=1")]
    fn an_end_before_readiness_fails_at_once() {
        let folder = tempfile::tempdir().unwrap();
        Daemon::start(shell("exit 2"), folder.path()).wait_notice("READY=1", LIMIT);
    }

    #[test]
    fn the_built_program_can_be_started() {
        let folder = tempfile::tempdir().unwrap();
        let mut command = newsletterd();
        command.arg("--version");
        assert!(Daemon::start(command, folder.path()).wait_exit(LIMIT).success());
    }
}
