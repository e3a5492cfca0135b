//! What spam filters make of a letter in each language: SpamAssassin with its local rules, rspamd
//! without any network as a second opinion.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::process::{Command, Stdio};

use chrono::Timelike as _;
use newsletterd::clock::Clock;
use newsletterd::demo::newsroom::{DemoNewsletter, newsroom};
use newsletterd::domain::reads::{ReadsPart, Replaces};
use newsletterd::store::{catalog, reads};
use serde_json::json;

use super::newsroom::{LIMIT, sections, send};
use crate::support::engine::TestEngine;
use crate::support::maildir::recipient;
use crate::support::postfix::{MailServer, mail_server};
use crate::support::rspamd::Rspamd;
use crate::support::skip;

/// The demo's paper under our domain, with both keys: its five newsletters are due now.
fn config(server: &MailServer, letters: &[DemoNewsletter], keys: &std::path::Path) -> String {
    let now = Clock::System.now();
    let newsletter = |letter: &DemoNewsletter| {
        json!({
            "name": letter.name,
            "list": letter.list,
            "title": letter.title,
            "language": letter.language,
            "schedule": format!("{} {} * * *", now.minute(), now.hour()),
            "time_zone": "UTC",
            "from": format!("\"{}\" <letters@example.org>", letter.newspaper),
            "blocks": [
                { "kind": "picks", "title": letter.blocks.picks, "max": 3 },
                { "kind": "most_read", "title": letter.blocks.most_read, "max": 5 },
                { "kind": "latest", "title": letter.blocks.latest, "max": 3 },
                {
                    "kind": "house",
                    "title": letter.appeal.title,
                    "text": letter.appeal.text,
                    "button": letter.appeal.button,
                    "link": "https://example.org/membership",
                },
            ],
        })
    };
    let lists = letters.iter().map(|letter| json!({ "name": letter.list, "title": letter.title }));
    let settings = json!({
        "site": {
            "name": letters[0].newspaper,
            "url": "https://example.org",
            "postal_address": "1 Mill Landing, Velmari",
        },
        "web": { "public_url": "https://letters.example.org" },
        "relays": [{ "name": "main", "url": format!("smtp://{}", server.smtp) }],
        "bounces": { "return_path": "bounces.example.org" },
        "lists": lists.collect::<Vec<_>>(),
        "newsletters": letters.iter().map(newsletter).collect::<Vec<_>>(),
    });
    format!("{}\n{}", sections(keys), toml::to_string(&settings).unwrap())
}

/// A letter in each language as it lies in a mailbox, by language.
async fn letters(server: &MailServer) -> BTreeMap<String, Vec<u8>> {
    let keys = tempfile::tempdir().unwrap();
    let site = "https://example.org/".parse().unwrap();
    let paper = newsroom(Clock::System.now() - chrono::TimeDelta::hours(1), &site).unwrap();
    let test = TestEngine::sqlite(&config(server, &paper.newsletters, keys.path())).await;
    let domain = &server.domain;
    send(&test, async |test| {
        test.import_articles(&paper.articles).await;
        let mut tx = test.engine.db.begin().await.unwrap();
        let source = catalog::source_id(&mut tx, "site").await.unwrap();
        let part =
            ReadsPart { part: "all".to_owned(), replaces: Replaces::WholePart, counts: paper.reads.clone() };
        reads::store(&mut tx, source, &part).await.unwrap();
        tx.commit().await.unwrap();
        for letter in &paper.newsletters {
            test.add_subscribers(&letter.list, &[&format!("reader-{}@{domain}", letter.language)]).await;
        }
    })
    .await;
    let mails = server.inbox().wait_for(paper.newsletters.len(), LIMIT);
    let language = |mail: &[u8]| {
        let to = recipient(mail).unwrap();
        to.trim_start_matches("reader-").split('@').next().unwrap().to_owned()
    };
    let letters: BTreeMap<_, _> = mails.into_iter().map(|mail| (language(&mail), mail)).collect();
    assert_eq!(letters.keys().collect::<Vec<_>>(), ["az", "en", "hy", "ka", "ru"]);
    for (language, mail) in &letters {
        // Several stories, in two forms: no short notice is judged here.
        assert!(mail.len() > 20_000, "{language}: {} bytes", mail.len());
    }
    letters
}

/// Rules of SpamAssassin that may hit, each with its reason. All others fail the test: among them
/// every `MIME_`, `MISSING_`, `HTML_` and header rule.
const HARMLESS: &[(&str, &str)] = &[
    ("HTML_MESSAGE", "there is an HTML form; scores nothing"),
    ("MAILING_LIST_MULTI", "the List-* fields fit together; speaks for us"),
    ("ALL_TRUSTED", "the mail came over loopback alone, so nobody could be distrusted; taken off the score"),
    (
        "MIXED_ES",
        "Russian letters beside the Latin ones of web addresses; the rule looks for Polish and Czech",
    ),
];

/// Score and rules that hit.
fn spamassassin(home: &std::path::Path, mail: &[u8]) -> (f64, Vec<String>) {
    let mut child = Command::new("timeout")
        .args(["120", "spamassassin", "-L", "-t"])
        .env("HOME", home)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(mail).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let status = super::super::delivery::letters::header(&output.stdout, "X-Spam-Status");
    let value = |name: &str| {
        let rest = status.split_once(name).unwrap_or_else(|| panic!("{status}")).1;
        rest.split(" autolearn").next().unwrap().to_owned()
    };
    let mut score: f64 = value("score=").split_whitespace().next().unwrap().parse().unwrap();
    let rules = value("tests=");
    let rules =
        rules.split([',', ' ', '\n', '\t']).map(str::trim).filter(|rule| !rule.is_empty() && *rule != "none");
    let rules: Vec<_> = rules.map(str::to_owned).collect();
    // What the loopback gave away, and no reader's server will.
    score += if rules.iter().any(|rule| rule == "ALL_TRUSTED") { 1.0 } else { 0.0 };
    (score, rules)
}

#[tokio::test]
async fn spamassassin_scores_a_letter_in_each_language_below_one_and_no_rule_of_form_hits() {
    let Some(server) = mail_server() else { return };
    if Command::new("spamassassin").arg("--version").output().is_err() {
        return skip("no SpamAssassin; run tests/run");
    }
    let home = tempfile::tempdir().unwrap();
    let mut problems = Vec::new();
    for (language, mail) in letters(&server).await {
        let (score, rules) = spamassassin(home.path(), &mail);
        println!("SpamAssassin, {language}: {score}, {rules:?}");
        let harmful = |rule: &&String| {
            let known = HARMLESS.iter().any(|(known, _)| known == rule);
            !known || (*rule == "MIXED_ES" && language != "ru")
        };
        let harmful: Vec<_> = rules.iter().filter(harmful).collect();
        if score >= 1.0 || !harmful.is_empty() {
            problems.push(format!("{language}: {score}, {harmful:?}"));
        }
    }
    assert!(problems.is_empty(), "{problems:#?}");
    // The rules are there: a mail without a head is not taken for a good one.
    let (_, rules) = spamassassin(home.path(), b"Content-Type: text/html\n\n<p>Buy</p>\n");
    assert!(rules.iter().any(|rule| rule.starts_with("MISSING_")), "{rules:?}");
    assert!(rules.iter().any(|rule| rule == "MIME_HTML_ONLY"), "{rules:?}");
}

/// Symbols of rspamd that must not be there, by how they begin.
const NEVER: [&str; 9] = [
    "MIME_HTML_ONLY",
    "MIME_BASE64",
    "MISSING_",
    "MID_CONTAINS",
    "INVALID_",
    "MULTIPLE_UNIQUE",
    "R_PARTS_DIFFER",
    "BROKEN_",
    "DATE_",
];

#[tokio::test]
async fn rspamd_as_a_second_opinion_scores_below_two() {
    let Some(server) = mail_server() else { return };
    let Some(rspamd) = Rspamd::start() else { return };
    let mut problems = Vec::new();
    for (language, mail) in letters(&server).await {
        let symbols = rspamd.check(&mail);
        // HFILTER_* judges the host that the mail came from, which nobody told it of.
        let judged = symbols.iter().filter(|(name, _)| !name.starts_with("HFILTER_"));
        let score: f64 = judged.map(|(_, score)| score).sum();
        let scoring: Vec<_> = symbols.iter().filter(|(_, score)| **score != 0.0).collect();
        println!("rspamd, {language}: {score:.2}, {scoring:?}");
        let never = symbols.keys().filter(|name| NEVER.iter().any(|start| name.starts_with(start)));
        let never: Vec<_> = never.collect();
        if score >= 2.0 || !never.is_empty() || !symbols.contains_key("MID_RHS_MATCH_FROM") {
            problems.push(format!("{language}: {score} {never:?} of {:?}", symbols.keys()));
        }
    }
    assert!(problems.is_empty(), "{problems:#?}");
    let bad = rspamd.check(b"From: a@example.org\r\nContent-Type: text/html\r\n\r\n<p>Buy</p>\r\n");
    assert!(bad.contains_key("MIME_HTML_ONLY") && bad.contains_key("MISSING_MID"), "{bad:?}");
}
