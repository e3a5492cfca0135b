//! Words that say that delivery is still being tried.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

/// What warnings say, in lower case.
const SAYS: [&str; 40] = [
    "still trying",
    "will continue to try",
    "will continue trying",
    "will keep trying",
    "will be retried",
    "will retry",
    "will try again",
    "will be tried again",
    "continue to attempt",
    "delivery attempts will continue",
    "attempts to deliver the message will continue",
    "still being attempted",
    "still undelivered",
    "not yet been delivered",
    "has been delayed",
    "has not been delivered yet",
    "this is a warning message only",
    "this is only a warning",
    "no need to resend",
    "do not need to resend",
    "don't need to resend",
    "no action is required on your part",
    "delivery delayed",
    "delivery temporarily suspended",
    "temporary problem delivering your message",
    "keeps trying",
    "warning: could not send message for",
    "warning: message still",
    "message still in queue",
    "delivery status notification (delay)",
    "will be attempted again",
    "wird weiterhin versucht",
    "weitere zustellversuche",
    "nouvelles tentatives",
    "se seguirá intentando",
    "tentativi di consegna continueranno",
    "попытки доставки будут продолжены",
    "будет продолжать попытки",
    "再送を試み",
    "引き続き配送を試み",
];

/// What takes it back, in lower case.
const UNLESS: [&str; 9] = [
    "gave up",
    "giving up",
    "given up",
    "permanent error",
    "permanently failed",
    "has failed permanently",
    "could not be delivered for more than",
    "no longer trying",
    "will not be retried",
];

static FINDER: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    AhoCorasick::builder().ascii_case_insensitive(true).build(SAYS.iter().chain(&UNLESS)).ok()
});

/// Whether a text says that delivery goes on.
pub(super) fn is_delay(text: &str) -> bool {
    let Some(finder) = FINDER.as_ref() else { return false };
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut goes_on = false;
    for found in finder.find_overlapping_iter(&text) {
        if found.pattern().as_usize() >= SAYS.len() {
            return false;
        }
        goes_on = true;
    }
    goes_on
}

#[cfg(test)]
mod tests {
    use super::is_delay;

    #[test]
    fn warnings_are_told_from_reports_of_failure() {
        assert!(is_delay("Your message has not been delivered.\nThe server will keep\ntrying for 3 days."));
        assert!(!is_delay("The server said it will try again, then we gave up."));
        assert!(!is_delay("User unknown"));
    }
}
