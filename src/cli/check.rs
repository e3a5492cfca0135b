//! `newsletterd check`: looks at everything that a first edition needs, and says what to do.

use std::net::SocketAddr;
use std::path::PathBuf;

use futures_util::future::join_all;

use super::{Failure, authentication, context, output, ways_in};
use crate::config::{self, Name, Newsletter, SignIn};
use crate::daemon::instance;
use crate::domain::edition::EditionKind;
use crate::domain::warm_up;
use crate::mail::smtp::Dns;
use crate::pipeline::{Engine, newsletter_of, schedule};
use crate::store::{catalog, editions, subscribers};

/// Slots shown for each newsletter.
const SLOTS: usize = 5;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Leaves out what asks the relay and the DNS.
    #[arg(long)]
    offline: bool,
    /// Asks this name server in place of the system's: that of your domain knows of a change at once.
    #[arg(long, value_name = "ADDRESS:PORT", conflicts_with = "offline")]
    name_server: Option<SocketAddr>,
}

pub async fn run(file: Option<PathBuf>, args: Args) -> Result<(), Failure> {
    // An engine is only made of a good configuration and a database that answers.
    let engine = context::engine(file.as_deref()).await?;
    output::line("ok    configuration")?;
    output::line(format!("ok    database {}", engine.config.database.url))?;
    let mut failed = 0;
    if !args.offline {
        failed += relay_lines(&engine).await?;
    }
    let live = instance::has_live_worker(&engine.db, engine.clock.now()).await?;
    output::line(if live {
        "ok    a daemon that sends is running"
    } else {
        "note  no daemon that sends is running"
    })?;
    let dns = match args.name_server {
        Some(server) => Some(Dns::at(server).map_err(Failure::failed)?),
        None => (!args.offline).then(|| engine.dns.clone()),
    };
    failed += ways_in::print(&engine, !args.offline).await?;
    failed += authentication::print(&engine, dns.as_ref()).await?;
    for newsletter in &engine.config.newsletters {
        newsletter_lines(&engine, newsletter).await?;
    }
    off_schedule(&engine).await?;
    if failed > 0 {
        return Err(Failure::failed(format!("{failed} checks failed")));
    }
    Ok(())
}

/// Asks every relay, all at once, and says what to do about those that do not work; gives how many
/// these are.
async fn relay_lines(engine: &Engine) -> Result<usize, Failure> {
    let today = engine.clock.now();
    let answers = join_all(engine.relays.iter().map(|way| way.relay.probe())).await;
    let mut failed = 0;
    for (way, answer) in engine.relays.iter().zip(answers) {
        match answer {
            Ok(()) => output::line(format!("ok    relay {} answers", way.name()))?,
            Err(reply) => {
                failed += 1;
                let answered = format!("{} {}", reply.code, reply.text);
                let answered = if reply.code == 0 { &reply.text } else { &answered };
                output::line(format!("FAIL  relay {} ({}): {answered}", way.name(), way.settings.url))?;
                output::line(format!("      {}", advice(&way.settings, reply.code)))?;
            }
        }
        let warming =
            way.settings.warm_up_from.and_then(|from| warm_up::limit(&way.settings.warm_up, from, today));
        if let Some(letters) = warming {
            let letters = output::grouped(i64::try_from(letters).unwrap_or(i64::MAX));
            output::line(format!("note  relay {} is being warmed up: {letters} letters today", way.name()))?;
        }
    }
    Ok(failed)
}

/// What to do about a relay that did not work, by its reply code; 0 when there was no reply.
fn advice(relay: &config::Relay, code: u16) -> &'static str {
    match code {
        0 => {
            "see that its url in [[relays]] is right (host, port and encryption), that it runs, and that no \
             firewall is in between"
        }
        // RFC 4954 6: a wrong password, a mechanism too weak, authentication wanted.
        530 | 534 | 535 | 538 if relay.auth == SignIn::Xoauth2 => {
            "see that the user in its url is right, and that the token in password_file is that user's and fresh"
        }
        530 | 534 | 535 | 538 if relay.url.user.is_some() => {
            "see that the user in its url and the password in password_file are right"
        }
        530 | 534 | 535 | 538 => {
            "it wants a user: name one in its url, as in smtps://user@host, and the password in password_file"
        }
        400..=499 => "it does not work for us for now: try again in a while, or ask who runs it",
        _ => "see that its url in [[relays]] is right, and that it relays for this machine: ask who runs it",
    }
}

async fn newsletter_lines(engine: &Engine, newsletter: &Newsletter) -> Result<(), Failure> {
    let zone = newsletter.zone();
    let defaulted =
        if newsletter.time_zone.is_none() { " (no time_zone is set: this is the default)" } else { "" };
    output::line(format!("\n{}: {} in {zone}{defaulted}", newsletter.name, newsletter.schedule))?;
    let mut tx = engine.db.read().await?;
    let active = match catalog::find_list(&mut tx, newsletter.list.as_str()).await? {
        Some(list) => subscribers::count_by_state(&mut tx, list).await?,
        None => std::collections::BTreeMap::new(),
    };
    drop(tx);
    let counts: Vec<_> = active.iter().map(|(state, n)| format!("{} {state}", output::grouped(*n))).collect();
    let counts = if counts.is_empty() { "nobody yet".to_owned() } else { counts.join(", ") };
    output::line(format!("  list {}: {counts}", newsletter.list))?;
    if !newsletter.relays.is_empty() {
        let names: Vec<_> = newsletter.relays.iter().map(Name::as_str).collect();
        output::line(format!("  goes through {} alone", names.join(" and ")))?;
    }
    for slot in schedule::upcoming(newsletter, engine.clock.now(), SLOTS) {
        let local = slot.with_timezone(&zone).format("%a %Y-%m-%d %H:%M %Z");
        output::line(format!("  {local}  = {}", slot.format("%a %Y-%m-%d %H:%M UTC")))?;
    }
    Ok(())
}

/// Names opened editions that the schedule of today would not open.
async fn off_schedule(engine: &Engine) -> Result<(), Failure> {
    let mut tx = engine.db.read().await?;
    for edition in editions::unfinished(&mut tx).await? {
        let name = newsletter_of(&edition)?.name;
        let (Some(slot), EditionKind::Scheduled) = (edition.slot_at, edition.kind) else { continue };
        let matches = engine
            .config
            .newsletter(name.as_str())
            .is_some_and(|newsletter| newsletter.schedule.has_slot(slot, newsletter.zone()));
        if edition.state.is_open() && !matches {
            output::line(format!(
                "note  edition {} of {name} ({}) no longer matches the schedule; it goes out all the same. \
                 To leave it out: newsletterd edition skip {}",
                edition.id,
                slot.format("%Y-%m-%d %H:%M UTC"),
                edition.id
            ))?;
        }
    }
    Ok(())
}
