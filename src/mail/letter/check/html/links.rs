//! Links: what they say, where they lead, and the way out among them.

use std::collections::{BTreeMap, BTreeSet};

use url::Url;

use super::page::Page;
use crate::mail::letter::check::finding::{shown, shown_url};
use crate::mail::letter::check::header::Header;
use crate::mail::letter::check::list::{is_safe, one_click_url};
use crate::mail::letter::check::{Findings, Point};

/// What says nothing of where a link leads, in the languages that we know.
const MEANINGLESS: [&str; 34] = [
    "here",
    "click here",
    "more",
    "read more",
    "continue",
    "link",
    "this link",
    "learn more",
    "read on",
    "здесь",
    "тут",
    "подробнее",
    "читать далее",
    "читать дальше",
    "далее",
    "ссылка",
    "აქ",
    "მეტი",
    "ვრცლად",
    "სრულად",
    "გაიგე მეტი",
    "ბმული",
    "այստեղ",
    "ավելին",
    "կարդալ ավելին",
    "մանրամասն",
    "հղում",
    "burada",
    "bura",
    "ətraflı",
    "daha çox",
    "davamı",
    "ardını oxu",
    "keçid",
];

/// What links are called by which readers leave, or a piece of it.
const LEAVING: [&str; 11] = [
    "unsubscribe",
    "opt out",
    "opt-out",
    "optout",
    "отпис",
    "გააუქმ",
    "გაუქმ",
    "ապաբաժ",
    "չեղարկ",
    "abunəlikdən",
    "abunəliyi",
];
/// Ways out that are looked for in the text form.
const WAYS_OUT: usize = 50;

pub(super) fn check(page: &Page, text: &str, header: &Header, findings: &mut Findings) {
    let both = ways_out(page, header).take(WAYS_OUT).any(|link| text.contains(link));
    let message = "no link in both parts leads to where List-Unsubscribe does";
    findings.expect(both, Point::VisibleUnsubscribe, "HTML and text part", message);
    texts(page, findings);
    parameters(page, header, findings);
    escapes(page, findings);
}

/// Links that look as if readers leave by them: under the same address as List-Unsubscribe, or
/// called so.
fn ways_out<'p>(page: &'p Page, header: &Header) -> impl Iterator<Item = &'p str> {
    let one_click = one_click_url(header);
    let first = |url: &Url| url.path().split('/').find(|segment| !segment.is_empty()).map(str::to_owned);
    let links = page.shown().filter_map(|(at, element)| Some((at, element.link()?)));
    links.filter_map(move |(at, link)| {
        let url = Url::parse(link).ok()?;
        let beside = one_click
            .as_ref()
            .is_some_and(|one_click| one_click.origin() == url.origin() && first(one_click) == first(&url));
        let called = || {
            let words = page.words_in(at).to_lowercase();
            LEAVING.iter().any(|word| words.contains(word) || link.contains(word))
        };
        (beside || called()).then_some(link)
    })
}

fn texts(page: &Page, findings: &mut Findings) {
    let mut targets: BTreeMap<String, String> = BTreeMap::new();
    let mut told = BTreeSet::new();
    for (at, element) in page.shown() {
        let Some(link) = element.link() else { continue };
        let words = page.words_in(at);
        let pictures = page.inside(at).iter().filter(|inner| inner.is("img"));
        let alts = pictures.filter_map(|picture| picture.attribute("alt")).collect::<Vec<_>>().join(" ");
        let hidden = element.attribute("aria-hidden") == Some("true");
        let label = element.attribute("aria-label").unwrap_or_default();
        let place = format!("a to {}", shown_url(link));
        if words.is_empty() {
            let silent = alts.trim().is_empty() && label.is_empty() && !hidden;
            // A picture without words is named once, by its own point.
            let picture = page.inside(at).iter().any(|inner| inner.is("img"));
            findings.expect(!silent || picture, Point::LinkTexts, place, "it has no words");
            continue;
        }
        let plain = words.to_lowercase();
        let plain = plain.trim_matches(|c: char| !c.is_alphanumeric());
        let says = label.len() > words.len() || !MEANINGLESS.contains(&plain);
        findings.expect(
            says,
            Point::LinkTexts,
            &place,
            format!("its words are only “{}”", shown(&words, 40)),
        );
        if link.starts_with("mailto:") || link.starts_with("tel:") {
            continue;
        }
        let target = without_parameters(link);
        let known = targets.entry(words.to_lowercase()).or_insert_with(|| target.clone());
        if *known != target && told.insert(words.to_lowercase()) {
            let message = format!("“{}” leads to several places", shown(&words, 60));
            findings.add(Point::LinkTexts, place, message);
        }
    }
}

/// An address without what only counts visits.
fn without_parameters(link: &str) -> String {
    let Ok(mut url) = Url::parse(link) else { return link.to_owned() };
    let kept = url
        .query_pairs()
        .filter(|(name, _)| !name.starts_with("utm_"))
        .map(|(name, value)| format!("{name}={value}"));
    let kept = kept.collect::<Vec<_>>().join("&");
    url.set_query(Some(kept.as_str()).filter(|kept| !kept.is_empty()));
    url.into()
}

fn parameters(page: &Page, header: &Header, findings: &mut Findings) {
    let counted = |link: &str| link.split_once('?').is_some_and(|(_, query)| query.contains("utm_"));
    let stories = page.shown().filter(|&(at, element)| {
        element.link().is_some_and(|link| link.starts_with("http"))
            && page.any_around(at, |around| around.level().is_some())
    });
    let stories = stories.filter_map(|(_, element)| element.link()).collect::<Vec<_>>();
    if stories.iter().any(|link| counted(link)) {
        for link in stories.iter().filter(|link| !counted(link)) {
            let message = "a story has no utm_ parameters where others have";
            findings.add(Point::LinkParameters, format!("a to {}", shown_url(link)), message);
        }
    }
    let way_out = one_click_url(header);
    for (_, element) in page.shown() {
        let Some(link) = element.link().filter(|link| counted(link)) else { continue };
        let leaves = Url::parse(link).ok().is_some_and(|url| {
            way_out.as_ref().is_some_and(|out| out.origin() == url.origin() && out.path() == url.path())
        });
        if leaves || link.starts_with("mailto:") {
            let message = "the way out, or an address for mail, has utm_ parameters";
            findings.add(Point::LinkParameters, format!("a to {}", shown_url(link)), message);
        }
    }
    for link in page.targets() {
        if let Ok(url) = Url::parse(link)
            && !is_safe(&url)
            && way_out.as_ref().is_some_and(|out| out.host() == url.host())
        {
            findings.add(
                Point::LinkParameters,
                format!("a to {}", shown_url(link)),
                "our own address is not https",
            );
        }
    }
}

/// An & in an address that a program may take for the beginning of an entity.
fn escapes(page: &Page, findings: &mut Findings) {
    for written in page.markup.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next()) {
        let mut pieces = written.split('&').skip(1);
        let raw = pieces.any(|piece| {
            let name = piece.split(';').next().unwrap_or_default();
            let entity = name.len() < piece.len() && name.len() <= 10;
            !(entity && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '#'))
        });
        if raw {
            let place = format!("a to {}", shown_url(written));
            findings.add(Point::LinkParameters, place, "an & in its href is not written as &amp;");
        }
    }
}
