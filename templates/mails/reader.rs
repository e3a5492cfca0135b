//! What the mails to one reader about a subscription share: the newsroom's name, a title, a few
//! sentences, one button, and who wrote it.

use maud::html;

use crate::content::{Text, WebLink};
use crate::letter::document::{document, frame};
use crate::letter::parts::{button, row};
use crate::letter::theme::{LIGHT, SERIF};
use crate::letter::wrapped::{heading, line, paragraph};
use crate::strings::Strings;
use crate::view::ButtonView;

/// What a mail about one reader's subscription is made from.
#[derive(Clone, Debug)]
pub struct SubscriptionView {
    /// The reader's language.
    pub strings: &'static Strings,
    /// The list's title.
    pub list_title: Text,
    /// Where the reader confirms, or comes back.
    pub url: WebLink,
    /// The newsroom's name.
    pub site_name: Text,
    /// Where the newsroom can be written to on paper.
    pub postal_address: Text,
}

/// One mail to one reader.
pub(super) struct ReaderMail<'a> {
    pub strings: &'static Strings,
    /// Also the HTML form's title.
    pub subject: Text,
    pub title: Text,
    pub before: Vec<Text>,
    pub button: ButtonView,
    pub after: Vec<Text>,
    pub site_name: &'a Text,
    pub postal_address: &'a Text,
}

/// The HTML form.
pub(super) fn html(mail: &ReaderMail<'_>) -> String {
    let words = |paragraphs: &[Text]| {
        html! {
            @for paragraph in paragraphs { p.ink style={ "margin:16px 0 0;color:" (LIGHT.ink) } { (paragraph) } }
        }
    };
    let content = frame(html! {
        (row(32, html! {
            p.muted style={ "margin:0 0 4px;color:" (LIGHT.muted) ";font-size:14px" } { (mail.site_name) }
            h1.ink style={ "margin:0;color:" (LIGHT.ink) ";font-family:" (SERIF) ";font-size:26px;line-height:1.3" } { (mail.title) }
            (words(&mail.before))
        }))
        (row(8, button(&mail.button)))
        (row(8, html! {
            (words(&mail.after))
            p.muted style={ "margin:32px 0 0;color:" (LIGHT.muted) ";font-size:14px" } {
                (mail.site_name) br; (mail.postal_address)
            }
            div style="font-size:1px;line-height:32px" { "\u{A0}" }
        }))
    });
    document(mail.strings.tag, mail.strings.direction, &mail.subject, &content)
}

/// The text form; lines end in LF.
pub(super) fn text(mail: &ReaderMail<'_>) -> String {
    let mut out = String::new();
    paragraph(&mut out, mail.site_name);
    out.push('\n');
    heading(&mut out, &mail.title);
    for words in &mail.before {
        out.push('\n');
        paragraph(&mut out, words);
    }
    out.push('\n');
    paragraph(&mut out, format!("{}:", mail.button.label));
    line(&mut out, &mail.button.url);
    for words in &mail.after {
        out.push('\n');
        paragraph(&mut out, words);
    }
    out.push('\n');
    paragraph(&mut out, mail.site_name);
    paragraph(&mut out, mail.postal_address);
    out
}
