//! Delivery end to end: the built program, real databases, and servers that take the letters and
//! count them. What a reader gets is judged where it arrives, never by what the program says.

mod control;
mod deferred;
mod killed;
pub mod letters;
mod names;
mod newsroom;
mod paused;
mod postfix_500;
mod refused;
mod stopped;
mod two_daemons;
