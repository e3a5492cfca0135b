//! Logs: text for people, JSON for machines, with fields that journald keeps apart.
