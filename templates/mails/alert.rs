//! An alert to those who run the newsroom's daemon: what happened, the facts, what to do. What
//! servers say and what is typed at a terminal stands as it is, whatever the mail's language.

use maud::html;

use crate::content::Text;
use crate::letter::document::{document, frame};
use crate::letter::parts::{button, row};
use crate::letter::theme::{LIGHT, SERIF};
use crate::letter::wrapped::{heading, line, paragraph};
use crate::strings::Strings;
use crate::view::ButtonView;

/// What an alert says.
#[derive(Clone, Debug)]
pub struct AlertView {
    /// The language of its words.
    pub strings: &'static Strings,
    /// In a few words; also the mail's subject.
    pub title: Text,
    /// What it means, in a sentence or two.
    pub what: Text,
    /// Names and values, as "Edition" and "12".
    pub facts: Vec<(Text, Text)>,
    /// What to do about it; empty for none.
    pub advice: Text,
    /// What can be done at a terminal: what it does, and the command.
    pub steps: Vec<(Text, Text)>,
    /// Where to do it.
    pub link: Option<ButtonView>,
    /// Which installation speaks.
    pub site_name: Text,
}

const CELL: &str = "padding:4px 16px 4px 0;font-size:15px;line-height:1.5";
const MONO: &str = "font-family:ui-monospace,Consolas,Menlo,monospace;font-size:14px;line-height:1.5";

/// The HTML form.
pub fn html(view: &AlertView) -> String {
    let content = frame(html! {
        (row(32, html! {
            p.muted style={ "margin:0 0 4px;color:" (LIGHT.muted) ";font-size:14px" } { (view.site_name) }
            h1.ink style={ "margin:0;color:" (LIGHT.ink) ";font-family:" (SERIF) ";font-size:24px;line-height:1.3" } { (view.title) }
            p.ink style={ "margin:16px 0 0;color:" (LIGHT.ink) } { (view.what) }
        }))
        @if !view.facts.is_empty() {
            (row(16, html! {
                table border="0" cellpadding="0" cellspacing="0" {
                    @for (name, value) in &view.facts {
                        tr {
                            th.muted scope="row" align="left" valign="top"
                                style={ (CELL) ";color:" (LIGHT.muted) ";font-weight:normal" } { (name) }
                            td.ink valign="top" style={ (CELL) ";color:" (LIGHT.ink) } { bdi { (value) } }
                        }
                    }
                }
            }))
        }
        (row(16, html! {
            @if !view.advice.is_empty() {
                p.ink style={ "margin:0;color:" (LIGHT.ink) } { (view.advice) }
            }
            @for (what, command) in &view.steps {
                p.muted style={ "margin:12px 0 0;color:" (LIGHT.muted) ";font-size:15px" } { (what) }
                p.ink dir="ltr" style={ "margin:0;color:" (LIGHT.ink) ";" (MONO) } { code style=(MONO) { (command) } }
            }
            @if let Some(link) = &view.link { (button(link)) }
            div style="font-size:1px;line-height:32px" { "\u{A0}" }
        }))
    });
    document(view.strings.tag, view.strings.direction, &view.title, &content)
}

/// The text form; lines end in LF.
pub fn text(view: &AlertView) -> String {
    let labelled = view.strings.mails.alerts.labelled;
    let mut out = String::new();
    paragraph(&mut out, &view.site_name);
    out.push('\n');
    heading(&mut out, &view.title);
    out.push('\n');
    paragraph(&mut out, &view.what);
    if !view.facts.is_empty() {
        out.push('\n');
    }
    for (name, value) in &view.facts {
        paragraph(&mut out, labelled(name.as_str(), value.as_str()));
    }
    if !view.advice.is_empty() {
        out.push('\n');
        paragraph(&mut out, &view.advice);
    }
    for (what, command) in &view.steps {
        out.push('\n');
        paragraph(&mut out, format!("{what}:"));
        // Never wrapped: it is copied to a terminal.
        line(&mut out, format!("    {command}"));
    }
    if let Some(link) = &view.link {
        out.push('\n');
        paragraph(&mut out, format!("{}:", link.label));
        line(&mut out, &link.url);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::WebLink;
    use crate::strings::{ALL, EN};

    fn view(strings: &'static Strings) -> AlertView {
        AlertView {
            strings,
            title: "Edition held: <too little> in it".into(),
            what: "Only 1 story was found.".into(),
            facts: vec![("Newsletter".into(), "daily & more".into())],
            advice: "Add a pick, or release it.".into(),
            steps: vec![("Skip it".into(), "newsletterd edition skip 7".into())],
            link: Some(ButtonView {
                label: "Open the edition".into(),
                url: WebLink::parse("https://letters.example.org/e/7?a=1&b=2").unwrap(),
            }),
            site_name: "The Example Post".into(),
        }
    }

    #[test]
    fn both_forms_say_the_same_and_escape_it() {
        let (html, text) = (html(&view(&EN)), text(&view(&EN)));
        assert!(html.contains("Edition held: &lt;too little&gt; in it</h1>"));
        assert!(html.contains("href=\"https://letters.example.org/e/7?a=1&amp;b=2\""));
        assert!(html.contains("daily &amp; more") && html.contains("newsletterd edition skip 7</code>"));
        assert_eq!(
            text,
            "The Example Post\n\nEdition held: <too little> in it\n--------------------------------\n\n\
             Only 1 story was found.\n\nNewsletter: daily & more\n\nAdd a pick, or release it.\n\n\
             Skip it:\n    newsletterd edition skip 7\n\n\
             Open the edition:\nhttps://letters.example.org/e/7?a=1&b=2\n"
        );
    }

    #[test]
    fn it_says_its_language_and_leaves_no_gap_where_there_is_nothing_to_say() {
        for strings in ALL {
            let view = AlertView {
                facts: vec![],
                advice: Text::default(),
                steps: vec![],
                link: None,
                ..view(strings)
            };
            let (html, text) = (html(&view), text(&view));
            assert!(html.contains(&format!("<html lang=\"{}\" dir=\"ltr\">", strings.tag)));
            assert!(!html.contains("<a ") && !html.contains("<code"), "{html}");
            assert!(text.ends_with("Only 1 story was found.\n"), "{text}");
        }
    }
}
