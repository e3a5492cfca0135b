//! Deliveries: how they are written, claimed, recorded and counted.

mod accounting;
mod claims;
mod enqueue;
mod leases;
mod progress;
mod rows;
