//! The sections that say how the daemon itself runs: site, database, web, alerts, secrets,
//! sources, lists, delivery, logging. The doc comments are the reference; a test writes
//! them to docs/configuration.md.

use std::net::SocketAddr;
use std::num::{NonZeroU16, NonZeroU64};
use std::path::PathBuf;

use chrono_tz::Tz;
use url::Url;

use super::section::section;
use super::values::{DatabaseUrl, HostName, Location, Name, TimeSpan};
use crate::domain::address::{EmailAddress, Mailbox};
use crate::domain::article_key::UrlKeyRules;
use crate::domain::language::Language;
use crate::domain::link::is_loopback;
use crate::domain::words::words;

section! {
    /// The newsroom.
    pub struct Site {
        /// Its name, as readers know it. Stands in letters and on pages.
        name: String,
        /// The address of its site. Also says which reads in an access log are its own.
        url: Url,
        /// Its postal address. Stands in every letter, as the law of many countries asks.
        postal_address: String,
        /// Query parameters that tell its stories apart although they are usually dropped as tracking
        /// (`ref`, say).
        url_parameters: Vec<String>,
    }
}

section! {
    /// Where everything is kept.
    pub struct Database {
        /// `sqlite:FILE` for one machine, `postgres://USER@HOST/DATABASE` for one or many.
        url: DatabaseUrl = "\"sqlite:newsletterd.db\"",
        /// A file with the password of the PostgreSQL user. See *Secrets* above.
        password_file: Option<PathBuf>,
    }
}

section! {
    /// The pages that readers reach: unsubscription, view in browser, archive.
    pub struct Web {
        /// The address and port to listen at. Put a web server with TLS before it.
        listen: SocketAddr = "\"127.0.0.1:8080\"",
        /// The address under which readers reach it, without a path of its own after a final `/`.
        /// It stands in every letter, so it must begin with `https://` and must not change lightly;
        /// `http://` is taken for this machine alone.
        public_url: Url where leads_to_readers,
    }
}

section! {
    /// Who hears of trouble: an edition held, failed or late, a relay down, a source stale.
    pub struct Alerts {
        /// Addresses that get a mail.
        mail: Vec<EmailAddress>,
        /// The sender of these mails; the sender of the first newsletter when it is left out.
        from: Option<Mailbox>,
        /// The language of these mails: `en`, `ka`, `hy`, `az` or `ru`. Log and webhook are always
        /// in English.
        language: Language = "\"en\"",
        /// An address that gets a POST with a JSON body: the relay may be what failed.
        webhook: Option<Url>,
        /// An address that is fetched after each edition; a service that misses the call raises the
        /// alarm.
        heartbeat_url: Option<Url>,
        /// An edition is late when no letter went out this long after its slot.
        late_after: TimeSpan = "\"15m\"",
    }
}

section! {
    /// What signs the links in letters and the return paths.
    pub struct Secrets {
        /// A file with at least 32 random bytes. When it is left out: `newsletterd.key` beside the
        /// SQLite file, or in the working directory with PostgreSQL, made by the daemon with mode
        /// 0600 when it is not there. Several machines over one database need the same file; who
        /// loses it breaks the links in letters that went out.
        key_file: Option<PathBuf>,
    }
}

words! {
    /// What a source speaks.
    pub enum SourceKind {
        /// RSS, Atom or JSON Feed, told apart by content.
        Feed = "feed",
    }
}

section! {
    /// A source of articles that is read again and again.
    pub struct Source check outlives(every, stale_after) {
        /// What messages and the database call it. Articles keep their identity by it, so do not
        /// change it.
        name: Name,
        /// What it speaks. `feed`: RSS, Atom or JSON Feed.
        kind: SourceKind = "\"feed\"",
        /// An `https://` address, or a file of this machine.
        url: Location,
        /// How often it is read.
        every: TimeSpan = "\"10m\"" where bearable,
        /// The language of its articles, where it does not say so itself.
        language: Option<Language>,
        /// The section of its articles, where it does not say so itself.
        section: Option<String>,
        /// The time zone of its times that name none; UTC when it is left out.
        time_zone: Option<Tz>,
        /// Whether all of its articles are editors' picks.
        flagged: bool = "false",
        /// It is stale, and an alert goes out, when it could not be read for this long.
        stale_after: TimeSpan = "\"2h\"",
    }
}

section! {
    /// Limits for everything that is fetched from the web.
    pub struct Fetch {
        /// Hosts that may be fetched from although their addresses are private. All other private
        /// addresses are refused, also after a redirect.
        allow_hosts: Vec<HostName>,
        /// The most bytes that an answer may have, unpacked.
        max_bytes: NonZeroU64 = "10000000",
        /// How long an answer may take, from the first byte to the last.
        timeout: TimeSpan = "\"30s\"" where longer_than_nothing,
    }
}

words! {
    /// What is sent to who leaves a list.
    pub enum WhenLeft {
        /// A short mail, with one link to come back.
        Send = "send",
        /// Nothing.
        None = "none",
    }
}

section! {
    /// A list of subscribers. Several newsletters may go to one list.
    pub struct List {
        /// What newsletters, commands and the database call it.
        name: Name,
        /// What readers see when they leave it; its name when it is left out.
        title: Option<String>,
        /// What is sent to who leaves by themselves: `send` a short mail with one link to come back,
        /// or `none`. Never sent after a complaint or a bounce.
        goodbye: WhenLeft = "\"none\"",
        /// Whether readers of other lists may join it on the page of their choices.
        offered: bool = "false",
    }
}

section! {
    /// How letters are handed to the relay.
    pub struct Delivery {
        /// How long a worker may keep deliveries that it claimed. After that, others take them.
        lease: TimeSpan = "\"5m\"" where outlasts_a_letter,
        /// The first pause after a delivery was refused for now; it doubles up to four hours.
        retry_first: TimeSpan = "\"5m\"" where longer_than_nothing,
        /// How many deliveries a worker claims at once, at most; never more than two seconds' worth
        /// of the relay's rate.
        batch: NonZeroU16 = "500" where fits_a_lease,
        /// A folder of this machine for the journals of what the relays have accepted, from which a
        /// killed daemon goes on. When it is left out: `journal` beside the SQLite file, or in the
        /// working directory with PostgreSQL.
        journal: Option<PathBuf>,
        /// After so many failures in a row that are ours and not the readers' (the relay refuses our
        /// sender, say), an edition pauses, with an alert.
        pause_after: NonZeroU16 = "50",
        /// How long it is known what became of each letter. After that, each edition keeps its sums
        /// alone.
        keep: TimeSpan = "\"400d\"" where outlasts_its_reports,
    }
}

words! {
    /// How log lines look.
    pub enum LogFormat {
        /// For people.
        Text = "text",
        /// One JSON object a line, for machines.
        Json = "json",
    }
}

section! {
    /// What the daemon tells, on standard error. No address and no token ever stands there.
    pub struct Logging {
        /// `text` for people, `json` for machines.
        format: LogFormat = "\"text\"",
        /// Which lines: `error`, `warn`, `info`, `debug` or `trace`, or directives such as
        /// `info,newsletterd::mail=debug`.
        filter: String = "\"info\"" where a_log_filter,
    }
}

impl Site {
    /// How its addresses become the keys by which reads are counted.
    pub fn page_keys(&self) -> UrlKeyRules {
        let identity = self.url_parameters.iter().map(|name| name.to_lowercase()).collect();
        UrlKeyRules { identity, ..UrlKeyRules::default() }
    }
}

fn leads_to_readers(url: &Url) -> Option<String> {
    if url.scheme() != "https" && !is_loopback(url) {
        return Some(
            "must begin with https://, or mail programs show no unsubscribe button (RFC 8058)".to_owned(),
        );
    }
    let has_end = url.query().is_some() || url.fragment().is_some();
    has_end.then(|| "has a ? or # in it, so that no path can be put behind it".to_owned())
}

pub(super) fn longer_than_nothing(span: &TimeSpan) -> Option<String> {
    (span.seconds() == 0).then(|| "must be longer than 0s".to_owned())
}

fn bearable(every: &TimeSpan) -> Option<String> {
    (every.seconds() < 10).then(|| "is shorter than 10s, which no site would bear".to_owned())
}

fn outlives(every: &TimeSpan, stale_after: &TimeSpan) -> Option<(&'static str, String)> {
    let message = || format!("is shorter than every ({every}): it would always be stale");
    (stale_after < every).then(|| ("stale_after", message()))
}

fn outlasts_a_letter(lease: &TimeSpan) -> Option<String> {
    (lease.seconds() < 30)
        .then(|| "is shorter than 30s: letters on their way would be taken for lost".to_owned())
}

fn fits_a_lease(batch: &NonZeroU16) -> Option<String> {
    (batch.get() > 5000).then(|| "is more than 5000, which one lease does not bear".to_owned())
}

fn outlasts_its_reports(keep: &TimeSpan) -> Option<String> {
    (keep.seconds() < 86_400)
        .then(|| "is shorter than 1d: reports of failure would find no letter to be about".to_owned())
}

fn a_log_filter(filter: &String) -> Option<String> {
    let error = tracing_subscriber::EnvFilter::try_new(filter).err()?;
    Some(format!("is no log filter ({error}); \"info\" or \"info,newsletterd::mail=debug\" would be right"))
}
