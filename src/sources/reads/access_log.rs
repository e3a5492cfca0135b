//! Access logs: which requests were people reading a page, hour by hour.
//!
//! A log's part is the fingerprint of its first line, which stays the same when the log grows, is
//! renamed or compressed; so a log may be read again and again. Views are requests; visitors are
//! counted once for each page, client and half hour.

use std::collections::{BTreeMap, HashMap};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::net::IpAddr;

use chrono::{DateTime, DurationRound as _, TimeDelta, Utc};
use sha2::{Digest as _, Sha256};

use super::log_line::{self, Line, Request};
use super::machines::Machines;
use super::pages::may_be_article;
use super::unpack::Lines;
use super::{Problems, ReadOptions, ReadsError, ReadsFile, Skipped};
use crate::domain::article_key::{path_key, path_of};
use crate::domain::reads::{ReadCount, ReadsPart, Replaces};

/// How long the same client on the same page is the same visitor.
const VISIT: TimeDelta = TimeDelta::minutes(30);
const HOUR: TimeDelta = TimeDelta::hours(1);

/// Reads a log, line by line.
pub(super) fn read(bytes: &[u8], options: &ReadOptions) -> Result<ReadsFile, ReadsError> {
    let mut lines = Lines::new(bytes);
    let mut buffer = Vec::new();
    let mut tally = Tally::new(options);
    let mut fingerprint = None;
    let mut number = 0_u64;
    loop {
        let line = match lines.next(&mut buffer) {
            Ok(Some(line)) => line,
            Ok(None) => break,
            // What came before a damaged end was read, and is replaced when the file is read again.
            Err(ReadsError::Unpack(error)) if number > 0 => {
                tally
                    .problems
                    .add(format!("after line {number}"), format!("the compressed file is damaged: {error}"));
                break;
            }
            Err(error) => return Err(error),
        };
        number += 1;
        if line.bytes.is_empty() {
            continue;
        }
        let parsed = if line.whole { log_line::parse(line.bytes) } else { None };
        // The server may still be writing the last line; it is read next time. As the first line it
        // would give the part another name than it will have.
        if !line.ended && fingerprint.is_none() {
            let message = "the only line has no end yet: counted when it has";
            tally.problems.add(format!("line {number}"), message.to_owned());
            continue;
        }
        if !line.ended && !parsed.as_ref().is_some_and(|parsed| tally.is_complete(parsed)) {
            continue;
        }
        fingerprint.get_or_insert_with(|| fingerprint_of(line.bytes));
        tally.rows += 1;
        match parsed {
            Some(parsed) => tally.take(parsed, number),
            None => tally.damaged(number),
        }
    }
    tally.finish(fingerprint.unwrap_or_else(|| fingerprint_of(b"")))
}

fn fingerprint_of(line: &[u8]) -> String {
    let digest = Sha256::digest(line);
    format!("log-{}", data_encoding::HEXLOWER.encode(&digest[..16]))
}

#[derive(Default)]
struct Count {
    views: i64,
    visitors: i64,
}

struct Tally<'o> {
    options: &'o ReadOptions,
    machines: Machines,
    counts: BTreeMap<(String, DateTime<Utc>), Count>,
    /// The start of the last visit of each page and client.
    visits: HashMap<u64, DateTime<Utc>>,
    skipped: Skipped,
    problems: Problems,
    rows: u64,
    understood: u64,
    with_agent: u64,
    without_agent: u64,
}

impl<'o> Tally<'o> {
    fn new(options: &'o ReadOptions) -> Self {
        Self {
            options,
            machines: Machines::new(),
            counts: BTreeMap::new(),
            visits: HashMap::new(),
            skipped: Skipped::default(),
            problems: Problems::default(),
            rows: 0,
            understood: 0,
            with_agent: 0,
            without_agent: 0,
        }
    }

    /// Whether a last line without its end has all that the lines before it have.
    fn is_complete(&self, line: &Line) -> bool {
        match line {
            Line::Request(request) => request.agent.is_some() || self.with_agent == 0,
            Line::Other => true,
        }
    }

    fn damaged(&mut self, number: u64) {
        self.problems
            .add(format!("line {number}"), "damaged: not read as a line of an access log".to_owned());
    }

    fn take(&mut self, line: Line, number: u64) {
        self.understood += 1;
        let Line::Request(request) = line else {
            self.skipped.not_reads += 1;
            return;
        };
        if request.at > self.options.now + HOUR {
            self.problems
                .add(format!("line {number}"), format!("{} is in the future: not counted", request.at));
            return;
        }
        match &request.agent {
            Some(agent) => {
                self.with_agent += 1;
                if self.machines.is_machine(agent) {
                    self.skipped.machines += 1;
                    return;
                }
            }
            None => self.without_agent += 1,
        }
        if request.method != "GET" || !matches!(request.status, 200 | 304) || request.prefetch {
            self.skipped.not_reads += 1;
            return;
        }
        match self.page(&request) {
            None => self.skipped.not_pages += 1,
            Some(_) if is_own_mail(&request.target) => self.skipped.own_mail += 1,
            Some(page) => self.count(page, &request),
        }
    }

    /// The key of the page that was asked for.
    fn page(&self, request: &Request) -> Option<String> {
        if request.content_type.as_ref().is_some_and(|kind| !kind.contains("html")) {
            return None;
        }
        let named = request.host.as_deref().filter(|host| is_public_name(host));
        let key =
            path_key(&request.target, named.or(self.options.site_host.as_deref()), &self.options.rules)?;
        may_be_article(path_of(&key)).then_some(key)
    }

    fn count(&mut self, page: String, request: &Request) {
        let mut hasher = DefaultHasher::new();
        (&page, &request.client, &request.agent).hash(&mut hasher);
        let visit = self.visits.entry(hasher.finish());
        let mut new = false;
        // Lines stand in order of the ends of requests, so that one may lie a little before another.
        let started = visit.or_insert_with(|| {
            new = true;
            request.at
        });
        if request.at - *started >= VISIT {
            new = true;
            *started = request.at;
        }
        let hour = request.at.duration_trunc(HOUR).unwrap_or(request.at);
        let count = self.counts.entry((page, hour)).or_default();
        count.views += 1;
        count.visitors += i64::from(new);
    }

    fn finish(mut self, part: String) -> Result<ReadsFile, ReadsError> {
        if self.understood == 0 && self.rows > 0 {
            return Err(ReadsError::NotALog);
        }
        if self.without_agent > 0 && self.with_agent == 0 {
            let message = "the log has no user agents, so that machines are counted as readers: use the combined format";
            self.problems.add("file".to_owned(), message.to_owned());
        }
        let counts = self.counts.into_iter().map(|((url_key, start_at), count)| ReadCount {
            url_key,
            start_at,
            span_s: HOUR.num_seconds(),
            views: count.views,
            visitors: count.visitors,
        });
        Ok(ReadsFile {
            part: ReadsPart { part, replaces: Replaces::WholePart, counts: counts.collect() },
            problems: self.problems.listed,
            more_problems: self.problems.more,
            skipped: self.skipped,
            total_rows: self.rows,
        })
    }
}

/// Whether the reader came from one of our letters, or a scanner of its links did.
fn is_own_mail(target: &str) -> bool {
    let (_, query) = target.split_once('?').unwrap_or_default();
    let query = query.split('#').next().unwrap_or_default();
    url::form_urlencoded::parse(query.as_bytes()).any(|(name, value)| {
        name.eq_ignore_ascii_case("utm_medium")
            && ["email", "e-mail"].iter().any(|mail| value.eq_ignore_ascii_case(mail))
    })
}

/// Whether a host in a log can be the site's: a proxy in front may leave its own name there.
fn is_public_name(host: &str) -> bool {
    host.contains('.') && host.parse::<IpAddr>().is_err()
}
