//! Whole messages, read back by two independent parsers.
