//! Cases from the field, one test each, named after the case.

use super::support::{read_any, shared, time};
use crate::sources::articles::ArticlesFile;

fn case(folder: &str, file: &str, base: Option<&str>) -> Option<ArticlesFile> {
    let path = shared(&format!("cases/{folder}/{file}"))?;
    Some(read_any(&std::fs::read(path).unwrap(), base).unwrap())
}

fn titles(file: &ArticlesFile) -> Vec<&str> {
    file.articles.iter().map(|article| article.content.title.as_str()).collect()
}

#[test]
fn case_c03_atom_link_choice() {
    let feed = "https://paper.example.org/feeds/all.atom";
    let Some(file) = case("c03-atom-link-choice", "entries.xml", Some(feed)) else { return };
    let links: Vec<Option<&str>> = file.articles.iter().map(|article| article.url.as_deref()).collect();
    let page = |path| Some(path);
    assert_eq!(
        links,
        [
            page("https://paper.example.org/a/1"),
            page("https://paper.example.org/a/2"),
            page("https://paper.example.org/a/3"),
            page("https://paper.example.org/a/4.html"),
            page("https://paper.example.org/2026/02/five"),
            page("https://paper.example.org/a/6"),
            None,
        ]
    );
    assert!(
        file.problems.iter().any(|problem| problem.place == "item 7" && problem.message.contains("no page"))
    );
}

#[test]
fn case_c05_stray_bytes() {
    let Some(file) = case("c05-stray-bytes", "stray.xml", None) else { return };
    assert_eq!(titles(&file), ["Zürich räumt Schnee", "Preis steigt um 5 €", "Café Größenwahn schließt"]);
    let Some(file) = case("c05-stray-bytes", "blank-line.xml", None) else { return };
    assert_eq!(titles(&file), ["Мостът отваря в понеделник", "Сняг по високите пътища"]);
}

#[test]
fn case_c06_double_escaped_titles() {
    let Some(file) = case("c06-double-escaped-titles", "titles.xml", None) else { return };
    let expected = [
        "“Tide turns”",
        "R&D budget doubled",
        "Rock & Roll returns",
        "Why <blink> never died",
        "AT&T plans",
        "Café closes",
    ];
    assert_eq!(titles(&file), expected);
}

#[test]
fn case_c46_entities_in_a_feed() {
    let Some(folder) = shared("cases/c46-entities-in-a-feed") else { return };
    let started = std::time::Instant::now();
    let error = read_any(&std::fs::read(folder.join("bomb.xml")).unwrap(), None).unwrap_err();
    assert!(error.to_string().contains("&e10;"), "{error}");
    let outside = case("c46-entities-in-a-feed", "outside.xml", None).unwrap();
    assert!(!format!("{outside:?}").contains("do not print me"));
    assert!(outside.problems.iter().any(|problem| problem.message.contains("never read")));
    let good = case("c46-entities-in-a-feed", "good.xml", None).unwrap();
    assert_eq!(titles(&good), ["All quiet"]);
    assert!(started.elapsed().as_secs() < 5);
}

#[test]
fn case_c08_jsonfeed_loose_types() {
    let Some(file) = case("c08-jsonfeed-loose-types", "feed.json", None) else { return };
    let articles = &file.articles;
    let ids: Vec<Option<&str>> = articles.iter().map(|article| article.external_id.as_deref()).collect();
    assert_eq!(ids, [Some("4711"), Some("b-2"), Some("note-9"), Some("x-4"), None]);
    assert_eq!(articles[4].url.as_deref(), Some("https://paper.example.org/e"));
    assert_eq!(titles(&file)[..2], ["Tram 7 back on Monday", "Library opens on Sundays"]);
    assert!(titles(&file)[2].starts_with("Ferry cancelled until noon"), "{}", titles(&file)[2]);
    assert!(titles(&file)[3].starts_with("Council adjourned"), "{}", titles(&file)[3]);
    assert_eq!(titles(&file)[4], "No id given");
    let published: Vec<_> = articles.iter().map(|article| article.content.published_at).collect();
    let at = |text| Some(time(text));
    assert_eq!(
        published,
        [at("2026-02-10T04:30:00Z"), None, at("2026-02-10T05:10:00Z"), None, at("2026-02-09T17:00:00Z")]
    );
    assert_eq!(
        (&articles[0].content.authors[..], &articles[1].content.authors[..]),
        (&["A. Lind".to_owned()][..], &["B. Holm".to_owned()][..])
    );
    assert!(
        file.problems.iter().any(|problem| problem.place == "item 4" && problem.message.contains("not yet"))
    );
}
