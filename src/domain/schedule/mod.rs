//! When editions are due.
