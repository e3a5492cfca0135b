//! What the demo shows: a sample newsroom. The command that runs it wires the newsroom to an
//! embedded database and a captured mailbox.

pub mod newsroom;
