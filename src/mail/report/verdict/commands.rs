//! To which command a server gave the reply that is reported. A server that took the recipient and
//! refuses at DATA has looked at the letter: what it says of the user then is no word on the address.

use crate::mail::report::view::{View, squeezed};

/// A step of an SMTP session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Command {
    /// Before the recipient was named.
    Before,
    /// RCPT.
    Recipient,
    /// DATA, and its end.
    Data,
}

/// Words in a diagnostic that name the command.
const NAMED: [(&str, Command); 14] = [
    ("reply to end of data", Command::Data),
    ("reply to data", Command::Data),
    ("end of data", Command::Data),
    ("end-of-data", Command::Data),
    ("after data", Command::Data),
    ("response to data", Command::Data),
    ("response to end of data", Command::Data),
    ("reply to rcpt", Command::Recipient),
    ("after rcpt", Command::Recipient),
    ("response to rcpt", Command::Recipient),
    ("did not like our rcpt", Command::Recipient),
    ("reply to mail from", Command::Before),
    ("after mail from", Command::Before),
    ("response to mail from", Command::Before),
];

/// The command to which the reply in a diagnostic was given: named in it, in the report's text beside
/// it, or by a transcript of the session.
pub(super) fn of(view: &View, diagnostic: Option<&str>) -> Option<Command> {
    let said = diagnostic.map(str::to_ascii_lowercase);
    let named =
        |text: &str| NAMED.iter().find(|(words, _)| text.contains(words)).map(|(_, command)| *command);
    said.as_deref().and_then(named).or_else(|| transcript(view, said.as_deref())).or_else(|| {
        let text = squeezed(view.report_lower());
        let mut commands =
            NAMED.iter().filter(|(words, _)| text.contains(words)).map(|(_, command)| *command);
        let first = commands.next()?;
        // Where several recipients failed at different steps, the text does not tell who at which.
        commands.all(|command| command == first).then_some(first)
    })
}

/// The command by a transcript: the last `>>>` above the `<<<` that says what the diagnostic does.
fn transcript(view: &View, said: Option<&str>) -> Option<Command> {
    let mut last = None;
    let mut found = None;
    for line in view.lines() {
        let line = line.lower.trim_start();
        if let Some(command) = line.strip_prefix(">>>") {
            last = Some(match command.trim_start() {
                command if command.starts_with("rcpt") => Command::Recipient,
                command if command.starts_with("data") || command.starts_with(". ") || command == "." => {
                    Command::Data
                }
                _ => Command::Before,
            });
        } else if let Some(reply) = line.strip_prefix("<<<") {
            let reply = reply.trim();
            let ours = said.is_none_or(|said| said.contains(reply) || reply.contains(said));
            if found.is_none() && ours && reply.starts_with(['4', '5']) {
                found = last;
            }
        }
    }
    found
}
