//! The repository as a whole: what no file of it may contain, and what its documents claim.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use crate::support::root;

/// Hosts of package registries: a lock file or a script that names one works only where that
/// host is reached.
const REGISTRY_HOSTS: &[&str] = &[
    "index.crates.io",
    "static.crates.io",
    "registry.npmjs.org",
    "registry.yarnpkg.com",
    "files.pythonhosted.org",
    "pypi.org/simple",
    "deb.debian.org",
    "security.debian.org",
];

/// Absolute paths of a developer's machine.
const MACHINE_PATHS: &[&str] = &["/work/", "/root/"];

/// Work that was left undone.
const UNDONE: &[&str] = &["TODO", "FIXME"];

/// This file, which has to name what it looks for.
const THIS_FILE: &str = "tests/it/repository.rs";

/// All files that are part of the repository, or are about to be.
fn files() -> Vec<String> {
    let output = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let names = String::from_utf8(output.stdout).unwrap();
    // A file that was deleted and not yet committed is listed, too.
    names.split_terminator('\0').filter(|name| root().join(name).is_file()).map(str::to_owned).collect()
}

/// Whether `needle` stands in `line` where no word goes on to its left, nor, if `whole`, its right.
fn stands_alone(line: &str, needle: &str, whole: bool) -> bool {
    let in_word = |character: char| character.is_alphanumeric() || "_-.".contains(character);
    line.match_indices(needle).any(|(at, _)| {
        let before = line[..at].chars().next_back().is_some_and(in_word);
        let after = line[at + needle.len()..].chars().next().is_some_and(char::is_alphanumeric);
        !(before || whole && after)
    })
}

/// What in a line should not be there.
fn forbidden(line: &str) -> Vec<&'static str> {
    let hosts = REGISTRY_HOSTS.iter().filter(|host| line.contains(**host));
    let paths = MACHINE_PATHS.iter().filter(|path| stands_alone(line, path, false));
    let undone = UNDONE.iter().filter(|word| stands_alone(line, word, true));
    hosts.chain(paths).chain(undone).copied().collect()
}

fn report(problems: &[String]) {
    assert!(problems.is_empty(), "\n{}\n", problems.join("\n"));
}

#[test]
fn no_file_names_a_machine_a_registry_or_undone_work() {
    let files = files();
    assert!(files.iter().any(|name| name == THIS_FILE), "git lists no files");
    let mut problems = Vec::new();
    for name in files.iter().filter(|name| *name != THIS_FILE) {
        let content = fs::read(root().join(name)).unwrap();
        for (number, line) in String::from_utf8_lossy(&content).lines().enumerate() {
            for found in forbidden(line) {
                problems.push(format!("{name}:{}: {found}", number + 1));
            }
        }
    }
    report(&problems);
}

#[test]
fn finds_what_is_forbidden_and_nothing_else() {
    assert_eq!(forbidden("cd /work/main"), ["/work/"]);
    assert_eq!(forbidden("path = \"/root/.cargo\""), ["/root/"]);
    assert_eq!(forbidden("// TODO: later"), ["TODO"]);
    assert_eq!(forbidden("get https://registry.npmjs.org/x"), ["registry.npmjs.org"]);
    for fine in ["https://example.org/work/", "a TODOS b", "METODO", "todo = \"warn\"", "https://crates.io"] {
        assert!(forbidden(fine).is_empty(), "{fine}");
    }
}

/// The targets of a Markdown document's links and pictures.
fn links(markdown: &str) -> Vec<&str> {
    let mut in_code = false;
    let prose = markdown.lines().filter(move |line| {
        let fence = line.trim_start().starts_with("```");
        in_code ^= fence;
        !in_code && !fence
    });
    prose.flat_map(|line| line.split("](").skip(1)).filter_map(|rest| rest.split([')', ' ']).next()).collect()
}

#[test]
fn links_between_documents_lead_somewhere() {
    let mut problems = Vec::new();
    for name in files().iter().filter(|name| name.ends_with(".md")) {
        let text = fs::read_to_string(root().join(name)).unwrap();
        let folder = root().join(name).parent().unwrap().to_owned();
        for link in links(&text) {
            let path = link.split('#').next().unwrap_or_default();
            if !path.is_empty()
                && !path.contains("://")
                && !path.starts_with("mailto:")
                && !folder.join(path).exists()
            {
                problems.push(format!("{name} links to {link}, which is not there"));
            }
        }
    }
    report(&problems);
}

#[test]
fn finds_links_outside_of_code() {
    let text = "A [b](c.md#d) and ![e](f/g.png \"h\").\n```\n[i](j)\n```\n[k](https://example.org)";
    assert_eq!(links(text), ["c.md#d", "f/g.png", "https://example.org"]);
}

/// The names of all dependencies in a manifest.
fn dependencies(manifest: &Path) -> BTreeSet<String> {
    let manifest: toml::Table = fs::read_to_string(manifest).unwrap().parse().unwrap();
    ["dependencies", "dev-dependencies", "build-dependencies"]
        .iter()
        .filter_map(|section| manifest.get(*section)?.as_table())
        .flat_map(|section| section.iter())
        .filter(|(_, value)| value.get("path").is_none()) // our own crates
        .map(|(name, _)| name.clone())
        .collect()
}

#[test]
fn every_dependency_has_its_reason() {
    let mut used = dependencies(&root().join("Cargo.toml"));
    used.extend(dependencies(&root().join("templates/Cargo.toml")));
    let text = fs::read_to_string(root().join("docs/dependencies.md")).unwrap();
    let explained: Vec<&str> =
        text.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next()).collect();
    let once: BTreeSet<String> = explained.iter().map(|name| (*name).to_owned()).collect();
    assert_eq!(once.len(), explained.len(), "docs/dependencies.md has a crate twice");
    let missing: Vec<_> = used.difference(&once).collect();
    let gone: Vec<_> = once.difference(&used).collect();
    assert!(missing.is_empty(), "not in docs/dependencies.md: {missing:?}");
    assert!(gone.is_empty(), "in docs/dependencies.md, but in no Cargo.toml: {gone:?}");
}
