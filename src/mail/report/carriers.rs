//! Domains whose servers say "unknown user" of letters that their readers' filters refuse: the
//! Japanese mobile carriers, where a reader takes mail from chosen senders only.

/// The domains, in lower case.
const DOMAINS: [&str; 9] = [
    "docomo.ne.jp",
    "ezweb.ne.jp",
    "au.com",
    "softbank.ne.jp",
    "i.softbank.jp",
    "vodafone.ne.jp",
    "disney.ne.jp",
    "ymobile.ne.jp",
    "uqmobile.jp",
];

/// Whether an address is of such a domain, or of one below it.
pub(super) fn filters_as_unknown(address: &str) -> bool {
    let domain = address.rsplit_once('@').map(|(_, domain)| domain.to_ascii_lowercase()).unwrap_or_default();
    DOMAINS
        .iter()
        .any(|known| domain == *known || domain.strip_suffix(known).is_some_and(|sub| sub.ends_with('.')))
}

#[cfg(test)]
mod tests {
    use super::filters_as_unknown;

    #[test]
    fn only_these_domains() {
        assert!(filters_as_unknown("a@docomo.ne.jp"));
        assert!(filters_as_unknown("a@t.Vodafone.ne.jp"));
        assert!(!filters_as_unknown("a@notau.com"));
    }
}
