//! What every letter keeps to, in every language, whatever its content tries.

mod looks;

use unicode_width::UnicodeWidthStr as _;

use super::{html, text};
use crate::content::{Text, WebLink};
use crate::date::LocalDate;
use crate::mails::test::marked;
use crate::strings::{ALL, EN, Strings};
use crate::view::{BlockContent, BlockView, ButtonView, HouseView, ImageView, LetterView, StoryView};

const MARK: &str = "\u{E000}unsubscribe\u{E001}";

fn link(path: &str) -> Option<WebLink> {
    WebLink::parse(&format!("https://news.example.org/{path}"))
}

fn picture(name: &str, alt: &str, size: Option<(u32, u32)>) -> Option<ImageView> {
    Some(ImageView { url: link(name)?, alt: alt.into(), size, credit: Some("Ana <Example>".into()) })
}

fn story(headline: &str, path: &str) -> StoryView {
    StoryView {
        url: link(path),
        headline: headline.into(),
        summary: "What happened, in short.".into(),
        ..StoryView::default()
    }
}

fn letter(strings: &'static Strings) -> LetterView {
    let lead = StoryView {
        lead: true,
        image: picture("bridge.jpg", "The new bridge at dusk", Some((1200, 800))),
        kicker: Some("City".into()),
        authors: vec!["Ana Example".into(), "Dato Sample".into()],
        ..story("The bridge opens", "bridge?id=7&ref=letter")
    };
    let second = StoryView { image: picture("rain.jpg", "", None), ..story("Rain until Friday", "rain") };
    LetterView {
        site_name: "The Example Post".into(),
        site_url: link(""),
        edition_number: Some(12),
        subject: "The bridge opens, and rain until Friday".into(),
        preheader: "Also: who pays for the ferries now that nobody takes them.".into(),
        note: Text::paragraphs("Good morning.\n\nTwo stories today."),
        blocks: vec![
            BlockView {
                title: strings.blocks.picks.into(),
                content: BlockContent::Stories(vec![lead, second]),
            },
            BlockView {
                title: strings.blocks.most_read.into(),
                content: BlockContent::Ranked(vec![
                    story("Ferries stop", "ferries"),
                    story("Library on Sundays", "library"),
                ]),
            },
            BlockView {
                title: "".into(),
                content: BlockContent::House(HouseView {
                    text: Text::paragraphs("Read by you, paid by you."),
                    image: None,
                    button: link("join").map(|url| ButtonView { label: "Become a member".into(), url }),
                }),
            },
        ],
        list_title: "Readers".into(),
        postal_address: "1 Example Street, Tbilisi".into(),
        web_url: WebLink::parse("https://letters.example.org/archive/today/12"),
        unsubscribe_url: Some(MARK.into()),
        ..LetterView::new(strings, "Today in Example".into(), LocalDate::new(2026, 11, 24).unwrap())
    }
}

/// The values of all `href`s, unescaped, in order.
fn hrefs(html: &str) -> Vec<String> {
    html.split("href=\"").skip(1).map(|rest| rest.split('"').next().unwrap().replace("&amp;", "&")).collect()
}

/// Tags in `html`, without comments.
fn tags(html: &str) -> impl Iterator<Item = &str> {
    html.split('<').skip(1).map(|rest| rest.split('>').next().unwrap())
}

#[test]
fn the_document_says_what_it_is() {
    for strings in ALL {
        let html = html(&letter(strings));
        assert!(html.starts_with(&format!("<!DOCTYPE html><html lang=\"{}\" dir=\"ltr\">", strings.tag)));
        assert_eq!(html.matches(&format!("lang=\"{}\" dir=\"ltr\"", strings.tag)).count(), 2);
        assert!(html.contains("<title>The bridge opens, and rain until Friday</title>"));
        assert!(html.contains("<meta name=\"color-scheme\" content=\"light dark\">"));
        assert!(html.contains("<meta name=\"supported-color-schemes\" content=\"light dark\">"));
        assert_eq!(html.matches("<h1").count(), 1);
        assert!(html.contains(&strings.date(letter(strings).date)));
        let reason = (strings.letter.reason)("<span dir=\"auto\">Readers</span>");
        assert!(html.contains(&reason), "{reason}");
    }
}

#[test]
fn headings_step_down_by_one() {
    let html = html(&letter(&EN));
    let levels =
        tags(&html).filter_map(|tag| tag.strip_prefix('h')?.get(..1)?.parse::<u8>().ok()).collect::<Vec<_>>();
    assert_eq!(levels, [1, 2, 3, 3, 2, 3, 3]);
}

#[test]
fn layout_is_by_tables_that_say_so_and_pictures_have_their_size() {
    let html = html(&letter(&EN));
    for tag in tags(&html).filter(|tag| tag.starts_with("table")) {
        assert!(
            tag.contains("role=\"presentation\" ")
                && tag.contains("border=\"0\" cellpadding=\"0\" cellspacing=\"0\""),
            "{tag}"
        );
    }
    let pictures = tags(&html).filter(|tag| tag.starts_with("img")).collect::<Vec<_>>();
    assert_eq!(pictures.len(), 2);
    assert!(
        pictures[0].contains("alt=\"The new bridge at dusk\" width=\"536\" height=\"357\""),
        "{}",
        pictures[0]
    );
    assert!(pictures[1].contains("alt=\"\" width=\"128\" height=\"85\""), "{}", pictures[1]);
}

#[test]
fn nothing_is_upper_cased_and_nothing_floats() {
    for strings in ALL {
        let html = html(&letter(strings));
        for forbidden in [
            "text-transform",
            "font-variant",
            "display:flex",
            "display:grid",
            "position:",
            "background-image",
            "<script",
            "<form",
        ] {
            assert!(!html.contains(forbidden), "{forbidden}");
        }
        assert!(!html.chars().any(|c| matches!(c, '\u{1C90}'..='\u{1CBF}')), "Mtavruli");
    }
}

#[test]
fn the_preheader_comes_first_and_is_padded() {
    let html = html(&letter(&EN));
    let body = html.split("<body").nth(1).unwrap();
    let (before, after) = body.split_once("Also: who pays").unwrap();
    assert!(!before.contains("Today in Example") && after.contains("&#847;&zwnj;&nbsp;"));
    let mut without = letter(&EN);
    without.preheader = "".into();
    assert!(!super::html(&without).contains("&#847;"));
}

#[test]
fn both_forms_have_the_same_links_in_the_same_order() {
    let view = letter(&EN);
    let mut of_html = hrefs(&html(&view));
    of_html.dedup();
    let text = text(&view);
    let of_text = text.lines().filter(|line| line.contains("://") || line.contains(MARK)).collect::<Vec<_>>();
    assert_eq!(of_html, of_text);
    assert_eq!(of_html[0], "https://news.example.org/bridge?id=7&ref=letter");
    assert_eq!(of_html.iter().filter(|link| *link == MARK).count(), 1);
}

#[test]
fn the_text_form_reads_well() {
    insta::assert_snapshot!(text(&letter(&EN)).replace(MARK, "https://letters.example.org/u/token"));
}

#[test]
fn text_is_wrapped_by_width_and_addresses_are_not() {
    let mut view = letter(&EN);
    let long = format!("https://news.example.org/{}", "long-path/".repeat(40));
    view.blocks[0].content = BlockContent::Stories(vec![
        StoryView {
            summary: format!("Read {long} or, in words: {}zenith", "wort0001 ".repeat(40)).into(),
            ..story("Long", "a")
        },
        StoryView {
            summary: "晨报：大桥封闭一周，渡轮停航，图书馆周日开放，市议会同意港口税。".repeat(4).into(),
            url: WebLink::parse(&long),
            ..story("Wide", "b")
        },
        StoryView {
            summary: "ხიდი ერთი კვირით დაიკეტა და ბორნები აღარ მოძრაობს, ".repeat(6).into(),
            ..story("ქართული", "c")
        },
    ]);
    let text = text(&view);
    assert_eq!(text.lines().filter(|line| *line == long).count(), 2, "{text}");
    assert!(text.contains("zenith"));
    for line in text.lines() {
        assert!(line.width() <= 72 || line.contains("://"), "{line}");
        assert_eq!(line.trim_end(), line);
    }
    let wide = text.lines().find(|line| line.contains('晨')).unwrap();
    assert!(wide.width() > 60, "wide scripts fill their lines too: {wide}");
}

#[test]
fn hostile_content_stays_content() {
    let mut view = letter(&EN);
    let attack = "</td></table><script>alert(1)</script>\u{202E}gnp.exe\r\nBcc: x@example.org \u{E000}unsubscribe\u{E001} \" onload=\"x";
    view.subject = attack.into();
    view.newsletter = attack.into();
    view.preheader = attack.into();
    view.note = Text::paragraphs(attack);
    view.list_title = attack.into();
    view.blocks.push(BlockView {
        title: attack.into(),
        content: BlockContent::Stories(vec![StoryView {
            url: WebLink::parse("javascript:alert(1)"),
            image: picture("x\"onerror=\"alert(1).jpg", attack, Some((0, 0))),
            kicker: Some(attack.into()),
            authors: vec![attack.into()],
            language: Some("en\" onload=\"x".into()),
            ..story(attack, "x")
        }]),
    });
    let (html, text) = (html(&view), text(&view));
    assert!(!html.contains("<script") && !html.contains("javascript:"), "{html}");
    assert!(!tags(&html).any(|tag| tag.contains(" onload=\"") || tag.contains(" onerror=\"")), "{html}");
    assert_eq!(html.matches("<table").count(), html.matches("</table>").count());
    for form in [&html, &text] {
        assert!(!form.contains(['\u{202E}', '\r', '\0']));
        assert_eq!(form.matches(MARK).count(), 1, "only our own mark stands");
        assert_eq!(form.matches('\u{E000}').count(), 1);
    }
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let shown = "</td></table><script>alert(1)</script>gnp.exe Bcc: x@example.org unsubscribe \" onload=\"x";
    assert!(words.contains(shown), "{words}");
}

#[test]
fn the_public_form_has_nothing_personal() {
    let view = letter(&EN).public();
    for form in [html(&view), text(&view)] {
        assert!(
            !form.contains(MARK)
                && !form.contains(EN.letter.unsubscribe)
                && !form.contains("You get this letter")
        );
        assert!(!form.contains("letters.example.org"));
        assert!(form.contains("1 Example Street, Tbilisi"));
    }
}

#[test]
fn a_test_says_so_first() {
    for strings in ALL {
        let view = marked(&letter(strings));
        assert!(view.subject.as_str().starts_with('['));
        assert!(
            text(&view)
                .split_whitespace()
                .collect::<Vec<_>>()
                .join(" ")
                .starts_with(strings.letter.test_marking)
        );
        assert!(html(&view).contains(strings.letter.test_marking));
    }
    assert!(!html(&letter(&EN)).contains(EN.letter.test_marking));
}

#[test]
fn a_right_to_left_newsletter_turns_the_whole_letter() {
    let mut view = letter(&EN);
    view.direction = crate::strings::Direction::RightToLeft;
    let html = html(&view);
    assert_eq!(html.matches("dir=\"rtl\"").count(), 4);
    assert_eq!(html.matches("direction:rtl").count(), 1);
}
