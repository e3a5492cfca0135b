//! IMAP: what leaves, what stays, and what a server may do to us.

use super::server::{Act, Script, Server, say};
use super::*;

const ALL: &str = "IDLE MOVE UIDPLUS AUTH=PLAIN SASL-IR";

async fn swept(script: Script, keys: &str) -> (Result<Swept, Trouble>, Memo, Server) {
    let server = Server::start(script).await;
    let keeper = Memo::default();
    let swept = sweep(&settings("imap", server.port, keys), &password(), &keeper).await;
    (swept, keeper, server)
}

fn leaving(server: &Server) -> Vec<String> {
    let leaves = |command: &String| {
        ["UID MOVE", "UID COPY", "UID STORE", "UID EXPUNGE", "EXPUNGE", "CREATE"]
            .iter()
            .any(|verb| command.starts_with(verb))
    };
    server.heard().into_iter().filter(leaves).collect()
}

#[tokio::test]
async fn a_mail_leaves_when_it_is_kept_and_one_for_people_goes_aside() {
    let mails = ["report 1\r\n", "for people\r\n", "report 2\r\n"];
    for (offers, keys, expected) in [
        (
            ALL,
            "",
            &[
                "UID MOVE 12 \"Newsletterd aside\"",
                "UID STORE 11,13 +FLAGS.SILENT (\\Deleted)",
                "UID EXPUNGE 11,13",
            ][..],
        ),
        (ALL, "done = \"Bücher\"", &["UID MOVE 12 \"Newsletterd aside\"", "UID MOVE 11,13 \"B&APw-cher\""]),
        (
            "UIDPLUS",
            "",
            &[
                "UID COPY 12 \"Newsletterd aside\"",
                "UID STORE 12 +FLAGS.SILENT (\\Deleted)",
                "UID EXPUNGE 12",
                "UID STORE 11,13 +FLAGS.SILENT (\\Deleted)",
                "UID EXPUNGE 11,13",
            ],
        ),
    ] {
        let (result, keeper, server) = swept(Script::imap(offers, &mails), keys).await;
        assert_eq!(result, Ok(Swept { kept: 2, aside: 1, left: 0 }));
        assert_eq!(keeper.mails(), mails);
        assert_eq!(keeper.intakes(), [Intake::Imap; 3]);
        assert_eq!(leaving(&server), expected);
        let fetched = server.heard().iter().position(|command| command.starts_with("UID FETCH 13")).unwrap();
        let left = server.heard().iter().position(|command| leaving(&server)[0] == *command).unwrap();
        assert!(fetched < left && server.count("LOGOUT") == 1);
    }
}

#[tokio::test]
async fn others_mails_are_never_expunged() {
    let script = |marked: &str| {
        Script::imap("", &["report\r\n"])
            .on("UID SEARCH DELETED", say(&format!("* SEARCH{marked}\r\nTAG OK\r\n")))
    };
    let (result, _, server) = swept(script(" 11"), "").await;
    assert_eq!((result, server.count("EXPUNGE")), (Ok(Swept { kept: 1, aside: 0, left: 0 }), 1));
    // Somebody else has marked another one.
    let (result, _, server) = swept(script(" 11 99"), "").await;
    assert_eq!((result, server.count("EXPUNGE")), (Ok(Swept { kept: 1, aside: 0, left: 1 }), 0));
}

#[tokio::test]
async fn what_cannot_be_kept_now_stays_and_what_was_kept_before_it_leaves() {
    let mails = ["report 1\r\n", "later\r\n", "report 2\r\n"];
    let (result, keeper, server) = swept(Script::imap(ALL, &mails), "").await;
    assert!(matches!(result, Err(Trouble::NotNow(_))), "{result:?}");
    assert_eq!(keeper.mails(), ["report 1\r\n"]);
    assert_eq!(leaving(&server), ["UID STORE 11 +FLAGS.SILENT (\\Deleted)", "UID EXPUNGE 11"]);
    assert_eq!(server.count("UID FETCH 13"), 0);
}

#[tokio::test]
async fn a_folder_that_is_not_there_is_made_and_one_that_cannot_be_keeps_nobody() {
    let moved = say("TAG OK moved\r\n");
    let refused = say("TAG NO [TRYCREATE] no such folder\r\n");
    let people = Script::imap(ALL, &["people\r\n"]);
    let script = people.clone().then("UID MOVE", &[refused.clone(), moved]);
    let (result, _, server) = swept(script, "").await;
    assert_eq!(result, Ok(Swept { kept: 0, aside: 1, left: 0 }));
    let again = "UID MOVE 11 \"Newsletterd aside\"";
    assert_eq!(leaving(&server), [again, "CREATE \"Newsletterd aside\"", again]);
    // Nothing is deleted for want of a place.
    let (result, _, server) = swept(people.on("UID MOVE", refused), "").await;
    assert_eq!(result, Ok(Swept { kept: 0, aside: 1, left: 1 }));
    assert_eq!(server.count("UID STORE") + server.count("EXPUNGE"), 0);
}

#[tokio::test]
async fn oversized_unreadable_and_vanished_mails_stop_nobody() {
    let large = "x".repeat(1001);
    let mails = [large.as_str(), "gone\r\n", "broken\r\n", "none\r\n", "report\r\n"];
    let script = Script::imap(ALL, &mails)
        .on("UID FETCH 12", say("TAG OK nothing\r\n"))
        .on("UID FETCH 13", say("TAG NO [SERVERBUG] cannot read it\r\n"))
        .on("UID FETCH 14", say("* 4 FETCH (UID 14 BODY[] NIL)\r\nTAG OK\r\n"));
    let (result, keeper, server) = swept(script, "").await;
    assert_eq!(result, Ok(Swept { kept: 1, aside: 3, left: 1 }));
    assert_eq!(keeper.mails(), ["report\r\n"]);
    assert_eq!(server.count("UID FETCH 11"), 0, "what is too large is not even fetched");
    assert_eq!(leaving(&server)[0], "UID MOVE 11,13,14 \"Newsletterd aside\"");
}

#[tokio::test]
async fn who_we_are_is_said_as_the_server_wants_it() {
    let proof = data_encoding::BASE64.encode(b"\0bo@x.test\0hunter2");
    for (offers, expected) in [
        ("AUTH=PLAIN SASL-IR", format!("AUTHENTICATE PLAIN {proof}")),
        ("AUTH=PLAIN", proof.clone()),
        ("AUTH=CRAM-MD5", "LOGIN \"bo@x.test\" \"hunter2\"".to_owned()),
    ] {
        let mut script = Script::imap(offers, &[]);
        if offers == "AUTH=PLAIN" {
            script = script.on("AUTHENTICATE PLAIN", say("+ \r\n"));
        }
        let (result, _, server) = swept(script, "").await;
        assert_eq!(result, Ok(Swept::default()), "{offers}");
        assert!(server.heard().contains(&expected), "{offers}: {:?}", server.heard());
    }
    let (result, _, server) = swept(Script::imap("LOGINDISABLED", &[]), "").await;
    assert!(matches!(result, Err(Trouble::SignIn(_))), "{result:?}");
    assert_eq!(server.count("LOGIN"), 0);
    let refused = say("TAG NO [AUTHENTICATIONFAILED] bo@x.test is unknown\r\n");
    let (result, _, _) = swept(Script::imap(ALL, &[]).on("AUTHENTICATE", refused), "").await;
    let trouble = result.unwrap_err();
    assert!(trouble.to_string().contains("USER is unknown") && !format!("{trouble:?}").contains("x.test"));
    // STARTTLS that is not there, or with words smuggled in behind it.
    for answer in ["TAG BAD what?\r\n", "TAG OK go\r\n* CAPABILITY IMAP4rev1\r\n"] {
        let server = Server::start(Script::imap(ALL, &[]).on("STARTTLS", say(answer))).await;
        let settings = settings("imap+starttls", server.port, "");
        assert!(sweep(&settings, &password(), &Memo::default()).await.is_err());
        assert_eq!(server.count("AUTHENTICATE") + server.count("LOGIN"), 0);
    }
}

/// A server that does not behave costs at most a second or two and little memory.
#[tokio::test]
async fn hostile_servers_are_survived() {
    let mail = |act: Act| Script::imap(ALL, &["report\r\n"]).on("UID FETCH 11", act);
    let begins = |act: Act| Script::imap(ALL, &["report\r\n"]).on("", act);
    let huge = "* 1 FETCH (UID 11 BODY[] {4294967295}\r\n";
    let cases = [
        ("an endless greeting", begins(Act::Flood("x".repeat(4000)))),
        ("a greeting of another protocol", begins(say("220 mx.example.org ESMTP\r\n"))),
        ("no greeting", begins(Act::Silence)),
        ("a goodbye for a greeting", begins(Act::SayAndClose("* BYE go away\r\n".to_owned()))),
        ("a greeting byte by byte", begins(Act::Drip("* OK ".to_owned()))),
        ("an endless line", mail(Act::Flood("* 1 FETCH (FLAGS (".repeat(1000)))),
        ("lines without end", mail(Act::Flood("* 1 EXISTS\r\n".repeat(1000)))),
        ("a literal of 4 GB", mail(Act::Flood(format!("{huge}{}", "x".repeat(100_000))))),
        ("a literal of 4 GB and silence", mail(say(huge))),
        ("a literal beyond all numbers", mail(say("* 1 FETCH (UID 11 BODY[] {99999999999999999999999}\r\n"))),
        (
            "a literal larger than it was listed",
            mail(Act::Flood(format!("* 1 FETCH (UID 11 BODY[] {{90000}}\r\n{}", "x".repeat(90_000)))),
        ),
        ("a literal that drips", mail(Act::Drip("* 1 FETCH (UID 11 BODY[] {900}\r\n".to_owned()))),
        ("a literal cut short", mail(Act::SayAndClose("* 1 FETCH (UID 11 BODY[] {8}\r\nrep".to_owned()))),
        ("a wrong tag", mail(say("zz OK done\r\n"))),
        ("a goodbye in between", mail(Act::SayAndClose("* BYE shutting down\r\n".to_owned()))),
        ("a question", mail(say("+ what else?\r\n"))),
        ("no IMAP at all", mail(say("HTTP/1.1 400 Bad Request\r\n\r\n"))),
    ];
    let runs = cases.map(|(what, script)| async move {
        let started = Instant::now();
        let (result, keeper, server) = swept(script, "").await;
        assert!(result.is_err() || result == Ok(Swept { kept: 0, aside: 1, left: 0 }), "{what}: {result:?}");
        assert!(keeper.mails().is_empty(), "{what}");
        assert_eq!(server.count("UID STORE") + server.count("EXPUNGE"), 0, "{what}: nothing is deleted");
        assert!(started.elapsed() < Duration::from_secs(10), "{what}: {:?}", started.elapsed());
    });
    futures_util::future::join_all(runs).await;
}

/// What it says of other mails, or of nothing that exists, is not believed.
#[tokio::test]
async fn only_what_was_asked_for_is_read() {
    let other =
        "* 1 FETCH (UID 99 BODY[] {6}\r\nforged)\r\n* 7 FETCH (FLAGS (\\Seen))\r\n* XYZZY\r\nTAG OK\r\n";
    let (result, keeper, _) =
        swept(Script::imap(ALL, &["report\r\n"]).on("UID FETCH 11", say(other)), "").await;
    assert_eq!((result, keeper.mails().len()), (Ok(Swept { kept: 0, aside: 0, left: 1 }), 0));
}
