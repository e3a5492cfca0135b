//! newsletterd: a scheduled newsletter daemon for newsrooms.
//!
//! # Floors
//! Each floor imports only from those below it (`tests/it/floors.rs` holds the code to it):
//!
//! ```text
//! 6  main, cli, daemon, demo      wiring
//! 5  web                          HTTP in
//! 4  pipeline                     one edition's way, step by step
//! 3  store | sources | mail       the outside; neighbours never import each other
//! 2  config | telemetry | clock   no I/O beyond file, log, time
//! 1  domain                       types and rules; no async, sqlx, axum, lettre
//! 0  newsletterd-templates        view structs -> HTML and text
//! ```
//!
//! # The path of one edition
//! `gather` fills articles and reads; `schedule` opens an edition for each slot; `compile` makes
//! its draft; editors `curate`; `lock` fixes a revision and renders the letter once; `enqueue`
//! writes one delivery per subscriber; `deliver` sends them under leases and records each outcome.

pub mod cli;
pub mod clock;
pub mod config;
pub mod daemon;
pub mod demo;
pub mod domain;
pub mod mail;
pub mod pipeline;
pub mod sources;
pub mod store;
pub mod telemetry;
pub mod web;
