//! The labelled corpus of the shared data, with the scores that must hold.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::bounce::{Report, ReportKind};
use crate::domain::shared_data::shared;
use crate::mail::report::{failed_at, read};

struct Row {
    kind: ReportKind,
    recipients: Vec<String>,
    status: String,
}

/// How many of how many.
#[derive(Default)]
struct Share {
    right: u32,
    all: u32,
    wrong: Vec<String>,
}

impl Share {
    fn count(&mut self, right: bool, wrong: impl FnOnce() -> String) {
        self.all += 1;
        self.right += u32::from(right);
        if !right {
            self.wrong.push(wrong());
        }
    }

    fn holds(&self, what: &str, permille: u32) {
        println!("{what}: {} of {}", self.right, self.all);
        assert!(
            self.right * 1000 >= self.all * permille,
            "{what}: {} of {}\n{}",
            self.right,
            self.all,
            self.wrong.join("\n")
        );
    }
}

struct Labels {
    files: BTreeMap<String, Vec<Row>>,
    /// The files whose labels are doubtful.
    doubtful: BTreeSet<String>,
}

fn labels() -> Option<Labels> {
    let table = String::from_utf8(shared("bounces/expected.tsv")?).unwrap();
    let mut files: BTreeMap<String, Vec<Row>> = BTreeMap::new();
    for line in table.lines().skip(1) {
        let cells: Vec<&str> = line.split('\t').collect();
        let row = Row {
            kind: cells[1].parse().unwrap(),
            recipients: cells[2].split(',').filter(|one| !one.is_empty()).map(str::to_lowercase).collect(),
            status: cells[3].to_owned(),
        };
        files.entry(cells[0].to_owned()).or_default().push(row);
    }
    let about = String::from_utf8(shared("bounces/README.md")?).unwrap();
    let doubtful = about.lines().filter_map(|line| line.strip_prefix("| ")?.split(" |").next());
    let doubtful = doubtful.filter(|file| file.ends_with(".eml")).map(str::to_owned).collect();
    Some(Labels { files, doubtful })
}

fn statuses(report: &Report) -> impl Iterator<Item = String> + '_ {
    let own = report.recipients.iter().map(|recipient| recipient.status);
    own.chain([report.status]).flatten().map(|status| status.to_string())
}

#[test]
fn the_labelled_corpus_is_understood() {
    let Some(Labels { files, doubtful }) = labels() else { return };
    assert!(files.len() > 500, "{} files", files.len());
    let (mut kinds, mut recipients, mut status) = (Share::default(), Share::default(), Share::default());
    let (mut hard, mut bounces) = (Share::default(), Share::default());
    for (file, rows) in &files {
        let report = read(&shared(&format!("bounces/mail/{file}")).unwrap(), None);
        let doubt = doubtful.contains(file);
        let labelled: BTreeSet<ReportKind> = rows.iter().map(|row| row.kind).collect();
        let wanted: BTreeSet<&String> = rows.iter().flat_map(|row| &row.recipients).collect();
        let named: BTreeSet<String> =
            report.recipients.iter().map(|recipient| failed_at(recipient).to_lowercase()).collect();
        for row in rows {
            // Recipients of one report may differ; a report has one kind.
            let right = doubt || labelled.contains(&report.kind);
            kinds.count(right, || format!("{file}: {} is not {}", report.kind, row.kind));
            if row.kind != ReportKind::Hard {
                let wrong = report.kind == ReportKind::Hard && !right;
                hard.count(!wrong, || format!("{file}: hard, but {}", row.kind));
            }
            if matches!(row.kind, ReportKind::Autoreply | ReportKind::NotABounce) {
                let taken = !matches!(report.kind, ReportKind::Autoreply | ReportKind::NotABounce);
                bounces.count(doubt || !taken, || format!("{file}: {} is not {}", report.kind, row.kind));
            }
            if !wanted.is_empty() {
                let right = doubt || named.iter().collect::<BTreeSet<_>>() == wanted;
                recipients.count(right, || format!("{file}: {named:?} is not {wanted:?}"));
            }
            if !row.status.is_empty() {
                let right = doubt || statuses(&report).any(|status| status == row.status);
                status.count(right, || format!("{file}: {:?} is not {}", report.status, row.status));
            }
        }
    }
    kinds.holds("kind", 980);
    recipients.holds("recipient", 990);
    status.holds("status", 990);
    hard.holds("not called hard", 995);
    bounces.holds("not taken for a bounce", 1000);
}
