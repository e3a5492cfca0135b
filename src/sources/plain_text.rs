//! Markup into plain text.

/// To come.
pub fn plain_text(raw: &str) -> String {
    raw.to_owned()
}

/// To come.
pub fn shorten(text: &str, max_chars: usize) -> String {
    text.chars().take(max_chars).collect()
}
