//! One row for each address: the first, unless a later one withdraws what it says.

use std::collections::HashMap;

use super::{Findings, SubscriberRow};
use crate::domain::subscriber::Standing;

/// Leaves one row for each address, in order of the first ones, and reports the others.
pub(super) fn dedupe(rows: Vec<SubscriberRow>, findings: &mut Findings) -> Vec<SubscriberRow> {
    let mut kept: Vec<SubscriberRow> = Vec::with_capacity(rows.len());
    let mut known: HashMap<String, usize> = HashMap::with_capacity(rows.len());
    for row in rows {
        let Some(first) = known.get(&row.address.key()).and_then(|&at| kept.get_mut(at)) else {
            known.insert(row.address.key(), kept.len());
            kept.push(row);
            continue;
        };
        let message = if withdrawal(row.standing) > withdrawal(first.standing) {
            first.standing = row.standing;
            first.evidence.extend(row.evidence);
            format!("the address of line {} again; what this row withdraws counts", first.line)
        } else {
            format!("the address of line {} again; that row counts", first.line)
        };
        findings.warn(format!("line {}", row.line), message);
    }
    kept
}

/// How much a standing takes away.
fn withdrawal(standing: Standing) -> u8 {
    match standing {
        Standing::Active | Standing::Pending | Standing::Silent => 0,
        Standing::Ended(_) => 1,
        Standing::Suppressed(_) => 2,
    }
}
