//! Dates and plurals, held to the reviewed forms.

use super::*;

#[test]
fn full_dates_are_those_of_the_reviewed_table() {
    let golden = [
        (
            (2026, 11, 24),
            [
                "Tuesday, 24 November 2026",
                "სამშაბათი, 24 ნოემბერი, 2026",
                "2026 թ. նոյեմբերի 24, երեքշաբթի",
                "24 noyabr 2026, çərşənbə axşamı",
                "вторник, 24 ноября 2026 г.",
            ],
        ),
        (
            (2026, 1, 5),
            [
                "Monday, 5 January 2026",
                "ორშაბათი, 5 იანვარი, 2026",
                "2026 թ. հունվարի 5, երկուշաբթի",
                "5 yanvar 2026, bazar ertəsi",
                "понедельник, 5 января 2026 г.",
            ],
        ),
        (
            (2024, 2, 29),
            [
                "Thursday, 29 February 2024",
                "ხუთშაბათი, 29 თებერვალი, 2024",
                "2024 թ. փետրվարի 29, հինգշաբթի",
                "29 fevral 2024, cümə axşamı",
                "четверг, 29 февраля 2024 г.",
            ],
        ),
        (
            (2026, 5, 31),
            [
                "Sunday, 31 May 2026",
                "კვირა, 31 მაისი, 2026",
                "2026 թ. մայիսի 31, կիրակի",
                "31 may 2026, bazar",
                "воскресенье, 31 мая 2026 г.",
            ],
        ),
    ];
    for ((year, month, day), expected) in golden {
        let date = LocalDate::new(year, month, day).unwrap();
        assert_eq!(ALL.map(|strings| strings.date(date)), expected.map(str::to_owned));
    }
}

#[test]
fn numbers_take_the_noun_that_their_language_asks_for() {
    let letters = |strings: &Strings, n| strings.count(n, &strings.pages.letters).replace('\u{A0}', " ");
    for (n, en, ru) in [
        (0, "0 letters", "0 писем"),
        (1, "1 letter", "1 письмо"),
        (2, "2 letters", "2 письма"),
        (4, "4 letters", "4 письма"),
        (5, "5 letters", "5 писем"),
        (11, "11 letters", "11 писем"),
        (12, "12 letters", "12 писем"),
        (21, "21 letters", "21 письмо"),
        (22, "22 letters", "22 письма"),
        (111, "111 letters", "111 писем"),
        (121, "121 letters", "121 письмо"),
    ] {
        assert_eq!((letters(&EN, n), letters(&RU, n)), (en.to_owned(), ru.to_owned()));
    }
    assert_eq!([0, 1, 2].map(HY.plural), [Plural::One, Plural::One, Plural::Other]);
    assert_eq!([0, 1, 2].map(KA.plural), [Plural::Other, Plural::One, Plural::Other]);
    assert_eq!([0, 1, 2].map(AZ.plural), [Plural::Other, Plural::One, Plural::Other]);
    assert_eq!(letters(&KA, 7), "7 წერილი");
}

#[test]
fn bylines_join_names_as_the_language_does() {
    let names = |list: &[&str]| list.iter().map(|&name| Text::from(name)).collect::<Vec<_>>();
    assert_eq!(EN.byline(&names(&[])), None);
    assert_eq!(EN.byline(&names(&["Ana", ""])).as_deref(), Some("By Ana"));
    assert_eq!(EN.byline(&names(&["Ana", "Dato", "Eka"])).as_deref(), Some("By Ana, Dato and Eka"));
    assert_eq!(KA.byline(&names(&["ანა", "დათო"])).as_deref(), Some("ავტორი: ანა და დათო"));
}

#[test]
fn no_language_borrows_the_words_of_another() {
    for (at, strings) in ALL.iter().enumerate() {
        for other in &ALL[at + 1..] {
            assert_ne!(strings.tag, other.tag);
            assert_ne!(strings.letter.unsubscribe, other.letter.unsubscribe);
            assert_ne!((strings.letter.reason)("x"), (other.letter.reason)("x"));
            assert_ne!(strings.pages.leave_effect, other.pages.leave_effect);
            assert_ne!(strings.choices.confirm_effect, other.choices.confirm_effect);
            assert_ne!(strings.choices.leave_all, other.choices.leave_all);
            assert_ne!(strings.weekdays, other.weekdays);
        }
    }
}

#[test]
fn every_phrase_holds_the_name_that_it_is_given() {
    for strings in ALL {
        let (letter, pages) = (&strings.letter, &strings.pages);
        let phrases = [
            letter.by,
            letter.photo,
            letter.reason,
            letter.test_subject,
            pages.leave_question,
            pages.left_text,
            pages.not_on_text,
            pages.archive_title,
            pages.to_site,
            strings.choices.confirm_question,
            strings.choices.confirmed_text,
            strings.choices.already_text,
            strings.choices.address,
        ];
        assert!(phrases.iter().all(|phrase| phrase("NAME").contains("NAME")), "{}", strings.tag);
        assert!((letter.number)(42).contains("42"), "{}", strings.tag);
    }
}

#[test]
fn what_is_counted_is_said_in_four_ways() {
    use crate::view::Tracking;
    let ways = [Tracking::None, Tracking::Links, Tracking::Openings, Tracking::LinksAndOpenings];
    for strings in ALL {
        let said = ways.map(strings.letter.counted);
        for (at, one) in said.iter().enumerate() {
            assert!(one.ends_with(['.', '։']), "{one}");
            assert!(said[at + 1..].iter().all(|other| other != one), "{}: {one}", strings.tag);
        }
    }
}

#[test]
fn minutes_are_never_alone_on_a_line() {
    for strings in ALL {
        for minutes in [1, 2, 5, 21] {
            assert!(
                (strings.letter.reading)(minutes).starts_with(&format!("{minutes}\u{A0}")),
                "{}",
                strings.tag
            );
        }
    }
}
