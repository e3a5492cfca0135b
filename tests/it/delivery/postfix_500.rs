//! An edition of a real feed file through a real Postfix to 500 readers: every mail is fetched from
//! the mailbox and looked at as a reader's mail program would.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use mailparse::{MailHeaderMap as _, ParsedMail};
use newsletterd::domain::ids::{ArticleId, EditionId};
use newsletterd::domain::token::TokenKeys;
use newsletterd::mail::letter::{Severity, check};
use newsletterd::store::articles;

use super::letters::header;
use super::newsroom::{Newsroom, On, Settings, TITLES, addresses, count};
use crate::support::maildir::recipient;
use crate::support::postfix::mail_server;

const READERS: usize = 500;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postfix_500_sqlite() {
    through_postfix(On::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postfix_500_postgresql() {
    through_postfix(On::Postgres).await;
}

async fn through_postfix(on: On) {
    let Some(server) = mail_server() else { return };
    let Some(newsroom) = Newsroom::open(on, &Settings::relay(&server.smtp)).await else { return };
    let readers = addresses(READERS, &server.domain);
    newsroom.import_readers(&readers);
    newsroom.import_stories();
    let started = Instant::now();
    let report = newsroom.json(&["edition", "send", "--newsletter", "daily", "--now", "--wait", "--json"]);
    println!("{on:?}: {READERS} letters handed to Postfix in {:?}", started.elapsed());
    assert_eq!((&report["state"], &report["audience"]), (&"sent".into(), &READERS.into()), "{report}");
    assert_eq!(count(&report, "accepted"), READERS, "{report}");

    let edition = report["edition"].as_i64().unwrap();
    let stories = stories(&newsroom, edition).await;
    let titles: Vec<_> = stories.iter().map(|story| story.title.as_str()).collect();
    assert_eq!(titles, TITLES, "as plain text, newest first");
    let mails = server.inbox().wait_for(READERS, Duration::from_secs(60));
    let keys = newsroom.engine().await.keys;
    let expected = Expected { keys: &keys, edition: EditionId(edition), stories: &stories };
    let mut seen = Seen::default();
    for mail in &mails {
        expected.look_at(mail, &mut seen);
    }
    assert_eq!(seen.recipients.keys().cloned().collect::<Vec<_>>(), readers);
    assert!(seen.recipients.values().all(|mails| *mails == 1), "somebody got two");
    for different in [&seen.message_ids, &seen.return_paths, &seen.unsubscribe_links] {
        assert_eq!(different.len(), READERS);
    }
    println!("{on:?}: {READERS} letters fetched and checked after {:?}", started.elapsed());
}

struct Story {
    title: String,
    link: String,
}

/// The stories of an edition in the order that `edition show` tells.
async fn stories(newsroom: &Newsroom, edition: i64) -> Vec<Story> {
    let shown = newsroom.json(&["edition", "show", &edition.to_string(), "--json"]);
    let mut tx = newsroom.engine().await.db.read().await.unwrap();
    let mut stories = Vec::new();
    for block in shown["blocks"].as_array().unwrap() {
        for item in block["items"].as_array().unwrap() {
            let id = ArticleId(item["article"].as_i64().unwrap());
            let article = articles::get(&mut tx, id).await.unwrap().unwrap();
            stories.push(Story { title: article.content.title, link: article.url.unwrap() });
        }
    }
    stories
}

#[derive(Default)]
struct Seen {
    recipients: BTreeMap<String, usize>,
    message_ids: BTreeSet<String>,
    return_paths: BTreeSet<String>,
    unsubscribe_links: BTreeSet<String>,
}

struct Expected<'a> {
    keys: &'a TokenKeys,
    edition: EditionId,
    stories: &'a [Story],
}

impl Expected<'_> {
    fn look_at(&self, stored: &[u8], seen: &mut Seen) {
        let to = recipient(stored).unwrap();
        let sent = as_sent(stored);
        let broken = check(&sent).into_iter().filter(|finding| finding.severity == Severity::Broken);
        assert_eq!(broken.collect::<Vec<_>>(), [], "{to}");
        let mail = mailparse::parse_mail(&sent).unwrap();
        let field = |name: &str| {
            let values = mail.headers.get_all_values(name);
            assert_eq!(values.len(), 1, "{to}: {name}");
            values[0].trim().to_owned()
        };
        assert_eq!(field("From"), "The Example Post <news@news.test>");
        assert_eq!(field("To"), to);
        assert_eq!(field("Subject"), self.stories[0].title);
        assert_eq!(field("List-Id"), "Readers & friends <readers.news.test>");
        assert_eq!(field("List-Unsubscribe-Post"), "List-Unsubscribe=One-Click");
        assert_eq!(field("MIME-Version"), "1.0");
        assert!(mailparse::dateparse(&field("Date")).is_ok());
        let feedback = field("Feedback-ID");
        assert_eq!(feedback.split(':').count(), 4, "{feedback}");
        let link = field("List-Unsubscribe");
        let (link, by_mail) = link.split_once(">, <mailto:").unwrap_or_else(|| panic!("{link}"));
        let link = link.trim_start_matches('<').to_owned();
        let token = link.strip_prefix("https://letters.example.org/unsubscribe/").unwrap();
        assert_eq!(by_mail, format!("unsubscribe+{token}@bounces.news.test>"));
        let return_path = self.return_path(stored);

        let [text, html] = parts(&mail);
        self.stories_in_order(&text);
        self.stories_in_order(&html_escape::decode_html_entities(&html));
        for part in [&text, &html] {
            assert!(part.contains(&link), "{to}: the way out is missing in the body");
            assert!(part.contains("1 Example Street, Tbilisi"));
        }

        *seen.recipients.entry(to.clone()).or_default() += 1;
        seen.message_ids.insert(field("Message-ID"));
        seen.return_paths.insert(return_path);
        seen.unsubscribe_links.insert(link);
    }

    /// The return path, which must be ours, of this edition, and signed.
    fn return_path(&self, stored: &[u8]) -> String {
        let path = header(stored, "Return-Path");
        let path = path.trim_matches(['<', '>']).to_owned();
        let local = path.strip_suffix("@bounces.news.test").unwrap_or_else(|| panic!("{path}"));
        assert_eq!(self.keys.read_return_path(local).unwrap().edition, self.edition);
        path
    }

    /// Every title in its place, and every link, each as often as the design likes but no other
    /// between.
    fn stories_in_order(&self, part: &str) {
        // A text part is wrapped: what is between words is a blank or a new line.
        let part = part.split_whitespace().collect::<Vec<_>>().join(" ");
        let mut rest = part.as_str();
        for story in self.stories {
            let at = rest.find(&story.title);
            rest = &rest[at.unwrap_or_else(|| panic!("{} is not in its place in {part}", story.title))..];
        }
        let links = part.split("https://").filter(|text| text.starts_with("example.org/news/"));
        let mut links: Vec<_> = links.map(|text| format!("https://{}", until_end_of_link(text))).collect();
        links.dedup();
        let expected: Vec<_> = self.stories.iter().map(|story| story.link.clone()).collect();
        assert_eq!(links, expected);
    }
}

fn until_end_of_link(text: &str) -> &str {
    text.split(|letter: char| letter.is_whitespace() || "\"'<>".contains(letter)).next().unwrap()
}

/// The mail as it was handed over: with CR LF, and without what the mail server wrote at its top.
pub fn as_sent(stored: &[u8]) -> Vec<u8> {
    let text = String::from_utf8(stored.to_vec()).unwrap();
    let theirs = ["Return-Path:", "X-Original-To:", "Delivered-To:", "Received:"];
    let mut at_the_top = true;
    let ours = text.split_inclusive('\n').skip_while(|line| {
        let folded = line.starts_with([' ', '\t']);
        at_the_top &= folded || theirs.iter().any(|name| line.starts_with(name));
        at_the_top
    });
    ours.collect::<String>().replace('\n', "\r\n").into_bytes()
}

/// The text and the HTML of a letter, decoded.
fn parts(mail: &ParsedMail<'_>) -> [String; 2] {
    assert_eq!(mail.ctype.mimetype, "multipart/alternative");
    let types: Vec<_> = mail.subparts.iter().map(|part| part.ctype.mimetype.as_str()).collect();
    assert_eq!(types, ["text/plain", "text/html"]);
    [0, 1].map(|part| mail.subparts[part].get_body().unwrap())
}
