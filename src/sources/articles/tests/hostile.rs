//! Bytes that nobody meant well: no panic, bounded output, an end within seconds.

use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::support::options;
use crate::sources::articles::{ArticlesFile, Format, MAX_BYTES, read};

const FORMATS: [Format; 4] = [Format::Feed, Format::JsonFeed, Format::JsonLines, Format::Csv];

const SAMPLES: [&str; 4] = [
    "<?xml version='1.0' encoding='utf-8'?><!DOCTYPE rss [<!ENTITY a 'b'>]><rss xmlns:media='http://search.yahoo.com/mrss/'><channel><title>t</title><item><title>A &amp; B &a;</title><link>https://example.org/a</link><guid isPermaLink='false'>1</guid><pubDate>Tue, 24 Nov 2026 10:00:00 +0400</pubDate><media:content url='/i.jpg' width='300'/><description><![CDATA[<p>Text <img src='/x.jpg'></p>]]></description></item></channel></rss>",
    "<feed xmlns='http://www.w3.org/2005/Atom' xml:lang='en' xml:base='https://example.org/'><entry><id>urn:1</id><title type='html'>&lt;b&gt;x&lt;/b&gt;</title><link href='a'/><updated>2026-11-24T10:00:00Z</updated><content type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'>y<br/></div></content></entry></feed>",
    "{\"version\": \"https://jsonfeed.org/version/1.1\", \"items\": [{\"id\": 1, \"title\": \"a\", \"url\": \"https://example.org/\", \"authors\": [{\"name\": \"n\"}], \"date_published\": \"2026-11-24T10:00:00Z\"}]}",
    "title;url;tags\n\"a;b\";https://example.org/;x,y\n",
];

fn holds(file: &ArticlesFile) {
    assert!(file.articles.len() <= 20_000 && file.problems.len() <= 1_002);
    for article in &file.articles {
        let content = &article.content;
        assert!(!content.title.trim().is_empty() && content.title.chars().count() <= 300);
        assert!(
            content.summary.chars().count() <= 1_000
                && content.tags.len() <= 30
                && content.authors.len() <= 30
        );
        assert!(article.external_id.is_some() || article.url.is_some());
        assert!(
            ![&content.title, &content.summary].into_iter().any(|text| text.chars().any(char::is_control))
        );
        let addresses =
            article.url.iter().chain(content.image.iter().map(|image| &image.url)).chain(&content.related);
        for address in addresses {
            let lower = address.to_ascii_lowercase();
            assert!(lower.starts_with("http://") || lower.starts_with("https://"), "{address}");
        }
    }
}

fn read_all(bytes: &[u8]) {
    let _ = Format::guess(bytes, Some("x.csv"), Some("text/html"));
    for format in FORMATS {
        if let Ok(file) = read(bytes, format, &options(Some("https://example.org/feed"))) {
            holds(&file);
        }
    }
}

proptest! {
    #[test]
    fn arbitrary_bytes(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        read_all(&bytes);
    }

    #[test]
    fn samples_with_some_bytes_changed(sample in 0..SAMPLES.len(), changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..12), cut in any::<prop::sample::Index>(), cuts in any::<bool>()) {
        let mut bytes = SAMPLES[sample].as_bytes().to_vec();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if cuts {
            bytes.truncate(cut.index(bytes.len()));
        }
        read_all(&bytes);
    }

    #[test]
    fn pieces_of_samples_in_any_order(pieces in prop::collection::vec((0..SAMPLES.len(), any::<prop::sample::Index>(), 0usize..60), 0..12)) {
        let mut bytes = Vec::new();
        for (sample, at, length) in pieces {
            let text = SAMPLES[sample].as_bytes();
            let at = at.index(text.len());
            bytes.extend_from_slice(&text[at..text.len().min(at + length)]);
        }
        read_all(&bytes);
    }
}

#[test]
fn the_samples_are_good_ones() {
    for (sample, format) in
        SAMPLES.into_iter().zip([Format::Feed, Format::Feed, Format::JsonFeed, Format::Csv])
    {
        let guessed = Format::guess(sample.as_bytes(), None, None).unwrap();
        assert_eq!(
            (guessed, read(sample.as_bytes(), format, &options(None)).unwrap().articles.len()),
            (format, 1),
            "{sample}"
        );
    }
}

/// Reads `bytes` and holds it to the clock; debug builds are slow and share their machine.
fn read_in_time(bytes: &[u8], format: Format, name: &str) {
    let started = Instant::now();
    if let Ok(file) = read(bytes, format, &options(None)) {
        holds(&file);
    }
    let limit = Duration::from_secs(if cfg!(debug_assertions) { 30 } else { 3 });
    assert!(started.elapsed() < limit, "{name} as {format:?}: {:?}", started.elapsed());
}

#[test]
fn repetition_costs_no_more_than_its_length() {
    // A tenth of the limit: what grows with the square of the length shows all the same.
    const LENGTH: usize = MAX_BYTES / 10;
    let pieces = [
        "<item/>",
        "<item><title>x</title></item>",
        "<item><title>",
        "<a>",
        "<",
        "&amp;",
        "&#8217;",
        "<![CDATA[",
        "x",
        "<a '",
        "{}\n",
        "[",
        "[],",
        "{\"a\":",
        "\"",
        "a,b;c\n",
        ",",
        "\n",
        "\u{1}",
        "ა",
        "{\"title\":\"x\"}\n",
    ];
    let heads = [
        ("<rss><channel>", Format::Feed),
        ("<rss><item><description>", Format::Feed),
        ("title,url\n", Format::Csv),
        ("{\"items\": [", Format::JsonFeed),
    ];
    for piece in pieces {
        let repeated = piece.repeat(LENGTH / piece.len());
        for format in FORMATS {
            read_in_time(repeated.as_bytes(), format, piece);
        }
        for (head, format) in heads {
            read_in_time(format!("{head}{repeated}").as_bytes(), format, &format!("{head}{piece}"));
        }
    }
}

#[test]
fn ten_megabytes_end_within_seconds() {
    for (sample, format) in
        SAMPLES.into_iter().zip([Format::Feed, Format::Feed, Format::JsonFeed, Format::Csv])
    {
        read_in_time(sample.repeat(MAX_BYTES / sample.len()).as_bytes(), format, sample);
    }
    let items = SAMPLES[0].repeat(MAX_BYTES / SAMPLES[0].len()).replace("</channel></rss>", "");
    read_in_time(&items.as_bytes()[..MAX_BYTES.min(items.len())], Format::Feed, "items");
    let lines = "{\"id\": 1, \"title\": \"<b>a</b>\", \"html\": \"<p>x <img src='/a.jpg'>\"}\n";
    read_in_time(lines.repeat(MAX_BYTES / lines.len()).as_bytes(), Format::JsonLines, "lines");
}

#[test]
fn more_than_the_limit_is_refused() {
    let error = read(&vec![b' '; MAX_BYTES + 1], Format::Feed, &options(None)).unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("the file has {} bytes; at most {MAX_BYTES} are read", MAX_BYTES + 1)
    );
}
