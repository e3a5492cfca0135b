//! The ways in for reports: our own listener, folders of files, mailboxes. Each ends in the inbox.

use std::path::PathBuf;

use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::ServeError;
use crate::mail::intake::{listener, mailbox, maildir};
use crate::pipeline::Engine;
use crate::pipeline::intake::Inbox;

/// Starts them all; they end with `stop`.
///
/// # Errors
/// [`ServeError`] when an address cannot be listened at, or a certificate cannot be used.
pub async fn start(
    engine: &Engine,
    tasks: &mut JoinSet<()>,
    stop: &CancellationToken,
) -> Result<(), ServeError> {
    let bounces = &engine.config.bounces;
    let inbox = Inbox::new(engine);
    if let Some(address) = bounces.listen {
        let settings = listener::Settings::new(&engine.config)?;
        let socket = TcpListener::bind(address).await.map_err(|source| ServeError::Listen {
            key: "bounces.listen",
            address,
            source,
        })?;
        tracing::info!(address = %address, "reports are taken by LMTP and SMTP");
        tasks.spawn(listener::serve(socket, settings, inbox.clone(), stop.clone()));
    }
    if !bounces.maildirs.is_empty() {
        let folders: Vec<PathBuf> = bounces.maildirs.clone();
        tasks.spawn(maildir::watch(folders, inbox.clone(), stop.clone()));
    }
    for settings in &bounces.mailboxes {
        let config = engine.config.clone();
        let file = settings.password_file.clone();
        let password = move || config.read_secret(&file).map_err(|error| error.to_string());
        let settings = mailbox::Settings::new(settings.clone());
        tasks.spawn(mailbox::watch(settings, password, inbox.clone(), stop.clone()));
    }
    Ok(())
}
