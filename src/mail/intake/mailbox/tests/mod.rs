//! The clients against scripted servers: what a real one does not show. The real one is in
//! tests/it/bounces.

mod imap;
mod pop3;
mod server;
mod watched;

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use super::*;
use crate::config::{self, Config};
use crate::mail::intake::NotNow;

/// Keeps mails in memory. One with `people` in it is for people; one with `later` cannot be kept now.
#[derive(Clone, Default)]
struct Memo(Arc<Mutex<Vec<Came>>>);

type Came = (Intake, Vec<u8>);

impl Memo {
    fn mails(&self) -> Vec<String> {
        let kept = self.0.lock().unwrap();
        kept.iter().map(|(_, mail)| String::from_utf8_lossy(mail).into_owned()).collect()
    }

    fn intakes(&self) -> Vec<Intake> {
        self.0.lock().unwrap().iter().map(|(intake, _)| *intake).collect()
    }
}

impl Keeper for Memo {
    async fn keep(&self, incoming: Incoming) -> Result<Kept, NotNow> {
        let Content::Mail(mail) = incoming.content else { panic!("no mail") };
        let text = String::from_utf8_lossy(&mail).into_owned();
        if text.contains("later") {
            return Err(NotNow("the database is away".to_owned()));
        }
        self.0.lock().unwrap().push((incoming.intake, mail));
        Ok(if text.contains("people") { Kept::ForPeople } else { Kept::Report })
    }

    fn is_ours(&self, _: &str) -> bool {
        true
    }
}

fn password() -> Secret {
    Secret::new("hunter2".to_owned())
}

/// A mailbox at `port`, by a scheme, with further keys, and with little patience.
fn settings(scheme: &str, port: u16, keys: &str) -> Settings {
    let every = if keys.contains("every") { "" } else { "every = \"1s\"\n" };
    let text = format!(
        "[site]\nname = \"Post\"\nurl = \"https://example.org\"\npostal_address = \"1 Street\"\n[web]\n\
         public_url = \"https://letters.example.org\"\n[bounces]\nreturn_path = \"bounces.example.org\"\n\
         [[bounces.mailboxes]]\nname = \"reports\"\nurl = \"{scheme}://bo%40x.test@127.0.0.1:{port}\"\n\
         password_file = \"reports.password\"\n{every}{keys}\n[[relays]]\nname = \"main\"\n\
         url = \"smtp://127.0.0.1\"\n[[lists]]\nname = \"readers\"\n"
    );
    let config: Config = config::parse(&text, Path::new("newsletter.toml"), std::iter::empty())
        .unwrap_or_else(|problems| panic!("{problems}"));
    let limits = Limits {
        connect: Duration::from_secs(1),
        command: Duration::from_secs(1),
        message: Duration::from_secs(2),
        most: 1000,
        pause: Duration::from_millis(20),
        longest_pause: Duration::from_millis(80),
        refused_pause: Duration::from_millis(600),
    };
    Settings { mailbox: config.bounces.mailboxes[0].clone(), limits }
}

/// Waits until it is so; a test fails after 20 seconds.
async fn until(what: &str, is_so: impl Fn() -> bool) {
    let started = Instant::now();
    while !is_so() {
        assert!(started.elapsed() < Duration::from_secs(20), "waited in vain for {what}");
        sleep(Duration::from_millis(5)).await;
    }
}
