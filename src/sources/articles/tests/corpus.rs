//! The feeds of feedparser's test suite, against what feedparser gave. Differences are allowed only
//! where docs/feeds.md lists them with a reason; a listed difference that is gone is an error too.

use std::collections::BTreeMap;

use super::support::{read_any, shared};
use crate::sources::plain_text::plain_text;

const DOCS: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/feeds.md"));

/// Rows `| file | column | reason |` of the table of differences.
fn documented() -> BTreeMap<(String, String), String> {
    let table = DOCS.split("<!-- differences -->").nth(1).expect("docs/feeds.md has the table");
    let rows = table.lines().filter_map(|line| {
        let cells: Vec<&str> = line.trim().strip_prefix('|')?.split('|').map(str::trim).collect();
        match cells.as_slice() {
            [file, column, reason, ..] if file.starts_with('`') => {
                assert!(!reason.is_empty(), "{file} has no reason");
                Some(((file.trim_matches('`').to_owned(), (*column).to_owned()), (*reason).to_owned()))
            }
            _ => None,
        }
    });
    rows.collect()
}

fn unescape(cell: &str) -> String {
    cell.replace("\\t", "\t").replace("\\n", "\n").replace("\\r", "\r").replace("\\\\", "\\")
}

#[test]
fn every_feed_gives_what_is_expected_or_what_is_documented() {
    let Some(folder) = shared("feeds") else { return };
    let expected = std::fs::read_to_string(folder.join("expected.tsv")).unwrap();
    let mut found = BTreeMap::new();
    let mut seen = 0;
    for line in expected.lines().skip(1) {
        let cells: Vec<String> = line.split('\t').map(unescape).collect();
        let [file, entries, title, link, published] = cells.as_slice() else { panic!("{line}") };
        seen += 1;
        let bytes = std::fs::read(folder.join(file)).unwrap();
        let read = read_any(&bytes, None);
        let articles = read.as_ref().map(|read| read.articles.as_slice()).unwrap_or_default();
        let first = articles.first();
        let mut differ = |column: &str, ours: String, theirs: &str| {
            if ours != theirs {
                found
                    .insert((file.clone(), column.to_owned()), format!("ours `{ours}`, expected `{theirs}`"));
            }
        };
        let refused = read.as_ref().err().map(ToString::to_string);
        differ("entries", refused.unwrap_or_else(|| articles.len().to_string()), entries);
        if let Some(first) = first {
            let title_text = plain_text(title);
            assert!(!first.content.title.is_empty(), "{file}");
            if !title.is_empty() && title_text.is_empty() {
                // Nothing is left of it after the markup: ours is made from something else.
            } else if !title.is_empty() {
                // A title that feedparser gives as text may hold brackets that are no markup.
                differ(
                    "title",
                    first.content.title.clone(),
                    if first.content.title == *title { title } else { &title_text },
                );
            }
            differ("link", first.url.clone().unwrap_or_default(), link);
            let ours = first
                .content
                .published_at
                .map(|time| time.to_rfc3339_opts(chrono::SecondsFormat::Secs, true));
            differ("published", ours.unwrap_or_default(), published);
        }
    }
    assert!(seen >= 100, "expected.tsv has only {seen} rows");
    let documented = documented();
    let surprises: Vec<_> = found.iter().filter(|(key, _)| !documented.contains_key(key)).collect();
    let stale: Vec<_> = documented.keys().filter(|key| !found.contains_key(key)).collect();
    assert!(
        surprises.is_empty() && stale.is_empty(),
        "not documented: {surprises:#?}\ndocumented but gone: {stale:#?}"
    );
}
