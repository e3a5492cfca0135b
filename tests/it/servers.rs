//! The servers of `tests/run` are what the tests take them for.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::time::Duration;

use sqlx::Connection;
use sqlx::postgres::PgConnection;

use crate::support::maildir::recipient;
use crate::support::postfix::{MailServer, mail_server};
use crate::support::postgres::fresh_database;

const LIMIT: Duration = Duration::from_secs(60);

#[tokio::test]
async fn postgres_gives_each_test_a_database_of_its_own_and_takes_it_back() {
    let Some(first) = fresh_database().await else { return };
    let Some(second) = fresh_database().await else { return };
    let create = "CREATE TABLE t (id BIGINT PRIMARY KEY)";
    for url in [first.url(), second.url()] {
        let mut connection = PgConnection::connect(&url).await.unwrap();
        sqlx::query(create).execute(&mut connection).await.unwrap();
        let version: String =
            sqlx::query_scalar("SHOW server_version_num").fetch_one(&mut connection).await.unwrap();
        assert!(version.parse::<u32>().unwrap() >= 150_000, "PostgreSQL 15 is the oldest: {version}");
    }
    let url = first.url();
    drop(first);
    assert!(PgConnection::connect(&url).await.is_err());
    assert!(PgConnection::connect(&second.url()).await.is_ok());
}

/// A conversation by lines, as SMTP, IMAP and POP3 hold it.
struct Conversation {
    stream: BufReader<TcpStream>,
}

impl Conversation {
    fn open(address: &str) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(LIMIT)).unwrap();
        Self { stream: BufReader::new(stream) }
    }

    fn say(&mut self, line: &str) {
        self.stream.get_mut().write_all(format!("{line}\r\n").as_bytes()).unwrap();
    }

    /// Reads up to the first line that begins with `start`.
    fn hear(&mut self, start: &str) -> String {
        loop {
            let mut line = String::new();
            assert_ne!(self.stream.read_line(&mut line).unwrap(), 0, "closed before {start:?}");
            if line.starts_with(start) {
                return line.trim_end().to_owned();
            }
        }
    }

    /// The last line of a reply of SMTP, which alone has no hyphen behind its code.
    fn reply(&mut self) -> String {
        loop {
            let line = self.hear("");
            if line.as_bytes().get(3) != Some(&b'-') {
                return line;
            }
        }
    }
}

fn smtp(server: &MailServer) -> Conversation {
    let mut smtp = Conversation::open(&server.smtp);
    assert!(smtp.reply().starts_with("220 "));
    smtp.say("EHLO client.test");
    assert!(smtp.reply().starts_with("250 "));
    smtp
}

fn send(smtp: &mut Conversation, from: &str, to: &str) {
    for (line, code) in
        [(format!("MAIL FROM:<{from}>"), "250"), (format!("RCPT TO:<{to}>"), "250"), ("DATA".into(), "354")]
    {
        smtp.say(&line);
        let reply = smtp.reply();
        assert!(reply.starts_with(code), "{line}: {reply}");
    }
    smtp.say(&format!("From: news@news.test\r\nTo: {to}\r\nSubject: x\r\n\r\nText\r\n."));
    assert!(smtp.reply().starts_with("250 "));
}

#[test]
fn a_mail_lands_in_the_mailbox_of_its_domain_as_maildir_and_over_imap_and_pop3() {
    let Some(server) = mail_server() else { return };
    let recipients: Vec<String> = ["s1", "s2", "s3"].map(|local| format!("{local}@{}", server.domain)).into();
    let mut connection = smtp(&server);
    for to in &recipients {
        send(&mut connection, "return-path@bounces.news.test", to);
    }
    send(&mut connection, "", &format!("other@{}", mail_server().unwrap().domain));

    let mut delivered: Vec<_> =
        server.inbox().wait_for(3, LIMIT).iter().filter_map(|mail| recipient(mail)).collect();
    delivered.sort();
    assert_eq!(delivered, recipients);

    let mut imap = Conversation::open(&server.imap);
    imap.say("a LOGIN readers testpw");
    assert!(imap.hear("a ").starts_with("a OK"));
    imap.say("b SELECT INBOX");
    assert!(imap.hear("b ").starts_with("b OK"));
    imap.say(&format!("c SEARCH HEADER Delivered-To {}", server.domain));
    let found = imap.hear("* SEARCH");
    assert_eq!(found.split_whitespace().count() - 2, 3, "{found}");

    let mut pop3 = Conversation::open(&server.pop3);
    pop3.say("USER readers");
    pop3.say("PASS testpw");
    pop3.say("STAT");
    pop3.hear("+OK Logged in");
    assert!(pop3.hear("+OK").split_whitespace().nth(1).unwrap().parse::<u32>().unwrap() >= 3);
}

#[test]
fn the_local_part_decides_what_becomes_of_a_mail() {
    let Some(server) = mail_server() else { return };
    let domain = &server.domain;
    let mut smtp = smtp(&server);
    for (to, expected) in [
        (format!("busy@{domain}"), "451 4.7.1"),
        (format!("quota@{domain}"), "452 4.2.2"),
        (format!("gone@{domain}"), "550 5.1.1"),
        (format!("refused@{domain}"), "554 5.7.1"),
        ("unknown@sync.test".into(), "550 5.1.1"),
        ("known@sync.test".into(), "250 2.1.5"),
        (format!("nobody@{domain}"), "250 2.1.5"),
        (format!("full@{domain}"), "250 2.1.5"),
    ] {
        smtp.say("MAIL FROM:<return-path@bounces.news.test>");
        assert!(smtp.reply().starts_with("250 "));
        smtp.say(&format!("RCPT TO:<{to}>"));
        let reply = smtp.reply();
        assert!(reply.starts_with(expected), "{to}: {reply}");
        smtp.say("RSET");
        assert!(smtp.reply().starts_with("250 "));
    }
}

#[test]
fn a_mail_that_cannot_be_delivered_comes_back_as_a_report_to_its_return_path() {
    let Some(server) = mail_server() else { return };
    let mut connection = smtp(&server);
    for (to, status) in [
        (format!("nobody@{}", server.domain), "5.1.1"),
        (format!("full@{}", server.domain), "5.2.2"),
        (format!("blocked@{}", server.domain), "5.7.1"),
        ("someone@outside.example".into(), "5.1.2"), // nothing leaves the machine
    ] {
        let token = format!("{}-{status}", server.domain).replace('.', "-");
        let return_path = format!("bounces+{token}@bounces.news.test");
        send(&mut connection, &return_path, &to);
        let reports = server.reports_to(&return_path).wait_for(1, LIMIT);
        let report = String::from_utf8_lossy(&reports[0]);
        assert!(report.contains(&format!("Status: {status}\n")), "{report}");
    }
}
