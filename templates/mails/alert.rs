//! An alert to those who run the newsroom's daemon: what happened, the facts, what to do. In
//! English, as logs and configuration are.

use maud::html;

use crate::content::Text;
use crate::letter::document::{document, frame};
use crate::letter::parts::{button, row};
use crate::letter::theme::{LIGHT, SERIF};
use crate::letter::wrapped::{heading, line, paragraph};
use crate::strings::Direction;
use crate::view::ButtonView;

/// What an alert says.
#[derive(Clone, Debug)]
pub struct AlertView {
    /// In a few words; also the mail's subject.
    pub title: Text,
    /// What happened, in a sentence or two.
    pub what: Text,
    /// Names and values, as "Edition" and "daily-en, 24 November 07:00".
    pub facts: Vec<(Text, Text)>,
    /// What to do about it.
    pub advice: Text,
    /// Where to do it.
    pub link: Option<ButtonView>,
    /// Which installation speaks.
    pub site_name: Text,
}

/// The HTML form.
pub fn html(view: &AlertView) -> String {
    let fact_style = "padding:4px 16px 4px 0;font-size:15px;line-height:1.5";
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
                                style={ (fact_style) ";color:" (LIGHT.muted) ";font-weight:normal" } { (name) }
                            td.ink valign="top" style={ (fact_style) ";color:" (LIGHT.ink) } { (value) }
                        }
                    }
                }
            }))
        }
        (row(16, html! {
            p.ink style={ "margin:0 0 32px;color:" (LIGHT.ink) } { (view.advice) }
            @if let Some(link) = &view.link { (button(link)) }
            div style="font-size:1px;line-height:32px" { "\u{A0}" }
        }))
    });
    document("en", Direction::LeftToRight, &view.title, &content)
}

/// The text form; lines end in LF.
pub fn text(view: &AlertView) -> String {
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
        paragraph(&mut out, format!("{name}: {value}"));
    }
    out.push('\n');
    paragraph(&mut out, &view.advice);
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

    #[test]
    fn both_forms_say_the_same_and_escape_it() {
        let view = AlertView {
            title: "Edition held: <too little> in it".into(),
            what: "Only 1 story was found.".into(),
            facts: vec![("Newsletter".into(), "daily & more".into())],
            advice: "Add a pick, or release it.".into(),
            link: Some(ButtonView {
                label: "Open the edition".into(),
                url: WebLink::parse("https://letters.example.org/e/7?a=1&b=2").unwrap(),
            }),
            site_name: "The Example Post".into(),
        };
        let (html, text) = (html(&view), text(&view));
        assert!(html.contains("Edition held: &lt;too little&gt; in it</h1>"));
        assert!(html.contains("href=\"https://letters.example.org/e/7?a=1&amp;b=2\""));
        assert!(html.contains("daily &amp; more"));
        assert_eq!(
            text,
            "The Example Post\n\nEdition held: <too little> in it\n--------------------------------\n\n\
             Only 1 story was found.\n\nNewsletter: daily & more\n\nAdd a pick, or release it.\n\n\
             Open the edition:\nhttps://letters.example.org/e/7?a=1&b=2\n"
        );
    }
}
