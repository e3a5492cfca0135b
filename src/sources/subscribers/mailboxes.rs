//! Plain lists: one mailbox a line, as Mailman prints them.

use std::collections::BTreeMap;

use super::columns::is_mailbox;
use super::row::mailbox;
use super::{Findings, SubscriberRow};
use crate::domain::subscriber::Standing;

/// How many lines the guess looks at.
const SAMPLE: usize = 50;

/// Reads a list and counts its lines; `None` when the text is no list of mailboxes but a table.
/// Blank lines, and those that begin with `#`, do not count.
pub(super) fn read(text: &str, findings: &mut Findings) -> Option<(Vec<SubscriberRow>, usize)> {
    let lines = || {
        let numbered = (1..).zip(text.lines()).map(|(number, line)| (number, bare(line)));
        numbered.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
    };
    let (_, first) = lines().next()?;
    let mailboxes = lines().take(SAMPLE).filter(|(_, line)| is_mailbox(line)).count();
    if !first.contains('@') || mailboxes * 2 < lines().take(SAMPLE).count() {
        return None;
    }
    let mut rows = Vec::new();
    for (line, text) in lines() {
        match mailbox(text) {
            Ok(mailbox) => rows.push(SubscriberRow {
                line,
                address: mailbox.address,
                name: mailbox.name,
                standing: Standing::Active,
                language: None,
                time_zone: None,
                created_at: None,
                evidence: BTreeMap::new(),
            }),
            Err(error) => findings.error(format!("line {line}"), format!("no usable address: {error}")),
        }
    }
    Some((rows, lines().count()))
}

/// A line without white space and the comma that some lists end each line with.
fn bare(line: &str) -> &str {
    line.trim().trim_end_matches([',', ';']).trim_end()
}
