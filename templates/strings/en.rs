//! English, as newsrooms outside of America write it.

use super::plural::{Counted, one_is_one};
use super::{BlockTitles, Direction, LetterWords, PageWords, Strings};
use crate::view::Tracking;

/// English.
pub const EN: Strings = Strings {
    tag: "en",
    direction: Direction::LeftToRight,
    months: [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
    weekdays: ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
    full_date: |d| format!("{}, {} {} {}", d.weekday, d.day, d.month, d.year),
    plural: one_is_one,
    blocks: BlockTitles {
        picks: "Editor’s Picks",
        most_read: "Most Popular",
        latest: "Latest",
        related: "Related",
    },
    letter: LetterWords {
        number: |n| format!("No.\u{A0}{n}"),
        by: |names| format!("By {names}"),
        and: "and",
        photo: |name| format!("Photo: {name}"),
        reading: |minutes| format!("{minutes}\u{A0}min read"),
        reason: |list| format!("You get this letter because you subscribed to “{list}”."),
        counted: |tracking| match tracking {
            Tracking::None => "We count neither who opens this letter nor which links are followed.",
            Tracking::Links => "We count how often each link is followed, but not by whom.",
            Tracking::Openings => "We count how often this letter is opened, but not by whom.",
            Tracking::LinksAndOpenings => {
                "We count how often this letter is opened and each link is followed, but not by whom."
            }
        },
        preferences: "Change what you get",
        unsubscribe: "Unsubscribe",
        view_in_browser: "View in browser",
        test_subject: |subject| format!("[Test] {subject}"),
        test_marking: "This is a test. It went to no subscriber.",
    },
    pages: PageWords {
        leave_title: "Unsubscribe",
        leave_question: |list| format!("Do you want to leave “{list}”?"),
        leave_effect: "Nothing has changed yet. When you press the button, you will be taken off this list at once.",
        leave_button: "Yes, unsubscribe me",
        left_title: "You have left",
        left_text: |list| {
            format!(
                "You will get no more letters from “{list}”. One that is already on its way may still arrive."
            )
        },
        not_on_title: "You are not on this list",
        not_on_text: |list| {
            format!("Your subscription to “{list}” has already ended. Nothing had to be changed.")
        },
        archive_title: |newsletter| format!("{newsletter}: past letters"),
        archive_empty: "No letter has been sent yet.",
        letters: Counted::two("letter", "letters"),
        stories: Counted::two("story", "stories"),
        to_site: |site| format!("Go to {site}"),
        not_found_title: "There is nothing here",
        not_found_text: "The address may be mistyped, or what it led to is no longer public.",
        bad_link_title: "This link is not complete",
        bad_link_text: "Nothing has been changed. Please open the link from the letter again; if mail programs broke it across lines, copy all of it.",
        failed_title: "That did not work",
        failed_text: "Something went wrong on our side and nothing has been changed. Please try again in a few minutes.",
    },
    choices: super::choices::EN,
    mails: super::mails::EN,
};
