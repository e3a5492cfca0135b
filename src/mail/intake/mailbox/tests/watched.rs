//! A mailbox that is watched: news, pauses, passwords, mails at which the connection breaks.

use super::server::{Act, Script, Server, say};
use super::*;

const ALL: &str = "IDLE MOVE UIDPLUS AUTH=PLAIN SASL-IR";

/// Watches until `is_so`, then stops, which has to be quick.
async fn watched(
    settings: Settings,
    password: impl Fn() -> Result<Secret, String> + Send + Sync + 'static,
    keeper: &Memo,
    is_so: impl Fn() -> bool,
) {
    let stop = CancellationToken::new();
    let watcher = tokio::spawn(watch(settings, password, keeper.clone(), stop.clone()));
    until("what the watcher should do", is_so).await;
    stop.cancel();
    tokio::time::timeout(Duration::from_secs(5), watcher).await.unwrap().unwrap();
}

#[tokio::test]
async fn news_is_told_at_once_by_a_server_that_can() {
    let select = |count: u32| say(&format!("* {count} EXISTS\r\nTAG OK\r\n"));
    let script = Script::imap(ALL, &["report\r\n"])
        .on("SELECT", select(0))
        .then("IDLE", &[say("+ idling\r\n* 1 EXISTS\r\n"), say("+ idling\r\n")])
        .on("UID EXPUNGE", say("* 1 EXPUNGE\r\nTAG OK\r\n"));
    let server = Server::start(script).await;
    let keeper = Memo::default();
    let settings = settings("imap", server.port, "every = \"1h\"");
    watched(settings, || Ok(password()), &keeper, || server.count("IDLE") == 2).await;
    assert_eq!((keeper.mails().len(), server.connections(), server.count("DONE")), (1, 1, 1));
    assert_eq!(server.count("UID EXPUNGE 11"), 1);
}

#[tokio::test]
async fn one_that_cannot_is_asked_again_and_again() {
    for (scheme, script) in [("imap", Script::imap("", &[])), ("pop3", Script::pop3("", &[]))] {
        let server = Server::start(script).await;
        let again = || server.count("NOOP") >= 2 || server.count("QUIT") >= 2;
        watched(settings(scheme, server.port, ""), || Ok(password()), &Memo::default(), again).await;
    }
}

#[tokio::test]
async fn a_lost_connection_is_opened_again_after_growing_pauses() {
    let closes = Act::SayAndClose("* BYE bye\r\n".to_owned());
    let greetings = [closes.clone(), closes.clone(), closes, say("* OK ready\r\n")];
    let server = Server::start(Script::imap(ALL, &["report\r\n"]).then("", &greetings)).await;
    let (keeper, started) = (Memo::default(), Instant::now());
    let settings = settings("imap", server.port, "");
    watched(settings, || Ok(password()), &keeper, || !keeper.mails().is_empty()).await;
    // 20, 40 and 80 ms.
    assert!(started.elapsed() >= Duration::from_millis(140), "{:?}", started.elapsed());
}

#[tokio::test]
async fn a_refused_password_is_not_tried_again_until_there_is_another() {
    let refused = say("TAG NO wrong\r\n");
    let server =
        Server::start(Script::imap(ALL, &[]).then("AUTHENTICATE", &[refused, say("TAG OK\r\n")])).await;
    let changed = Arc::new(Mutex::new("hunter1"));
    let secret = Arc::clone(&changed);
    let now = move || Ok(Secret::new((*secret.lock().unwrap()).to_owned()));
    let stop = CancellationToken::new();
    let settings = Settings {
        limits: Limits { refused_pause: Duration::from_secs(2), ..Limits::default() },
        ..settings("imap", server.port, "")
    };
    let watcher = tokio::spawn(watch(settings, now, Memo::default(), stop.clone()));
    until("the first try", || server.count("AUTHENTICATE") == 1).await;
    sleep(Duration::from_millis(500)).await;
    assert_eq!(server.count("AUTHENTICATE"), 1);
    *changed.lock().unwrap() = "hunter2";
    until("the second try", || server.count("IDLE") == 1).await;
    assert_eq!(server.count("AUTHENTICATE"), 2);
    stop.cancel();
    watcher.await.unwrap();
}

#[tokio::test]
async fn what_for_people_stays_is_fetched_once() {
    let server = Server::start(Script::pop3("", &["people\r\n"])).await;
    let keeper = Memo::default();
    let settings = settings("pop3", server.port, "");
    watched(settings, || Ok(password()), &keeper, || server.count("QUIT") == 3).await;
    assert_eq!((server.count("RETR"), keeper.mails().len(), server.count("DELE")), (1, 1, 0));
}

/// The connection breaks whenever one mail is fetched: the others are read all the same, in the end.
#[tokio::test]
async fn a_mail_at_which_the_connection_breaks_holds_up_nobody() {
    let bye = Act::SayAndClose("* BYE crashed\r\n".to_owned());
    let imap = Script::imap(ALL, &["broken\r\n", "report\r\n"]).on("UID FETCH 11", bye.clone());
    let huge = say("* 1 FETCH (UID 11 BODY[] {4000000000}\r\n");
    let too_much = Script::imap(ALL, &["huge\r\n", "report\r\n"]).on("UID FETCH 11", huge);
    for (script, tries) in [(imap, 3), (too_much, 1)] {
        let server = Server::start(script).await;
        let keeper = Memo::default();
        let settings = settings("imap", server.port, "");
        watched(settings, || Ok(password()), &keeper, || server.count("UID EXPUNGE") >= 1).await;
        assert_eq!((keeper.mails()[0].as_str(), server.count("UID FETCH 11")), ("report\r\n", tries));
        assert_eq!(
            server.heard().iter().find(|command| command.starts_with("UID MOVE")).unwrap(),
            "UID MOVE 11 \"Newsletterd aside\""
        );
        assert!(server.heard().iter().all(|command| !command.starts_with("UID STORE 11")));
    }
    let pop3 = Script::pop3("", &["broken\r\n", "report\r\n"])
        .on("RETR 1", Act::SayAndClose("+OK\r\nbro".to_owned()));
    let server = Server::start(pop3).await;
    let keeper = Memo::default();
    let settings = settings("pop3", server.port, "");
    watched(settings, || Ok(password()), &keeper, || server.count("QUIT") >= 1).await;
    assert_eq!((server.count("RETR 1"), server.count("DELE 2"), server.count("DELE 1")), (3, 1, 0));
}
