//! Refusals in a row that are ours: our content, our reputation, our authentication. A receiver
//! that refuses one letter for such a reason refuses the next as well, and every further attempt
//! makes it worse, so after so many in a row a run pauses and a person looks.

use std::num::NonZeroU16;

use super::delivery::{Blame, Outcome};
use super::setback::Setback;

/// How many letters were refused in a row for reasons on our side.
#[derive(Clone, Debug)]
pub struct Streak {
    pause_after: NonZeroU16,
    times: u32,
}

impl Streak {
    /// A row that begins now and is too long with the `pause_after`-th refusal.
    pub const fn new(pause_after: NonZeroU16) -> Self {
        Self { pause_after, times: 0 }
    }

    /// Adds an outcome and whose fault it is. What it gives is why the run is to pause: once, since
    /// the row then begins anew.
    ///
    /// An acceptance ends the row, and so does a refusal that is the recipient's own (no such
    /// address, a full mailbox): then letters are taken or judged one by one. What passes, what
    /// nobody knows, and a relay that is down say nothing about us and leave the row as it is.
    pub fn add(&mut self, outcome: &Outcome, blame: Option<Blame>) -> Option<Setback> {
        match (outcome, blame) {
            (_, Some(Blame::Policy)) => self.times = self.times.saturating_add(1),
            (Outcome::Accepted(_) | Outcome::Bounced(_) | Outcome::Rejected(_), None) => self.times = 0,
            (
                Outcome::Deferred(_)
                | Outcome::UnknownHost(_)
                | Outcome::Uncertain(_)
                | Outcome::RelayDown(_),
                None,
            )
            | (_, Some(Blame::Relay)) => return None,
        }
        if self.times < u32::from(self.pause_after.get()) {
            return None;
        }
        let times = std::mem::take(&mut self.times);
        Some(Setback::RefusedAgain { times, reply: outcome.reply().text.clone() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::delivery::Reply;

    fn reply(text: &str) -> Reply {
        Reply { code: 0, enhanced: None, text: text.to_owned() }
    }

    fn ours(streak: &mut Streak) -> Option<Setback> {
        streak.add(&Outcome::Rejected(reply("550 5.7.1 blocked")), Some(Blame::Policy))
    }

    fn streak(pause_after: u16) -> Streak {
        Streak::new(NonZeroU16::new(pause_after).unwrap())
    }

    #[test]
    fn the_refusal_that_is_one_too_many_pauses_with_its_words_and_only_once() {
        let mut streak = streak(3);
        assert_eq!((ours(&mut streak), ours(&mut streak)), (None, None));
        let why = Setback::RefusedAgain { times: 3, reply: "550 5.7.1 blocked".to_owned() };
        assert_eq!(ours(&mut streak), Some(why));
        assert_eq!(ours(&mut streak), None);
    }

    #[test]
    fn what_a_receiver_judges_by_itself_ends_the_row() {
        for outcome in [
            Outcome::Accepted(reply("")),
            Outcome::Bounced(reply("no such user")),
            Outcome::Rejected(reply("mailbox full")),
        ] {
            let mut streak = streak(2);
            ours(&mut streak);
            assert_eq!(streak.add(&outcome, None), None);
            assert_eq!(ours(&mut streak), None, "{outcome:?}");
            assert!(ours(&mut streak).is_some(), "{outcome:?}");
        }
    }

    #[test]
    fn what_says_nothing_about_us_neither_ends_nor_lengthens_it() {
        let mut streak = streak(2);
        ours(&mut streak);
        for (outcome, blame) in [
            (Outcome::Deferred(reply("greylisted")), None),
            (Outcome::UnknownHost(reply("")), None),
            (Outcome::Uncertain(reply("")), None),
            (Outcome::RelayDown(reply("refused")), Some(Blame::Relay)),
        ] {
            assert_eq!(streak.add(&outcome, blame), None);
        }
        assert!(ours(&mut streak).is_some());
    }
}
