//! What is no letter before the same programs: the pages of the web and the other mails, in every
//! language and every state.

use std::path::Path;

use newsletterd_templates::content::{Text, WebLink};
use newsletterd_templates::date::LocalDate;
use newsletterd_templates::mails::reader::SubscriptionView;
use newsletterd_templates::mails::{alert, confirmation, goodbye};
use newsletterd_templates::pages::confirm::{ConfirmState, ConfirmView};
use newsletterd_templates::pages::notice::Notice;
use newsletterd_templates::pages::preferences::{
    ChoiceState, ChoiceView, ChoicesView, PreferencesState, PreferencesView, Saved,
};
use newsletterd_templates::pages::unsubscribe::{UnsubscribeState, UnsubscribeView};
use newsletterd_templates::pages::{
    STYLE, SiteView, archive, confirm, index, notice, preferences, unsubscribe,
};
use newsletterd_templates::strings::{ALL, Strings};
use newsletterd_templates::view::ButtonView;
use serde::Deserialize;

use super::SECONDS;
use crate::support::tools::tools;

/// What `tests/tools/pages.mjs` says of one document.
#[derive(Deserialize)]
struct Document {
    name: String,
    findings: Vec<String>,
}

fn link(path: &str) -> WebLink {
    WebLink::parse(&format!("https://letters.example.org/{path}?a=1&b=2")).unwrap()
}

fn site() -> SiteView {
    SiteView { name: "The <Harbour> Post".into(), url: Some(link("")), base_path: String::new() }
}

/// Each page of the web, named.
fn pages(strings: &'static Strings) -> Vec<(String, String)> {
    let mut pages = Vec::new();
    let mut add = |name: &str, html: String| pages.push((format!("page-{}-{name}", strings.tag), html));
    let list_title = || Text::from("Readers & friends of </title> the harbour");

    let action = || "/unsubscribe/token".to_owned();
    for state in
        [UnsubscribeState::Asked { action: action() }, UnsubscribeState::Left, UnsubscribeState::NotOnList]
    {
        let name = format!("unsubscribe-{state:?}");
        let view = UnsubscribeView { strings, site: site(), list_title: list_title(), state };
        add(&name, unsubscribe::html(&view));
    }
    for state in [
        ConfirmState::Asked { action: action() },
        ConfirmState::Confirmed,
        ConfirmState::Already,
        ConfirmState::Over,
        ConfirmState::Barred,
    ] {
        let name = format!("confirm-{state:?}");
        add(&name, confirm::html(&ConfirmView { strings, site: site(), list_title: list_title(), state }));
    }
    let states = [ChoiceState::Active, ChoiceState::Waiting, ChoiceState::Ended, ChoiceState::Stopped];
    let lists =
        (1..).zip(states).map(|(value, state)| ChoiceView { value, title: list_title(), strings, state });
    let choices = PreferencesState::Choices(ChoicesView {
        action: action(),
        address: "a…@example.org".into(),
        lists: lists.collect(),
        saved: Some(Saved::Changed),
    });
    for (name, state) in
        [("choices", choices), ("barred", PreferencesState::Barred), ("gone", PreferencesState::Gone)]
    {
        let view = PreferencesView { strings, site: site(), state };
        add(&format!("preferences-{name}"), preferences::html(&view));
    }
    for notice in [Notice::NotFound, Notice::BadLink, Notice::Failed] {
        add(&format!("notice-{notice:?}"), notice::html(strings, &site(), notice));
    }
    let letter = |number: u64| archive::ArchivedLetter {
        path: format!("/archive/morning/{number}"),
        subject: format!("The bridge opens, {number} times <over>").into(),
        date: LocalDate::new(2026, 11, 24).unwrap(),
        stories: number,
    };
    for (name, letters) in [("letters", vec![letter(2), letter(1)]), ("empty", Vec::new())] {
        let total = letters.len() as u64;
        let view = archive::ArchiveView { strings, site: site(), newsletter: list_title(), total, letters };
        add(&format!("archive-{name}"), archive::html(&view));
    }
    let listed = ALL.into_iter().map(|strings| index::ListedNewsletter {
        path: format!("/archive/{}", strings.tag),
        title: format!("Morning, {}", strings.tag).into(),
        strings,
    });
    add("index", index::html(&index::IndexView { strings, site: site(), newsletters: listed.collect() }));
    pages
}

/// Each mail that is no letter, named.
fn mails(strings: &'static Strings) -> Vec<(String, String)> {
    let (site_name, postal_address): (Text, Text) = ("The <Harbour> Post".into(), "1 Quay, Tbilisi".into());
    let about = SubscriptionView {
        strings,
        list_title: "Readers & <friends>".into(),
        url: link("confirm/token"),
        site_name: site_name.clone(),
        postal_address,
    };
    let (confirmation, goodbye) = (confirmation::html(&about), goodbye::html(&about));
    let alert = alert::html(&alert::AlertView {
        strings,
        title: "The relay refuses us".into(),
        what: "What <it> said: 554 5.7.1 no.".into(),
        facts: vec![("Edition".into(), "12".into()), ("Waiting".into(), "4,000 of 5,000".into())],
        advice: "Look at its log.".into(),
        steps: vec![("Go on".into(), "newsletterd edition resume --edition 12 --newsletter morning".into())],
        link: Some(ButtonView { label: "See the edition".into(), url: link("editions/12") }),
        site_name,
    });
    [("confirmation", confirmation), ("goodbye", goodbye), ("alert", alert)]
        .map(|(name, html)| (format!("mail-{}-{name}", strings.tag), html))
        .into()
}

/// Writes all documents with a list of them; how many there are. Each is to be looked at thoroughly
/// in one language; in the others, only where languages differ.
fn write(folder: &Path) -> usize {
    let mut listed = Vec::new();
    for (turn, strings) in ALL.into_iter().enumerate() {
        for (kind, documents) in [("page", pages(strings)), ("mail", mails(strings))] {
            for (at, (name, html)) in documents.into_iter().enumerate() {
                let thorough = at % ALL.len() == turn;
                let file = format!("{}.html", name.split_whitespace().next().unwrap());
                std::fs::write(folder.join(&file), html).unwrap();
                listed.push(serde_json::json!({ "file": file, "kind": kind, "thorough": thorough }));
            }
        }
    }
    std::fs::write(folder.join("index.json"), serde_json::to_string(&listed).unwrap()).unwrap();
    std::fs::write(folder.join("style.css"), STYLE).unwrap();
    listed.len()
}

#[test]
fn pages_of_the_web_and_other_mails_pass_the_gates() {
    let Some(tools) = tools() else { return };
    let folder = tempfile::tempdir().unwrap();
    let written = write(folder.path());
    let result = folder.path().join("result.json");
    tools.run("pages.mjs", &[folder.path(), &result], SECONDS);
    let documents: Vec<Document> = serde_json::from_slice(&std::fs::read(&result).unwrap()).unwrap();
    assert_eq!(documents.len(), written);
    let found = documents
        .iter()
        .flat_map(|document| document.findings.iter().map(|finding| format!("{}: {finding}", document.name)));
    let found: Vec<_> = found.collect();
    assert!(found.is_empty(), "{} findings:\n{}", found.len(), found.join("\n"));
}
