//! A mailbox read by POP3 (RFC 1939). It has no folders: what is for people stays in it, and is fetched
//! once by each process that reads it.

mod session;

use std::collections::HashSet;

use super::memory::Memory;
use super::{Settings, Swept, Trouble, keep, unreadable};
use crate::config::Secret;
use crate::domain::bounce::Intake;
use crate::mail::intake::{Keeper, Kept};
use session::{Listed, Session};

/// After so many deletions the session ends, which makes them last.
const AT_ONCE: usize = 200;

/// Goes through all mails that are in the mailbox now, one after the other.
pub(super) async fn sweep<K: Keeper>(
    settings: &Settings,
    password: &Secret,
    keeper: &K,
    memory: &mut Memory<String>,
) -> Result<Swept, Trouble> {
    let mut swept = Swept::default();
    loop {
        let mut session = Session::open(settings, password).await?;
        let listed = session.list().await?;
        let there: HashSet<&String> = listed.iter().map(|mail| &mail.name).collect();
        memory.retain(|name| there.contains(name));
        let mut deleted = 0;
        let mut ended = Ok(());
        for mail in &listed {
            if memory.is_left(&mail.name) {
                continue;
            }
            ended = look(&mut session, keeper, memory, mail, &mut deleted).await;
            if ended.is_err() || deleted == AT_ONCE {
                break;
            }
        }
        if let Err(trouble) = &ended
            && !matches!(trouble, Trouble::NotNow(_))
        {
            memory.broken(matches!(trouble, Trouble::TooMuch(_)));
        } else {
            // Only a session that ends well deletes (RFC 1939 section 6).
            session.quit().await?;
            swept.kept += deleted;
        }
        ended?;
        if deleted < AT_ONCE {
            swept.left = listed.len() - deleted;
            return Ok(swept);
        }
    }
}

/// How many mails there are.
pub(super) async fn count(settings: &Settings, password: &Secret) -> Result<usize, Trouble> {
    let mut session = Session::open(settings, password).await?;
    let count = session.count().await?;
    session.quit().await?;
    Ok(count)
}

/// Fetches one mail, has it kept, and marks it as deleted.
async fn look<K: Keeper>(
    session: &mut Session<'_>,
    keeper: &K,
    memory: &mut Memory<String>,
    mail: &Listed,
    deleted: &mut usize,
) -> Result<(), Trouble> {
    let settings = session.settings();
    let fetched = if mail.size > settings.limits.most || memory.cannot_be_had(&mail.name) {
        None
    } else {
        memory.begin(&mail.name);
        session.fetch(mail.number).await?
    };
    memory.end();
    let Some(bytes) = fetched else {
        unreadable(settings, Some(mail.size));
        memory.leave(mail.name.clone());
        return Ok(());
    };
    match keep(keeper, Intake::Pop3, bytes).await? {
        Kept::Report => {
            session.delete(mail.number).await?;
            *deleted += 1;
        }
        Kept::ForPeople => memory.leave(mail.name.clone()),
    }
    Ok(())
}
