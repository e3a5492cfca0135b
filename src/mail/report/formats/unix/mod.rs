//! Mail servers of the Unix world.

pub(super) mod exim;
pub(super) mod others;
pub(super) mod paragraphs;
pub(super) mod sendmail;
mod transcript;
