//! Spellings that must meet, and those that must not.

use proptest::prelude::*;

use super::*;

fn key(url: &str) -> Option<String> {
    url_key(url, &UrlKeyRules::default())
}

#[test]
fn spellings_of_one_page_have_one_key() {
    let same = |expected: &str, spellings: &[&str]| {
        for spelling in spellings {
            assert_eq!(key(spelling).as_deref(), Some(expected), "{spelling}");
        }
    };
    same(
        "news.example.org/2026/02/bridge",
        &[
            "https://news.example.org/2026/02/bridge/",
            "http://www.news.example.org/2026/02/bridge",
            "HTTPS://WWW.News.Example.Org:443/2026//02/bridge/index.html#comments",
            "http://news.example.org:80/2026/02/bridge/amp/",
            "https://news.example.org/2026/02/bridge/?utm_source=x&utm_medium=email&fbclid=1&gclid=2",
            "https://news.example.org/2026/02/bridge?yclid=1&ref=home&amp=1&_ga=2.1&mc_cid=a&mc_eid=b",
            "https://news.example.org/2026/02/bridge?amp&_ga_X1=5&UTM_Campaign=z&amp;utm_term=q",
            "https://news.example.org./2026/02/./x/../bridge//amp/index.html",
            "https://user:pass@news.example.org/2026/02/bridge?",
            " https://news.example.org/2026/02/%62ridge\n",
        ],
    );
    same("news.example.org/", &["https://news.example.org", "http://www.news.example.org/index.php?ref=x"]);
    same(
        "news.example.org/?p=12",
        &["https://news.example.org?p=12", "http://news.example.org/index.php?p=12&ref="],
    );
    same("news.example.org/a?p=12&lang=ka", &["https://news.example.org/a/?p=12&amp;lang=ka#x"]);
    same("news.example.org:8080/a", &["http://news.example.org:8080/a"]);
    same("xn--bcher-kva.example/a", &["https://bücher.example/a", "https://www.BÜCHER.example/a/"]);
    same(
        "news.example.org/a?q=b%20c",
        &["https://news.example.org/a?q=b+c", "https://news.example.org/a?q=b%20c"],
    );
    same("news.example.org/a,b", &["https://news.example.org/a,b", "https://news.example.org/a%2cb"]);
}

#[test]
fn georgian_and_armenian_paths_are_escaped_in_upper_case() {
    let bridge = "news.example.org/%E1%83%AE%E1%83%98%E1%83%93%E1%83%98";
    assert_eq!(key("https://news.example.org/ხიდი/").as_deref(), Some(bridge));
    assert_eq!(key("https://news.example.org/%e1%83%ae%e1%83%98%e1%83%93%e1%83%98").as_deref(), Some(bridge));
    assert_eq!(
        key("https://news.example.org/կամուրջ"),
        key("https://news.example.org/%d5%af%d5%a1%d5%b4%d5%b8%d6%82%d6%80%d5%bb/")
    );
    let composed = key("https://news.example.org/caf\u{e9}?q=\u{e9}");
    assert_eq!(composed, key("https://news.example.org/cafe\u{301}?q=e\u{301}"));
    assert_eq!(composed, key("https://news.example.org/caf%C3%A9?q=%c3%a9"));
}

#[test]
fn what_tells_pages_apart_stays() {
    for (one, other) in [
        ("https://news.example.org/?p=101", "https://news.example.org/?p=102"),
        ("https://news.example.org/a?lang=ka", "https://news.example.org/a?lang=hy"),
        ("https://news.example.org/Bridge", "https://news.example.org/bridge"),
        ("https://m.example.org/a", "https://example.org/a"),
        ("https://news.example.org/amp/a", "https://news.example.org/a"),
        ("https://news.example.org/a%2Fb", "https://news.example.org/a/b"),
        ("https://news.example.org/a%3Fb", "https://news.example.org/a?b"),
        ("https://news.example.org/%E9", "https://news.example.org/%C3%A9"),
    ] {
        assert_ne!(key(one), key(other), "{one} {other}");
        assert!(key(one).is_some() && key(other).is_some());
    }
}

#[test]
fn what_is_no_web_address_has_no_key() {
    for text in [
        "",
        "bridge",
        "/2026/02/bridge",
        "mailto:a@example.org",
        "javascript:alert(1)",
        "https://",
        "ftp://x.org/a",
    ] {
        assert_eq!(key(text), None, "{text}");
    }
    assert_eq!(key(&format!("https://news.example.org/{}", "a".repeat(KEY_MAX))), None);
}

#[test]
fn a_site_may_say_which_parameters_count() {
    let rules = UrlKeyRules { identity: vec!["ref".to_owned()], ..UrlKeyRules::default() };
    assert_eq!(url_key("https://a.example/x?ref=1&gclid=2", &rules).as_deref(), Some("a.example/x?ref=1"));
    let rules = UrlKeyRules { tracking: vec!["from*".to_owned()], identity: Vec::new() };
    assert_eq!(
        url_key("https://a.example/x?From_app=1&gclid=2", &rules).as_deref(),
        Some("a.example/x?gclid=2")
    );
}

#[test]
fn paths_of_logs_and_reports_lead_to_the_same_keys() {
    let rules = UrlKeyRules::default();
    let on_site = |text| path_key(text, Some("www.news.example.org"), &rules);
    let bridge = Some("news.example.org/2026/02/bridge".to_owned());
    for text in [
        "/2026/02/bridge/?utm_source=x",
        "//2026/02/bridge",
        "https://news.example.org/2026/02/bridge",
        "news.example.org/2026/02/bridge/",
    ] {
        assert_eq!(on_site(text), bridge, "{text}");
    }
    assert_eq!(path_key("/2026/02/bridge/", Some("https://news.example.org/"), &rules), bridge);
    assert_eq!(path_key("/2026/02/bridge/?p=1", None, &rules).as_deref(), Some("/2026/02/bridge?p=1"));
    assert_eq!(path_key("/", None, &rules).as_deref(), Some("/"));
    assert_eq!(bridge.as_deref().map(path_of), Some("/2026/02/bridge"));
    for text in ["", "(other)", "(not set)", "Grand total", "*", "bridge/x", "a b.c/d"] {
        assert_eq!(on_site(text), None, "{text}");
    }
}

#[test]
fn case_c01_guids_differ_in_more_than_scheme_www_and_slash() {
    let monday = external_key("http://news.example.org/?p=102");
    assert_eq!(external_key("https://www.news.example.org/?p=102/"), monday);
    assert_ne!(external_key("https://news.example.org/?p=103"), monday);
    assert_ne!(external_key("https://news.example.org/?P=102"), monday);
    assert_eq!(external_key(" tag:example.org,2026:1/ "), "tag:example.org,2026:1/");
    assert_eq!(external_key("www.example.org"), "www.example.org");
}

proptest! {
    #[test]
    fn keys_are_keys_of_themselves(
        url in "https?://(www\\.){0,2}[a-zü.]{1,12}(:(80|443|8080))?(/(amp|index\\.html|[a-zA-Z%0-9.ხ~+&;=é]{0,6})){0,5}(\\?([a-z;_=%&+é0-9]{0,20}))?(#x)?"
    ) {
        if let Some(once) = key(&url) {
            let again = key(&format!("https://{once}"));
            prop_assert_eq!(again.as_ref(), Some(&once));
            prop_assert!(once.is_ascii() && !once.contains([' ', '#']));
        }
    }

    #[test]
    fn no_text_makes_it_panic(text in "\\PC{0,60}|(https?://|/|www\\.|%|\\?|&|=|amp;|[a-z]|\\x00){0,12}") {
        let rules = UrlKeyRules::default();
        let _ = key(&text);
        let path = path_key(&text, None, &rules);
        if let Some(path) = path.filter(|path| path.starts_with('/')) {
            prop_assert_eq!(path_key(&path, None, &rules), Some(path));
        }
        let _ = path_key(&text, Some(&text), &rules);
        let once = external_key(&text);
        prop_assert_eq!(external_key(&once), once);
    }
}
