//! A mail handed over by LMTP (RFC 2033), to a server of ours on this machine.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use super::data::MailData;
use super::wire::{Wire, in_words, machine_name};
use crate::domain::delivery::Reply;

/// How long the server may take for each reply.
const PATIENCE: Duration = Duration::from_secs(30);

/// A mail was not handed over; whoever has it keeps it.
#[derive(Debug, thiserror::Error)]
pub enum HandOverError {
    /// The line to the server.
    #[error("the server at {address}: {why}")]
    Line {
        /// Where it should be.
        address: SocketAddr,
        /// What is wrong.
        why: String,
    },
    /// It refused.
    #[error("the server at {address} said {}: {}", .reply.code, .reply.text)]
    Refused {
        /// Where it is.
        address: SocketAddr,
        /// What it said.
        reply: Reply,
    },
}

/// Hands a mail over to the LMTP server at `address`, for the first of `recipients` that it takes mail
/// for. Returns when the server answers for the mail.
///
/// # Errors
/// [`HandOverError`].
pub async fn hand_over(address: SocketAddr, recipients: &[&str], mail: &[u8]) -> Result<(), HandOverError> {
    let reached = reachable(address);
    let line = |error: std::io::Error| HandOverError::Line { address, why: in_words(&error).into_owned() };
    let mut wire = Wire::open(&reached.ip().to_string(), reached.port(), PATIENCE).await.map_err(line)?;
    let mut talk = Talk { wire: &mut wire, address };
    talk.expect(2).await?;
    talk.say(&format!("LHLO {}", machine_name()), 2).await?;
    let data = MailData::new(mail);
    let utf8 = if recipients.iter().all(|recipient| recipient.is_ascii()) { "" } else { " SMTPUTF8" };
    talk.say(&format!("MAIL FROM:<> BODY=8BITMIME{utf8}"), 2).await?;
    let mut refused = None;
    for recipient in recipients {
        refused = talk.say(&format!("RCPT TO:<{recipient}>"), 2).await.err();
        if !matches!(refused, Some(HandOverError::Refused { .. })) {
            break;
        }
    }
    if let Some(error) = refused {
        return Err(error);
    }
    talk.say("DATA", 3).await?;
    talk.wire.write(data.bytes(), PATIENCE).await.map_err(line)?;
    talk.expect(2).await?;
    // It has the mail, whatever becomes of the good-bye.
    let _ = talk.say("QUIT", 2).await;
    Ok(())
}

struct Talk<'a> {
    wire: &'a mut Wire,
    address: SocketAddr,
}

impl Talk<'_> {
    async fn say(&mut self, command: &str, class: u16) -> Result<(), HandOverError> {
        let written = self.wire.write(format!("{command}\r\n").as_bytes(), PATIENCE).await;
        written.map_err(|error| self.broken(&error))?;
        self.expect(class).await
    }

    /// Reads a reply, which must be of this class.
    async fn expect(&mut self, class: u16) -> Result<(), HandOverError> {
        let address = self.address;
        match self.wire.read_reply(PATIENCE).await {
            Ok(heard) if heard.code / 100 == class => Ok(()),
            Ok(heard) => Err(HandOverError::Refused { address, reply: heard.reply() }),
            Err(error) => Err(self.broken(&error)),
        }
    }

    fn broken(&self, error: &std::io::Error) -> HandOverError {
        HandOverError::Line { address: self.address, why: in_words(error).into_owned() }
    }
}

/// Where a server on this machine is reached that listens at `address`.
fn reachable(mut address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        address.set_ip(match address {
            SocketAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
            SocketAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
        });
    }
    address
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use tokio::net::TcpListener;
    use tokio_util::sync::CancellationToken;

    use super::*;
    use crate::mail::receiver::{Handler, Limits, Received, Receiver, Verdict};

    #[derive(Default)]
    struct Kept(Mutex<Vec<Received>>);

    impl Handler for Kept {
        async fn receive(&self, message: Received) -> Verdict {
            if message.bytes.starts_with(b"later") {
                return Verdict::TryLater("not now".to_owned());
            }
            self.0.lock().unwrap().push(message);
            Verdict::Accept
        }

        fn recipient(&self, recipient: &str) -> Verdict {
            if recipient.starts_with("nobody") {
                return Verdict::Reject("no such address here".to_owned());
            }
            Verdict::Accept
        }
    }

    #[tokio::test]
    async fn a_mail_is_handed_over_to_the_first_that_takes_it() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let everywhere = SocketAddr::from((Ipv4Addr::UNSPECIFIED, address.port()));
        let receiver = Receiver::new("mail.example", Limits::default(), Kept::default());
        let stop = CancellationToken::new();
        let serving = tokio::spawn(std::sync::Arc::clone(&receiver).serve(listener, stop.clone()));

        hand_over(address, &["nobody@example.org", "postmaster"], b"Subject: x\n\n.dot\nend").await.unwrap();
        hand_over(everywhere, &["\u{10D0}@example.org"], "\u{10D0}".as_bytes()).await.unwrap();
        let refused = hand_over(address, &["nobody@example.org"], b"x").await.unwrap_err();
        assert!(matches!(&refused, HandOverError::Refused { reply, .. } if reply.code == 550), "{refused}");
        let later = hand_over(address, &["a@example.org"], b"later").await.unwrap_err();
        assert!(matches!(&later, HandOverError::Refused { reply, .. } if reply.code == 451), "{later}");
        stop.cancel();
        serving.await.unwrap();
        let nobody = hand_over(address, &["a@example.org"], b"x").await.unwrap_err();
        assert!(matches!(&nobody, HandOverError::Line { .. }), "{nobody}");

        let kept = receiver.handler().0.lock().unwrap();
        assert_eq!(kept.len(), 2);
        assert_eq!((&kept[0].rcpt_to[..], &kept[0].mail_from), (&["postmaster".to_owned()][..], &None));
        assert_eq!(kept[0].bytes, b"Subject: x\r\n\r\n.dot\r\nend\r\n");
        assert_eq!(kept[1].bytes, "\u{10D0}\r\n".as_bytes());
    }
}
