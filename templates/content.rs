//! Text and links as they come from outside, made harmless once, on the way into a view.
//!
//! Promises that no text carries control characters, private-use characters (the letter's encoder
//! marks its places with those) or characters that turn the reading direction, and that no link
//! leads anywhere but to the web. Escaping is left to maud.

use std::fmt;

use maud::Render;

/// One line or paragraph of plain text: no controls, runs of ASCII white space made one blank, no
/// white space at either end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text(String);

impl Text {
    /// Cleans `raw`. Line breaks become blanks.
    pub fn new(raw: &str) -> Self {
        let kept = raw.chars().filter_map(|c| match c {
            c if is_line_break(c) => Some(' '),
            c if c.is_control() || is_private(c) || turns_direction(c) || is_no_character(c) => None,
            c => Some(c),
        });
        let mut clean = String::with_capacity(raw.len());
        for c in kept {
            if !(c == ' ' && (clean.is_empty() || clean.ends_with(' '))) {
                clean.push(c);
            }
        }
        clean.truncate(clean.trim_end_matches(' ').len());
        Self(clean)
    }

    /// The paragraphs of `raw`, which blank lines part; none when nothing is in it.
    pub fn paragraphs(raw: &str) -> Vec<Self> {
        let lines = raw.replace("\r\n", "\n").replace('\r', "\n");
        let mut paragraphs = vec![String::new()];
        for line in lines.lines() {
            match paragraphs.last_mut() {
                Some(last) if !line.trim().is_empty() => {
                    last.push_str(line);
                    last.push('\n');
                }
                _ => paragraphs.push(String::new()),
            }
        }
        paragraphs.iter().map(|one| Self::new(one)).filter(|one| !one.is_empty()).collect()
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Characters that begin a new line, or stand for a tab.
pub fn is_line_break(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\u{B}' | '\u{C}' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Characters of the private-use areas, which mean nothing outside one program or font.
pub fn is_private(c: char) -> bool {
    matches!(c, '\u{E000}'..='\u{F8FF}' | '\u{F0000}'..='\u{FFFFD}' | '\u{100000}'..='\u{10FFFD}')
}

/// Characters that embed, override or isolate a reading direction (Unicode UAX 9) and so could
/// turn around what follows them. The plain marks U+200E and U+200F stay: they turn nothing.
pub fn turns_direction(c: char) -> bool {
    matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// Byte order marks, interlinear marks and code points that are no characters at all.
fn is_no_character(c: char) -> bool {
    matches!(c, '\u{FEFF}' | '\u{FFF9}'..='\u{FFFB}' | '\u{FDD0}'..='\u{FDEF}')
        || u32::from(c) & 0xFFFE == 0xFFFE
}

impl From<&str> for Text {
    fn from(raw: &str) -> Self {
        Self::new(raw)
    }
}

impl From<String> for Text {
    fn from(raw: String) -> Self {
        Self::new(&raw)
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Render for Text {
    fn render_to(&self, buffer: &mut String) {
        self.0.render_to(buffer);
    }
}

/// An absolute http or https address, in ASCII after its host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebLink(String);

impl WebLink {
    /// `raw` as a link, when it leads to the web: other schemes (`javascript:`, `data:`, `mailto:`)
    /// and relative addresses are none. What no address may hold (blanks, quotation marks, angle
    /// brackets, letters beyond ASCII after the host) is percent-encoded (RFC 3986 2.1); all else
    /// stays byte for byte.
    pub fn parse(raw: &str) -> Option<Self> {
        let raw = raw.trim();
        let (scheme, rest) = raw.split_once("://")?;
        if !(scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https")) {
            return None;
        }
        let host_end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (host, tail) = rest.split_at(host_end);
        let in_no_host = |c: char| {
            c.is_control()
                || c.is_whitespace()
                || is_private(c)
                || turns_direction(c)
                || "\"<>\\^`{|}".contains(c)
        };
        if host.is_empty() || host.contains(in_no_host) {
            return None;
        }
        let mut link = format!("{}://{host}", scheme.to_ascii_lowercase());
        for c in tail.chars().filter(|&c| !is_line_break(c)) {
            if c.is_ascii_graphic() && !"\"<>\\^`".contains(c) {
                link.push(c);
            } else {
                for byte in c.encode_utf8(&mut [0; 4]).bytes() {
                    link.push_str(&format!("%{byte:02X}"));
                }
            }
        }
        Some(Self(link))
    }

    /// The address.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for WebLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Render for WebLink {
    fn render_to(&self, buffer: &mut String) {
        self.0.render_to(buffer);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_keeps_what_is_read_and_drops_what_acts() {
        for (raw, clean) in [
            ("  two \r\n words\t", "two words"),
            ("a\u{0}b\u{7}c", "abc"),
            ("safe\u{202E}exe.txt", "safeexe.txt"),
            ("\u{E000}mark\u{F8FF}\u{F0001}", "mark"),
            ("5\u{A0}°C \u{2014} “so”", "5\u{A0}°C \u{2014} “so”"),
            ("👩\u{200D}👧 \u{FEFF}ok", "👩\u{200D}👧 ok"),
            ("a\u{2028}b", "a b"),
        ] {
            assert_eq!(Text::new(raw).as_str(), clean, "{raw:?}");
        }
    }

    #[test]
    fn paragraphs_are_parted_by_blank_lines() {
        let texts = |raw| Text::paragraphs(raw).iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(texts("one\r\ntwo\r\n\r\n \r\nthree"), ["one two", "three"]);
        assert!(texts(" \n\n").is_empty());
    }

    #[test]
    fn only_the_web_is_linked_to() {
        for raw in [
            "javascript:alert(1)",
            "JavaScript://example.org/%0aalert(1)",
            "data:text/html,x",
            "mailto:a@example.org",
            "//example.org/a",
            "/a",
            "https://",
            "https:///a",
            "https://exa mple.org/",
            "https://a\"b.org/",
            "\u{E000}unsubscribe\u{E001}",
        ] {
            assert_eq!(WebLink::parse(raw), None, "{raw}");
        }
    }

    #[test]
    fn links_stay_as_they_are_save_for_what_no_address_may_hold() {
        for (raw, link) in [
            (
                "https://news.example.org/weather?city=K%C3%B6ln&unit=c",
                "https://news.example.org/weather?city=K%C3%B6ln&unit=c",
            ),
            ("HTTPS://Example.org/A?b={c}|d#e", "https://Example.org/A?b={c}|d#e"),
            (
                "https://example.org/ამბავი?q=a b",
                "https://example.org/%E1%83%90%E1%83%9B%E1%83%91%E1%83%90%E1%83%95%E1%83%98?q=a%20b",
            ),
            (" https://example.org/a\"b<c>\n", "https://example.org/a%22b%3Cc%3E"),
        ] {
            assert_eq!(WebLink::parse(raw).unwrap().as_str(), link);
        }
    }
}
