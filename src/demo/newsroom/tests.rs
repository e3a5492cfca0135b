//! What the demo counts on: counts of stories and readers, whole translations, fresh picks, and
//! reads that make a ranking.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeZone as _;

use super::*;
use crate::domain::article_key::{UrlKeyRules, url_key};
use crate::domain::bounce::SuppressionReason;

fn at(hour: u32) -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 11, 24, hour, 17, 31).unwrap()
}

fn sample(now: DateTime<Utc>) -> Newsroom {
    newsroom(now, &Url::parse("https://velmari.example/").unwrap()).unwrap()
}

fn in_language(newsroom: &Newsroom, language: Language) -> impl Iterator<Item = &IncomingArticle> {
    newsroom.articles.iter().filter(move |a| a.content.language.as_deref() == Some(language.as_str()))
}

#[test]
fn every_language_has_every_story() {
    let newsroom = sample(at(7));
    assert_eq!(newsroom.articles.len(), 60);
    assert_eq!(newsroom.newsletters.len(), 5);
    for &language in Language::ALL {
        let groups: BTreeSet<_> =
            in_language(&newsroom, language).map(|a| a.content.translation_group.clone().unwrap()).collect();
        assert_eq!(groups.len(), 12, "{language}");
        assert_eq!(in_language(&newsroom, language).filter(|a| a.flagged).count(), 5, "{language}");
    }
    let urls: BTreeSet<_> = newsroom.articles.iter().map(|a| a.url.clone().unwrap()).collect();
    assert_eq!(urls.len(), 60);
    for article in &newsroom.articles {
        for related in &article.content.related {
            assert!(urls.contains(related) && article.url.as_ref() != Some(related), "{related}");
        }
    }
}

/// Whether a letter belongs to the script that a language is written in.
fn is_of(language: Language, letter: char) -> bool {
    match language {
        Language::English => letter.is_ascii(),
        Language::Georgian => matches!(letter, 'ა'..='ჰ'),
        Language::Armenian => matches!(letter, 'Ա'..='Ֆ' | 'ա'..='և'),
        Language::Azerbaijani => letter.is_ascii() || "əöüğışçƏÖÜĞİŞÇ".contains(letter),
        Language::Russian => matches!(letter, 'А'..='я' | 'Ё' | 'ё'),
    }
}

#[test]
fn every_text_is_written_in_its_language_and_is_not_a_copy() {
    let newsroom = sample(at(7));
    let mut seen = BTreeSet::new();
    for &language in Language::ALL {
        for article in in_language(&newsroom, language) {
            let content = &article.content;
            let alt = &content.image.as_ref().unwrap().alt;
            let mut texts = vec![&content.title, &content.summary, content.section.as_ref().unwrap(), alt];
            texts.extend(content.authors.iter().chain(&content.tags));
            for text in texts {
                assert!(!text.is_empty() && text.trim() == text);
                let stranger = text.chars().find(|&c| c.is_alphabetic() && !is_of(language, c));
                assert_eq!(stranger, None, "{language}: {text}");
            }
            assert!(content.title.chars().count() <= 75, "long headline: {}", content.title);
            let sentences = content.summary.matches(['.', '։']).count();
            assert!((1..=4).contains(&sentences), "{}", content.summary);
            assert!(content.summary.ends_with(['.', '։']), "{}", content.summary);
            assert!((2..=3).contains(&content.tags.len()));
            assert!(seen.insert(content.title.clone()), "twice: {}", content.title);
        }
    }
}

#[test]
fn today_has_fresh_picks_and_others_to_rank() {
    for hour in 0..24 {
        let now = at(hour);
        for article in &sample(now).articles {
            let age = now - article.content.published_at.unwrap();
            assert!(age > TimeDelta::zero());
            assert!(!article.flagged || age < TimeDelta::hours(24), "an old pick");
        }
        let newsroom = sample(now);
        for &language in Language::ALL {
            let rankable = in_language(&newsroom, language).filter(|article| {
                let key = url_key(article.url.as_deref().unwrap(), &UrlKeyRules::default()).unwrap();
                let of_day = newsroom.reads.iter().filter(|read| read.start_at > now - TimeDelta::hours(24));
                let visitors: i64 = of_day.filter(|read| read.url_key == key).map(|read| read.visitors).sum();
                let fresh = article.content.published_at.unwrap() > now - TimeDelta::hours(72);
                !article.flagged && fresh && visitors >= 10
            });
            assert!(rankable.count() >= 5, "{language} at {hour}");
        }
    }
}

#[test]
fn readers_are_two_hundred_of_whom_most_are_due() {
    let newsroom = sample(at(7));
    let count = |is: fn(&DemoSubscription) -> bool| {
        newsroom.subscribers.iter().filter(|reader| is(&reader.subscription)).count()
    };
    assert_eq!(newsroom.subscribers.len(), 200);
    assert_eq!(count(|s| *s == DemoSubscription::Active), 160);
    assert_eq!(count(|s| *s == DemoSubscription::Pending), 8);
    assert_eq!(count(|s| matches!(s, DemoSubscription::Ended { .. })), 20);
    assert_eq!(count(|s| matches!(s, DemoSubscription::Suppressed { .. })), 12);
    for reason in [SuppressionReason::Hard, SuppressionReason::Complaint, SuppressionReason::Manual] {
        assert!(newsroom.subscribers.iter().any(|reader| matches!(
            reader.subscription,
            DemoSubscription::Suppressed { reason: given, .. } if given == reason
        )));
    }
    let lists: BTreeSet<_> = newsroom.newsletters.iter().map(|newsletter| &newsletter.list).collect();
    for reader in &newsroom.subscribers {
        assert!(lists.contains(&reader.list));
        assert!(reader.subscribed_at < at(7));
        if let DemoSubscription::Ended { at, .. } | DemoSubscription::Suppressed { at, .. } =
            reader.subscription
        {
            assert!(reader.subscribed_at < at);
        }
    }
}

#[test]
fn addresses_differ_and_none_is_anybodys() {
    let newsroom = sample(at(7));
    let keys: BTreeSet<_> = newsroom.subscribers.iter().map(|reader| reader.address.key()).collect();
    assert_eq!(keys.len(), newsroom.subscribers.len());
    for reader in &newsroom.subscribers {
        let domain = reader.address.domain();
        let reserved = ["example.org", "example.net", "example.com"].contains(&domain);
        assert!(reserved || domain.ends_with(".example"), "{domain}");
    }
    let idns = newsroom.subscribers.iter().filter(|reader| reader.address.domain().starts_with("xn--"));
    assert_eq!(idns.count(), 15);
    let unicode = newsroom.subscribers.iter().filter(|reader| reader.address.needs_smtputf8());
    assert!((3..=10).contains(&unicode.count()));
}

#[test]
fn reads_cover_ten_days_and_no_hour_before_a_story_came_out() {
    let now = at(7);
    let newsroom = sample(now);
    let published: BTreeMap<_, _> = newsroom
        .articles
        .iter()
        .map(|a| {
            (url_key(a.url.as_deref().unwrap(), &UrlKeyRules::default()).unwrap(), a.content.published_at)
        })
        .collect();
    let mut spans = BTreeSet::new();
    for read in &newsroom.reads {
        assert_eq!(read.span_s, 3_600);
        assert_eq!(read.start_at.timestamp() % 3_600, 0);
        assert!(read.start_at + TimeDelta::hours(1) <= now && read.start_at >= now - TimeDelta::hours(241));
        assert!(read.visitors > 0 && read.visitors <= read.views);
        assert!(spans.insert((read.url_key.clone(), read.start_at)), "counted twice");
        if let Some(published_at) = published.get(&read.url_key) {
            assert!(read.start_at + TimeDelta::hours(1) > published_at.unwrap());
        }
    }
    let first = newsroom.reads.iter().map(|read| read.start_at).min().unwrap();
    assert!(first < now - TimeDelta::days(9));
    assert!(newsroom.reads.iter().filter(|read| published.contains_key(&read.url_key)).count() > 1_000);
}

#[test]
fn a_story_that_is_passed_on_has_a_peak() {
    let newsroom = sample(at(7));
    let cat: Vec<_> =
        newsroom.reads.iter().filter(|read| read.url_key.ends_with("/en/cat")).map(|r| r.visitors).collect();
    let quiet = cat.iter().skip(100).max().unwrap();
    let peak = cat.iter().skip(24).max().unwrap();
    assert!(peak > &(quiet * 3), "{peak} {quiet}");
}

#[test]
fn the_same_instant_gives_the_same_newsroom() {
    let (one, two) = (sample(at(7)), sample(at(7)));
    assert_eq!(one.articles, two.articles);
    assert_eq!(one.reads, two.reads);
}

#[test]
fn every_story_has_a_picture_that_can_be_asked_for() {
    let newsroom = sample(at(7));
    let names: BTreeSet<_> = newsroom.pictures.iter().map(|picture| picture.name.as_str()).collect();
    assert_eq!(names.len(), 12);
    for article in &newsroom.articles {
        let url = &article.content.image.as_ref().unwrap().url;
        let name = url.strip_prefix("https://velmari.example/pictures/").and_then(|n| n.strip_suffix(".png"));
        assert!(names.contains(name.unwrap()), "{url}");
    }
}

#[test]
fn a_site_that_can_have_no_pages_is_refused() {
    let site = Url::parse("mailto:news@velmari.example").unwrap();
    assert!(matches!(newsroom(at(7), &site), Err(NewsroomError::Site { .. })));
}
