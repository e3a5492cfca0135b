//! The fields of a delivery report, grouped by recipient: whatever the case of their names, with empty
//! lines too many or too few, and diagnostics that go on without being folded.

/// All fields that a delivery report has, in lower case.
pub(super) const KNOWN: [&str; 15] = [
    "original-envelope-id",
    "reporting-mta",
    "dsn-gateway",
    "received-from-mta",
    "arrival-date",
    "original-recipient",
    "final-recipient",
    "action",
    "status",
    "remote-mta",
    "diagnostic-code",
    "last-attempt-date",
    "final-log-id",
    "will-retry-until",
    "x-actual-recipient",
];

/// The most groups of one report that are looked at.
const MOST_GROUPS: usize = 200;

/// The most bytes of one field that are kept.
const MOST_VALUE: usize = 4 << 10;

/// A value with the line on which its field begins, from 1.
type Value = (String, u32);

/// What a report says of one recipient.
#[derive(Clone, Debug, Default)]
pub(super) struct Group {
    pub original_recipient: Option<Value>,
    pub final_recipient: Option<Value>,
    pub action: Option<Value>,
    pub status: Option<Value>,
    pub diagnostic: Option<Value>,
    /// An empty line stood below what there is so far.
    closed: bool,
}

impl Group {
    fn is_empty(&self) -> bool {
        !self.has_recipient() && self.action.is_none() && self.status.is_none() && self.diagnostic.is_none()
    }

    fn has_recipient(&self) -> bool {
        self.original_recipient.is_some() || self.final_recipient.is_some()
    }

    /// Whether an empty line stood below a recipient and what was done.
    fn is_whole(&self) -> bool {
        self.closed && self.has_recipient() && self.is_told()
    }

    fn is_told(&self) -> bool {
        self.action.is_some() || self.status.is_some()
    }
}

/// The fields of a delivery report.
#[derive(Clone, Debug, Default)]
pub(super) struct StatusReport {
    pub reporting_mta: Option<String>,
    pub envelope_id: Option<String>,
    pub groups: Vec<Group>,
}

impl StatusReport {
    /// Reads the fields in a text; lines that are none are passed over.
    pub(super) fn read(text: &str) -> Self {
        let mut report = Self::default();
        let mut group = Group::default();
        for (name, value, line) in fields(text) {
            let value = (value, line);
            match name.as_str() {
                "" => group.closed = group.has_recipient(),
                "reporting-mta" => {
                    let mta =
                        value.0.split_once(';').map_or(value.0.as_str(), |(_, mta)| mta).trim().to_owned();
                    report.reporting_mta = report.reporting_mta.take().or(Some(mta));
                }
                "original-envelope-id" => {
                    report.envelope_id = report.envelope_id.take().or(Some(value.0.trim().to_owned()));
                }
                "original-recipient" => {
                    report
                        .next_if(&mut group, |group| group.original_recipient.is_some() || group.is_whole());
                    group.original_recipient = Some(value);
                }
                "final-recipient" => {
                    report.next_if(&mut group, |group| group.final_recipient.is_some() || group.is_whole());
                    group.final_recipient = Some(value);
                }
                "action" => {
                    report.next_if(&mut group, |group| group.closed && group.action.is_some());
                    set(&mut group.action, value);
                }
                "status" => {
                    report.next_if(&mut group, |group| group.closed && group.status.is_some());
                    set(&mut group.status, value);
                }
                "diagnostic-code" => set(&mut group.diagnostic, value),
                _ => {}
            }
        }
        report.next_if(&mut group, |_| true);
        report.groups.retain(|group| group.has_recipient() || group.is_told());
        report
    }

    /// Closes the group where a field begins another one.
    fn next_if(&mut self, group: &mut Group, again: impl Fn(&Group) -> bool) {
        if again(group) && !group.is_empty() && self.groups.len() < MOST_GROUPS {
            self.groups.push(std::mem::take(group));
        }
    }
}

/// Notes the first value that says something.
fn set(place: &mut Option<Value>, value: Value) {
    if place.as_ref().is_none_or(|(known, _)| known.trim().is_empty()) {
        *place = Some(value);
    }
}

/// The fields in a text: name in lower case, value unfolded, line. An empty line is a field without a
/// name.
fn fields(text: &str) -> Vec<(String, String, u32)> {
    let mut fields: Vec<(String, String, u32)> = Vec::new();
    let mut number = 0;
    for line in text.lines() {
        number += 1;
        if line.trim().is_empty() {
            fields.push((String::new(), String::new(), number));
            continue;
        }
        let name = line.split_once(':').map(|(name, value)| (name.trim_end().to_ascii_lowercase(), value));
        let begins = !line.starts_with([' ', '\t']);
        match name {
            Some((name, value)) if begins && is_name(&name) => {
                fields.push((name, value.trim().to_owned(), number));
            }
            // Indented as a whole, as some show it.
            Some((name, value)) if KNOWN.contains(&name.trim_start()) => {
                fields.push((name.trim_start().to_owned(), value.trim().to_owned(), number));
            }
            _ => {
                if let Some((name, value, _)) = fields.last_mut()
                    && !name.is_empty()
                    && value.len() < MOST_VALUE
                {
                    value.push(' ');
                    value.push_str(line.trim());
                }
            }
        }
    }
    fields
}

/// Whether a text is a field's name here: a known one, or of the form of one.
fn is_name(name: &str) -> bool {
    KNOWN.contains(&name)
        || (name.contains('-')
            && name.len() < 40
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-'))
}
