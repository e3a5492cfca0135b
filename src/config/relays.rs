//! The sections that say how letters leave: the relays, and the providers whose limits are kept to
//! on the way.

use std::collections::BTreeMap;
use std::num::{NonZeroU16, NonZeroU32, NonZeroU64};
use std::path::PathBuf;

use chrono::NaiveDate;

use super::problem::Problem;
use super::section::{elements, section};
use super::settings::longer_than_nothing;
use super::tree::Node;
use super::values::{Extension, HostName, Name, Rate, RelayUrl, Security, TimeSpan, Word as _};
use crate::domain::words::words;

words! {
    /// How the user of a relay signs in.
    pub enum SignIn {
        /// With a password: AUTH PLAIN or LOGIN (RFC 4954).
        Password = "password",
        /// With a bearer token: AUTH XOAUTH2.
        Xoauth2 = "xoauth2",
    }
}

section! {
    /// The mail servers that take the letters. With several, each takes its share by `weight`; one
    /// that is down or refuses us is left out until it works again, and the others take over.
    pub struct Relay check sign_in(url, password_file) check needs_a_user(url, auth) check begun(warm_up, warm_up_from) {
        /// What messages, newsletters and the database call it.
        name: Name,
        /// `smtp://HOST:PORT` (no encryption), `smtp+starttls://` (nothing is sent without STARTTLS)
        /// or `smtps://` (TLS from the start). A user name stands before an `@`; the password stands
        /// in `password_file`. Ports when none is written: 25, 587, 465.
        url: RelayUrl,
        /// A file with the password of the user in `url`, or with the bearer token where `auth` is
        /// `xoauth2`. See *Secrets* above.
        password_file: Option<PathBuf>,
        /// How the user signs in: `password`, or `xoauth2` with a bearer token. The token's file is
        /// read anew for each connection, so that whatever renews the token need not tell us.
        auth: SignIn = "\"password\"",
        /// Its share of the letters beside the other relays': one of weight 3 takes three times as
        /// many as one of weight 1.
        weight: NonZeroU16 = "1",
        /// How many connections are open at once, at most, over all daemons. Fewer are while the
        /// relay is new to us, or answers that it is busy.
        connections: NonZeroU16 = "4",
        /// After so many letters a connection is closed and a new one opened.
        messages_per_connection: NonZeroU32 = "1000",
        /// How many letters may go out in a second, a minute or an hour, evenly spread, over all
        /// daemons; no limit when it is left out.
        rate: Option<Rate>,
        /// How many letters may go out in any hour; no limit when it is left out.
        per_hour: Option<NonZeroU64>,
        /// How many letters may go out in any 24 hours; no limit when it is left out.
        per_day: Option<NonZeroU64>,
        /// How many letters it takes a day at first, day by day from `warm_up_from`, while receivers
        /// get to know its address: `[1000, 2000, 5000, 10000]`. Days are those of UTC. After the
        /// last one `per_day` alone holds.
        warm_up: Vec<NonZeroU64>,
        /// The first day of `warm_up`, as year, month and day.
        warm_up_from: Option<NaiveDate>,
        /// Whether commands are sent without waiting for each reply (PIPELINING, RFC 2920):
        /// `when_offered`, or `never` for a relay that offers it and cannot do it.
        pipelining: Extension = "\"when_offered\"",
        /// Whether reports of failure are asked to name the letter they are about (DSN, RFC 3461):
        /// `when_offered` or `never`.
        dsn: Extension = "\"when_offered\"",
        /// A PEM file with certificates to trust beside those of the system.
        ca_file: Option<PathBuf>,
        /// The name that we give in EHLO (RFC 5321 4.1.1.1); the machine's own name when it is left
        /// out.
        hello: Option<HostName>,
        /// How long opening a connection may take, encryption included.
        connect_timeout: TimeSpan = "\"30s\"" where longer_than_nothing,
        /// How long to wait for the reply to each command.
        timeout: TimeSpan = "\"60s\"" where longer_than_nothing,
        /// How long the relay may take to read a whole letter.
        body_timeout: TimeSpan = "\"3m\"" where longer_than_nothing,
        /// How long to wait for the reply to a whole letter. Long (RFC 5321 4.5.3.2.6 asks for ten
        /// minutes): a relay that is cut off here may have taken the letter already.
        accept_timeout: TimeSpan = "\"10m\"" where longer_than_nothing,
    }
}

section! {
    /// A mailbox provider that takes only so much at once. Letters to its domains keep to these
    /// limits whatever relay they go through, and letters to everybody else do not wait for them.
    pub struct Provider check limited(connections, rate) {
        /// What reports and the database call it.
        name: Name,
        /// The domains of its readers' addresses: `["gmail.com", "googlemail.com"]`.
        domains: Vec<HostName> where of_addresses,
        /// How many connections may carry letters to it at once, over all daemons.
        connections: Option<NonZeroU16>,
        /// How many letters may go to it in a second, a minute or an hour, over all daemons.
        rate: Option<Rate>,
    }
}

fn sign_in(url: &RelayUrl, password_file: &Option<PathBuf>) -> Option<(&'static str, String)> {
    match (&url.user, password_file) {
        (Some(_), _) if url.security == Security::Plain && !url.is_loopback() => {
            let message =
                "would send the password unencrypted; smtp+starttls:// or smtps:// is wanted with a user";
            Some(("url", message.to_owned()))
        }
        (Some(_), None) => Some(("password_file", "is missing: the url names a user".to_owned())),
        (None, Some(_)) => {
            Some(("password_file", "has no user: name one in the url, as in smtps://user@host".to_owned()))
        }
        _ => None,
    }
}

fn needs_a_user(url: &RelayUrl, auth: &SignIn) -> Option<(&'static str, String)> {
    (*auth == SignIn::Xoauth2 && url.user.is_none())
        .then(|| ("auth", "has no user to sign in: name one in the url, as in smtps://user@host".to_owned()))
}

fn begun(warm_up: &[NonZeroU64], from: &Option<NaiveDate>) -> Option<(&'static str, String)> {
    match (warm_up.is_empty(), from) {
        (false, None) => Some((
            "warm_up_from",
            "is missing: warm_up needs its first day, such as \"2026-11-25\"".to_owned(),
        )),
        (true, Some(_)) => {
            Some(("warm_up", "is missing: warm_up_from needs the letters of each day".to_owned()))
        }
        _ => None,
    }
}

fn limited(connections: &Option<NonZeroU16>, rate: &Option<Rate>) -> Option<(&'static str, String)> {
    let message = "is missing, and so is connections: a provider has at least one limit, such as \
                   rate = \"20/s\"; leave the section out where there is none";
    (connections.is_none() && rate.is_none()).then(|| ("rate", message.to_owned()))
}

#[expect(clippy::ptr_arg, reason = "`section!` hands over the value of the key as it is")]
fn of_addresses(domains: &Vec<HostName>) -> Option<String> {
    if domains.is_empty() {
        return Some("is empty: which domains are the provider's?".to_owned());
    }
    let is_address = |domain: &&HostName| domain.as_str().parse::<std::net::IpAddr>().is_ok();
    let address = domains.iter().find(is_address)?;
    Some(format!("names {address}, which is no domain of mail addresses"))
}

/// Finds domains that two providers claim: a letter stands under the limits of one.
pub(super) fn find_shared_domains(root: &Node, problems: &mut Vec<Problem>) {
    let mut seen = BTreeMap::new();
    for (index, provider) in root.get("providers").map(Node::elements).unwrap_or_default().iter().enumerate()
    {
        let Some(domains) = provider.get("domains") else { continue };
        for (nth, node) in elements(domains).iter().enumerate() {
            let Some(Ok(domain)) = node.text().map(HostName::parse) else { continue };
            if let Some(first) = seen.get(&domain) {
                let message = format!("{domain} is a domain of providers[{first}] already");
                let key = format!("providers[{index}].domains[{nth}]");
                problems.push(Problem { place: node.place.clone(), key, message });
            } else {
                seen.insert(domain, index);
            }
        }
    }
}
