//! Deliveries: written in resumable chunks, counted, cancelled, retried, and at last kept as totals.
//! Claiming and recording are in `claims`.
//!
//! What touches many of them does so in chunks, each in a transaction of its own, and is whole again
//! after a crash in between: ten million rows take minutes, and nobody may wait for a lock that long.

mod archiving;
mod due;
mod ends;
mod enqueue;
mod partitions;
mod report;

pub use self::archiving::{archive, delete_archived_chunk, to_archive, with_rows_left};
pub use self::due::{is_due, is_unfinished, lanes, next_due, next_due_in};
pub use self::ends::{
    Retried, cancel_chunk, cancel_for_list, cancel_for_subscriber, cancelled_in_part, expire_chunk, is_begun,
    retry_chunk, take_back_chunk,
};
pub use self::enqueue::{Chunk, enqueue_chunk, finish_enqueue};
pub use self::partitions::{Week, drop_week, ensure_partitions, weeks_before};
pub use self::report::{Accounting, DeliveryRow, Refusals, accounting, of_subscriber, refusals};
