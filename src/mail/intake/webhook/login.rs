//! Calls that are proved by what they sign in with: HTTP basic authentication (RFC 7617) or a bearer
//! token (RFC 6750).

use super::proof::is_same;
use super::{Call, Refusal};

/// Refuses a call that signs in with anything but `USER:PASSWORD`.
pub(super) fn basic(call: Call<'_>, secret: &str) -> Result<(), Refusal> {
    let (scheme, given) = credentials(call)?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return Err(Refusal::Unproved("basic authentication is wanted"));
    }
    let decoded = data_encoding::BASE64.decode(given.as_bytes()).ok();
    let good = decoded.is_some_and(|decoded| is_same(secret.as_bytes(), &decoded));
    if good { Ok(()) } else { Err(WRONG) }
}

/// As [`basic`], or with the secret as a token.
pub(super) fn basic_or_bearer(call: Call<'_>, secret: &str) -> Result<(), Refusal> {
    let (scheme, given) = credentials(call)?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return basic(call, secret);
    }
    if is_same(secret.as_bytes(), given.as_bytes()) { Ok(()) } else { Err(WRONG) }
}

const WRONG: Refusal = Refusal::Forged("the name and password, or the token, are not ours");

fn credentials<'a>(call: Call<'a>) -> Result<(&'a str, &'a str), Refusal> {
    let given = call.headers.get("authorization").unwrap_or_default().trim();
    let parts = given.split_once(' ').map(|(scheme, given)| (scheme, given.trim()));
    parts.ok_or(Refusal::Unproved("the header Authorization is missing"))
}
