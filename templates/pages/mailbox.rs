//! The mails that the demo's own receiver caught. In English, as the demo's terminal is.

use maud::{Markup, html};

use super::SiteView;
use super::layout::{Listed, page};
use crate::content::Text;
use crate::strings::EN;

/// A page of the mailbox.
#[derive(Clone, Debug)]
pub struct MailboxView {
    /// Whose demo it is.
    pub site: SiteView,
    /// How many mails there are in all.
    pub total: u64,
    /// Those on this page.
    pub mails: Vec<CapturedMail>,
    /// Path of the page before, where there is one.
    pub previous: Option<String>,
    /// Path of the page after, where there is one.
    pub next: Option<String>,
}

/// One mail in the list.
#[derive(Clone, Debug)]
pub struct CapturedMail {
    /// Path of its own page.
    pub path: String,
    /// Whom it went to.
    pub to: Text,
    /// Its subject, decoded.
    pub subject: Text,
    /// When it came in, readable.
    pub received: Text,
}

/// One mail.
#[derive(Clone, Debug)]
pub struct MailView {
    /// Whose demo it is.
    pub site: SiteView,
    /// Its subject, decoded.
    pub subject: Text,
    /// The fields worth showing, decoded: name and value.
    pub fields: Vec<(Text, Text)>,
    /// Path of its HTML form.
    pub html_path: Option<String>,
    /// Path of its text form.
    pub text_path: Option<String>,
    /// Path of the message as it came in.
    pub raw_path: String,
    /// Path of the list.
    pub mailbox_path: String,
}

/// The list.
pub fn list(view: &MailboxView) -> String {
    let main = html! {
        p.quiet { (view.total) " caught by the demo. Nothing left this machine." }
        table {
            thead { tr { th scope="col" { "To" } th scope="col" { "Subject" } th scope="col" { "Received" } } }
            tbody {
                @for mail in &view.mails {
                    tr { td { (mail.to) } td { a href=(mail.path) { (mail.subject) } } td.quiet { (mail.received) } }
                }
            }
        }
        @if view.previous.is_some() || view.next.is_some() {
            nav aria-label="Pages" {
                @if let Some(path) = &view.previous { a href=(path) rel="prev" { "Newer mails" } " " }
                @if let Some(path) = &view.next { a href=(path) rel="next" { "Older mails" } }
            }
        }
    };
    page(&EN, &view.site, "Captured mail", Listed::No, main)
}

/// One mail, with ways to its forms.
pub fn mail(view: &MailView) -> String {
    let main = html! {
        dl { @for (name, value) in &view.fields { dt { (name) } dd { (value) } } }
        ul.forms {
            (form(view.html_path.as_deref(), "HTML form"))
            (form(view.text_path.as_deref(), "Text form"))
            (form(Some(&view.raw_path), "As received"))
        }
        p { a href=(view.mailbox_path) { "All captured mail" } }
    };
    page(&EN, &view.site, view.subject.as_str(), Listed::No, main)
}

fn form(path: Option<&str>, label: &str) -> Markup {
    html! { @if let Some(path) = path { li { a href=(path) { (label) } } } }
}
