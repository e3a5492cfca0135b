//! What receivers make of our mail: letters that went through a real server and lie in a mailbox,
//! before the programs of others that verify signatures and score spam. `letter.md`'s points are
//! named in the tests.

mod alignment;
mod international;
mod keys;
mod newsroom;
mod others;
mod published;
mod signatures;
mod spam;
mod unsigned;
