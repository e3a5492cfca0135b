//! What every page keeps to, in every language.

use super::archive::{ArchiveView, ArchivedLetter};
use super::confirm::{ConfirmState, ConfirmView};
use super::index::{IndexView, ListedNewsletter};
use super::mailbox::{CapturedMail, MailView, MailboxView};
use super::news::{NewsView, PictureView};
use super::notice::Notice;
use super::preferences::{ChoiceState, ChoiceView, ChoicesView, PreferencesState, PreferencesView, Saved};
use super::unsubscribe::{UnsubscribeState, UnsubscribeView};
use super::*;
use crate::date::LocalDate;
use crate::letter::theme::{DARK, LIGHT};
use crate::strings::{ALL, EN, Strings};

fn site() -> SiteView {
    SiteView {
        name: "The <Example> Post".into(),
        url: WebLink::parse("https://example.org/?a=1&b=2"),
        base_path: "/letters".to_owned(),
    }
}

fn unsubscribe(strings: &'static Strings, state: UnsubscribeState) -> String {
    unsubscribe::html(&UnsubscribeView {
        strings,
        site: site(),
        list_title: "Readers & friends".into(),
        state,
    })
}

fn confirm(strings: &'static Strings, state: ConfirmState) -> String {
    confirm::html(&ConfirmView { strings, site: site(), list_title: "Readers & friends".into(), state })
}

fn preferences(strings: &'static Strings, saved: Option<Saved>) -> String {
    let states = [ChoiceState::Active, ChoiceState::Waiting, ChoiceState::Ended, ChoiceState::Stopped];
    let lists = (1..).zip(states).map(|(value, state)| ChoiceView {
        value,
        title: "Today </label><b>subject".into(),
        strings: &EN,
        state,
    });
    let choices = ChoicesView {
        action: "/preferences/token".into(),
        address: "a…@example.org".into(),
        lists: lists.collect(),
        saved,
    };
    preferences::html(&PreferencesView { strings, site: site(), state: PreferencesState::Choices(choices) })
}

fn every_page() -> Vec<String> {
    let mut pages = Vec::new();
    for strings in ALL {
        for state in [
            UnsubscribeState::Asked { action: "/u/token".into() },
            UnsubscribeState::Left,
            UnsubscribeState::NotOnList,
        ] {
            pages.push(unsubscribe(strings, state));
        }
        for state in [
            ConfirmState::Asked { action: "/confirm/token".into() },
            ConfirmState::Confirmed,
            ConfirmState::Already,
            ConfirmState::Over,
            ConfirmState::Barred,
        ] {
            pages.push(confirm(strings, state));
        }
        for state in [PreferencesState::Barred, PreferencesState::Gone] {
            pages.push(preferences::html(&PreferencesView { strings, site: site(), state }));
        }
        for saved in [None, Some(Saved::Changed), Some(Saved::Unchanged)] {
            pages.push(preferences(strings, saved));
        }
        for notice in [Notice::NotFound, Notice::BadLink, Notice::Failed] {
            pages.push(notice::html(strings, &site(), notice));
        }
        pages.push(archive::html(&ArchiveView {
            strings,
            site: site(),
            newsletter: "Today </title><script>".into(),
            total: 1,
            letters: vec![ArchivedLetter {
                path: "/archive/today/1".into(),
                subject: "A \"quoted\" <b>subject</b>".into(),
                date: LocalDate::new(2026, 11, 24).unwrap(),
                stories: 7,
            }],
        }));
        pages.push(news::html(&NewsView {
            strings,
            site: site(),
            title: "The <b>bridge".into(),
            kicker: Some("City & river".into()),
            picture: Some(PictureView {
                path: "/pictures/bridge.png".into(),
                alt: "A \"bridge\" <i>".into(),
                size: (600, 338),
            }),
            text: vec!["It is <script>open".into()],
            authors: vec!["Lia & Dan".into()],
            links: vec![("/en/ferry/".into(), "The <ferry>".into())],
        }));
    }
    pages.push(index::html(&IndexView {
        strings: &EN,
        site: site(),
        newsletters: vec![ListedNewsletter {
            path: "/archive/today".into(),
            title: "Today </a><b>subject".into(),
            strings: &EN,
        }],
    }));
    let mail = CapturedMail {
        path: "/mailbox/1".into(),
        to: "Ana <ana@example.org>".into(),
        subject: "<i>Hello</i>".into(),
        received: "07:00:01".into(),
    };
    pages.push(mailbox::list(&MailboxView {
        site: site(),
        total: 1,
        mails: vec![mail],
        previous: None,
        next: Some("/mailbox?page=2".into()),
    }));
    pages.push(mailbox::mail(&MailView {
        site: site(),
        subject: "<i>Hello</i>".into(),
        fields: vec![("To".into(), "Ana <ana@example.org>".into())],
        html_path: Some("/mailbox/1/html".into()),
        text_path: None,
        raw_path: "/mailbox/1/raw".into(),
        mailbox_path: "/mailbox".into(),
    }));
    pages
}

#[test]
fn pages_need_no_exception_from_the_strictest_policy() {
    for page in every_page() {
        for forbidden in ["<script", " style=", "<style", " onclick", "javascript:"] {
            assert!(!page.contains(forbidden), "{forbidden} in {page}");
        }
        assert!(page.contains("<link rel=\"stylesheet\" href=\"/letters/style.css\">"));
    }
}

#[test]
fn pages_say_their_language_and_have_one_heading_and_one_main_part() {
    for page in every_page() {
        assert!(page.starts_with("<!DOCTYPE html><html lang=\""), "{page}");
        assert_eq!(page.matches("<h1").count(), 1, "{page}");
        assert_eq!(page.matches("<main").count(), 1, "{page}");
        assert!(page.contains("The &lt;Example&gt; Post") && !page.contains("<Example>"), "{page}");
        assert!(!page.contains("<b>subject") && !page.contains("<i>Hello"), "{page}");
    }
}

#[test]
fn asking_shows_one_button_and_claims_nothing() {
    for strings in ALL {
        let asked = unsubscribe(strings, UnsubscribeState::Asked { action: "/u/a\"b".into() });
        assert_eq!(asked.matches("<button").count(), 1);
        assert!(asked.contains("<form method=\"post\" action=\"/u/a&quot;b\">"));
        assert!(asked.contains("Readers &amp; friends"));
        assert!(!asked.contains(strings.pages.left_title), "{asked}");
        for (state, title) in [
            (UnsubscribeState::Left, strings.pages.left_title),
            (UnsubscribeState::NotOnList, strings.pages.not_on_title),
        ] {
            let page = unsubscribe(strings, state);
            assert!(page.contains(&format!("<h1>{title}</h1>")) && !page.contains("<form"), "{page}");
        }
    }
}

#[test]
fn a_confirmation_is_asked_with_one_button_and_claimed_only_when_it_is_so() {
    for strings in ALL {
        let asked = confirm(strings, ConfirmState::Asked { action: "/c/a\"b".into() });
        assert_eq!(asked.matches("<button").count(), 1);
        assert!(asked.contains("<form method=\"post\" action=\"/c/a&quot;b\">"));
        assert!(asked.contains("Readers &amp; friends"));
        assert!(!asked.contains(&format!("<h1>{}</h1>", strings.choices.confirmed_title)), "{asked}");
        for (state, title) in [
            (ConfirmState::Confirmed, strings.choices.confirmed_title),
            (ConfirmState::Already, strings.choices.already_title),
            (ConfirmState::Over, strings.choices.over_title),
            (ConfirmState::Barred, strings.choices.barred_title),
        ] {
            let page = confirm(strings, state);
            assert!(page.contains(&format!("<h1>{title}</h1>")) && !page.contains("<form"), "{page}");
        }
    }
}

#[test]
fn choices_are_ticks_with_labels_and_one_button() {
    for strings in ALL {
        let page = preferences(strings, None);
        assert_eq!(page.matches("<button").count(), 1, "{page}");
        assert_eq!(page.matches("type=\"checkbox\"").count(), 5, "{page}");
        assert_eq!(page.matches("<label for=").count(), 5, "{page}");
        assert_eq!(page.matches(" checked").count(), 1, "only what the reader gets is ticked: {page}");
        assert_eq!(page.matches("name=\"shown\"").count(), 1, "{page}");
        assert!(!page.contains("role=\"status\""), "{page}");
        let words = &strings.choices;
        for state in [words.active, words.waiting, words.ended, words.stopped, words.leave_all] {
            assert!(page.contains(state), "{state} in {page}");
        }
        assert!(preferences(strings, Some(Saved::Changed)).contains(words.saved));
        assert!(preferences(strings, Some(Saved::Unchanged)).contains(words.unchanged));
    }
}

#[test]
fn an_archive_without_letters_says_so() {
    let view =
        ArchiveView { strings: &EN, site: site(), newsletter: "Today".into(), total: 0, letters: vec![] };
    let page = archive::html(&view);
    assert!(page.contains("No letter has been sent yet.") && !page.contains("<ol"));
}

#[test]
fn the_style_sheet_has_the_colours_of_the_letters() {
    for palette in [LIGHT, DARK] {
        for (name, colour) in [
            ("ground", palette.ground),
            ("paper", palette.paper),
            ("ink", palette.ink),
            ("muted", palette.muted),
            ("accent", palette.accent),
            ("rule", palette.rule),
            ("button", palette.button),
            ("on-button", palette.on_button),
        ] {
            assert!(STYLE.contains(&format!("--{name}: {colour};")), "{name}");
        }
    }
}
