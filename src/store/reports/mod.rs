//! Reports of failed delivery: the inbox where every way in ends, what each was found to say and came
//! to, and the scores of soft bounces.

mod inbox;
mod letters;
mod score;
mod shown;
mod told;

pub use inbox::{NewReport, Pending, hold, keep, pending, put_off};
pub use letters::{Letter, arrived_between, complain, end, latest, letter, neighbours};
pub use score::{clear_score, score, set_score};
pub use shown::{
    Asked, Reported, Shown, Tally, forget_subscriber, get, list, of_edition, of_subscriber, raw,
    settled_between, waiting,
};
pub use told::{
    SessionReport, Settled, count_of_edition, delete_before, forget_raw, is_counted, ours_of_relay,
    record_session, settle,
};
