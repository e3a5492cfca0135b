//! What went wrong for others, shown to go right here.

use newsletterd_templates::view::{BlockContent, BlockView, StoryView};

use super::*;
use crate::domain::shared_data::shared;

fn view(stories: Vec<StoryView>) -> LetterView {
    LetterView {
        blocks: vec![BlockView { title: EN.blocks.picks.into(), content: BlockContent::Stories(stories) }],
        ..bare("Today’s stories")
    }
}

fn story(headline: &str, summary: &str, url: &str) -> StoryView {
    StoryView {
        url: WebLink::parse(url),
        headline: headline.into(),
        summary: summary.into(),
        ..StoryView::default()
    }
}

fn hrefs(html: &str) -> Vec<String> {
    let attributes = html.split("href=\"").skip(1).map(|rest| rest.split('"').next().unwrap());
    attributes.map(|link| html_escape::decode_html_entities(link).into_owned()).collect()
}

#[test]
fn case_c25_text_part_with_links() {
    let stories = [
        (
            "Q&A: what the new <bridge> costs",
            "Figures\u{A0}and answers.",
            "https://news.example.org/qa?id=7&ref=letter",
        ),
        ("“Too dear”, says the treasurer", "He said so on Monday.", "https://news.example.org/dear"),
        (
            "Weather: 5 °C & rain",
            "Take an umbrella.",
            "https://news.example.org/weather?city=K%C3%B6ln&unit=c",
        ),
    ];
    let raw = sent(&view(stories.map(|(title, summary, url)| story(title, summary, url)).into()));
    let (_, text, html) = read(&raw);
    for (title, _, url) in stories {
        assert_eq!(text.matches(title).count(), 1, "{text}");
        assert_eq!(text.lines().filter(|line| *line == url).count(), 1, "{text}");
    }
    assert!(text.lines().any(|line| line == values("a@example.org").unsubscribe_url));
    for forbidden in ["&amp;", "&#", "&nbsp;", "{", "</", "<p", "<a "] {
        assert!(!text.contains(forbidden), "{forbidden} in {text}");
    }
    assert_eq!(hrefs(&html)[0], stories[0].2);
    let message = mail_parser::MessageParser::default().parse(&raw).unwrap();
    let kinds = message.parts.iter().map(|part| {
        let kind = mail_parser::MimeHeaders::content_type(part).unwrap();
        format!("{}/{}", kind.ctype(), kind.subtype().unwrap())
    });
    assert_eq!(kinds.collect::<Vec<_>>(), ["multipart/alternative", "text/plain", "text/html"]);
    assert_eq!(check(&raw), []);
}

/// Subjects of the kinds that fell apart: accents, emoji, wide scripts, no-break blanks, ASCII.
fn subjects() -> Vec<String> {
    let own = [
        "Überschwemmung: Straßen gesperrt – Züge fallen aus, Fähren fahren außerplanmäßig",
        "Noël\u{A0}: 9\u{A0}h\u{A0}30, été compris",
        "🌊🌊🌊🌊🌊🌊🌊🌊🌊🌊🌊🌊🌊🌊🌊🌊🌊🌊🌊🌊🌊🌊🌊🌊🌊🌊🌊🌊🌊🌊",
        "👩\u{200D}👧\u{200D}👦 at home",
        "Only ASCII, but long enough that it has to be folded somewhere, and then once more to be sure of it",
        "სამშაბათს ხიდი იკეტება და ბორნები სავსეა, მერია კი გვირჩევს, ფეხით ვიაროთ",
        "Կամուրջը փակ է՝ մինչև ուրբաթ",
        "two  blanks, and =?utf-8?Q?what_looks_encoded?= but is not",
        "averylongwordwithoutanyblankthatwouldotherwisemakeonelinewhichislongerthanseventyeight",
        "晨报：大桥封闭一周",
        "x",
    ];
    let mut subjects = own.map(str::to_owned).to_vec();
    if let Some(lines) = shared("cases/c27-subject-with-accents/subjects.txt") {
        subjects.extend(String::from_utf8(lines).unwrap().lines().map(str::to_owned));
    }
    subjects
}

#[test]
fn case_c27_subject_with_accents() {
    for subject in subjects() {
        let raw = letter(&subject);
        assert_eq!(read(&raw).0, subject);
        assert_eq!(check(&raw), [], "{subject}");
        let head = head(&raw);
        assert!(head.is_ascii());
        assert_eq!(head.lines().filter(|line| line.starts_with("Subject:")).count(), 1);
        for line in head.lines() {
            assert!(line.len() <= 78, "{line}");
        }
        let field = head.split("\r\nSubject:").nth(1).unwrap().split("\r\nTo:").next().unwrap();
        for word in field.split_ascii_whitespace().filter(|word| word.starts_with("=?")) {
            assert!(word.len() <= 75 && word.ends_with("?="), "{word}");
            // Alone, each word is whole characters.
            let alone = format!("Subject: {word}\r\n\r\n");
            let decoded = mail_parser::MessageParser::default()
                .parse(alone.as_bytes())
                .unwrap()
                .subject()
                .map(str::to_owned);
            assert!(
                decoded.is_some_and(|text| !text.contains('\u{FFFD}') && subject.contains(&text)),
                "{word}"
            );
        }
    }
}

#[test]
fn case_c29_very_long_lines() {
    let link = format!("https://news.example.org/r?u={}&end=1", "abcdefghij".repeat(118));
    let words = (0..420).map(|n| format!("wort{n:04} ")).collect::<String>();
    let raw = sent(&view(vec![
        story("Long lines", &format!("{words}zenith"), &link),
        story("Dots", ".hidden files matter", "https://news.example.org/dots"),
    ]));
    assert!(raw.split(|&byte| byte == b'\n').all(|line| line.len() <= 79));
    assert!(!raw.windows(2).any(|two| two == b"\n."), "no line begins with a dot, so none can be lost");
    let (_, text, html) = read(&raw);
    assert!(hrefs(&html).contains(&link));
    assert!(text.lines().any(|line| line == link));
    for body in [&text, &html] {
        let body = body.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(body.contains(&format!("{words}zenith")));
        assert!(body.contains(".hidden files matter") && !body.contains("..hidden"));
    }
    assert_eq!(check(&raw), []);
}
