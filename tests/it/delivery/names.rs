//! Letters with names and titles that are hard to carry, judged where they arrive: at our own
//! receiver and behind a Postfix.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use chrono::DateTime;
use newsletterd::config;
use newsletterd::domain::address::{EmailAddress, Mailbox};
use newsletterd::domain::delivery::Outcome;
use newsletterd::mail::letter::{LetterSource, ListId, PlaceValues, encode};
use newsletterd::mail::receiver::Capture;
use newsletterd::mail::smtp::Envelope;

use super::postfix_500::as_sent;
use crate::support::engine::{capturing_relay, daily_config, relay};
use crate::support::postfix::mail_server;

/// Commas, quotation marks, emoji, plus signs, backslashes, line breaks, and lines of 998 octets.
fn names() -> Vec<String> {
    let long = ["x".repeat(998), "ხიდი ".repeat(250)];
    let short = [
        "Post, The Example",
        "\"The\" Post",
        "O'Neil \\ Sons",
        "News + Views (daily) <all of it>",
        "🌊 Harbour 👩‍👧‍👦 Post",
        "line\r\nBcc: everybody@example.org\r\n\r\nbody",
        "a@b.example; c: d",
        "=?utf-8?Q?looks_encoded?=",
        ".",
    ];
    short.map(str::to_owned).into_iter().chain(long).collect()
}

/// One letter of that name throughout, to one address of `domain`.
fn letter(name: &str, to: &EmailAddress) -> Vec<u8> {
    let mailbox = |address: &str| Mailbox { name: Some(name.to_owned()), ..Mailbox::parse(address).unwrap() };
    let body = format!(".dot\n{}\n..two\n.\n", "y".repeat(2_000));
    let letter = encode(&LetterSource {
        from: mailbox("news+daily@news.test"),
        reply_to: Some(mailbox("desk@news.test")),
        subject: name.to_owned(),
        list_id: ListId::new(name, name, "news.test"),
        feedback_id: None,
        html: format!("<p>{body}</p>"),
        text: body,
        web_html: String::new(),
    });
    let url = "https://letters.example.org/unsubscribe/1".to_owned();
    let values = PlaceValues {
        to: Mailbox { name: Some(name.to_owned()), address: to.clone() },
        message_id: "names@news.test".to_owned(),
        date: DateTime::parse_from_rfc3339("2026-11-24T07:00:00+04:00").unwrap(),
        unsubscribe_url: url.clone(),
        preferences_url: url.clone(),
        one_click_url: url,
        unsubscribe_address: "unsubscribe+1@bounces.news.test".to_owned(),
    };
    letter.unwrap().fill(&values).unwrap()
}

/// Sends all letters through `server`.
async fn send(server: SocketAddr, domain: &str) -> Vec<Vec<u8>> {
    let config =
        config::parse(&daily_config(server), Path::new("newsletter.toml"), std::iter::empty()).unwrap();
    let relay = relay(&config);
    let mut sent = Vec::new();
    for (number, name) in names().iter().enumerate() {
        let to = EmailAddress::parse(&format!("reader+{number}@{domain}")).unwrap();
        let message = letter(name, &to);
        let from = EmailAddress::parse("bounces+names@bounces.news.test").ok();
        let outcome = relay.send(&Envelope { from, to, id: None }, &message).await;
        assert!(matches!(outcome, Outcome::Accepted(_)), "{name:.60}: {outcome:?}");
        sent.push(message);
    }
    sent
}

/// What arrived is what was sent, and reads as it was meant.
fn judge(mut sent: Vec<Vec<u8>>, mut arrived: Vec<Vec<u8>>) {
    sent.sort();
    arrived.sort();
    assert!(sent == arrived, "not a byte differs");
    for raw in arrived {
        let parsed = mailparse::parse_mail(&raw).unwrap();
        let header = |name: &str| {
            let all = parsed.headers.iter().filter(|header| header.get_key_ref() == name).collect::<Vec<_>>();
            assert_eq!(all.len(), 1, "{name}");
            all[0]
        };
        assert!(parsed.headers.iter().all(|header| !header.get_key_ref().eq_ignore_ascii_case("bcc")));
        let subject = header("Subject").get_value();
        let from = mailparse::addrparse_header(header("From")).unwrap().extract_single_info().unwrap();
        assert_eq!(from.addr, "news+daily@news.test");
        let squeezed = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(squeezed(&from.display_name.unwrap()), squeezed(&subject));
        let known = names().iter().any(|name| {
            let line = name.replace(['\r', '\n'], " ");
            squeezed(&line) == squeezed(&subject)
        });
        assert!(known, "{subject:.80}");
        let text = parsed.subparts[0].get_body().unwrap().replace("\r\n", "\n");
        assert!(text.starts_with(".dot\nyyyy") && text.ends_with("y\n..two\n.\n"), "{text:.40}");
        assert!(raw.split(|&byte| byte == b'\n').all(|line| line.len() <= 999));
    }
}

#[tokio::test]
async fn hard_names_arrive_whole_at_our_own_receiver() {
    let folder = tempfile::tempdir().unwrap();
    let sent = send(capturing_relay(folder.path()).await, "reader.test").await;
    let captured = Capture::open(folder.path()).unwrap().list().unwrap();
    judge(sent, captured.iter().map(|captured| std::fs::read(&captured.file).unwrap()).collect());
}

#[tokio::test]
async fn hard_names_arrive_whole_behind_a_postfix() {
    let Some(server) = mail_server() else { return };
    let sent = send(server.smtp.parse().unwrap(), &server.domain).await;
    let stored = server.inbox().wait_for(sent.len(), Duration::from_secs(60));
    judge(sent, stored.iter().map(|mail| as_sent(mail)).collect());
}
