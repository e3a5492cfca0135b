//! Input that nobody meant as a configuration: always an answer, never a crash, and soon.

use proptest::prelude::*;

use super::super::load;
use super::{SMALL, problems, read};

#[test]
fn ten_megabytes_are_refused_before_they_are_parsed() {
    let large = "a = 1\n".repeat(2_000_000);
    assert!(problems(&large).contains("is larger than"));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("large.toml");
    std::fs::write(&file, &large).unwrap();
    assert!(load(Some(&file), std::iter::empty()).unwrap_err().to_string().contains("is larger than"));
}

#[test]
fn what_is_not_utf8_is_named_with_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("latin1.toml");
    std::fs::write(&file, b"[site]\nname = \"Z\xfcrich\"\n").unwrap();
    let message = load(Some(&file), std::iter::empty()).unwrap_err().to_string();
    assert!(message.ends_with("latin1.toml: is not UTF-8 in line 2"), "{message}");
    std::fs::write(&file, format!("\u{FEFF}{SMALL}")).unwrap();
    assert!(load(Some(&file), std::iter::empty()).is_ok());
}

#[test]
fn deep_nesting_ends_with_an_error() {
    for (open, close) in [("[", "]"), ("{a=", "}")] {
        let text = format!("site = {}1{}", open.repeat(100_000), close.repeat(100_000));
        assert!(!problems(&text).is_empty());
        let shallow = format!("site = {}1{}", open.repeat(50), close.repeat(50));
        assert!(problems(&shallow).contains(": site"));
        let environment = [("NEWSLETTERD__ALERTS__MAIL", text.trim_start_matches("site = "))];
        assert!(read(SMALL, &environment).is_err());
    }
    let dotted = format!("{}a = 1", "a.".repeat(100_000));
    assert!(!problems(&dotted).is_empty());
    let variable = format!("NEWSLETTERD__{}A", "A__".repeat(2_000));
    assert!(read(SMALL, &[(&variable, "x")]).is_err());
}

#[test]
fn many_mistakes_are_answered_briefly() {
    let text = (0..50_000).map(|n| format!("key{n} = 1\n")).collect::<String>();
    let found = problems(&text);
    assert!(found.lines().count() <= 101 && found.len() < 20_000);
}

/// Lines of a configuration with one of its values exchanged.
fn damaged() -> impl Strategy<Value = String> {
    let values = prop::sample::select(vec![
        "1",
        "-1",
        "0",
        "1.5",
        "true",
        "\"\"",
        "\"x\"",
        "[]",
        "[[]]",
        "{}",
        "2026-01-01",
        "\"2h\"",
        "99999999999999999999",
        "\"smtp://\"",
        "\"\\u0000\"",
        "[1, \"a\", {}]",
        "\"0 0 31 2 *\"",
        "nan",
    ]);
    let lines = SMALL.lines().count();
    prop::collection::vec((0..lines, values), 1..4).prop_map(|changes| {
        let mut lines: Vec<String> = SMALL.lines().map(str::to_owned).collect();
        for (at, value) in changes {
            if let Some((key, _)) = lines[at].clone().split_once(" = ") {
                lines[at] = format!("{key} = {value}");
            }
        }
        lines.join("\n")
    })
}

proptest! {
    #[test]
    fn any_text_is_answered(text in "(?s).{0,300}") {
        prop_assert!(read(&text, &[]).is_err());
    }

    #[test]
    fn any_damage_is_answered_with_a_place(text in damaged()) {
        if let Err(errors) = read(&text, &[]) {
            prop_assert!(!errors.problems().is_empty());
            for line in errors.to_string().lines() {
                prop_assert!(line.starts_with("newsletter.toml:"), "{}", line);
            }
        }
    }

    #[test]
    fn any_variable_is_answered(name in "[A-Z0-9_]{0,40}", value in ".{0,60}") {
        let variable = format!("NEWSLETTERD__{name}");
        if let Err(errors) = read(SMALL, &[(&variable, &value)]) {
            prop_assert!(errors.to_string().contains(&variable));
        }
    }

    #[test]
    fn a_value_of_the_environment_is_read_or_refused(
        key in prop::sample::select(vec![
            "NEWSLETTERS__0__SCHEDULE", "NEWSLETTERS__0__TIME_ZONE", "NEWSLETTERS__0__FROM", "NEWSLETTERS__0__GRACE",
            "RELAYS__0__URL", "RELAYS__0__RATE", "ALERTS__MAIL", "SITE__URL", "DATABASE__URL", "FETCH__MAX_BYTES",
        ]),
        value in ".{0,60}",
    ) {
        let variable = format!("NEWSLETTERD__{key}");
        if let Ok(config) = read(SMALL, &[(&variable, &value)]) {
            let stored = serde_json::to_string(&config.newsletters[0]).unwrap();
            let read_back: crate::config::Newsletter = serde_json::from_str(&stored).unwrap();
            prop_assert_eq!(&read_back, &config.newsletters[0]);
        }
    }
}
