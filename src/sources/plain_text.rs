//! Markup of any origin into clean plain text.
//!
//! Content systems escape once for HTML and once more for XML, put tags into titles, and paste
//! control characters from word processors. Promises: the result holds no tags of the source's
//! markup, no character references, no control, bidi-override or private-use characters, and no
//! white space but single spaces between words; the work is linear in the input. It is text, not
//! HTML: whoever shows it escapes it once.

use std::borrow::Cow;

use html_escape::decode_html_entities;

/// Elements whose text is a program or a style sheet, not words.
const SILENT: [&str; 2] = ["script", "style"];

/// Elements that stand within a line; the tags of all others part words.
const INLINE: [&str; 34] = [
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "blink", "cite", "code", "data", "del", "dfn", "em",
    "font", "i", "ins", "kbd", "mark", "nobr", "q", "s", "samp", "small", "span", "strike", "strong", "sub",
    "sup", "time", "tt", "u", "var", "wbr",
];

/// A failed search for the end of a tag that went further than this many bytes shows that quotes
/// are not balanced; from then on they count for nothing, which keeps the work linear.
const PATIENCE: usize = 256;

/// Text of `raw`, which is HTML or text with tags and character references in it.
///
/// One level of markup is removed and references are decoded twice, so `&amp;#8217;` becomes an
/// apostrophe while the words `<blink>` of a doubly escaped `&lt;blink&gt;` stay words.
pub fn plain_text(raw: &str) -> String {
    settle(&decode_html_entities(&without_tags(raw)), 1)
}

/// Text of `raw`, which its source declares to be plain text (Atom `type="text"`, JSON Feed
/// titles): `<blink>` stays. Where the declaration is plainly wrong (an end tag of a well-known
/// element, character references) it is cleaned all the same.
pub fn declared_plain(raw: &str) -> String {
    settle(raw, 2)
}

/// At most `max_chars` characters of `text`, cut between words (within a word only where that one
/// fills most of the room) and closed with `…`. Combining marks stay with their letter.
pub fn shorten(text: &str, max_chars: usize) -> String {
    let Some((limit, _)) = text.char_indices().nth(max_chars) else { return text.to_owned() };
    let Some(room) = max_chars.checked_sub(1) else { return String::new() };
    let end = text[..limit].char_indices().nth(room).map_or(limit, |(at, _)| at);
    let whole = &text[..end];
    let cut = match whole.rfind(char::is_whitespace) {
        _ if text[end..].starts_with(char::is_whitespace) => whole,
        Some(space) if space > end / 2 => &whole[..space],
        _ => &whole[..start_of_last_cluster(text, end)],
    };
    format!(
        "{}…",
        cut.trim_end_matches(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | ':' | '–' | '—' | '-'))
    )
}

/// Where to cut at or before `end` so that no mark loses its letter.
fn start_of_last_cluster(text: &str, end: usize) -> usize {
    let belongs_to_previous = |c: char| {
        unicode_normalization::char::is_combining_mark(c)
            || matches!(c, '\u{200d}' | '\u{fe00}'..='\u{fe0f}' | '\u{1f3fb}'..='\u{1f3ff}')
    };
    let mut cut = end;
    while text[cut..].starts_with(belongs_to_previous) || text[..cut].ends_with('\u{200d}') {
        match text[..cut].char_indices().next_back() {
            Some((at, _)) => cut = at,
            None => break,
        }
    }
    cut
}

/// Further levels: markup only where it is beyond doubt, then references; at last single characters.
fn settle(text: &str, levels: usize) -> String {
    let mut text = Cow::Borrowed(text);
    for _ in 0..levels {
        if has_known_end_tag(&text) {
            text = Cow::Owned(without_tags(&text).into_owned());
        }
        text = Cow::Owned(decode_html_entities(&text).into_owned());
    }
    fold(&text)
}

/// Drops what must not be shown and folds white space.
fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    let mut gap = false;
    for c in text.chars().filter_map(shown) {
        if c.is_whitespace() {
            gap = true;
        } else {
            if gap && !folded.is_empty() {
                folded.push(' ');
            }
            gap = false;
            folded.push(c);
        }
    }
    folded
}

/// The character to show for `c`, if any.
fn shown(c: char) -> Option<char> {
    match c {
        // Numeric references from windows-1252 authors (HTML 13.2.5.80): `&#146;` means `’`.
        '\u{80}'..='\u{9f}' => {
            let byte = u8::try_from(u32::from(c)).ok()?;
            encoding_rs::WINDOWS_1252
                .decode_without_bom_handling(&[byte])
                .0
                .chars()
                .next()
                .filter(|c| !c.is_control())
        }
        c if c.is_whitespace() => Some(' '),
        c if c.is_control() => None,
        // Embeddings, overrides and isolates reorder what stands around them.
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => None,
        // Private use, noncharacters, byte order marks and tags have no agreed look.
        '\u{e000}'..='\u{f8ff}' | '\u{fdd0}'..='\u{fdef}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' => None,
        '\u{e0000}'..='\u{e007f}' | '\u{f0000}'..='\u{10ffff}' => None,
        c if u32::from(c) & 0xfffe == 0xfffe => None,
        c => Some(c),
    }
}

/// Whether `text` holds an end tag, or a line break, that only markup would hold.
fn has_known_end_tag(text: &str) -> bool {
    let known = |name: &str| {
        INLINE.contains(&name)
            || matches!(name, "p" | "div" | "li" | "ul" | "ol" | "br" | "h1" | "h2" | "h3" | "blockquote")
    };
    text.match_indices('<').any(|(at, _)| {
        let rest = &text[at + 1..];
        let (is_end, rest) = rest.strip_prefix('/').map_or((false, rest), |rest| (true, rest));
        let name = tag_name(rest);
        let closed = rest[name.len()..].trim_start_matches([' ', '/']).starts_with('>');
        closed && (is_end || name.eq_ignore_ascii_case("br")) && known(&name.to_ascii_lowercase())
    })
}

/// The element name at the start of `text`; empty when no letter stands there.
fn tag_name(text: &str) -> &str {
    if !text.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return "";
    }
    let end =
        text.find(|c: char| !(c.is_alphanumeric() || matches!(c, ':' | '-' | '_'))).unwrap_or(text.len());
    &text[..end]
}

/// `text` without one level of tags, comments, and the content of programs and style sheets.
fn without_tags(text: &str) -> Cow<'_, str> {
    if !text.contains('<') {
        return Cow::Borrowed(text);
    }
    let mut kept = String::with_capacity(text.len());
    let mut trust_quotes = true;
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        kept.push_str(&rest[..at]);
        rest = &rest[at..];
        rest = match markup(rest, &mut trust_quotes) {
            Markup::None => {
                kept.push('<');
                &rest[1..]
            }
            Markup::Words { start, end, after } => {
                kept.push_str(&rest[start..end]);
                &rest[after..]
            }
            Markup::Tag { name, is_end, after } => {
                let lower = name.to_ascii_lowercase();
                if !INLINE.contains(&lower.as_str()) {
                    kept.push(' ');
                }
                let rest = &rest[after..];
                if !is_end && SILENT.contains(&lower.as_str()) { after_end_tag(rest, &lower) } else { rest }
            }
            Markup::Nothing { after } => &rest[after..],
        };
    }
    kept.push_str(rest);
    Cow::Owned(kept)
}

/// What a `<` opens; offsets count from it.
enum Markup<'a> {
    /// It is only a sign, as in `2 < 3`.
    None,
    /// A comment, declaration or processing instruction.
    Nothing { after: usize },
    /// A CDATA section within the text.
    Words { start: usize, end: usize, after: usize },
    /// A start or end tag.
    Tag { name: &'a str, is_end: bool, after: usize },
}

/// Reads the markup at the start of `text`, which begins with `<`.
fn markup<'a>(text: &'a str, trust_quotes: &mut bool) -> Markup<'a> {
    const CDATA: &str = "<![CDATA[";
    if let Some(comment) = text.strip_prefix("<!--") {
        return Markup::Nothing { after: comment.find("-->").map_or(text.len(), |at| at + 7) };
    }
    if let Some(words) = text.strip_prefix(CDATA) {
        let (end, after) =
            words.find("]]>").map_or((text.len(), text.len()), |at| (CDATA.len() + at, CDATA.len() + at + 3));
        return Markup::Words { start: CDATA.len(), end, after };
    }
    let is_end = text[1..].starts_with('/');
    let is_declaration = text[1..].starts_with(['!', '?']);
    let name_at = 1 + usize::from(is_end || is_declaration);
    let name = tag_name(&text[name_at..]);
    if name.is_empty() {
        return Markup::None;
    }
    match end_of_tag(text, name_at + name.len(), trust_quotes) {
        None => Markup::None,
        Some(after) if is_declaration => Markup::Nothing { after },
        Some(after) => Markup::Tag { name, is_end, after },
    }
}

/// Just after the `>` that closes the tag, looking from `from`; a quoted value may hold `<` and `>`.
fn end_of_tag(text: &str, from: usize, trust_quotes: &mut bool) -> Option<usize> {
    let mut quote = None;
    let mut end = None;
    let mut seen = 0;
    for (at, byte) in text.bytes().enumerate().skip(from) {
        seen = at - from;
        match (quote, byte) {
            (Some(open), _) if byte == open => quote = None,
            (Some(_), _) => {}
            (None, b'"' | b'\'') if *trust_quotes => quote = Some(byte),
            (None, b'>') => {
                end = Some(at + 1);
                break;
            }
            (None, b'<') => break,
            (None, _) => {}
        }
    }
    if end.is_none() && *trust_quotes && seen > PATIENCE {
        *trust_quotes = false;
    }
    if end.is_none() && quote.is_some() {
        // A quote that never closes, as in `<a title=Brian's>`.
        let rest = &text[from..];
        let at = rest.find(['<', '>'])?;
        return rest[at..].starts_with('>').then_some(from + at + 1);
    }
    end
}

/// What follows the end tag of the silent element `name`; nothing when it never ends.
fn after_end_tag<'a>(text: &'a str, name: &str) -> &'a str {
    let mut rest = text;
    while let Some(at) = rest.find("</") {
        rest = &rest[at + 2..];
        if rest.get(..name.len()).is_some_and(|found| found.eq_ignore_ascii_case(name)) {
            return rest.find('>').map_or("", |end| &rest[end + 1..]);
        }
    }
    ""
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn markup_and_references_become_text() {
        let table = [
            ("&#8220;Tide turns&#8221;", "“Tide turns”"),
            ("R&amp;D budget", "R&D budget"),
            ("Rock & Roll", "Rock & Roll"),
            ("Why &lt;blink&gt; never died", "Why <blink> never died"),
            ("Caf&eacute; &amp;#8217;", "Café ’"),
            ("<b>Bold</b> news", "Bold news"),
            ("&lt;b&gt;Bold&lt;/b&gt; news", "Bold news"),
            ("one<br/>two<p>three</p>four", "one two three four"),
            ("safe<script>alert('<b>')</script> text<style>p{}</style>", "safe text"),
            ("never<SCRIPT>ends", "never"),
            ("2 < 3 and 5 > 4, <3", "2 < 3 and 5 > 4, <3"),
            ("<img alt=\"cat<br />dog\"> sits", "sits"),
            ("<a title=Brian's>x</a>", "x"),
            ("don&#146;t", "don’t"),
            ("a\u{202e}b\u{0}c\u{e001}d\u{feff}", "abcd"),
            (" a\u{a0}\n\t b\u{2028}c ", "a b c"),
            ("a<!-- b -->c<?php d ?>e", "ace"),
            ("<![CDATA[AT&amp;T]]>", "AT&T"),
            ("<!' <a href=\"foo\">", "<!'"),
            ("ends in <b", "ends in <b"),
        ];
        for (raw, expected) in table {
            assert_eq!(plain_text(raw), expected, "{raw}");
        }
    }

    #[test]
    fn what_is_declared_plain_keeps_its_brackets() {
        assert_eq!(declared_plain("History of the <blink> tag"), "History of the <blink> tag");
        assert_eq!(declared_plain("a <b>wrong</b> declaration"), "a wrong declaration");
        assert_eq!(declared_plain("R&amp;D &lt;i&gt;now&lt;/i&gt;"), "R&D now");
    }

    #[test]
    fn shortened_text_ends_between_words_and_within_the_limit() {
        assert_eq!(shorten("short", 5), "short");
        assert_eq!(shorten("one two three", 9), "one two…");
        assert_eq!(shorten("one two, three", 9), "one two…");
        assert_eq!(shorten("unbreakable", 5), "unbr…");
        assert_eq!(shorten("abe\u{301}e\u{301}d", 5), "abe\u{301}…");
        assert_eq!(shorten("anything", 0), "");
    }

    #[test]
    fn broken_markup_costs_no_more_than_its_length() {
        for piece in ["<a '", "<a \"", "<", "<!--", "<a ''\"<b \"'", "&lt;", "</", "<script>", "<![CDATA["] {
            let raw = piece.repeat(1_000_000 / piece.len());
            let started = std::time::Instant::now();
            assert!(plain_text(&raw).len() <= raw.len());
            assert!(started.elapsed().as_secs() < 20, "{piece}");
        }
    }

    proptest! {
        #[test]
        fn any_text_comes_out_clean(raw in any::<String>()) {
            let text = plain_text(&raw);
            prop_assert!(!text.chars().any(char::is_control));
            prop_assert!(!text.contains("  ") && text.trim() == text);
        }

        #[test]
        fn broken_markup_comes_out_clean(raw in "([<>/!&;'\" a-c]|<b>|&lt;|&#8217;|<script|]]>){0,60}") {
            prop_assert!(plain_text(&raw).len() <= raw.len());
        }

        #[test]
        fn shortened_text_is_never_longer(text in any::<String>(), max in 0usize..40) {
            prop_assert!(shorten(&text, max).chars().count() <= max);
        }
    }
}
