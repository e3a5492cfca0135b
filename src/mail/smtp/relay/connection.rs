//! One connection at work: it takes what waits, and keeps the relay busy.
//!
//! Where the relay pipelines, each write is one message with its final dot and the envelope of the
//! next, so that a message costs one round trip. The reply to a message is told before the replies
//! to the next envelope are read, and read before the next message is written: at most one message
//! on each connection is ever in doubt.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::sleep;

use super::job::{Job, Ready};
use super::queue::{Slot, Standing, Turn};
use crate::domain::delivery::Outcome;
use crate::mail::smtp::classify::{Step, classify, is_crowded};
use crate::mail::smtp::parcel::{End, Packed};
use crate::mail::smtp::session::{Answer, Fault, Session, Verdict};

/// An idle connection older than this is not trusted: a firewall may have forgotten it without a
/// word, and then MAIL would wait for its whole timeout.
const IDLE_MAX: Duration = Duration::from_secs(30);
/// So many connections may be lost under a message before it goes back to whoever gave it.
const LOST_MAX: u32 = 3;

/// The life of one connection.
pub(super) async fn run(mut slot: Slot) {
    let shared = Arc::clone(&slot.shared);
    let session = match Session::open(&shared.settings, shared.tls.as_ref()).await {
        Ok(session) => session,
        Err(answer) => return slot.not_opened(&answer),
    };
    slot.stand(Standing::Busy);
    let mut connection = Connection { slot, session, spent: false };
    while let Some(job) = connection.wait().await {
        connection.work(job).await;
        if connection.is_spent() {
            break;
        }
    }
    let Connection { mut slot, session, .. } = connection;
    slot.stand(Standing::Leaving);
    session.quit().await;
    slot.leave();
}

struct Connection {
    slot: Slot,
    session: Session,
    /// Whether it takes leave after what is on its way.
    spent: bool,
}

impl Connection {
    fn is_spent(&self) -> bool {
        let most = self.slot.shared.settings.messages_per_connection;
        self.spent || !self.session.is_usable() || self.session.begun() >= most
    }

    /// The next job, when there is one; `None` when the connection is to be closed.
    async fn wait(&mut self) -> Option<Ready> {
        let shared = Arc::clone(&self.slot.shared);
        loop {
            // Heard from now on, so that nothing that happens before it is waited for is missed.
            let mut bell = pin!(shared.bell.notified());
            bell.as_mut().enable();
            match self.slot.take(false) {
                Turn::Leave => return None,
                Turn::Job(job) => {
                    if let Some(ready) = self.prepare(job) {
                        return Some(ready);
                    }
                }
                Turn::Wait => tokio::select! {
                    biased;
                    () = self.session.unasked() => return None,
                    () = bell => {}
                    () = sleep(IDLE_MAX) => return None,
                },
            }
        }
    }

    /// What is at hand to go out behind a message; waits for nothing.
    fn next(&mut self) -> Option<Ready> {
        while self.session.is_pipelining() && !self.is_spent() {
            let Turn::Job(job) = self.slot.take(true) else { break };
            if let Some(ready) = self.prepare(job) {
                return Some(ready);
            }
        }
        None
    }

    fn prepare(&self, job: Job) -> Option<Ready> {
        let ready = job.pack()?;
        match self.session.obstacle(&ready.packed) {
            Some(reply) => {
                ready.finish(End::Outcome(Outcome::Rejected(reply)));
                None
            }
            None => Some(ready),
        }
    }

    /// Sends one job, and all that are at hand when it goes out.
    async fn work(&mut self, first: Ready) {
        let mut verdict = self.begin(&first.packed, first.lost()).await;
        let mut current = first;
        loop {
            let next = match verdict {
                Verdict::Go if !current.may_go() => {
                    self.session.abandon();
                    current.finish(End::NotSent);
                    None
                }
                Verdict::Go => self.finish(current).await,
                Verdict::RefusedInData(answer) => {
                    self.settle(current, &answer);
                    let next = self.next();
                    self.session.send_nothing(next.as_ref().map(|next| &next.packed)).await;
                    next
                }
                Verdict::Refused(answer) => {
                    self.settle(current, &answer);
                    None
                }
            };
            let Some(next) = next else { return };
            if !self.session.is_usable() {
                // The relay was not asked about it, or did not come to it.
                return self.slot.give_back(next.give_back());
            }
            verdict = self.session.verdict().await;
            current = next;
        }
    }

    /// The envelope by itself.
    async fn begin(&mut self, packed: &Packed, lost: u32) -> Verdict {
        // A message under which a connection was lost may be the reason: in lock-step it shows.
        if !self.session.is_pipelining() || lost > 0 {
            return self.session.envelope_in_lock_step(packed).await;
        }
        match self.session.send_envelope(packed).await {
            Ok(()) => self.session.verdict().await,
            Err(answer) => Verdict::Refused(answer),
        }
    }

    /// The message, behind it the envelope of the job that it gives back, and the relay's reply.
    async fn finish(&mut self, mut current: Ready) -> Option<Ready> {
        let next = self.next();
        current.set_in_doubt(true);
        let envelope = next.as_ref().map(|next| &next.packed);
        let answer = match self.session.send_message(&current.packed.data, envelope).await {
            Ok(()) => self.session.hear_end().await,
            Err(answer) => answer,
        };
        if answer.step == Step::Dot && answer.reply.code / 100 == 2 {
            self.slot.accepted();
        }
        self.settle(current, &answer);
        next
    }

    /// What an answer means for its job, for this connection and for the number of connections.
    fn settle(&mut self, job: Ready, answer: &Answer) {
        if self.tries_again(&job, answer) {
            self.spent = true;
            return self.slot.give_back(job.give_back());
        }
        job.finish(End::Outcome(classify(answer.step, &answer.reply)));
    }

    /// Whether the answer is none about this message, so that another connection is to carry it.
    fn tries_again(&self, job: &Ready, answer: &Answer) -> bool {
        let proved = self.session.has_proved_itself();
        let passing = answer.hung_up() || answer.reply.code / 100 == 4;
        let crowded = passing && is_crowded(&answer.reply);
        match answer.step {
            // A relay that takes so many messages on one connection, or closed it while it was idle.
            Step::Mail if proved => {
                if crowded {
                    self.slot.refused();
                }
                (passing || answer.fault != Fault::Reply) && job.lost() < LOST_MAX
            }
            Step::Mail => {
                let others = (crowded || answer.hung_up()) && self.slot.refused();
                let unclear =
                    answer.fault == Fault::Closed && self.session.is_pipelining() && job.lost() == 0;
                (others || unclear) && job.lost() < LOST_MAX
            }
            _ => {
                if crowded || answer.reply.code == 421 {
                    self.slot.refused();
                }
                // Once: for whom the relay hangs up on a connection of his own, it is about him.
                let before = matches!(answer.step, Step::Rcpt | Step::Data);
                before && proved && answer.hung_up() && job.lost() == 0
            }
        }
    }
}
