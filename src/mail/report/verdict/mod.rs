//! From what a recogniser found to a verdict: recipients made whole, a status and a reason for each, and
//! from them the kind.

mod commands;
mod delays;
mod doubts;

use doubts::doubted;

use super::dsn::best_status;
use super::failure::{Found, MOST_RECIPIENTS, diagnostic_of, evidence};
use super::reasons::{Told, reason_of, replies_in, statuses_in, weight};
use super::recipients;
use super::view::View;
use crate::domain::bounce::{
    Action, BounceReason, EnhancedStatus, Evidence, Fault, Report, ReportKind, ReportedRecipient, Rule,
    Traces,
};

/// The most evidence of one report.
const MOST_EVIDENCE: usize = 50;

/// The most letters of a report's text in which words are looked for.
const MOST_TEXT: usize = 16 << 10;

/// A verdict on one recipient.
struct Judged {
    kind: ReportKind,
    recipient: ReportedRecipient,
    told: Option<Told>,
}

/// The verdict on a report of failure, delay or success.
pub(super) fn of(view: &View, mut found: Found, traces: Traces) -> Report {
    recipients::complete(view, &mut found);
    let text = cut(view.report_text());
    let judged: Vec<_> = std::mem::take(&mut found.recipients)
        .into_iter()
        .map(|recipient| judge(view, &found, recipient, text))
        .collect();
    let judged = if judged.is_empty() {
        vec![judge(view, &found, ReportedRecipient::default(), text)]
    } else {
        judged
    };
    let Some(first) = judged.iter().max_by_key(|judged| severity(judged.kind)) else {
        return Report::bare(ReportKind::Unknown, Rule::default(), traces);
    };
    let mut seen = found.evidence;
    if let Some(told) = &first.told {
        seen.push(words_of(view, first.recipient.diagnostic.as_deref(), told));
    }
    seen.truncate(MOST_EVIDENCE);
    Report {
        kind: first.kind,
        reason: first.recipient.reason,
        status: first.recipient.status,
        diagnostic: first.recipient.diagnostic.clone(),
        reporting_mta: found.reporting_mta,
        traces,
        rule: Rule(found.rule.to_owned()),
        evidence: seen,
        recipients: judged
            .into_iter()
            .map(|judged| judged.recipient)
            .filter(|recipient| !recipient.address.is_empty())
            .take(MOST_RECIPIENTS)
            .collect(),
    }
}

/// Which of several verdicts is the report's: what failed before what did not, and of several that
/// failed the one that blames the address least. Each recipient has its own verdict besides.
fn severity(kind: ReportKind) -> u8 {
    match kind {
        ReportKind::Soft => 4,
        ReportKind::Hard => 3,
        ReportKind::Unknown => 2,
        ReportKind::Delayed => 1,
        ReportKind::Complaint | ReportKind::Autoreply | ReportKind::Unsubscribe | ReportKind::NotABounce => 0,
    }
}

fn judge(view: &View, found: &Found, mut recipient: ReportedRecipient, text: &str) -> Judged {
    let said = recipient.diagnostic.clone().or_else(|| found.diagnostic.as_deref().map(diagnostic_of));
    let said = said.or_else(|| recipients::said_of(view, &recipient.address));
    let action = recipient.action.unwrap_or_else(|| match found.action {
        Action::Failed
            if recipient.status.is_none_or(|status| status.class != 5) && delays::is_delay(text) =>
        {
            Action::Delayed
        }
        action => action,
    });
    recipient.action = Some(action);
    recipient.status = best(recipient.status, said.as_deref().and_then(best_status));
    let coded = said.as_deref().is_some_and(|said| replies_in(said).next().is_some());
    let vague = recipient.status.is_none_or(|status| weight(status) == 0 && !coded);
    if vague || recipient.status.is_some_and(|status| weight(status) == 1 && status.subject == 4) {
        recipient.status = best(recipient.status, best_status(text));
    }
    let kind = match action {
        Action::Delivered | Action::Relayed | Action::Expanded => {
            let done = statuses_in(said.as_deref().unwrap_or(text)).find(|status| status.class == 2);
            recipient.status = recipient.status.or(done);
            recipient.diagnostic = said;
            return Judged { kind: ReportKind::NotABounce, recipient, told: None };
        }
        Action::Delayed => Some(ReportKind::Delayed),
        Action::Failed => None,
    };
    let told = why(found, &recipient, said.as_deref(), text)
        .map(|told| Told { reason: doubted(view, found, &recipient, said.as_deref(), &told), ..told });
    recipient.reason = Some(told.as_ref().map_or(BounceReason::Undefined, |told| told.reason));
    recipient.diagnostic = said;
    let kind = kind.unwrap_or(match told.as_ref().map(|told| told.reason) {
        Some(BounceReason::Undefined) | None => ReportKind::Unknown,
        Some(reason)
            if reason.fault() == Fault::Address
                && recipient.status.is_none_or(|status| status.class != 4) =>
        {
            ReportKind::Hard
        }
        Some(_) => ReportKind::Soft,
    });
    Judged { kind, recipient, told }
}

/// Why: by what the form says, by what was said of the recipient, at last by the whole text.
fn why(found: &Found, recipient: &ReportedRecipient, said: Option<&str>, text: &str) -> Option<Told> {
    let by_form = recipient.reason.or(found.reason).map(|reason| Told { reason, by: found.rule.to_owned() });
    let told = by_form
        .or_else(|| said.and_then(|said| reason_of(recipient.status, said)))
        .or_else(|| reason_of(recipient.status, text));
    told.or_else(|| given_up(said, text))
}

/// A system that gave up for good, and says of the address no more than that: it does not know the
/// address, since of all other reasons reports tell something.
fn given_up(said: Option<&str>, text: &str) -> Option<Told> {
    let told = ["permanent error", "failed permanently"];
    let text = super::view::squeezed(text).to_ascii_lowercase();
    let by = told.iter().find(|words| text.contains(**words))?;
    // Whatever else is said of the address may be a reason that we do not understand.
    let other = said.is_some_and(|said| !said.to_ascii_lowercase().contains(by));
    (!other && replies_in(&text).next().is_none())
        .then(|| Told { reason: BounceReason::UserUnknown, by: (*by).to_owned() })
}

/// The status that says more; of equals the first.
fn best(first: Option<EnhancedStatus>, second: Option<EnhancedStatus>) -> Option<EnhancedStatus> {
    match (first, second) {
        (Some(first), Some(second)) if weight(second) > weight(first) => Some(second),
        (first, second) => first.or(second),
    }
}

/// A text's beginning, cut between letters.
fn cut(text: &str) -> &str {
    let mut end = text.len().min(MOST_TEXT);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

/// Evidence for a reason: the line in which its words stand.
fn words_of(view: &View, diagnostic: Option<&str>, told: &Told) -> Evidence {
    let first = told.by.split(' ').find(|word| word.len() > 3).unwrap_or(&told.by);
    let line = view.lines().find(|line| line.lower.contains(first));
    let words = format!("{} → {}", told.by, told.reason);
    match (diagnostic, line) {
        (None, Some(line)) => {
            let (part, number) = view.place(line.number);
            evidence(part, number, "reason", &words)
        }
        _ => evidence("diagnostic".to_owned(), 0, "reason", &words),
    }
}
