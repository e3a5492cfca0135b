//! When a report of an unknown user is not believed. A reader that is suppressed for nothing is lost; a
//! dead address that gets a few more letters costs little. So what counts as proof is that the
//! receiver's server said it of the address: by a status of addressing, or in answer to RCPT, or
//! because the system that reports keeps the mailboxes itself.

use super::commands::{self, Command};
use crate::domain::bounce::{BounceReason, Fault, ReportedRecipient};
use crate::mail::report::dsn::best_status;
use crate::mail::report::failure::Found;
use crate::mail::report::reasons::{Told, is_hidden_refusal, replies_in};
use crate::mail::report::view::View;

/// Domains whose servers say "unknown user" of letters that their readers' filters refuse: the
/// Japanese mobile carriers, where a reader takes mail from chosen senders only.
const CARRIERS: [&str; 10] = [
    "docomo.ne.jp",
    "ezweb.ne.jp",
    "au.com",
    "softbank.ne.jp",
    "i.softbank.jp",
    "vodafone.ne.jp",
    "disney.ne.jp",
    "ymobile.ne.jp",
    "uqmobile.jp",
    "mineo.jp",
];

/// Domains of gateways to phones that keep the mailboxes themselves, and whose reports bear no code.
const PHONES: [&str; 8] = [
    "vtext.com",
    "vzwpix.com",
    "txt.att.net",
    "mms.att.net",
    "tmomail.net",
    "messaging.sprintpcs.com",
    "pm.sprint.com",
    "mypixmessages.com",
];

/// Marks of filters that stand in front of mail servers, take a letter whole, and report afterwards
/// what any of their stages said of it; in header fields, in lower case.
const FILTERS: [&str; 5] = ["active!hunter", "surfcontrol", "mxlogic", "mxl_mta", "mcafee"];

/// Rules of systems that pass on another's words without its code.
const PASSING_ON: [&str; 4] = ["sendmail", "james", "yahoo", "text"];

/// The reason, or the weaker one that is left of it.
pub(super) fn doubted(
    view: &View,
    found: &Found,
    recipient: &ReportedRecipient,
    said: Option<&str>,
    told: &Told,
) -> BounceReason {
    let reason = told.reason;
    if reason.fault() != Fault::Address {
        return reason;
    }
    let status = said.and_then(best_status).or(recipient.status);
    let subject = status.map_or(0, |status| status.subject);
    // x.1.351 is what Exchange Online makes of any unknown user of another server.
    let of_address = status.is_some_and(|status| status.subject == 1 && status.detail < 100);
    let command = commands::of(view, said);
    match (reason, command) {
        // The status itself names our address, not the reader's (RFC 3463 section 3.2).
        _ if status.is_some_and(|status| status.subject == 1 && matches!(status.detail, 7 | 8)) => {
            BounceReason::Reputation
        }
        // Nothing was said of the recipient yet: it is our address that does not exist for them.
        (_, Some(Command::Before)) => BounceReason::Reputation,
        // No such domain, but not for good: DNS did not answer.
        (BounceReason::HostUnknown, _) if status.is_some_and(|status| status.class == 4) => {
            BounceReason::Network
        }
        (BounceReason::UserUnknown, _) if is_hidden_refusal(status, told) => BounceReason::Filtered,
        // "Unknown user" is what filters say; that it does not exist, only those who know.
        (BounceReason::UserUnknown, Some(Command::Data)) if !of_address && told.by.contains("unknown") => {
            BounceReason::Filtered
        }
        (BounceReason::UserUnknown, None) if subject == 2 => BounceReason::Filtered,
        (BounceReason::UserUnknown, None)
            if !of_address && is_of_filter(view, found, &recipient.address, said) =>
        {
            BounceReason::Filtered
        }
        _ => reason,
    }
}

/// Whether the words may be a filter's.
fn is_of_filter(view: &View, found: &Found, address: &str, said: Option<&str>) -> bool {
    let named = said.is_some_and(|said| said.contains(&format!("<{address}>")));
    if is_of(&PHONES, address) {
        return false;
    }
    let coded = said.is_some_and(|said| replies_in(said).next().is_some());
    (is_of(&CARRIERS, address) && !named)
        || is_by_filter(view)
        || (PASSING_ON.contains(&found.rule) && !coded)
}

/// Whether an address is of one of these domains, or of one below them.
fn is_of(domains: &[&str], address: &str) -> bool {
    let domain = address.rsplit_once('@').map(|(_, domain)| domain.to_ascii_lowercase()).unwrap_or_default();
    domains
        .iter()
        .any(|known| domain.strip_suffix(known).is_some_and(|above| above.is_empty() || above.ends_with('.')))
}

/// Whether a filter wrote or passed on the report, or took the letter that came back.
fn is_by_filter(view: &View) -> bool {
    let headers = std::iter::once(&view.header).chain(view.returned.iter().map(|returned| &returned.header));
    headers.flat_map(|header| &header.fields).any(|field| {
        matches!(
            field.name.as_str(),
            "received" | "from" | "content-type" | "x-mailer" | "message-id" | "subject"
        ) && {
            let value = field.value.to_ascii_lowercase();
            FILTERS.iter().any(|mark| value.contains(mark))
        }
    })
}

#[cfg(test)]
mod tests {
    use super::{CARRIERS, is_of};

    #[test]
    fn only_these_domains() {
        assert!(is_of(&CARRIERS, "a@docomo.ne.jp"));
        assert!(is_of(&CARRIERS, "a@t.Vodafone.ne.jp"));
        assert!(!is_of(&CARRIERS, "a@notau.com"));
    }
}
