//! `newsletterd check`: what the DNS says about our keys, SPF and DMARC, and what the configuration
//! alone gives away.

use super::newsroom::{KEYS, sections};
use crate::process::{Place, Ran};
use crate::support::dns::{Texts, answering, silent};
use crate::support::engine::{capturing_relay, daily_config};

/// A place with both keys and a relay that answers; `change` is done to the configuration.
async fn place(change: impl FnOnce(String) -> String) -> (Place, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let config = daily_config(capturing_relay(folder.path()).await);
    (Place::with(&change(format!("{}\n{config}", sections(folder.path())))), folder)
}

/// The whole zone as it should be.
fn zone() -> Texts {
    let mut zone: Texts = KEYS
        .iter()
        .map(|(selector, _, text)| (format!("{selector}._domainkey.example.org"), vec![text.clone()]))
        .collect();
    let spf = vec!["unrelated".to_owned(), "v=spf1 ip4:192.0.2.1 -all".to_owned()];
    zone.insert("bounces.example.org".to_owned(), spf);
    zone.insert(
        "_dmarc.example.org".to_owned(),
        vec!["v=DMARC1; p=none; rua=mailto:d@example.org".to_owned()],
    );
    zone
}

fn check(place: &Place, zone: Texts) -> Ran {
    place.run(&["check", "--name-server", &answering(zone).to_string()])
}

#[tokio::test(flavor = "multi_thread")]
async fn points_01_02_06_07_what_is_published_as_it_should_be_is_said_to_be() {
    let (place, _kept) = place(|config| config).await;
    let ran = check(&place, zone());
    for line in [
        "ok    dkim r1._domainkey.example.org is published, and signs",
        "ok    dkim e1._domainkey.example.org is published, and signs",
        "ok    spf bounces.example.org: v=spf1 ip4:192.0.2.1 -all",
        "ok    dmarc example.org: p=none at _dmarc.example.org",
    ] {
        assert!(ran.stdout.contains(line), "{}", ran.stdout);
    }
    assert!(!ran.stdout.contains("warn") && !ran.stdout.contains("FAIL"), "{}", ran.stdout);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_missing_is_printed_as_it_must_be_published() {
    let (place, _kept) = place(|config| config).await;
    let ran = check(&place, Texts::new());
    assert_eq!(ran.code, Some(1), "{}", ran.stdout);
    for (selector, _, text) in &*KEYS {
        let said = format!("FAIL  dkim {selector}._domainkey.example.org is not published; publish:");
        assert!(ran.stdout.contains(&said), "{}", ran.stdout);
        // In pieces of 255 octets.
        for piece in text.as_bytes().chunks(255) {
            assert!(
                ran.stdout.contains(&format!("\"{}\"", String::from_utf8_lossy(piece))),
                "{}",
                ran.stdout
            );
        }
    }
    assert!(ran.stdout.contains("warn  spf bounces.example.org (bounces.return_path) has no SPF record"));
    assert!(
        ran.stdout.contains("_dmarc.example.org. IN TXT \"v=DMARC1; p=none; rua=mailto:dmarc@example.org\"")
    );
    assert!(ran.stderr.contains("2 checks failed"), "{}", ran.stderr);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotation_is_seen_step_by_step() {
    // The new key waits for its record, and harms nothing meanwhile.
    let standby = |config: String| config.replacen("[[dkim]]\n", "[[dkim]]\nsign = \"standby\"\n", 1);
    let (place, _kept) = place(standby).await;
    let mut unpublished = zone();
    unpublished.remove("r1._domainkey.example.org");
    let ran = check(&place, unpublished);
    assert!(ran.stdout.contains("note  dkim r1._domainkey.example.org is not published"), "{}", ran.stdout);
    assert!(ran.stdout.contains("warn  dkim: no RSA key signs for example.org"), "{}", ran.stdout);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let ran = check(&place, zone());
    assert!(ran.stdout.contains("ok    dkim r1._domainkey.example.org is published, on standby"));
    // Another key under its name: whoever signs with this one is not believed.
    let mut other = zone();
    other.insert("e1._domainkey.example.org".to_owned(), vec!["v=DMARC1; p=none".to_owned()]);
    let ran = check(&place, other);
    assert_eq!(ran.code, Some(1));
    assert!(
        ran.stdout.contains("FAIL  dkim e1._domainkey.example.org is published, but it is no record of DKIM")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_server_that_does_not_answer_is_no_failure_of_ours() {
    let (place, _kept) = place(|config| config).await;
    let (_socket, server) = silent();
    let ran = place.run(&["check", "--name-server", &server.to_string()]);
    assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
    let unknown =
        ran.stdout.lines().filter(|line| line.starts_with("note") && line.contains("cannot be looked up"));
    assert_eq!(unknown.count(), 4, "{}", ran.stdout);
    assert!(!ran.stdout.contains("publish:"), "{}", ran.stdout);
}

#[tokio::test(flavor = "multi_thread")]
async fn points_06_10_11_what_the_configuration_alone_gives_away() {
    let change = |config: String| {
        config
            .replace("domain = \"example.org\"", "domain = \"example.net\"")
            .replace("bounces.example.org", "bounces.example.com")
            .replace("news@example.org", "no-reply@example.org")
            .replace("smtp://127.0.0.1", "smtp://192.0.2.1")
    };
    let (place, _kept) = place(change).await;
    let ran = place.ok(&["check", "--offline"]);
    for line in [
        "warn  dkim: daily goes out unsigned: no key signs for example.org",
        "warn  spf: bounces.example.com (bounces.return_path) is no relative of example.org",
        "warn  daily: answers go to no-reply@example.org, which seems to take none",
        "warn  relay main: letters cross the network unencrypted",
    ] {
        assert!(ran.stdout.contains(line), "{}", ran.stdout);
    }
    let place = Place::new();
    let ran = place.ok(&["check", "--offline"]);
    assert!(ran.stdout.contains("note  dkim: nothing is signed here"), "{}", ran.stdout);
    assert!(!ran.stdout.contains("warn"), "{}", ran.stdout);
}
