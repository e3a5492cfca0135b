//! The sections that say where reports of failed delivery come in, and how they are judged.

mod listener;
mod mailbox;
mod webhook;

pub use listener::Listener;
pub(super) use listener::find_halves;
pub use mailbox::{Done, Folder, MailProtocol, Mailbox, MailboxUrl};
pub use webhook::{EventKey, TopicArn, Webhook, WebhookKind};

use std::net::SocketAddr;
use std::num::{NonZeroU16, NonZeroU32};
use std::path::PathBuf;

use super::section::section;
use super::settings::longer_than_nothing;
use super::values::{HostName, Share, TimeSpan};
use crate::domain::address::EmailAddress;

section! {
    /// Where reports of failed delivery go, and what follows from them.
    pub struct Bounces check not_ours(return_path, forward_to) {
        /// The domain of the signed return path that each letter has. Its MX, or its mail server,
        /// must lead what comes in to one of the ways below.
        return_path: HostName,
        /// The address and port of our own LMTP and SMTP server for that domain, such as
        /// `"127.0.0.1:2525"`; none when it is left out. A mail server hands on to it (Postfix:
        /// `transport_maps` with `lmtp:`), or the domain's MX leads straight to it. A peer that says LHLO is
        /// answered by LMTP, one that says EHLO by SMTP. It takes mail for our return paths, for
        /// `unsubscribe+TOKEN@` and for `postmaster`, and for nobody else.
        listen: Option<SocketAddr>,
        /// More about that server.
        listener: Listener,
        /// Mailboxes that are read by IMAP or POP3.
        mailboxes: Vec<Mailbox>,
        /// Folders of files (Maildir) that a mail server of this machine delivers to. What was read
        /// goes from them; what is for people is put into the folder `.aside` below each.
        maildirs: Vec<PathBuf>,
        /// Mail services that call us.
        webhooks: Vec<Webhook>,
        /// Who gets the mails that are no reports but were written by people, such as an answer to a
        /// return path. When it is left out they are kept, and `newsletterd bounce --list` shows them.
        forward_to: Option<EmailAddress>,
        /// Soft bounces, at most one a day, are added up, and half of the sum is forgotten in 30 days;
        /// a letter that arrived begins it anew. From this sum on an address is suppressed.
        soft_limit: NonZeroU16 = "4",
        /// So long the soft bounces must have gone on at least before they suppress.
        soft_span: TimeSpan = "\"10d\"",
        /// Ops are told when a larger share of an edition's audience bounced hard.
        warn_hard: Share = "\"2%\"",
        /// Ops are told when a larger share of an edition's audience complained.
        warn_complaints: Share = "\"0.1%\"",
        /// An edition is paused when a larger share of its audience complained.
        pause_complaints: Share = "\"0.3%\"",
        /// With fewer complaints than this, or hard bounces, no share of them means anything.
        at_least: NonZeroU16 = "3",
        /// So many refusals within an hour for reasons of ours, reported of letters that one relay had
        /// taken, make that relay rest for an hour.
        rest_after: NonZeroU32 = "20",
        /// How long the reports themselves are kept; what they came to is kept with the deliveries.
        keep: TimeSpan = "\"30d\"" where longer_than_nothing,
    }
}

fn not_ours(return_path: &HostName, forward_to: &Option<EmailAddress>) -> Option<(&'static str, String)> {
    let loops = forward_to.as_ref().is_some_and(|to| to.domain() == return_path.as_str());
    loops.then(|| ("forward_to", "is an address of return_path, where it would come in again".to_owned()))
}
