//! Mail servers of companies: Exchange, Notes, GroupWise, IMail.

pub(super) mod exchange;
pub(super) mod others;
