//! The mail that asks whether a subscription is wanted: one button, what happens to who does
//! nothing, and who asks. It has no way to leave, because nobody has joined yet.

use super::reader::{self, ReaderMail, SubscriptionView};
use crate::content::Text;
use crate::view::ButtonView;

/// The subject, unencoded.
pub fn subject(view: &SubscriptionView) -> String {
    (view.strings.mails.confirm_subject)(view.list_title.as_str())
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
        title: words.confirm_title.into(),
        before: vec![Text::new(&(words.confirm_text)(view.list_title.as_str()))],
        button: ButtonView { label: words.confirm_button.into(), url: view.url.clone() },
        after: vec![words.confirm_otherwise.into()],
        site_name: &view.site_name,
        postal_address: &view.postal_address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::content::WebLink;
    use crate::strings::{ALL, EN, Strings};

    fn view(strings: &'static Strings) -> SubscriptionView {
        SubscriptionView {
            strings,
            list_title: "Readers & <friends>".into(),
            url: WebLink::parse("https://letters.example.org/confirm/abc?a=1&b=2").unwrap(),
            site_name: "The Example Post".into(),
            postal_address: "1 Example Street, Tbilisi".into(),
        }
    }

    #[test]
    fn both_forms_ask_once_in_every_language_and_say_who_asks() {
        for strings in ALL {
            let view = view(strings);
            let (html, text) = (html(&view), text(&view));
            assert!(html.contains(&format!("<html lang=\"{}\" dir=\"ltr\">", strings.tag)), "{html}");
            assert_eq!(html.matches("<a ").count(), 1, "{html}");
            assert!(html.contains("href=\"https://letters.example.org/confirm/abc?a=1&amp;b=2\""), "{html}");
            assert!(html.contains("Readers &amp; &lt;friends&gt;") && !html.contains("<friends>"), "{html}");
            assert_eq!(html.matches("<h1").count(), 1);
            let one_line = text.replace('\n', " ");
            for form in [&html, &one_line] {
                for words in ["The Example Post", "1 Example Street, Tbilisi", strings.mails.confirm_button] {
                    assert!(form.contains(words), "{words} in {form}");
                }
                assert!(form.contains(strings.mails.confirm_otherwise), "{form}");
            }
            assert_eq!(text.matches("://").count(), 1, "{text}");
            assert!(text.lines().any(|line| line == view.url.as_str()), "{text}");
            assert!(subject(&view).contains("Readers & <friends>"));
        }
    }

    #[test]
    fn the_text_form_reads_well() {
        assert_eq!(
            text(&view(&EN)),
            "The Example Post\n\nPlease confirm your subscription\n--------------------------------\n\n\
             Somebody, most likely you, asked for “Readers & <friends>” at this\naddress. Please confirm that \
             you want it.\n\nConfirm the subscription:\nhttps://letters.example.org/confirm/abc?a=1&b=2\n\n\
             If you do nothing, you will get no letters. If it was not you, just\nignore this mail.\n\n\
             The Example Post\n1 Example Street, Tbilisi\n"
        );
    }
}
