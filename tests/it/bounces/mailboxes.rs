//! The clients for mailboxes against a real Dovecot: under TLS, with news told at once, and with what is
//! for people put aside.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use newsletterd::config::{self, Secret};
use newsletterd::mail::intake::mailbox::{Settings, Swept, Trouble, count, sweep, watch};
use newsletterd::mail::intake::{Content, Incoming, Keeper, Kept, NotNow};
use tokio_util::sync::CancellationToken;

use super::submit::submit;
use crate::support::engine::{NO_RELAY, daily_config};
use crate::support::maildir::Maildir;
use crate::support::postfix::{MailServer, mail_server};
use crate::support::wait;

const LIMIT: Duration = Duration::from_secs(20);

/// Keeps mails in memory. What has `question` in it is for people.
#[derive(Clone, Default)]
struct Memo(Arc<Mutex<Vec<String>>>);

impl Keeper for Memo {
    async fn keep(&self, incoming: Incoming) -> Result<Kept, NotNow> {
        let Content::Mail(mail) = incoming.content else { return Err(NotNow("no mail".to_owned())) };
        let mail = String::from_utf8(mail).unwrap();
        let kept = if mail.contains("question") { Kept::ForPeople } else { Kept::Report };
        self.0.lock().unwrap().push(mail);
        Ok(kept)
    }

    fn is_ours(&self, _: &str) -> bool {
        true
    }
}

fn settings(url: &str, keys: &str) -> Settings {
    let section = format!(
        "return_path = \"bounces.example.org\"\n[[bounces.mailboxes]]\nname = \"reports\"\nurl = \"{url}\"\n\
         password_file = \"unused\"\n{keys}\n"
    );
    let config = daily_config(NO_RELAY).replace("return_path = \"bounces.example.org\"", &section);
    let config = config::parse(&config, Path::new("newsletter.toml"), std::iter::empty());
    let config = config.unwrap_or_else(|problems| panic!("{problems}"));
    Settings::new(config.bounces.mailboxes[0].clone())
}

fn password() -> Secret {
    Secret::new("testpw".to_owned())
}

fn deliver(server: &MailServer, words: &str) {
    let mail = format!("Subject: {words}\r\n\r\n.{words}\r\n");
    submit(&server.smtp, "<>", "<bounce-x@tls.ways.news.test>", mail.as_bytes());
}

/// All that is in the inbox of `tls`, or in a folder of it.
fn mails(server: &MailServer, folder: &str) -> usize {
    let path = server.mailbox("tls").join(folder);
    if path.is_dir() { Maildir::of_domain(path, "tls.ways.news.test").mails().len() } else { 0 }
}

/// One test, as they share the mailbox.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_real_mailbox_is_read_under_tls() {
    let Some(server) = mail_server() else { return };
    let ca = format!("ca_file = \"{}\"", server.ca.display());
    for (round, (scheme, at)) in [
        ("imaps", &server.imaps),
        ("imap+starttls", &server.imap),
        ("pop3s", &server.pop3s),
        ("pop3+starttls", &server.pop3),
    ]
    .into_iter()
    .enumerate()
    {
        let settings = settings(&format!("{scheme}://tls@{at}"), &ca);
        let wrong = Secret::new("wrong".to_owned());
        let refused = count(&settings, &wrong).await.unwrap_err();
        assert!(matches!(refused, Trouble::SignIn(_)), "{scheme}: {refused}");
        deliver(&server, "report");
        deliver(&server, "question");
        let imap = scheme.starts_with("imap");
        let there = if imap { 2 } else { round };
        wait::until("the mails", LIMIT, || (mails(&server, "") == there).then_some(()));
        assert_eq!(count(&settings, &password()).await.unwrap(), mails(&server, ""), "{scheme}");
        let keeper = Memo::default();
        let swept = sweep(&settings, &password(), &keeper).await.unwrap();
        let kept = keeper.0.lock().unwrap().clone();
        assert!(kept.iter().any(|mail| mail.contains("\r\n.report\r\n")), "{scheme}: {kept:?}");
        if imap {
            assert_eq!(swept, Swept { kept: 1, aside: 1, left: 0 }, "{scheme}");
            assert_eq!(
                (mails(&server, ""), mails(&server, ".Newsletterd aside")),
                (0, 1 + round),
                "{scheme}"
            );
        } else {
            // What is for people stays, as POP3 has nowhere to put it.
            assert_eq!(swept, Swept { kept: 1, aside: 0, left: round - 1 }, "{scheme}");
            assert_eq!(mails(&server, ""), round - 1, "{scheme}");
        }
    }
    // Whom nobody vouches for is told nothing.
    let stranger = settings(&format!("imaps://tls@{}", server.imaps), "");
    assert!(matches!(
        sweep(&stranger, &password(), &Memo::default()).await,
        Err(Trouble::Line(_) | Trouble::Tls(_))
    ));

    // New mail is told at once, long before the next look.
    let keys = format!("{ca}\nevery = \"1h\"\ndone = \"Read.Ältere\"");
    let settings = settings(&format!("imaps://tls@{}", server.imaps), &keys);
    let (keeper, stop) = (Memo::default(), CancellationToken::new());
    let watcher = tokio::spawn(watch(settings, || Ok(password()), keeper.clone(), stop.clone()));
    let seen =
        |n: usize| wait::until("the mail", LIMIT, || (keeper.0.lock().unwrap().len() == n).then_some(()));
    seen(2);
    for n in 3..=5 {
        let delivered = Instant::now();
        deliver(&server, "report");
        seen(n);
        assert!(delivered.elapsed() < Duration::from_secs(10), "{:?}", delivered.elapsed());
    }
    wait::until("an empty inbox", LIMIT, || (mails(&server, "") == 0).then_some(()));
    stop.cancel();
    watcher.await.unwrap();
    // A folder of that name is there now, however the server writes it down.
    let moved: usize = std::fs::read_dir(server.mailbox("tls"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.starts_with(".Read"))
        .map(|name| mails(&server, &name))
        .sum();
    assert_eq!(moved, 3);
}
