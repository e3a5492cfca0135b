//! JSON Feed, JSON lines and tables.

use super::support::{options, read_any, time};
use crate::domain::article::{Access, ArticleStatus};
use crate::sources::articles::{ArticlesFile, Format, read};

fn titles(file: &ArticlesFile) -> Vec<&str> {
    file.articles.iter().map(|article| article.content.title.as_str()).collect()
}

fn told(file: &ArticlesFile) -> Vec<String> {
    file.problems.iter().map(|problem| format!("{}: {}", problem.place, problem.message)).collect()
}

const LINE: &str = r#"{"external_id": 7, "url": "/a", "title": "R&amp;D <b>now</b>", "dek": "Short &lt;b&gt;text&lt;/b&gt;", "published_at": "2026-11-24 10:00", "updated_at": "2026-11-24T07:00:00Z", "lang": "EN-gb", "section": {"name": "World"}, "tags": ["sea", {"name": "ice"}, null], "authors": "A. Lind; B. Holm", "image": {"url": "/i.jpg", "alt": "A harbour", "width": "640", "h": 480}, "flagged": "yes", "access": "members", "translation_group": "g1", "related": ["/b", "nonsense:"], "unknown": {"deep": [1]}}"#;

#[test]
fn a_full_line_of_json() {
    let file = read(LINE.as_bytes(), Format::JsonLines, &options(Some("https://example.org/"))).unwrap();
    let article = &file.articles[0];
    let content = &article.content;
    assert_eq!(
        (article.external_id.as_deref(), article.url.as_deref(), article.flagged),
        (Some("7"), Some("https://example.org/a"), true)
    );
    assert_eq!((content.title.as_str(), content.summary.as_str()), ("R&D now", "Short text"));
    assert_eq!(
        (content.published_at, content.updated_at),
        (Some(time("2026-11-24T06:00:00Z")), Some(time("2026-11-24T07:00:00Z")))
    );
    assert_eq!((content.language.as_deref(), content.section.as_deref()), (Some("en-gb"), Some("World")));
    assert_eq!(
        (content.tags.join("|"), content.authors.join("|")),
        ("sea|ice".to_owned(), "A. Lind|B. Holm".to_owned())
    );
    let image = content.image.as_ref().unwrap();
    assert_eq!(
        (image.url.as_str(), image.alt.as_str(), image.width, image.height),
        ("https://example.org/i.jpg", "A harbour", Some(640), Some(480))
    );
    assert_eq!(
        (content.access, content.status, content.related.len()),
        (Access::Members, ArticleStatus::Published, 1)
    );
    assert_eq!((content.translation_group.as_deref(), file.problems.len()), (Some("g1"), 0));
}

#[test]
fn one_bad_line_never_costs_the_others() {
    let text = "\u{feff}{\"title\": \"a\", \"url\": \"https://example.org/a\"}\nnonsense\n\n[1]\n{\"title\": \"b\", \"url\": 5}\n{\"title\": \"c\", \"status\": \"draft\"}\n{\"title\": \"d\", \"url\": \"https://example.org/d\", \"status\": \"deleted\"}";
    let file = read_any(text.as_bytes(), None).unwrap();
    assert_eq!(titles(&file), ["a", "b", "d"]);
    assert_eq!(file.articles[2].content.status, ArticleStatus::Withdrawn);
    let told = told(&file);
    for part in [
        "line 2: left out: it is not JSON",
        "line 4: left out: it is no object",
        "line 6: left out: its status is `draft`",
        "line 5: it has no page",
    ] {
        assert!(told.iter().any(|problem| problem.starts_with(part)), "{part}: {told:?}");
    }
    let array = read_any(b"[{\"title\": \"a\"}, 7, {\"title\": \"b\"}]", None).unwrap();
    assert_eq!(titles(&array), ["a", "b"]);
    for broken in ["[{\"title\": ", "{\"items\": [", "{broken"] {
        assert!(read_any(broken.as_bytes(), None).is_err(), "{broken}");
    }
}

#[test]
fn json_feeds_and_other_lists() {
    let text = r#"{"version": "https://jsonfeed.org/version/1", "home_page_url": "https://example.org/", "language": "ka", "items": [
        {"id": "1", "url": "/1", "title": "One", "language": "en", "image": null, "banner_image": "/b.jpg", "content_html": "<p>x</p>"},
        {"id": "2", "external_url": "https://other.example/2", "content_html": "<p>Two <img src='/c.jpg'></p>", "tags": "a, b"},
        "nonsense"]}"#;
    let file = read_any(text.as_bytes(), None).unwrap();
    assert_eq!(titles(&file), ["One", "Two"]);
    let pictures: Vec<_> =
        file.articles.iter().map(|article| article.content.image.as_ref().unwrap().url.as_str()).collect();
    assert_eq!(pictures, ["https://example.org/b.jpg", "https://example.org/c.jpg"]);
    let languages: Vec<_> =
        file.articles.iter().map(|article| article.content.language.as_deref().unwrap()).collect();
    assert_eq!(languages, ["en", "ka"]);
    assert_eq!(file.articles[1].url.as_deref(), Some("https://other.example/2"));
    assert!(told(&file).iter().any(|problem| problem == "item 3: left out: it is no object with fields"));
    assert!(read(b"{\"a\": 1}", Format::JsonFeed, &options(None)).unwrap_err().to_string().contains("items"));
}

#[test]
fn tables_with_any_delimiter_and_encoding() {
    for delimiter in [",", ";", "\t", "|"] {
        let text = "\u{feff}Published at,URL,Title,Featured,Colour\r\n2026-11-24,https://example.org/a,\"Schnee, \"\"heute\"\"\",1,red\r\n\r\n,https://example.org/b,Größe,,\r\nx\r\n".replace(',', delimiter).replace(&format!("Schnee{delimiter}"), "Schnee,");
        let file = read_any(text.as_bytes(), None).unwrap();
        assert_eq!(titles(&file)[..2], ["Schnee, \"heute\"", "Größe"], "{delimiter}");
        assert_eq!((file.articles[0].flagged, file.articles[1].flagged), (true, false));
        assert_eq!(file.articles[0].content.published_at, Some(time("2026-11-23T20:00:00Z")));
        let told = told(&file);
        assert!(
            told.iter().any(|problem| problem.starts_with("line 1: the column `Colour` is not known")),
            "{told:?}"
        );
        assert!(told.iter().any(|problem| problem.starts_with("line 5: it has 1 fields")), "{told:?}");
    }
    let cyrillic =
        encoding_rs::WINDOWS_1251.encode("title;url\nМостът отваря в понеделник;https://example.org/a\n").0;
    assert_eq!(titles(&read_any(&cyrillic, None).unwrap()), ["Мостът отваря в понеделник"]);
    let error = read_any(b"colour,size\nred,1\n", None).unwrap_err();
    assert_eq!(
        error.to_string(),
        "not a feed (got a table whose first line names no known column: `colour,size`)"
    );
}

#[test]
fn identities_and_titles_hold_no_control_characters() {
    let file = read_any(b"{\"id\": \"a\\u0000b\"}\n{\"url\": \"https://example.org/%00%1bx-y\"}\n{\"id\": \"\\u0000\", \"title\": \"t\"}", None).unwrap();
    assert_eq!(file.articles[0].external_id.as_deref(), Some("ab"));
    assert_eq!(titles(&file), ["ab", "x y", "t"]);
    assert!(file.articles[2].external_id.as_deref().unwrap().starts_with("sha256:"));
}
