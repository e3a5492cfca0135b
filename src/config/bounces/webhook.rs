//! Mail services that call us.

use std::path::PathBuf;

use crate::config::section::section;
use crate::config::values::Name;
use crate::domain::words::words;

words! {
    /// Whose calls they are.
    pub enum WebhookKind {
        /// Amazon SES, through SNS.
        Ses = "ses",
        /// SendGrid's event webhook.
        Sendgrid = "sendgrid",
        /// Mailgun.
        Mailgun = "mailgun",
        /// Postmark.
        Postmark = "postmark",
        /// Brevo.
        Brevo = "brevo",
        /// Our own form, for everything else: see docs/bounces.md.
        Generic = "generic",
    }
}

section! {
    /// A mail service that tells of bounces and complaints by calling
    /// `PUBLIC_URL/webhooks/NAME`.
    pub struct Webhook {
        /// Its name, the last part of the address that is called.
        name: Name,
        /// Whose calls they are: `ses`, `sendgrid`, `mailgun`, `postmark`, `brevo` or `generic`.
        kind: WebhookKind,
        /// A file with the secret that proves a call. See *Secrets* above.
        secret_file: Option<PathBuf>,
    }
}
