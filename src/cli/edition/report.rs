//! `newsletterd edition report`: what became of an edition, for a person or a machine.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;

use crate::cli::{Failure, output};
use crate::domain::delivery::DeliveryState;
use crate::domain::edition::CanaryPhase;
use crate::domain::forecast::Forecast;
use crate::domain::ids::EditionId;
use crate::pipeline::Engine;
use crate::pipeline::report::{self, Report, Run};

pub async fn run(engine: &Engine, id: EditionId, json: bool) -> Result<(), Failure> {
    let report = report::report(engine, id).await?;
    if json {
        output::json(&report)?;
        return Ok(());
    }
    for line in lines(&report, engine.clock.now()) {
        output::line(line)?;
    }
    Ok(())
}

/// How wide the column of numbers is.
const NUMBERS: usize = 12;

/// A report for people.
fn lines(report: &Report, now: DateTime<Utc>) -> Vec<String> {
    let reason = report.reason.as_ref().map_or_else(String::new, |reason| format!(" ({reason})"));
    let mut lines =
        vec![format!("edition {} of {}: {}{reason}", report.edition, report.newsletter, report.state)];
    lines.push(String::new());
    lines.extend(sum(report));
    let facts = facts(report, now);
    if !facts.is_empty() {
        lines.push(String::new());
    }
    lines.extend(facts.into_iter().map(|(name, fact)| format!("  {name:<8}  {fact}")));
    // Who left, or was left out by a cancel, refused nothing.
    let refusals: Vec<_> =
        report.refusals.iter().filter(|refusal| refusal.state != DeliveryState::Cancelled).collect();
    if !refusals.is_empty() {
        lines.push(String::new());
    }
    for refusal in refusals {
        let code = refusal.code.map_or_else(String::new, |code| code.to_string());
        let enhanced = refusal.enhanced.as_deref().unwrap_or_default();
        lines.push(format!(
            "{:>NUMBERS$}  {:<9}  {code:<3} {enhanced:<6}  {}",
            output::grouped(refusal.n),
            refusal.state.as_str(),
            refusal.domain
        ));
    }
    lines.extend(reported(report));
    lines
}

/// Bounces and complaints by domain and reason: also those that were reported long after the letter
/// was taken.
fn reported(report: &Report) -> Vec<String> {
    if report.reported.is_empty() {
        return Vec::new();
    }
    let mut lines = vec![String::new(), "  bounces and complaints, as reported".to_owned(), String::new()];
    lines.extend(report.reported.iter().map(|one| {
        let reason = one.reason.map_or_else(String::new, |reason| reason.as_str().replace('_', " "));
        let domain = if one.domain.is_empty() { "(erased)" } else { &one.domain };
        format!("{:>NUMBERS$}  {:<11}  {reason:<14}  {domain}", output::grouped(one.n), one.kind.as_str())
    }));
    lines
}

/// The accounting as a sum: each state that anybody is in, and the audience below the line.
fn sum(report: &Report) -> Vec<String> {
    let mut lines = Vec::new();
    for &state in DeliveryState::ALL {
        let n = report.count(state);
        if n > 0 || state == DeliveryState::Accepted {
            lines.push(format!(
                "{:>NUMBERS$}  {:<9}  {:>7}",
                output::grouped(n),
                state.as_str(),
                share(n, report.audience)
            ));
        }
    }
    let total = report.accounting.values().sum::<i64>();
    lines.push(format!("{:>NUMBERS$}", "─".repeat(output::grouped(total).len())));
    if report.adds_up() {
        lines.push(format!("{:>NUMBERS$}  audience", output::grouped(total)));
    } else {
        lines.push(format!("{:>NUMBERS$}  in all", output::grouped(total)));
        lines.push(format!(
            "but the audience is {}: please report this as a defect",
            output::grouped(report.audience)
        ));
    }
    lines
}

/// `62.4 %`; what is not nothing is never shown as nothing, and what is not all never as all.
fn share(n: i64, of: i64) -> String {
    if of <= 0 || n <= 0 {
        return String::new();
    }
    let thousandths = (n * 2_000 / of + 1) / 2;
    match thousandths {
        0 => "< 0.1 %".to_owned(),
        1_000 if n < of => "99.9 %".to_owned(),
        1_000 => "100 %".to_owned(),
        _ => format!("{}.{} %", thousandths / 10, thousandths % 10),
    }
}

fn facts(report: &Report, now: DateTime<Utc>) -> Vec<(&'static str, String)> {
    let mut facts = report.run.as_ref().map_or_else(Vec::new, |run| run_facts(run, now));
    facts.extend(report.clicks.map(|n| ("clicks", output::grouped(n))));
    facts.extend(report.openings.map(|n| ("openings", output::grouped(n))));
    facts
}

fn run_facts(run: &Run, now: DateTime<Utc>) -> Vec<(&'static str, String)> {
    let clock = |at| output::clock(at, run.zone, now);
    let mut facts = Vec::new();
    if let (Some(first), Some(last)) = (run.first_accepted_at, run.last_accepted_at) {
        let (from, to) = (first.with_timezone(&run.zone), last.with_timezone(&run.zone));
        let to = if from.date_naive() == to.date_naive() {
            to.format("%H:%M:%S")
        } else {
            to.format("%F %H:%M:%S")
        };
        facts.push(("accepted", format!("{} to {to} ({})", from.format("%F %H:%M:%S"), run.zone)));
    }
    if let Some(rate) = run.per_second {
        let when = if run.forecast.is_some() { "over the last minute" } else { "on average" };
        facts.push(("rate", format!("{} a second, {when}", output::rate(rate))));
    }
    if run.retries > 0 {
        let next = run.next_retry_at.map_or_else(String::new, |at| format!(", the next at {}", clock(at)));
        facts.push(("retries", format!("{} to come{next}", output::count(run.retries))));
    }
    facts.extend(forecast(run, now).map(|text| ("forecast", text)));
    facts.extend(run.wanted_by.map(|at| ("wanted", format!("by {}", clock(at)))));
    facts.extend(run.canary.map(|phase| ("canary", canary(phase, run.canary_until, run.zone, now))));
    if !run.relays.is_empty() {
        let relays: Vec<_> =
            run.relays.iter().map(|one| format!("{} {}", one.relay, output::grouped(one.accepted))).collect();
        facts.push(("relays", relays.join(" · ")));
    }
    facts
}

/// How far a canary is, in words.
pub fn canary(phase: CanaryPhase, until: Option<DateTime<Utc>>, zone: Tz, now: DateTime<Utc>) -> String {
    match (phase, until) {
        (CanaryPhase::Sending, _) => "goes out first".to_owned(),
        (CanaryPhase::Waiting, Some(until)) => format!("waits until {}", output::clock(until, zone, now)),
        (CanaryPhase::Waiting, None) => "failed".to_owned(),
        (CanaryPhase::Passed, _) => "passed".to_owned(),
    }
}

fn forecast(run: &Run, now: DateTime<Utc>) -> Option<String> {
    Some(match run.forecast? {
        Forecast::Done if run.retries > 0 => "done but for the retries".to_owned(),
        Forecast::Done => "done".to_owned(),
        Forecast::About(at) => format!("done about {}", output::clock(at, run.zone, now)),
        Forecast::Unknown => "not known: nothing was accepted of late".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::bounce::{BounceReason, ReportKind};
    use crate::domain::edition::EditionState;
    use crate::pipeline::report::ByRelay;
    use crate::store::deliveries::{Accounting, Refusals};
    use crate::store::reports::Reported;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn report() -> Report {
        let accounting = Accounting::from([
            (DeliveryState::Accepted, 31_204),
            (DeliveryState::Bounced, 41),
            (DeliveryState::Rejected, 3),
            (DeliveryState::Deferred, 117),
            (DeliveryState::Claimed, 200),
            (DeliveryState::Queued, 18_435),
        ]);
        let by = |relay: &str, accepted| ByRelay { relay: relay.to_owned(), accepted };
        Report {
            edition: EditionId(12),
            newsletter: "daily-en".to_owned(),
            state: EditionState::Sending,
            reason: None,
            send_at: at("2026-11-25T14:00:00Z"),
            revision: Some(1),
            audience: 50_000,
            accounting,
            run: Some(Run {
                zone: Tz::Asia__Tbilisi,
                first_accepted_at: Some(at("2026-11-25T14:00:02Z")),
                last_accepted_at: Some(at("2026-11-25T14:11:05Z")),
                per_second: Some(48.93),
                relays: vec![by("main", 20_100), by("backup", 11_104)],
                retries: 117,
                next_retry_at: Some(at("2026-11-25T14:12:30Z")),
                forecast: Some(Forecast::About(at("2026-11-25T14:17:21Z"))),
                wanted_by: Some(at("2026-11-25T15:00:00Z")),
                canary: Some(CanaryPhase::Passed),
                canary_until: None,
            }),
            refusals: vec![Refusals {
                domain: "gmail.com".to_owned(),
                state: DeliveryState::Bounced,
                code: Some(550),
                enhanced: Some("5.1.1".to_owned()),
                n: 41,
            }],
            reported: vec![
                told("gmail.com", ReportKind::Hard, Some(BounceReason::UserUnknown), 1_041),
                told("yandex.ru", ReportKind::Soft, Some(BounceReason::MailboxFull), 12),
                told("", ReportKind::Complaint, None, 2),
            ],
            clicks: Some(1_204),
            openings: None,
        }
    }

    fn told(domain: &str, kind: ReportKind, reason: Option<BounceReason>, n: i64) -> Reported {
        Reported { domain: domain.to_owned(), kind, reason, n }
    }

    #[test]
    fn a_report_is_a_sum_and_a_few_facts() {
        let expected = "\
edition 12 of daily-en: sending

      18,435  queued      36.9 %
         200  claimed      0.4 %
         117  deferred     0.2 %
      31,204  accepted    62.4 %
          41  bounced      0.1 %
           3  rejected   < 0.1 %
      ──────
      50,000  audience

  accepted  2026-11-25 18:00:02 to 18:11:05 (Asia/Tbilisi)
  rate      48.9 a second, over the last minute
  retries   117 to come, the next at 18:12
  forecast  done about 18:17
  wanted    by 19:00
  canary    passed
  relays    main 20,100 · backup 11,104
  clicks    1,204

          41  bounced    550 5.1.1   gmail.com

  bounces and complaints, as reported

       1,041  hard         user unknown    gmail.com
          12  soft         mailbox full    yandex.ru
           2  complaint                    (erased)";
        assert_eq!(lines(&report(), at("2026-11-25T14:11:06Z")).join("\n"), expected);
    }

    #[test]
    fn what_does_not_add_up_is_said() {
        let lines = lines(&Report { audience: 50_001, ..report() }, at("2026-11-25T14:11:06Z"));
        assert!(lines.contains(&"      50,000  in all".to_owned()), "{lines:?}");
        assert!(lines.iter().any(|line| line.contains("50,001: please report this")), "{lines:?}");
    }

    #[test]
    fn a_share_is_never_rounded_to_nothing_or_to_all() {
        for (n, of, text) in [
            (0, 10, ""),
            (1, 10, "10.0 %"),
            (10, 10, "100 %"),
            (1, 1_000_000, "< 0.1 %"),
            (999_999, 1_000_000, "99.9 %"),
            (2, 3, "66.7 %"),
            (1, 0, ""),
        ] {
            assert_eq!(share(n, of), text, "{n} of {of}");
        }
    }

    #[test]
    fn a_canary_says_how_far_it_is() {
        let until = Some(at("2026-11-25T14:20:00Z"));
        let told = |phase, until| canary(phase, until, Tz::Asia__Tbilisi, at("2026-11-25T14:11:06Z"));
        assert_eq!(told(CanaryPhase::Sending, None), "goes out first");
        assert_eq!(told(CanaryPhase::Waiting, until), "waits until 18:20");
        assert_eq!(told(CanaryPhase::Waiting, None), "failed");
        assert_eq!(told(CanaryPhase::Passed, None), "passed");
    }
}
