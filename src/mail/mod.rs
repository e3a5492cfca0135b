//! Mail: the letter's MIME form, the SMTP client, and our own SMTP receiver. No database.

pub mod letter;
pub mod receiver;
pub mod smtp;
