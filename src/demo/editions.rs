//! Today's edition of each newsletter: opened, compiled, locked, enqueued, delivered, by the same
//! steps as the daemon's. What an earlier demo left unfinished is finished first.

use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio_util::sync::CancellationToken;

use super::DemoError;
use crate::config::Newsletter;
use crate::domain::delivery::DeliveryState;
use crate::domain::edition::EditionState;
use crate::domain::ids::EditionId;
use crate::domain::language::Language;
use crate::pipeline::deliver::{self, RunEnd};
use crate::pipeline::lock::{self, Decision, Locked};
use crate::pipeline::report::{self, Report};
use crate::pipeline::{Engine, PipelineError, control, enqueue, pictures, schedule};
use crate::store::editions::{self, Edition};

/// Who sends, in the records.
const DEMO: &str = "demo";
/// How often it is looked where the deliveries stand.
const LOOK: Duration = Duration::from_millis(100);

/// What became of all editions.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// One for each newsletter.
    pub editions: Vec<Sent>,
    /// Where their deliveries stood before anything was sent: an earlier demo's work.
    pub before: Tally,
}

impl Outcome {
    /// Where their deliveries stand now.
    pub fn tally(&self) -> Tally {
        Tally::of(self.editions.iter().map(|sent| &sent.report))
    }
}

/// A newsletter's edition.
#[derive(Clone, Debug)]
pub struct Sent {
    /// `daily-en`
    pub newsletter: String,
    /// What readers call it.
    pub title: String,
    /// Its language.
    pub language: Language,
    /// The edition.
    pub edition: EditionId,
    /// What became of it; its state is `skipped` when there was nothing that readers do not know.
    pub report: Report,
}

/// Where the deliveries of all editions stand together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// How many there are.
    pub audience: i64,
    /// Those that were taken by the mailbox.
    pub accepted: i64,
    /// Those that have ended, well or badly.
    pub ended: i64,
    /// Those that wait for another try.
    pub deferred: i64,
}

impl Tally {
    /// The sum of reports.
    fn of<'a>(reports: impl Iterator<Item = &'a Report>) -> Self {
        reports.fold(Self::default(), |sum, report| Self {
            audience: sum.audience + report.audience,
            accepted: sum.accepted + report.count(DeliveryState::Accepted),
            ended: sum.ended + report.ended(),
            deferred: sum.deferred + report.count(DeliveryState::Deferred),
        })
    }
}

/// Sends every newsletter's edition; `fed` is the language whose stories come from a feed.
pub async fn send(
    engine: &Engine,
    fed: Option<Language>,
    stop: &CancellationToken,
    shown: impl Fn(Tally),
) -> Result<Outcome, DemoError> {
    let mut begun = Vec::new();
    for newsletter in &engine.config.newsletters {
        begun.push((newsletter, begin(engine, newsletter, fed).await?));
    }
    let ids: Vec<EditionId> = begun.iter().map(|(_, id)| *id).collect();
    let before = Tally::of(reports(engine, &ids).await?.iter());
    let delivered = async {
        for id in &ids {
            finish(engine, *id, stop).await?;
        }
        Ok::<(), DemoError>(())
    };
    let watched = async {
        loop {
            shown(Tally::of(reports(engine, &ids).await?.iter()));
            tokio::time::sleep(LOOK).await;
        }
    };
    tokio::select! {
        delivered = delivered => delivered?,
        failed = watched => return failed,
    }
    let reports = reports(engine, &ids).await?;
    shown(Tally::of(reports.iter()));
    let sent = begun.into_iter().zip(reports).map(|((newsletter, edition), report)| Sent {
        newsletter: newsletter.name.as_str().to_owned(),
        title: newsletter.title.clone(),
        language: newsletter.language,
        edition,
        report,
    });
    Ok(Outcome { editions: sent.collect(), before })
}

async fn reports(engine: &Engine, ids: &[EditionId]) -> Result<Vec<Report>, DemoError> {
    let mut reports = Vec::new();
    for id in ids {
        reports.push(report::report(engine, *id).await?);
    }
    Ok(reports)
}

/// The edition to send, ready for delivery: one that is unfinished, else today's, which is skipped
/// when readers know all that would stand in it.
async fn begin(
    engine: &Engine,
    newsletter: &Newsletter,
    fed: Option<Language>,
) -> Result<EditionId, DemoError> {
    let now = engine.clock.now();
    let name = newsletter.name.as_str();
    let mut tx = engine.db.begin().await?;
    let row = schedule::register(&mut tx, newsletter, now).await?;
    let is_ours = |edition: &Edition| {
        edition.newsletter == row.id && edition.state != EditionState::Failed && edition.expires_at > now
    };
    let unfinished = editions::unfinished(&mut tx).await?.into_iter().find(is_ours);
    let edition = match unfinished {
        Some(edition) => edition,
        None => {
            let key = request_key(engine, newsletter, fed, now);
            match schedule::open_manual(engine, &mut tx, name, &key, now).await? {
                Some(edition) => edition,
                None => editions::find_by_request_key(&mut tx, &key).await?.ok_or_else(|| {
                    PipelineError::Refused(format!("the edition of {name} was opened elsewhere; try again"))
                })?,
            }
        }
    };
    tx.commit().await?;
    pictures::before_lock(engine, &edition, pictures::PATIENCE).await?;
    let mut tx = engine.db.begin().await?;
    if edition.state.is_open()
        && let Locked::Held(reason) = lock::lock(engine, &mut tx, &edition, Decision::Person(DEMO)).await?
    {
        return Err(PipelineError::Refused(format!("the edition of {name} is held: {reason}")).into());
    }
    tx.commit().await?;
    if edition.state == EditionState::Paused {
        control::resume(engine, edition.id, control::Bounces::Doubtful, DEMO).await?;
    }
    enqueue::enqueue(engine, edition.id).await?;
    Ok(edition.id)
}

/// One edition a day, but one at each start where a feed may have brought news.
fn request_key(
    engine: &Engine,
    newsletter: &Newsletter,
    fed: Option<Language>,
    now: DateTime<Utc>,
) -> String {
    let name = newsletter.name.as_str();
    if fed == Some(newsletter.language) {
        return format!("{DEMO}:{name}:{}", engine.incarnation);
    }
    format!("{DEMO}:{name}:{}", now.with_timezone(&newsletter.zone()).date_naive())
}

/// Delivers until nothing is due.
async fn finish(engine: &Engine, id: EditionId, stop: &CancellationToken) -> Result<(), DemoError> {
    loop {
        match deliver::run(engine, id, stop).await? {
            RunEnd::NothingDue => {
                deliver::settle(engine, id).await?;
                return Ok(());
            }
            RunEnd::RelayDown(until) => {
                // Our own receiver does not rest: an earlier demo was killed under it.
                let wait = (until - engine.clock.now()).to_std().unwrap_or_default();
                tokio::time::sleep(wait.max(LOOK)).await;
            }
            RunEnd::NotSending | RunEnd::Stopped => return Ok(()),
        }
    }
}
