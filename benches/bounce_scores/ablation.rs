//! What each rule is worth: the score without it.

use std::fmt::Write;

use crate::labels::Corpus;
use crate::score::{Score, ours};

/// A table of all rules: how many files each reads, and how many rows fewer are right without it.
pub fn table(corpus: &Corpus, whole: &Score) -> String {
    let said = ours(corpus, &[]);
    let mut text = String::from(
        "| without | files it reads | kind | recipients | status | false bounces | false hard |\n\
         | --- | ---: | ---: | ---: | ---: | ---: | ---: |\n",
    );
    for rule in newsletterd::mail::report::rules() {
        let files = said.iter().filter(|said| said.rule == rule).count();
        let without = Score::of(corpus, &ours(corpus, &[rule]), true);
        let fewer = |whole: u32, without: u32| match i64::from(without) - i64::from(whole) {
            0 => "0".to_owned(),
            change => format!("{change:+}").replace('-', "−"),
        };
        let _ = writeln!(
            text,
            "| `{rule}` | {files} | {} | {} | {} | {} | {} |",
            fewer(whole.kinds, without.kinds),
            fewer(whole.recipients, without.recipients),
            fewer(whole.status, without.status),
            fewer(whole.false_bounces, without.false_bounces),
            fewer(whole.false_hard, without.false_hard),
        );
    }
    text
}
