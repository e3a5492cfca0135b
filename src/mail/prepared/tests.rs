//! A prepared letter gives what filling in and signing by themselves give, byte for byte, for any
//! letter, recipient, keys and time.

use chrono::{DateTime, FixedOffset, Utc};
use proptest::prelude::*;

use super::super::dkim::tests::KEYS;
use super::super::dkim::{Algorithm, DomainKey};
use super::super::letter::{
    BodyPlace, FeedbackId, FieldPlace, LetterSource, ListId, PREFERENCES_MARK, UNSUBSCRIBE_MARK, encode,
};
use super::*;
use crate::domain::address::Mailbox;
use crate::domain::ids::EditionId;

const DOMAIN: &str = "example.org";

fn time(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).unwrap()
}

fn values(to: &str) -> PlaceValues {
    PlaceValues {
        to: Mailbox::parse(to).unwrap(),
        message_id: "edition-7.42@example.org".to_owned(),
        date: DateTime::parse_from_rfc3339("2026-11-24T07:00:00+04:00").unwrap(),
        unsubscribe_url: "https://letters.example.org/u/AbC-123?x=1&y=2".to_owned(),
        preferences_url: "https://letters.example.org/p/AbC-456?x=1&y=2".to_owned(),
        one_click_url: "https://letters.example.org/u/AbC-123".to_owned(),
        unsubscribe_address: "unsubscribe+abc123@bounces.example.org".to_owned(),
    }
}

fn letter(subject: &str, html: &str, text: &str) -> EncodedLetter {
    let source = LetterSource {
        from: Mailbox::parse("The Example Post <news@example.org>").unwrap(),
        reply_to: Some(Mailbox::parse("readers@example.org").unwrap()),
        subject: subject.to_owned(),
        list_id: ListId::new("Today in Example", "readers-en", DOMAIN),
        feedback_id: Some(FeedbackId::new(EditionId(7), "daily-en", "readers-en", DOMAIN)),
        html: html.to_owned(),
        text: text.to_owned(),
        web_html: String::new(),
    };
    encode(&source).unwrap()
}

/// The two ways by themselves.
fn by_itself(
    letter: &EncodedLetter,
    signers: &Signers,
    domain: &str,
    values: &PlaceValues,
    now: DateTime<Utc>,
) -> Result<Vec<u8>, PreparedError> {
    Ok(signers.sign(domain, now, letter.fill(values)?)?)
}

fn key(algorithm: Algorithm, domain: &str, selector: &str) -> DomainKey {
    let key = KEYS.iter().find(|key| key.key.algorithm() == algorithm).unwrap().clone();
    DomainKey { domain: domain.to_owned(), selector: selector.to_owned(), ..key }
}

#[test]
fn a_letter_of_ours_is_signed_with_both_keys_as_it_always_was() {
    let body = format!("Hello  there \n\n\n{UNSUBSCRIBE_MARK}\n \t\n{PREFERENCES_MARK} bye\n\n \n");
    let letter = letter("Today", &body, &body);
    let signers = Signers::new(KEYS.clone());
    let prepared = Prepared::new(&letter, &signers, DOMAIN);
    assert!(prepared.is_shared());
    for to in ["ana@reader.test", "Ana Beridze <ana@reader.test>", "\"ანა\" <ანა@reader.test>"] {
        for now in [-1, 0, 999_999_999, 1_000_000_000, 1_795_590_000, 9_999_999_999, 10_000_000_000] {
            let values = values(to);
            let message = prepared.message(&values, time(now)).unwrap();
            assert_eq!(
                message,
                by_itself(&letter, &signers, DOMAIN, &values, time(now)).unwrap(),
                "{to} {now}"
            );
            assert!(message.starts_with(b"DKIM-Signature:"));
        }
    }
}

#[test]
fn without_a_key_the_message_is_the_letter_filled_in() {
    let letter = letter("Today", UNSUBSCRIBE_MARK, UNSUBSCRIBE_MARK);
    for signers in [Signers::default(), Signers::new(vec![DomainKey { signs: false, ..KEYS[1].clone() }])] {
        let prepared = Prepared::new(&letter, &signers, DOMAIN);
        assert!(!prepared.is_shared());
        let values = values("ana@reader.test");
        assert_eq!(prepared.message(&values, time(0)), Ok(letter.fill(&values).unwrap()));
    }
}

#[test]
fn a_value_that_cannot_stand_in_its_place_and_a_letter_that_cannot_be_signed_are_told_apart() {
    let whole = letter("Today", UNSUBSCRIBE_MARK, UNSUBSCRIBE_MARK);
    let signers = Signers::new(vec![KEYS[1].clone()]);
    let bad = PlaceValues { unsubscribe_url: "letters.example.org".to_owned(), ..values("ana@reader.test") };
    let failed = Prepared::new(&whole, &signers, DOMAIN).message(&bad, time(0)).unwrap_err();
    assert!(matches!(failed, PreparedError::Letter(_)), "{failed}");
    let no_from = EncodedLetter { segments: whole.segments[1..].to_vec(), ..whole };
    let failed = Prepared::new(&no_from, &signers, DOMAIN).message(&values("ana@reader.test"), time(0));
    assert_eq!(failed, Err(PreparedError::Sign(SignError::NoHeader)));
}

fn domains() -> impl Strategy<Value = String> {
    prop_oneof![Just(DOMAIN.to_owned()), "[a-z]{1,20}\\.[a-z]{1,40}\\.(org|example)"]
}

/// Keys of a domain, some of which do not sign. RSA is slow in a debug build.
fn keys(domain: &str) -> impl Strategy<Value = Vec<DomainKey>> + use<> {
    let domain = domain.to_owned();
    let one = ("[a-z0-9]{1,20}", prop::bool::weighted(0.15), prop::bool::weighted(0.9));
    prop::collection::vec(one, 0..3).prop_map(move |chosen| {
        let made = chosen.into_iter().map(|(selector, rsa, signs)| DomainKey {
            signs,
            ..key(if rsa { Algorithm::Rsa } else { Algorithm::Ed25519 }, &domain, &selector)
        });
        made.collect()
    })
}

fn keyed() -> impl Strategy<Value = (String, Vec<DomainKey>)> {
    domains().prop_flat_map(|domain| (Just(domain.clone()), keys(&domain)))
}

fn recipients() -> impl Strategy<Value = PlaceValues> {
    let name = prop::option::of("[ -~ა-ჰé]{0,60}");
    (
        "[a-z.]{1,1}[a-zა-ჰ0-9]{1,20}",
        name,
        "[a-zA-Z0-9._~/?=&%-]{0,200}",
        -43_200..50_400_i32,
        0..4_000_000_000_i64,
    )
        .prop_filter_map("an address", |(local, name, path, offset, seconds)| {
            let mut values = values(&format!("{}@reader.test", local.trim_start_matches('.')));
            values.to.name = name;
            values.date = time(seconds).with_timezone(&FixedOffset::east_opt(offset - offset % 60)?);
            values.unsubscribe_url = format!("https://letters.example.org/u/{path}");
            values.preferences_url = format!("https://letters.example.org/{path}/p");
            values.one_click_url = format!("https://letters.example.org/{path}");
            values.unsubscribe_address = format!("unsubscribe+{seconds}@bounces.example.org");
            values.message_id = format!("edition-{seconds}.{offset}@example.org");
            Some(values)
        })
}

fn times() -> impl Strategy<Value = DateTime<Utc>> {
    prop_oneof![0..4_000_000_000_i64, -5_000_000_000..20_000_000_000_i64].prop_map(time)
}

/// Bodies with places, runs of blanks and empty lines, also at their ends and beside the places.
fn bodies() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => "[ -~é\u{10D0}]{0,100}",
        2 => "( |\t|\n){0,6}",
        1 => Just(UNSUBSCRIBE_MARK.to_owned()),
        1 => Just(PREFERENCES_MARK.to_owned()),
    ];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

/// Pieces that nobody would put together so: what stands in a database may be anything.
fn segments() -> impl Strategy<Value = Vec<Segment>> {
    let field = prop::sample::select(vec![
        FieldPlace::To,
        FieldPlace::Date,
        FieldPlace::MessageId,
        FieldPlace::OneClickUrl,
    ]);
    let place = prop::sample::select(vec![BodyPlace::UnsubscribeUrl, BodyPlace::PreferencesUrl]);
    let head = prop_oneof![
        4 => "((From|To|Subject|X|Cc|content-type): ?[a-z]{0,5}( |\t|\r\n ){0,2}[a-z]{0,5}\r\n){0,3}".prop_map(Segment::Fixed),
        2 => field.prop_map(Segment::Field),
        1 => "( |\t|\r\n|:|a|\r|\n){0,3}".prop_map(Segment::Fixed),
    ];
    let body = prop_oneof![
        4 => "([a-z]{1,5}| |\t|\r\n){0,12}".prop_map(Segment::Fixed),
        2 => place.clone().prop_map(Segment::Html),
        2 => place.prop_map(Segment::Text),
        1 => "(\r|\n| |\r\n){0,2}".prop_map(Segment::Fixed),
    ];
    let end = prop::sample::select(vec!["\r\n", "Subject: x\r\n\r\n", "\r\n ", ""]);
    let parts = (prop::collection::vec(head, 0..5), end, prop::collection::vec(body, 0..8), any::<bool>());
    parts.prop_map(|(head, end, body, from)| {
        let from = from.then(|| Segment::Fixed("From: a@example.org\r\n".to_owned()));
        let end = Segment::Fixed(end.to_owned());
        from.into_iter().chain(head).chain([end]).chain(body).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn any_letter_of_ours_comes_out_as_it_always_did(
        subject in "[ -~é\u{10D0}]{0,120}",
        html in bodies(),
        text in bodies(),
        (domain, keys) in keyed(),
        recipients in prop::collection::vec(recipients(), 1..4),
        now in times(),
    ) {
        let letter = letter(&subject, &html, &text);
        let signers = Signers::new(keys);
        let prepared = Prepared::new(&letter, &signers, &domain);
        prop_assert_eq!(prepared.is_shared(), signers.sign_for(&domain));
        for values in recipients {
            prop_assert_eq!(prepared.message(&values, now), by_itself(&letter, &signers, &domain, &values, now));
        }
    }

    #[test]
    fn whatever_is_stored_comes_out_as_it_always_did(segments in segments(), values in recipients(), now in times()) {
        let letter = EncodedLetter { segments, html_size: 0, web_html: String::new() };
        let signers = Signers::new(vec![KEYS[1].clone()]);
        let prepared = Prepared::new(&letter, &signers, DOMAIN);
        prop_assert_eq!(prepared.message(&values, now), by_itself(&letter, &signers, DOMAIN, &values, now));
    }
}
