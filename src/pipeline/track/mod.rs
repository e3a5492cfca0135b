//! Looks at the reports that came in: reads them, lays each to its delivery, judges it, and does what it
//! asks for, each in one transaction. Killed anywhere, a report is as it was, or settled with all that
//! follows from it.

mod judge;
mod lay;
mod verdict;

use chrono::TimeDelta;

use self::judge::{Judged, Sight};
use super::{Engine, PipelineError, Result};
use crate::domain::address::EmailAddress;
use crate::domain::bounce::{Attribution, BounceReason, Effect, Form, NoSuchHost, Report, ReportKind};
use crate::domain::ids::ReportId;
use crate::mail::report;
use crate::mail::smtp::DnsAnswer;
use crate::store::reports::{self, Pending, Settled};

/// Reports looked at before others may have their turn.
const BATCH: i64 = 200;
/// How often a report is looked at again that waits for the record of its letter.
const AGAIN: TimeDelta = TimeDelta::seconds(2);

/// Looks at the reports that wait; how many were settled is given back. One report's failure is logged
/// and never keeps the others.
///
/// # Errors
/// What the database says.
pub async fn tick(engine: &Engine) -> Result<u64> {
    let mut tx = engine.db.read().await?;
    let waiting = reports::pending(&mut tx, engine.clock.now(), BATCH).await?;
    drop(tx);
    let mut settled = 0;
    for id in waiting {
        match look(engine, id).await {
            Ok(done) => settled += u64::from(done),
            Err(error) if error.is_temporary() => return Err(error),
            Err(error) => {
                tracing::error!(report.id = id.0, "a report cannot be processed: this is a defect: {error}");
                give_up(engine, id).await?;
            }
        }
    }
    Ok(settled)
}

/// Looks at one report; `false` when another has it, or had it, or when it has to wait.
async fn look(engine: &Engine, id: ReportId) -> Result<bool> {
    let mut asked = None;
    loop {
        let mut tx = engine.db.begin().await?;
        let Some(pending) = reports::hold(&mut tx, id).await? else { return Ok(false) };
        let report = read(&pending)?;
        let host = match (asked, unknown_host(&report)) {
            (Some(host), _) => host,
            (None, None) => NoSuchHost::Unconfirmed,
            (None, Some(domain)) => {
                // Nobody waits for the DNS while the report is held.
                tx.rollback().await?;
                asked = Some(confirm(engine, &domain).await);
                continue;
            }
        };
        let now = engine.clock.now();
        let sight = Sight { engine, pending: &pending, report: &report, host, now };
        match sight.judge(&mut tx).await? {
            Judged::Settled { effect, attribution } => {
                tx.commit().await?;
                tracing::info!(
                    report.id = id.0,
                    report.kind = report.kind.as_str(),
                    report.rule = report.rule.0,
                    report.attribution = attribution.as_str(),
                    report.effect = effect.as_str(),
                    "report settled"
                );
                // What it cancelled, or paused, may be awaited.
                engine.wake.notify_waiters();
                return Ok(true);
            }
            Judged::Later => {
                reports::put_off(&mut tx, id, now + AGAIN).await?;
                tx.commit().await?;
                return Ok(false);
            }
        }
    }
}

/// What a report says.
fn read(pending: &Pending) -> Result<Report> {
    match pending.form {
        Form::Mail => Ok(report::read(&pending.raw, pending.came_to.as_deref())),
        Form::Report => serde_json::from_slice(&pending.raw)
            .map_err(|source| PipelineError::Stored { what: "a report", source }),
    }
}

/// The domain that a report says does not exist, where that is why it is hard.
fn unknown_host(report: &Report) -> Option<String> {
    let is_so = report.kind == ReportKind::Hard && report.reason == Some(BounceReason::HostUnknown);
    let recipient = report.recipients.first().filter(|_| is_so)?;
    Some(EmailAddress::parse(&recipient.address).ok()?.domain().to_owned())
}

async fn confirm(engine: &Engine, domain: &str) -> NoSuchHost {
    match engine.dns.domain_exists(domain).await {
        DnsAnswer::DoesNotExist => NoSuchHost::Confirmed,
        DnsAnswer::Exists | DnsAnswer::Unknown => NoSuchHost::Unconfirmed,
    }
}

/// Lets a report wait no longer that cannot be processed. It stays to be seen.
async fn give_up(engine: &Engine, id: ReportId) -> Result<()> {
    let settled = Settled {
        kind: ReportKind::Unknown,
        reason: None,
        status: None,
        rule: "",
        diagnostic: None,
        reporting_mta: None,
        attribution: Attribution::None,
        delivery: None,
        domain: None,
        relay: None,
        effect: Effect::Failed,
    };
    let mut tx = engine.db.begin().await?;
    if reports::hold(&mut tx, id).await?.is_some() {
        reports::settle(&mut tx, id, &settled, engine.clock.now()).await?;
        tx.commit().await?;
    }
    Ok(())
}
