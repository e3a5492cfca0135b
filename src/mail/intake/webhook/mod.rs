//! Providers' calls: who may make them, and what they say. Pure: the headers, the body, the secret
//! and the time come in; reports go out, or a refusal with its reason. Whoever fetches certificates,
//! remembers tokens and answers the call sits above.
//!
//! What a call says is believed only after its proof was checked, and only within a window after it
//! was made. A window is as long as the provider goes on trying: an older call is somebody else's. A
//! call that comes twice within its window is harmless, as each event has a name of its own under
//! which it is kept once.
//!
//! Events that say nothing of delivery (openings, clicks), and those that a provider will think of
//! one day, are passed over: refused, they would come again for hours.

pub mod brevo;
mod fields;
pub mod generic;
mod login;
pub mod mailgun;
pub mod postmark;
mod proof;
mod refusal;
pub mod sendgrid;
pub mod ses;
mod told;

use std::collections::BTreeMap;

pub use refusal::Refusal;

use super::Incoming;

/// The most bytes of one call.
pub const MOST_BYTES: usize = 1 << 20;
/// The most events of one call.
pub const MOST_EVENTS: usize = 1000;

/// The headers of a call. One that stands there twice counts as absent: nobody can tell which is
/// meant.
#[derive(Clone, Debug, Default)]
pub struct Headers(BTreeMap<String, Option<String>>);

impl Headers {
    /// The value of a header; `name` in lower case.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_deref()
    }
}

impl<N: AsRef<str>, V: Into<String>> FromIterator<(N, V)> for Headers {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(pairs: I) -> Self {
        let mut headers = BTreeMap::new();
        for (name, value) in pairs {
            let value = Some(value.into());
            headers.entry(name.as_ref().to_ascii_lowercase()).and_modify(|own| *own = None).or_insert(value);
        }
        Self(headers)
    }
}

/// A call as it came.
#[derive(Clone, Copy, Debug)]
pub struct Call<'a> {
    /// Its headers.
    pub headers: &'a Headers,
    /// Its body.
    pub body: &'a [u8],
}

impl Call<'_> {
    /// Refuses a body that does not say to be JSON.
    fn must_be_json(&self) -> Result<(), Refusal> {
        let kind = self.headers.get("content-type").unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim();
        if kind.eq_ignore_ascii_case("application/json") { Ok(()) } else { Err(Refusal::NotJson) }
    }
}

/// What a call says, once it is believed.
pub type Opened = Result<Vec<Incoming>, Refusal>;

#[cfg(test)]
mod tests;
