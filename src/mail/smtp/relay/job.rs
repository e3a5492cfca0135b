//! A parcel on its way through the relay, which is answered exactly once whatever happens.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::super::parcel::{End, Packed, Parcel};
use super::super::reply::no_reply;
use crate::domain::delivery::Outcome;

/// A parcel in the queue or on a connection. When it is dropped without an end (a panic, a runtime
/// that ends), its parcel is told what then holds: that nothing was sent, or that nobody knows.
pub(super) struct Job {
    parcel: Option<Box<dyn Parcel>>,
    /// How often a connection was lost under it before the relay knew the message.
    lost: u32,
    /// Whether the whole message may have left, and no reply came yet.
    in_doubt: bool,
    /// What an earlier connection did not get to send.
    packed: Option<Packed>,
}

/// A job with its envelope and message.
pub(super) struct Ready {
    job: Job,
    pub(super) packed: Packed,
}

impl Job {
    pub(super) const fn new(parcel: Box<dyn Parcel>) -> Self {
        Self { parcel: Some(parcel), lost: 0, in_doubt: false, packed: None }
    }

    /// Makes it ready to go. A parcel that is not to be sent any more has its end here; so has one
    /// whose making panics, and nobody else suffers from it.
    pub(super) fn pack(mut self) -> Option<Ready> {
        let parcel = self.parcel.as_mut()?;
        let packed = match self.packed.take() {
            Some(packed) => parcel.may_go().then_some(packed),
            None => catch_unwind(AssertUnwindSafe(|| parcel.pack())).unwrap_or(None),
        };
        match packed {
            Some(packed) => Some(Ready { job: self, packed }),
            None => {
                self.finish(End::NotSent);
                None
            }
        }
    }

    /// Tells the parcel its end.
    pub(super) fn finish(mut self, end: End) {
        if let Some(parcel) = self.parcel.take() {
            parcel.done(end);
        }
    }
}

impl Drop for Job {
    fn drop(&mut self) {
        let Some(parcel) = self.parcel.take() else { return };
        parcel.done(if self.in_doubt {
            End::Outcome(Outcome::Uncertain(no_reply("the connection was left before the relay answered")))
        } else {
            End::NotSent
        });
    }
}

impl Ready {
    /// How often a connection was lost under it.
    pub(super) const fn lost(&self) -> u32 {
        self.job.lost
    }

    /// Whether the message may still go out.
    pub(super) fn may_go(&self) -> bool {
        self.job.parcel.as_ref().is_some_and(|parcel| parcel.may_go())
    }

    /// From now on nobody knows, until the relay answers.
    pub(super) const fn set_in_doubt(&mut self, in_doubt: bool) {
        self.job.in_doubt = in_doubt;
    }

    /// For another connection.
    pub(super) fn give_back(mut self) -> Job {
        self.job.lost += 1;
        self.job.packed = Some(self.packed);
        self.job
    }

    /// Tells the parcel its end.
    pub(super) fn finish(self, end: End) {
        self.job.finish(end);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Sender, channel};

    use super::*;
    use crate::domain::address::EmailAddress;
    use crate::mail::smtp::{Envelope, MailData};

    struct Letter(Sender<End>);

    impl Parcel for Letter {
        fn pack(&mut self) -> Option<Packed> {
            let to = EmailAddress::parse("ana@example.org").unwrap();
            let envelope = Envelope { from: None, to, id: None };
            Some(Packed { envelope, data: MailData::new(b"Hello\r\n") })
        }

        fn may_go(&self) -> bool {
            true
        }

        fn done(self: Box<Self>, end: End) {
            self.0.send(end).unwrap();
        }
    }

    #[test]
    fn what_is_dropped_has_an_end_too() {
        let (tell, told) = channel();
        let job = || Job::new(Box::new(Letter(tell.clone())));
        drop(job());
        drop(job().pack());
        let mut ready = job().pack().unwrap();
        ready.set_in_doubt(true);
        drop(ready);
        job().finish(End::NotSent);
        drop(tell);
        let ends: Vec<_> = told.iter().map(|end| matches!(end, End::NotSent)).collect();
        assert_eq!(ends, [true, true, false, true]);
    }
}
