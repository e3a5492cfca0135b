//! Labelled mail: what a reader should say of each message.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use newsletterd::domain::bounce::{EnhancedStatus, ReportKind};

/// A row of the labels: one file may have several, for recipients that differ.
pub struct Row {
    pub kind: ReportKind,
    /// In lower case; none where the message names none.
    pub recipients: Vec<String>,
    pub status: Option<EnhancedStatus>,
}

/// A message with its labels.
pub struct Mail {
    pub file: String,
    pub bytes: Vec<u8>,
    pub rows: Vec<Row>,
    /// Its label is doubtful: whatever is said counts as right.
    pub doubtful: bool,
}

/// All labelled mail, by file name.
pub struct Corpus {
    pub mails: Vec<Mail>,
}

impl Corpus {
    /// Reads `expected.tsv`, the messages, and the list of doubtful labels in `README.md`.
    pub fn read(folder: &Path) -> Self {
        let table = std::fs::read_to_string(folder.join("expected.tsv")).unwrap();
        let readme = std::fs::read_to_string(folder.join("README.md")).unwrap();
        let doubtful: BTreeSet<&str> = readme
            .split("## Doubtful labels")
            .nth(1)
            .and_then(|rest| rest.split("\n## ").next())
            .unwrap_or_default()
            .lines()
            .filter_map(|line| line.strip_prefix("| ")?.split(" | ").next())
            .collect();
        let mut files: BTreeMap<&str, Vec<Row>> = BTreeMap::new();
        for line in table.lines().skip(1) {
            let cells: Vec<&str> = line.split('\t').collect();
            let recipients = cells[2].split(',').filter(|one| !one.is_empty()).map(str::to_lowercase);
            files.entry(cells[0]).or_default().push(Row {
                kind: cells[1].parse().unwrap(),
                recipients: recipients.collect(),
                status: cells[3].parse().ok(),
            });
        }
        let mail = |(file, rows): (&str, Vec<Row>)| Mail {
            file: file.to_owned(),
            bytes: std::fs::read(folder.join("mail").join(file)).unwrap(),
            rows,
            doubtful: doubtful.contains(file),
        };
        Self { mails: files.into_iter().map(mail).collect() }
    }
}
