//! docs/configuration.md, written from the declarations of the sections. The test below fails when
//! the file differs from them; `NEWSLETTERD_WRITE_DOCS=1 cargo test --lib config::reference` writes
//! it anew.

use std::fmt::Write as _;
use std::path::Path;

use super::Settings;
use super::section::{Described, Key};
use crate::domain::selection::BlockKind;

const HEAD: &str = r#"# The configuration

One TOML file says everything: `-c FILE`, else `./newsletter.toml`, else `/etc/newsletterd/newsletter.toml`. [newsletter.toml](../newsletter.toml) is a complete example. This page is written from the program's own declarations; see `src/config/reference.rs`.

**Problems.** An unknown key, a wrong type, an unknown time zone, a schedule that cannot be read: all of them are named at once, with file, line, key and what would be right, and the program ends with exit code 2. `newsletterd check` does the same without starting anything.

**Environment.** Every key can be overridden by a variable: `NEWSLETTERD__` and the key's path in capitals, with two underscores between its parts and a number, counted from 0, for an element of a list: `NEWSLETTERD__DATABASE__URL`, `NEWSLETTERD__RELAYS__0__URL`, `NEWSLETTERD__NEWSLETTERS__0__BLOCKS__1__MAX`. The number after the last adds an element. A list of plain values is written as in TOML (`["a", "b"]`) or with commas between (`a,b`).

**Secrets.** A password stands in a file of its own, never in this one. A relative file name is looked for in systemd's `$CREDENTIALS_DIRECTORY` first, then in the working directory. The file holds one line.

**File names** that are relative count from the working directory.

**Time zones.** A missing `time_zone` means UTC, and the daemon says so at start, with the next slots in local time and UTC. The zone data is built in; the machine's own is not asked, and a `TZ` variable changes nothing.

## All sections

"#;

/// The heading of a section, as TOML writes it.
fn heading(path: &str, key: &Key) -> String {
    if key.kind == <Vec<super::Relay> as super::section::Setting>::KIND || path.contains("blocks") {
        format!("[[{path}]]")
    } else {
        format!("[{path}]")
    }
}

fn one_line(doc: &str) -> String {
    doc.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn write_key(page: &mut String, key: &Key) {
    let presence = match key.default {
        Some(default) => format!("default `{default}`"),
        None if (key.required)() => "**required**".to_owned(),
        None => "may be left out".to_owned(),
    };
    writeln!(page, "- `{}` ({}; {presence}): {}", key.name, key.kind, one_line(key.doc)).unwrap();
}

fn write_sections(page: &mut String, prefix: &str, described: &Described) {
    for key in described.keys {
        let path = if prefix.is_empty() { key.name.to_owned() } else { format!("{prefix}.{}", key.name) };
        let sections = (key.sections)();
        for (nth, section) in sections.iter().enumerate() {
            let kind = if sections.len() > 1 {
                format!(", `kind = \"{}\"`", BlockKind::ALL[nth])
            } else {
                String::new()
            };
            writeln!(page, "### `{}`{kind}\n", heading(&path, key)).unwrap();
            writeln!(page, "{}\n", one_line(section.doc)).unwrap();
            for key in section.keys.iter().filter(|key| (key.sections)().is_empty()) {
                write_key(page, key);
            }
            page.push('\n');
            write_sections(page, &path, section);
        }
    }
}

fn page() -> String {
    let mut page = HEAD.to_owned();
    write_sections(&mut page, "", Settings::DESCRIBED);
    format!("{}\n", page.trim_end())
}

/// Every key with its section's heading, in the order of the declarations.
fn keys(prefix: &str, described: &'static Described, found: &mut Vec<(String, &'static Key)>) {
    for key in described.keys {
        let path = if prefix.is_empty() { key.name.to_owned() } else { format!("{prefix}.{}", key.name) };
        let sections = (key.sections)();
        if sections.is_empty() {
            found.push((path, key));
        } else {
            sections.into_iter().for_each(|section| keys(&path, section, found));
        }
    }
}

pub(super) fn all_keys() -> Vec<(String, &'static Key)> {
    let mut found = Vec::new();
    keys("", Settings::DESCRIBED, &mut found);
    found
}

#[test]
fn the_page_is_what_the_declarations_say() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/configuration.md");
    if std::env::var_os("NEWSLETTERD_WRITE_DOCS").is_some() {
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, page()).unwrap();
    }
    let written = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(
        written == page(),
        "docs/configuration.md is out of date: NEWSLETTERD_WRITE_DOCS=1 cargo test --lib config::reference"
    );
}

#[test]
fn every_key_is_explained_and_every_default_can_be_read() {
    for (path, key) in all_keys() {
        assert!(key.doc.trim().len() > 10, "{path} is not explained");
        if let Some(default) = key.default {
            assert_eq!((key.accepts)(default), Ok(()), "{path}");
        }
    }
}
