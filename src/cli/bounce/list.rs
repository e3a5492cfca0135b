//! `newsletterd bounce --list` and `--show`: what came in, and what it came to.

use std::io::Write as _;

use super::words::{effect, kind_and_reason};
use crate::cli::{Failure, output};
use crate::domain::bounce::ReportKind;
use crate::domain::ids::ReportId;
use crate::pipeline::{Engine, PipelineError};
use crate::store::reports::{self, Asked, Shown as Report};

/// What is to be shown of the reports that came in.
#[derive(Debug, clap::Args)]
pub struct Shown {
    /// Lists the reports that came in, newest first, and what they came to.
    #[arg(long, group = "shown")]
    pub list: bool,
    /// Shows one report, as `--list` numbers them.
    #[arg(long, group = "shown", value_name = "ID")]
    pub show: Option<i64>,
    /// With `--list`: only those of a kind.
    #[arg(long, requires = "list", value_name = "hard|soft|complaint|…")]
    kind: Option<ReportKind>,
    /// With `--list`: only those that lead to no letter of ours.
    #[arg(long, requires = "list")]
    unattributed: bool,
    /// With `--list`: at most so many.
    #[arg(long, requires = "list", default_value_t = 50, value_name = "N")]
    limit: u16,
    /// With `--show`: what came, just as it came, as long as it is kept.
    #[arg(long, requires = "show")]
    raw: bool,
}

impl Shown {
    /// Whether anything of it was asked for.
    pub const fn is_asked(&self) -> bool {
        self.list || self.show.is_some()
    }
}

pub async fn run(engine: &Engine, args: &Shown, json: bool) -> Result<(), Failure> {
    let mut tx = engine.db.read().await.map_err(PipelineError::from)?;
    let Some(id) = args.show.map(ReportId) else {
        let asked = Asked { kind: args.kind, unattributed: args.unattributed, limit: i64::from(args.limit) };
        for report in reports::list(&mut tx, &asked).await.map_err(PipelineError::from)? {
            if json { output::json(&report)? } else { output::line(row(&report))? }
        }
        return Ok(());
    };
    let report = reports::get(&mut tx, id).await.map_err(PipelineError::from)?;
    let report = report.ok_or_else(|| {
        PipelineError::Refused(format!(
            "there is no report {id}; `newsletterd bounce --list` shows those there are"
        ))
    })?;
    if !args.raw {
        if json {
            output::json(&report)?;
        } else {
            for line in page(&report) {
                output::line(line)?;
            }
        }
        return Ok(());
    }
    match reports::raw(&mut tx, id).await.map_err(PipelineError::from)? {
        Some((_, raw)) => std::io::stdout().lock().write_all(&raw)?,
        None => {
            return Err(PipelineError::Refused(format!(
                "what came with report {id} is kept no more; without --raw you see what it came to"
            ))
            .into());
        }
    }
    Ok(())
}

/// A report on one line.
fn row(report: &Report) -> String {
    let about = match (report.edition, &report.domain) {
        (Some(edition), Some(domain)) => format!("edition {edition}, {domain}"),
        (Some(edition), None) => format!("edition {edition}"),
        (None, _) => "no letter".to_owned(),
    };
    format!(
        "{:>7}  {}  {:<28}  {:<8}  {about}: {}",
        report.id,
        report.received_at.format("%F %H:%M"),
        kind_and_reason(report),
        report.intake.as_str(),
        effect(report.effect)
    )
}

/// All that is kept of a report.
fn page(report: &Report) -> Vec<String> {
    let text = |text: &Option<String>| text.clone();
    let rows = [
        ("report", Some(report.id.to_string())),
        ("received", Some(report.received_at.format("%F %H:%M:%S UTC").to_string())),
        ("by way of", Some(report.intake.to_string())),
        ("says", Some(kind_and_reason(report))),
        ("server said", text(&report.diagnostic)),
        ("reported by", text(&report.reporting_mta)),
        ("rule", text(&report.rule).filter(|rule| !rule.is_empty())),
        ("letter", report.edition.map(|edition| format!("of edition {edition}"))),
        ("reader", report.subscriber.map(|subscriber| format!("subscriber {subscriber}"))),
        ("at", text(&report.domain)),
        ("found by", report.attribution.map(|by| by.as_str().replace('_', " "))),
        ("relay", text(&report.relay)),
        ("came to", Some(effect(report.effect).to_owned())),
    ];
    rows.into_iter().filter_map(|(name, value)| Some(format!("{name:<13}{}", value?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::bounce::{Attribution, BounceReason, Effect, Intake};
    use crate::domain::ids::{EditionId, SubscriberId};

    fn report() -> Report {
        Report {
            id: ReportId(41),
            intake: Intake::Webhook,
            received_at: "2026-11-25T06:12:30Z".parse().unwrap(),
            kind: Some(ReportKind::Hard),
            reason: Some(BounceReason::UserUnknown),
            status: Some("5.1.1".to_owned()),
            rule: Some("ses".to_owned()),
            diagnostic: Some("550 5.1.1 No such user".to_owned()),
            reporting_mta: None,
            attribution: Some(Attribution::ReturnPath),
            edition: Some(EditionId(12)),
            subscriber: Some(SubscriberId(7)),
            domain: Some("gmail.com".to_owned()),
            relay: Some("main".to_owned()),
            effect: Some(Effect::SuppressedHard),
            counted: true,
        }
    }

    #[test]
    fn a_report_has_a_line_and_a_page() {
        assert_eq!(
            row(&report()),
            "     41  2026-11-25 06:12  hard, user unknown, 5.1.1     webhook   edition 12, gmail.com: \
             the address was suppressed"
        );
        let waiting =
            Report { kind: None, reason: None, status: None, edition: None, effect: None, ..report() };
        assert_eq!(
            row(&waiting),
            "     41  2026-11-25 06:12  not looked at yet             webhook   no letter: waits to be looked at"
        );
        let expected = "\
report       41
received     2026-11-25 06:12:30 UTC
by way of    webhook
says         hard, user unknown, 5.1.1
server said  550 5.1.1 No such user
rule         ses
letter       of edition 12
reader       subscriber 7
at           gmail.com
found by     return path
relay        main
came to      the address was suppressed";
        assert_eq!(page(&report()).join("\n"), expected);
    }
}
