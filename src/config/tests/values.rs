//! What comes out of a configuration that is right: overrides, secrets, hashes, stored copies.

use std::path::Path;

use super::super::{Block, Newsletter};
use super::{SMALL, read, with};
use crate::domain::link::{LinkMode, OpenPixel, Pattern};
use crate::domain::selection::BlockKind;

#[test]
fn the_environment_goes_over_the_file_in_any_order() {
    let overrides = [
        ("NEWSLETTERD__DATABASE__URL", "postgres://u:geheim@h/d"),
        ("NEWSLETTERD__RELAYS__0__CONNECTIONS", "16"),
        ("NEWSLETTERD__LISTS__1__TITLE", "Friends"),
        ("NEWSLETTERD__LISTS__1__NAME", "friends"),
        ("NEWSLETTERD__ALERTS__MAIL", "a@example.org, b@example.org"),
        ("NEWSLETTERD__FETCH__ALLOW_HOSTS", "[\"localhost\", \"10.0.0.1\"]"),
        ("NEWSLETTERD__NEWSLETTERS__0__SCHEDULE", "30 6 * * 1-5"),
        ("NEWSLETTERD__NEWSLETTERS__0__BLOCKS__1__KIND", "latest"),
        ("NEWSLETTERD__SITE__NAME", "2026"),
        ("NEWSLETTERD_OTHER", "x"),
        ("OTHER__SITE__NAME", "x"),
    ];
    let config = read(SMALL, &overrides).unwrap();
    let reversed: Vec<_> = overrides.into_iter().rev().collect();
    assert_eq!(read(SMALL, &reversed).unwrap().hash(), config.hash());
    assert_eq!(config.database.url.driver_url(), "postgres://u:geheim@h/d");
    assert_eq!(config.relays[0].connections.get(), 16);
    assert_eq!(config.lists[1].name.as_str(), "friends");
    assert_eq!(config.alerts.mail.len(), 2);
    assert_eq!(config.fetch.allow_hosts.len(), 2);
    assert_eq!(config.newsletters[0].schedule.as_str(), "30 6 * * 1-5");
    assert_eq!(config.newsletters[0].blocks[1].kind(), BlockKind::Latest);
    assert_eq!(config.site.name, "2026");
}

#[test]
fn sections_that_are_not_there_can_come_from_the_environment() {
    let text = with("[[relays]]\nname = \"main\"\nurl = \"smtp://127.0.0.1:25\"\n", "");
    let relay =
        [("NEWSLETTERD__RELAYS__0__NAME", "main"), ("NEWSLETTERD__RELAYS__0__URL", "smtp://localhost")];
    assert!(read(&text, &[]).is_err());
    assert_eq!(read(&text, &relay).unwrap().relays.len(), 1);
}

#[test]
fn the_hash_changes_with_the_settings_and_not_with_comments_or_passwords() {
    let hash = |text: &str, environment: &[(&str, &str)]| read(text, environment).unwrap().hash();
    let plain = hash(SMALL, &[]);
    assert_eq!(plain.len(), 64);
    assert_eq!(hash(&format!("# hello\n{SMALL}"), &[]), plain);
    assert_eq!(
        hash(&with("schedule =", "grace = \"120m\"\nschedule ="), &[]),
        plain,
        "a default that is written"
    );
    assert_ne!(hash(&with("Today", "Tonight"), &[]), plain);
    let database = |url| hash(SMALL, &[("NEWSLETTERD__DATABASE__URL", url)]);
    assert_eq!(database("postgres://u:one@h/d"), database("postgres://u:two@h/d"));
    assert_ne!(database("postgres://u:one@h/d"), database("postgres://u:one@h/e"));
}

#[test]
fn a_newsletter_is_stored_and_read_back_as_it_was() {
    let text =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("newsletter.toml")).unwrap();
    let config = read(&text, &[]).unwrap();
    let newsletter = &config.newsletters[0];
    let stored = serde_json::to_string(newsletter).unwrap();
    let read_back: Newsletter = serde_json::from_str(&stored).unwrap();
    assert_eq!(&read_back, newsletter);
    assert_eq!(read_back.hash(), newsletter.hash());
    assert_eq!(read_back.rules(), newsletter.rules());
    assert_eq!(newsletter.rules()[1].kind, BlockKind::MostRead);
}

#[test]
fn a_newsletter_that_another_version_stored_is_read() {
    let config = read(SMALL, &[]).unwrap();
    let mut stored = serde_json::to_value(&config.newsletters[0]).unwrap();
    stored["a_key_of_tomorrow"] = serde_json::json!({"x": 1});
    stored["blocks"][0]["another"] = 1.into();
    stored.as_object_mut().unwrap().remove("grace");
    assert_eq!(serde_json::from_value::<Newsletter>(stored).unwrap(), config.newsletters[0]);
    let broken =
        serde_json::from_value::<Newsletter>(serde_json::json!({"name": "x"})).unwrap_err().to_string();
    assert!(broken.contains("list: is missing"), "{broken}");
}

#[test]
fn blocks_carry_the_rules_of_their_kind() {
    let text = with(
        "kind = \"picks\"",
        "kind = \"most_read\"\nmax = 7\nwindow = \"12h\"\nmin_visitors = 4\nrepeat_days = 1\nmax_age = \"2d\"\n\
         translations = \"pooled\"\nsections = [\"News\"]\ntags = [\"a\"]\nlanguages = [\"ka\"]",
    );
    let config = read(&text, &[]).unwrap();
    assert!(matches!(config.newsletters[0].blocks[0], Block::MostRead(_)));
    let rules = &config.newsletters[0].rules()[0];
    assert_eq!((rules.max, rules.min_visitors, rules.repeat_days), (7, Some(4), 1));
    assert_eq!((rules.window.num_hours(), rules.max_age.map(|age| age.num_days())), (12, Some(2)));
    assert_eq!(
        (rules.sections.as_slice(), rules.tags.as_slice()),
        (&["News".to_owned()][..], &["a".to_owned()][..])
    );
    let house = with(
        "kind = \"picks\"",
        "kind = \"picks\"\n[[newsletters.blocks]]\nkind = \"house\"\ntext = \"Join\"",
    );
    let rules = read(&house, &[]).unwrap().newsletters[0].rules();
    assert_eq!(rules[1].house.as_ref().map(|house| house.text.as_str()), Some("Join"));
}

#[test]
fn secrets_come_from_files_and_from_credentials_first() {
    let folder = tempfile::tempdir().unwrap();
    let credentials = folder.path().to_str().unwrap();
    let config = read(SMALL, &[("CREDENTIALS_DIRECTORY", credentials)]).unwrap();
    std::fs::write(folder.path().join("relay-password"), "geheim\r\n").unwrap();
    let secret = config.read_secret(Path::new("relay-password")).unwrap();
    assert_eq!(secret.reveal(), "geheim");
    assert!(!format!("{secret:?}").contains("geheim"));
    for (name, content) in [("empty", "\n"), ("lines", "a\nb\n"), ("large", "x".repeat(5000).as_str())] {
        std::fs::write(folder.path().join(name), content).unwrap();
        let message = config.read_secret(Path::new(name)).unwrap_err().to_string();
        assert!(message.contains(name) && message.contains("one line"), "{message}");
    }
    let missing = config.read_secret(Path::new("no-such-file")).unwrap_err().to_string();
    assert!(missing.contains("no-such-file cannot be read"), "{missing}");
    let elsewhere = folder.path().join("relay-password");
    assert_eq!(read(SMALL, &[]).unwrap().secret_path(&elsewhere), elsewhere);
}

#[test]
fn the_key_lies_beside_the_database_unless_it_is_named() {
    let key_file = |environment: &[(&str, &str)]| read(SMALL, environment).unwrap().key_file();
    assert_eq!(key_file(&[]), Path::new("newsletterd.key"));
    assert_eq!(
        key_file(&[("NEWSLETTERD__DATABASE__URL", "sqlite:/srv/n.db")]),
        Path::new("/srv/newsletterd.key")
    );
    assert_eq!(key_file(&[("NEWSLETTERD__DATABASE__URL", "postgres://h/d")]), Path::new("newsletterd.key"));
    assert_eq!(key_file(&[("NEWSLETTERD__SECRETS__KEY_FILE", "/etc/k")]), Path::new("/etc/k"));
}

#[test]
fn links_are_direct_and_bare_unless_somebody_says_otherwise() {
    let plain = &read(SMALL, &[]).unwrap().newsletters[0];
    assert_eq!((plain.links, plain.open_pixel, &plain.utm), (LinkMode::Direct, OpenPixel::Off, &None));
    let text = with(
        "from = \"news@example.org\"",
        "from = \"news@example.org\"\nlinks = \"counted\"\nopen_pixel = \"on\"\n[newsletters.utm]",
    );
    let config = read(&text, &[("NEWSLETTERD__NEWSLETTERS__0__UTM__CONTENT", "no-{edition}")]).unwrap();
    let newsletter = &config.newsletters[0];
    assert_eq!((newsletter.links, newsletter.open_pixel), (LinkMode::Counted, OpenPixel::On));
    let stored: Newsletter = serde_json::from_str(&serde_json::to_string(newsletter).unwrap()).unwrap();
    assert_eq!(&stored, newsletter);
    let utm = newsletter.utm.as_ref().unwrap();
    let values = [&utm.source, &utm.medium, &utm.campaign, utm.content.as_ref().unwrap()];
    assert_eq!(values.map(Pattern::as_str), ["{newsletter}", "email", "{date}", "no-{edition}"]);
    let wrong = text.replace("[newsletters.utm]", "[newsletters.utm]\nsource = \"{name}\"");
    let problem = read(&wrong, &[]).unwrap_err().to_string();
    assert!(
        problem.contains("newsletters[0].utm.source: \"{name}\" has {name} in it; {newsletter}"),
        "{problem}"
    );
    let wrong = text.replace("\"counted\"", "\"conted\"");
    let problem = read(&wrong, &[]).unwrap_err().to_string();
    assert!(problem.contains("links") && problem.contains("did you mean \"counted\""), "{problem}");
}
