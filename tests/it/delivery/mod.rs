//! Delivery end to end: the built program, real databases, and servers that take the letters and
//! count them. What a reader gets is judged where it arrives, never by what the program says.

mod control;
mod deferred;
mod faults;
pub mod killed;
mod killed_command;
pub mod letters;
mod limits;
mod names;
pub mod newsroom;
mod paused;
mod postfix_500;
mod refused;
mod scenarios;
mod stopped;
mod two_daemons;
