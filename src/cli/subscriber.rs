//! `newsletterd subscriber`.

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use clap::Subcommand;

use super::bounce::words;
use super::{Failure, context, output};
use crate::domain::address::EmailAddress;
use crate::domain::bounce::SuppressionReason;
use crate::domain::language::Language;
use crate::pipeline::consent::{self, Asked};
use crate::pipeline::readers::{self, Added, Dossier, SoftBounces};

#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Says what is known of a subscriber, and why they get what they get.
    Show {
        /// Who.
        address: EmailAddress,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Puts a subscriber on a list; you answer for their consent, unless they are asked to confirm.
    Add {
        /// Who.
        address: EmailAddress,
        /// Which list.
        #[arg(long)]
        list: String,
        /// How they call themselves.
        #[arg(long)]
        name: Option<String>,
        /// Asks them by mail: the subscription waits until they confirm it.
        #[arg(long)]
        confirm: bool,
        /// The language to ask in, and to speak to them from now on; that of the list when it is
        /// left out.
        #[arg(long, requires = "confirm", value_name = "en|ka|hy|az|ru")]
        language: Option<Language>,
    },
    /// Takes a subscriber off a list, or off all.
    Remove {
        /// Who.
        address: EmailAddress,
        /// Which list; all when it is left out.
        #[arg(long)]
        list: Option<String>,
    },
    /// Writes all that is stored about a subscriber, as JSON, for them to take along.
    Export {
        /// Who.
        address: EmailAddress,
    },
    /// Erases a subscriber; a suppression of the address outlives it as a keyed hash.
    Erase {
        /// Who.
        address: EmailAddress,
    },
}

pub async fn run(file: Option<PathBuf>, args: Args) -> Result<(), Failure> {
    let engine = context::engine(file.as_deref()).await?;
    let by = context::operator();
    match args.command {
        Command::Show { address, json: false } => show(&readers::dossier(&engine, &address).await?)?,
        Command::Show { address, json: true } | Command::Export { address } => {
            output::json(&readers::dossier(&engine, &address).await?)?;
        }
        Command::Add { address, list, name, confirm: true, language } => {
            let asked = consent::ask(&engine, &address, name, language, &list, &by).await?;
            output::note(match asked {
                Asked::Now => format!("asked to confirm {list}; the daemon sends the mail"),
                Asked::Before => format!("was asked to confirm {list} within the hour"),
                Asked::NotNeeded => format!("was on {list} already"),
            })?;
        }
        Command::Add { address, list, name, confirm: false, .. } => {
            let added = readers::add(&engine, &address, name, &list, &by).await?;
            output::note(match added {
                Added::Now => format!("added to {list}"),
                Added::Before => format!("was on {list} already"),
            })?;
        }
        Command::Remove { address, list } => {
            let ended = readers::remove(&engine, &address, list.as_deref(), &by).await?;
            output::note(format!("{ended} subscriptions ended"))?;
        }
        Command::Erase { address } => {
            readers::erase(&engine, &address, &by).await?;
            output::note("erased")?;
        }
    }
    Ok(())
}

fn show(dossier: &Dossier) -> Result<(), Failure> {
    for line in lines(dossier) {
        output::line(line)?;
    }
    Ok(())
}

/// All that is known of a subscriber, for people.
fn lines(dossier: &Dossier) -> Vec<String> {
    let mut lines = vec![
        format!("address        {}", dossier.address.as_deref().unwrap_or("(erased)")),
        format!("name           {}", dossier.name.as_deref().unwrap_or("—")),
        format!("known since    {}", minute(dossier.created_at)),
    ];
    for (list, standing) in &dossier.subscriptions {
        let since = standing.ended_at.or(standing.activated_at);
        let since = since.map_or_else(String::new, |at| format!(" since {}", minute(at)));
        let why = standing.end_reason.map_or_else(String::new, |reason| format!(" ({reason})"));
        lines.push(format!("list {list:<10}{}{why}{since}", standing.state));
    }
    lines.extend(suppressions(dossier));
    lines.extend(dossier.soft_bounces.as_ref().map(|soft| format!("soft bounces   {}", soft_bounces(soft))));
    for event in &dossier.evidence {
        let at = minute(event.at);
        lines.push(format!("consent        {at}  {} by {} ({})", event.event, event.actor, event.source));
    }
    for delivery in &dossier.deliveries {
        let reply = delivery.reply.as_deref().unwrap_or_default();
        lines.push(format!(
            "edition {:<7}{} after {} attempts  {reply}",
            delivery.edition, delivery.state, delivery.attempt
        ));
    }
    for report in &dossier.reports {
        let edition = report.edition.map_or_else(String::new, |edition| format!(" about edition {edition}"));
        lines.push(format!(
            "report {:<8}{}  {} (by {}{edition}): {}",
            report.id,
            minute(report.received_at),
            words::kind_and_reason(report),
            report.intake,
            words::effect(report.effect)
        ));
        lines.extend(report.diagnostic.as_ref().map(|said| format!("               {said}")));
    }
    lines
}

fn minute(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M UTC").to_string()
}

/// Why the address gets nothing, and how that can be undone.
fn suppressions(dossier: &Dossier) -> Vec<String> {
    let mut lines = Vec::new();
    for suppression in &dossier.suppressions {
        let edition = suppression.edition.map_or_else(String::new, |id| format!(", edition {id}"));
        let note = suppression.note.as_deref().unwrap_or_default();
        lines.push(format!(
            "suppressed     {} since {}{edition}: {note}",
            suppression.reason,
            minute(suppression.at)
        ));
        let undone = match (suppression.reason, suppression.edition, &dossier.address) {
            (SuppressionReason::Legal, ..) => "it stands for legal reasons and is not lifted".to_owned(),
            (_, Some(edition), Some(address)) => format!(
                "undo: newsletterd suppression remove {address}; all of that run: --edition {edition} instead"
            ),
            (_, _, Some(address)) => format!("undo: newsletterd suppression remove {address}"),
            (_, _, None) => continue,
        };
        lines.push(format!("               {undone}"));
    }
    lines
}

/// How soft bounces add up, and what it would take for them to suppress.
fn soft_bounces(soft: &SoftBounces) -> String {
    let tenths = (soft.thousandths + 50) / 100;
    let then = match soft.suppressed_on {
        Some(day) => format!("if every day's letter came back, the address would be suppressed on {day}"),
        None => "so few letters come back that they never suppress".to_owned(),
    };
    format!(
        "{}.{} of {}, from {} to {}, and {} days at least; {then}",
        tenths / 10,
        tenths % 10,
        soft.limit,
        soft.first,
        soft.last,
        soft.span_days
    )
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::domain::bounce::{BounceReason, Effect, Intake, ReportKind};
    use crate::domain::ids::{EditionId, ReportId, SubscriberId, SuppressionId};
    use crate::domain::subscriber::SubscriptionState;
    use crate::pipeline::readers::Standing;
    use crate::store::reports::Shown;
    use crate::store::suppressions::Suppression;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn report(id: i64, kind: ReportKind, reason: BounceReason, status: &str, effect: Effect) -> Shown {
        Shown {
            id: ReportId(id),
            intake: Intake::Imap,
            received_at: at("2026-11-25T06:12:30Z"),
            kind: Some(kind),
            reason: Some(reason),
            status: Some(status.to_owned()),
            rule: Some("dsn".to_owned()),
            diagnostic: Some(format!("550 {status} said the server")),
            reporting_mta: None,
            attribution: None,
            edition: Some(EditionId(12)),
            subscriber: Some(SubscriberId(7)),
            domain: Some("example.org".to_owned()),
            relay: None,
            effect: Some(effect),
            counted: true,
        }
    }

    fn suppression(reason: SuppressionReason, edition: Option<i64>) -> Suppression {
        Suppression {
            id: SuppressionId(1),
            address: Some("ana@example.org".to_owned()),
            reason,
            at: at("2026-11-25T06:12:31Z"),
            note: Some("why".to_owned()),
            edition: edition.map(EditionId),
        }
    }

    #[test]
    fn a_reader_is_explained() {
        let active = Standing {
            state: SubscriptionState::Active,
            activated_at: Some(at("2026-01-02T10:00:00Z")),
            ended_at: None,
            end_reason: None,
        };
        let dossier = Dossier {
            subscriber: SubscriberId(7),
            address: Some("ana@example.org".to_owned()),
            name: None,
            language: None,
            time_zone: None,
            created_at: at("2026-01-02T10:00:00Z"),
            subscriptions: BTreeMap::from([("readers".to_owned(), active)]),
            evidence: Vec::new(),
            suppressions: vec![
                suppression(SuppressionReason::Hard, Some(12)),
                suppression(SuppressionReason::Manual, None),
                suppression(SuppressionReason::Legal, None),
            ],
            deliveries: Vec::new(),
            reports: vec![
                report(41, ReportKind::Hard, BounceReason::UserUnknown, "5.1.1", Effect::SuppressedHard),
                report(9, ReportKind::Soft, BounceReason::MailboxFull, "5.2.2", Effect::CountedSoft),
            ],
            soft_bounces: Some(SoftBounces {
                thousandths: 2_380,
                first: "2026-11-20".parse().unwrap(),
                last: "2026-11-24".parse().unwrap(),
                limit: 4,
                span_days: 10,
                suppressed_on: Some("2026-11-30".parse().unwrap()),
            }),
        };
        let expected = "\
address        ana@example.org
name           —
known since    2026-01-02 10:00 UTC
list readers   active since 2026-01-02 10:00 UTC
suppressed     hard since 2026-11-25 06:12 UTC, edition 12: why
               undo: newsletterd suppression remove ana@example.org; all of that run: --edition 12 instead
suppressed     manual since 2026-11-25 06:12 UTC: why
               undo: newsletterd suppression remove ana@example.org
suppressed     legal since 2026-11-25 06:12 UTC: why
               it stands for legal reasons and is not lifted
soft bounces   2.4 of 4, from 2026-11-20 to 2026-11-24, and 10 days at least; if every day's letter came back, \
the address would be suppressed on 2026-11-30
report 41      2026-11-25 06:12 UTC  hard, user unknown, 5.1.1 (by imap about edition 12): the address was suppressed
               550 5.1.1 said the server
report 9       2026-11-25 06:12 UTC  soft, mailbox full, 5.2.2 (by imap about edition 12): counted as a soft bounce
               550 5.2.2 said the server";
        assert_eq!(lines(&dossier).join("\n"), expected);
    }
}
