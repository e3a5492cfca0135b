//! POP3: what is deleted, what stays, and what a server may do to us.

use super::server::{Act, Script, Server, say};
use super::*;

async fn swept(script: Script) -> (Result<Swept, Trouble>, Memo, Server) {
    let server = Server::start(script).await;
    let keeper = Memo::default();
    let swept = sweep(&settings("pop3", server.port, ""), &password(), &keeper).await;
    (swept, keeper, server)
}

#[tokio::test]
async fn a_mail_is_deleted_when_it_is_kept_and_one_for_people_stays() {
    let large = "x".repeat(1001);
    let mails = ["report\r\n.\r\n..dots\r\n", "for people\r\n", &large, "broken\r\n", "report 2\r\n"];
    let script = Script::pop3("SASL PLAIN\r\nUIDL", &mails).on("RETR 4", say("-ERR cannot read it\r\n"));
    let (result, keeper, server) = swept(script).await;
    assert_eq!(result, Ok(Swept { kept: 2, aside: 0, left: 3 }));
    assert_eq!(keeper.mails(), [mails[0], mails[1], mails[4]]);
    assert_eq!(keeper.intakes(), [Intake::Pop3; 3]);
    let heard = server.heard();
    let last: Vec<_> =
        heard.iter().filter(|command| command.starts_with("DELE") || *command == "QUIT").collect();
    assert_eq!(last, ["DELE 1", "DELE 5", "QUIT"]);
    assert_eq!(server.count("RETR 3"), 0, "what is too large is not even fetched");
}

#[tokio::test]
async fn what_cannot_be_kept_now_stays_and_what_was_kept_before_it_is_deleted() {
    let (result, keeper, server) = swept(Script::pop3("", &["report\r\n", "later\r\n", "report\r\n"])).await;
    assert!(matches!(result, Err(Trouble::NotNow(_))), "{result:?}");
    assert_eq!((keeper.mails().len(), server.count("DELE"), server.count("QUIT")), (1, 1, 1));
    // A deletion that does not last is a trouble.
    let (result, ..) =
        swept(Script::pop3("", &["report\r\n"]).on("QUIT", say("-ERR some were not removed\r\n"))).await;
    assert!(matches!(result, Err(Trouble::Refused { command: "QUIT", .. })), "{result:?}");
}

#[tokio::test]
async fn many_are_deleted_in_several_sessions() {
    let mails = vec!["report\r\n"; 201];
    let mails = Script::pop3("", &mails);
    let rest = Script::pop3("", &["report\r\n"]);
    let first = |script: &Script, command: &str| script.first(command);
    let script = mails
        .clone()
        .then("LIST", &[first(&mails, "LIST"), first(&rest, "LIST")])
        .then("UIDL", &[first(&mails, "UIDL"), first(&rest, "UIDL")]);
    let (result, _, server) = swept(script).await;
    assert_eq!(result, Ok(Swept { kept: 201, aside: 0, left: 0 }));
    assert_eq!((server.connections(), server.count("QUIT")), (2, 2));
}

#[tokio::test]
async fn who_we_are_is_said_as_the_server_wants_it() {
    let proof = data_encoding::BASE64.encode(b"\0bo@x.test\0hunter2");
    for (offers, expected) in [
        ("SASL LOGIN PLAIN", [format!("AUTH PLAIN {proof}"), String::new()]),
        ("SASL SCRAM-SHA-256\r\nUSER", ["USER bo@x.test".to_owned(), "PASS hunter2".to_owned()]),
    ] {
        let (result, _, server) = swept(Script::pop3(offers, &[])).await;
        assert_eq!(result, Ok(Swept::default()));
        assert!(expected.iter().all(|command| server.heard().contains(command)), "{:?}", server.heard());
    }
    let script = Script::pop3("", &["report\r\n"]).on("CAPA", say("-ERR what?\r\n"));
    assert!(swept(script.clone()).await.0.is_ok(), "a server may know no CAPA");
    for (said, hopeless) in [
        ("-ERR [AUTH] bo@x.test is unknown", true),
        ("-ERR [IN-USE] another is reading", false),
        ("-ERR [SYS/TEMP] busy", false),
    ] {
        let (result, ..) = swept(script.clone().on("PASS", say(&format!("{said}\r\n")))).await;
        let trouble = result.unwrap_err();
        assert_eq!(matches!(trouble, Trouble::SignIn(_)), hopeless, "{trouble}");
        assert!(!trouble.to_string().contains("x.test"));
    }
    for answer in ["-ERR what?\r\n", "+OK go\r\n+OK CAPA\r\n.\r\n"] {
        let server = Server::start(Script::pop3("", &[]).on("STLS", say(answer))).await;
        let settings = settings("pop3+starttls", server.port, "");
        assert!(sweep(&settings, &password(), &Memo::default()).await.is_err());
        assert_eq!(server.count("USER") + server.count("AUTH"), 0);
    }
}

#[tokio::test]
async fn hostile_servers_are_survived() {
    let mail = |act: Act| Script::pop3("", &["report\r\n"]).on("RETR 1", act);
    let cases = [
        ("an endless greeting", mail(say("")).on("", Act::Flood("x".repeat(4000)))),
        ("no greeting", mail(say("")).on("", Act::Silence)),
        ("a refusal", mail(say("")).on("", Act::SayAndClose("-ERR go away\r\n".to_owned()))),
        ("another protocol", mail(say("")).on("", say("* OK IMAP4rev1\r\n"))),
        ("an endless list", mail(say("")).on("UIDL", Act::Flood("+OK\r\n1 u1\r\n".repeat(1000)))),
        ("an endless mail", mail(Act::Flood("+OK\r\nxxxx\r\n".repeat(1000)))),
        ("an endless line", mail(Act::Flood(format!("+OK\r\n{}", "x".repeat(100_000))))),
        ("a mail that drips", mail(Act::Drip("+OK\r\nx\r\n".to_owned()))),
        ("silence", mail(Act::Silence)),
        ("a mail cut short", mail(Act::SayAndClose("+OK\r\nrep".to_owned()))),
    ];
    let runs = cases.map(|(what, script)| async move {
        let started = Instant::now();
        let (result, keeper, server) = swept(script).await;
        assert!(result.is_err(), "{what}: {result:?}");
        assert!(keeper.mails().is_empty() && server.count("DELE") == 0, "{what}");
        assert!(started.elapsed() < Duration::from_secs(10), "{what}: {:?}", started.elapsed());
    });
    futures_util::future::join_all(runs).await;
}
