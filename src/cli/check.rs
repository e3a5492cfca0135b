//! `newsletterd check`: looks at everything that a first edition needs, and says what to do.

use std::net::SocketAddr;
use std::path::PathBuf;

use super::{Failure, authentication, context, output};
use crate::config::Newsletter;
use crate::daemon::instance;
use crate::domain::edition::EditionKind;
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
        match engine.relay.probe().await {
            Ok(()) => output::line(format!("ok    relay {} answers", engine.relay.name()))?,
            Err(reply) => {
                failed += 1;
                output::line(format!("FAIL  relay {}: {} {}", engine.relay.name(), reply.code, reply.text))?;
                output::line(
                    "      see that its address in [[relays]] is right, and that it relays for this machine",
                )?;
            }
        }
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
