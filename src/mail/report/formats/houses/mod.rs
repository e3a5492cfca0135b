//! Mail servers of companies: Exchange, Notes, GroupWise, IMail, and a filter before them.

pub(super) mod exchange;
pub(super) mod others;
