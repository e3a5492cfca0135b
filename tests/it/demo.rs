//! `newsletterd demo`, through the built program.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::Output;
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use mailparse::MailHeaderMap as _;
use newsletterd::clock::Clock;
use newsletterd::demo::newsroom::{DemoSubscription, newsroom};
use newsletterd::domain::address::EmailAddress;
use newsletterd::mail::receiver::Capture;
use rustix::process::Signal;
use url::Url;

use crate::support::daemon::{Daemon, newsletterd};
use crate::support::file;

/// Far more than it takes, also in a debug build on a busy machine.
const LIMIT: Duration = Duration::from_secs(60);

/// Runs `demo --once` on a folder.
fn once(folder: &Path, more: &[&str]) -> Output {
    let started = Instant::now();
    let output = newsletterd().args(["demo", "--once", "--dir"]).arg(folder).args(more).output().unwrap();
    let took = started.elapsed();
    eprintln!("demo --once took {took:?}");
    assert!(took < LIMIT, "{took:?}");
    output
}

fn succeeded(output: &Output) -> String {
    let (said, log) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{}: {said}{log}", output.status);
    assert_eq!(log, "", "it makes noise");
    said.into_owned()
}

/// The mails that the demo left: the recipient's key, and the mail.
fn mails(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let captured = Capture::open(&folder.join("mails")).unwrap().list().unwrap();
    let mails = captured.into_iter().map(|mail| {
        let [to] = &mail.envelope.rcpt_to[..] else { panic!("{:?}", mail.envelope) };
        (EmailAddress::parse(to).unwrap().key(), fs::read(mail.file).unwrap())
    });
    mails.collect()
}

fn header(mail: &[u8], name: &str) -> String {
    mailparse::parse_mail(mail).unwrap().headers.get_first_value(name).unwrap()
}

/// The mails of one list.
fn of_list(mails: &[(String, Vec<u8>)], list: &str) -> Vec<String> {
    let of_list = mails.iter().filter(|(_, mail)| header(mail, "List-Id").contains(&format!("<{list}.")));
    of_list
        .map(|(_, mail)| {
            let parts = mailparse::parse_mail(mail).unwrap().subparts;
            parts.iter().map(|part| part.get_body().unwrap()).collect()
        })
        .collect()
}

#[test]
fn everybody_on_the_lists_gets_one_letter_and_nobody_else_any() {
    let folder = tempfile::tempdir().unwrap();
    let said = succeeded(&once(folder.path(), &[]));
    assert!(said.contains("160 letters delivered"), "{said}");
    assert!(said.contains(&format!("{}/*.eml", folder.path().join("mails").display())), "{said}");

    let mails = mails(folder.path());
    let mut got = BTreeMap::new();
    for (to, _) in &mails {
        *got.entry(to.clone()).or_insert(0) += 1;
    }
    let sample = newsroom(Clock::System.now(), &Url::parse("http://127.0.0.1/").unwrap()).unwrap();
    let is_active = |subscription| subscription == DemoSubscription::Active;
    let due = sample.subscribers.iter().filter(|reader| is_active(reader.subscription));
    let due: BTreeMap<String, i32> = due.map(|reader| (reader.address.key(), 1)).collect();
    assert!(due.len() >= 150 && due.len() < sample.subscribers.len());
    assert_eq!(got, due);
    assert!(due.keys().any(|to| !to.is_ascii()), "no address needs SMTPUTF8");

    let subjects: BTreeSet<String> = mails.iter().map(|(_, mail)| header(mail, "Subject")).collect();
    assert_eq!(subjects.len(), 5, "{subjects:?}");
    for newsletter in &sample.newsletters {
        let letters = of_list(&mails, &newsletter.list);
        assert_eq!(letters.len(), 32, "{}", newsletter.list);
        let blocks = &newsletter.blocks;
        for text in [&blocks.picks, &blocks.most_read, &blocks.latest, &newsletter.appeal.title] {
            assert!(letters.iter().all(|letter| letter.contains(text.as_str())), "{text}");
        }
    }
}

#[test]
fn a_second_demo_in_the_folder_goes_on_and_repeats_nothing() {
    let folder = tempfile::tempdir().unwrap();
    succeeded(&once(folder.path(), &[]));
    let said = succeeded(&once(folder.path(), &[]));
    assert!(said.contains("0 letters delivered") && said.contains("160 went out before"), "{said}");
    assert_eq!(mails(folder.path()).len(), 160);
}

#[test]
fn a_killed_demo_is_gone_on_with() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("demo");
    let mut command = newsletterd();
    command.args(["demo", "--once", "--dir"]).arg(&place);
    let mut demo = Daemon::start(command, folder.path());
    crate::support::wait::until("the tenth mail", LIMIT, || {
        let captured = fs::read_dir(place.join("mails")).ok()?;
        (captured.count() >= 20).then_some(())
    });
    demo.signal(Signal::KILL);
    demo.wait_exit(LIMIT);
    succeeded(&once(&place, &[]));
    let got: BTreeSet<String> = mails(&place).into_iter().map(|(to, _)| to).collect();
    assert_eq!(got.len(), 160);
    // What was on its way when it died may come twice: one letter for each of the four connections.
    assert!(mails(&place).len() <= 164);
}

/// A feed with stories of the last hours.
fn feed(language: &str) -> String {
    let items = (1..=6).map(|n| {
        let at = (Clock::System.now() - TimeDelta::hours(n)).to_rfc2822();
        format!(
            "<item><title>Our own story {n}</title><link>https://paper.example/{n}</link>\
             <description>What happened {n} hours ago.</description><pubDate>{at}</pubDate></item>"
        )
    });
    let items: String = items.collect();
    format!(
        "<rss version=\"2.0\"><channel><title>Our paper</title><link>https://paper.example/</link>{language}{items}\
         </channel></rss>"
    )
}

#[test]
fn a_feed_takes_the_samples_place_in_its_language() {
    for (language, fed) in [("", "readers-en"), ("<language>ka</language>", "readers-ka")] {
        let folder = tempfile::tempdir().unwrap();
        let feed = file(folder.path(), "feed.xml", feed(language));
        let place = folder.path().join("demo");
        succeeded(&once(&place, &["--feed", feed.to_str().unwrap()]));
        let mails = mails(&place);
        assert_eq!(mails.len(), 160);
        for list in ["readers-en", "readers-ka", "readers-hy", "readers-az", "readers-ru"] {
            let letters = of_list(&mails, list);
            let with = |text: &str| letters.iter().filter(|letter| letter.contains(text)).count();
            let sample = format!("/{}/bridge/", &list[8..]);
            let expected = if list == fed { (32, 0) } else { (0, 32) };
            assert_eq!((with("Our own story 1"), with(&sample)), expected, "{list}, {fed} from the feed");
        }
        let said = succeeded(&once(&place, &["--feed", feed.to_str().unwrap()]));
        assert!(said.contains("0 letters delivered"), "{said}");
    }
}

#[test]
fn what_cannot_be_used_is_told_and_fails() {
    let folder = tempfile::tempdir().unwrap();
    let junk = file(folder.path(), "junk", "this is no feed");
    let demo = folder.path().join("demo");
    for (place, more, why) in [
        (junk.as_path(), vec![], "cannot be used"),
        (demo.as_path(), vec!["--feed", junk.to_str().unwrap()], "--feed"),
        (demo.as_path(), vec!["--feed", "/nowhere/feed.xml"], "--feed /nowhere/feed.xml"),
    ] {
        let output = once(place, &more);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains(why), "{said}");
    }
    // What failed leaves a folder that can be used.
    succeeded(&once(&demo, &[]));
}

#[test]
fn an_undelivered_letter_is_a_failure() {
    let folder = tempfile::tempdir().unwrap();
    // The mailbox cannot write its third message.
    fs::create_dir_all(folder.path().join("mails/000003.part")).unwrap();
    let output = once(folder.path(), &[]);
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("1 of 160 letters were not delivered"), "{said}");
    assert_eq!(mails(folder.path()).len(), 159);
}

/// GETs an address of the demo; the answer with its head.
fn get(url: &str) -> (String, Vec<u8>) {
    let url = Url::parse(url).unwrap();
    let address = format!("{}:{}", url.host_str().unwrap(), url.port().unwrap());
    let mut stream = TcpStream::connect(&address).unwrap();
    write!(stream, "GET {} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n", url.path()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
    let body = answer.split_off(end + 4);
    (String::from_utf8(answer).unwrap(), body)
}

/// The first address in `text` that begins with `start`.
fn address(text: &str, start: &str) -> String {
    let at = text.find(start).unwrap_or_else(|| panic!("no {start} in {text}"));
    text[at..].split(['"', '<', ' ', '\n']).next().unwrap().to_owned()
}

#[test]
fn its_addresses_lead_somewhere_until_it_is_interrupted() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = newsletterd();
    command.args(["demo", "--dir"]).arg(folder.path().join("demo"));
    let mut demo = Daemon::start(command, folder.path());
    demo.wait_log("Ctrl-C ends the demo", LIMIT);
    let log = demo.log();
    let page = |url: &str| {
        let (head, body) = get(url);
        assert!(head.starts_with("HTTP/1.1 200 OK"), "{url}: {head}");
        assert!(head.contains("content-security-policy: default-src 'none'"), "{url}: {head}");
        String::from_utf8(body).unwrap()
    };
    let root = address(&log, "http://127.0.0.1:").split("archive").next().unwrap().to_owned();
    for language in ["en", "ka", "hy", "az", "ru"] {
        let letter = page(&address(&log, &format!("{root}archive/daily-{language}/")));
        assert!(letter.contains(&format!("<html lang=\"{language}\"")), "{letter}");
        let story = page(&address(&letter, &format!("{root}{language}/bridge/")));
        assert!(story.contains("src=\"/pictures/bridge.png\""), "{story}");
        page(&address(&letter, &format!("{root}{language}/membership/")));
        assert!(page(&format!("{root}{language}/")).contains(&format!("/{language}/bridge/")));
        let (head, picture) = get(&format!("{root}pictures/bridge.png"));
        assert!(head.contains("content-type: image/png") && picture.starts_with(b"\x89PNG"), "{head}");
        // The letters show them as they show anybody's.
        assert!(!letter.contains(&format!("{root}pictures/")), "{letter}");
        let (head, picture) = get(&address(&letter, &format!("{root}media/")));
        assert!(head.contains("content-type: image/jpeg") && picture.starts_with(b"\xff\xd8"), "{head}");
    }
    assert!(page(&root).contains("/archive/daily-ka"));
    assert!(page(&format!("{root}mailbox")).contains("/mailbox/160"));
    for lost in ["en/nothing/", "xx/", "xx/bridge/", "pictures/nothing.png", "pictures/bridge.gif"] {
        assert!(get(&format!("{root}{lost}")).0.starts_with("HTTP/1.1 404 Not Found"), "{lost}");
    }
    demo.signal(Signal::INT);
    assert!(demo.wait_exit(LIMIT).success());
}
