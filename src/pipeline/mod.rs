//! One edition's way, step by step, each named as spoken: `gather`, `schedule`, `compile`,
//! `curate`, `lock`, `render`, `enqueue`, `deliver`, `record`. Every step reads where things stand
//! from the database and can be killed at any instruction: run again, it goes on.

pub mod advance;
pub mod alerts;
pub mod bounces;
pub mod canary;
pub mod compile;
mod composed;
pub mod consent;
pub mod control;
pub mod curate;
pub mod deliver;
mod engine;
pub mod enqueue;
mod error;
pub mod forecast;
mod forward;
pub mod gather;
pub mod import;
pub mod intake;
pub mod judge;
pub mod links;
pub mod lists;
pub mod lock;
mod nobody;
pub mod outbox;
mod pause;
pub mod pictures;
pub mod preferences;
pub mod preview;
pub mod providers;
mod reader_mails;
pub mod readers;
pub mod record;
pub mod relays;
pub mod render;
pub mod report;
mod revision;
pub mod schedule;
pub mod track;
pub mod upkeep;
pub mod vet;

pub use engine::{Engine, Links, newsletter_of};
pub use error::{PipelineError, Result};
