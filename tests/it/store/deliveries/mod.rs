//! Deliveries: how they are written, claimed, recorded and counted.

mod accounting;
mod archiving;
mod batches;
mod canary;
mod claims;
mod enqueue;
mod leases;
mod million;
mod progress;
mod rows;
