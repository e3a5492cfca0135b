//! Reports in plain words, of no form that is known: who writes, what about, and what it says must
//! agree that it is one.

mod phrases;

use super::address::addresses_in;
use super::failure::Found;
use super::recipients;
use super::view::View;
use crate::domain::bounce::Action;

/// The rule's name.
pub(super) const RULE: &str = "text";

/// Local parts that reports come from.
const SENDERS: [&str; 10] = [
    "mailer-daemon",
    "mailerdaemon",
    "mail-daemon",
    "maildaemon",
    "mailer_daemon",
    "mdaemon",
    "postmaster",
    "post_master",
    "mail_daemon",
    "mailagent",
];

/// Whether the header says that a mail server wrote it to report.
pub(super) fn is_by_reporter(view: &View) -> bool {
    let from = view.header.get("from").unwrap_or_default().to_ascii_lowercase();
    let named = ["mail delivery", "mail system", "delivery subsystem"].iter().any(|name| from.contains(name));
    named || SENDERS.iter().any(|sender| from.contains(sender)) || view.header.has("x-failed-recipients")
}

/// Reads a report in plain words; `None` where a message is none.
pub(super) fn read(view: &View) -> Option<Found> {
    let subject = view.header.get("subject").unwrap_or_default();
    let machine = is_by_reporter(view);
    let nobody = view.header.get("return-path").is_some_and(|path| path.trim() == "<>");
    let by_field = view.header.has("x-failed-recipients");
    let about = phrases::is_subject(subject);
    let line = view.lines().take(200).find(|line| phrases::tells(line.text));
    let told = u8::from(machine) + u8::from(nobody) + u8::from(about);
    // A person's answer that quotes a report has none of them; a report that says nothing is none.
    let answer = view.header.has("in-reply-to") && !machine;
    if told == 0 || answer || !(line.is_some() || by_field || (about && (machine || nobody))) {
        return None;
    }
    if told == 1 && !by_field && view.returned.is_empty() && recipients::named(view).1.is_empty() {
        return None;
    }
    let mut found = Found::new(RULE);
    if about {
        found.saw_field(view, "subject", "kind");
    } else {
        found.saw_field(view, "from", "kind");
    }
    if let Some(line) = line {
        found.saw(view, &line, "kind");
    }
    if phrases::is_delay_subject(subject) {
        found.action = Action::Delayed;
    }
    found.reporting_mta = view
        .header
        .get("from")
        .and_then(|from| addresses_in(from).next())
        .and_then(|address| address.rsplit_once('@').map(|(_, domain)| domain.to_owned()));
    Some(found)
}
