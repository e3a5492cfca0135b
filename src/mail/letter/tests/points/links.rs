//! Links, and what hides in texts.

use super::*;

const FIRST: &str = "https://news.example.org/2026/11/24/bridge";

#[test]
fn point_18_both_parts_show_the_way_out() {
    let way_out = "https://letters.example.org/u/AbC-123?x=3D1&y=3D2";
    let found = with_bytes(&format!("{way_out}=\r\n"), "https://else.example.org/u/1=\r\n");
    assert!(found.contains(&Point::VisibleUnsubscribe), "text: {found:?}");
    let found =
        with_bytes(&format!("{}=\r\n", way_out.replace('&', "&amp;")), "https://else.example.org/u/1=\r\n");
    assert!(found.contains(&Point::VisibleUnsubscribe), "HTML: {found:?}");
    assert_eq!(check(&sent(&real())), []);
    let without = LetterView { unsubscribe_url: None, ..real() };
    assert!(failed(&sent(&without)).contains(&Point::VisibleUnsubscribe));
}

#[test]
fn point_47_links_say_where_they_lead() {
    let html = template::html(&real());
    let button = html
        .split("class=\"on-button\"")
        .nth(1)
        .unwrap()
        .split('>')
        .nth(1)
        .unwrap()
        .split('<')
        .next()
        .unwrap();
    let named = format!(">{button}</a>");
    for meaningless in ["Read more", "here", "Читать далее…", "ვრცლად", "Ավելին", "Ətraflı »"]
    {
        holds(Point::LinkTexts, with_html, &[(&named, &format!(">{meaningless}</a>"))], &[]);
    }
    let unsubscribe = format!(">{}</a>", EN.letter.unsubscribe);
    holds(Point::LinkTexts, with_html, &[(&named, &unsubscribe), (&named, "></a>")], &[]);
}

/// The real letter with `query` behind the address of each story.
fn counted(query: &str) -> (String, String) {
    let view = real();
    let (html, text) = (template::html(&view), template::text(&view));
    let with = |form: &str, query: &str, end: char| {
        let mut pieces = form.split("https://news.example.org/2026/");
        let first = pieces.next().unwrap().to_owned();
        pieces.fold(first, |all, piece| {
            let (path, rest) = piece.split_at(piece.find(end).unwrap());
            format!("{all}https://news.example.org/2026/{path}{query}{rest}")
        })
    };
    (with(&html, &query.replace('&', "&amp;"), '"'), with(&text, query, '\n'))
}

#[test]
fn point_49_parameters_stand_on_all_stories_or_none_and_never_on_the_way_out() {
    let subject = real().subject;
    let (html, text) = counted("?utm_source=letter&utm_medium=email#top");
    assert_eq!(check(&sent_as(subject.as_str(), &html, &text)), []);
    let (one, all) = ("/bridge?utm_source=letter&amp;utm_medium=email#top\"", "/bridge\"");
    let html_without = html.replace(one, all);
    assert_ne!(html, html_without);
    let text_without = text.replace("/bridge?utm_source=letter&utm_medium=email#top\n", "/bridge\n");
    let found = failed(&sent_as(subject.as_str(), &html_without, &text_without));
    assert_eq!(found, [Point::LinkParameters]);
    let raw = html.replace("utm_source=letter&amp;", "utm_source=letter&");
    assert_eq!(failed(&sent_as(subject.as_str(), &raw, &text)), [Point::LinkParameters], "not escaped");
    let mut leaving = values("ana@example.org");
    leaving.unsubscribe_url = "https://letters.example.org/u/AbC-123?utm_source=letter".to_owned();
    let view = real();
    let encoded = encode(&source(subject.as_str(), &template::html(&view), &template::text(&view))).unwrap();
    assert_eq!(failed(&encoded.fill(&leaving).unwrap()), [Point::LinkParameters]);
}

#[test]
fn point_50_hostile_words_stay_words() {
    let attack = "</td></table><script>alert(1)</script>\u{202E}gnp.exe\r\nBcc: x@example.org \" onload=\"x";
    let hostile = LetterView { newsletter: attack.into(), list_title: attack.into(), ..real() };
    let found = failed(&sent(&hostile));
    // The text form says what the title says, also where that looks like a tag.
    assert!(found.iter().all(|point| *point == Point::TextMarkup), "{found:?}");
    let first = format!("{FIRST}\" title=\"\u{202E}\"");
    holds(
        Point::HostileText,
        with_html,
        &[
            ("Editor’s Picks", "Editor’s\u{202E} Picks"),
            ("Editor’s Picks", "Editor’s&#x202E; Picks"),
            (&format!("{FIRST}\""), &first),
            ("Editor’s Picks", "Editor’s\u{2067} Picks"),
        ],
        &[Point::TextLinks],
    );
    holds(Point::HostileText, with_text, &[("The Harbour Post", "The Harbour\u{202D} Post")], &[]);
}
