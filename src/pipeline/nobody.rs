//! A reader whom nobody is, for whom previews and checks fill in a letter.

use chrono::{DateTime, Utc};

use super::{Engine, PipelineError, Result};
use crate::config::Newsletter;
use crate::domain::address::{EmailAddress, Mailbox};
use crate::domain::ids::{EditionId, SubscriberId};
use crate::mail::letter::{PlaceValues, message_id};

/// The places of such a reader: the personal links lead nowhere.
///
/// # Errors
/// None that a well-formed configuration gives.
pub fn places(
    engine: &Engine,
    newsletter: &Newsletter,
    edition: EditionId,
    opened_at: DateTime<Utc>,
) -> Result<PlaceValues> {
    let address = EmailAddress::parse("reader@example.org")
        .map_err(|error| PipelineError::Refused(error.to_string()))?;
    let unsubscribe_url = engine.links().example("unsubscribe");
    Ok(PlaceValues {
        to: Mailbox { name: None, address },
        message_id: message_id(
            &engine.keys,
            edition,
            opened_at,
            SubscriberId(0),
            newsletter.from.address.domain(),
        ),
        date: engine.clock.now().with_timezone(&newsletter.zone()).fixed_offset(),
        preferences_url: engine.links().example("preferences"),
        one_click_url: unsubscribe_url.clone(),
        unsubscribe_address: engine.leaving_example(),
        unsubscribe_url,
    })
}
