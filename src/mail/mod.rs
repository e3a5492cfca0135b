//! Mail: the letter's MIME form, its DKIM signatures, the SMTP client, and our own SMTP receiver. No
//! database.

pub mod dkim;
pub mod letter;
mod message;
pub mod prepared;
pub mod receiver;
pub mod smtp;
