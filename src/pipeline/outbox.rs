//! Sends what the outbox holds: mails to single readers, alerts, tests, webhooks, heartbeats. They
//! go beside deliveries, and never through them.

use chrono::{DateTime, TimeDelta, Utc};
use newsletterd_templates::mails::alert as template;
use serde::Deserialize;

use super::composed::{Composed, unreadable};
use super::relays::WayOut;
use super::{Engine, PipelineError, Result, alerts, forward, reader_mails};
use crate::domain::address::{EmailAddress, Mailbox};
use crate::domain::delivery::{Outcome, Reply, retry_pause};
use crate::domain::mail::MailKind;
use crate::mail::letter::{SingleMail, single};
use crate::mail::smtp::Envelope;
use crate::store::mails::{self as store, ClaimedMail, MailOutcome};

/// Mails claimed at once, and for how long.
const BATCH: i64 = 20;
const LEASE: TimeDelta = TimeDelta::minutes(5);
/// How long after its first failure a mail is tried again; the pauses grow. Short, because an alert
/// about a relay that was away for a moment is still news when it is back.
const RETRY_FIRST: TimeDelta = TimeDelta::seconds(10);
/// A mail is given up after so long.
const GIVE_UP: TimeDelta = TimeDelta::days(2);

/// Sends all that is due; gives how many were tried.
///
/// # Errors
/// What the database says.
pub async fn send_due(engine: &Engine) -> Result<usize> {
    let now = engine.clock.now();
    let mut tx = engine.db.read().await?;
    if !store::any_due(&mut tx, now).await? {
        return Ok(0);
    }
    drop(tx);
    let mut ways = engine.relays.working_first(&engine.db, now).await?;
    let lease = format!("{}#mails", engine.incarnation);
    let mut tx = engine.db.begin().await?;
    let mails = store::claim(&mut tx, &lease, LEASE, BATCH, now).await?;
    tx.commit().await?;
    for mail in &mails {
        let sent = match mail.kind {
            MailKind::Alert | MailKind::Test | MailKind::Confirmation | MailKind::Goodbye => {
                by_mail(engine, mail, &mut ways).await
            }
            MailKind::Forward => forward(engine, mail, &mut ways).await,
            MailKind::Log => log(mail),
            MailKind::Webhook => {
                engine.fetcher.post_json(&mail.recipient, &mail.params).await.map_err(Into::into)
            }
            MailKind::Heartbeat => engine.fetcher.ping(&mail.recipient).await.map_err(Into::into),
        };
        record(engine, mail, &lease, sent).await?;
    }
    Ok(mails.len())
}

async fn record(engine: &Engine, mail: &ClaimedMail, lease: &str, sent: Result<()>) -> Result<()> {
    let now = engine.clock.now();
    let attempt = u32::try_from(mail.attempts).unwrap_or(u32::MAX);
    let (outcome, reply) = match sent {
        Ok(()) => (MailOutcome::Sent, String::new()),
        Err(error) => {
            let again = now + retry_pause(attempt, RETRY_FIRST, 0.0);
            let over = again - mail.created_at > GIVE_UP
                || matches!(error, PipelineError::Letter(_) | PipelineError::GivenUp(_));
            if matches!(error, PipelineError::GivenUp(_)) {
                tracing::info!(mail.id = mail.id.0, mail.kind = %mail.kind, "{error}");
            } else {
                tracing::warn!(mail.id = mail.id.0, mail.kind = %mail.kind, "not sent: {error}");
            }
            (if over { MailOutcome::Failed } else { MailOutcome::Again(again) }, error.to_string())
        }
    };
    let mut tx = engine.db.begin().await?;
    store::record(&mut tx, mail.id, lease, outcome, &reply, now).await?;
    tx.commit().await?;
    Ok(())
}

/// A test, rendered when it was asked for: it shows that moment's draft.
#[derive(Deserialize)]
struct TestParams {
    from: String,
    subject: String,
    html: String,
    text: String,
}

fn log(mail: &ClaimedMail) -> Result<()> {
    let line = alerts::line(mail.params.clone()).map_err(unreadable)?;
    tracing::warn!(mail.id = mail.id.0, "{line}");
    Ok(())
}

async fn by_mail(engine: &Engine, mail: &ClaimedMail, ways: &mut [&WayOut]) -> Result<()> {
    let to_reader = matches!(mail.kind, MailKind::Confirmation | MailKind::Goodbye);
    let composed = match mail.kind {
        _ if to_reader => reader_mails::compose(engine, mail).await?,
        MailKind::Test => test(mail)?,
        _ => alert(engine, mail)?,
    };
    let to = composed.to.clone();
    let message = message(engine, mail, composed)?;
    // The null return path (RFC 5321 4.5.5): a report about such a mail must not cause another.
    match send(ways, &Envelope { from: None, to, id: None }, &message).await {
        Outcome::Accepted(_) => Ok(()),
        // A server's words may hold the reader's address, which is kept nowhere else.
        Outcome::Bounced(reply) | Outcome::Rejected(reply) if to_reader => {
            Err(PipelineError::GivenUp(in_figures(&reply)))
        }
        outcome if to_reader => Err(PipelineError::Refused(in_figures(outcome.reply()))),
        outcome => Err(PipelineError::Refused(outcome.reply().text.clone())),
    }
}

async fn forward(engine: &Engine, mail: &ClaimedMail, ways: &mut [&WayOut]) -> Result<()> {
    let message = forward::message(engine, mail).await?;
    let envelope = Envelope { from: None, to: recipient(mail)?, id: None };
    match send(ways, &envelope, &message).await {
        Outcome::Accepted(_) => Ok(()),
        outcome => Err(PipelineError::Refused(outcome.reply().text.clone())),
    }
}

/// Sends over the first of `ways` that works for us. One that does not is asked last from then on,
/// also for the mails that follow.
async fn send(ways: &mut [&WayOut], envelope: &Envelope, message: &[u8]) -> Outcome {
    let mut left = ways.len();
    loop {
        let outcome = ways[0].relay.send(envelope, message).await;
        left -= 1;
        if left == 0 || !matches!(outcome, Outcome::RelayDown(_)) {
            return outcome;
        }
        ways.rotate_left(1);
    }
}

fn in_figures(reply: &Reply) -> String {
    format!("the relay answered {} {}", reply.code, reply.enhanced.as_deref().unwrap_or_default())
        .trim_end()
        .to_owned()
}

fn recipient(mail: &ClaimedMail) -> Result<EmailAddress> {
    EmailAddress::parse(&mail.recipient)
        .map_err(|error| PipelineError::Refused(format!("the recipient cannot be used: {error}")))
}

fn test(mail: &ClaimedMail) -> Result<Composed> {
    let TestParams { from, subject, html, text } =
        serde_json::from_value(mail.params.clone()).map_err(unreadable)?;
    let from = Mailbox::parse(&from).map_err(|error| PipelineError::Refused(error.to_string()))?;
    Ok(Composed { from, reply_to: None, to: recipient(mail)?, subject, html, text })
}

fn alert(engine: &Engine, mail: &ClaimedMail) -> Result<Composed> {
    let view = alerts::view(engine, mail.params.clone()).map_err(unreadable)?;
    Ok(Composed {
        from: sender(engine)?,
        reply_to: None,
        to: recipient(mail)?,
        subject: view.title.as_str().to_owned(),
        html: template::html(&view),
        text: template::text(&view),
    })
}

/// Who alerts come from: the configured sender, else the first newsletter's.
fn sender(engine: &Engine) -> Result<Mailbox> {
    let alerts = engine.config.alerts.from.clone();
    let first = || engine.config.newsletters.first().map(|newsletter| newsletter.from.clone());
    alerts
        .or_else(first)
        .ok_or_else(|| PipelineError::Refused("alerts need a sender: set alerts.from".to_owned()))
}

fn message(engine: &Engine, mail: &ClaimedMail, composed: Composed) -> Result<Vec<u8>> {
    let Composed { from, reply_to, to, subject, html, text } = composed;
    let created: DateTime<Utc> = mail.created_at;
    let message_id = format!("mail-{}.{}@{}", mail.id, created.timestamp_millis(), from.address.domain());
    let domain = from.address.domain().to_owned();
    let message = single(&SingleMail {
        from,
        reply_to,
        to: Mailbox { name: None, address: to },
        subject,
        text,
        html: Some(html),
        message_id,
        date: engine.clock.now().fixed_offset(),
    })?;
    Ok(engine.signers.sign(&domain, engine.clock.now(), message)?)
}
