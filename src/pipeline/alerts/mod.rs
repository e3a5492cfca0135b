//! Alerts: written into the outbox in the transaction that causes them, by mail to every address
//! in `[alerts]` and, since the relay may be what failed, to its webhook as well. The mail speaks
//! the language of its readers; log and webhook speak English.

mod kind;
mod mail;

use chrono::{DateTime, Utc};
use serde_json::json;

use super::{Engine, Result};
use crate::config::Newsletter;
use crate::domain::mail::MailKind;
use crate::domain::setback::Setback;
use crate::store::Tx;
use crate::store::editions::Edition;
use crate::store::mails::{self, NewMail};

pub use kind::{AlertKind, OfEdition};
pub use mail::{line, view};

/// Something that needs a person.
#[derive(Clone, Debug)]
pub struct Alert {
    /// Two alerts with the same key are one.
    pub key: String,
    /// What it is about, in one line of English.
    pub title: String,
    /// What happened.
    pub text: String,
    /// What to do about it.
    pub remedy: String,
    /// The same for its mail, in no language yet.
    pub kind: AlertKind,
}

impl Alert {
    /// An edition waits for a person.
    pub fn held(newsletter: &Newsletter, edition: &Edition, why: impl Into<Setback>) -> Self {
        Self::about(
            "held",
            "is held",
            AlertKind::Held,
            newsletter,
            edition,
            why.into(),
            &format!(
                "Look at it with `newsletterd edition show {id}`, then send it with \
                 `newsletterd edition send {id}`, or skip it with `newsletterd edition skip {id}`.",
                id = edition.id
            ),
        )
    }

    /// A slot passed without its edition.
    pub fn missed(newsletter: &Newsletter, edition: &Edition, why: impl Into<Setback>) -> Self {
        Self::about(
            "missed",
            "was not sent",
            AlertKind::Missed,
            newsletter,
            edition,
            why.into(),
            &format!(
                "To send one now all the same: `newsletterd edition send --newsletter {} --now`.",
                newsletter.name.as_str()
            ),
        )
    }

    /// Locking or rendering went wrong.
    pub fn failed(newsletter: &Newsletter, edition: &Edition, why: impl Into<Setback>) -> Self {
        let remedy = format!(
            "Mend the cause, then `newsletterd edition unlock {id}` makes it a draft again.",
            id = edition.id
        );
        Self::about(
            "failed",
            "could not be made",
            AlertKind::Failed,
            newsletter,
            edition,
            why.into(),
            &remedy,
        )
    }

    /// An edition's run was stopped.
    pub fn paused(newsletter: &Newsletter, edition: &Edition, why: impl Into<Setback>) -> Self {
        let remedy = format!(
            "See what was refused with `newsletterd edition report {id}`. Then go on with \
             `newsletterd edition resume {id}` (add `--confirm-bounces` when the addresses really are bad), \
             or end it with `newsletterd edition cancel {id}`.",
            id = edition.id
        );
        Self::about("paused", "is paused", AlertKind::Paused, newsletter, edition, why.into(), &remedy)
    }

    /// No letter has gone out although its time has come.
    pub fn late(newsletter: &Newsletter, edition: &Edition, why: impl Into<Setback>) -> Self {
        let remedy = format!("See `newsletterd edition show {}` and the daemon's log.", edition.id);
        Self::about("late", "is late", AlertKind::Late, newsletter, edition, why.into(), &remedy)
    }

    /// Its run will be done after the time that is set for it: told once for each edition.
    pub fn delayed(newsletter: &Newsletter, edition: &Edition, why: impl Into<Setback>) -> Self {
        let remedy = format!(
            "Letters go on meanwhile. Where it stands: `newsletterd edition report {}`. What slows it is a rate or \
             a number of connections in the configuration, or the relay.",
            edition.id
        );
        let kind = AlertKind::Delayed;
        let alert =
            Self::about("delayed", "will be too late", kind, newsletter, edition, why.into(), &remedy);
        Self { key: format!("delayed:{}", edition.id), ..alert }
    }

    /// Many of its letters came back, or were complained about: told once for each edition and reason.
    pub fn reported(newsletter: &Newsletter, edition: &Edition, why: Setback) -> Self {
        let id = edition.id;
        let confirm = format!(
            " When the addresses really are bad, `newsletterd edition resume {id} --confirm-bounces` suppresses them."
        );
        let (key, confirm) = match why {
            Setback::HardBounces { .. } => ("doubtful", confirm.as_str()),
            Setback::Complaints { .. } => ("complaints", ""),
            _ => ("bounces", ""),
        };
        let remedy = format!("See from where with `newsletterd edition report {id}`.{confirm}");
        let what = "comes back, or is complained about, more than is usual";
        let alert = Self::about("reported", what, AlertKind::Reported, newsletter, edition, why, &remedy);
        Self { key: format!("reported:{key}:{id}"), ..alert }
    }

    /// The key of its line in the log, which every alert has.
    pub fn log_key(&self) -> String {
        format!("log:{}", self.key)
    }

    fn about(
        kind: &str,
        what: &str,
        variant: impl FnOnce(OfEdition) -> AlertKind,
        newsletter: &Newsletter,
        edition: &Edition,
        why: Setback,
        remedy: &str,
    ) -> Self {
        let slot = edition.send_at.with_timezone(&newsletter.zone()).format("%Y-%m-%d %H:%M %Z");
        Self {
            // A second hold of one edition is news: its version tells it from the first.
            key: format!("{kind}:{}:{}", edition.id, edition.version),
            title: format!("{} of {slot} {what}", newsletter.title),
            text: format!(
                "Edition {} of newsletter {} ({slot}) {what}: {why}.",
                edition.id,
                newsletter.name.as_str()
            ),
            remedy: remedy.to_owned(),
            kind: variant(OfEdition::new(newsletter, edition, why)),
        }
    }

    /// The relay does not work for us.
    pub fn relay_down(relay: &str, reply: &str, since: DateTime<Utc>) -> Self {
        Self {
            key: format!("relay:{relay}:{}", since.timestamp_millis()),
            title: format!("Relay {relay} refuses us"),
            text: format!("The relay {relay} does not take our mail: {reply}"),
            remedy: "Nothing is lost: deliveries wait and are tried again by themselves. `newsletterd check` shows \
                     whether the relay answers."
                .to_owned(),
            kind: AlertKind::RelayDown { relay: relay.to_owned(), reply: reply.to_owned() },
        }
    }

    /// Refusals that blame us and not the reader.
    pub fn refused(newsletter: &Newsletter, edition: &Edition, domain: &str, reply: &str) -> Self {
        Self {
            key: format!("refused:{}:{domain}", edition.id),
            title: format!("{domain} refuses {}", newsletter.title),
            text: format!("{domain} refused a letter of edition {}: {reply}", edition.id),
            remedy: "The reader is not to blame and stays on the list. Look at the sender's reputation, \
                     authentication (SPF, DKIM, DMARC) and content."
                .to_owned(),
            kind: AlertKind::Refused {
                title: newsletter.title.clone(),
                edition: edition.id,
                domain: domain.to_owned(),
                reply: reply.to_owned(),
            },
        }
    }

    /// A source has not answered usably for too long.
    pub fn source_stale(source: &str, since: Option<DateTime<Utc>>, error: Option<&str>) -> Self {
        let since_text = since
            .map_or_else(|| "ever".to_owned(), |at| format!("since {}", at.format("%Y-%m-%d %H:%M UTC")));
        Self {
            key: format!("stale:{source}:{}", since.map_or(0, |at| at.timestamp_millis())),
            title: format!("Source {source} is stale"),
            text: format!(
                "The source {source} has not answered usably {since_text}: {}",
                error.unwrap_or("no reason is known")
            ),
            remedy: format!(
                "Look whether its address still works; `newsletterd import articles URL --source {source}` \
                             shows what it says now."
            ),
            kind: AlertKind::SourceStale {
                source: source.to_owned(),
                since,
                error: error.map(str::to_owned),
            },
        }
    }
}

/// Puts an alert into the outbox, for the log and for all who are to hear of it; one that is there
/// already is not put there again.
///
/// # Errors
/// What the database says.
pub async fn raise(engine: &Engine, tx: &mut Tx, alert: &Alert, now: DateTime<Utc>) -> Result<()> {
    let params = json!({"title": alert.title, "text": alert.text, "remedy": alert.remedy});
    let key = alert.log_key();
    let line = NewMail { kind: MailKind::Log, recipient: "log", params: &params, dedupe_key: &key };
    if !mails::add(tx, &line, now).await? {
        return Ok(());
    }
    let alerts = &engine.config.alerts;
    let mut typed = params.clone();
    typed["alert"] = json!(alert.kind);
    for address in &alerts.mail {
        let recipient = address.as_string();
        let key = format!("alert:{}:{recipient}", alert.key);
        let mail = NewMail { kind: MailKind::Alert, recipient: &recipient, params: &typed, dedupe_key: &key };
        mails::add(tx, &mail, now).await?;
    }
    if let Some(url) = &alerts.webhook {
        let key = format!("webhook:{}", alert.key);
        let mail =
            NewMail { kind: MailKind::Webhook, recipient: url.as_str(), params: &params, dedupe_key: &key };
        mails::add(tx, &mail, now).await?;
    }
    Ok(())
}

/// Calls the heartbeat address after an edition: silence is the alarm.
///
/// # Errors
/// What the database says.
pub async fn heartbeat(engine: &Engine, tx: &mut Tx, edition: &Edition, now: DateTime<Utc>) -> Result<()> {
    if let Some(url) = &engine.config.alerts.heartbeat_url {
        let key = format!("heartbeat:{}:{}", edition.id, edition.version);
        let params = json!({"edition": edition.id});
        let mail =
            NewMail { kind: MailKind::Heartbeat, recipient: url.as_str(), params: &params, dedupe_key: &key };
        mails::add(tx, &mail, now).await?;
    }
    Ok(())
}
