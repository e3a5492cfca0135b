//! What a tolerant reader tolerates, and what bounds it.

use super::*;

/// Titles of all items, and whether the document was cut.
fn titles(text: &str) -> (Vec<String>, bool) {
    let mut document = Document::new(text, None);
    let mut titles = Vec::new();
    while let Some(unit) = document.next_unit().unwrap() {
        if let Unit::Item(item) = unit {
            titles
                .push(item.all(&[Space::Rss, Space::Atom], "title").map(Element::markup).collect::<String>());
        }
    }
    (titles, document.is_cut())
}

fn one(title: &str) -> String {
    let (found, cut) = titles(&format!("<rss><channel><item><title>{title}</title></item></channel></rss>"));
    assert_eq!((found.len(), cut), (1, false), "{title}");
    found.concat()
}

#[test]
fn stray_signs_stay_text() {
    assert_eq!(one("a & b &amp; c &nbsp; d &nope; e&f=1;"), "a & b & c \u{a0} d &nope; e&f=1;");
    assert_eq!(one("2 < 3 <4 <= 5"), "2 < 3 <4 <= 5");
    assert_eq!(one("a <b"), "a <b");
    assert_eq!(one("a <!b"), "a <!b");
    assert_eq!(one("<![CDATA[<b>x</b> & y]]>"), "<b>x</b> & y");
}

#[test]
fn elements_left_open_end_with_their_parent() {
    assert_eq!(one("a <br> b <b>c"), "a <br> b <b>c</b></br>");
    let (found, cut) = titles(
        "<rss><channel><item><title>1</title><item><title>2</title></item><item><title>3</title></channel>",
    );
    assert_eq!((found, cut), (vec!["1".to_owned(), "2".to_owned(), "3".to_owned()], false));
}

#[test]
fn a_cut_document_gives_its_whole_items() {
    let whole = "<rss><channel><item><title>1</title></item><item><title>2</title></item>";
    for rest in
        ["<item><title>3", "<item><title>3</title><desc", "<item><title><![CDATA[3", "<item><a href='"]
    {
        assert_eq!(titles(&format!("{whole}{rest}")), (vec!["1".to_owned(), "2".to_owned()], true), "{rest}");
    }
}

#[test]
fn namespaces_decide_and_prefixes_only_help() {
    let (found, _) = titles(
        "<rdf:RDF xmlns:rss='http://purl.org/rss/1.0/' xmlns:x='urn:x'><rss:item><x:title>no</x:title><rss:title>yes</rss:title><media:title>no</media:title></rss:item></rdf:RDF>",
    );
    assert_eq!(found, ["yes"]);
}

#[test]
fn base_and_language_are_inherited() {
    let text = "<feed xml:lang='ka' xml:base='https://example.org/a/'><entry xml:base='b/'><title xml:lang='en' xml:base='javascript:x'/></entry></feed>";
    let mut document = Document::new(text, None);
    let Some(Unit::Item(item)) = document.next_unit().unwrap() else { panic!("no item") };
    assert_eq!(
        (item.language.as_deref(), item.base.as_deref().map(Url::as_str)),
        (Some("ka"), Some("https://example.org/a/b/"))
    );
    let title = item.elements().next().unwrap();
    assert_eq!(
        (title.language.as_deref(), title.base.as_deref().map(Url::as_str)),
        (Some("en"), Some("https://example.org/a/b/"))
    );
}

#[test]
fn depth_and_parts_are_bounded() {
    let deep = format!(
        "<rss><item><title>{}x{}</title></item></rss>",
        "<b>".repeat(100_000),
        "</b>".repeat(100_000)
    );
    assert!(titles(&deep).0.concat().matches("<b>").count() <= MAX_DEPTH);
    let wide = format!("<rss><item><title>{}</title></item></rss>", "<b>x</b>".repeat(100_000));
    assert!(titles(&wide).0.concat().matches("<b>").count() <= MAX_PARTS);
}

#[test]
fn errors_cost_no_more_than_their_length() {
    for piece in
        ["<", "< ", "<a '", "<!", "<item>", "</", "&", "<a b=\"<\">", "<!DOCTYPE [", "<item><title>x</title>"]
    {
        let text = format!("<rss>{}", piece.repeat(1_000_000 / piece.len()));
        let started = std::time::Instant::now();
        let mut document = Document::new(&text, None);
        while document.next_unit().unwrap().is_some() {}
        assert!(started.elapsed().as_secs() < 20, "{piece}: {:?}", started.elapsed());
    }
}
