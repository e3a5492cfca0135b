//! What leads from a report to a delivery: return paths, tokens, ENVIDs, Message-IDs, wherever they
//! stand.

use super::address::{addresses_in, from_xtext};
use super::dsn;
use super::view::{Header, Role, View};
use crate::domain::bounce::Traces;

/// The most of each that are kept.
const MOST: usize = 16;

/// How the local part of our return paths begins.
const RETURN_PATH: &str = "bounce-";

/// How the local part of our addresses for leaving begins.
const UNSUBSCRIBE: &str = "unsubscribe";

/// Fields of a message that say to whom it came, the surest first.
const CAME_TO: [&str; 6] =
    ["delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "x-delivered-to", "to"];

/// Fields of a returned letter that say from where it came.
const CAME_FROM: [&str; 6] =
    ["return-path", "x-envelope-from", "x-original-from", "errors-to", "envelope-from", "sender"];

/// What leads from a message to a delivery. `came_to` is the address that it came to, by its envelope.
pub(super) fn traces(view: &View, came_to: Option<&str>) -> Traces {
    let mut traces = Traces::default();
    for address in came_to.into_iter().flat_map(addresses_in) {
        note_address(&mut traces, &address);
    }
    for name in CAME_TO {
        for value in view.header.all(name).take(MOST) {
            addresses_in(value).take(MOST).for_each(|address| note_address(&mut traces, &address));
        }
    }
    feedback(view, &mut traces);
    for id in dsn::envelope_ids(view) {
        note_envelope_id(&mut traces, &id);
    }
    for returned in &view.returned {
        letter(&returned.header, &mut traces);
    }
    // A letter's header may stand in a part that bears no letter's type, or below other words.
    for part in view.parts.iter().filter(|part| part.role == Role::Text) {
        within(&part.text, &mut traces);
    }
    for name in ["in-reply-to", "references"] {
        view.header.all(name).for_each(|ids| note_message_ids(&mut traces, ids));
    }
    traces
}

/// Whether a message came to an address for leaving, and its token.
pub(super) fn unsubscribe_token(address: &str) -> Option<String> {
    let (local, _) = address.rsplit_once('@').unwrap_or((address, ""));
    let start = local.get(..UNSUBSCRIBE.len())?;
    let token = local[UNSUBSCRIBE.len()..].strip_prefix(['+', '-', '='])?;
    (start.eq_ignore_ascii_case(UNSUBSCRIBE) && !token.is_empty()).then(|| token.to_owned())
}

fn push(list: &mut Vec<String>, text: &str) {
    if list.len() < MOST && text.len() <= 512 && !list.iter().any(|known| known == text) {
        list.push(text.to_owned());
    }
}

/// Notes an address if it is a return path or one for leaving.
fn note_address(traces: &mut Traces, address: &str) {
    let Some((local, _)) = address.rsplit_once('@') else { return };
    if let Some(token) = unsubscribe_token(address) {
        push(&mut traces.unsubscribe, &token);
    } else {
        note_return_path(traces, local);
    }
}

/// Notes a local part if it is of the form of our return paths.
fn note_return_path(traces: &mut Traces, local: &str) {
    let ours = local.get(..RETURN_PATH.len()).is_some_and(|start| start.eq_ignore_ascii_case(RETURN_PATH));
    if ours && local.len() > RETURN_PATH.len() {
        push(&mut traces.return_paths, local);
    }
}

fn note_envelope_id(traces: &mut Traces, id: &str) {
    let id = from_xtext(id.trim().trim_matches(['<', '>']));
    if !id.is_empty() {
        push(&mut traces.envelope_ids, &id);
    }
    note_return_path(traces, id.split('@').next().unwrap_or_default());
}

/// Notes the Message-IDs in a field.
fn note_message_ids(traces: &mut Traces, value: &str) {
    for piece in value.split('<').skip(1).take(MOST) {
        if let Some((id, _)) = piece.split_once('>').filter(|(id, _)| id.contains('@')) {
            push(&mut traces.message_ids, id.trim());
        }
    }
}

/// Notes what a returned letter's header tells.
fn letter(header: &Header, traces: &mut Traces) {
    for name in CAME_FROM {
        for value in header.all(name).take(MOST) {
            addresses_in(value).take(4).for_each(|address| note_from(traces, &address));
        }
    }
    for value in header.all("received").take(MOST) {
        if let Some((_, after)) = value.split_once("envelope-from") {
            addresses_in(after).take(1).for_each(|address| note_from(traces, &address));
        }
    }
    for value in header.all("received-spf").chain(header.all("authentication-results")).take(MOST) {
        for piece in ["envelope-from=", "smtp.mailfrom="] {
            if let Some((_, after)) = value.split_once(piece) {
                addresses_in(after).take(1).for_each(|address| note_from(traces, &address));
            }
        }
    }
    header.all("message-id").take(2).for_each(|ids| note_message_ids(traces, ids));
    for value in header.all("x-original-envelope-id").take(2) {
        note_envelope_id(traces, value);
    }
}

/// Notes where a returned letter came from; addresses for leaving are no trace of where a report came.
fn note_from(traces: &mut Traces, address: &str) {
    if let Some((local, _)) = address.rsplit_once('@') {
        note_return_path(traces, local);
    }
}

/// Notes what stands as a field, or in angle brackets, somewhere in a text: pasted letters, quoted or
/// not.
fn within(text: &str, traces: &mut Traces) {
    for line in text.lines() {
        let line = line.trim_start_matches(['>', ' ', '\t', '|']);
        let Some((name, value)) = line.split_once(':').filter(|(name, _)| name.len() < 40) else { continue };
        match name.trim().to_ascii_lowercase().as_str() {
            "message-id" => note_message_ids(traces, value),
            "return-path" | "x-envelope-from" | "envelope-from" => {
                addresses_in(value).take(1).for_each(|address| note_from(traces, &address));
            }
            "original-envelope-id" => note_envelope_id(traces, value),
            _ => {}
        }
    }
}

/// Notes what a feedback report tells.
fn feedback(view: &View, traces: &mut Traces) {
    for part in view.of_role(Role::Feedback) {
        let fields = Header::read(part.text.as_bytes()).0;
        for value in fields.all("original-mail-from").take(MOST) {
            addresses_in(value).for_each(|address| note_from(traces, &address));
        }
        fields.all("original-envelope-id").for_each(|id| note_envelope_id(traces, id));
    }
}
