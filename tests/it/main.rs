//! The integration tests: one binary, so that it is linked once.
//!
//! `tests/run` starts the servers that some of them need and names them in the environment; run
//! by plain `cargo test`, those say `skipped: …` and pass, except where `CI=true`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "what fails here is a test, also in the functions that tests share"
)]

mod authentication;
mod bounces;
mod delivery;
mod demo;
mod floors;
mod gallery;
mod intake;
mod letter_points;
mod pipeline;
mod process;
mod repository;
mod servers;
mod store;
mod support;
mod systemd;
mod web;
