//! How many connections a relay is given, by what it answers: a pure rule.
//!
//! It begins small. Until the relay first refuses a connection, each acceptance brings one more, so that
//! they double with each round, as TCP's slow start does; after that they grow by one for each round of
//! acceptances, as in Postfix. Where the relay refused a further connection there is a wall: a
//! connection beyond it is tried only after a hundred acceptances, and after twice as many each time
//! that the wall still stands, so that a relay with a limit of its own is not asked again and again.

/// Connections that a relay gets before anything is known of it.
const START: usize = 2;
/// Acceptances before a wall is tried for the first time.
const PATIENCE: usize = 100;
/// How often the patience is doubled at most.
const DOUBLINGS_MAX: u32 = 10;

/// Where the number of connections stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Feedback {
    window: usize,
    most: usize,
    share: usize,
    accepted: usize,
    wall: Option<Wall>,
    /// Whether it ever had fewer than it asked for.
    was_refused: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Wall {
    /// So many connections the relay did give.
    at: usize,
    /// How often it stood when it was tried.
    met: u32,
}

impl Feedback {
    /// For a relay of which nothing is known, with at most `most` connections.
    pub(super) fn new(most: usize) -> Self {
        Self { window: START, most, share: most, accepted: 0, wall: None, was_refused: false }
    }

    /// Connections that may be open now; at least one.
    pub(super) fn limit(&self) -> usize {
        self.window.min(self.most).min(self.share).max(1)
    }

    /// Other processes use the relay too: so many connections are ours.
    pub(super) fn share(&mut self, connections: usize) {
        self.share = connections.max(1);
    }

    /// Where it stood when the last process ended.
    pub(super) fn begin_with(&mut self, connections: usize) {
        *self = Self { window: connections.clamp(1, self.most), share: self.share, ..Self::new(self.most) };
    }

    /// The relay took a message. Gives whether there may be one connection more now.
    pub(super) fn accepted(&mut self) -> bool {
        if self.window > self.limit() || self.window >= self.most {
            return false;
        }
        self.accepted += 1;
        let round = match self.wall {
            Some(wall) if self.window >= wall.at => self.window.max(PATIENCE << wall.met),
            None if !self.was_refused => 1,
            _ => self.window,
        };
        if self.accepted < round {
            return false;
        }
        self.accepted = 0;
        // It has grown beyond the wall and worked there for a round.
        self.wall = self.wall.filter(|wall| self.window <= wall.at);
        let before = self.limit();
        self.window += 1;
        self.limit() > before
    }

    /// The relay refused a further connection, or ended one to have fewer; `open` are left. Gives
    /// whether there are fewer now.
    pub(super) fn refused(&mut self, open: usize) -> bool {
        let open = open.max(1);
        if open >= self.window {
            // Asked for together with one that was refused already.
            return false;
        }
        let met =
            self.wall.filter(|wall| wall.at <= open).map_or(0, |wall| (wall.met + 1).min(DOUBLINGS_MAX));
        let wall = Some(Wall { at: open, met });
        *self = Self { window: open, accepted: 0, wall, was_refused: true, ..self.clone() };
        true
    }

    /// The relay gives no connection at all: when it is back, it is as good as new.
    pub(super) fn down(&mut self) {
        self.window = self.window.min(START);
        self.accepted = 0;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// How many acceptances it takes until there is one connection more.
    fn acceptances(feedback: &mut Feedback) -> usize {
        (1..1_000_000).find(|_| feedback.accepted()).unwrap()
    }

    #[test]
    fn it_begins_small_and_doubles_with_each_round_until_it_is_refused() {
        let mut feedback = Feedback::new(100);
        let rounds: Vec<_> = (0..4)
            .map(|_| {
                let in_this_round = feedback.limit();
                (0..in_this_round).for_each(|_| assert!(feedback.accepted()));
                feedback.limit()
            })
            .collect();
        assert_eq!(rounds, [4, 8, 16, 32]);
        assert!(feedback.refused(20));
        assert_eq!(acceptances(&mut feedback), 100);
    }

    #[test]
    fn once_refused_it_grows_by_a_round_of_acceptances() {
        let mut feedback = Feedback { was_refused: true, ..Feedback::new(5) };
        let mut story = vec![(feedback.limit(), 0)];
        while feedback.limit() < 5 {
            let taken = acceptances(&mut feedback);
            story.push((feedback.limit(), taken));
        }
        assert_eq!(story, [(2, 0), (3, 2), (4, 3), (5, 4)]);
        assert!((0..1_000).all(|_| !feedback.accepted()));
        assert_eq!(Feedback::new(1).limit(), 1);
    }

    #[test]
    fn a_wall_is_tried_less_and_less_often() {
        let mut feedback = Feedback::new(100);
        feedback.begin_with(20);
        assert!(feedback.refused(8));
        // The others that were asked for in the same moment.
        assert!((0..5).all(|_| !feedback.refused(8)));
        let mut story = Vec::new();
        for _ in 0..4 {
            story.push((feedback.limit(), acceptances(&mut feedback)));
            assert!(feedback.refused(8));
        }
        assert_eq!(story, [(8, 100), (8, 200), (8, 400), (8, 800)]);
        // It is gone: the first connection beyond works for a round, and then all is as before.
        let beyond: Vec<_> = (0..3).map(|_| acceptances(&mut feedback)).collect();
        assert_eq!(beyond, [1600, 1600, 10]);
        assert_eq!(feedback.limit(), 11);
    }

    #[test]
    fn fewer_than_before_is_a_new_wall() {
        let mut feedback = Feedback::new(100);
        feedback.begin_with(20);
        for (open, limit, next) in [(15, 15, 100), (5, 5, 100), (0, 1, 100)] {
            assert!(feedback.clone().refused(open));
            feedback.refused(open);
            assert_eq!(feedback.limit(), limit);
            assert_eq!(acceptances(&mut feedback.clone()), next);
        }
        assert!(!feedback.refused(0), "one is always left");
    }

    #[test]
    fn the_share_bounds_it_and_is_given_back() {
        let mut feedback = Feedback::new(16);
        feedback.begin_with(12);
        feedback.share(5);
        assert_eq!(feedback.limit(), 5);
        assert!((0..1_000).all(|_| !feedback.accepted()));
        feedback.share(0);
        assert_eq!(feedback.limit(), 1);
        feedback.share(100);
        assert_eq!(feedback.limit(), 12);
        feedback.down();
        assert_eq!(feedback.limit(), 2);
        feedback.begin_with(100);
        assert_eq!(feedback.limit(), 16);
        feedback.begin_with(0);
        assert_eq!(feedback.limit(), 1);
    }

    proptest! {
        #[test]
        fn it_stays_within_its_bounds(most in 1usize..40, steps in proptest::collection::vec((0u8..6, 0usize..50), 0..300)) {
            let mut feedback = Feedback::new(most);
            let mut share = most;
            for (kind, n) in steps {
                let before = feedback.limit();
                match kind {
                    0 => feedback.share(n),
                    1 => feedback.down(),
                    2 => {
                        feedback.refused(n);
                        prop_assert!(feedback.limit() <= before);
                    }
                    _ => prop_assert_eq!(feedback.accepted(), feedback.limit() == before + 1),
                }
                if kind == 0 { share = n.max(1); }
                prop_assert!((1..=most.min(share)).contains(&feedback.limit()));
            }
        }
    }
}
