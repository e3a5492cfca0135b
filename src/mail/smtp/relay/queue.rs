//! What waits for a connection, and who serves it.
//!
//! Everything stands under one lock that is held for moments. Connections are tasks that take from
//! the queue; each holds a [`Slot`], whose drop counts it out.

use std::collections::VecDeque;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::FutureExt as _;
use tokio::sync::Notify;

use super::connection;
use super::feedback::Feedback;
use super::job::Job;
use crate::mail::smtp::classify::classify;
use crate::mail::smtp::parcel::End;
use crate::mail::smtp::session::Answer;
use crate::mail::smtp::settings::RelaySettings;
use crate::mail::tls::Tls;

/// Parcels that wait for each connection that there may be.
const WAITING_PER_CONNECTION: usize = 2;

/// What the connections of one relay have in common.
pub(super) struct Shared {
    pub(super) settings: RelaySettings,
    pub(super) tls: Option<Tls>,
    state: Mutex<State>,
    /// Rings for one idle connection.
    pub(super) bell: Notify,
    /// Rings for one who waits to hand in a parcel.
    room: Notify,
    /// Rings when a connection of an earlier time is gone.
    gone: Notify,
}

struct State {
    /// Single mails.
    urgent: VecDeque<Job>,
    /// What lost its connection. It goes out alone, so that nobody else is lost with it.
    returned: VecDeque<Job>,
    bulk: VecDeque<Job>,
    feedback: Feedback,
    standing: [usize; 4],
    /// Counts the times that all was closed.
    time: u64,
    /// Connections of earlier times.
    old: usize,
}

/// What a connection is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    Opening,
    Busy,
    Idle,
    /// It takes leave, or has been left: it still counts with the relay, but serves nobody.
    Leaving,
}

impl State {
    const fn count(&mut self, standing: Standing) -> &mut usize {
        &mut self.standing[standing as usize]
    }

    fn all(&self) -> usize {
        self.standing.iter().sum()
    }

    const fn open(&self) -> usize {
        self.standing[Standing::Busy as usize] + self.standing[Standing::Idle as usize]
    }

    fn queued(&self) -> usize {
        self.urgent.len() + self.returned.len() + self.bulk.len()
    }

    fn room(&self) -> usize {
        WAITING_PER_CONNECTION * self.feedback.limit()
    }

    /// Whether another connection would find work, and may be opened.
    fn wants_connection(&self) -> bool {
        let ready = self.standing[Standing::Idle as usize] + self.standing[Standing::Opening as usize];
        self.queued() > ready && self.all() < self.feedback.limit()
    }

    fn take_all(&mut self) -> Vec<Job> {
        [&mut self.urgent, &mut self.returned, &mut self.bulk].into_iter().flat_map(std::mem::take).collect()
    }
}

/// What the queue has for a connection.
pub(super) enum Turn {
    Job(Job),
    /// Nothing now.
    Wait,
    /// This connection is not wanted any more.
    Leave,
}

impl Shared {
    pub(super) fn new(settings: RelaySettings, tls: Option<Tls>) -> Self {
        let feedback = Feedback::new(settings.connections);
        let state = State {
            urgent: VecDeque::new(),
            returned: VecDeque::new(),
            bulk: VecDeque::new(),
            feedback,
            standing: [0; 4],
            time: 0,
            old: 0,
        };
        Self {
            settings,
            tls,
            state: Mutex::new(state),
            bell: Notify::new(),
            room: Notify::new(),
            gone: Notify::new(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads or changes where the number of connections stands.
    pub(super) fn feedback<T>(&self, look: impl FnOnce(&mut Feedback) -> T) -> T {
        look(&mut self.state().feedback)
    }

    /// Hands in a single mail.
    pub(super) fn push_urgent(self: &Arc<Self>, job: Job) {
        self.state().urgent.push_back(job);
        self.call();
    }

    /// Hands in one of many, when there is room for it and at most `ahead` wait before it.
    pub(super) async fn push_bulk(self: &Arc<Self>, job: Job, ahead: usize) {
        loop {
            let mut room = std::pin::pin!(self.room.notified());
            room.as_mut().enable();
            {
                let mut state = self.state();
                if state.bulk.len() < state.room() && state.bulk.len() <= ahead {
                    state.bulk.push_back(job);
                    if state.bulk.len() < state.room() {
                        self.room.notify_one();
                    }
                    break;
                }
            }
            room.await;
        }
        self.call();
    }

    /// Sees to it that somebody takes what waits: an idle connection, or a new one where there may
    /// be one more.
    pub(super) fn call(self: &Arc<Self>) {
        let mut slots = Vec::new();
        {
            let mut state = self.state();
            if *state.count(Standing::Idle) > 0 {
                self.bell.notify_one();
            }
            while state.wants_connection() {
                *state.count(Standing::Opening) += 1;
                slots.push(Slot { shared: Arc::clone(self), time: state.time, standing: Standing::Opening });
            }
        }
        // Counted before the first is spawned: a runtime that ends drops them at once, and must not be
        // asked again and again.
        for slot in slots {
            let shared = Arc::clone(self);
            tokio::spawn(async move {
                if AssertUnwindSafe(connection::run(slot)).catch_unwind().await.is_err() {
                    shared.call();
                }
            });
        }
    }

    /// All that waits is handed back, all that is on its way is finished, and all connections of now
    /// are closed.
    pub(super) async fn close(&self) {
        let waiting = {
            let mut state = self.state();
            state.time += 1;
            state.old = state.all();
            state.take_all()
        };
        for job in waiting {
            job.finish(End::NotSent);
        }
        self.room.notify_waiters();
        self.bell.notify_waiters();
        loop {
            let mut gone = std::pin::pin!(self.gone.notified());
            gone.as_mut().enable();
            {
                if self.state().old == 0 {
                    return;
                }
            }
            gone.await;
        }
    }
}

/// A connection's place among those of its relay.
pub(super) struct Slot {
    pub(super) shared: Arc<Shared>,
    time: u64,
    standing: Standing,
}

impl Slot {
    /// Notes what the connection is doing now.
    pub(super) fn stand(&mut self, standing: Standing) {
        let shared = Arc::clone(&self.shared);
        self.stand_in(&mut shared.state(), standing);
    }

    fn stand_in(&mut self, state: &mut State, standing: Standing) {
        *state.count(self.standing) -= 1;
        *state.count(standing) += 1;
        self.standing = standing;
    }

    /// The next job. `behind`: its envelope is to go out behind another's message. Then what lost a
    /// connection before is not for it, nor anything while such a job waits.
    pub(super) fn take(&mut self, behind: bool) -> Turn {
        let shared = Arc::clone(&self.shared);
        let mut state = shared.state();
        if self.time != state.time || state.open() > state.feedback.limit() {
            if !behind {
                self.stand_in(&mut state, Standing::Leaving);
            }
            return Turn::Leave;
        }
        let job = match state.urgent.pop_front() {
            None if state.returned.is_empty() => {
                let job = state.bulk.pop_front();
                // Half a queue at a time, so that who fills it is not woken for each.
                if state.bulk.len() <= state.room() / 2 {
                    shared.room.notify_one();
                }
                job
            }
            None if behind => None,
            None => state.returned.pop_front(),
            urgent => urgent,
        };
        if !behind {
            let standing = if job.is_some() { Standing::Busy } else { Standing::Idle };
            self.stand_in(&mut state, standing);
        }
        job.map_or(Turn::Wait, Turn::Job)
    }

    /// A job that needs another connection.
    pub(super) fn give_back(&self, job: Job) {
        {
            let mut state = self.shared.state();
            if self.time == state.time {
                state.returned.push_back(job);
                return;
            }
        }
        job.finish(End::NotSent);
    }

    /// The relay took a message.
    pub(super) fn accepted(&self) {
        let grown = self.shared.feedback(Feedback::accepted);
        if grown {
            self.shared.call();
        }
    }

    /// The relay ended this connection to have fewer. Gives whether others are open.
    pub(super) fn refused(&self) -> bool {
        let mut state = self.shared.state();
        let mine = matches!(self.standing, Standing::Busy | Standing::Idle);
        let others = state.open() - usize::from(mine);
        if others > 0 && state.feedback.refused(others) {
            let (relay, connections) = (&self.shared.settings.name, state.feedback.limit());
            tracing::info!(relay, connections, "the relay takes fewer connections");
        }
        others > 0
    }

    /// No connection could be opened. When there is no other, the relay is down, and whoever waits for it
    /// has it back.
    pub(super) fn not_opened(mut self, answer: &Answer) {
        if self.refused() {
            return;
        }
        let shared = Arc::clone(&self.shared);
        let mut state = shared.state();
        self.stand_in(&mut state, Standing::Leaving);
        if self.time != state.time {
            drop(state);
            return self.leave();
        }
        if *state.count(Standing::Opening) > 0 {
            // What waits is left to those; a new one might fail as fast as they are called.
            return;
        }
        state.feedback.down();
        let told = state.urgent.len() + 1;
        let waiting = state.take_all();
        drop(state);
        shared.room.notify_one();
        for (place, job) in waiting.into_iter().enumerate() {
            // Single mails are told, and the one of many for whom it was opened; for the others
            // nothing was tried.
            let end =
                if place < told { End::Outcome(classify(answer.step, &answer.reply)) } else { End::NotSent };
            job.finish(end);
        }
        // For what came meanwhile: this one still counted, and would have served nobody.
        self.leave();
    }

    /// The connection is gone. Others are called for what waits.
    pub(super) fn leave(self) {
        let shared = Arc::clone(&self.shared);
        drop(self);
        shared.call();
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut state = self.shared.state();
        *state.count(self.standing) -= 1;
        if self.time != state.time {
            state.old -= 1;
            self.shared.gone.notify_waiters();
        }
    }
}
