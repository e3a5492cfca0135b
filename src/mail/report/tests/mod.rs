//! Tests of the reader as a whole.

mod answers;
mod cases;
mod complaints;
mod corpus;
mod hostile;
mod standard;
mod traces;

use super::read;
use crate::domain::bounce::Report;

/// Reads a mail of which the address that it came to is not known.
fn read_mail(mail: &str) -> Report {
    read(mail.as_bytes(), None)
}

/// A delivery report with these fields for the recipient, and this letter come back as a header.
fn dsn(fields: &str, returned: &str) -> String {
    format!(
        "Return-Path: <>\nFrom: Mail Delivery System <MAILER-DAEMON@mx.example.net>\nTo: bounce-abc@news.example\n\
         Subject: Undelivered Mail\nMIME-Version: 1.0\n\
         Content-Type: multipart/report; report-type=delivery-status; boundary=\"b\"\n\n\
         --b\nContent-Type: text/plain\n\nYour message could not be delivered.\n\n\
         --b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example.net\n\n{fields}\n\
         --b\nContent-Type: text/rfc822-headers\n\n{returned}\n--b--\n"
    )
}
