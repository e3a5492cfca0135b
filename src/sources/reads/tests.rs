//! Whole files, of the kinds that newsrooms have.

use std::io::Write as _;

use proptest::prelude::*;

use super::*;
use crate::domain::reads::{ReadCount, Replaces};
use crate::domain::shared_data::shared;

fn options() -> ReadOptions {
    ReadOptions {
        site_host: Some("paper.example.org".to_owned()),
        zone: Tz::Europe__Berlin,
        now: "2026-02-10T08:00:00Z".parse().unwrap(),
        day: None,
        rules: UrlKeyRules::default(),
    }
}

fn table(text: &str) -> ReadsFile {
    read(text.as_bytes(), Format::Table, &options()).unwrap()
}

fn log(text: &str) -> ReadsFile {
    read(text.as_bytes(), Format::AccessLog, &options()).unwrap()
}

/// Page, start, hours, views, visitors.
fn counts(file: &ReadsFile) -> Vec<(&str, String, i64, i64, i64)> {
    let row = |count: &'_ ReadCount| {
        (count.start_at.format("%d %H:%M").to_string(), count.span_s / 3_600, count.views, count.visitors)
    };
    let all = file.part.counts.iter().map(|count| (count.url_key.as_str(), row(count)));
    all.map(|(key, (start, hours, views, visitors))| (key, start, hours, views, visitors)).collect()
}

fn places(file: &ReadsFile) -> Vec<&str> {
    file.problems.iter().map(|problem| problem.place.as_str()).collect()
}

fn gz(bytes: &[u8]) -> Vec<u8> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(bytes).unwrap();
    packer.finish().unwrap()
}

const CHROME: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/132.0.0.0 Safari/537.36";

/// A line of a combined log, on 9 February 2026 at `time` UTC.
fn line(client: &str, time: &str, request: &str, status: u16, agent: &str) -> String {
    format!("{client} - - [09/Feb/2026:{time} +0000] \"{request}\" {status} 99 \"-\" \"{agent}\"\n")
}

fn get(client: &str, time: &str, target: &str) -> String {
    line(client, time, &format!("GET {target} HTTP/2.0"), 200, CHROME)
}

#[test]
fn case_c15_an_analytics_report_is_read_as_people_save_it() {
    let Some(bytes) = shared("cases/c15-analytics-report-csv/pages.csv") else { return };
    assert_eq!(Format::guess(&bytes).unwrap(), Format::Table);
    for site_host in [None, Some("paper.example.org".to_owned())] {
        let host = site_host.clone().unwrap_or_default();
        let file = read(&bytes, Format::Table, &ReadOptions { site_host, ..options() }).unwrap();
        let mut by_views = counts(&file);
        by_views.sort_by_key(|row| std::cmp::Reverse(row.3));
        let row = |page, views, visitors| (format!("{host}/2026/02/{page}"), views, visitors);
        assert_eq!(
            by_views.iter().map(|row| (row.0.to_owned(), row.3, row.4)).collect::<Vec<_>>(),
            [
                row("bridge", 3505, 2801),
                row("harbour-tax", 1204, 1003),
                row("ferry", 987, 900),
                row("library", 12, 12)
            ]
        );
        assert!(
            by_views.iter().all(|row| (row.1.as_str(), row.2) == ("08 23:00", 24)),
            "9 February in Berlin"
        );
        assert_eq!(places(&file), ["line 11", "line 12", "line 16"]);
        let all = file.problems.iter().map(|problem| problem.message.as_str()).collect::<Vec<_>>().join("\n");
        assert!(all.contains("Grand total") && all.contains("(other)") && all.contains("`/`"), "{all}");
        assert_eq!((file.skipped.not_pages, file.total_rows), (3, 7));
        assert_eq!((file.part.part.as_str(), file.part.replaces), ("table", Replaces::SameSpans));
    }
}

#[test]
fn case_c17_crawlers_do_not_make_an_article_most_read() {
    let Some(bytes) = shared("cases/c17-crawlers-in-log/access.log") else { return };
    assert_eq!(Format::guess(&bytes).unwrap(), Format::AccessLog);
    let file = read(&bytes, Format::AccessLog, &options()).unwrap();
    assert_eq!(
        counts(&file),
        [
            ("paper.example.org/2026/02/bridge", "09 07:00".to_owned(), 1, 5, 5),
            ("paper.example.org/2026/02/ferry", "09 07:00".to_owned(), 1, 2, 2),
        ]
    );
    assert_eq!(file.skipped, Skipped { machines: 8, ..Skipped::default() });
    assert_eq!((places(&file), file.total_rows), (vec!["line 15"], 16));
}

#[test]
fn plain_tables_of_url_hour_and_count_are_read() {
    let expected = [
        ("paper.example.org/a", "09 13:00".to_owned(), 1, 1250, 1250),
        ("paper.example.org/b", "09 13:00".to_owned(), 1, 7, 7),
    ];
    for text in [
        "url,hour,count\nhttps://paper.example.org/a/,2026-02-09T13:00:00Z,1250\n/b,2026-02-09T14:30:00+01:00,7\n",
        "hour;views;page\n2026020914;1.250;https://www.paper.example.org/a?utm_source=x\n2026-02-09 14:00;7;/b/\n",
        "https://paper.example.org/a,2026-02-09T13:00:00Z,1250\n/b,2026-02-09T13:00:00Z,7\n",
        "Date\tHour\tHostname\tPage path\tViews\n2026-02-09\t14\tpaper.example.org\t/a\t1,250\n20260209\t14\t\t/b\t7\n",
        "{\"url\":\"https://paper.example.org/a\",\"hour\":\"2026-02-09T13:00:00Z\",\"count\":1250}\n\n{\"count\":\"7\",\"url\":\"/b\",\"hour\":1770642000}\n",
        "[{\"path\":\"/a\",\"hour\":\"2026-02-09T13:00:00Z\",\"views\":1250},{\"path\":\"/b\",\"hour\":\"2026-02-09T13:00:00Z\",\"views\":7}]",
        "sep=;\nurl;hour;count\n/a;2026-02-09 14:00;1 250\n/b;2026-02-09 14:00;7\n",
    ] {
        assert_eq!(Format::guess(text.as_bytes()).unwrap(), Format::Table);
        let file = table(text);
        assert_eq!(counts(&file), expected, "{text}\n{:?}", file.problems);
        assert_eq!(counts(&read(&gz(text.as_bytes()), Format::Table, &options()).unwrap()), expected);
    }
}

#[test]
fn days_are_those_of_the_zone() {
    let row = |text: &str| {
        let file =
            read(text.as_bytes(), Format::Table, &ReadOptions { now: DateTime::<Utc>::MAX_UTC, ..options() });
        let count = file.unwrap().part.counts.remove(0);
        (count.start_at.to_rfc3339(), count.span_s)
    };
    assert_eq!(row("page,date,views\n/a,2026-02-09,5\n"), ("2026-02-08T23:00:00+00:00".to_owned(), 86_400));
    assert_eq!(row("page,date,views\n/a,2026-03-29,5\n"), ("2026-03-28T23:00:00+00:00".to_owned(), 82_800));
    assert_eq!(row("page,date,views\n/a,2026-10-25,5\n"), ("2026-10-24T22:00:00+00:00".to_owned(), 90_000));
    let week = "# Date range: 20260202-20260208\nPage,Views\n/a,5\n";
    assert_eq!(row(week), ("2026-02-01T23:00:00+00:00".to_owned(), 7 * 86_400));
    let week = "Report of 11.02.2026\nStart date: 2026-02-02\nEnd date: 2026-02-08\n\nPage;Views\n/a;5\n";
    assert_eq!(row(week), ("2026-02-01T23:00:00+00:00".to_owned(), 7 * 86_400));
}

#[test]
fn a_table_without_any_day_wants_one() {
    let text = b"name,visitors,pageviews\n/a,3,5\n";
    let error = read(text, Format::Table, &options()).unwrap_err();
    assert!(matches!(error, ReadsError::NoDay), "{error}");
    let day = NaiveDate::from_ymd_opt(2026, 2, 9);
    let file = read(text, Format::Table, &ReadOptions { day, ..options() }).unwrap();
    assert_eq!(counts(&file), [("paper.example.org/a", "08 23:00".to_owned(), 24, 5, 3)]);
}

#[test]
fn spellings_of_one_page_are_summed() {
    let file = table(
        "url,date,views,visitors\n/a/,2026-02-09,5,4\n/a,2026-02-09,7,6\n/a?fbclid=1,2026-02-09,1,1\n/a,2026-02-08,9,9\n",
    );
    assert_eq!(
        counts(&file),
        [
            ("paper.example.org/a", "07 23:00".to_owned(), 24, 9, 9),
            ("paper.example.org/a", "08 23:00".to_owned(), 24, 13, 11),
        ]
    );
}

#[test]
fn rows_that_cannot_be_used_are_named() {
    let file = table(
        "url,hour,count\n/a,2026-02-09 10:00,many\n/b,sometime,5\n/c,2026-02-09 10:00,\n/d,2026-02-11 10:00,5\n\
         /logo.png,2026-02-09 10:00,5\nTotal,,17\n/e,2026-02-09 10:00,5\n",
    );
    assert_eq!(places(&file), ["line 2", "line 3", "line 4", "line 5", "line 6", "line 7"]);
    assert_eq!((file.part.counts.len(), file.skipped.not_pages), (1, 2));
    let many = format!("url,hour,count\n{}", "/a,2026-02-09 10:00,x\n".repeat(PROBLEMS_MAX + 5));
    let file = table(&many);
    assert_eq!((file.problems.len(), file.more_problems), (PROBLEMS_MAX, 5));
}

#[test]
fn what_holds_no_counts_is_refused() {
    let refused = |bytes: &[u8], format| read(bytes, format, &options()).unwrap_err();
    assert!(matches!(refused(b"", Format::Table), ReadsError::NoColumns));
    assert!(matches!(refused(b"title,author\nx,y\n", Format::Table), ReadsError::NoColumns));
    assert!(matches!(refused(b"[{\"url\"", Format::Table), ReadsError::Json(_)));
    assert!(matches!(refused(b"PK\x03\x04", Format::Table), ReadsError::Text(_)));
    assert!(matches!(refused(b"\x1F\x8Bxx", Format::Table), ReadsError::Unpack(_)));
    assert!(matches!(refused(b"\x1F\x8Bxx", Format::AccessLog), ReadsError::Unpack(_)));
    assert!(matches!(refused(b"url,hour,count\n", Format::AccessLog), ReadsError::NotALog));
}

#[test]
fn only_people_reading_pages_count() {
    let text = [
        get("192.0.2.1", "10:00:00", "/a/?utm_source=social"),
        get("192.0.2.2", "10:00:01", "/a?utm_source=daily&utm_medium=Email"),
        line("192.0.2.3", "10:00:02", "HEAD /a HTTP/1.1", 200, CHROME),
        line("192.0.2.3", "10:00:03", "POST /a HTTP/1.1", 200, CHROME),
        line("192.0.2.3", "10:00:04", "GET /a HTTP/1.1", 304, CHROME),
        line("192.0.2.3", "10:00:05", "GET /a HTTP/1.1", 301, CHROME),
        line("192.0.2.3", "10:00:06", "GET /gone HTTP/1.1", 404, CHROME),
        line("192.0.2.3", "10:00:07", "-", 400, "-"),
        line("192.0.2.3", "10:00:08", "GET /a HTTP/1.1", 200, "curl/8.5.0"),
        line("192.0.2.3", "10:00:09", "GET /a HTTP/1.1", 200, ""),
        get("192.0.2.3", "10:00:10", "/style.css?v=3"),
        get("192.0.2.3", "10:00:11", "/feed/"),
        get("192.0.2.3", "10:00:12", "/"),
    ]
    .concat();
    let file = log(&text);
    assert_eq!(counts(&file), [("paper.example.org/a", "09 10:00".to_owned(), 1, 2, 2)]);
    assert_eq!(file.skipped, Skipped { machines: 2, not_pages: 3, not_reads: 5, own_mail: 1 });
    assert_eq!(file.problems, []);
}

#[test]
fn a_visitor_counts_once_in_half_an_hour() {
    let times = ["10:00:00", "10:00:05", "10:29:59", "10:30:00", "10:45:00", "11:10:00"];
    let mut text: String = times.iter().map(|time| get("192.0.2.1", time, "/a")).collect();
    text.push_str(&get("192.0.2.1", "11:10:01", "/b"));
    text.push_str(&line("192.0.2.1", "11:10:02", "GET /a HTTP/1.1", 200, &CHROME.replace("132", "131")));
    text.push_str(&get("2001:db8::1", "11:10:03", "/a"));
    assert_eq!(
        counts(&log(&text)),
        [
            ("paper.example.org/a", "09 10:00".to_owned(), 1, 5, 2),
            ("paper.example.org/a", "09 11:00".to_owned(), 1, 3, 3),
            ("paper.example.org/b", "09 11:00".to_owned(), 1, 1, 1),
        ]
    );
}

#[test]
fn a_log_is_the_same_part_when_it_grows_or_is_compressed() {
    let first = get("192.0.2.1", "10:00:00", "/a");
    let grown = format!("{first}{}", get("192.0.2.2", "10:00:01", "/a"));
    let (one, two) = (log(&first), log(&grown));
    let packed = read(&gz(grown.as_bytes()), Format::AccessLog, &options()).unwrap();
    assert_eq!(Format::guess(&gz(grown.as_bytes())).unwrap(), Format::AccessLog);
    assert_eq!(one.part.part, two.part.part);
    assert_eq!(two, packed);
    assert_eq!(log(&grown.replace('\n', "\r\n")), two);
    assert_eq!(two.part.replaces, Replaces::WholePart);
    assert_ne!(log(&get("192.0.2.1", "10:00:01", "/a")).part.part, one.part.part);
    assert_eq!(log("").part.counts, []);
}

#[test]
fn a_line_that_is_still_being_written_waits() {
    let whole = format!("{}{}", get("192.0.2.1", "10:00:00", "/a"), get("192.0.2.2", "10:00:01", "/a"));
    let first_line = whole.find('\n').unwrap() + 1;
    let part = log(&whole).part.part;
    for end in 0..whole.len() {
        let file = log(&whole[..end]);
        let seen = i64::from(end >= first_line) + i64::from(end >= whole.len() - 1);
        assert_eq!(file.part.counts.iter().map(|count| count.views).sum::<i64>(), seen, "{end}");
        assert_eq!(file.part.part == part, end >= first_line, "{end}");
        assert_eq!(file.problems.len(), usize::from(end > 0 && end < first_line), "{end}");
    }
}

#[test]
fn a_damaged_end_of_a_compressed_log_costs_only_the_end() {
    let text: String = (0..60)
        .map(|second| get(&format!("192.0.2.{second}"), &format!("10:00:{second:02}"), "/a"))
        .collect();
    let packed = [gz(text.as_bytes()), gz(text.as_bytes())].concat();
    let file = read(&packed[..packed.len() - 20], Format::AccessLog, &options()).unwrap();
    assert!(file.part.counts[0].views >= 60, "{:?}", counts(&file));
    assert!(file.problems[0].message.contains("damaged"), "{:?}", file.problems);
}

#[test]
fn caddy_and_logs_without_agents_are_read() {
    let caddy = |agent: &str, host: &str| {
        format!(
            "{{\"ts\":1770631200.5,\"logger\":\"http.log.access\",\"request\":{{\"client_ip\":\"192.0.2.1\",\"method\":\"GET\",\
             \"host\":\"{host}\",\"uri\":\"/a\",\"headers\":{{\"User-Agent\":[\"{agent}\"]}}}},\"status\":200,\
             \"resp_headers\":{{\"Content-Type\":[\"text/html; charset=utf-8\"]}}}}\n"
        )
    };
    let text = [
        caddy(CHROME, "www.paper.example.org"),
        caddy("curl/8", "paper.example.org"),
        caddy(CHROME, "localhost:8080"),
        caddy(CHROME, "shop.example.org"),
        caddy(CHROME, "paper.example.org").replace("text/html", "image/png"),
    ]
    .concat();
    assert_eq!(Format::guess(text.as_bytes()).unwrap(), Format::AccessLog);
    let file = log(&text);
    assert_eq!(
        counts(&file),
        [
            ("paper.example.org/a", "09 10:00".to_owned(), 1, 2, 1),
            ("shop.example.org/a", "09 10:00".to_owned(), 1, 1, 1),
        ]
    );
    assert_eq!(file.skipped, Skipped { machines: 1, not_pages: 1, ..Skipped::default() });

    let common = "192.0.2.1 - - [09/Feb/2026:10:00:00 +0000] \"GET /a HTTP/1.1\" 200 5\n";
    let file = log(common);
    assert_eq!(file.part.counts[0].views, 1);
    assert_eq!(places(&file), ["file"]);
}

#[test]
fn ten_megabytes_are_read_in_seconds() {
    let started = std::time::Instant::now();
    let lines = |number: usize| {
        get(
            &format!("192.0.{}.{}", number / 250 % 250, number % 250),
            "10:00:00",
            &format!("/{}", number % 500),
        )
    };
    let text: String = (0..10_000_000 / lines(0).len()).map(lines).collect();
    assert_eq!(log(&text).part.counts.len(), 500);
    let rows: String = (0..300_000).map(|number| format!("/{number},2026-02-09 10:00,{number}\n")).collect();
    assert_eq!(table(&format!("url,hour,count\n{rows}")).part.counts.len(), 300_000);
    for piece in ["\"", "a", "\n", "{", "[", "\\x", ",", "#\n"] {
        let bytes = piece.repeat(10_000_000 / piece.len());
        for format in [Format::Table, Format::AccessLog] {
            let _ = read(bytes.as_bytes(), format, &options());
        }
    }
    assert!(started.elapsed().as_secs() < 60, "{:?}", started.elapsed());
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300), packed in any::<bool>()) {
        let bytes = if packed { [b"\x1F\x8B\x08".to_vec(), bytes].concat() } else { bytes };
        let _ = Format::guess(&bytes);
        for format in [Format::Table, Format::AccessLog] {
            let _ = read(&bytes, format, &options());
        }
    }

    #[test]
    fn no_table_makes_it_panic(
        header in proptest::sample::select(vec!["url,hour,count", "Page;Views", "# Start date: 20260209\nPage\tViews", "", "[{\"url\":"]),
        body in "(/a|/b\\?p=1|[,;\t\"\n#]|2026-02-09|2026020910|[0-9.,]{1,6}|\\PC){0,40}",
    ) {
        if let Ok(file) = read(format!("{header}\n{body}").as_bytes(), Format::Table, &options()) {
            let mut spans: Vec<_> = file.part.counts.iter().map(|count| (&count.url_key, count.start_at, count.span_s)).collect();
            spans.dedup();
            prop_assert_eq!(spans.len(), file.part.counts.len());
            prop_assert!(file.part.counts.iter().all(|count| count.views >= 0 && count.visitors >= 0 && count.span_s > 0));
        }
    }

    #[test]
    fn visitors_never_outnumber_views(hits in proptest::collection::vec((0..4_u8, 0..24_u8, 0..60_u8, 0..3_u8), 1..40)) {
        let text: String = hits
            .iter()
            .map(|(client, hour, minute, page)| get(&format!("192.0.2.{client}"), &format!("{hour:02}:{minute:02}:00"), &format!("/{page}")))
            .collect();
        let file = log(&text);
        prop_assert!(file.part.counts.iter().all(|count| count.visitors <= count.views));
        prop_assert_eq!(file.part.counts.iter().map(|count| count.views).sum::<i64>(), hits.len() as i64);
    }
}
