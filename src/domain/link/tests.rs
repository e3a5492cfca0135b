//! Addresses keep every byte that was theirs, and numbers are given once.

use chrono::NaiveDate;
use proptest::prelude::*;
use url::Url;

use super::*;
use crate::domain::ids::{ArticleId, LinkNo};
use crate::domain::revision::Content;

fn parameters(values: &[(&'static str, &str)]) -> Vec<Parameter> {
    values.iter().map(|&(name, value)| Parameter { name, value: value.to_owned() }).collect()
}

fn usual() -> Vec<Parameter> {
    parameters(&[("utm_source", "daily-en"), ("utm_medium", "email"), ("utm_campaign", "2026-11-25")])
}

const USUAL: &str = "utm_source=daily-en&utm_medium=email&utm_campaign=2026-11-25";

#[test]
fn parameters_come_last_in_the_query_and_before_the_fragment() {
    for (before, joint, after) in [
        ("https://example.org", "?", ""),
        ("https://example.org/", "?", ""),
        ("https://example.org/a", "?", "#top"),
        ("https://example.org/a", "?", "#!/route?x=1&y"),
        ("https://example.org/a?", "", ""),
        ("https://example.org/a?id=7", "&", ""),
        ("https://example.org/a?id=7&", "", "#c"),
        ("https://example.org/weather?city=K%C3%B6ln&unit=c", "&", ""),
        ("https://example.org/a?q=a+b&q=%2b;c={|}", "&", "#%23"),
        ("https://example.org/a?b?c", "&", ""),
        ("https://user@example.org:8443/a;v=1", "?", "#"),
    ] {
        let tagged = with_parameters(&format!("{before}{after}"), &usual());
        assert_eq!(tagged, format!("{before}{joint}{USUAL}{after}"));
    }
}

#[test]
fn what_an_address_says_already_is_neither_doubled_nor_overridden() {
    for (url, tagged) in [
        (
            "https://example.org/a?utm_source=x",
            "https://example.org/a?utm_source=x&utm_medium=email&utm_campaign=2026-11-25",
        ),
        (
            "https://example.org/a?UTM_Medium&utm%5Fcampaign=&utm_source=",
            "https://example.org/a?UTM_Medium&utm%5Fcampaign=&utm_source=",
        ),
        ("https://example.org/a#utm_source=x", &format!("https://example.org/a?{USUAL}#utm_source=x")),
        ("https://example.org/a?my_utm_source=x", &format!("https://example.org/a?my_utm_source=x&{USUAL}")),
    ] {
        assert_eq!(with_parameters(url, &usual()), tagged);
    }
}

#[test]
fn values_are_encoded_so_that_they_are_read_as_they_were_written() {
    let odd = parameters(&[("utm_source", "Ამბები & co. 100 %+#=?/"), ("utm_content", "a-b.c_d~e")]);
    let tagged = with_parameters("https://example.org/a", &odd);
    assert_eq!(
        tagged,
        "https://example.org/a?utm_source=%E1%B2%90%E1%83%9B%E1%83%91%E1%83%94%E1%83%91%E1%83%98%20%26%20co.%20100%20%25\
         %2B%23%3D%3F%2F&utm_content=a-b.c_d~e"
    );
    assert_eq!(with_parameters("https://example.org/a?b#c", &[]), "https://example.org/a?b#c");
}

#[test]
fn only_the_web_is_a_target() {
    for raw in ["", "mailto:a@example.org", "javascript:alert(1)", "/a", "https://"] {
        assert_eq!(target(raw, &usual()), None, "{raw}");
    }
    let cleaned = target(" https://example.org/a b\n", &usual()).unwrap();
    assert_eq!(cleaned, format!("https://example.org/a%20b?{USUAL}"));
}

#[test]
fn patterns_are_filled_and_unknown_places_named() {
    let facts =
        Facts { newsletter: "daily-en", date: NaiveDate::from_ymd_opt(2026, 11, 5).unwrap(), edition: 312 };
    for (pattern, filled) in [
        ("{newsletter}", "daily-en"),
        (" {date} ", "2026-11-05"),
        ("{newsletter}-{edition}-{date}", "daily-en-312-2026-11-05"),
        ("Ამბები", "Ამბები"),
    ] {
        assert_eq!(pattern.parse::<Pattern>().unwrap().fill(&facts), filled);
    }
    for (pattern, why) in [
        ("", "has 0 characters"),
        (&"x".repeat(101), "has 101 characters"),
        ("a\nb", "control"),
        ("{name}", "{name}"),
        ("{Date}", "{Date}"),
        ("{}", "{}"),
        ("{date", "partner"),
        ("date}", "partner"),
        ("{{date}}", "{{date}"),
    ] {
        let error = pattern.parse::<Pattern>().unwrap_err().to_string();
        assert!(error.contains(why), "{pattern}: {error}");
    }
}

#[test]
fn a_destination_is_an_address_of_the_web() {
    for good in ["https://example.org/a?b=c#d", "http://example.org", " https://пример.рф/а "] {
        assert!(good.parse::<Destination>().is_ok(), "{good}");
    }
    for (bad, why) in [
        ("example.org/a", DestinationError::NotOfTheWeb),
        ("ftp://example.org/a", DestinationError::NotOfTheWeb),
        ("javascript:alert(1)", DestinationError::NotOfTheWeb),
        ("https://", DestinationError::NotOfTheWeb),
        ("https://exa mple.org", DestinationError::NotOfTheWeb),
        ("https://example.org:99999/", DestinationError::NotOfTheWeb),
        ("https://example.org@evil.test/", DestinationError::WithUser),
        ("https://a:b@evil.test/", DestinationError::WithUser),
        (&format!("https://example.org/{}", "a".repeat(2000)), DestinationError::TooLong),
    ] {
        assert_eq!(bad.parse::<Destination>(), Err(why), "{bad}");
    }
    let kept = "https://example.org/a\r\nSet-Cookie: x".parse::<Destination>().unwrap();
    assert_eq!(kept.as_str(), "https://example.org/aSet-Cookie:%20x");
}

#[test]
fn a_header_holds_ascii_alone() {
    let plain = "https://example.org/a?q={x}|y#z";
    assert_eq!(in_ascii(plain).as_deref(), Some(plain));
    assert_eq!(in_ascii("https://пример.рф/a").as_deref(), Some("https://xn--e1afmkfd.xn--p1ai/a"));
    assert_eq!(in_ascii("no address\u{e9}"), None);
}

fn content(urls: &[&str]) -> Content {
    let stories = urls.iter().zip(1_i64..).map(|(url, id)| {
        serde_json::json!({
            "article": id, "url": url, "headline": "H", "summary": "", "kicker": null, "authors": [],
            "image": null, "language": null, "origin": "latest",
        })
    });
    // Two sections, as a letter may say one story in both.
    let (first, rest): (Vec<_>, Vec<_>) = stories.enumerate().partition(|(at, _)| *at == 0);
    let section = |stories: Vec<(usize, serde_json::Value)>| {
        let stories: Vec<_> = stories.into_iter().map(|(_, story)| story).collect();
        serde_json::json!({"kind": "latest", "title": null, "stories": stories, "house": null})
    };
    serde_json::from_value(serde_json::json!({
        "newsletter": "daily", "title": "Today", "list_title": "Readers", "language": "en", "number": 1,
        "date": "2026-11-25", "subject": "S", "preheader": "", "note": null, "blocks": [section(first), section(rest)],
    }))
    .unwrap()
}

fn numbers(content: &Content) -> Vec<Option<i64>> {
    content
        .blocks
        .iter()
        .flat_map(|section| &section.stories)
        .map(|story| story.link.map(|no| no.0))
        .collect()
}

#[test]
fn links_are_numbered_in_the_order_of_the_letter_and_equal_ones_share_a_number() {
    let mut first = content(&["https://x.test/a", "https://x.test/b", "https://x.test/a", "mailto:a@x.test"]);
    let new = number(&mut first, &usual(), &[]);
    assert_eq!(numbers(&first), [Some(1), Some(2), Some(1), None]);
    assert_eq!(
        new.iter().map(|link| (link.no.0, link.article)).collect::<Vec<_>>(),
        [(1, Some(ArticleId(1))), (2, Some(ArticleId(2)))]
    );
    assert_eq!(new[1].target, format!("https://x.test/b?{USUAL}"));
}

#[test]
fn a_later_revision_renumbers_nothing() {
    let mut first = content(&["https://x.test/a", "https://x.test/b"]);
    let known = number(&mut first, &usual(), &[]);
    let mut second = content(&["https://x.test/c", "https://x.test/b", "https://x.test/d"]);
    let new = number(&mut second, &usual(), &known);
    assert_eq!(numbers(&second), [Some(3), Some(2), Some(4)]);
    assert_eq!(new.iter().map(|link| link.no).collect::<Vec<_>>(), [LinkNo(3), LinkNo(4)]);
    let mut same = content(&["https://x.test/b", "https://x.test/a"]);
    assert_eq!(number(&mut same, &usual(), &known), []);
    assert_eq!(numbers(&same), [Some(2), Some(1)]);
}

#[test]
fn content_without_numbers_is_stored_as_it_always_was() {
    let json = serde_json::to_string(&content(&["https://x.test/a"])).unwrap();
    assert!(!json.contains("link\""), "{json}");
}

prop_compose! {
    /// An address as sources have them, with anything in its query and its fragment.
    fn address()(
        path in "(/[a-zA-Z0-9._~!$&'()*+,;=:@%-]{0,12}){0,3}",
        query in prop::option::of("[a-zA-Z0-9._~!$&'()*+,;=:@/?%-]{0,40}"),
        fragment in prop::option::of("[a-zA-Z0-9._~!$&'()*+,;=:@/?%#-]{0,20}"),
    ) -> String {
        let query = query.map(|query| format!("?{query}")).unwrap_or_default();
        let fragment = fragment.map(|fragment| format!("#{fragment}")).unwrap_or_default();
        format!("https://example.org{path}{query}{fragment}")
    }
}

proptest! {
    #[test]
    fn an_address_keeps_all_that_was_its_own(url in address(), source in "\\PC{1,20}", content in "\\PC{1,20}") {
        let added = parameters(&[("utm_source", &source), ("utm_content", &content)]);
        let tagged = with_parameters(&url, &added);
        let (before, fragment) = url.find('#').map_or((url.as_str(), ""), |at| url.split_at(at));
        prop_assert!(tagged.starts_with(before), "{tagged} for {url}");
        prop_assert!(tagged.ends_with(fragment) && tagged.len() > url.len(), "{tagged} for {url}");
        // What was added stands between, and another program reads the same values.
        let between = &tagged[before.len()..tagged.len() - fragment.len()];
        prop_assert!(between.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'#'), "{between}");
        let (own, all) = (Url::parse(&url).unwrap(), Url::parse(&tagged).unwrap());
        let pairs = |url: &Url| -> Vec<(String, String)> { url.query_pairs().into_owned().collect() };
        let mut expected = pairs(&own);
        expected.extend([("utm_source".to_owned(), source), ("utm_content".to_owned(), content)]);
        prop_assert_eq!(pairs(&all), expected);
        prop_assert_eq!(all.fragment(), own.fragment());
        // Once is enough.
        prop_assert_eq!(with_parameters(&tagged, &added), tagged);
    }

    #[test]
    fn any_text_is_answered(text in "(?s).{0,80}") {
        let _ = (text.parse::<Destination>(), target(&text, &usual()), in_ascii(&text));
        if let Ok(pattern) = text.parse::<Pattern>() {
            prop_assert_eq!(pattern.as_str(), text.trim());
        }
    }
}
