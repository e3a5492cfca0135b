//! An alert as a mail, in the language of `[alerts]`: its words, facts and commands. Logs and web
//! hooks say the same in English.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use newsletterd_templates::content::Text;
use newsletterd_templates::mails::alert::AlertView;
use newsletterd_templates::strings::mails::{AlertWords, EditionAlertWords};
use newsletterd_templates::strings::{self, Strings};
use serde::Deserialize;
use serde_json::Value;

use super::kind::{AlertKind, OfEdition};
use crate::config::Newsletter;
use crate::domain::setback::Setback;
use crate::pipeline::Engine;
use crate::pipeline::render::{local_date, strings_of};

/// What the outbox holds of an alert.
#[derive(Deserialize)]
struct Params {
    title: String,
    text: String,
    remedy: String,
    /// What it is about; missing in the mails of earlier versions.
    #[serde(default)]
    alert: Value,
}

/// The line of an alert in the log.
///
/// # Errors
/// When `params` are not those of an alert.
pub fn line(params: Value) -> serde_json::Result<String> {
    let Params { title, text, remedy, .. } = serde_json::from_value(params)?;
    Ok(format!("{title}: {text} {remedy}"))
}

/// The mail of an alert that the outbox holds, in the configured language; in English where it
/// comes from a version that said no more.
///
/// # Errors
/// When `params` are not those of an alert.
pub fn view(engine: &Engine, params: Value) -> serde_json::Result<AlertView> {
    let params: Params = serde_json::from_value(params)?;
    let site_name = Text::new(&engine.config.site.name);
    let Ok(kind) = serde_json::from_value::<AlertKind>(params.alert) else {
        return Ok(AlertView {
            strings: &strings::EN,
            title: Text::new(&params.title),
            what: Text::new(&params.text),
            facts: Vec::new(),
            advice: Text::new(&params.remedy),
            steps: Vec::new(),
            link: None,
            site_name,
        });
    };
    let zone = engine.config.newsletters.first().map_or(Tz::UTC, Newsletter::zone);
    let strings = strings_of(engine.config.alerts.language);
    let Told { title, what, facts, steps } = told(&kind, strings, zone);
    let texts = |pairs: Vec<(&str, String)>| {
        pairs.into_iter().map(|(name, value)| (name.into(), Text::new(&value))).collect()
    };
    Ok(AlertView {
        strings,
        title: Text::new(&title),
        what: what.into(),
        facts: texts(facts),
        advice: Text::default(),
        steps: texts(steps),
        link: None,
        site_name,
    })
}

/// An alert in one language.
struct Told<'a> {
    title: String,
    what: &'a str,
    facts: Vec<(&'a str, String)>,
    steps: Vec<(&'a str, String)>,
}

/// `zone` is for times that belong to no newsletter.
fn told<'a>(kind: &AlertKind, strings: &'a Strings, zone: Tz) -> Told<'a> {
    let words = &strings.mails.alerts;
    let steps = &words.steps;
    let command = |text: String| format!("newsletterd {text}");
    match kind {
        AlertKind::Held(of) => {
            let look = command(format!("edition show {}", of.edition));
            let send = command(format!("edition send {}", of.edition));
            let skip = command(format!("edition skip {}", of.edition));
            let steps = vec![(steps.look, look), (steps.send, send), (steps.skip, skip)];
            edition(&words.held, of, strings, steps)
        }
        AlertKind::Missed(of) => {
            let send = command(format!("edition send --newsletter {} --now", of.newsletter));
            edition(&words.missed, of, strings, vec![(steps.send_now, send)])
        }
        AlertKind::Failed(of) => {
            let look = command(format!("edition show {}", of.edition));
            let unlock = command(format!("edition unlock {}", of.edition));
            edition(&words.failed, of, strings, vec![(steps.look, look), (steps.mended, unlock)])
        }
        AlertKind::Paused(of) => {
            let report = command(format!("edition report {}", of.edition));
            let resume = command(format!("edition resume {}", of.edition));
            let cancel = command(format!("edition cancel {}", of.edition));
            let mut all = vec![(steps.report, report), (steps.resume, resume.clone())];
            if matches!(of.why, Setback::HardBounces { .. }) {
                all.push((steps.resume_confirmed, format!("{resume} --confirm-bounces")));
            }
            all.push((steps.cancel, cancel));
            edition(&words.paused, of, strings, all)
        }
        AlertKind::Late(of) => {
            let look = command(format!("edition show {}", of.edition));
            edition(&words.late, of, strings, vec![(steps.look, look)])
        }
        AlertKind::Delayed(of) => {
            let report = command(format!("edition report {}", of.edition));
            edition(&words.delayed, of, strings, vec![(steps.report, report)])
        }
        AlertKind::Reported(of) => {
            let report = command(format!("edition report {}", of.edition));
            let mut all = vec![(steps.report, report)];
            if matches!(of.why, Setback::HardBounces { .. }) {
                let confirm = command(format!("edition resume {} --confirm-bounces", of.edition));
                all.push((steps.confirm_bounces, confirm));
            }
            edition(&words.reported, of, strings, all)
        }
        AlertKind::RelayDown { relay, reply } => Told {
            title: (words.relay_down_title)(relay),
            what: words.relay_down_text,
            facts: vec![(words.facts.relay, relay.clone()), (words.facts.reply, reply.clone())],
            steps: vec![(steps.check, command("check".to_owned()))],
        },
        AlertKind::Refused { title, edition, domain, reply } => Told {
            title: (words.refused_title)(domain, title),
            what: words.refused_text,
            facts: vec![
                (words.facts.edition, edition.to_string()),
                (words.facts.receiver, domain.clone()),
                (words.facts.reply, reply.clone()),
            ],
            steps: Vec::new(),
        },
        AlertKind::SourceStale { source, since, error } => {
            let since = since.map_or_else(|| words.never.to_owned(), |at| moment(at, zone, strings));
            let error = error.clone().unwrap_or_else(|| words.unknown.to_owned());
            let facts = vec![
                (words.facts.source, source.clone()),
                (words.facts.last_read, since),
                (words.facts.error, error),
            ];
            let look = command(format!("import articles URL --source {source}"));
            let steps = vec![(steps.try_source, look)];
            Told { title: (words.stale_title)(source), what: words.stale_text, facts, steps }
        }
    }
}

fn edition<'a>(
    words: &EditionAlertWords,
    of: &OfEdition,
    strings: &'a Strings,
    steps: Vec<(&'a str, String)>,
) -> Told<'a> {
    let facts = &strings.mails.alerts.facts;
    let zone = of.zone.parse().unwrap_or(Tz::UTC);
    let mut told = vec![
        (facts.newsletter, of.newsletter.clone()),
        (facts.edition, of.edition.to_string()),
        (facts.planned, moment(of.send_at, zone, strings)),
        (facts.reason, reason(&of.why, zone, strings)),
    ];
    told.extend(of.why.reply().map(|reply| (facts.reply, reply.to_owned())));
    Told { title: (words.title)(&of.title), what: words.text, facts: told, steps }
}

fn reason(why: &Setback, zone: Tz, strings: &Strings) -> String {
    let alerts: &AlertWords = &strings.mails.alerts;
    let words = &alerts.reasons;
    let count = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
    match why {
        Setback::NotApproved => words.not_approved.to_owned(),
        Setback::LeadWithdrawn => words.lead_withdrawn.to_owned(),
        Setback::NothingNew => words.nothing_new.to_owned(),
        Setback::TooLittle { have, need } => (words.too_little)(count(*have), count(*need)),
        Setback::TooLate { late, grace } => (words.too_late)(&span(*late, strings), &span(*grace, strings)),
        Setback::NewerSlot => words.newer_slot.to_owned(),
        Setback::Quiet { minutes } => (words.quiet)(&span(*minutes, strings)),
        Setback::HardBounces { lifted } => (words.hard_bounces)(*lifted),
        Setback::ManyHard { n, of } => (words.many_hard)(*n, *of),
        Setback::Complaints { n, of } => (words.complaints)(*n, *of),
        Setback::RefusedAgain { times, .. } => (words.refused_again)(u64::from(*times)),
        Setback::CanaryFailed { failed, of, .. } => (words.canary_failed)(*failed, *of),
        Setback::NoSeeds => words.no_seeds.to_owned(),
        Setback::TooSlow { forecast: Some(forecast), due } => {
            (words.too_slow)(&moment(*forecast, zone, strings), &moment(*due, zone, strings))
        }
        Setback::TooSlow { forecast: None, due } => (words.not_done)(&moment(*due, zone, strings)),
        Setback::Held => words.held.to_owned(),
        Setback::Paused => words.paused.to_owned(),
        Setback::NothingSent => words.nothing_sent.to_owned(),
        Setback::Other { text } => text.clone(),
    }
}

/// "Tuesday, 24 November 2026, 07:00 (Asia/Tbilisi)".
fn moment(at: DateTime<Utc>, zone: Tz, strings: &Strings) -> String {
    let local = at.with_timezone(&zone);
    let date = strings.date(local_date(local.date_naive()));
    format!("{date}, {} ({})", local.format("%H:%M"), zone.name())
}

/// "3 hours 5 minutes".
fn span(minutes: i64, strings: &Strings) -> String {
    let words = &strings.mails.alerts;
    let count = |n: i64, noun| strings.count(u64::try_from(n).unwrap_or(0), noun);
    match (minutes / 60, minutes % 60) {
        (0, minutes) => count(minutes, &words.minutes),
        (hours, 0) => count(hours, &words.hours),
        (hours, minutes) => format!("{} {}", count(hours, &words.hours), count(minutes, &words.minutes)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_in_the_zone_and_form_of_their_readers() {
        let at: DateTime<Utc> = "2026-11-24T03:00:00Z".parse().unwrap();
        let told = strings::ALL.map(|strings| moment(at, Tz::Asia__Tbilisi, strings));
        assert_eq!(
            told,
            [
                "Tuesday, 24 November 2026, 07:00 (Asia/Tbilisi)",
                "სამშაბათი, 24 ნოემბერი, 2026, 07:00 (Asia/Tbilisi)",
                "2026 թ. նոյեմբերի 24, երեքշաբթի, 07:00 (Asia/Tbilisi)",
                "24 noyabr 2026, çərşənbə axşamı, 07:00 (Asia/Tbilisi)",
                "вторник, 24 ноября 2026 г., 07:00 (Asia/Tbilisi)",
            ]
        );
    }

    #[test]
    fn lengths_of_time_have_their_nouns() {
        let told = |minutes| span(minutes, &strings::RU).replace('\u{A0}', " ");
        assert_eq!([told(5), told(120), told(185)], ["5 минут", "2 часа", "3 часа 5 минут"]);
    }
}
