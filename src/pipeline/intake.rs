//! The inbox of reports: whatever way one comes in, it is kept here, once, before its source lets go of
//! it. What it says is looked at afterwards, by `track`.

use sha2::{Digest as _, Sha256};

use super::Engine;
use crate::domain::bounce::Form;
use crate::mail::intake::{Content, Incoming, Keeper, Kept, NotNow};
use crate::mail::report;
use crate::store::reports::{self, NewReport};

/// Keeps reports in the database.
#[derive(Clone)]
pub struct Inbox {
    engine: Engine,
}

impl Inbox {
    /// The inbox of an engine's database.
    pub fn new(engine: &Engine) -> Self {
        Self { engine: engine.clone() }
    }

    async fn write(&self, incoming: Incoming) -> super::Result<Kept> {
        let now = self.engine.clock.now();
        let came_to = incoming.came_to.as_deref();
        let (key, form, raw, kept) = match incoming.content {
            Content::Mail(bytes) => {
                let for_people = report::read(&bytes, came_to).is_for_people();
                let kept = if for_people { Kept::ForPeople } else { Kept::Report };
                (mail_key(&bytes, came_to), Form::Mail, bytes, kept)
            }
            Content::Told { key, report } => {
                let raw = serde_json::to_vec(&report)
                    .map_err(|source| super::PipelineError::Stored { what: "a report", source })?;
                (key, Form::Report, raw, Kept::Report)
            }
        };
        let new = NewReport {
            intake: incoming.intake,
            key: &key,
            form,
            came_to,
            raw: &raw,
            raw_until: now + self.engine.config.bounces.keep.delta(),
        };
        let mut tx = self.engine.db.begin().await?;
        if reports::keep(&mut tx, &new, now).await? {
            tx.ring().await?;
            tx.commit().await?;
            self.engine.wake.notify_waiters();
        }
        Ok(kept)
    }
}

impl Keeper for Inbox {
    async fn keep(&self, incoming: Incoming) -> Result<Kept, NotNow> {
        self.write(incoming).await.map_err(|error| NotNow(error.to_string()))
    }

    fn is_ours(&self, address: &str) -> bool {
        let Some((local, domain)) = address.rsplit_once('@') else {
            return address.eq_ignore_ascii_case("postmaster");
        };
        if !domain.eq_ignore_ascii_case(self.engine.config.bounces.return_path.as_str()) {
            return false;
        }
        let keys = &self.engine.keys;
        local.eq_ignore_ascii_case("postmaster")
            || keys.read_return_path(local).is_ok()
            || keys.read_leaving(local).is_ok()
    }
}

/// The same for the same mail, whatever line ends it has, at the same address of ours.
fn mail_key(bytes: &[u8], came_to: Option<&str>) -> String {
    let mut hash = Sha256::new();
    hash.update(came_to.unwrap_or_default().to_ascii_lowercase());
    hash.update([0]);
    for line in bytes.split(|byte| *byte == b'\n') {
        hash.update(line.strip_suffix(b"\r").unwrap_or(line));
        hash.update([b'\n']);
    }
    format!("mail:{}", data_encoding::HEXLOWER.encode(&hash.finalize()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_mail_has_the_same_key() {
        let key = mail_key(b"a: b\r\n\r\nc\r\n", Some("Bounce-x@example.org"));
        assert_eq!(mail_key(b"a: b\n\nc\n", Some("bounce-X@example.org")), key);
        assert_ne!(mail_key(b"a: b\n\nc\n", None), key);
        assert_ne!(mail_key(b"a: b\n\nc\n\n", Some("bounce-x@example.org")), key);
    }
}
