//! The part of `check` about what receivers ask of a sender: signatures, SPF, DMARC, an address that
//! can be answered, encryption. What stands in the DNS is looked up and held against what should.

use std::collections::BTreeSet;
use std::time::Duration;

use futures_util::future::join_all;

use super::{Failure, output};
use crate::config::{Config, Newsletter, Relay, Security};
use crate::daemon::signers;
use crate::domain::address::takes_no_reply;
use crate::mail::dkim::{Algorithm, DomainKey, Published, Record, compare, dmarc, spf};
use crate::mail::smtp::Dns;
use crate::pipeline::Engine;

/// How long the DNS may take for one name, whatever the resolver's own patience.
const PATIENCE: Duration = Duration::from_secs(8);

/// What becomes of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Level {
    Ok,
    Note,
    Warn,
    Fail,
}

struct Finding {
    level: Level,
    text: String,
    /// A record to publish, below the text.
    record: Option<Record>,
}

impl Finding {
    fn new(level: Level, text: impl Into<String>) -> Self {
        Self { level, text: text.into(), record: None }
    }

    fn with(level: Level, text: impl Into<String>, record: Record) -> Self {
        Self { level, text: text.into(), record: Some(record) }
    }
}

/// Prints what is found, and gives how many failures there are. Without `dns` nothing is looked up.
pub async fn print(engine: &Engine, dns: Option<&Dns>) -> Result<usize, Failure> {
    let mut findings = from_configuration(engine);
    if let Some(dns) = dns {
        findings.extend(from_dns(engine, dns).await);
    }
    for finding in &findings {
        let word = match finding.level {
            Level::Ok => "ok   ",
            Level::Note => "note ",
            Level::Warn => "warn ",
            Level::Fail => "FAIL ",
        };
        output::line(format!("{word} {}", finding.text))?;
        for line in finding
            .record
            .iter()
            .flat_map(|record| record.to_string().lines().map(str::to_owned).collect::<Vec<_>>())
        {
            output::line(format!("      {line}"))?;
        }
    }
    Ok(findings.iter().filter(|finding| finding.level == Level::Fail).count())
}

fn from_configuration(engine: &Engine) -> Vec<Finding> {
    let config = &engine.config;
    let mut findings = Vec::new();
    if config.dkim.is_empty() {
        let text = "dkim: nothing is signed here ([[dkim]]); right only where the relay signs";
        findings.push(Finding::new(Level::Note, text));
    }
    for (newsletter, domain) in signers::unsigned(config, &engine.signers) {
        let text = format!("dkim: {newsletter} goes out unsigned: no key signs for {domain}");
        findings.push(Finding::new(Level::Warn, text));
    }
    let signing = || engine.signers.keys().iter().filter(|key| key.signs);
    for domain in signing().map(|key| &key.domain).collect::<BTreeSet<_>>() {
        let is_rsa = |key: &DomainKey| key.domain == *domain && key.key.algorithm() == Algorithm::Rsa;
        if !signing().any(is_rsa) {
            let text = format!("dkim: no RSA key signs for {domain}; many receivers know no other kind");
            findings.push(Finding::new(Level::Warn, text));
        }
    }
    for newsletter in &config.newsletters {
        findings.extend(unanswerable(newsletter));
        let (from, path) = (newsletter.from.address.domain(), config.bounces.return_path.as_str());
        if !are_aligned(from, path) {
            let text = format!(
                "spf: {path} (bounces.return_path) is no relative of {from}, the sender of {}; for \
                 DMARC, SPF then counts nothing",
                newsletter.name
            );
            findings.push(Finding::new(Level::Warn, text));
        }
    }
    findings.extend(unencrypted(config));
    findings
}

/// Bulk rules ask for an address that takes answers (Microsoft).
fn unanswerable(newsletter: &Newsletter) -> Option<Finding> {
    let answered = newsletter.reply_to.as_ref().unwrap_or(&newsletter.from);
    takes_no_reply(answered.address.local()).then(|| {
        let text = format!(
            "{}: answers go to {}, which seems to take none; set reply_to to an address that somebody reads",
            newsletter.name,
            answered.address.as_string()
        );
        Finding::new(Level::Warn, text)
    })
}

fn unencrypted(config: &Config) -> impl Iterator<Item = Finding> {
    let in_the_open = |relay: &&Relay| relay.url.security == Security::Plain && !relay.url.is_loopback();
    config.relays.iter().filter(in_the_open).map(|relay| {
        let text = format!(
            "relay {}: letters cross the network unencrypted; use smtp+starttls:// or smtps:// (Google \
             asks every sender for TLS)",
            relay.name
        );
        Finding::new(Level::Warn, text)
    })
}

/// Whether two domains share an organisation, as far as one can tell without a list of suffixes.
fn are_aligned(one: &str, other: &str) -> bool {
    let organisation = |domain: &str| {
        let labels: Vec<_> = domain.rsplit('.').take(2).map(str::to_ascii_lowercase).collect();
        labels.join(".")
    };
    let below = |inner: &str, outer: &str| inner.strip_suffix(outer).is_some_and(|rest| rest.ends_with('.'));
    one == other || below(one, other) || below(other, one) || organisation(one) == organisation(other)
}

async fn from_dns(engine: &Engine, dns: &Dns) -> Vec<Finding> {
    let keys = join_all(engine.signers.keys().iter().map(|key| of_key(dns, key)));
    let senders: BTreeSet<_> =
        engine.config.newsletters.iter().map(|newsletter| newsletter.from.address.domain()).collect();
    let policies = join_all(senders.into_iter().map(|domain| of_policy(dns, domain)));
    let path = of_return_path(dns, &engine.config);
    let (mut findings, path, policies) = tokio::join!(keys, path, policies);
    findings.push(path);
    findings.extend(policies);
    findings
}

async fn texts(dns: &Dns, name: &str) -> Result<Vec<String>, Finding> {
    let looked = tokio::time::timeout(PATIENCE, dns.texts(name)).await;
    looked.unwrap_or_else(|_| Err(format!("no answer within {} s", PATIENCE.as_secs()))).map_err(|error| {
        Finding::new(Level::Note, format!("{name} cannot be looked up, so nothing is known of it: {error}"))
    })
}

async fn of_key(dns: &Dns, key: &DomainKey) -> Finding {
    let record = key.record();
    let published = match texts(dns, &record.name).await {
        Ok(texts) => compare(&record, &texts),
        Err(unknown) => return unknown,
    };
    let name = format!("dkim {}", record.name);
    // What a key on standby lacks harms no letter yet.
    let fault = if key.signs { Level::Fail } else { Level::Note };
    match published {
        Published::Equal if key.signs => Finding::new(Level::Ok, format!("{name} is published, and signs")),
        Published::Equal => Finding::new(Level::Ok, format!("{name} is published, on standby")),
        Published::Testing => Finding::with(
            Level::Warn,
            format!("{name} is published with t=y: receivers may ignore it; without it, it says:"),
            record,
        ),
        Published::Missing => Finding::with(fault, format!("{name} is not published; publish:"), record),
        Published::Revoked => Finding::with(
            fault,
            format!("{name} is revoked (an empty p=); sign with another key, or publish:"),
            record,
        ),
        Published::Several => {
            Finding::with(fault, format!("{name} has several records; there must be this alone:"), record)
        }
        Published::Different(why) => {
            Finding::with(fault, format!("{name} is published, but {why}; this is ours:"), record)
        }
    }
}

async fn of_return_path(dns: &Dns, config: &Config) -> Finding {
    let domain = config.bounces.return_path.as_str();
    // Which addresses these are, only they know: a letter is handed in at one and leaves by another.
    let relays = match config.relays.as_slice() {
        [_] => "your relay sends".to_owned(),
        several => {
            let names: Vec<_> = several.iter().map(|relay| relay.name.as_str()).collect();
            format!("each of your relays ({}) sends", names.join(", "))
        }
    };
    match texts(dns, domain).await {
        Ok(texts) => match spf(&texts) {
            Some(record) => Finding::new(
                Level::Ok,
                format!("spf {domain}: {record} (see that it names what {relays} from)"),
            ),
            None => Finding::new(
                Level::Warn,
                format!(
                    "spf {domain} (bounces.return_path) has no SPF record, or several; publish one that \
                     names what {relays} from: {domain}. IN TXT \"v=spf1 ip4:ADDRESS -all\""
                ),
            ),
        },
        Err(unknown) => unknown,
    }
}

async fn of_policy(dns: &Dns, domain: &str) -> Finding {
    // A domain without a record of its own has that of the organisation above it (RFC 7489 6.6.3).
    let mut asked = domain;
    loop {
        let policy = match texts(dns, &format!("_dmarc.{asked}")).await {
            Ok(texts) => dmarc(&texts),
            Err(unknown) => return unknown,
        };
        if let Some(policy) = policy {
            return Finding::new(Level::Ok, format!("dmarc {domain}: p={policy} at _dmarc.{asked}"));
        }
        match asked.split_once('.') {
            Some((_, above)) if above.contains('.') => asked = above,
            _ => break,
        }
    }
    Finding::with(
        Level::Warn,
        format!("dmarc {domain} has no DMARC record, which large mailbox providers ask for; to begin with:"),
        Record::dmarc_hint(domain),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::address::EmailAddress;

    #[test]
    fn point_06_a_return_path_is_a_relative_of_the_sender() {
        for (from, path) in [
            ("example.org", "bounces.example.org"),
            ("news.example.org", "bounces.example.org"),
            ("news.example.org", "example.org"),
        ] {
            assert!(are_aligned(from, path), "{from} {path}");
        }
        for (from, path) in [("example.org", "bounces.example.net"), ("example.org", "bexample.com")] {
            assert!(!are_aligned(from, path), "{from} {path}");
        }
    }

    #[test]
    fn point_11_addresses_that_take_no_reply_are_known() {
        for (address, takes_none) in [
            ("noreply@example.org", true),
            ("no-reply@example.org", true),
            ("Do_Not.Reply@example.org", true),
            ("news@noreply.example.org", false),
            ("replies@example.org", false),
        ] {
            assert_eq!(
                takes_no_reply(EmailAddress::parse(address).unwrap().local()),
                takes_none,
                "{address}"
            );
        }
    }
}
