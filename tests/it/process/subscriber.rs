//! `subscriber add --confirm`: who is asked, and what the command says of it.

use super::Place;

#[tokio::test]
async fn an_address_is_asked_once_and_waits() {
    let place = Place::new();
    place.ok(&["migrate"]);
    let add = ["subscriber", "add", "ana@example.org", "--list", "readers", "--confirm", "--language", "ka"];
    let asked = place.ok(&add);
    assert!(asked.stderr.contains("asked to confirm readers"), "{}", asked.stderr);
    let again = place.ok(&add);
    assert!(again.stderr.contains("within the hour"), "{}", again.stderr);
    let rows = place.rows().await;
    assert!(rows.contains(&("mails".to_owned(), 1)), "{rows:?}");
    let shown = place.ok(&["subscriber", "show", "ana@example.org"]).stdout;
    assert!(shown.contains("readers   pending"), "{shown}");
    // By hand all the same: then nothing is left to confirm.
    place.ok(&["subscriber", "add", "ana@example.org", "--list", "readers"]);
    assert!(place.ok(&add).stderr.contains("was on readers already"));
}

#[test]
fn what_cannot_be_asked_is_refused_in_words() {
    let place = Place::new();
    place.ok(&["migrate"]);
    let ran = place.run(&[
        "subscriber",
        "add",
        "ana@example.org",
        "--list",
        "readers",
        "--confirm",
        "--language",
        "fr",
    ]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.contains("en, ka, hy, az, ru"), "{}", ran.stderr);
    let ran = place.run(&["subscriber", "add", "ana@example.org", "--list", "readers", "--language", "ka"]);
    assert_eq!(ran.code, Some(2));
    let ran = place.run(&["subscriber", "add", "ana@example.org", "--list", "nobody", "--confirm"]);
    assert_eq!(ran.code, Some(1));
    assert!(ran.stderr.contains("there are: readers"), "{}", ran.stderr);
}
