//! How far letters are, while they are sent: a live line on a terminal, and a plain line every ten
//! seconds where there is none. On stderr, since it is no data.

use std::io::IsTerminal as _;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use indicatif::{ProgressBar, ProgressStyle};

use super::output;
use crate::domain::forecast::{Forecast, Recent, Standing};

/// How often a plain line is written.
const PLAIN: Duration = Duration::from_secs(10);
/// What the rate is made of.
const LATELY: TimeDelta = TimeDelta::seconds(10);
/// A forecast is made of more, so that it does not jump.
const LONGER: TimeDelta = TimeDelta::seconds(60);

/// The line.
pub struct Progress {
    bar: Option<ProgressBar>,
    seen: Mutex<Seen>,
}

struct Seen {
    rate: Recent,
    forecast: Recent,
    plain: Option<Instant>,
}

impl Progress {
    /// A line that is not there yet: it appears with what is first shown.
    pub fn new() -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::new(0);
            if let Ok(style) = ProgressStyle::with_template("{bar:16.green/black.bright} {wide_msg}") {
                bar.set_style(style.progress_chars("━━─"));
            }
            bar
        });
        let seen = Seen { rate: Recent::new(LATELY), forecast: Recent::new(LONGER), plain: None };
        Self { bar, seen: Mutex::new(seen) }
    }

    /// Shows how a run stands at `now`, with its forecast in the newsletter's `zone`; `phase` says
    /// what it is at, where that is not plain sending.
    pub fn show(&self, standing: Standing, phase: Option<&str>, zone: Tz, now: DateTime<Utc>) {
        let mut seen = self.seen();
        if phase.is_some() {
            // What it went at before says nothing about what follows.
            (seen.rate, seen.forecast) = (Recent::new(LATELY), Recent::new(LONGER));
        }
        seen.rate.add(now, standing);
        seen.forecast.add(now, standing);
        let line = line(standing, seen.rate.rate(), seen.forecast.forecast(), phase, zone, now);
        self.draw(&mut seen, standing.audience(), standing.ended, &line);
    }

    /// Shows where several runs stand together: of `audience` letters, `ended` have ended.
    pub fn show_counts(&self, audience: i64, ended: i64, deferred: i64) {
        let positive = |n: i64| u64::try_from(n).unwrap_or(0);
        let (audience, ended, deferred) = (positive(audience), positive(ended), positive(deferred));
        let standing = Standing {
            waiting: audience.saturating_sub(ended + deferred),
            deferred,
            ended,
            next_retry: None,
        };
        let now = DateTime::UNIX_EPOCH;
        let line = line(standing, None, Forecast::Unknown, None, Tz::UTC, now);
        self.draw(&mut self.seen(), audience, ended, &line);
    }

    fn draw(&self, seen: &mut Seen, audience: u64, ended: u64, line: &str) {
        if let Some(bar) = &self.bar {
            bar.set_length(audience);
            bar.set_position(ended);
            bar.set_message(line.to_owned());
        } else if seen.plain.is_none_or(|at| at.elapsed() >= PLAIN) {
            // The first plain line comes after ten seconds: what is shorter needs none.
            if seen.plain.is_some() {
                // Nobody reads stderr any more: no reason to stop sending.
                drop(output::note(line));
            }
            seen.plain = Some(Instant::now());
        }
    }

    fn seen(&self) -> std::sync::MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the line away.
    pub fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

/// "12,480 of 50,000 · 49.8/s · done about 18:42 · 37 deferred": what is cut off on a narrow
/// terminal comes last.
fn line(
    standing: Standing,
    rate: Option<f64>,
    forecast: Forecast,
    phase: Option<&str>,
    zone: Tz,
    now: DateTime<Utc>,
) -> String {
    let done = match forecast {
        Forecast::About(at) => Some(format!("done about {}", output::clock(at, zone, now))),
        Forecast::Done | Forecast::Unknown => None,
    };
    let (ended, audience) = (output::count(standing.ended), output::count(standing.audience()));
    let deferred = Some(standing.deferred).filter(|n| *n > 0);
    let parts = [
        Some(format!("{ended} of {audience}")),
        rate.map(|rate| format!("{}/s", output::rate(rate))),
        phase.map(str::to_owned).or(done),
        deferred.map(|n| format!("{} deferred", output::count(n))),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn the_line_says_what_is_known_and_no_more() {
        let now = at("2026-11-25T14:30:00Z");
        let standing = Standing { waiting: 37_483, deferred: 37, ended: 12_480, next_retry: None };
        let told =
            |standing, rate, forecast, phase| line(standing, rate, forecast, phase, Tz::Asia__Tbilisi, now);
        let about = Forecast::About(at("2026-11-25T14:42:29Z"));
        assert_eq!(
            told(standing, Some(49.83), about, None),
            "12,480 of 50,000 · 49.8/s · done about 18:42 · 37 deferred"
        );
        assert_eq!(
            told(
                Standing { deferred: 0, ..standing },
                Some(4_981.2),
                Forecast::About(at("2026-11-25T21:00:00Z")),
                None
            ),
            "12,480 of 49,963 · 4,981/s · done about 01:00 on 26 Nov"
        );
        assert_eq!(told(standing, None, Forecast::Unknown, None), "12,480 of 50,000 · 37 deferred");
        let waits = Some("canary: waits until 18:40");
        assert!(
            told(standing, Some(0.0), Forecast::Unknown, waits)
                .ends_with("canary: waits until 18:40 · 37 deferred")
        );
    }
}
