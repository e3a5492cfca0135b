//! What can become of a letter, through a real Postfix, whose reports come back through each of the ways
//! in: the database ends the same through all of them.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use newsletterd::config::Secret;
use newsletterd::mail::intake::{listener, mailbox, maildir};
use newsletterd::pipeline::intake::Inbox;
use newsletterd::pipeline::track;
use tokio::net::TcpListener;
use tokio_util::sync::{CancellationToken, DropGuard};

use super::submit::submit;
use super::{READERS, REPORTS, lines, send, subscriber};
use crate::intake::handed_on_to;
use crate::support::engine::{TestEngine, daily_config};
use crate::support::postfix::{MailServer, mail_server};

/// So many reports come back: of nobody@, full@, blocked@, two of slow@, of outside.example, and the one
/// of success that somebody has asked for.
const REPORTED: usize = 7;
/// The last of them comes after half a minute.
const LIMIT: Duration = Duration::from_secs(90);

#[derive(Clone, Copy, Debug)]
enum Way {
    Lmtp,
    Imap,
    Pop3,
    Maildir,
    Pipe,
}

/// What takes the reports in, as long as it is kept.
struct Taking {
    domain: String,
    listener: Option<TcpListener>,
    stop: DropGuard,
}

impl Way {
    async fn prepare(self) -> Taking {
        let listener = match self {
            Self::Lmtp | Self::Pipe => Some(handed_on_to().await),
            Self::Imap | Self::Pop3 | Self::Maildir => None,
        };
        let domain = match (self, &listener) {
            (Self::Lmtp, Some(listener)) => format!("p{}.lmtp.test", listener.local_addr().unwrap().port()),
            (Self::Pipe, _) => format!("nine{}.pipe.test", std::process::id()),
            (Self::Maildir, _) => "drawer.ways.news.test".to_owned(),
            (way, _) => format!("{way:?}.ways.news.test").to_lowercase(),
        };
        Taking { domain, listener, stop: CancellationToken::new().drop_guard() }
    }

    fn sections(self, server: &MailServer, taking: &Taking) -> String {
        let listen = || taking.listener.as_ref().unwrap().local_addr().unwrap();
        let mailbox = |scheme: &str, name: &str, at: &str| {
            format!(
                "[[bounces.mailboxes]]\nname = \"reports\"\nurl = \"{scheme}://{name}@{at}\"\n\
                 password_file = \"unused\"\nevery = \"1s\"\n"
            )
        };
        match self {
            Self::Lmtp | Self::Pipe => format!("listen = \"{}\"\n", listen()),
            Self::Imap => mailbox("imap", "imap", &server.imap),
            Self::Pop3 => mailbox("pop3", "pop3", &server.pop3),
            Self::Maildir => String::new(),
        }
    }

    /// Takes the reports in until the end of the test.
    fn take(self, server: &MailServer, test: &TestEngine, taking: &mut Taking, config: &str) {
        let engine = &test.engine;
        let (inbox, stop) = (Inbox::new(engine), CancellationToken::new());
        taking.stop = stop.clone().drop_guard();
        if let Some(listener) = taking.listener.take() {
            let settings = listener::Settings::new(&engine.config).unwrap();
            tokio::spawn(listener::serve(listener, settings, inbox.clone(), stop.clone()));
        }
        match self {
            Self::Lmtp => {}
            Self::Imap | Self::Pop3 => {
                let settings = mailbox::Settings::new(engine.config.bounces.mailboxes[0].clone());
                let password = || Ok(Secret::new("testpw".to_owned()));
                tokio::spawn(mailbox::watch(settings, password, inbox, stop));
            }
            Self::Maildir => {
                tokio::spawn(maildir::watch(vec![server.mailbox("drawer")], inbox, stop));
            }
            Self::Pipe => {
                // The pipe's user may not write the database, as is usual: it hands over to the daemon.
                let file = server.pipes.join(format!("{}.toml", taking.domain));
                let url = engine.config.database.url.driver_url();
                fs::write(&file, format!("{config}\n[database]\nurl = \"{url}\"\n")).unwrap();
                let program = env!("CARGO_BIN_EXE_newsletterd");
                let script =
                    format!("#!/bin/sh\nexec {program} -c {} bounce --recipient \"$1\" -\n", file.display());
                let pipe = server.pipes.join(&taking.domain);
                fs::write(&pipe, script).unwrap();
                fs::set_permissions(&pipe, Permissions::from_mode(0o755)).unwrap();
            }
        }
    }
}

/// Everything that stands in the database in the end, without the names of this way.
async fn goes(way: Way, server: &MailServer) -> (Vec<String>, Vec<String>) {
    let mut taking = way.prepare().await;
    let readers = format!("{way:?}.{}", server.domain).to_lowercase();
    let bounces = format!("return_path = \"{}\"\n{}", taking.domain, way.sections(server, &taking));
    let config =
        daily_config(server.smtp.parse().unwrap()).replace("return_path = \"bounces.example.org\"", &bounces);
    let test = TestEngine::sqlite(&config).await;
    // Many of whom nothing comes back, or so many failures would look like a fault of ours.
    let mut addresses: Vec<String> = (1..=60).map(|n| format!("reader{n:02}@{readers}")).collect();
    addresses
        .extend(["ana", "nobody", "full", "blocked", "slow", "busy"].map(|name| format!("{name}@{readers}")));
    addresses.extend(["unknown@sync.test", "known@sync.test", "x@outside.example"].map(str::to_owned));
    way.take(server, &test, &mut taking, &config);
    let edition = send(&test, &addresses.iter().map(String::as_str).collect::<Vec<_>>()).await;

    let ana = format!("ana@{readers}");
    let local = test.engine.keys.return_path(edition.id, subscriber(&test.engine, &ana).await);
    let from = format!("<{local}@{}> RET=HDRS ENVID={local}", taking.domain);
    let to = format!("<{ana}> NOTIFY=SUCCESS ORCPT=rfc822;{ana}");
    submit(&server.smtp, &from, &to, b"Subject: Today in Example\r\n\r\nHello\r\n");

    let started = Instant::now();
    loop {
        // A report that was faster than the record of its letter is looked at again a little later.
        test.engine.clock.set(test.engine.clock.now() + TimeDelta::seconds(3));
        track::tick(&test.engine).await.unwrap();
        let reports = lines(&test.engine, REPORTS).await;
        if reports.len() >= REPORTED {
            break;
        }
        assert!(started.elapsed() < LIMIT, "{way:?}: {} reports came: {reports:#?}", reports.len());
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    println!("{way:?}: all reports after {:?}", started.elapsed());
    let named = |lines: Vec<String>| lines.iter().map(|line| line.replace(&readers, "reader.test")).collect();
    (named(lines(&test.engine, READERS).await), named(lines(&test.engine, REPORTS).await))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_database_ends_the_same_through_every_way() {
    let Some(server) = mail_server() else { return };
    for mailbox in ["imap", "pop3", "drawer"] {
        server.emptied(mailbox);
    }
    let (lmtp, imap, pop3, maildir, pipe) = tokio::join!(
        Box::pin(goes(Way::Lmtp, &server)),
        Box::pin(goes(Way::Imap, &server)),
        Box::pin(goes(Way::Pop3, &server)),
        Box::pin(goes(Way::Maildir, &server)),
        Box::pin(goes(Way::Pipe, &server)),
    );
    let (readers, reports) = &lmtp;
    let fates: Vec<_> = readers.iter().filter(|line| !line.starts_with("reader")).collect();
    assert_eq!(
        fates,
        [
            "ana@reader.test: accepted, active",
            "blocked@reader.test: rejected, active",
            "busy@reader.test: deferred, active",
            "full@reader.test: rejected score 1000, active",
            "known@sync.test: accepted, active",
            "nobody@reader.test: bounced suppressed hard, active",
            "slow@reader.test: rejected score 1000, active",
            "unknown@sync.test: bounced suppressed hard, active",
            "x@outside.example: rejected score 1000, active",
        ]
    );
    assert_eq!(readers.len(), 69);
    assert!(
        readers
            .iter()
            .filter(|line| line.starts_with("reader"))
            .all(|line| line.ends_with(": accepted, active"))
    );
    // The DNS of the test does not know outside.example either way: so its reader is not struck off.
    assert_eq!(
        *reports,
        [
            "ana@reader.test: not-a-bounce - 2.0.0 return_path nothing 0",
            "blocked@reader.test: soft policy 5.7.1 return_path ours 1",
            "full@reader.test: soft mailbox_full 5.2.2 return_path counted_soft 1",
            "nobody@reader.test: hard user_unknown 5.1.1 return_path suppressed_hard 1",
            "slow@reader.test: delayed mailbox_full 4.2.2 return_path nothing 0",
            "slow@reader.test: soft mailbox_full 4.2.2 return_path counted_soft 1",
            "x@outside.example: hard host_unknown 5.1.2 return_path counted_soft 1",
        ]
    );
    for (way, other) in [(Way::Imap, imap), (Way::Pop3, pop3), (Way::Maildir, maildir), (Way::Pipe, pipe)] {
        assert_eq!(other, lmtp, "{way:?}");
    }
}
