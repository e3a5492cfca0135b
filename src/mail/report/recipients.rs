//! Of whom a report speaks, where its fields do not say, or say it with a bare name only.

use super::address::{addresses_in, cleaned};
use super::failure::{Found, MOST_RECIPIENTS, evidence};
use super::view::View;
use crate::domain::bounce::ReportedRecipient;

/// Local parts of machines and houses that reports are signed with, and nobody's letter goes to.
const HOUSES: [&str; 14] = [
    "postmaster",
    "mailer-daemon",
    "mailerdaemon",
    "mail-daemon",
    "maildaemon",
    "hostmaster",
    "abuse",
    "support",
    "helpdesk",
    "webmaster",
    "noreply",
    "no-reply",
    "donotreply",
    "root",
];

/// What a line says that names the recipient.
const CUES: [&str; 16] = [
    "recipient",
    "deliver",
    "to:",
    "to <",
    "user",
    "mailbox",
    "address",
    "account",
    "fail",
    "reach",
    "sent to",
    "empfänger",
    "destinataire",
    "destinatario",
    "адрес",
    "宛",
];

/// Gives a report's recipients what they lack: bare names their domain, and a report of nobody its
/// recipients, by the field `X-Failed-Recipients`, by its text, by the letter that came back.
pub(super) fn complete(view: &View, found: &mut Found) {
    for recipient in &mut found.recipients {
        if !recipient.address.is_empty() && !recipient.address.contains('@') {
            recipient.address = with_domain(view, &recipient.address);
        }
    }
    if found.recipients.iter().any(|recipient| !recipient.address.is_empty()) {
        found.recipients.retain(|recipient| !recipient.address.is_empty());
        return;
    }
    let bare = found.recipients.pop().unwrap_or_default();
    found.recipients.clear();
    let (part, addresses) = named(view);
    for address in addresses.into_iter().take(MOST_RECIPIENTS) {
        found.evidence.push(evidence(part.clone(), 0, "recipient", &address));
        found.recipients.push(ReportedRecipient { address, ..bare.clone() });
    }
    if found.recipients.is_empty() {
        found.recipients.push(bare);
    }
}

/// A bare name with its domain: that of the address in the report or the returned letter that begins
/// with it, else that of the report's sender.
fn with_domain(view: &View, name: &str) -> String {
    let is_it = |address: &String| {
        address.rsplit_once('@').is_some_and(|(local, _)| local.eq_ignore_ascii_case(name))
    };
    let in_letters = returned_to(view).into_iter().find(is_it);
    let known = in_letters.or_else(|| addresses_in(view.report_text()).find(is_it));
    let from = || {
        let from = view.header.get("from").and_then(|from| addresses_in(from).next())?;
        Some(format!("{name}@{}", from.rsplit_once('@')?.1))
    };
    known.or_else(from).unwrap_or_else(|| name.to_owned())
}

/// The addresses that a report names, and where it does.
pub(super) fn named(view: &View) -> (String, Vec<String>) {
    let failed: Vec<_> = view.header.all("x-failed-recipients").flat_map(addresses_in).collect();
    if !failed.is_empty() {
        return ("header".to_owned(), unique(failed));
    }
    let written_to = returned_to(view);
    let (mut sure, mut likely, mut both) = (Vec::new(), Vec::new(), Vec::new());
    for line in view.lines().take(400) {
        if !line.text.contains('@')
            || line.lower.contains("message-id")
            || line.lower.trim_start().starts_with("from:")
        {
            continue;
        }
        let begins = line.text.trim_start_matches([' ', '\t', '*', '-', '<', '"']);
        for address in addresses_in(line.text).take(20) {
            if written_to.iter().any(|to| to.eq_ignore_ascii_case(&address)) {
                both.push(address);
            } else if is_other(view, &address) {
            } else if begins.get(..address.len()).is_some_and(|start| start.eq_ignore_ascii_case(&address)) {
                sure.push(address);
            } else if CUES.iter().any(|cue| line.lower.contains(cue)) {
                likely.push(address);
            }
        }
    }
    let text = view.place(0).0;
    for list in [both, sure, likely] {
        if !list.is_empty() {
            return (text, unique(list));
        }
    }
    ("returned letter".to_owned(), unique(written_to))
}

/// What a report's text says of an address: behind it on its line, and on the lines below that are
/// indented or belong to the same paragraph.
pub(super) fn said_of(view: &View, address: &str) -> Option<String> {
    let wanted = address.to_ascii_lowercase();
    if wanted.is_empty() {
        return None;
    }
    let mut said = String::new();
    let mut lines = view.lines();
    let first = lines.find(|line| {
        let begins = line.lower.trim_start_matches([' ', '\t', '*', '-', '<', '"', '\'', '(']);
        begins.starts_with(&wanted)
    })?;
    let at = first.lower.find(&wanted)? + wanted.len();
    said.push_str(first.text.get(at..)?.trim_start_matches(['>', ':', '"', '\'', ')', ' ', '.']));
    for line in lines.take(8) {
        if line.text.trim().is_empty()
            || addresses_in(line.text).any(|other| !other.eq_ignore_ascii_case(address))
        {
            break;
        }
        said.push(' ');
        said.push_str(line.text.trim());
    }
    let said = super::failure::diagnostic_of(&said);
    (said.len() > 3).then_some(said)
}

/// To whom the letters that came back were written.
fn returned_to(view: &View) -> Vec<String> {
    let of = |names: &[&str]| -> Vec<String> {
        view.returned
            .iter()
            .flat_map(|returned| names.iter().flat_map(|name| returned.header.all(name)))
            .flat_map(addresses_in)
            .take(MOST_RECIPIENTS)
            .collect()
    };
    let to = of(&["to"]);
    if to.is_empty() { of(&["x-original-to", "delivered-to", "envelope-to", "cc"]) } else { to }
}

/// Whether an address is of another part in the report: to whom it came, who signed it, who sent the
/// letter, a machine.
fn is_other(view: &View, address: &str) -> bool {
    let local = address.split('@').next().unwrap_or_default().to_ascii_lowercase();
    let domain = address.rsplit_once('@').map(|(_, domain)| domain).unwrap_or_default();
    let same = |value: &str| {
        cleaned(value).is_some_and(|known| known.eq_ignore_ascii_case(address))
            || addresses_in(value).any(|known| known.eq_ignore_ascii_case(address))
    };
    HOUSES.contains(&local.as_str())
        || !domain.contains('.')
        || ["to", "from", "delivered-to", "x-original-to", "return-path", "sender", "reply-to", "cc"]
            .iter()
            .any(|name| view.header.all(name).take(4).any(same))
        || view.returned.iter().any(|returned| {
            ["from", "return-path", "sender", "reply-to", "message-id"]
                .iter()
                .any(|name| returned.header.all(name).take(2).any(same))
        })
}

/// Each address once, whatever its case.
fn unique(addresses: Vec<String>) -> Vec<String> {
    let mut seen: Vec<String> = Vec::new();
    for address in addresses {
        if !seen.iter().any(|known| known.eq_ignore_ascii_case(&address)) && seen.len() < MOST_RECIPIENTS {
            seen.push(address);
        }
    }
    seen
}
