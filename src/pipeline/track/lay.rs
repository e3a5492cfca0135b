//! Lays a report to a delivery: by what is signed, in this order: return path, envelope id, Message-ID;
//! and at last by the recipient.

use chrono::TimeDelta;

use crate::domain::address::EmailAddress;
use crate::domain::bounce::{Attribution, Report, ReportKind};
use crate::domain::ids::{EditionId, ListId, SubscriberId};
use crate::domain::token::{ReturnPath, TokenKeys};
use crate::pipeline::{Engine, Result};
use crate::store::{Tx, reports, subscribers};

/// By the recipient alone a report is laid to an edition of at most this age.
const LATELY: TimeDelta = TimeDelta::days(7);

/// Where a report leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lead {
    /// To a letter.
    Letter {
        /// Of this edition.
        edition: EditionId,
        /// To this subscriber.
        subscriber: SubscriberId,
        /// By what.
        by: Attribution,
    },
    /// To a subscription that is to end.
    Subscription {
        /// Whose.
        subscriber: SubscriberId,
        /// To which list.
        list: ListId,
        /// Whose letter carried the address, if one did.
        edition: Option<EditionId>,
    },
    /// Nowhere.
    Nowhere,
}

/// What is signed in a report, without asking the database.
pub fn signed(keys: &TokenKeys, report: &Report) -> Lead {
    let traces = &report.traces;
    // A provider tells of the letter by which a reader left; a mail to our address has its token.
    if report.kind == ReportKind::Unsubscribe && !traces.unsubscribe.is_empty() {
        let found = traces.unsubscribe.iter().find_map(|token| keys.read_unsubscribe(token).ok());
        return found.map_or(Lead::Nowhere, |says| Lead::Subscription {
            subscriber: says.subscriber,
            list: says.list,
            edition: says.edition,
        });
    }
    let letter = |found: Option<ReturnPath>, by| {
        found.map(|path| Lead::Letter { edition: path.edition, subscriber: path.subscriber, by })
    };
    let path = traces.return_paths.iter().find_map(|local| keys.read_return_path(local).ok());
    let envelope = || traces.envelope_ids.iter().find_map(|local| keys.read_return_path(local).ok());
    let message =
        || traces.message_ids.iter().find_map(|id| keys.read_message_id(id.split_once('@')?.0).ok());
    letter(path, Attribution::ReturnPath)
        .or_else(|| letter(envelope(), Attribution::EnvelopeId))
        .or_else(|| letter(message(), Attribution::MessageId))
        .unwrap_or(Lead::Nowhere)
}

/// Where a report leads: by what is signed, else by the first recipient whom an edition reached lately.
///
/// # Errors
/// What the database says.
pub async fn lead(engine: &Engine, tx: &mut Tx, report: &Report) -> Result<Lead> {
    let signed = signed(&engine.keys, report);
    let tells = !matches!(report.kind, ReportKind::NotABounce | ReportKind::Autoreply);
    if signed != Lead::Nowhere || !tells {
        return Ok(signed);
    }
    for recipient in &report.recipients {
        let Ok(address) = EmailAddress::parse(&recipient.address) else { continue };
        let Some(subscriber) = subscribers::find(tx, &address).await? else { continue };
        let since = engine.clock.now() - LATELY;
        if let Some(edition) = reports::latest(tx, subscriber.id, since).await? {
            return Ok(Lead::Letter { edition, subscriber: subscriber.id, by: Attribution::Recipient });
        }
    }
    Ok(Lead::Nowhere)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::bounce::{Rule, Traces};

    fn keys() -> TokenKeys {
        TokenKeys::new(1, [(1, [7; 32])].into()).unwrap()
    }

    fn report(kind: ReportKind, traces: Traces) -> Report {
        Report::bare(kind, Rule::default(), traces)
    }

    fn letter(edition: i64, by: Attribution) -> Lead {
        Lead::Letter { edition: EditionId(edition), subscriber: SubscriberId(9), by }
    }

    #[test]
    fn the_return_path_counts_before_all_else() {
        let keys = keys();
        let path = |edition| keys.return_path(EditionId(edition), SubscriberId(9));
        let mut traces = Traces {
            return_paths: vec!["bounce-forged".to_owned(), path(1).to_uppercase()],
            unsubscribe: Vec::new(),
            envelope_ids: vec![path(2)],
            message_ids: vec![format!("{}@example.org", keys.message_id(EditionId(3), 5, SubscriberId(9)))],
        };
        let lead = |traces: &Traces| signed(&keys, &report(ReportKind::Hard, traces.clone()));
        assert_eq!(lead(&traces), letter(1, Attribution::ReturnPath));
        traces.return_paths.pop();
        assert_eq!(lead(&traces), letter(2, Attribution::EnvelopeId));
        traces.envelope_ids.clear();
        assert_eq!(lead(&traces), letter(3, Attribution::MessageId));
        traces.message_ids = vec![path(3), "edition-3.9@example.org".to_owned()];
        assert_eq!(lead(&traces), Lead::Nowhere, "a return path is no Message-ID, nor what is not signed");
    }

    #[test]
    fn only_its_own_token_ends_a_subscription() {
        let keys = keys();
        let traces = |token: String| Traces { unsubscribe: vec![token], ..Traces::default() };
        let good = keys.unsubscribe(SubscriberId(9), ListId(2), Some(EditionId(4)));
        let kind = ReportKind::Unsubscribe;
        let ends =
            Lead::Subscription { subscriber: SubscriberId(9), list: ListId(2), edition: Some(EditionId(4)) };
        assert_eq!(signed(&keys, &report(kind, traces(good.clone()))), ends);
        let other = keys.preferences(SubscriberId(9), ListId(2), None);
        assert_eq!(signed(&keys, &report(kind, traces(other))), Lead::Nowhere);
        let bounce = report(ReportKind::Hard, traces(good));
        assert_eq!(signed(&keys, &bounce), Lead::Nowhere, "a bounce of a mail to it ends nothing");
    }
}
