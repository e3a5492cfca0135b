//! What `newsletterd check` says of the ways in for reports.

use super::{Failure, output};
use crate::mail::intake::mailbox;
use crate::pipeline::Engine;

/// Prints a line for each way in, and what to do about those that do not work; gives how many these
/// are. Servers are asked with `asks` only.
pub async fn print(engine: &Engine, asks: bool) -> Result<usize, Failure> {
    let bounces = &engine.config.bounces;
    let mut failed = 0;
    if bounces.listen.is_none()
        && bounces.mailboxes.is_empty()
        && bounces.maildirs.is_empty()
        && bounces.webhooks.is_empty()
    {
        output::line(
            "note  no way in for reports is set in [bounces]: what comes back after it was accepted is not seen, \
             unless a mail server pipes it into newsletterd bounce -",
        )?;
    }
    if let Some(address) = bounces.listen {
        output::line(format!("ok    reports come in by LMTP and SMTP at {address}"))?;
    }
    for folder in &bounces.maildirs {
        if folder.join("new").is_dir() {
            output::line(format!("ok    reports come in at the folder {}", folder.display()))?;
        } else {
            failed += 1;
            output::line(format!("FAIL  the folder {} is no Maildir that can be read", folder.display()))?;
            output::line(
                "      see bounces.maildirs: it has a folder new, which must be ours to read and write",
            )?;
        }
    }
    for settings in bounces.mailboxes.iter().filter(|_| asks) {
        let name = &settings.name;
        let counted = match engine.config.read_secret(&settings.password_file) {
            Ok(password) => mailbox::count(&mailbox::Settings::new(settings.clone()), &password)
                .await
                .map_err(|error| error.to_string()),
            Err(error) => Err(error.to_string()),
        };
        match counted {
            Ok(mails) => output::line(format!("ok    mailbox {name} answers: {mails} mails wait"))?,
            Err(error) => {
                failed += 1;
                output::line(format!("FAIL  mailbox {name} ({}): {error}", settings.url))?;
            }
        }
    }
    for webhook in &bounces.webhooks {
        let url = engine.config.web.public_url.as_str().trim_end_matches('/');
        output::line(format!("ok    {} calls {url}/webhooks/{}", webhook.kind, webhook.name))?;
    }
    Ok(failed)
}
