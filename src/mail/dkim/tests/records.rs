//! What is to stand in the DNS, and what is made of what stands there.

use super::super::{Published, Record, compare, dmarc, spf};
use super::KEYS;

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

#[test]
fn an_rsa_record_is_split_into_strings_that_a_zone_can_hold() {
    let record = KEYS[0].record();
    // A SubjectPublicKeyInfo of 2048 bits has 294 octets, whatever the key.
    assert!(record.text.starts_with("v=DKIM1; k=rsa; p=MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA"));
    let strings = record.strings();
    assert_eq!(strings.len(), 2);
    assert!(strings.iter().all(|string| string.len() <= 255));
    assert_eq!(strings.concat(), record.text);
    let zone = record.to_string();
    let lines: Vec<_> = zone.lines().collect();
    assert_eq!(lines[0], "r._domainkey.example.org. IN TXT (");
    assert_eq!(lines.len(), 3);
    assert!(lines[1].starts_with("    \"v=DKIM1") && lines[2].ends_with("\" )"));
    assert_eq!(KEYS[1].record().strings().len(), 1);
    assert!(
        KEYS[1].record().to_string().starts_with("e._domainkey.example.org. IN TXT \"v=DKIM1; k=ed25519")
    );
}

#[test]
fn point_07_a_first_dmarc_record_asks_for_nothing_but_reports() {
    let hint = Record::dmarc_hint("example.org");
    assert_eq!(hint.name, "_dmarc.example.org");
    assert_eq!(dmarc(&[hint.text]).as_deref(), Some("none"));
}

#[test]
fn a_published_record_is_compared_by_what_it_says() {
    let record = KEYS[0].record();
    let text = &record.text;
    let key = text.split("p=").nth(1).unwrap();
    let other = KEYS[1].record().text;
    for (published, verdict) in [
        (vec![text.clone()], Published::Equal),
        (vec![format!("p={key}")], Published::Equal),
        (
            vec![format!(" k = rsa ;h=sha1:sha256; s=email; t=s; p={} {};", &key[..9], &key[9..])],
            Published::Equal,
        ),
        (vec![format!("{text}; t=y:s")], Published::Testing),
        (vec![], Published::Missing),
        (vec!["v=DKIM1; p=".to_owned()], Published::Revoked),
        (vec![text.clone(), text.clone()], Published::Several),
        (vec![other], Published::Different("it is of another algorithm")),
        (vec![text.replacen("AAOCAQ8A", "AAOCAQ8B", 1)], Published::Different("it holds another key")),
        (vec![text[..200].to_owned()], Published::Different("it holds another key")),
        (vec!["v=spf1 -all".to_owned()], Published::Different("it is no record of DKIM")),
        (vec![format!("{text}; h=sha1")], Published::Different("its h= forbids sha256")),
        (vec![format!("{text}; s=tlsrpt")], Published::Different("its s= forbids mail")),
        (vec![text.replace("DKIM1", "DKIM2")], Published::Different("it is no record of DKIM")),
    ] {
        assert_eq!(compare(&record, &published), verdict, "{published:?}");
    }
    assert_eq!(compare(&KEYS[1].record(), &[KEYS[1].record().text]), Published::Equal);
}

#[test]
fn spf_and_dmarc_records_count_when_there_is_one() {
    assert_eq!(spf(&texts(&["x", "v=spf1 -all", "v=spf10 x"])), Some("v=spf1 -all"));
    assert_eq!(spf(&texts(&["v=spf1 -all", "V=SPF1"])), None);
    assert_eq!(spf(&texts(&["spf1"])), None);
    assert_eq!(dmarc(&texts(&["v=DMARC1; p=reject; rua=mailto:a@b"])).as_deref(), Some("reject"));
    for bad in [&["v=DMARC1"][..], &["v=DMARC1; p=maybe"], &["v=DMARC1; p=none", "v=DMARC1; p=none"], &[]] {
        assert_eq!(dmarc(&texts(bad)), None, "{bad:?}");
    }
}
