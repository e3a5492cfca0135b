//! Hands on what people write to addresses that are for reports: an answer to a return path, say.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::composed::unreadable;
use super::{Engine, PipelineError, Result};
use crate::config::Config;
use crate::domain::ids::ReportId;
use crate::domain::mail::MailKind;
use crate::store::mails::{self, ClaimedMail, NewMail};
use crate::store::{Tx, reports};

/// What the outbox holds of it.
#[derive(Serialize, Deserialize)]
struct Params {
    report: ReportId,
}

/// Puts a mail into the outbox that was kept as a report, where somebody is set who reads such mails.
///
/// # Errors
/// What the database says.
pub async fn hand_on(engine: &Engine, tx: &mut Tx, report: ReportId, now: DateTime<Utc>) -> Result<()> {
    let Some(to) = &engine.config.bounces.forward_to else { return Ok(()) };
    let params = serde_json::json!(Params { report });
    let key = format!("forward:{report}");
    let recipient = to.as_string();
    let mail = NewMail { kind: MailKind::Forward, recipient: &recipient, params: &params, dedupe_key: &key };
    mails::add(tx, &mail, now).await?;
    Ok(())
}

/// The mail as it is handed on: as it came, below the fields that say by whom (RFC 5322 3.6.6).
///
/// # Errors
/// [`PipelineError::GivenUp`] when it is kept no more.
pub async fn message(engine: &Engine, mail: &ClaimedMail) -> Result<Vec<u8>> {
    let Params { report } = serde_json::from_value(mail.params.clone()).map_err(unreadable)?;
    let mut tx = engine.db.read().await?;
    let raw = reports::raw(&mut tx, report).await?;
    let (_, raw) = raw.ok_or_else(|| PipelineError::GivenUp("the mail is kept no more".to_owned()))?;
    Ok(resent(&engine.config, mail, &raw))
}

fn resent(config: &Config, mail: &ClaimedMail, raw: &[u8]) -> Vec<u8> {
    let domain = config.bounces.return_path.as_str();
    let date = mail.created_at.format("%a, %d %b %Y %H:%M:%S +0000");
    let mut message = format!(
        "Resent-From: postmaster@{domain}\r\nResent-To: {}\r\nResent-Date: {date}\r\n\
         Resent-Message-ID: <mail-{}.{}@{domain}>\r\n",
        mail.recipient,
        mail.id,
        mail.created_at.timestamp_millis()
    )
    .into_bytes();
    // An mbox line is no field, and only CR LF travels.
    let raw = raw.strip_prefix(b"From ").map_or(raw, |rest| {
        let end = memchr::memchr(b'\n', rest).map_or(rest.len(), |end| end + 1);
        &rest[end..]
    });
    for line in raw.split_inclusive(|byte| *byte == b'\n') {
        let line = line.strip_suffix(b"\n").unwrap_or(line);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        message.extend(line.iter().map(|byte| if *byte == b'\r' { b' ' } else { *byte }));
        message.extend(b"\r\n");
    }
    message
}
