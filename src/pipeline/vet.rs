//! The last look at a letter before it is fixed: by the checklist for finished letters, on exactly
//! what a reader would get. What is broken is a reason to hold the edition, unless the newsletter only
//! wants to be warned; what could be better is written down.

use chrono::{DateTime, Utc};
use serde_json::json;

use super::{Engine, Result, nobody};
use crate::config::Newsletter;
use crate::domain::edition::LetterCheck;
use crate::mail::letter::{EncodedLetter, Finding, Point, Severity, check};
use crate::store::Tx;
use crate::store::editions::Edition;
use crate::store::events::{self, About};

/// Points named in a reason.
const NAMED: usize = 5;

/// What `letter` falls short of, filled in for a reader whom nobody is.
///
/// # Errors
/// When a place cannot be filled, as no reader's then could.
pub fn findings(
    engine: &Engine,
    newsletter: &Newsletter,
    edition: &Edition,
    letter: &EncodedLetter,
) -> Result<Vec<Finding>> {
    let values = nobody::places(engine, newsletter, edition.id, edition.opened_at)?;
    Ok(check(&letter.fill(&values)?))
}

/// Writes down what was found, and gives the reason to hold the edition, if there is one.
///
/// # Errors
/// What the database says.
pub async fn judge(
    tx: &mut Tx,
    newsletter: &Newsletter,
    edition: &Edition,
    found: &[Finding],
    now: DateTime<Utc>,
) -> Result<Option<String>> {
    if found.is_empty() {
        return Ok(None);
    }
    let broken = firsts(found, Severity::Broken);
    let advice = firsts(found, Severity::Advice);
    for finding in broken.iter().chain(&advice) {
        let (point, place, message) = (finding.point, &finding.place, &finding.message);
        if finding.severity == Severity::Broken || point == Point::HtmlSize {
            tracing::warn!(edition.id = edition.id.0, letter.point = %point, "letter: {place}: {message}");
        } else {
            tracing::info!(edition.id = edition.id.0, letter.point = %point, "letter: {place}: {message}");
        }
    }
    let names = |findings: &[&Finding]| findings.iter().map(|finding| finding.point).collect::<Vec<_>>();
    let detail = json!({"broken": names(&broken), "advice": names(&advice)});
    events::record(tx, now, "edition.letter_checked", About::edition(edition.id), &detail).await?;
    let holds = newsletter.letter_check == LetterCheck::Block;
    Ok((holds && !broken.is_empty()).then(|| reason(edition, &broken)))
}

/// The first finding of each point, of one severity.
fn firsts(found: &[Finding], severity: Severity) -> Vec<&Finding> {
    let mut firsts: Vec<&Finding> = Vec::new();
    for finding in found.iter().filter(|finding| finding.severity == severity) {
        if firsts.iter().all(|known| known.point != finding.point) {
            firsts.push(finding);
        }
    }
    firsts
}

fn reason(edition: &Edition, broken: &[&Finding]) -> String {
    let named = broken.iter().take(NAMED);
    let named = named.map(|finding| format!("{} ({}: {})", finding.point, finding.place, finding.message));
    let more = broken.len().saturating_sub(NAMED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!(
        "its letter falls short: {}{more}. `newsletterd letter check {id}` says what to do; \
         `newsletterd edition send {id} --despite-check` sends it all the same",
        named.collect::<Vec<_>>().join("; "),
        id = edition.id
    )
}
