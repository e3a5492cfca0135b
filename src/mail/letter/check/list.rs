//! What is asked of the fields about list, sender and bounces.

use url::Url;

use super::header::{Header, bracketed};
use super::{Findings, Point};
use crate::domain::address::{EmailAddress, takes_no_reply};
use crate::domain::link::is_loopback;

pub(super) fn check(header: &Header, findings: &mut Findings) {
    unsubscribe(header, findings);
    identity(header, findings);
    let auto = header.one("auto-submitted").is_some_and(|value| value.eq_ignore_ascii_case("auto-generated"));
    findings.expect(auto, Point::AutoSubmitted, "Auto-Submitted", "it is missing or not auto-generated");
    addresses(header, findings);
}

/// The address in List-Unsubscribe that a provider posts to.
pub(super) fn one_click_url(header: &Header) -> Option<Url> {
    let value = header.one("list-unsubscribe")?.strip_prefix('<')?.split_once('>')?.0;
    Url::parse(value).ok()
}

/// Whether one of the addresses in List-Unsubscribe is one to write to.
fn leaves_by_mail(header: &Header) -> bool {
    let value = header.one("list-unsubscribe").unwrap_or_default();
    value.split('<').filter_map(|rest| rest.split_once('>')).any(|(url, _)| {
        Url::parse(url).is_ok_and(|url| url.scheme() == "mailto" && EmailAddress::parse(url.path()).is_ok())
    })
}

/// Whether an address is safe on its way: https, or a machine's own loopback, as in a demo.
pub(super) fn is_safe(url: &Url) -> bool {
    url.scheme() == "https" || (url.scheme() == "http" && is_loopback(url))
}

fn unsubscribe(header: &Header, findings: &mut Findings) {
    let safe = one_click_url(header).is_some_and(|url| is_safe(&url));
    let message = "it does not begin with an https address in angle brackets";
    findings.expect(safe, Point::ListUnsubscribe, "List-Unsubscribe", message);
    let message = "it has no mailto: address in angle brackets";
    findings.expect(leaves_by_mail(header), Point::LeaveByMail, "List-Unsubscribe", message);
    let one_click = header.one("list-unsubscribe-post") == Some("List-Unsubscribe=One-Click");
    let message = "it is not List-Unsubscribe=One-Click, once";
    findings.expect(one_click, Point::OneClick, "List-Unsubscribe-Post", message);
}

fn identity(header: &Header, findings: &mut Findings) {
    let id = header.one("list-id").and_then(bracketed);
    let list_id =
        id.is_some_and(|id| id.is_ascii() && id.contains('.') && !id.contains([' ', '@']) && id.len() <= 255);
    findings.expect(list_id, Point::ListId, "List-Id", "it has no identifier of the form <name.domain>");
    let feedback = header.all("feedback-id").collect::<Vec<_>>();
    let feedback = match feedback[..] {
        [] => true,
        [value] => {
            let fields = value.split(':').collect::<Vec<_>>();
            let personal = value.contains('@');
            let sender = fields.last().is_some_and(|sender| (5..=15).contains(&sender.len()));
            fields.len() <= 4 && sender && !personal
        }
        _ => false,
    };
    let message = "it is there twice, has over four fields, an address, or no sender of 5 to 15 characters";
    findings.expect(feedback, Point::FeedbackId, "Feedback-ID", message);
}

fn addresses(header: &Header, findings: &mut Findings) {
    let address =
        |name: &str| header.one(name).map(|value| bracketed(value).unwrap_or(value).to_ascii_lowercase());
    let from = address("from");
    let answered = address("reply-to").map(|to| ("Reply-To", to)).or(from.clone().map(|from| ("From", from)));
    if let Some((field, to)) = answered {
        let nobody = takes_no_reply(to.split('@').next().unwrap_or_default());
        findings.expect(!nobody, Point::ReplyAddress, field, "answers go to an address that nobody reads");
    }
    let own = header.one("return-path").and_then(bracketed).map(str::to_ascii_lowercase);
    let apart = own.is_none() || own != from;
    findings.expect(apart, Point::ReturnPath, "Return-Path", "it is the address of From");
}
