//! What tokens promise: only the exact text is accepted, for its purpose, while its key is here.

use chrono::DateTime;
use proptest::prelude::*;

use super::*;

const KEY: Secret = [7; 32];

fn keys() -> TokenKeys {
    TokenKeys::new(1, BTreeMap::from([(1, KEY)])).unwrap()
}

#[test]
fn a_token_is_what_another_program_computes() {
    // Computed with Python's hmac, hashlib and base64 from the description at the top of the module.
    let keys = keys();
    assert_eq!(keys.return_path(EditionId(42), SubscriberId(300)), "bounce-aeasvlactnrrpu46225yn73p");
    assert_eq!(keys.unsubscribe(SubscriberId(300), ListId(2), None), "aea2yaqcmqqh5ak4haq4egtl");
    let address = EmailAddress::parse("Ana@Example.org").unwrap();
    assert_eq!(
        keys.address_hash(&address),
        "e436f2209b7de1b75ce99c98a3f70d3b01759ce57bdcf1463cd126fd9b90986e"
    );
}

#[test]
fn the_longest_tokens_have_the_promised_lengths() {
    let keys = keys();
    let longest = |a: i64, b: i64| keys.return_path(EditionId(a), SubscriberId(b)).len();
    assert_eq!(longest(i64::MIN, -1), TokenKeys::RETURN_PATH_MAX);
    assert_eq!(longest(i64::MAX, i64::MAX), 55, "the longest that the ids of a database give");
    assert!(longest(1, 1) < 31);
    let token = keys.unsubscribe(SubscriberId(-1), ListId(i64::MIN), Some(EditionId(-5)));
    assert_eq!(token.len(), TokenKeys::MAX);
    assert!(keys.read_unsubscribe(&token).is_ok());
}

#[test]
fn old_keys_verify_until_they_are_retired() {
    let old = keys();
    let token = old.return_path(EditionId(1), SubscriberId(2));
    let address = EmailAddress::parse("ana@example.org").unwrap();
    let rotated = TokenKeys::new(2, BTreeMap::from([(1, KEY), (2, [9; 32])])).unwrap();
    assert_ne!(rotated.return_path(EditionId(1), SubscriberId(2)), token);
    assert!(rotated.read_return_path(&token).is_ok());
    let newer = rotated.return_path(EditionId(3), SubscriberId(4));
    assert_eq!(old.read_return_path(&newer), Err(TokenError::UnknownKey(2)));
    let retired = rotated.retire(1).unwrap();
    assert_eq!(retired.read_return_path(&token), Err(TokenError::UnknownKey(1)));
    assert!(retired.read_return_path(&newer).is_ok());
    assert_eq!(retired.address_hash(&address), old.address_hash(&address));
    assert_eq!(retired.retire(2).unwrap_err(), KeyError::RetiresCurrent(2));
}

#[test]
fn keys_that_would_lose_something_are_refused() {
    assert_eq!(TokenKeys::new(2, BTreeMap::from([(2, KEY)])).unwrap_err(), KeyError::NoFirst);
    assert_eq!(TokenKeys::new(2, BTreeMap::from([(1, KEY)])).unwrap_err(), KeyError::NoCurrent(2));
}

#[test]
fn another_secret_verifies_nothing() {
    let token = keys().return_path(EditionId(1), SubscriberId(2));
    let other = TokenKeys::new(1, BTreeMap::from([(1, [8; 32])])).unwrap();
    assert_eq!(other.read_return_path(&token), Err(TokenError::Forged));
}

#[test]
fn a_newer_version_is_named() {
    let token = format!("bounce-{}", BASE32_NOPAD.encode(&[&[VERSION + 1, 1][..], &[0; 12]].concat()));
    assert_eq!(keys().read_return_path(&token), Err(TokenError::UnknownVersion(VERSION + 1)));
}

#[test]
fn ids_of_too_many_bits_or_cut_ones_are_refused() {
    assert_eq!(read_varints(&[0x80]), None);
    assert_eq!(read_varints(&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02]), None);
    assert_eq!(read_varints(&[0x80; 12]), None);
    assert_eq!(read_varints(&[]), Some(Vec::new()));
}

#[test]
fn secrets_do_not_show() {
    assert_eq!(format!("{:?}", keys()), "TokenKeys { current: 1, older: [], .. }");
}

#[test]
fn spellings_of_one_mailbox_share_a_hash() {
    let hash = |text: &str| keys().address_hash(&EmailAddress::parse(text).unwrap());
    assert_eq!(hash("ANA@example.org"), hash("ana@Example.ORG"));
    assert_ne!(hash("ana@example.org"), hash("ana@example.com"));
}

proptest! {
    #[test]
    fn what_goes_in_comes_out(a in any::<i64>(), b in any::<i64>(), c in any::<Option<i64>>()) {
        let keys = keys();
        let path = ReturnPath { edition: EditionId(a), subscriber: SubscriberId(b) };
        let token = keys.return_path(path.edition, path.subscriber);
        prop_assert!(token.len() <= TokenKeys::RETURN_PATH_MAX);
        prop_assert!(token.bytes().all(|b| matches!(b, b'a'..=b'z' | b'2'..=b'7' | b'-')));
        prop_assert_eq!(keys.read_return_path(&token), Ok(path));
        prop_assert_eq!(keys.read_return_path(&token.to_ascii_uppercase()), Ok(path));

        let id = keys.message_id(path.edition, c.unwrap_or(0), path.subscriber);
        prop_assert!(id.len() <= "edition-.".len() + 20 + TokenKeys::MAX);
        prop_assert_eq!(keys.read_message_id(&id), Ok(path));
        prop_assert_eq!(keys.read_message_id(&id.to_ascii_uppercase()), Ok(path));

        let leave = Unsubscribe { subscriber: SubscriberId(a), list: ListId(b), edition: c.map(EditionId) };
        let token = keys.unsubscribe(leave.subscriber, leave.list, leave.edition);
        prop_assert!(token.len() <= TokenKeys::MAX);
        prop_assert_eq!(keys.read_unsubscribe(&token), Ok(leave));
        let local = keys.leaving(leave.subscriber, leave.list, leave.edition);
        prop_assert_eq!(keys.read_leaving(&local.to_ascii_uppercase()), Ok(leave));
        prop_assert_eq!(keys.read_leaving(&token), Err(TokenError::Malformed));

        let token = keys.link(EditionId(a), LinkNo(b));
        prop_assert!(token.len() <= TokenKeys::MAX);
        prop_assert_eq!(keys.read_link(&token), Ok((EditionId(a), LinkNo(b))));
        prop_assert_eq!(keys.read_link(&token.to_ascii_uppercase()), Ok((EditionId(a), LinkNo(b))));
        prop_assert_eq!(keys.read_opening(&keys.opening(EditionId(a))), Ok(EditionId(a)));
        let choose = Preferences { subscriber: SubscriberId(a), list: ListId(b), edition: c.map(EditionId) };
        let token = keys.preferences(choose.subscriber, choose.list, choose.edition);
        prop_assert!(token.len() <= TokenKeys::MAX);
        prop_assert_eq!(keys.read_preferences(&token.to_ascii_uppercase()), Ok(choose));

        let left_at = c.and_then(|ms| DateTime::from_timestamp_millis(ms % 10_000_000_000_000));
        let confirm = Confirm { subscriber: SubscriberId(a), list: ListId(b), left_at };
        let token = keys.confirm(confirm.subscriber, confirm.list, confirm.left_at);
        prop_assert!(token.len() <= TokenKeys::MAX);
        prop_assert_eq!(keys.read_confirm(&token.to_ascii_uppercase()), Ok(confirm));
    }

    #[test]
    fn one_purpose_never_stands_for_another(a in any::<i64>(), b in any::<i64>()) {
        let keys = keys();
        let path = keys.return_path(EditionId(a), SubscriberId(b));
        let path = path.strip_prefix("bounce-").unwrap();
        prop_assert_eq!(keys.read_unsubscribe(path), Err(TokenError::Forged));
        let leave = keys.unsubscribe(SubscriberId(a), ListId(b), None);
        let returned = |token: &str| keys.read_return_path(&format!("bounce-{token}"));
        prop_assert_eq!(returned(&leave), Err(TokenError::Forged));
        prop_assert_eq!(keys.read_return_path(&leave), Err(TokenError::Malformed));
        let link = keys.link(EditionId(a), LinkNo(b));
        prop_assert_eq!(returned(&link), Err(TokenError::Forged));
        prop_assert_eq!(keys.read_unsubscribe(&link), Err(TokenError::Forged));
        prop_assert_eq!(keys.read_link(path), Err(TokenError::Forged));
        prop_assert_eq!(keys.read_link(&leave), Err(TokenError::Forged));
        prop_assert_eq!(keys.read_opening(&link), Err(TokenError::Forged));
        let tokens = [
            leave,
            keys.preferences(SubscriberId(a), ListId(b), None),
            keys.confirm(SubscriberId(a), ListId(b), None),
        ];
        for (at, token) in tokens.iter().enumerate() {
            prop_assert_eq!(keys.read_unsubscribe(token).is_ok(), at == 0);
            prop_assert_eq!(keys.read_preferences(token).is_ok(), at == 1);
            prop_assert_eq!(keys.read_confirm(token).is_ok(), at == 2);
        }
    }

    #[test]
    fn a_changed_character_is_refused(
        a in any::<i64>(), b in 0_i64..1_000_000, at in any::<prop::sample::Index>(), c in any::<char>(),
        letter in prop::sample::select(b"abcdefghijklmnopqrstuvwxyz234567".to_vec()),
    ) {
        let keys = keys();
        let token = keys.return_path(EditionId(a), SubscriberId(b));
        let at = at.index(token.len());
        for c in [c, char::from(letter)] {
            let changed = format!("{}{c}{}", &token[..at], &token[at + 1..]);
            let same = changed.eq_ignore_ascii_case(&token);
            prop_assert_eq!(keys.read_return_path(&changed).is_ok(), same, "{} for {}", changed, token);
        }
    }

    #[test]
    fn a_cut_or_longer_token_is_refused(a in any::<i64>(), cut in any::<prop::sample::Index>(), more in "[a-z2-7]{1,9}") {
        let keys = keys();
        let token = keys.unsubscribe(SubscriberId(a), ListId(1), None);
        prop_assert!(keys.read_unsubscribe(&token[..cut.index(token.len())]).is_err());
        let longer = format!("{token}{more}");
        prop_assert!(keys.read_unsubscribe(&longer).is_err());
    }

    #[test]
    fn reading_never_panics(text in "\\PC{0,80}|[a-zA-Z2-7]{0,80}") {
        prop_assert!(keys().read_return_path(&text).is_err());
        prop_assert!(keys().read_unsubscribe(&text).is_err());
        prop_assert!(keys().read_link(&text).is_err());
        prop_assert!(keys().read_opening(&text).is_err());
        prop_assert!(keys().read_preferences(&text).is_err());
        prop_assert!(keys().read_confirm(&text).is_err());
    }
}

/// RFC 5321 4.5.3.1.1 gives a local part 64 octets; what begins with `unsubscribe+` stays below with a
/// million million readers, a thousand million lists and as many editions.
#[test]
fn addresses_to_leave_by_fit_into_a_local_part() {
    let local = keys().leaving(SubscriberId(1 << 40), ListId(1 << 30), Some(EditionId(1 << 30)));
    assert!(local.len() <= 64, "{local}: {}", local.len());
}
