//! The HTML document and its layout.

use super::*;

#[test]
fn point_35_doctype_language_and_direction_also_on_a_wrapper() {
    holds(
        Point::HtmlDoctype,
        with_html,
        &[("<!DOCTYPE html>", ""), ("<!DOCTYPE html>", "<!doctype foo>")],
        &[],
    );
    holds(
        Point::HtmlLanguage,
        with_html,
        &[
            ("<html lang=\"en\"", "<html"),
            (" dir=\"ltr\"", ""),
            ("<div class=\"ground ink\" lang=\"en\"", "<div class=\"ground ink\""),
            ("<div class=\"ground ink\" lang=\"en\" dir=\"ltr\"", "<div class=\"ground ink\" lang=\"en\""),
        ],
        &[],
    );
}

#[test]
fn point_36_the_title_is_the_subject() {
    let title = &format!("<title>{}</title>", real().subject);
    holds(Point::HtmlTitle, with_html, &[(title, ""), (title, "<title>News</title>")], &[]);
    for subject in ["Ferries &amp; <b>bridges</b>", "„Ufer“ – 5 °C", "ხიდი ღიაა", "two  blanks"]
    {
        assert_eq!(check(&sent(&LetterView { subject: subject.into(), ..real() })), [], "{subject}");
    }
}

#[test]
fn point_37_the_preheader_is_hidden_first_and_no_echo() {
    let preheader = real().preheader;
    let preheader = preheader.as_str();
    let padding = "&#847;&zwnj;&nbsp;";
    let subject = real().subject;
    let long = "long ".repeat(30);
    holds(
        Point::Preheader,
        with_html,
        &[
            (preheader, ""),
            (preheader, "Too short."),
            (preheader, &long),
            (preheader, subject.as_str()),
            (
                "<div style=\"display:none;max-height:0;max-width:0;overflow:hidden;opacity:0;mso-hide:all;font-size:1px",
                "<div style=\"font-size:16px",
            ),
        ],
        &[Point::TextSize],
    );
    let view = real();
    let bare = template::html(&view).replace(padding, "");
    let raw = sent_as(view.subject.as_str(), &bare, &template::text(&view));
    assert_eq!(failed(&raw), [Point::Preheader], "without padding");
}

#[test]
fn point_38_layout_tables_say_what_they_are() {
    holds(
        Point::LayoutTables,
        with_html,
        &[
            ("<table role=\"presentation\"", "<table"),
            (" border=\"0\"", ""),
            (" cellpadding=\"0\"", " cellpadding=\"2\""),
            (" cellspacing=\"0\"", ""),
            (
                "<table class=\"paper\" role=\"presentation\" width=\"100%\"",
                "<table class=\"paper\" role=\"presentation\"",
            ),
        ],
        &[],
    );
}

#[test]
fn point_39_room_is_the_cells_and_nothing_floats() {
    holds(
        Point::PortableLayout,
        with_html,
        &[
            ("<p style=\"margin:0\"", "<p style=\"margin:0;padding:4px\""),
            ("<p style=\"margin:0\"", "<p style=\"margin:0;padding:0 0 1em\""),
            ("<p style=\"margin:0\"", "<p style=\"margin:0;display:flex\""),
            ("<p style=\"margin:0\"", "<p style=\"margin:0;display:inline-grid\""),
            ("<p style=\"margin:0\"", "<p style=\"margin:0;position:absolute\""),
            ("<p style=\"margin:0\"", "<p style=\"margin:0;background-image:url(https://a.example/x.png)\""),
        ],
        &[],
    );
    assert_eq!(with_html("<p style=\"margin:0\"", "<p style=\"margin:0;padding:0\""), []);
}

#[test]
fn point_40_buttons_are_coloured_cells_and_pictures_have_words() {
    let html = template::html(&real());
    let cell = html.split("<td class=\"button\"").nth(1).unwrap().split(" style").next().unwrap().to_owned();
    assert!(cell.contains("bgcolor"), "{cell}");
    holds(
        Point::Buttons,
        with_html,
        &[
            (&format!("<td class=\"button\"{cell}"), "<td class=\"button\""),
            (
                "<a class=\"on-button\"",
                "<a class=\"on-button\" data-x style=\"background-color:#9a2617;color:#ffffff;font-size:16px\" title",
            ),
        ],
        &[],
    );
    let view = real();
    let alone = template::html(&view).replace(
        "<h1",
        "<p><a href=\"https://news.example.org/alone\"><img src=\"https://news.example.org/a.png\" alt=\"\" \
         width=\"1\" height=\"1\" style=\"display:block\"></a></p><h1",
    );
    let text = format!("https://news.example.org/alone\n\n{}", template::text(&view));
    assert_eq!(failed(&sent_as(view.subject.as_str(), &alone, &text)), [Point::PictureLinks]);
    let named = alone.replace("alt=\"\" width=\"1\"", "alt=\"A boat\" width=\"1\"");
    assert_eq!(failed(&sent_as(view.subject.as_str(), &named, &text)), []);
}
