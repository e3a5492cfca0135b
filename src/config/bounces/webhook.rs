//! Mail services that call us.

use std::fmt;
use std::path::PathBuf;

use crate::config::section::section;
use crate::config::values::{Name, Word, quoted};
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
    /// A mail service that tells of bounces and complaints by calling `PUBLIC_URL/webhooks/NAME`.
    /// docs/bounces.md says what to set up at each of them.
    pub struct Webhook check wants_a_secret(kind, secret_file) check wants_a_key(kind, public_key) check wants_topics(kind, topics) {
        /// Its name, the last part of the address that is called.
        name: Name,
        /// Whose calls they are: `ses`, `sendgrid`, `mailgun`, `postmark`, `brevo` or `generic`.
        kind: WebhookKind,
        /// A file with the secret that proves a call: the HTTP webhook signing key of `mailgun`,
        /// `USER:PASSWORD` for `postmark`, a token or `USER:PASSWORD` for `brevo`, the shared secret
        /// of `generic`. It is read anew for each call. See *Secrets* above.
        secret_file: Option<PathBuf>,
        /// The verification key that `sendgrid` shows for its signed event webhook.
        public_key: Option<EventKey>,
        /// The SNS topics of `ses` whose messages are taken:
        /// `["arn:aws:sns:eu-west-1:123456789012:bounces"]`.
        topics: Vec<TopicArn>,
    }
}

fn wants_a_secret(kind: &WebhookKind, file: &Option<PathBuf>) -> Option<(&'static str, String)> {
    let said = match (kind, file) {
        (WebhookKind::Ses, Some(_)) => {
            "is not for ses, whose calls are proved by Amazon's own certificate; take it out"
        }
        (WebhookKind::Sendgrid, Some(_)) => {
            "is not for sendgrid, whose calls are proved by its public_key; take it out"
        }
        (WebhookKind::Mailgun, None) => "is missing: mailgun's HTTP webhook signing key is wanted",
        (WebhookKind::Postmark, None) => "is missing: a file with USER:PASSWORD is wanted",
        (WebhookKind::Brevo, None) => "is missing: a file with a token or USER:PASSWORD is wanted",
        (WebhookKind::Generic, None) => "is missing: a file with the shared secret is wanted",
        _ => return None,
    };
    Some(("secret_file", said.to_owned()))
}

fn wants_a_key(kind: &WebhookKind, key: &Option<EventKey>) -> Option<(&'static str, String)> {
    match (kind, key) {
        (WebhookKind::Sendgrid, None) => {
            Some(("public_key", "is missing: sendgrid's verification key is wanted".to_owned()))
        }
        (WebhookKind::Sendgrid, Some(_)) | (_, None) => None,
        (kind, Some(_)) => Some(("public_key", format!("is for sendgrid, not for {kind}; take it out"))),
    }
}

fn wants_topics(kind: &WebhookKind, topics: &[TopicArn]) -> Option<(&'static str, String)> {
    match kind {
        WebhookKind::Ses if topics.is_empty() => Some((
            "topics",
            "is missing: anybody can have an SNS topic; name the ones that are yours".to_owned(),
        )),
        kind if *kind == WebhookKind::Ses || topics.is_empty() => None,
        kind => Some(("topics", format!("is for ses, not for {kind}; take it out"))),
    }
}

/// The key by which SendGrid's signatures are checked: a point on the curve P-256.
#[derive(Clone, PartialEq, Eq)]
pub struct EventKey {
    written: String,
    point: [u8; EventKey::POINT],
}

impl EventKey {
    /// Bytes of an uncompressed point (SEC 1, section 2.3.3).
    const POINT: usize = 65;
    /// What stands before the point in a SubjectPublicKeyInfo of P-256 (RFC 5480).
    const PREFIX: [u8; 26] = [
        0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86,
        0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
    ];

    /// The point, uncompressed.
    pub const fn point(&self) -> &[u8] {
        &self.point
    }
}

impl fmt::Debug for EventKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EventKey({})", self.written)
    }
}

impl Word for EventKey {
    const ONE: &'static str =
        "a P-256 key in base64 that begins with \"MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE\"";
    const MANY: &'static str = "a list of keys";

    fn parse(text: &str) -> Result<Self, String> {
        let der = data_encoding::BASE64.decode(text.as_bytes()).ok();
        let point = der.as_deref().and_then(|der| der.strip_prefix(&Self::PREFIX));
        let point = point.and_then(|point| <[u8; Self::POINT]>::try_from(point).ok());
        match point {
            Some(point) if point[0] == 4 => Ok(Self { written: text.to_owned(), point }),
            _ => Err(format!("{} is not {}", quoted(text), Self::ONE)),
        }
    }

    fn show(&self) -> String {
        self.written.clone()
    }
}

/// The name of an SNS topic, which says in which region it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicArn {
    written: String,
    host: String,
}

impl TopicArn {
    /// As SNS writes it.
    pub fn as_str(&self) -> &str {
        &self.written
    }

    /// The host that SNS has in the topic's region: the only one that is asked for its certificates.
    pub fn host(&self) -> &str {
        &self.host
    }
}

impl Word for TopicArn {
    const ONE: &'static str = "a topic such as \"arn:aws:sns:eu-west-1:123456789012:bounces\"";
    const MANY: &'static str = "a list of topics";

    fn parse(text: &str) -> Result<Self, String> {
        let parts: Vec<&str> = text.split(':').collect();
        let sign = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        let region_sign = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if let ["arn", partition, "sns", region, account, topic] = parts.as_slice()
            && (3..=32).contains(&region.len())
            && region.starts_with(|c: char| c.is_ascii_lowercase())
            && region.chars().all(region_sign)
            && account.len() == 12
            && account.chars().all(|c| c.is_ascii_digit())
            && (1..=256).contains(&topic.len())
            && topic.chars().all(sign)
        {
            let end = match *partition {
                "aws" | "aws-us-gov" => Some("amazonaws.com"),
                "aws-cn" => Some("amazonaws.com.cn"),
                _ => None,
            };
            if let Some(end) = end {
                return Ok(Self { written: text.to_owned(), host: format!("sns.{region}.{end}") });
            }
        }
        Err(format!("{} is not {}", quoted(text), Self::ONE))
    }

    fn show(&self) -> String {
        self.written.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_topic_leads_to_the_host_of_its_region() {
        for (text, host) in [
            ("arn:aws:sns:eu-west-1:123456789012:bounces", "sns.eu-west-1.amazonaws.com"),
            ("arn:aws-us-gov:sns:us-gov-west-1:123456789012:b_B-1", "sns.us-gov-west-1.amazonaws.com"),
            ("arn:aws-cn:sns:cn-north-1:123456789012:bounces", "sns.cn-north-1.amazonaws.com.cn"),
        ] {
            assert_eq!(TopicArn::parse(text).unwrap().host(), host);
        }
        for text in [
            "",
            "bounces",
            "arn:aws:sqs:eu-west-1:123456789012:bounces",
            "arn:aws:sns:eu-west-1:123456789012:bounces:0a1b2c3d-subscription",
            "arn:aws:sns:evil.example/:123456789012:bounces",
            "arn:aws:sns:eu-west-1.evil:123456789012:bounces",
            "arn:own:sns:eu-west-1:123456789012:bounces",
            "arn:aws:sns:eu-west-1:12345678901:bounces",
            "arn:aws:sns:eu-west-1:123456789012:bounces/x",
        ] {
            assert!(TopicArn::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_key_is_a_point_on_p256() {
        let point = [&EventKey::PREFIX[..], &[4], &[7; 64]].concat();
        let text = data_encoding::BASE64.encode(&point);
        assert!(text.starts_with("MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE"));
        assert_eq!(EventKey::parse(&text).unwrap().point()[..2], [4, 7]);
        let compressed = data_encoding::BASE64.encode(&[&EventKey::PREFIX[..], &[2], &[7; 64]].concat());
        for text in ["", "MFkw", &text[4..], &format!("{text}AAAA"), &compressed] {
            assert!(EventKey::parse(text).is_err(), "{text}");
        }
    }
}
