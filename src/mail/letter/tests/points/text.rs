//! The text form.

use super::*;

#[test]
fn point_51_the_text_form_says_the_same_in_lines_that_fit() {
    let (first, second) =
        ("https://news.example.org/2026/11/24/bridge\n", "https://letters.example.org/archive");
    holds(
        Point::TextLinks,
        with_text,
        &[(first, ""), (first, "\n"), (second, first.trim_end()), ("Editor’s Picks", "Picks")],
        &[],
    );
    let long = format!("The Harbour Post {}\n", "and so on ".repeat(9).trim_end());
    holds(Point::TextLines, with_text, &[("The Harbour Post\n", &long)], &[]);
    let address = format!("https://news.example.org/{}\nThe Harbour Post\n", "long-path/".repeat(20));
    assert_eq!(with_text("The Harbour Post\n", &address), [], "an address stays whole");
    // Width, not characters: a wide script fills a line with half as many.
    let wide = format!("{}\nThe Harbour Post\n", "晨报 大桥 ".repeat(9).trim_end());
    holds(Point::TextLines, with_text, &[("The Harbour Post\n", &wide)], &[]);
    holds(
        Point::TextMarkup,
        with_text,
        &[
            ("The Harbour Post", "The Harbour&nbsp;Post"),
            ("The Harbour Post", "The Harbour&#160;Post"),
            ("The Harbour Post", "Q&amp;A"),
            ("The Harbour Post", "The Harbour Post</p>"),
            ("The Harbour Post", "<a href=x>Post"),
        ],
        &[],
    );
    assert_eq!(with_text("The Harbour Post", "Q&A; <bridge> & 5 < 6"), []);
}

#[test]
fn point_52_no_line_ends_in_a_blank_unless_it_flows() {
    holds(Point::TextBlanks, with_text, &[("The Harbour Post\n", "The Harbour Post \n")], &[]);
    let view = real();
    let text = template::text(&view).replacen("The Harbour Post\n", "The Harbour Post \n", 1);
    let raw = String::from_utf8(sent_as(view.subject.as_str(), &template::html(&view), &text)).unwrap();
    let flowed =
        swapped(&raw, "text/plain; charset=utf-8", "text/plain; charset=utf-8; format=flowed; delsp=no");
    assert_eq!(failed(flowed.as_bytes()), []);
}

#[test]
fn point_53_no_line_is_the_mark_of_a_signature() {
    holds(Point::SignatureMark, with_text, &[("The Harbour Post\n", "-- \nThe Harbour Post\n")], &[]);
    assert_eq!(with_text("The Harbour Post\n", "--\nThe Harbour Post\n"), []);
}
