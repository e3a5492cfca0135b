//! Addresses in files: only absolute http(s) addresses leave this module.

use url::Url;

/// Longer addresses are mistakes (or data in disguise).
const MAX_LENGTH: usize = 2_048;

/// `raw` as an absolute http(s) address, resolved against `base` where it is relative. One that is
/// absolute already stays letter for letter as its source writes it.
pub(super) fn absolute(raw: &str, base: Option<&Url>) -> Option<String> {
    let raw = raw.trim();
    if raw.is_empty() || raw.len() > MAX_LENGTH {
        return None;
    }
    let url = match (Url::parse(raw), base) {
        (Ok(url), _) => url,
        (Err(url::ParseError::RelativeUrlWithoutBase), Some(base)) => base.join(raw).ok()?,
        (Err(url::ParseError::RelativeUrlWithoutBase), None) if raw.starts_with("//") => {
            Url::parse(&format!("https:{raw}")).ok()?
        }
        _ => return None,
    };
    let is_web =
        matches!(url.scheme(), "http" | "https") && url.host_str().is_some_and(|host| !host.is_empty());
    let fits = is_web && url.as_str().len() <= MAX_LENGTH;
    fits.then(|| if url.as_str().eq_ignore_ascii_case(raw) { raw.to_owned() } else { url.into() })
}

/// `raw` as the base of relative addresses.
pub(super) fn base(raw: &str) -> Option<Url> {
    Url::parse(&absolute(raw, None)?).ok()
}

/// Something to call a page by when it says nothing itself: the last part of its path, else its
/// host. Empty for what is no address.
pub(super) fn name_of(address: &str) -> String {
    let Ok(url) = Url::parse(address) else { return String::new() };
    let last =
        url.path_segments().and_then(|parts| parts.rev().find(|part| !part.is_empty())).unwrap_or_default();
    let stem = last.rsplit_once('.').map_or(last, |(stem, _)| stem);
    let words = percent_decoded(stem).replace(['-', '_', '+'], " ");
    if words.chars().any(char::is_alphabetic) { words } else { url.host_str().unwrap_or_default().to_owned() }
}

fn percent_decoded(text: &str) -> String {
    // A form's value has the same escapes; `+` stands for a space there, which suits a slug too.
    url::form_urlencoded::parse(format!("x={}", text.replace(['&', '='], " ")).as_bytes())
        .next()
        .map(|(_, value)| value.into_owned())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_web_addresses_come_out_and_absolute_ones_stay_as_written() {
        let base = Url::parse("https://example.org/feeds/all.xml").ok();
        for (raw, expected) in [
            ("http://item.TEST/%7ebob", Some("http://item.TEST/%7ebob")),
            (" /a?b=1&c=2 ", Some("https://example.org/a?b=1&c=2")),
            ("//cdn.example.org/x.jpg", Some("https://cdn.example.org/x.jpg")),
            ("https://example.org/ა", Some("https://example.org/%E1%83%90")),
            ("javascript:alert(1)", None),
            ("mailto:a@example.org", None),
            ("data:image/png;base64,xx", None),
            ("http://", None),
            ("", None),
        ] {
            assert_eq!(absolute(raw, base.as_ref()).as_deref(), expected, "{raw}");
        }
        assert_eq!(absolute("/a", None), None);
    }

    #[test]
    fn pages_have_names() {
        assert_eq!(name_of("https://example.org/2026/tram-7-is_back.html?x=1"), "tram 7 is back");
        assert_eq!(name_of("https://example.org/12345/"), "example.org");
        assert_eq!(name_of("https://example.org/%E1%83%90%E1%83%91"), "აბ");
        assert_eq!(name_of("tag:x"), "");
    }
}
