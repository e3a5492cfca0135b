//! `newsletterd bounce`: what it keeps, and how it ends, which a mail server's pipe relies upon.

use std::os::unix::fs::PermissionsExt as _;

use sqlx::{Connection as _, SqliteConnection};

use super::Place;
use crate::support::engine::{NO_RELAY, daily_config};

const REPORT: &[u8] = b"From: MAILER-DAEMON@mx.example\nSubject: Undelivered\n\nIt did not arrive.\n";

/// To which address the reports came that the database has.
async fn kept(place: &Place) -> Vec<Option<String>> {
    let options = sqlx::sqlite::SqliteConnectOptions::new()
        .filename(place.path().join("newsletterd.db"))
        .read_only(true);
    let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
    sqlx::query_scalar("SELECT envelope_to FROM reports WHERE intake = 'command' ORDER BY id")
        .fetch_all(&mut connection)
        .await
        .unwrap()
}

#[tokio::test]
async fn mails_are_kept_once() {
    let place = Place::new();
    place.ok(&["migrate"]);
    let pipe = ["bounce", "--recipient", "bounce-x@bounces.example.org", "-"];
    for _ in 0..2 {
        let ran = place.run_with(&pipe, &[], REPORT);
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(0), ""), "{}", ran.stderr);
    }
    assert_eq!(kept(&place).await, [Some("bounce-x@bounces.example.org".to_owned())]);
    // As Postfix's local delivery tells it; what is no address is nobody's.
    for address in ["bounce-y@bounces.example.org", "a\r\nRCPT TO:<b@c>"] {
        assert_eq!(
            place.run_with(&["bounce", "-"], &[("ORIGINAL_RECIPIENT", address)], REPORT).code,
            Some(0)
        );
    }
    // Other mails, also some that nobody can read, and one that is too large.
    let files = [
        place.write("noise", [0, 255, 254, 10]),
        place.write("empty", ""),
        place.write("large", vec![b'x'; 11 << 20]),
    ];
    let files = files.each_ref().map(|file| file.to_str().unwrap());
    assert_eq!(place.run(&[&["bounce"][..], &files].concat()).code, Some(0));
    assert_eq!(place.run(&[&["bounce"][..], &files].concat()).code, Some(0));
    let all = kept(&place).await;
    assert_eq!(all[1..], [Some("bounce-y@bounces.example.org".to_owned()), None, None, None, None]);
}

#[tokio::test]
async fn a_file_that_cannot_be_read_is_named_and_the_others_are_kept() {
    let place = Place::new();
    place.ok(&["migrate"]);
    place.write("report.eml", REPORT);
    let ran = place.run(&["bounce", "missing.eml", "report.eml"]);
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    assert!(ran.stderr.contains("missing.eml cannot be read"), "{}", ran.stderr);
    assert_eq!(kept(&place).await.len(), 1);
    assert_eq!(place.run(&["bounce"]).code, Some(2));
}

/// Whatever keeps a mail from being kept, the mail server is told to come again.
#[tokio::test]
async fn the_pipe_says_75_until_it_has_kept() {
    let place = Place::new();
    place.ok(&["migrate"]);
    let pipe = |place: &Place| place.run_with(&["bounce", "-"], &[], REPORT);

    let database = place.path().join("newsletterd.db");
    let mut writer = SqliteConnection::connect(&format!("sqlite:{}", database.display())).await.unwrap();
    sqlx::query("BEGIN IMMEDIATE").execute(&mut writer).await.unwrap();
    let ran = pipe(&place);
    assert_eq!(ran.code, Some(75), "locked: {}", ran.stderr);
    sqlx::query("ROLLBACK").execute(&mut writer).await.unwrap();
    writer.close().await.unwrap();
    assert_eq!(kept(&place).await.len(), 0);

    let config = std::fs::read_to_string(place.path().join("newsletter.toml")).unwrap();
    place.write("newsletter.toml", format!("{config}\n[nonsense]\n"));
    let ran = pipe(&place);
    assert_eq!(ran.code, Some(75), "a wrong configuration: {}", ran.stderr);
    assert!(ran.stderr.contains("nonsense"), "{}", ran.stderr);
    std::fs::remove_file(place.path().join("newsletter.toml")).unwrap();
    assert_eq!(pipe(&place).code, Some(75), "no configuration");
    place.write("newsletter.toml", config);
    assert_eq!(pipe(&place).code, Some(0));
    assert_eq!(kept(&place).await.len(), 1);

    let away = daily_config(NO_RELAY) + "\n[database]\nurl = \"postgres://nobody@127.0.0.1:9/none\"\n";
    let ran = pipe(&Place::with(&away));
    assert_eq!(ran.code, Some(75), "no database: {}", ran.stderr);
}

/// One who is not the owner of an SQLite file leaves nothing behind in it, and with nobody to hand over
/// to, the mail stays where it is.
#[tokio::test]
async fn another_user_writes_no_database() {
    let place = Place::new();
    place.ok(&["migrate"]);
    if std::fs::metadata("/proc/self").map(|me| std::os::unix::fs::MetadataExt::uid(&me)).unwrap() != 0 {
        return crate::support::skip("only root can run the program as another user");
    }
    std::fs::set_permissions(place.path(), std::fs::Permissions::from_mode(0o777)).unwrap();
    let ran = place.run_as_nobody(&["bounce", "-"], REPORT);
    assert_eq!(ran.code, Some(75), "{}", ran.stderr);
    assert!(ran.stderr.contains("belongs to another user"), "{}", ran.stderr);
    assert_eq!(kept(&place).await.len(), 0);
}

#[test]
fn what_was_kept_is_listed_and_shown() {
    let place = Place::new();
    place.ok(&["migrate"]);
    place.write("report.eml", REPORT);
    place.ok(&["bounce", "report.eml"]);
    let listed = place.ok(&["bounce", "--list"]).stdout;
    assert!(listed.contains("not looked at yet") && listed.contains("waits to be looked at"), "{listed}");
    let json = place.ok(&["bounce", "--list", "--json"]).stdout;
    let json: serde_json::Value = serde_json::from_str(json.trim()).unwrap();
    assert_eq!((&json["intake"], &json["kind"]), (&"command".into(), &serde_json::Value::Null));
    let id = json["id"].to_string();
    let shown = place.ok(&["bounce", "--show", &id]).stdout;
    assert!(shown.starts_with(&format!("report       {id}\n")), "{shown}");
    assert_eq!(place.ok(&["bounce", "--show", &id, "--raw"]).stdout.as_bytes(), REPORT);
    assert_eq!(place.ok(&["bounce", "--list", "--kind", "hard"]).stdout, "");
    assert_eq!(place.ok(&["bounce", "--list", "--unattributed"]).stdout, "");
    let missing = place.run(&["bounce", "--show", "99"]);
    assert_eq!(missing.code, Some(1));
    assert!(missing.stderr.contains("there is no report 99"), "{}", missing.stderr);
    for wrong in [
        &["bounce", "--list", "--show", "1"][..],
        &["bounce", "--list", "report.eml"],
        &["bounce", "--kind", "hard"],
        &["bounce", "--list", "--kind", "hurt"],
        &["bounce", "--list", "--raw"],
    ] {
        assert_eq!(place.run(wrong).code, Some(2), "{wrong:?}");
    }
}

/// A delivery report for one reader.
const FAILED: &str = "Return-Path: <>\nFrom: MAILER-DAEMON@mx.example\nTo: bounce-tok@news.example\nSubject: Undelivered\n\
    Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\nIt failed.\n--b\n\
    Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\n\nOriginal-Recipient: rfc822;nina@example.org\n\
    Final-Recipient: rfc822;n.berg@example.net\nAction: failed\nStatus: 5.1.1\n\
    Diagnostic-Code: smtp; 550 5.1.1 No such user \x1B[31mred\n--b--\n";

#[test]
fn reports_are_explained_without_a_configuration() {
    let place = Place::new();
    std::fs::remove_file(place.path().join("newsletter.toml")).unwrap();
    place.write("failed.eml", FAILED);
    place.write("question.eml", "From: nina@example.org\nSubject: Re: news\n\nIs that so?\n");

    let ran = place.run(&["bounce", "--explain", "--json", "failed.eml", "missing.eml", "question.eml"]);
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    assert!(ran.stderr.contains("missing.eml cannot be read"), "{}", ran.stderr);
    let objects: Vec<serde_json::Value> =
        ran.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(
        objects,
        [
            serde_json::json!({
                "file": "failed.eml", "kind": "hard", "reason": "user_unknown", "status": "5.1.1",
                "recipients": [{"address": "n.berg@example.net", "original": "nina@example.org",
                    "kind": "hard", "reason": "user_unknown", "status": "5.1.1", "action": "failed"}],
                "token": "bounce-tok", "rule": "dsn",
            }),
            serde_json::json!({
                "file": "question.eml", "kind": "not-a-bounce", "reason": null, "status": null,
                "recipients": [], "token": null, "rule": "ordinary",
            }),
        ]
    );

    let shown = place.run_with(&["bounce", "--explain", "-"], &[], FAILED.as_bytes());
    assert_eq!(shown.code, Some(0), "{}", shown.stderr);
    for part in [
        "HARD 5.1.1 user_unknown",
        "nina@example.org → n.berg@example.net (failed, 5.1.1, user_unknown)",
        "return path bounce-tok",
        "2 message/delivery-status, line 5",
        "no such user → user_unknown",
    ] {
        assert!(shown.stdout.contains(part), "{part}\n{}", shown.stdout);
    }
    assert!(!shown.stdout.contains('\u{1B}'), "{}", shown.stdout);
    // Nothing was kept, and nothing made.
    assert!(!place.path().join("newsletterd.db").exists());
    assert_eq!(place.run(&["bounce", "--json", "failed.eml"]).code, Some(2));
}
