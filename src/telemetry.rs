//! Logs: text for people, JSON for machines, both to stderr, so that stdout is for data alone.
//!
//! Promises: a message that reads as a sentence, with dotted fields (`edition.id`, `duration_ms`)
//! beside it; under journald each line carries its priority and leaves time and name to the
//! journal; colours on a terminal only; nothing panics or stops when nobody reads stderr any more.
//!
//! That no address and no token is logged is the business of those who log: addresses and keys have
//! a `Debug` that hides them.

use std::fmt;
use std::io::{self, IsTerminal as _};
use std::os::linux::fs::MetadataExt as _;

use tracing::{Dispatch, Event, Level, Subscriber};
use tracing_subscriber::filter::{EnvFilter, ParseError};
use tracing_subscriber::fmt::format::{Format, Full, Writer};
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields, MakeWriter};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::{SubscriberInitExt as _, TryInitError};

use crate::config::LogFormat;

/// Why logging could not start.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// The filter does not parse.
    #[error(
        "`{filter}` is no log filter: {source}; write a level (`info`), or targets with levels \
         (`info,sqlx=warn,newsletterd::mail=debug`)"
    )]
    Filter {
        /// What was given.
        filter: String,
        /// Why it does not parse.
        source: ParseError,
    },
    /// Logging started before.
    #[error("logging is already set up: {0}")]
    AlreadyStarted(#[from] TryInitError),
}

/// Starts logging to stderr for the whole process; to be called once, before anything logs.
/// `filter` is a level, or targets with levels: `info,sqlx=warn`.
///
/// # Errors
/// [`TelemetryError`] when the filter does not parse, or logging was started before.
pub fn init(format: LogFormat, filter: &str) -> Result<(), TelemetryError> {
    let style = match format {
        LogFormat::Json => Style::Json,
        LogFormat::Text if is_journal() => Style::Journal,
        LogFormat::Text => Style::Text { colours: io::stderr().is_terminal() },
    };
    Ok(dispatch(style, filter, io::stderr)?.try_init()?)
}

/// How lines look.
#[derive(Clone, Copy)]
enum Style {
    Text { colours: bool },
    Journal,
    Json,
}

fn dispatch<W>(style: Style, filter: &str, writer: W) -> Result<Dispatch, TelemetryError>
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let filter = EnvFilter::try_new(filter)
        .map_err(|source| TelemetryError::Filter { filter: filter.to_owned(), source })?;
    // A failed write is told to stderr otherwise, which panics when it was stderr that failed.
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(writer)
        .log_internal_errors(false)
        .with_ansi(matches!(style, Style::Text { colours: true }));
    Ok(match style {
        Style::Text { .. } => builder.with_target(false).into(),
        Style::Journal => {
            builder.event_format(WithPriority(Format::default().with_target(false).without_time())).into()
        }
        Style::Json => builder.json().flatten_event(true).with_span_list(false).into(),
    })
}

/// Whether stderr is the journal's stream, not a terminal or file to which a service's child was
/// redirected (systemd.exec(5), `JOURNAL_STREAM`).
fn is_journal() -> bool {
    let Ok(stream) = std::env::var("JOURNAL_STREAM") else { return false };
    std::fs::metadata("/proc/self/fd/2")
        .is_ok_and(|stderr| stream == format!("{}:{}", stderr.st_dev(), stderr.st_ino()))
}

/// Lines that begin with their syslog priority in the way of sd-daemon(3): `<4>`.
struct WithPriority(Format<Full, ()>);

impl<S, N> FormatEvent<S, N> for WithPriority
where
    S: Subscriber + for<'span> LookupSpan<'span>,
    N: for<'writer> FormatFields<'writer> + 'static,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        write!(writer, "<{}>", priority(*event.metadata().level()))?;
        self.0.format_event(context, writer, event)
    }
}

/// The syslog severity (RFC 5424 table 2) of a level.
const fn priority(level: Level) -> u8 {
    match level {
        Level::ERROR => 3,
        Level::WARN => 4,
        Level::INFO => 6,
        _ => 7,
    }
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio};
    use std::sync::{Arc, Mutex};

    use super::*;

    /// What `log` writes.
    fn written(style: Style, filter: &str, log: impl FnOnce()) -> String {
        let buffer = Arc::new(Mutex::new(Vec::new()));
        let writer = Arc::clone(&buffer);
        let make = move || Shared(Arc::clone(&writer));
        tracing::dispatcher::with_default(&dispatch(style, filter, make).unwrap(), log);
        String::from_utf8(buffer.lock().unwrap().clone()).unwrap()
    }

    struct Shared(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Shared {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn sent() {
        let span = tracing::info_span!("edition.deliver", edition.id = 7);
        let _entered = span.enter();
        tracing::warn!(duration_ms = 12, delivery.id = 3, "relay main is slow");
        tracing::debug!("hidden");
    }

    #[test]
    fn json_has_a_message_and_dotted_fields() {
        let text = written(Style::Json, "info", sent);
        let line: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(text.lines().count(), 1);
        assert_eq!(line["message"], "relay main is slow");
        assert_eq!(line["level"], "WARN");
        assert_eq!(line["delivery.id"], 3);
        assert_eq!(line["duration_ms"], 12);
        assert_eq!(line["span"]["edition.id"], 7);
        assert_eq!(line["span"]["name"], "edition.deliver");
        assert!(line["timestamp"].as_str().unwrap().ends_with('Z'));
    }

    #[test]
    fn text_has_colours_on_a_terminal_only() {
        let plain = written(Style::Text { colours: false }, "info", sent);
        assert!(plain.contains("relay main is slow") && plain.contains("delivery.id=3"), "{plain}");
        assert!(plain.contains("edition.id=7") && !plain.contains('\u{1b}'), "{plain}");
        assert!(written(Style::Text { colours: true }, "info", sent).contains('\u{1b}'));
    }

    #[test]
    fn the_journal_gets_priorities_and_no_time() {
        let log = || {
            tracing::error!("one");
            tracing::warn!("two");
            tracing::info!("three");
            tracing::debug!("four");
        };
        let text = written(Style::Journal, "debug", log);
        let words = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
        let lines: Vec<_> = text.lines().map(words).collect();
        assert_eq!(lines, ["<3>ERROR one", "<4> WARN two", "<6> INFO three", "<7>DEBUG four"]);
    }

    #[test]
    fn the_filter_holds_and_a_wrong_one_is_explained() {
        assert_eq!(written(Style::Text { colours: false }, "error", sent), "");
        let error = dispatch(Style::Json, "info,newsletterd=loud", io::sink).unwrap_err().to_string();
        assert!(error.contains("`info,newsletterd=loud` is no log filter"), "{error}");
    }

    #[test]
    fn nothing_panics_when_nobody_reads_stderr() {
        const CHILD: &str = "NEWSLETTERD_TEST_LOGS_TO_CLOSED_STDERR";
        if std::env::var_os(CHILD).is_some() {
            io::copy(&mut io::stdin(), &mut io::sink()).unwrap();
            init(LogFormat::Text, "info").unwrap();
            assert!(io::Write::write(&mut io::stderr(), b"x").is_err(), "stderr is not closed");
            sent();
            return;
        }
        let name = "telemetry::tests::nothing_panics_when_nobody_reads_stderr";
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args([name, "--exact", "--nocapture"])
            .env(CHILD, "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stderr.take());
        drop(child.stdin.take());
        let output = child.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && said.contains("1 passed"), "{said}");
    }
}
