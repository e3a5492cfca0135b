//! The table of repairs in docs/feeds.md, line by line.

use super::support::{feed, item, options, read_any, time};
use crate::domain::article::{ArticleStatus, Image, IncomingArticle};
use crate::sources::articles::{ArticlesFile, Format, read};

fn titles(file: &ArticlesFile) -> Vec<&str> {
    file.articles.iter().map(|article| article.content.title.as_str()).collect()
}

fn says(file: &ArticlesFile, place: &str, words: &str) -> bool {
    file.problems.iter().any(|problem| problem.place == place && problem.message.contains(words))
}

fn rss(items: &str) -> ArticlesFile {
    feed(&format!(
        "<rss><channel><link>https://example.org/</link><language>ka</language>{items}</channel></rss>"
    ))
}

fn image(item: &IncomingArticle) -> (&str, &str, Option<u32>) {
    let Image { url, alt, width, .. } = item.content.image.as_ref().unwrap();
    (url, alt, *width)
}

#[test]
fn titles_of_all_declarations() {
    for (title, expected) in [
        ("<title>A & B &mdash; C &lt;i&gt;D&lt;/i&gt;</title>", "A & B — C D"),
        ("<title><![CDATA[<b>Bold</b> &amp; new]]></title>", "Bold & new"),
        ("<title type='text'>The &lt;blink&gt; tag</title>", "The <blink> tag"),
        ("<title>An <b>inline</b> one</title>", "An inline one"),
        ("<media:title type='text'>M</media:title>", "M"),
        ("<title></title><dc:title>D</dc:title>", "D"),
        (
            "<description>&lt;p&gt;No title here, but words.&lt;/p&gt; And more of them.</description>",
            "No title here, but words",
        ),
        ("<link>https://example.org/2026/no-title-at-all.html</link>", "no title at all"),
        ("<enclosure type='image/jpeg' url='https://example.org/i/harbour.jpg'/>", "harbour"),
    ] {
        assert_eq!(item(title).content.title, expected, "{title}");
    }
    assert!(item(&format!("<title>{}</title>", "word ".repeat(1_000))).content.title.chars().count() <= 300);
}

#[test]
fn an_item_that_says_nothing_is_never_sent() {
    let file = rss("<item/><item><title>x</title></item>");
    assert_eq!((file.articles.len(), file.articles[0].content.status), (2, ArticleStatus::Withdrawn));
    assert!(says(&file, "item 1", "says nothing"));
}

#[test]
fn identities() {
    let file = rss("<item><title>1</title><guid>a</guid><link>/1</link></item><item><title>2</title><guid>a</guid><link>/2</link></item>
         <item><title>3</title><link>/3</link></item><item><title>3 again</title><link>/3</link></item>
         <item><title>note</title></item><item><title>note</title></item>");
    assert_eq!(titles(&file), ["1", "3", "note", "note"]);
    assert!(
        says(&file, "item 2", "same identity")
            && says(&file, "item 4", "same identity")
            && says(&file, "item 5", "no page")
    );
    let ids: Vec<_> = file.articles.iter().map(|article| article.external_id.as_deref()).collect();
    assert_eq!((ids[0], ids[1]), (Some("a"), None));
    assert!(ids[2].is_some() && ids[2] != ids[3]);
    let again = rss("<item><title>note</title></item>");
    assert_eq!(
        again.articles[0].external_id.as_deref(),
        ids[2],
        "the identity that is made must be the same on every read"
    );
}

#[test]
fn pages_and_bases() {
    for (content, expected) in [
        ("<link>/a</link>", Some("https://example.org/a")),
        ("<guid>https://example.org/g</guid>", Some("https://example.org/g")),
        ("<guid isPermaLink='false'>https://example.org/g</guid>", None),
        ("<link>javascript:alert(1)</link><guid>17</guid>", None),
        ("<link>https://example.org/feeds/all.xml</link>", None),
        ("<atom:link href='https://example.org/b'/>", Some("https://example.org/b")),
        (
            "<image><link>https://example.org/no</link></image><link>https://example.org/yes</link>",
            Some("https://example.org/yes"),
        ),
        ("<link>https://example.org/?a=1&b=2&amp;c=3</link>", Some("https://example.org/?a=1&b=2&c=3")),
    ] {
        assert_eq!(item(&format!("<title>t</title>{content}")).url.as_deref(), expected, "{content}");
    }
    let alone = read_any(b"<rss><channel><link>https://example.org/x/</link><item><title>t</title><link>y</link></item></channel></rss>", None).unwrap();
    assert_eq!(
        alone.articles[0].url.as_deref(),
        Some("https://example.org/x/y"),
        "the channel's link helps where nothing else does"
    );
}

#[test]
fn times() {
    let one = |content: &str| item(&format!("<title>t</title>{content}")).content;
    assert_eq!(
        one("<pubDate>24 ноября 2026, 10:00</pubDate>").published_at,
        Some(time("2026-11-24T06:00:00Z"))
    );
    assert_eq!(
        one("<dc:date>2026-11-23</dc:date><pubDate>Tue, 24 Nov 2026 06:00:00 GMT</pubDate>").published_at,
        Some(time("2026-11-24T06:00:00Z"))
    );
    assert_eq!(one("<pubDate>Thu, 01 Jan 1970 00:00:00 GMT</pubDate>").published_at, None);
    assert_eq!(one("<pubDate>soon</pubDate>").published_at, None);
    let ahead = one("<pubDate>Tue, 24 Nov 2026 08:10:01 GMT</pubDate>");
    assert_eq!(
        (ahead.published_at, ahead.embargo_until),
        (Some(time("2026-11-24T08:10:01Z")), Some(time("2026-11-24T08:10:01Z")))
    );
    assert_eq!(one("<pubDate>Tue, 24 Nov 2026 08:09:59 GMT</pubDate>").embargo_until, None);
    let atom = feed(
        "<feed xmlns='http://www.w3.org/2005/Atom'><entry><title>t</title><published>2026-11-20T00:00:00Z</published><updated>2026-11-21T00:00:00Z</updated></entry></feed>",
    );
    let content = &atom.articles[0].content;
    assert_eq!(
        (content.published_at, content.updated_at),
        (Some(time("2026-11-20T00:00:00Z")), Some(time("2026-11-21T00:00:00Z")))
    );
}

#[test]
fn pictures() {
    for (content, expected) in [
        (
            "<media:content url='/s.jpg' medium='image' width='300'/><media:content url='/l.jpg' medium='image' width='900'/><media:description>A harbour</media:description>",
            ("https://example.org/l.jpg", "A harbour", Some(900)),
        ),
        ("<media:thumbnail url='/t.jpg' width='150'/>", ("https://example.org/t.jpg", "", Some(150))),
        (
            "<media:group><media:content url='/v.mp4' type='video/mp4'><media:thumbnail url='/v.jpg'/></media:content></media:group>",
            ("https://example.org/v.jpg", "", None),
        ),
        (
            "<enclosure url='/e.mp3' type='audio/mpeg'/><enclosure url='/e.png' type='image/png'/>",
            ("https://example.org/e.png", "", None),
        ),
        ("<image><url>/i.jpg</url><title>x</title></image>", ("https://example.org/i.jpg", "", None)),
        ("<itunes:image href='/p.jpg'/>", ("https://example.org/p.jpg", "", None)),
        (
            "<description>&lt;img src='/pixel.gif' width=1 height=1&gt;&lt;p&gt;&lt;a href=x&gt;&lt;img alt='A &amp;quot;B&amp;quot;' src=/big.jpg width=640&gt;</description>",
            ("https://example.org/big.jpg", "A \"B\"", Some(640)),
        ),
        (
            "<content:encoded><![CDATA[<p>text<br>more <img data-src='/lazy.jpg' src='data:image/gif;base64,R0'></p>]]></content:encoded>",
            ("https://example.org/lazy.jpg", "", None),
        ),
    ] {
        assert_eq!(image(&item(&format!("<title>t</title>{content}"))), expected, "{content}");
    }
    assert_eq!(item("<title>t</title><enclosure url='/e.mp3' type='audio/mpeg'/>").content.image, None);
}

#[test]
fn bylines_keywords_sections_and_languages() {
    let content = item(
        "<title xml:lang='EN_gb'>t</title><dc:creator>A. Lind (a@example.org)</dc:creator><author>b@example.org (B. Holm)</author><author>c@example.org</author>
         <category>News</category><category>News</category><category domain='https://example.org/sections'>World</category><media:keywords>sea, ice</media:keywords>",
    )
    .content;
    assert_eq!(content.authors, ["A. Lind", "B. Holm"]);
    assert_eq!(content.tags, ["News", "sea", "ice"]);
    assert_eq!((content.section.as_deref(), content.language.as_deref()), (Some("World"), Some("en-gb")));
    let file = rss(
        "<item><title>a</title></item><item xml:lang='hy'><title>b</title></item><item><title>c</title><dc:language>not a language</dc:language></item>",
    );
    let languages: Vec<_> = file.articles.iter().map(|article| article.content.language.as_deref()).collect();
    assert_eq!(languages, [Some("ka"), Some("hy"), None]);
    let mut with_default = options(None);
    with_default.language = Some("ru".to_owned());
    let file = read(b"<rss><item><title>a</title></item></rss>", Format::Feed, &with_default).unwrap();
    assert_eq!(file.articles[0].content.language.as_deref(), Some("ru"));
}

#[test]
fn summaries() {
    let one = |content: &str| item(&format!("<title>t</title>{content}")).content.summary;
    assert_eq!(one("<description>&lt;p&gt;One&lt;/p&gt;&lt;p&gt;two&lt;/p&gt;</description>"), "One two");
    assert_eq!(one("<content:encoded><![CDATA[<p>Body</p>]]></content:encoded>"), "Body");
    assert!(one(&format!("<description>{}</description>", "word ".repeat(2_000))).chars().count() <= 1_000);
}

#[test]
fn cut_files_give_their_whole_items() {
    let file =
        feed("<rss><channel><item><title>1</title></item><item><title>2</title></item><item><title>3</ti");
    assert_eq!(titles(&file), ["1", "2"]);
    assert!(says(&file, "item 3", "ends or breaks"));
}

#[test]
fn what_is_no_feed_is_named() {
    for (text, expected) in [
        (
            "<!DOCTYPE html><html><head><title>Just a moment</title></head><body>x</body></html>",
            "not a feed (got HTML)",
        ),
        ("", "not a feed (got an empty file)"),
        ("<svg/>", "not a feed (got XML without a feed in it)"),
    ] {
        let error = read(text.as_bytes(), Format::Feed, &options(None)).unwrap_err();
        assert_eq!(error.to_string(), expected);
    }
}
