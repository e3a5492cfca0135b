//! Deliveries: how they are written, claimed, recorded and counted.

mod accounting;
mod batches;
mod claims;
mod enqueue;
mod leases;
mod progress;
mod rows;
