//! The commands of an envelope, with the parameters of what the relay offers.

use super::super::parcel::{Envelope, Packed};
use super::super::reply::no_reply;
use super::offers::Offers;
use super::xtext::{push_unitext, push_xtext};
use crate::domain::address::EmailAddress;
use crate::domain::delivery::Reply;

/// The longest name of a delivery (RFC 3461 4.4).
const ID_MAX: usize = 100;

pub(super) const RSET: &[u8] = b"RSET\r\n";
pub(super) const DATA: &[u8] = b"DATA\r\n";

/// Why a relay with these `offers` cannot carry this, if it cannot.
pub(super) fn obstacle(offers: &Offers, packed: &Packed) -> Option<Reply> {
    if needs_utf8(&packed.envelope) && !offers.utf8 {
        return Some(no_reply(
            "the address has letters beyond ASCII before its @, and the relay does not offer SMTPUTF8",
        ));
    }
    if packed.data.is_eight_bit() && !offers.eight_bit {
        return Some(no_reply("the message has 8-bit characters, and the relay does not offer 8BITMIME"));
    }
    let size = packed.data.size();
    match offers.size {
        Some(limit) if limit > 0 && size > limit => {
            Some(no_reply(&format!("the message has {size} bytes, and the relay takes at most {limit}")))
        }
        _ => None,
    }
}

/// Appends MAIL (RFC 5321 4.1.1.2).
pub(super) fn push_mail(out: &mut Vec<u8>, offers: &Offers, packed: &Packed, dsn: bool) {
    let Packed { envelope, data } = packed;
    out.extend_from_slice(b"MAIL FROM:<");
    if let Some(from) = &envelope.from {
        push_address(out, from);
    }
    out.push(b'>');
    if offers.size.is_some() {
        out.extend_from_slice(b" SIZE=");
        out.extend_from_slice(data.size().to_string().as_bytes());
    }
    if data.is_eight_bit() {
        out.extend_from_slice(b" BODY=8BITMIME");
    }
    if needs_utf8(envelope) {
        out.extend_from_slice(b" SMTPUTF8");
    }
    if let Some(id) = report_id(envelope, dsn) {
        // The whole letter would tell nothing that its headers do not.
        out.extend_from_slice(b" RET=HDRS ENVID=");
        push_xtext(out, id);
    }
    out.extend_from_slice(b"\r\n");
}

/// Appends RCPT (RFC 5321 4.1.1.3).
pub(super) fn push_rcpt(out: &mut Vec<u8>, packed: &Packed, dsn: bool) {
    let envelope = &packed.envelope;
    out.extend_from_slice(b"RCPT TO:<");
    push_address(out, &envelope.to);
    out.push(b'>');
    if report_id(envelope, dsn).is_some() {
        out.extend_from_slice(b" NOTIFY=FAILURE,DELAY ORCPT=");
        let to = envelope.to.as_string();
        if to.is_ascii() {
            out.extend_from_slice(b"rfc822;");
            push_xtext(out, &to);
        } else {
            out.extend_from_slice(b"utf-8;");
            push_unitext(out, &to);
        }
    }
    out.extend_from_slice(b"\r\n");
}

/// The name to report by. One that the standard does not allow is left out, for a relay would refuse
/// the letter with it.
fn report_id(envelope: &Envelope, dsn: bool) -> Option<&str> {
    let printable = |id: &&str| {
        !id.is_empty() && id.len() <= ID_MAX && id.bytes().all(|byte| matches!(byte, b' '..=b'~'))
    };
    envelope.id.as_deref().filter(|_| dsn).filter(printable)
}

fn push_address(out: &mut Vec<u8>, address: &EmailAddress) {
    out.extend_from_slice(address.local().as_bytes());
    out.push(b'@');
    out.extend_from_slice(address.domain().as_bytes());
}

fn needs_utf8(envelope: &Envelope) -> bool {
    envelope.to.needs_smtputf8() || envelope.from.as_ref().is_some_and(EmailAddress::needs_smtputf8)
}

#[cfg(test)]
mod tests {
    use super::super::super::data::MailData;
    use super::*;

    fn packed(to: &str, id: Option<&str>, message: &str) -> Packed {
        Packed {
            envelope: Envelope {
                from: Some(EmailAddress::parse("return+x@bounces.example.org").unwrap()),
                to: EmailAddress::parse(to).unwrap(),
                id: id.map(str::to_owned),
            },
            data: MailData::new(message.as_bytes()),
        }
    }

    fn commands(offers: &Offers, packed: &Packed, dsn: bool) -> String {
        let mut out = Vec::new();
        push_mail(&mut out, offers, packed, dsn);
        push_rcpt(&mut out, packed, dsn);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn parameters_are_those_that_the_relay_knows() {
        let offers = Offers { size: Some(0), eight_bit: true, utf8: true, ..Offers::default() };
        let ana = packed("ana+a@example.org", Some("7.a=b"), "Hello\r\n");
        for (to, dsn, expected) in [
            (
                &ana,
                true,
                "MAIL FROM:<return+x@bounces.example.org> SIZE=7 RET=HDRS ENVID=7.a+3Db\r\n\
                 RCPT TO:<ana+a@example.org> NOTIFY=FAILURE,DELAY ORCPT=rfc822;ana+2Ba@example.org\r\n",
            ),
            (
                &ana,
                false,
                "MAIL FROM:<return+x@bounces.example.org> SIZE=7\r\nRCPT TO:<ana+a@example.org>\r\n",
            ),
            (
                &packed("დ+a@example.org", Some("7"), "é\r\n"),
                true,
                "MAIL FROM:<return+x@bounces.example.org> SIZE=4 BODY=8BITMIME SMTPUTF8 RET=HDRS ENVID=7\r\n\
                 RCPT TO:<დ+a@example.org> NOTIFY=FAILURE,DELAY ORCPT=utf-8;დ\\x{2B}a@example.org\r\n",
            ),
        ] {
            assert_eq!(commands(&offers, to, dsn), expected);
        }
        let plain = commands(&Offers::default(), &packed("bo@example.org", None, "Hello\r\n"), true);
        assert_eq!(plain, "MAIL FROM:<return+x@bounces.example.org>\r\nRCPT TO:<bo@example.org>\r\n");
        let null = Packed { envelope: Envelope { from: None, ..ana.envelope }, data: ana.data };
        assert!(commands(&Offers::default(), &null, false).starts_with("MAIL FROM:<>\r\n"));
    }

    #[test]
    fn a_name_that_the_standard_forbids_is_left_out() {
        let offers = Offers::default();
        for id in ["", "é", "a\r\nRSET", &"x".repeat(101)] {
            assert!(!commands(&offers, &packed("bo@example.org", Some(id), "x"), true).contains("ENVID"));
        }
        let longest = "x".repeat(100);
        assert!(commands(&offers, &packed("bo@example.org", Some(&longest), "x"), true).contains(&longest));
    }

    #[test]
    fn what_a_relay_cannot_carry_is_known_before() {
        let letter = packed("bo@example.org", None, "Hello\r\n");
        let beyond = packed("დ@example.org", None, "Hello\r\n");
        let eight_bit = packed("bo@example.org", None, "é\r\n");
        let offers = |size| Offers { size, ..Offers::default() };
        for (offers, packed, word) in [
            (offers(None), &letter, None),
            (offers(Some(0)), &letter, None),
            (offers(Some(7)), &letter, None),
            (offers(Some(6)), &letter, Some("at most 6")),
            (offers(None), &beyond, Some("SMTPUTF8")),
            (offers(None), &eight_bit, Some("8BITMIME")),
            (Offers { utf8: true, ..offers(None) }, &beyond, None),
            (Offers { eight_bit: true, ..offers(None) }, &eight_bit, None),
        ] {
            let obstacle = obstacle(&offers, packed).map(|reply| reply.text);
            assert_eq!(obstacle.is_some(), word.is_some(), "{obstacle:?}");
            assert!(word.is_none_or(|word| obstacle.unwrap().contains(word)));
        }
    }
}
