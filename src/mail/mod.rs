//! Mail: the letter's MIME form, its DKIM signatures, the SMTP client, and our own SMTP receiver; reports of failure, how
//! they come in and what they say. No database.

pub mod dkim;
pub mod intake;
pub mod letter;
mod message;
pub mod prepared;
pub mod receiver;
pub mod report;
pub mod smtp;
mod tls;

pub use tls::TlsError;
