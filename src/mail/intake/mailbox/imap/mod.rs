//! A mailbox read by IMAP (RFC 3501), with IDLE (RFC 2177), MOVE (RFC 6851) and UIDPLUS (RFC 4315)
//! where the server has them.

mod name;
mod response;
mod session;
mod sign_in;

pub(super) use session::{Session, Uid};

use super::memory::Memory;
use super::{Swept, Trouble, keep, unreadable};
use crate::config::Done;
use crate::domain::bounce::Intake;
use crate::mail::intake::{Keeper, Kept};
use session::{Fetched, Listed};

/// So many mails are listed at once, and leave together.
const AT_ONCE: u32 = 50;

/// Mails that are to leave.
#[derive(Default)]
struct Leaving {
    done: Vec<Uid>,
    aside: Vec<Uid>,
}

/// Goes through all mails that are in the folder now, one after the other.
pub(super) async fn sweep<K: Keeper>(
    session: &mut Session<'_>,
    keeper: &K,
    memory: &mut Memory<Uid>,
) -> Result<Swept, Trouble> {
    let mut swept = Swept::default();
    // A server whose mails do not go although it says so is not asked without end.
    let mut ahead = session.begin();
    if ahead == 0 {
        memory.retain(|_| false);
    }
    // What stays is passed over; what leaves makes room for what comes behind it.
    let mut first = 1;
    while ahead > 0 {
        let listed = session.list(first, AT_ONCE.min(ahead)).await?;
        ahead -= AT_ONCE.min(ahead);
        let mut leaving = Leaving::default();
        let mut ended = Ok(());
        for mail in &listed {
            if memory.is_left(&mail.uid) {
                continue;
            }
            ended = look(session, keeper, memory, mail, &mut leaving).await;
            if ended.is_err() {
                break;
            }
        }
        // What is kept leaves even where the next one cannot be kept now.
        let broken = matches!(&ended, Err(trouble) if !matches!(trouble, Trouble::NotNow(_)));
        if broken {
            memory.broken(matches!(ended, Err(Trouble::TooMuch(_))));
        } else {
            let gone = let_go(session, memory, &leaving).await?;
            swept.kept += leaving.done.len();
            swept.aside += leaving.aside.len();
            let stayed = u32::try_from(listed.len()).unwrap_or(u32::MAX).saturating_sub(gone);
            swept.left += usize::try_from(stayed).unwrap_or(usize::MAX);
            first += stayed;
        }
        ended?;
    }
    Ok(swept)
}

/// Fetches one mail and has it kept.
async fn look<K: Keeper>(
    session: &mut Session<'_>,
    keeper: &K,
    memory: &mut Memory<Uid>,
    mail: &Listed,
    leaving: &mut Leaving,
) -> Result<(), Trouble> {
    let fetched = if mail.size > session.settings().limits.most || memory.cannot_be_had(&mail.uid) {
        Fetched::Refused
    } else {
        memory.begin(&mail.uid);
        session.fetch(mail.uid).await?
    };
    memory.end();
    match fetched {
        Fetched::Gone => {}
        Fetched::Refused => {
            unreadable(session.settings(), Some(mail.size));
            leaving.aside.push(mail.uid);
        }
        Fetched::Mail(bytes) => match keep(keeper, Intake::Imap, bytes).await? {
            Kept::Report => leaving.done.push(mail.uid),
            Kept::ForPeople => leaving.aside.push(mail.uid),
        },
    }
    Ok(())
}

/// Has the mails leave, and gives how many have.
async fn let_go(
    session: &mut Session<'_>,
    memory: &mut Memory<Uid>,
    leaving: &Leaving,
) -> Result<u32, Trouble> {
    let mailbox = &session.settings().mailbox;
    let mut gone = session.move_to(mailbox.aside.as_str(), &leaving.aside, memory).await?;
    gone += match &mailbox.done {
        Done::Delete => session.delete(&leaving.done, memory).await?,
        Done::MoveTo(folder) => session.move_to(folder.as_str(), &leaving.done, memory).await?,
    };
    Ok(gone)
}
