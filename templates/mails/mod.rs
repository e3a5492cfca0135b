//! Mails that are no edition, in the letter's type and colours.

pub mod alert;
pub mod confirmation;
pub mod goodbye;
pub mod reader;
pub mod test;
