//! The mail after leaving a list: that it is done, and one way back if it was a mistake.

use super::reader::{self, ReaderMail, SubscriptionView};
use crate::content::Text;
use crate::view::ButtonView;

/// The subject, unencoded.
pub fn subject(view: &SubscriptionView) -> String {
    (view.strings.mails.left_subject)(view.list_title.as_str())
}

/// The HTML form.
pub fn html(view: &SubscriptionView) -> String {
    reader::html(&mail(view))
}

/// The text form; lines end in LF.
pub fn text(view: &SubscriptionView) -> String {
    reader::text(&mail(view))
}

fn mail(view: &SubscriptionView) -> ReaderMail<'_> {
    let words = &view.strings.mails;
    ReaderMail {
        strings: view.strings,
        subject: Text::new(&subject(view)),
        title: words.left_title.into(),
        before: vec![Text::new(&(words.left_text)(view.list_title.as_str())), words.left_mistake.into()],
        button: ButtonView { label: words.left_button.into(), url: view.url.clone() },
        after: Vec::new(),
        site_name: &view.site_name,
        postal_address: &view.postal_address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::WebLink;
    use crate::strings::ALL;

    #[test]
    fn both_forms_have_one_way_back_and_nothing_else_in_every_language() {
        for strings in ALL {
            let view = SubscriptionView {
                strings,
                list_title: "Readers & <friends>".into(),
                url: WebLink::parse("https://letters.example.org/confirm/abc").unwrap(),
                site_name: "The Example Post".into(),
                postal_address: "1 Example Street, Tbilisi".into(),
            };
            let (html, text) = (html(&view), text(&view));
            assert!(html.contains(&format!("<html lang=\"{}\" dir=\"ltr\">", strings.tag)), "{html}");
            assert_eq!(html.matches("<a ").count(), 1, "{html}");
            assert_eq!(html.matches("<img").count(), 0);
            assert_eq!(text.matches("://").count(), 1, "{text}");
            assert!(html.contains("Readers &amp; &lt;friends&gt;") && !html.contains("<friends>"), "{html}");
            for form in [&html, &text.replace('\n', " ")] {
                for words in [strings.mails.left_title, strings.mails.left_mistake, strings.mails.left_button]
                {
                    assert!(form.contains(words), "{words} in {form}");
                }
            }
        }
    }
}
