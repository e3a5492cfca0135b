//! What a relay offers in its reply to EHLO (RFC 5321 4.1.1.1), as far as it matters to us.

use lettre::transport::smtp::authentication::Mechanism;

/// What a relay offers.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Offers {
    pub(super) start_tls: bool,
    pub(super) pipelining: bool,
    pub(super) eight_bit: bool,
    pub(super) utf8: bool,
    pub(super) dsn: bool,
    /// `Some(0)` is a limit that is not told.
    pub(super) size: Option<usize>,
    pub(super) mechanisms: Vec<Mechanism>,
}

impl Offers {
    /// Reads the lines of the reply, of which the first is a greeting.
    pub(super) fn read(lines: impl Iterator<Item = impl AsRef<str>>) -> Self {
        let mut offers = Self::default();
        for line in lines.skip(1) {
            let line = line.as_ref().to_ascii_uppercase();
            // `AUTH=LOGIN` is how servers before the standard wrote it.
            let mut words = line.split([' ', '=']).filter(|word| !word.is_empty());
            match words.next() {
                Some("STARTTLS") => offers.start_tls = true,
                Some("PIPELINING") => offers.pipelining = true,
                Some("8BITMIME") => offers.eight_bit = true,
                Some("SMTPUTF8") => offers.utf8 = true,
                Some("DSN") => offers.dsn = true,
                Some("SIZE") => {
                    offers.size = Some(words.next().and_then(|size| size.parse().ok()).unwrap_or(0));
                }
                Some("AUTH") => offers.mechanisms.extend(words.filter_map(|word| match word {
                    "PLAIN" => Some(Mechanism::Plain),
                    "LOGIN" => Some(Mechanism::Login),
                    "XOAUTH2" => Some(Mechanism::Xoauth2),
                    _ => None,
                })),
                _ => {}
            }
        }
        offers
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offers_are_read_as_servers_write_them() {
        let read = |text: &str| Offers::read(text.split('|'));
        assert_eq!(read("mail.example PIPELINING"), Offers::default());
        assert_eq!(
            read("hi|pipelining|8BITMIME|smtputf8|DSN|STARTTLS|SIZE 1000|AUTH PLAIN cram-md5 login XOAUTH2"),
            Offers {
                start_tls: true,
                pipelining: true,
                eight_bit: true,
                utf8: true,
                dsn: true,
                size: Some(1000),
                mechanisms: vec![Mechanism::Plain, Mechanism::Login, Mechanism::Xoauth2],
            }
        );
        assert_eq!(read("hi|AUTH=LOGIN").mechanisms, [Mechanism::Login]);
        for (line, size) in [("SIZE", Some(0)), ("SIZE many", Some(0)), ("SIZE 0", Some(0)), ("", None)] {
            assert_eq!(read(&format!("hi|{line}")).size, size, "{line}");
        }
    }
}
