//! Forms that many systems share: marks, a line that opens a list of recipients or stands before one,
//! and what is said of each below it. One table entry each.

use super::super::failure::Found;
use super::super::view::{Line, View};
use super::listed::{Listed, Strictness, address_within, listed};
use super::marks::{self, Mark};
use crate::domain::bounce::{Action, BounceReason};

/// The most lines of a report that are looked at.
const MOST_LINES: usize = 2_000;

/// The most bytes of what is said of one recipient that are gathered.
const MOST_SAID: usize = 2_000;

/// What says that a letter is still being tried.
const WARNS: &[&str] = &[
    "this is a warning message only",
    "this is a warning only",
    "this is just a warning",
    "delivery attempts will continue",
    "will continue to attempt delivery",
    "will continue to try",
    "will be retried",
    "will keep trying",
    "has not yet been delivered",
    "have yet to be delivered",
    "has been delayed",
    "delivery is delayed",
    "is delayed for more than",
    "been enqueued and undeliverable",
    "has been postponed",
    "temporarily delayed",
    "still being retried",
    "was not yet delivered",
    "could not be delivered yet",
];

/// A form in which a system reports failure.
pub(super) struct Shape {
    /// The rule's name.
    pub name: &'static str,
    /// What must all be so.
    pub marks: &'static [Mark],
    /// Phrases below which recipients stand, each on a line of its own.
    pub below: &'static [&'static str],
    /// Phrases right behind which a recipient stands.
    pub behind: &'static [&'static str],
    /// Phrases that end the list, besides the letter that came back.
    pub until: &'static [&'static str],
    /// How strictly the lines below must be of the form of a list.
    pub lines: Strictness,
    /// Whether what is said of a recipient goes on beyond an empty line.
    pub whole: bool,
    /// Whom it is about where the text names nobody.
    pub otherwise: Otherwise,
    /// Why, where the form itself says so.
    pub reason: Option<BounceReason>,
    /// Sentences of the system itself, in lower case, that say why.
    pub says: &'static [(&'static str, BounceReason)],
}

/// Where to look for recipients that the text does not name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Otherwise {
    /// Nowhere; it is no report of this form then.
    No,
    /// In the header: `X-Failed-Recipients`.
    Field,
    /// In the header, else nobody is named: a report all the same.
    Nobody,
}

impl Shape {
    /// A shape of this name without anything.
    pub(super) const NONE: Self = Self {
        name: "",
        marks: &[],
        below: &[],
        behind: &[],
        until: &[],
        lines: Strictness::List,
        whole: false,
        otherwise: Otherwise::No,
        reason: None,
        says: &[],
    };

    /// Reads a report of this form.
    pub(super) fn read(&self, view: &View) -> Option<Found> {
        if !self.marks.iter().all(|mark| mark.holds(view)) {
            return None;
        }
        let lines: Vec<Line<'_>> = view.lines().take(MOST_LINES).collect();
        let mut list =
            List { shape: self, entries: Vec::new(), preface: String::new(), state: State::Closed };
        let opens = self.opens(view);
        for line in &lines {
            list.take(line, &opens);
        }
        let mut found = Found::new(self.name);
        found.reason = self.reason;
        if warns(view) {
            found.action = Action::Delayed;
        }
        list.report(view, &lines, &opens, &mut found);
        if found.recipients.is_empty() {
            self.otherwise(view, &mut found);
        }
        (!found.recipients.is_empty() || self.otherwise == Otherwise::Nobody).then_some(found)
    }

    /// The lines on which a phrase that opens a list ends, each with the offset in it, and how.
    fn opens(&self, view: &View) -> Vec<Open> {
        let text = marks::text(view);
        let phrases = self.below.iter().map(|phrase| (phrase, false));
        let phrases = phrases.chain(self.behind.iter().map(|phrase| (phrase, true)));
        let mut opens = Vec::new();
        for (phrase, behind) in phrases {
            let mut from = 0;
            while let Some((_, end)) = marks::find(text, phrase, from) {
                let line = view.line_at(end);
                let start = text[..end].rfind('\n').map_or(0, |at| at + 1);
                opens.push(Open { line, at: end - start, behind });
                from = end;
                if opens.len() >= 200 {
                    break;
                }
            }
        }
        opens.sort_by_key(|open| (open.line, open.at));
        opens
    }

    /// Looks for recipients elsewhere.
    fn otherwise(&self, view: &View, found: &mut Found) {
        match self.otherwise {
            Otherwise::No => {}
            Otherwise::Field | Otherwise::Nobody => failed_recipients(view, found),
        }
    }
}

/// Notes the recipients that the header names as failed.
pub(super) fn failed_recipients(view: &View, found: &mut Found) {
    const FIELD: &str = "x-failed-recipients";
    let before = found.recipients.len();
    for value in view.header.all(FIELD) {
        for address in super::super::address::addresses_in(value) {
            found.recipient(&address, None);
        }
    }
    if found.recipients.len() > before {
        found.saw_field(view, FIELD, "recipient");
    }
}

/// Whether the report says that the letter is still being tried.
pub(super) fn warns(view: &View) -> bool {
    let text = marks::text(view);
    WARNS.iter().any(|phrase| marks::find(text, phrase, 0).is_some())
}

/// Where a phrase that opens a list ends.
struct Open {
    line: usize,
    at: usize,
    behind: bool,
}

/// What is known of a recipient.
struct Entry<'a> {
    address: &'a str,
    said: String,
    /// Nothing more is said of it.
    done: bool,
    line: usize,
}

/// Where in a report a reader is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Before the list, or behind it.
    Closed,
    /// In the list, whose recipients stand this far from the margin.
    Listing(Option<usize>),
    /// Below a recipient that stood behind a phrase.
    Saying,
    /// A recipient is to come on the next line.
    Awaiting,
}

/// Recipients as they are found.
struct List<'s, 'a> {
    shape: &'s Shape,
    entries: Vec<Entry<'a>>,
    /// What is said within the list before its first recipient.
    preface: String,
    state: State,
}

impl<'a> List<'_, 'a> {
    /// Takes the next line.
    fn take(&mut self, line: &Line<'a>, opens: &[Open]) {
        let first = opens.partition_point(|open| open.line < line.number);
        let mut here = opens[first..].iter().take_while(|open| open.line == line.number).peekable();
        if marks::quotes(line.text) {
            return;
        }
        // A paragraph may say what opened the list.
        let saying = self.shape.lines == Strictness::Paragraph && !self.entries.is_empty();
        if here.peek().is_some() && !saying {
            for open in here {
                self.open(line, open);
            }
            return;
        }
        if self.state != State::Closed && self.ends(line) {
            self.state = State::Closed;
            return;
        }
        match self.state {
            State::Closed => {}
            State::Awaiting => {
                if let Some(address) = address_within(line.text) {
                    self.push(address, "", line.number);
                    self.state = State::Saying;
                }
            }
            State::Saying => self.say(line.text),
            State::Listing(margin) => match listed(line.text, self.shape.lines) {
                Some(Listed { address, said, indent }) if margin.is_none_or(|margin| indent <= margin) => {
                    self.push(address, said, line.number);
                    self.state = State::Listing(Some(margin.unwrap_or(indent)));
                }
                _ => self.say(line.text),
            },
        }
    }

    /// Takes a line on which a phrase that opens a list ends.
    fn open(&mut self, line: &Line<'a>, open: &Open) {
        let rest = line.text.get(open.at..).unwrap_or_default();
        if !open.behind {
            self.state = State::Listing(None);
            if let Some(Listed { address, said, .. }) = listed(rest, self.shape.lines) {
                self.push(address, said, line.number);
            }
            return;
        }
        let rest = rest.trim_start_matches(|letter: char| {
            letter.is_whitespace() || matches!(letter, ':' | '\'' | '`' | '(' | '[')
        });
        if rest.is_empty() {
            self.state = State::Awaiting;
        } else if let Some(found) = listed(rest, Strictness::Loose) {
            self.push(found.address, line.text, line.number);
            self.state = State::Saying;
        }
    }

    /// Whether the list ends here.
    fn ends(&self, line: &Line<'_>) -> bool {
        let lower = line.lower.trim_start();
        self.shape.until.iter().any(|phrase| lower.starts_with(phrase))
            || ["received:", "return-path:", "message-id:", "dkim-signature:"]
                .iter()
                .any(|field| lower.starts_with(field))
    }

    fn push(&mut self, address: &'a str, said: &str, line: usize) {
        if self.entries.last().is_none_or(|last| !last.address.eq_ignore_ascii_case(address)) {
            self.entries.push(Entry { address, said: said.to_owned(), done: false, line });
        }
    }

    /// Adds what is said to the last recipient, or to none if none was named yet.
    fn say(&mut self, text: &str) {
        let text = text.trim();
        let Some(entry) = self.entries.last_mut() else {
            add(&mut self.preface, text);
            return;
        };
        // A paragraph that says something is the last, unless it only leads to the next.
        let done = text.is_empty() && !entry.said.is_empty() && !entry.said.ends_with(':');
        entry.done |= done && !self.shape.whole;
        if !entry.done {
            add(&mut entry.said, text);
        }
    }

    /// Writes what was found.
    fn report(self, view: &View, lines: &[Line<'_>], opens: &[Open], found: &mut Found) {
        if let Some(line) = opens.first().and_then(|open| lines.get(open.line)) {
            found.saw(view, line, "kind");
        }
        let mut entries = self.entries;
        if !self.preface.is_empty() && self.shape.lines != Strictness::Paragraph {
            found.diagnostic = Some(self.preface);
        }
        // What is said below several recipients is said of all of them.
        for at in (1..entries.len()).rev() {
            if entries[at - 1].said.is_empty() {
                entries[at - 1].said = entries[at].said.clone();
            }
        }
        let says = self.shape.says;
        for entry in entries {
            found.recipient(entry.address, Some(entry.said.as_str()).filter(|said| !said.is_empty()));
            let said = entry.said.to_lowercase();
            if let (Some((_, reason)), Some(last)) =
                (says.iter().find(|(words, _)| said.contains(words)), found.recipients.last_mut())
            {
                last.reason = Some(*reason);
            }
            if let Some(line) = lines.get(entry.line).filter(|_| found.evidence.len() < 40) {
                found.saw(view, line, "recipient");
            }
        }
    }
}

/// Adds a line to what is said.
fn add(said: &mut String, text: &str) {
    if !text.is_empty() && said.len() < MOST_SAID {
        if !said.is_empty() {
            said.push(' ');
        }
        said.push_str(text);
    }
}
