//! Files of the tools that newsrooms come from, and of people.

use proptest::prelude::*;

use super::*;
use crate::domain::bounce::SuppressionReason;
use crate::domain::shared_data::shared;
use crate::domain::subscriber::{EndReason, Existing, ImportEffect, SubscriptionState, import_effect};

fn options() -> ReadOptions {
    ReadOptions { zone: Tz::Asia__Tbilisi, now: "2026-02-10T08:00:00Z".parse().unwrap() }
}

fn file(bytes: impl AsRef<[u8]>) -> SubscribersFile {
    read(bytes.as_ref(), &options()).unwrap()
}

fn active(file: &SubscribersFile) -> Vec<String> {
    file.rows.iter().filter(|row| row.standing == Standing::Active).map(|row| row.address.key()).collect()
}

fn standings(file: &SubscribersFile) -> Vec<Standing> {
    file.rows.iter().map(|row| row.standing).collect()
}

fn messages(file: &SubscribersFile) -> Vec<(Severity, String, String)> {
    let plain = |finding: &Finding| {
        (finding.severity, finding.problem.place.clone(), finding.problem.message.clone())
    };
    file.findings.listed.iter().map(plain).collect()
}

#[test]
fn the_sample_files_of_other_tools_hold() {
    let Some(expected) = shared("csv/expected.tsv") else { return };
    for line in String::from_utf8(expected).unwrap().lines().skip(1) {
        let [name, total, count, addresses, _] = line.split('\t').collect::<Vec<_>>()[..] else {
            panic!("{line}")
        };
        let file = file(shared(&format!("csv/{name}")).unwrap());
        assert!(file.is_importable(), "{name}: {:?}", file.findings);
        assert_eq!(file.total_rows.to_string(), total, "{name}");
        assert_eq!(active(&file).len().to_string(), count, "{name}");
        assert_eq!(active(&file).join(" "), addresses, "{name}");
    }
}

#[test]
fn what_the_sample_files_say_besides_is_kept() {
    let Some(mailchimp) = shared("csv/mailchimp_subscribed_export.csv").map(file) else { return };
    let nina = &mailchimp.rows[0];
    assert_eq!(nina.name.as_deref(), Some("Nina Berg"));
    assert_eq!(nina.time_zone, Some(Tz::Europe__Berlin));
    assert_eq!(nina.evidence["optin_ip"], "192.0.2.7");
    assert_eq!(nina.created_at.unwrap().to_rfc3339(), "2024-05-01T03:30:11+00:00");

    let left = file(shared("csv/mailchimp_unsubscribed_export.csv").unwrap());
    assert_eq!(standings(&left), [Standing::Ended(EndReason::Unsubscribed); 2]);
    assert_eq!(left.rows[1].evidence["unsub_reason_other"], "too many, too long");

    let listmonk = file(shared("csv/listmonk_subscribers.csv").unwrap());
    assert_eq!(
        standings(&listmonk)[1..3],
        [Standing::Ended(EndReason::Imported), Standing::Suppressed(SuppressionReason::Manual)]
    );
    assert_eq!(listmonk.rows[0].created_at.unwrap().to_rfc3339(), "2024-07-01T09:15:00.123456+00:00");
    assert_eq!(listmonk.findings.warnings, 1);
    assert!(messages(&listmonk)[0].2.contains("`enabled`"), "{:?}", messages(&listmonk));

    let beehiiv = file(shared("csv/beehiiv_subscribers.csv").unwrap());
    assert_eq!(standings(&beehiiv)[2], Standing::Pending);

    let substack = file(shared("csv/substack_email_list.csv").unwrap());
    assert_eq!(substack.rows.len(), 3);
    assert_eq!(messages(&substack)[0].1, "line 5");

    let mailman = file(shared("csv/mailman_members.txt").unwrap());
    let names: Vec<_> = mailman.rows.iter().map(|row| row.name.as_deref()).collect();
    assert_eq!(names, [Some("Nina Berg"), Some("Wolf, Ines"), None, Some("Jørn Moe")]);
}

#[test]
fn case_c10_a_byte_order_mark_is_no_part_of_the_first_name() {
    for name in ["plain.csv", "quoted.csv"] {
        let Some(bytes) = shared(&format!("cases/c10-bom-first-column/{name}")) else { return };
        let file = file(bytes);
        let rows: Vec<_> =
            file.rows.iter().map(|row| (row.address.as_string(), row.name.as_deref())).collect();
        let expected = [
            ("nina.berg@example.org".to_owned(), Some("Nina")),
            ("tom.aas@example.net".to_owned(), Some("Tom")),
        ];
        assert_eq!(rows, expected, "{name}");
        assert_eq!(file.findings, Findings::default());
    }
}

#[test]
fn case_c13_a_blank_flag_is_no_consent_and_no_withdrawal() {
    let Some(bytes) = shared("cases/c13-ghost-blank-flag/members.csv") else { return };
    let file = file(bytes);
    assert_eq!((file.total_rows, file.findings.errors), (6, 0));
    let effects: Vec<_> = file
        .rows
        .iter()
        .map(|row| {
            let dora = row.address.local() == "dora";
            let existing =
                Existing { state: Some(SubscriptionState::Active), end_reason: None, suppressed: false };
            (row.address.local(), import_effect(dora.then_some(existing), row.standing))
        })
        .collect();
    assert_eq!(
        effects,
        [
            ("anna", ImportEffect::Activate),
            ("ben", ImportEffect::End(EndReason::Imported)),
            ("cleo", ImportEffect::Activate),
            ("dora", ImportEffect::Keep),
            ("emil", ImportEffect::Know),
            ("fay", ImportEffect::End(EndReason::Removed)),
        ]
    );
    let silent: Vec<_> = messages(&file).into_iter().map(|(_, place, _)| place).collect();
    assert_eq!(silent, ["line 5", "line 6"], "dora and emil are listed");
}

#[test]
fn plain_files_in_several_languages_are_lists_of_active_subscribers() {
    for (header, name) in [
        ("email,name", "Ana"),
        ("Name;E-Mail-Adresse", "Ana"),
        ("ელფოსტა,სახელი,გვარი", "Ana Beridze"),
        ("անուն\tազգանուն\tէլ. փոստ", "Ana Beridze"),
        ("Ad,Soyad,E-poçt ünvanı", "Ana Beridze"),
        ("Имя;Фамилия;Адрес электронной почты", "Ana Beridze"),
        ("PRÉNOM|Nom de famille|Courriel", "Ana Beridze"),
    ] {
        let delimiter = header.chars().find(|c| ",;\t|".contains(*c)).unwrap();
        let cells: Vec<_> = header
            .split(delimiter)
            .map(|column| match column.to_lowercase().as_str() {
                "name" | "სახელი" | "անուն" | "ad" | "имя" | "prénom" => "Ana",
                "გვარი" | "ազգանուն" | "soyad" | "фамилия" | "nom de famille" => {
                    "Beridze"
                }
                _ => "ana@example.org",
            })
            .collect();
        let read = file(format!("{header}\r\n{}\r\n", cells.join(&delimiter.to_string())));
        assert_eq!(active(&read), ["ana@example.org"], "{header}");
        assert_eq!(read.rows[0].name.as_deref(), Some(name), "{header}");
        assert_eq!((read.delimiter, read.findings), (Some(delimiter), Findings::default()), "{header}");
    }
}

#[test]
fn old_code_pages_are_read_with_a_warning() {
    let text = "email;имя;язык\nana@example.org;Анна Петровна;ru\n";
    let (bytes, _, _) = encoding_rs::WINDOWS_1251.encode(text);
    let file = file(bytes);
    assert_eq!(file.encoding, "windows-1251");
    assert_eq!(file.rows[0].name.as_deref(), Some("Анна Петровна"));
    assert_eq!(file.rows[0].language, Some(Language::Russian));
    assert_eq!((file.findings.errors, file.findings.warnings), (0, 1));
}

#[test]
fn files_without_names_of_columns_are_read() {
    let two = file("ana@example.org,Ana\nbo@example.org,\"Bo, B\"\n");
    assert_eq!(two.rows[1].name.as_deref(), Some("Bo, B"));
    assert_eq!((two.total_rows, two.findings.warnings), (2, 1));
    let odd = file("Contact,Where\nAna,ana@example.org\nBo,bo@example.org\n");
    assert_eq!(active(&odd), ["ana@example.org", "bo@example.org"]);
    assert_eq!(odd.findings.warnings, 1);
    let pairs = file("ana@example.org;bo@example.org\n");
    assert!(!pairs.is_importable());
    let list = file("# members\nana@example.org\n\nBo <bo@example.org>,\n");
    assert_eq!(list.rows.iter().map(|row| row.line).collect::<Vec<_>>(), [2, 4]);
    assert_eq!(list.delimiter, None);
}

#[test]
fn every_word_for_a_standing_is_understood() {
    let ended = Standing::Ended(EndReason::Unsubscribed);
    let hard = Standing::Suppressed(SuppressionReason::Hard);
    let complaint = Standing::Suppressed(SuppressionReason::Complaint);
    for (header, cell, standing) in [
        ("status", "Subscribed", Standing::Active),
        ("status", "unconfirmed", Standing::Pending),
        ("status", "Unsubscribed", ended),
        ("status", "cleaned", hard),
        ("status", "Marked as spam", complaint),
        ("status", "", Standing::Silent),
        ("status", "NULL", Standing::Silent),
        ("status", "abgemeldet?", Standing::Silent),
        ("Delivery status", "by_bounces", Standing::Suppressed(SuppressionReason::Soft)),
        ("subscribed", "1", Standing::Active),
        ("subscribed", "FALSE", Standing::Ended(EndReason::Imported)),
        ("opt-in", "2024-01-01", Standing::Active),
        ("unsubscribed_at", "2024-01-01 10:00:00", ended),
        ("unsubscribed_at", "0000-00-00 00:00:00", Standing::Active),
        ("unsubscribed", "yes", ended),
        ("unsubscribed", "no", Standing::Active),
        ("confirmed", "false", Standing::Pending),
        ("confirmed", "true", Standing::Active),
        ("bounced_at", "2024-01-01", hard),
        ("complained_at", "2024-01-01", complaint),
        ("CLEAN_TIME", "", hard),
        ("UNSUB_TIME", "", ended),
        ("active_subscription", "false", Standing::Active),
    ] {
        let file = file(format!("email,{header}\nana@example.org,{cell}\n"));
        assert_eq!(standings(&file), [standing], "{header}: {cell}");
    }
}

#[test]
fn what_withdraws_wins_within_a_row() {
    let file = file(
        "email,status,subscribed,unsubscribed_at,bounced,complained\n\
         a@example.org,active,,,,\n\
         b@example.org,active,true,2024-01-01,,\n\
         c@example.org,active,true,2024-01-01,1,\n\
         d@example.org,active,true,2024-01-01,1,1\n\
         e@example.org,pending,true,,,\n\
         f@example.org,,,,,\n",
    );
    assert_eq!(
        standings(&file),
        [
            Standing::Active,
            Standing::Ended(EndReason::Unsubscribed),
            Standing::Suppressed(SuppressionReason::Hard),
            Standing::Suppressed(SuppressionReason::Complaint),
            Standing::Pending,
            Standing::Silent,
        ]
    );
}

#[test]
fn a_blank_beside_an_explicit_no_says_nothing() {
    let crosses = file("email,unsubscribed\na@example.org,\nb@example.org,x\n");
    assert_eq!(active(&crosses), ["a@example.org"]);
    let flags = file("email,email_disabled\na@example.org,\nb@example.org,true\nc@example.org,false\n");
    assert_eq!(active(&flags), ["c@example.org"]);
    assert_eq!(flags.rows[0].standing, Standing::Silent);
}

#[test]
fn of_rows_with_one_address_the_first_counts_unless_a_later_withdraws() {
    let file = file(
        "email,name,status\n\
         ana@example.org,Ana,active\n\
         bo@example.org,Bo,unsubscribed\n\
         ANA@Example.org,Anna,unsubscribed\n\
         bo@example.org,Bob,active\n\
         ana@example.org,Ana,active\n",
    );
    assert_eq!(standings(&file), [Standing::Ended(EndReason::Unsubscribed); 2]);
    assert_eq!(file.rows[0].name.as_deref(), Some("Ana"));
    let places: Vec<_> = messages(&file).into_iter().map(|(severity, place, _)| (severity, place)).collect();
    assert_eq!(places, [4, 5, 6].map(|line| (Severity::Warning, format!("line {line}"))));
}

#[test]
fn errors_name_their_line_and_stop_the_import() {
    let file = file(
        "email,name\n\
         ana@example.org,Ana\n\
         ana@@example,Ana\n\
         bo@example.org,Moe, Bo\n\
         ,nobody\n\
         cy@example.org,Cy,\n",
    );
    assert!(!file.is_importable());
    let errors: Vec<_> = messages(&file).into_iter().map(|(severity, place, _)| (severity, place)).collect();
    assert_eq!(errors, [3, 4, 5].map(|line| (Severity::Error, format!("line {line}"))));
    assert_eq!(active(&file), ["ana@example.org", "cy@example.org"]);
    assert_eq!(file.total_rows, 5);
}

#[test]
fn a_quote_that_never_closes_is_an_error_at_its_line() {
    let file = file("email,name\nana@example.org,Ana\nbo@example.org,\"Bo\ncy@example.org,Cy\n");
    assert_eq!(active(&file), ["ana@example.org"]);
    assert_eq!(messages(&file)[0].1, "line 3");
    assert!(!file.is_importable());
}

#[test]
fn findings_are_counted_beyond_those_that_are_listed() {
    let mut text = "email,name\n".to_owned();
    text.push_str(&"nobody,\n".repeat(FINDINGS_MAX + 50));
    let file = file(text);
    assert_eq!((file.findings.listed.len(), file.findings.errors), (FINDINGS_MAX, FINDINGS_MAX + 50));
}

#[test]
fn hostile_names_end_as_plain_ones() {
    let file = file(format!(
        "email,name\na@example.org,\"Ana\r\nBcc: b@example.org\"\nb@example.org,\u{202E}evil\u{7}\u{2066} x\nc@example.org,{}\n",
        "ხ".repeat(5_000)
    ));
    let names: Vec<_> = file.rows.iter().map(|row| row.name.clone().unwrap()).collect();
    assert_eq!(names[..2], ["Ana Bcc: b@example.org", "evil x"]);
    assert_eq!(names[2].chars().count(), row::NAME_MAX);
}

#[test]
fn what_holds_no_subscribers_is_refused_with_what_to_do() {
    let refused = |bytes: &[u8]| read(bytes, &options()).unwrap_err();
    assert_eq!(refused(b""), SubscribersError::Empty);
    assert_eq!(refused(b"\n \n"), SubscribersError::Empty);
    assert_eq!(refused(b"PK\x03\x04rest"), SubscribersError::Text(TextError::Spreadsheet));
    let error = refused(b"id,title\n1,Bridge\n");
    assert_eq!(error, SubscribersError::NoAddressColumn { found: "id, title".to_owned() });
}

#[test]
fn times_in_the_future_are_not_believed() {
    let file =
        file("email,created_at,optin_time\na@example.org,2031-01-01,2024-01-01\nb@example.org,2031-01-01,\n");
    assert_eq!(file.rows[0].created_at.unwrap().to_rfc3339(), "2023-12-31T20:00:00+00:00");
    assert_eq!(file.rows[1].created_at, None);
}

#[test]
fn ten_megabytes_are_read_in_seconds() {
    let started = std::time::Instant::now();
    let mut rows = "email,name,status\n".to_owned();
    for number in 0.. {
        rows.push_str(&format!("reader{number}@example.org,\"Reader, {number}\",active\n"));
        if rows.len() > 10_000_000 {
            break;
        }
    }
    assert!(file(&rows).is_importable());
    for byte in ["\"", ",", "\n", "a", "a@b.cc\n"] {
        let _ = read(byte.repeat(10_000_000 / byte.len()).as_bytes(), &options());
    }
    assert!(started.elapsed().as_secs() < 60, "{:?}", started.elapsed());
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = read(&bytes, &options());
    }

    #[test]
    fn no_table_makes_it_panic_and_no_address_comes_twice(
        header in proptest::sample::select(vec!["email,name,status", "email;subscribed", "x", "UNSUB_TIME|email", "email,created_at,timezone,language"]),
        body in "([a-c]@[xy]\\.org|[,;|\"\n]|=\\?utf-8\\?q\\?=C3\\?=|active|true|\\PC){0,60}",
    ) {
        if let Ok(file) = read(format!("{header}\n{body}").as_bytes(), &options()) {
            let keys: std::collections::BTreeSet<_> = file.rows.iter().map(|row| row.address.key()).collect();
            prop_assert_eq!(keys.len(), file.rows.len());
            prop_assert!(file.rows.len() + file.findings.errors <= file.total_rows + usize::from(file.total_rows == 0));
            for row in &file.rows {
                prop_assert!(row.name.as_ref().is_none_or(|name| !name.contains(char::is_control)));
            }
        }
    }
}
