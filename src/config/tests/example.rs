//! newsletter.toml at the top of the project: it works, and no key is missing in it.

use std::path::Path;

use super::super::reference::all_keys;
use super::super::{SEARCHED, load};
use super::{SMALL, read};

fn example() -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("newsletter.toml")).unwrap()
}

#[test]
fn the_example_works() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("newsletter.toml");
    let config = load(Some(&file), std::iter::empty()).unwrap_or_else(|errors| panic!("{errors}"));
    assert_eq!(config.newsletters[0].blocks.len(), 5);
    assert_eq!(config.newsletters[0].zone(), chrono_tz::Asia::Tbilisi);
}

#[test]
fn the_example_works_with_every_comment_that_is_a_key_switched_on() {
    let switched_on: String = example()
        .lines()
        // A relay without a user takes no password; seeds stand in the place of the first few.
        .filter(|line| !line.starts_with("# password_file = \"relay") && !line.starts_with("# seeds"))
        .map(|line| match line.strip_prefix("# ") {
            Some(key) if key.contains(" = ") || key.starts_with('[') => format!("{key}\n"),
            _ => format!("{line}\n"),
        })
        .collect();
    let config = read(&switched_on, &[]).unwrap_or_else(|errors| panic!("{errors}"));
    assert_eq!(config.alerts.late_after.to_string(), "15m");
}

#[test]
fn each_key_stands_in_the_example_with_its_default() {
    let text = example();
    for (path, key) in all_keys() {
        let found: Vec<&str> = text
            .lines()
            .map(|line| line.trim_start_matches("# "))
            .filter_map(|line| line.strip_prefix(key.name)?.strip_prefix(" = "))
            .collect();
        assert!(!found.is_empty(), "{path} is missing in newsletter.toml");
    }
    // What is commented out and has one default everywhere shows that default.
    for (path, key) in all_keys() {
        let Some(default) = key.default else { continue };
        let one_default = all_keys().iter().filter(|(_, other)| other.name == key.name).count() == 1;
        let commented = format!("# {} = ", key.name);
        for line in text.lines().filter(|line| one_default && line.starts_with(&commented)) {
            assert!(
                line[commented.len()..].starts_with(default),
                "{path}: {line} but the default is {default}"
            );
        }
    }
}

#[test]
fn the_search_goes_from_here_to_etc() {
    assert_eq!(SEARCHED, ["./newsletter.toml", "/etc/newsletterd/newsletter.toml"]);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("n.toml");
    let missing = load(Some(&file), std::iter::empty()).unwrap_err().to_string();
    assert!(missing.contains("n.toml") && missing.contains("cannot be read"), "{missing}");
    std::fs::write(&file, SMALL).unwrap();
    assert!(load(Some(&file), std::iter::empty()).is_ok());
    let directory = load(Some(folder.path()), std::iter::empty()).unwrap_err().to_string();
    assert!(directory.contains("cannot be read"), "{directory}");
}
