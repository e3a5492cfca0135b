//! The daemon: one process that schedules, gathers, sends and answers, as its roles say. Its life
//! is in [`serve`]: signals, readiness, watchdog, reload, soft and hard stop.

mod build;
pub mod instance;
mod intake;
mod keys;
mod notify;
mod serve;
pub mod signers;
mod work;

pub use build::{BuildError, engine};
pub use serve::{Role, ServeError, serve};
