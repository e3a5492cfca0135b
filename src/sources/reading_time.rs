//! How long a story takes to read.

/// Words that are read in a minute.
const WORDS_A_MINUTE: usize = 200;
/// Fewer words than these are an excerpt, or tell so little that no time need be told.
const FEWEST_WORDS: usize = 100;
/// A longer time is a mistake.
const MOST_MINUTES: u16 = 600;

/// Minutes for a story whose full text is `text`, clean plain text. `None` when `text` looks like an
/// excerpt: when it has few words, or no more than `summary`.
pub fn of_text(text: &str, summary: &str) -> Option<u16> {
    let words = count_words(text);
    (words >= FEWEST_WORDS && words > count_words(summary)).then(|| of_words(words)).flatten()
}

/// Minutes for so many words; `None` for none, and for more than anybody writes.
pub fn of_words(words: usize) -> Option<u16> {
    let minutes = if words == 0 { 0 } else { ((words + WORDS_A_MINUTE / 2) / WORDS_A_MINUTE).max(1) };
    of_minutes(u16::try_from(minutes).ok()?)
}

/// The minutes that a source states; `None` for those that cannot be right.
pub fn of_minutes(minutes: u16) -> Option<u16> {
    (1..=MOST_MINUTES).contains(&minutes).then_some(minutes)
}

/// The minutes in `4`, `4.6`, `4 min read` and `PT4M` (ISO 8601).
pub fn stated(text: &str) -> Option<u16> {
    let text = text.trim();
    let text = text.strip_prefix("PT").and_then(|time| time.strip_suffix('M')).unwrap_or(text);
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (whole, rest) = text.split_at(end);
    let half = rest.strip_prefix('.').is_some_and(|part| part.starts_with(['5', '6', '7', '8', '9']));
    of_minutes(whole.parse::<u16>().ok()?.checked_add(u16::from(half))?)
}

/// Words are parted by blanks. In scripts that part none, two characters count as one.
fn count_words(text: &str) -> usize {
    text.split_whitespace()
        .map(|part| match part.chars().filter(|c| is_unparted(*c)).count() {
            0 => usize::from(part.chars().any(char::is_alphanumeric)),
            characters => characters.div_ceil(2),
        })
        .sum()
}

/// Letters of scripts that put no blanks between words: Thai, Lao, Burmese, Khmer, kana, Han.
fn is_unparted(c: char) -> bool {
    matches!(c, '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' | '\u{3041}'..='\u{30ff}'
        | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
        && c.is_alphanumeric()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_hundred_words_are_a_minute_in_each_of_our_scripts() {
        for word in ["word", "სიტყვა", "բառ", "söz", "слово", "it’s"] {
            for (words, expected) in
                [(99, None), (100, Some(1)), (299, Some(1)), (300, Some(2)), (1000, Some(5))]
            {
                assert_eq!(of_text(&format!("{word} — ").repeat(words), ""), expected, "{words} × {word}");
            }
        }
    }

    #[test]
    fn a_script_without_blanks_is_counted_by_its_letters() {
        assert_eq!(of_text(&"新聞".repeat(1000), ""), Some(5));
        assert_eq!(of_text(&"ข่าว".repeat(300), ""), Some(2));
    }

    #[test]
    fn an_excerpt_has_no_time() {
        let text = "word ".repeat(150);
        assert_eq!(of_text(&text, &text), None);
        assert_eq!(of_text(&text, "word word"), Some(1));
        assert_eq!(of_text("", ""), None);
        assert_eq!(of_text("— * …", ""), None);
    }

    #[test]
    fn what_a_source_states_is_read_or_left_out() {
        for (text, expected) in [
            ("4", Some(4)),
            ("4.5", Some(5)),
            ("4.2", Some(4)),
            (" 12 min read", Some(12)),
            ("PT7M", Some(7)),
            ("0", None),
            ("0.7", Some(1)),
            ("", None),
            ("long", None),
            ("-3", None),
            ("99999", None),
            ("601", None),
            ("65535.9", None),
        ] {
            assert_eq!(stated(text), expected, "{text}");
        }
        assert_eq!(of_words(0), None);
        assert_eq!(of_words(1), Some(1));
        assert_eq!(of_words(usize::MAX / 2), None);
    }
}
