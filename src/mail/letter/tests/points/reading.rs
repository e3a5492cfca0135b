//! Whether the letter can be read.

use super::*;

const MASTHEAD: &str = "color:#5f5b54;font-size:14px";

#[test]
fn point_41_colour_and_size_are_inline() {
    holds(
        Point::InlineEssentials,
        with_html,
        &[
            ("<h1", "<h1>Plain</h1><h1 hidden"),
            (
                "<a class=\"ink\" href=\"https://news.example.org/2026/11/24/bridge\" style=\"color:#1c1b19;",
                "<a class=\"ink\" href=\"https://news.example.org/2026/11/24/bridge\" style=\"",
            ),
        ],
        &[Point::TextLinks],
    );
    // In a style sheet alone they do not count.
    let view = real();
    let html =
        template::html(&view).replace("color:#1c1b19;", "").replace("<style>", "<style>.ink{color:#1c1b19}");
    let found = failed(&sent_as(view.subject.as_str(), &html, &template::text(&view)));
    assert_eq!(found, [Point::InlineEssentials]);
}

#[test]
fn point_42_light_and_dark_are_announced() {
    holds(
        Point::DarkMode,
        with_html,
        &[
            ("<meta name=\"color-scheme\"", "<meta name=\"x\""),
            (
                "<meta name=\"supported-color-schemes\" content=\"light dark\"",
                "<meta name=\"supported-color-schemes\" content=\"light\"",
            ),
            (":root{color-scheme:light dark;", ":root{"),
            (":root{", "p{"),
        ],
        &[],
    );
}

#[test]
fn point_43_text_stands_out_from_its_ground() {
    holds(
        Point::Contrast,
        with_html,
        &[
            (MASTHEAD, "color:#999999;font-size:14px"),
            (MASTHEAD, "color:#fefefe;font-size:14px"),
            (MASTHEAD, "background-color:#1c1b19;color:#5f5b54;font-size:14px"),
        ],
        &[],
    );
    // Large text may be fainter; on a picture nothing can be said.
    assert_eq!(with_html(MASTHEAD, "color:#777777;font-size:24px"), []);
    let weight = |colour: &str| {
        let view = real();
        let html = swapped(&template::html(&view), MASTHEAD, &format!("color:{colour};font-size:14px"));
        check(&sent_as(view.subject.as_str(), &html, &template::text(&view)))[0].severity
    };
    assert_eq!((weight("#999999"), weight("#fefefe")), (Severity::Advice, Severity::Broken));
}

#[test]
fn point_44_one_first_heading_and_no_level_skipped() {
    let twice = "<h1 style=\"color:#000000;font-size:20px\">Morning at the Harbour</h1><h1";
    let skips = "<h4 style=\"color:#000000;font-size:20px\">Editor’s Picks</h4><h2";
    holds(Point::Headings, with_html, &[("<h1", twice), ("<h2", skips)], &[]);
    let view = real();
    let none = template::html(&view).replace("<h1", "<p").replace("</h1>", "</p>");
    let found = failed(&sent_as(view.subject.as_str(), &none, &template::text(&view)));
    assert_eq!(found, [Point::Headings]);
}

#[test]
fn point_45_pictures_have_words_sizes_and_an_address() {
    let html = template::html(&real());
    let picture = html.split("<img ").nth(1).unwrap().split('>').next().unwrap().to_owned();
    let part = |name: &str| {
        let from = picture.find(&format!("{name}=\"")).unwrap();
        let end = picture[from + name.len() + 2..].find('"').unwrap() + from + name.len() + 3;
        picture[from..end].to_owned()
    };
    let (alt, width, height) = (part("alt"), part("width"), part("height"));
    let source = part("src");
    let changed = |from: &str, to: &str| {
        with_html(&format!("<img {picture}"), &format!("<img {}", swapped(&picture, from, to)))
    };
    holds(
        Point::Pictures,
        changed,
        &[
            (&alt, ""),
            (&width, ""),
            (&height, "height=\"auto\""),
            ("display:block;", ""),
            (&source, "src=\"/media/1.jpg\""),
            (&source, "src=\"http://news.example.org/1.jpg\""),
        ],
        // A link around it has no words then.
        &[Point::PictureLinks, Point::LinkTexts],
    );
    assert_eq!(changed(&source, "src=\"http://127.0.0.1:8080/1.jpg\""), []);
}

#[test]
fn point_46_text_is_large_and_lines_are_apart() {
    holds(
        Point::TextSize,
        with_html,
        &[
            (MASTHEAD, "color:#5f5b54;font-size:12px"),
            (MASTHEAD, "color:#5f5b54;font-size:9pt"),
            ("font-size:17px;line-height:1.6", "font-size:17px;line-height:1.2"),
            ("font-size:17px;line-height:1.6", "font-size:17px;line-height:20px"),
        ],
        &[],
    );
}
