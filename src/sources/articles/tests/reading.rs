//! How long a story takes to read, as files say or show it.

use super::support::{item, read_any};

fn words(count: usize) -> String {
    "word ".repeat(count)
}

#[test]
fn the_full_text_of_a_feed_says_how_long_it_takes() {
    let summary = format!("<description>{}</description>", words(120));
    for (content, expected) in [
        (
            format!(
                "<content:encoded><![CDATA[<p>{}</p><script>{}</script>]]></content:encoded>",
                words(500),
                words(5000)
            ),
            Some(3),
        ),
        (format!("{summary}<content:encoded>{}</content:encoded>", words(420)), Some(2)),
        // The same words twice, a few more of them, none: excerpts.
        (format!("{summary}<content:encoded>{}</content:encoded>", words(120)), None),
        (format!("<content:encoded>{}</content:encoded>", words(60)), None),
        (summary.clone(), None),
    ] {
        let read = item(&format!("<title>T</title><link>/t</link>{content}")).content;
        assert_eq!(read.reading_minutes, expected, "{content:.80}");
    }
}

#[test]
fn atom_and_json_feeds_say_it_as_well() {
    let atom = format!(
        "<feed xmlns='http://www.w3.org/2005/Atom'><entry><title>T</title><id>1</id><content type='html'>&lt;p&gt;{}&lt;/p&gt;</content></entry></feed>",
        words(800)
    );
    assert_eq!(read_any(atom.as_bytes(), None).unwrap().articles[0].content.reading_minutes, Some(4));
    for key in ["content_html", "content_text"] {
        let json = format!(
            "{{\"version\": \"https://jsonfeed.org/version/1.1\", \"items\": [{{\"id\": \"1\", \"title\": \"T\", \"{key}\": \"{}\"}}]}}",
            words(390)
        );
        assert_eq!(
            read_any(json.as_bytes(), None).unwrap().articles[0].content.reading_minutes,
            Some(2),
            "{key}"
        );
    }
}

#[test]
fn files_state_minutes_or_words() {
    let lines = "{\"id\": \"1\", \"title\": \"a\", \"reading_time\": 7, \"word_count\": 10}\n\
        {\"id\": \"2\", \"title\": \"b\", \"reading_minutes\": \"4 min\"}\n\
        {\"id\": \"3\", \"title\": \"c\", \"wordCount\": 1240}\n\
        {\"id\": \"4\", \"title\": \"d\", \"reading_time\": \"soon\", \"word_count\": \"many\"}\n\
        {\"id\": \"5\", \"title\": \"e\", \"timeRequired\": \"PT3M\"}\n";
    let read = read_any(lines.as_bytes(), None).unwrap();
    let minutes: Vec<_> = read.articles.iter().map(|article| article.content.reading_minutes).collect();
    assert_eq!(minutes, [Some(7), Some(4), Some(6), None, Some(3)]);
    let table = "id,title,Reading time,Word count\n1,a,2,\n2,b,,400\n3,c,,\n";
    let read = read_any(table.as_bytes(), None).unwrap();
    let minutes: Vec<_> = read.articles.iter().map(|article| article.content.reading_minutes).collect();
    assert_eq!(minutes, [Some(2), Some(2), None]);
    assert!(
        read.problems.iter().all(|problem| !problem.message.contains("not known")),
        "{:?}",
        read.problems
    );
}
