//! The languages that letters and pages speak.

use super::words::words;

words! {
    /// A language with strings, dates and plural rules in `templates/strings/`.
    pub enum Language {
        /// English.
        English = "en",
        /// Georgian.
        Georgian = "ka",
        /// Armenian (eastern).
        Armenian = "hy",
        /// Azerbaijani in Latin script.
        Azerbaijani = "az",
        /// Russian.
        Russian = "ru",
    }
}

impl Language {
    /// The language of a BCP 47 tag such as `en-GB` or `az-Latn`; `None` for one that we do not
    /// speak (`az-Cyrl` among them: the other script is another text).
    pub fn from_tag(tag: &str) -> Option<Self> {
        let tag = tag.trim().replace('_', "-").to_ascii_lowercase();
        let mut parts = tag.split('-');
        let language = parts.next()?.parse().ok()?;
        (!(language == Self::Azerbaijani && parts.any(|part| part == "cyrl"))).then_some(language)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_read_by_their_primary_language() {
        assert_eq!(Language::from_tag("en-GB"), Some(Language::English));
        assert_eq!(Language::from_tag("hy_AM"), Some(Language::Armenian));
        assert_eq!(Language::from_tag("az-Cyrl-AZ"), None);
        assert_eq!(Language::from_tag("az-Latn"), Some(Language::Azerbaijani));
        assert_eq!(Language::from_tag("ab"), None);
    }
}
