//! Another reader beside ours, on what both can say: whether a letter was given up, is still being
//! tried, or neither; and for whom.

use std::collections::BTreeMap;
use std::fmt::Write;

use newsletterd::domain::bounce::ReportKind;

use crate::labels::Corpus;
use crate::score::{ours, percent};

/// What both can say of a letter.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Outcome {
    GivenUp,
    StillTried,
    Neither,
}

/// What a reader says of a message: the outcome, and of whom, in lower case and order.
type Verdict = (Outcome, Vec<String>);

impl Outcome {
    fn of(kind: ReportKind) -> Self {
        match kind {
            ReportKind::Hard | ReportKind::Soft | ReportKind::Unknown => Self::GivenUp,
            ReportKind::Delayed => Self::StillTried,
            ReportKind::Complaint
            | ReportKind::Autoreply
            | ReportKind::Unsubscribe
            | ReportKind::NotABounce => Self::Neither,
        }
    }
}

/// The table. `verdicts` has a line for each message: file, addresses given up, addresses still tried,
/// separated by tabs; addresses separated by commas.
pub fn table(corpus: &Corpus, verdicts: &str) -> String {
    let theirs: BTreeMap<&str, Verdict> = verdicts.lines().filter_map(theirs).collect();
    let ours = ours(corpus, &[]);
    let mut counts = [[0_u32; 2]; 4];
    let mut of = [0_u32; 4];
    for (mail, said) in corpus.mails.iter().zip(&ours) {
        let mut wanted: Vec<String> = mail.rows.iter().flat_map(|row| row.recipients.clone()).collect();
        wanted.sort();
        let outcome = Outcome::of(mail.rows[0].kind);
        let mut named: Vec<String> = said.recipients.iter().map(|one| one.among(&wanted).clone()).collect();
        named.sort();
        let both = [(Outcome::of(said.kind), named), theirs[mail.file.as_str()].clone()];
        let bounce = outcome != Outcome::Neither;
        let asked = [true, bounce && !wanted.is_empty(), bounce && !wanted.is_empty(), !bounce];
        for (at, asked) in asked.into_iter().enumerate() {
            of[at] += u32::from(asked);
        }
        for (who, (said, named)) in both.into_iter().enumerate() {
            let right = said == outcome;
            let whom = bounce && !wanted.is_empty() && named == wanted;
            counts[0][who] += u32::from(right);
            counts[1][who] += u32::from(whom);
            counts[2][who] += u32::from(right && whom);
            counts[3][who] += u32::from(!bounce && !right);
        }
    }
    let mut text = String::from(
        "| | of | newsletterd | | flufl.bounce | |\n| --- | ---: | ---: | ---: | ---: | ---: |\n",
    );
    let names = ["outcome", "recipients", "both", "taken for a bounce, and is none"];
    for ((name, of), [ours, theirs]) in names.into_iter().zip(of).zip(counts) {
        let _ = writeln!(
            text,
            "| {name} | {of} | {ours} | {} | {theirs} | {} |",
            percent(ours, of),
            percent(theirs, of)
        );
    }
    text
}

/// What another reader says, from its line.
fn theirs(line: &str) -> Option<(&str, Verdict)> {
    let mut cells = line.split('\t');
    let file = cells.next()?;
    let mut list = || -> Vec<String> {
        let cell = cells.next().unwrap_or_default();
        cell.split(',').filter(|one| !one.is_empty()).map(str::to_lowercase).collect()
    };
    let (permanent, temporary) = (list(), list());
    let outcome = match (permanent.is_empty(), temporary.is_empty()) {
        (false, _) => Outcome::GivenUp,
        (true, false) => Outcome::StillTried,
        (true, true) => Outcome::Neither,
    };
    let mut named: Vec<String> = permanent.into_iter().chain(temporary).collect();
    named.sort();
    named.dedup();
    Some((file, (outcome, named)))
}
