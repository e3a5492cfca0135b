//! Words of mails, held to what every language must do.

use crate::strings::{ALL, RU};

#[test]
fn every_phrase_holds_what_it_is_given() {
    for strings in ALL {
        let (mails, alerts) = (&strings.mails, &strings.mails.alerts);
        for phrase in [
            mails.confirm_subject,
            mails.confirm_text,
            mails.left_subject,
            mails.left_text,
            alerts.held.title,
            alerts.missed.title,
            alerts.failed.title,
            alerts.paused.title,
            alerts.late.title,
            alerts.delayed.title,
            alerts.reasons.not_done,
            alerts.relay_down_title,
            alerts.stale_title,
            alerts.reasons.quiet,
        ] {
            assert!(phrase("NAME").contains("NAME"), "{}", strings.tag);
        }
        for phrase in
            [alerts.refused_title, alerts.labelled, alerts.reasons.too_late, alerts.reasons.too_slow]
        {
            let text = phrase("ONE", "TWO");
            assert!(text.contains("ONE") && text.contains("TWO"), "{text}");
        }
        let too_little = (alerts.reasons.too_little)(17, 23);
        assert!(too_little.contains("17") && too_little.contains("23"), "{too_little}");
        let canary_failed = (alerts.reasons.canary_failed)(17, 23);
        assert!(canary_failed.contains("17") && canary_failed.contains("23"), "{canary_failed}");
        assert!((alerts.reasons.hard_bounces)(17).contains("17"));
        assert!((alerts.reasons.refused_again)(17).contains("17"));
    }
}

#[test]
fn no_language_borrows_the_words_of_another() {
    for (at, strings) in ALL.iter().enumerate() {
        for other in &ALL[at + 1..] {
            assert_ne!(strings.mails.confirm_otherwise, other.mails.confirm_otherwise);
            assert_ne!(strings.mails.left_mistake, other.mails.left_mistake);
            assert_ne!(strings.mails.alerts.held.text, other.mails.alerts.held.text);
            assert_ne!(strings.mails.alerts.delayed.text, other.mails.alerts.delayed.text);
            assert_ne!(strings.mails.alerts.reasons.no_seeds, other.mails.alerts.reasons.no_seeds);
            assert_ne!(strings.mails.alerts.steps.mended, other.mails.alerts.steps.mended);
            assert_ne!(strings.mails.alerts.reasons.not_approved, other.mails.alerts.reasons.not_approved);
        }
    }
}

#[test]
fn lengths_of_time_take_the_noun_that_their_language_asks_for() {
    let hours = [1, 2, 5, 21].map(|n| RU.count(n, &RU.mails.alerts.hours).replace('\u{A0}', " "));
    assert_eq!(hours, ["1 час", "2 часа", "5 часов", "21 час"]);
}
