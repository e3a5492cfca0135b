//! From what a provider says of an event to a report: one form for all providers.
//!
//! A provider's word and the receiving server's own are weighed here. A provider says *hard* of much
//! that is not the address's fault, so *hard* stands only where the server says nothing else: a
//! reader lost for nothing is worse than a dead address kept for another week.

use sha2::{Digest as _, Sha256};

use super::fields::Fields;
use crate::domain::bounce::{
    Action, BounceReason, EnhancedStatus, Evidence, Fault, Intake, Report, ReportKind, ReportedRecipient,
    Rule, Traces,
};
use crate::mail::intake::{Content, Incoming};
use crate::mail::report::{reason_of_reply, statuses_in};

/// What a provider says became of a letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Says {
    /// The address is no good, for this reason unless the server tells a better one.
    Hard(BounceReason),
    /// Given up for this letter, for this reason unless the server tells a better one.
    Failed(BounceReason),
    /// Still trying.
    Delayed(BounceReason),
    /// The reader complained.
    Complaint,
    /// The reader leaves, or left earlier as the provider knows.
    Unsubscribe,
    /// An automatic answer.
    Autoreply,
    /// It arrived.
    Delivered,
    /// Something failed, and the provider does not know what.
    Unknown,
}

/// One event, as a provider tells it.
#[derive(Clone, Debug)]
pub(super) struct Told {
    /// The provider: also the rule by which it was understood.
    pub provider: &'static str,
    /// The provider's name of the event, or what stands for it.
    pub key: String,
    /// What it says.
    pub says: Says,
    /// Whether its own reason stands, whatever the receiving server said.
    pub certain: bool,
    /// In the provider's own words: `Permanent/General`.
    pub words: String,
    /// Where those stand: `event 3`.
    pub place: String,
    /// Whom it is about.
    pub recipients: Vec<Whom>,
    /// Who reports.
    pub reporting_mta: Option<String>,
    /// What leads to the delivery.
    pub traces: Traces,
}

/// Whom an event is about.
#[derive(Clone, Debug, Default)]
pub(super) struct Whom {
    /// The address.
    pub address: String,
    /// The status that the receiving server gave.
    pub status: Option<EnhancedStatus>,
    /// What it said.
    pub diagnostic: Option<String>,
}

const MOST_RECIPIENTS: usize = 100;
const MOST_DIAGNOSTIC: usize = 1000;
const MOST_EVIDENCE: usize = 200;
const MOST_TRACES: usize = 16;
/// No address, Message-ID or return path is longer.
const MOST_NAME: usize = 1000;

impl Told {
    /// The report, to be kept.
    pub(super) fn into_incoming(self) -> Incoming {
        let mut recipients: Vec<ReportedRecipient> = Vec::new();
        let (mut kind, mut reason) = (None, None);
        for whom in self.recipients.into_iter().take(MOST_RECIPIENTS) {
            let status =
                whom.status.or_else(|| whom.diagnostic.as_deref().and_then(|text| statuses_in(text).next()));
            let said = if self.certain { None } else { reason_of(status, whom.diagnostic.as_deref()) };
            let (own_kind, own_reason) = judge(self.says, said);
            kind = kind.or(Some(own_kind));
            reason = reason.or(own_reason);
            recipients.push(ReportedRecipient {
                address: cut(&whom.address, MOST_NAME),
                final_address: None,
                action: action(self.says),
                status,
                diagnostic: whom.diagnostic.map(|text| cut(&text, MOST_DIAGNOSTIC)),
                reason: own_reason,
            });
        }
        let (kind, reason) = kind.map_or_else(|| judge(self.says, None), |kind| (kind, reason));
        let first = recipients.first();
        let evidence = |tells: &str, text: &str| Evidence {
            part: self.place.clone(),
            line: 0,
            tells: tells.to_owned(),
            text: cut(text, MOST_EVIDENCE),
        };
        let mut seen = vec![evidence("kind", &self.words)];
        seen.extend(first.map(|first| evidence("recipient", &first.address)));
        seen.extend(first.and_then(|first| first.diagnostic.as_deref()).map(|text| evidence("reason", text)));
        let report = Report {
            kind,
            reason,
            status: first.and_then(|first| first.status),
            diagnostic: first.and_then(|first| first.diagnostic.clone()),
            recipients,
            reporting_mta: self.reporting_mta.map(|mta| cut(&mta, MOST_NAME)),
            traces: bounded(self.traces),
            rule: Rule(self.provider.to_owned()),
            evidence: seen,
        };
        let key = format!("{}:{}", self.provider, short(&self.key));
        Incoming {
            intake: Intake::Webhook,
            came_to: None,
            content: Content::Told { key, report: Box::new(report) },
        }
    }
}

/// Kind and reason of what a provider says, in the light of the reason that the receiving server gave.
fn judge(says: Says, server: Option<BounceReason>) -> (ReportKind, Option<BounceReason>) {
    match says {
        Says::Hard(reason) => match server {
            Some(server) if server.fault() != Fault::Address => (ReportKind::Soft, Some(server)),
            server => (ReportKind::Hard, server.or(Some(reason))),
        },
        Says::Failed(reason) => (ReportKind::Soft, server.or(Some(reason))),
        Says::Delayed(reason) => (ReportKind::Delayed, server.or(Some(reason))),
        Says::Unknown => (ReportKind::Unknown, server),
        Says::Complaint => (ReportKind::Complaint, None),
        Says::Unsubscribe => (ReportKind::Unsubscribe, None),
        Says::Autoreply => (ReportKind::Autoreply, None),
        Says::Delivered => (ReportKind::NotABounce, None),
    }
}

const fn action(says: Says) -> Option<Action> {
    match says {
        Says::Hard(_) | Says::Failed(_) | Says::Unknown => Some(Action::Failed),
        Says::Delayed(_) => Some(Action::Delayed),
        Says::Delivered => Some(Action::Delivered),
        Says::Complaint | Says::Unsubscribe | Says::Autoreply => None,
    }
}

/// Traces from what a provider knows of the letter: its Message-ID, and the return path that it had.
pub(super) fn traces(message_id: Option<String>, return_path: Option<String>) -> Traces {
    let bare = |text: String| text.trim().trim_start_matches('<').trim_end_matches('>').to_owned();
    let local = |path: String| {
        let path = bare(path);
        let local = path.split_once('@').map_or(path.as_str(), |(local, _)| local).to_owned();
        local.starts_with("bounce-").then_some(local)
    };
    Traces {
        return_paths: return_path.and_then(local).into_iter().collect(),
        message_ids: message_id.map(bare).filter(|id| !id.is_empty()).into_iter().collect(),
        ..Traces::default()
    }
}

/// A name for an event whose provider gives it none: a hash of what makes it this one.
pub(super) fn name_of(fields: &Fields<'_>, paths: &[&[&str]]) -> String {
    let parts: Vec<String> = paths.iter().map(|path| fields.text(path).unwrap_or_default()).collect();
    hash(&parts.join("\n"))
}

fn hash(text: &str) -> String {
    data_encoding::HEXLOWER.encode(&Sha256::digest(text.as_bytes()))
}

/// A key as it is, or its hash where it is longer than any provider's own.
fn short(key: &str) -> String {
    if key.len() <= 200 { key.to_owned() } else { hash(key) }
}

fn bounded(traces: Traces) -> Traces {
    let few = |texts: Vec<String>| -> Vec<String> {
        texts.into_iter().filter(|text| text.len() <= MOST_NAME).take(MOST_TRACES).collect()
    };
    Traces {
        return_paths: few(traces.return_paths),
        unsubscribe: few(traces.unsubscribe),
        envelope_ids: few(traces.envelope_ids),
        message_ids: few(traces.message_ids),
    }
}

fn cut(text: &str, most: usize) -> String {
    text.chars().take(most).collect()
}

/// Why, by what the receiving server said; nothing where it said nothing that tells.
fn reason_of(status: Option<EnhancedStatus>, diagnostic: Option<&str>) -> Option<BounceReason> {
    let told = reason_of_reply(0, status, diagnostic.unwrap_or_default());
    (told != BounceReason::Undefined).then_some(told)
}
