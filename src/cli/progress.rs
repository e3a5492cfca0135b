//! A live line on the terminal while an edition is sent; silent where there is none.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use crate::domain::delivery::DeliveryState;
use crate::pipeline::report::Report;

/// The live line, on stderr.
pub struct Progress(ProgressBar);

impl Progress {
    /// A line that is not there yet: it appears with the first report.
    pub fn new() -> Self {
        let bar = ProgressBar::new(0);
        let style = ProgressStyle::with_template("{bar:30} {pos}/{len}  {per_sec}  {msg}");
        if let Ok(style) = style {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(500));
        Self(bar)
    }

    /// Shows where the run stands.
    pub fn show(&self, report: &Report) {
        self.show_counts(report.audience, report.ended(), report.count(DeliveryState::Deferred));
    }

    /// Shows where several runs stand together: of `audience` letters, `ended` have ended.
    pub fn show_counts(&self, audience: i64, ended: i64, deferred: i64) {
        let positive = |n: i64| u64::try_from(n).unwrap_or(0);
        self.0.set_length(positive(audience));
        self.0.set_position(positive(ended));
        self.0.set_message(if deferred > 0 { format!("{deferred} deferred") } else { String::new() });
    }

    /// Takes the line away.
    pub fn finish(&self) {
        self.0.finish_and_clear();
    }
}
