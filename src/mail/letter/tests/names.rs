//! Names and titles as newsrooms write them: commas, quotation marks, emoji, plus signs,
//! backslashes, line breaks, and words without an end. Read back by both parsers.

use super::super::header::clean;
use super::*;

/// Names that are hard to carry.
fn names() -> Vec<String> {
    let long = "x".repeat(998);
    let words = "The long name of a newsroom, ".repeat(40);
    [
        "Post, The Example",
        "\"The\" Post",
        "O'Neil \\ Sons",
        "\\",
        "\"",
        "News + Views",
        "News (daily) <all of it>",
        "a@b.example",
        "🌊 Harbour 👩‍👧‍👦 Post",
        "Почта, «Гавань»",
        "ნავსადგურის ფოსტა; დილა",
        "line\r\nBcc: everybody@example.org",
        "line\nbreak",
        "tab\tand\u{B}more",
        "=?utf-8?Q?looks_encoded?=",
        "dots... and : colons; [brackets]",
        " blanks  around ",
        &long,
        &words,
    ]
    .map(str::to_owned)
    .to_vec()
}

/// What a parser shows for a name that was carried faithfully: runs of blanks may be one.
fn squeezed(name: &str) -> String {
    name.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn names_and_titles_come_through_whole_and_alone() {
    for name in names() {
        let view = bare(&name);
        let mut source = source(&name, &template::html(&view), &template::text(&view));
        let mailbox =
            |address: &str| Mailbox { name: Some(name.clone()), ..Mailbox::parse(address).unwrap() };
        source.from = mailbox("news+daily@example.org");
        source.reply_to = Some(mailbox("o'neil+desk@example.org"));
        source.list_id = ListId::new(&name, &name, "example.org");
        let mut values = values("ana+letters@example.org");
        values.to.name = Some(name.clone());
        let raw = encode(&source).unwrap().fill(&values).unwrap();
        let head = head(&raw);
        assert!(head.lines().all(|line| line.len() <= 998), "{name:.60}");
        assert!(!head.to_lowercase().contains("\r\nbcc"), "{name:.60}");
        assert_eq!(
            head.lines().filter(|line| !line.starts_with([' ', '\t'])).count(),
            14,
            "{name:.60}: {head}"
        );
        assert_eq!(read(&raw).0, clean(&name), "both parsers read the subject");
        let expected = squeezed(&clean(&name));
        let one = mail_parser::MessageParser::default().parse(&raw).unwrap();
        let fields = [(one.from(), "news+daily"), (one.reply_to(), "o'neil+desk"), (one.to(), "ana+letters")];
        for (field, local) in fields {
            let all = field.unwrap().iter().collect::<Vec<_>>();
            assert_eq!(all.len(), 1, "{name:.60}: {all:?}");
            assert_eq!(all[0].address(), Some(&*format!("{local}@example.org")));
            assert_eq!(squeezed(all[0].name().unwrap_or_default()), expected);
        }
        let broken = check(&raw).into_iter().filter(|finding| finding.severity == Severity::Broken);
        assert_eq!(broken.collect::<Vec<_>>(), [], "{name:.60}");
        second_reading(&raw, &expected);
    }
}

/// The same by the other parser.
fn second_reading(raw: &[u8], name: &str) {
    let other = mailparse::parse_mail(raw).unwrap();
    for (field, local) in [("From", "news+daily"), ("Reply-To", "o'neil+desk"), ("To", "ana+letters")] {
        let header = other.headers.iter().find(|header| header.get_key_ref() == field).unwrap();
        let parsed = mailparse::addrparse_header(header).unwrap().extract_single_info().unwrap();
        assert_eq!(parsed.addr, format!("{local}@example.org"), "{name:.60}");
        assert_eq!(squeezed(&parsed.display_name.unwrap_or_default()), name, "{field}");
    }
    let ids = other.headers.iter().filter(|header| header.get_key_ref() == "List-Id").count();
    assert_eq!(ids, 1);
}
