//! The forms in which two spellings of one page, or of one guid, are the same text. Articles are
//! known by these keys and reads are counted by them.
//!
//! Pure functions of the text alone: redirects and `rel=canonical` are for those who fetch.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use unicode_normalization::UnicodeNormalization as _;
use url::Url;

/// The longest key in bytes: a database index holds no longer ones (PostgreSQL's limit is 2,704).
pub const KEY_MAX: usize = 2_000;

/// What a path segment keeps unescaped: unreserved characters, sub-delimiters, `:` and `@` (RFC 3986
/// 3.3). Percent-escapes of all else are upper-case.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'!')
    .remove(b'$')
    .remove(b'&')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')')
    .remove(b'*')
    .remove(b'+')
    .remove(b',')
    .remove(b';')
    .remove(b'=')
    .remove(b':')
    .remove(b'@');

/// What a query parameter keeps unescaped: only what can never be taken for a separator.
const PARAMETER: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

/// Last path segments that lead to the same page as the path without them.
const SAME_PAGE: [&str; 4] = ["amp", "index.html", "index.htm", "index.php"];

/// Parameters that say how a reader came, never what is read. A name that ends in `*` stands for
/// all that begin with it.
const TRACKING: [&str; 45] = [
    "utm_*",
    "pk_*",
    "mtm_*",
    "matomo_*",
    "piwik_*",
    "hsa_*",
    "at_*",
    "_ga",
    "_ga_*",
    "_gl",
    "_gac",
    "_hsenc",
    "_hsmi",
    "_openstat",
    "__twitter_impression",
    "__s",
    "amp",
    "cmpid",
    "dclid",
    "fb_action_*",
    "fb_ref",
    "fb_source",
    "fbclid",
    "gad_*",
    "gbraid",
    "gclid",
    "gclsrc",
    "igsh",
    "igshid",
    "li_fat_id",
    "mc_cid",
    "mc_eid",
    "mkt_tok",
    "msclkid",
    "oly_*",
    "ref",
    "ref_src",
    "ref_url",
    "srsltid",
    "ttclid",
    "twclid",
    "vero_*",
    "wbraid",
    "yclid",
    "ysclid",
];

/// Which query parameters are part of a page's identity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UrlKeyRules {
    /// Parameters that are dropped, in lower case; `utm_*` stands for all that begin with `utm_`.
    pub tracking: Vec<String>,
    /// Parameters that are kept although they are among `tracking`, in lower case: for a site where
    /// `ref` tells stories apart, say.
    pub identity: Vec<String>,
}

impl Default for UrlKeyRules {
    /// The usual tracking parameters are dropped; all others are kept, since only the site knows
    /// which of them choose the story (`?p=12`, `?id=7`, `?lang=ka`).
    fn default() -> Self {
        Self { tracking: TRACKING.map(str::to_owned).to_vec(), identity: Vec::new() }
    }
}

impl UrlKeyRules {
    fn drops(&self, parameter: &str) -> bool {
        let name = parameter.to_lowercase();
        let tracks = |pattern: &String| match pattern.strip_suffix('*') {
            Some(start) => name.starts_with(start),
            None => name == *pattern,
        };
        !self.identity.contains(&name) && self.tracking.iter().any(tracks)
    }
}

/// The key of an absolute http(s) address: `host/path?query`, as in
/// `news.example.org/2026/02/bridge`; a home page is `news.example.org/`.
///
/// Scheme, user, `www.`, default port, fragment, tracking parameters, doubled and final slashes, a
/// final `/amp` or `index.html` do not count. Host names are lower-case ASCII (IDNs as punycode),
/// paths and parameters are in Unicode NFC with upper-case percent-escapes. Letter case of the path
/// and order of the parameters count.
///
/// `None` for what is no web address, and for one whose key is longer than [`KEY_MAX`].
pub fn url_key(url: &str, rules: &UrlKeyRules) -> Option<String> {
    let url = Url::parse(url.trim()).ok()?;
    if !matches!(url.scheme(), "http" | "https") {
        return None;
    }
    let mut key = host_of(&url)?;
    push_path_and_query(&mut key, &url, rules);
    (key.len() <= KEY_MAX).then_some(key)
}

/// The key of a page as a log or a report names it: a path (`/2026/02/bridge/?p=2`), a whole
/// address, or an address without scheme (`news.example.org/2026/02/bridge`).
///
/// A path is one on `site_host` (a host name, or the site's address). Where no host is known, its
/// key is the path alone, `/2026/02/bridge`, which is what [`path_of`] gives of a whole key.
/// `None` for what names no page, such as `(other)`.
pub fn path_key(path_or_url: &str, site_host: Option<&str>, rules: &UrlKeyRules) -> Option<String> {
    let text = path_or_url.trim();
    if text.starts_with('/') {
        let site = site_host.map_or("host.invalid", without_scheme).trim_end_matches('/');
        let key = url_key(&format!("https://{site}{text}"), rules)?;
        return Some(if site_host.is_some() { key } else { path_of(&key).to_owned() });
    }
    if text.contains("://") {
        return url_key(text, rules);
    }
    let (host, _) = text.split_once('/')?;
    let like_host = host.contains('.') && !host.contains(|c: char| c.is_whitespace() || "?#@%".contains(c));
    like_host.then(|| url_key(&format!("https://{text}"), rules)).flatten()
}

/// The part of a key from the path on: what can be compared with the key of a path whose host is
/// not known.
pub fn path_of(key: &str) -> &str {
    key.find('/').map_or("", |at| &key[at..])
}

/// The form of a guid or id in which scheme (http or https), `www.` and a final slash do not
/// matter, and all else does. An id that is no web address stays as it is.
pub fn external_key(id: &str) -> String {
    let mut rest = id.trim();
    loop {
        let shorter = without_scheme(rest);
        if shorter.len() == rest.len() {
            return rest.to_owned();
        }
        let mut host_on = shorter;
        while let Some(after) = strip_prefix_ignore_case(host_on, "www.") {
            host_on = after;
        }
        rest = host_on.trim_end_matches('/').trim();
    }
}

fn without_scheme(text: &str) -> &str {
    strip_prefix_ignore_case(text, "https://")
        .or_else(|| strip_prefix_ignore_case(text, "http://"))
        .unwrap_or(text)
}

fn strip_prefix_ignore_case<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let start = text.get(..prefix.len())?;
    start.eq_ignore_ascii_case(prefix).then(|| &text[prefix.len()..])
}

fn host_of(url: &Url) -> Option<String> {
    let mut host = url.host_str()?.trim_end_matches('.');
    while let Some(rest) = host.strip_prefix("www.") {
        host = rest;
    }
    if host.is_empty() {
        return None;
    }
    // Both, whatever the scheme was: the key does not know the scheme any more.
    match url.port() {
        None | Some(80 | 443) => Some(host.to_owned()),
        Some(port) => Some(format!("{host}:{port}")),
    }
}

fn push_path_and_query(key: &mut String, url: &Url, rules: &UrlKeyRules) {
    let mut segments: Vec<String> = url
        .path()
        .split('/')
        .filter(|segment| !segment.is_empty())
        .map(|segment| normal(segment, SEGMENT))
        .collect();
    while segments.last().is_some_and(|last| SAME_PAGE.contains(&last.as_str())) {
        segments.pop();
    }
    key.push('/');
    key.push_str(&segments.join("/"));

    let parameters: Vec<String> = url
        .query()
        .unwrap_or_default()
        .split('&')
        // A link that was escaped once too often: `?p=12&amp;lang=ka`.
        .map(|pair| pair.trim_start_matches("amp;"))
        .filter_map(|pair| parameter(pair, rules))
        .collect();
    if !parameters.is_empty() {
        key.push('?');
        key.push_str(&parameters.join("&"));
    }
}

/// One parameter in normal form; `None` when it is empty or dropped.
fn parameter(pair: &str, rules: &UrlKeyRules) -> Option<String> {
    let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
    let plain = |part: &str| normal(&part.replace('+', "%20"), PARAMETER);
    let (name, value) = (plain(name), plain(value));
    if name.is_empty() || rules.drops(&name) {
        return None;
    }
    Some(if value.is_empty() { name } else { format!("{name}={value}") })
}

/// One piece between separators: unescaped, in NFC, and escaped again. Bytes that are no UTF-8 (an
/// old address in Windows-1251) stay those bytes.
fn normal(piece: &str, keep: &'static AsciiSet) -> String {
    let bytes: Vec<u8> = percent_decode_str(piece).collect();
    match std::str::from_utf8(&bytes) {
        Ok(text) => utf8_percent_encode(&text.nfc().collect::<String>(), keep).to_string(),
        Err(_) => percent_encoding::percent_encode(&bytes, keep).to_string(),
    }
}

#[cfg(test)]
mod tests {
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
        same(
            "news.example.org/",
            &["https://news.example.org", "http://www.news.example.org/index.php?ref=x"],
        );
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
        assert_eq!(
            key("https://news.example.org/%e1%83%ae%e1%83%98%e1%83%93%e1%83%98").as_deref(),
            Some(bridge)
        );
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
        assert_eq!(
            url_key("https://a.example/x?ref=1&gclid=2", &rules).as_deref(),
            Some("a.example/x?ref=1")
        );
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
}
