//! The message as bytes, and its parts.

use super::*;

#[test]
fn point_26_only_crlf_ends_lines() {
    let field = "Auto-Submitted: auto-generated\r\n";
    holds(
        Point::LineEnds,
        with_bytes,
        &[
            (field, "Auto-Submitted: auto-generated\n"),
            ("The Harbour Post\r\n", "The Harbour\rPost\r\n"),
            ("The Harbour Post\r\n", "The Harbour\0Post\r\n"),
        ],
        &[Point::HostileText],
    );
}

#[test]
fn point_27_lines_are_short_enough_for_every_server() {
    let subject = &format!("Subject: {}", real().subject);
    let word = "x".repeat(40);
    let (two, one) = (format!("Subject: {word} {word}"), format!("Subject: {}", "x".repeat(90)));
    holds(Point::LineLength, with_bytes, &[(subject, &two)], &[Point::HtmlTitle]);
    assert_eq!(with_bytes(subject, &one), [Point::HtmlTitle], "it cannot be folded");
    let far = format!("Subject: {}", "x".repeat(1000));
    holds(Point::LineLength, with_bytes, &[(subject, &far)], &[Point::HtmlTitle]);
    let body = format!("{}\r\nThe Harbour Post\r\n", "x".repeat(1000));
    holds(
        Point::LineLength,
        with_bytes,
        &[("The Harbour Post\r\n", &body)],
        &[Point::EncodedLineLength, Point::TextLines],
    );
    let broken = |from: &str, to: &str| {
        let raw = swapped(&String::from_utf8(sent(&real())).unwrap(), from, to);
        check(raw.as_bytes()).iter().any(|finding| finding.severity == Severity::Broken)
    };
    assert!(broken(subject, &far) && !broken(subject, &two));
}

#[test]
fn point_28_encoded_lines_have_at_most_76_octets() {
    let line = format!("{}\r\nThe Harbour Post\r\n", "x".repeat(77));
    holds(Point::EncodedLineLength, with_bytes, &[("The Harbour Post\r\n", &line)], &[Point::TextLines]);
}

#[test]
fn point_31_text_first_then_html_both_utf_8() {
    holds(
        Point::Alternative,
        with_bytes,
        &[
            ("multipart/alternative", "multipart/mixed"),
            ("text/plain; charset=utf-8", "text/plain; charset=iso-8859-1"),
            ("text/plain; charset=utf-8", "text/plain"),
        ],
        &[Point::TextLinks],
    );
    let single = "From: a@example.org\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>Hello</p>\r\n";
    let judged = judge(single.as_bytes());
    assert!(judged.findings.iter().any(|finding| finding.point == Point::Alternative));
    assert!(judged.not_judged.contains(&Point::TextLines) && !judged.not_judged.contains(&Point::Contrast));
    let plain = judge(b"From: a@example.org\r\n\r\nHello\r\n");
    assert!(plain.not_judged.contains(&Point::Contrast) && !plain.not_judged.contains(&Point::TextLines));
}

#[test]
fn point_32_both_parts_are_quoted_printable() {
    let raw = String::from_utf8(sent(&real())).unwrap();
    assert_eq!(raw.matches("Content-Transfer-Encoding: quoted-printable\r\n").count(), 2);
    let found = with_bytes("Content-Transfer-Encoding: quoted-printable", "Content-Transfer-Encoding: 8bit");
    assert!(found.contains(&Point::TransferEncoding), "{found:?}");
    // Base64 is judged for what it holds all the same.
    let view = real();
    let html = data_encoding::BASE64.encode(template::html(&view).as_bytes());
    let lines = html.as_bytes().chunks(76).map(|line| String::from_utf8_lossy(line).into_owned());
    let single = format!(
        "From: a@example.org\r\nSubject: {}\r\nContent-Type: text/html; charset=utf-8\r\n\
         Content-Transfer-Encoding: base64\r\n\r\n{}\r\n",
        view.subject,
        lines.collect::<Vec<_>>().join("\r\n")
    );
    let found = failed(single.as_bytes());
    assert!(found.contains(&Point::TransferEncoding), "{found:?}");
    let about_html = |point: &&Point| {
        matches!(point, Point::HtmlTitle | Point::Contrast | Point::Headings | Point::Preheader)
    };
    assert_eq!(found.iter().find(about_html), None, "{found:?}");
}

/// A real letter whose HTML part has about `size` octets as it travels.
fn of_size(size: usize) -> Vec<Finding> {
    let view = real();
    let html = template::html(&view);
    let with = |rows: usize| {
        let row = "<tr><td style=\"padding:0\">More of it.</td></tr>";
        let end = html.rfind("</table>").unwrap();
        let html = format!("{}{}{}", &html[..end], row.repeat(rows), &html[end..]);
        sent_as(view.subject.as_str(), &html, &template::text(&view))
    };
    let travelled = |raw: &[u8]| {
        let message = mail_parser::MessageParser::default().parse(raw).unwrap();
        let part = message.html_part(0).unwrap();
        usize::try_from(part.offset_end - part.offset_body).unwrap()
    };
    let (none, hundred) = (travelled(&with(0)), travelled(&with(100)));
    check(&with(size.saturating_sub(none) * 100 / (hundred - none)))
}

#[test]
fn point_33_html_is_named_from_85_kb_and_refused_at_102() {
    assert_eq!(of_size(84 * 1024), []);
    for (size, severity) in [(86, Severity::Advice), (101, Severity::Advice), (103, Severity::Broken)] {
        let found = of_size(size * 1024);
        let weights = found.iter().map(|finding| (finding.point, finding.severity)).collect::<Vec<_>>();
        assert_eq!(weights, [(Point::HtmlSize, severity)], "{size}");
    }
    // Encoded or decoded, the larger counts: soft breaks and escapes travel too.
    let view = real();
    let escaped = format!("{}{}", template::html(&view), "<!--é-->".repeat(6_000));
    assert!(escaped.len() < 102 * 1024);
    let found = failed(&sent_as(view.subject.as_str(), &escaped, &template::text(&view)));
    assert_eq!(found, [Point::HtmlSize]);
}

#[test]
fn point_34_nothing_is_attached_and_nothing_runs() {
    holds(
        Point::ActiveContent,
        with_html,
        &[
            ("<h1", "<script>x()</script><h1"),
            ("<h1", "<form></form><h1"),
            ("<h1", "<iframe></iframe><h1"),
            ("<h1", "<h1 onclick=\"x()\""),
            ("src=\"https:", "src=\"data:"),
            ("<a class=\"ink\" href=\"https:", "<a class=\"ink\" href=\"javascript:"),
        ],
        &[Point::TextLinks],
    );
    let boundary = String::from_utf8(sent(&real())).unwrap();
    let boundary = boundary.split("boundary=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let part = format!("\r\n--{boundary}\r\nContent-Type: image/png\r\n\r\nPNG\r\n--{boundary}--\r\n");
    let found = with_bytes(&format!("\r\n--{boundary}--\r\n"), &part);
    assert_eq!(found, [Point::Attachments]);
}
