//! The files in `systemd/` are accepted by systemd's own tools, and keep the program in a box.

use std::fs;
use std::process::{Command, Output};

use crate::support::{file, root, skip};

/// The exposure that the unit may have, in tenths: 1.5 of systemd's ten points.
const MOST_EXPOSURE: &str = "15";

/// Runs a tool of systemd, if it is there.
fn run(command: &mut Command) -> Option<Output> {
    match command.output() {
        Ok(output) => Some(output),
        Err(error) => {
            skip(&format!("{}: {error}", command.get_program().display()));
            None
        }
    }
}

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn unit() -> String {
    fs::read_to_string(root().join("systemd/newsletterd.service")).unwrap()
}

/// The values of a key of the unit, in order.
fn values<'a>(unit: &'a str, key: &str) -> Vec<&'a str> {
    unit.lines().filter_map(|line| line.strip_prefix(key)?.strip_prefix('=')).collect()
}

#[test]
fn the_unit_is_valid() {
    let folder = tempfile::tempdir().unwrap();
    // The tool asks whether the program is there: it is, but not where it will be installed.
    let installed = "/usr/local/bin/newsletterd ";
    let unit = unit();
    assert!(unit.contains(installed));
    let unit = unit.replace(installed, concat!(env!("CARGO_BIN_EXE_newsletterd"), " "));
    let unit = file(folder.path(), "newsletterd.service", unit);
    let Some(output) = run(Command::new("systemd-analyze").args(["verify", "--man=no"]).arg(unit)) else {
        return;
    };
    assert!(output.status.success(), "{}", text(&output));
    // What it does not know it passes over with a warning, which is a mistake all the same.
    assert_eq!(text(&output), "");
}

#[test]
fn the_unit_is_hardened() {
    let Some(output) = run(Command::new("systemd-analyze")
        .args(["security", "--offline=true", "--no-pager", "--threshold", MOST_EXPOSURE])
        .arg(root().join("systemd/newsletterd.service")))
    else {
        return;
    };
    let text = text(&output);
    assert!(text.contains("Overall exposure level for newsletterd.service"), "{text}");
    assert!(output.status.success(), "{text}");
}

/// What the unit's comments advise for a listener at port 25 leaves the box nearly as tight.
#[test]
fn the_drop_in_for_port_25_is_valid_and_hardened() {
    let folder = tempfile::tempdir().unwrap();
    let unit = unit();
    let (before, advised) = unit.split_once("# For a report listener at port 25").unwrap();
    let advised: String = advised
        .lines()
        .skip(1)
        .map(|line| line.strip_prefix('#').filter(|key| key.starts_with(char::is_uppercase)).unwrap_or(line))
        .map(|line| format!("{line}\n"))
        .collect();
    assert!(advised.contains("\nAmbientCapabilities=CAP_NET_BIND_SERVICE\n"), "{advised}");
    let whole = format!("{before}{advised}");
    let runnable =
        whole.replace("/usr/local/bin/newsletterd ", concat!(env!("CARGO_BIN_EXE_newsletterd"), " "));
    let unit = file(folder.path(), "newsletterd.service", runnable);
    let Some(output) = run(Command::new("systemd-analyze").args(["verify", "--man=no"]).arg(&unit)) else {
        return;
    };
    assert_eq!(text(&output), "");
    let security = ["security", "--offline=true", "--no-pager", "--threshold", MOST_EXPOSURE];
    let output = run(Command::new("systemd-analyze").args(security).arg(&unit)).unwrap();
    assert!(output.status.success(), "{}", text(&output));
}

#[test]
fn the_unit_leaves_the_program_what_it_needs() {
    let unit = unit();
    assert_eq!(values(&unit, "Type"), ["notify"]);
    assert_eq!(values(&unit, "RestartPreventExitStatus"), ["2"]);
    assert_eq!(values(&unit, "StateDirectory"), ["newsletterd"]);
    assert_eq!(values(&unit, "WorkingDirectory"), ["/var/lib/newsletterd"]);
    // Name service and a local PostgreSQL are reached over sockets of the file system.
    assert_eq!(values(&unit, "RestrictAddressFamilies"), ["AF_INET AF_INET6 AF_UNIX"]);
    for key in ["ExecReload", "WatchdogSec", "TimeoutStopSec"] {
        assert_eq!(values(&unit, key).len(), 1, "{key}");
    }
}

#[test]
fn the_user_of_the_unit_is_made_by_sysusers() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("etc")).unwrap();
    let Some(output) = run(Command::new("systemd-sysusers")
        .arg(format!("--root={}", folder.path().display()))
        .arg(root().join("systemd/newsletterd.sysusers")))
    else {
        return;
    };
    assert!(output.status.success(), "{}", text(&output));
    let users = fs::read_to_string(folder.path().join("etc/passwd")).unwrap();
    let user = values(&unit(), "User")[0].to_owned();
    let line = users.lines().find(|line| line.split(':').next() == Some(&user)).unwrap();
    assert!(line.contains(":/var/lib/newsletterd:") && line.ends_with("/nologin"), "{line}");
}
