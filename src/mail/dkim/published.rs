//! What the DNS says about a domain, held against what it should say. Pure: the texts are looked up
//! elsewhere.

use super::Record;

/// How the record of a key stands in the DNS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Published {
    /// As it must.
    Equal,
    /// The right key, but marked as a test (`t=y`): receivers may ignore what it signs.
    Testing,
    /// There is none.
    Missing,
    /// It says that the key is revoked (an empty `p=`).
    Revoked,
    /// There are several, of which receivers take any (RFC 6376 3.6.2.2).
    Several,
    /// Another key, or a record that forbids what we do; the text says which.
    Different(&'static str),
}

/// Compares what `record` should say with the texts that stand at its name.
pub fn compare(record: &Record, texts: &[String]) -> Published {
    let text = match texts {
        [] => return Published::Missing,
        [text] => text,
        _ => return Published::Several,
    };
    let wanted = |name| tag(&record.text, name).unwrap_or_default();
    let key = tag(text, "p");
    if key.as_deref() == Some("") {
        return Published::Revoked;
    }
    if tag(text, "v").is_some_and(|version| version != "DKIM1") {
        return Published::Different("it is no record of DKIM");
    }
    // `k=rsa` is what a missing one means (RFC 6376 3.6.1).
    if tag(text, "k").unwrap_or_else(|| "rsa".to_owned()) != wanted("k") {
        return Published::Different("it is of another algorithm");
    }
    if key != Some(wanted("p")) {
        return Published::Different("it holds another key");
    }
    let allows = |name, values: &[&str]| {
        tag(text, name).is_none_or(|list| list.split(':').any(|word| values.contains(&word)))
    };
    if !allows("h", &["sha256"]) {
        return Published::Different("its h= forbids sha256");
    }
    if !allows("s", &["*", "email"]) {
        return Published::Different("its s= forbids mail");
    }
    let testing = tag(text, "t").is_some_and(|flags| flags.split(':').any(|flag| flag == "y"));
    if testing { Published::Testing } else { Published::Equal }
}

/// The value of a tag, without white space (RFC 6376 3.2).
fn tag(text: &str, name: &str) -> Option<String> {
    let mut tags = text.split(';').filter_map(|tag| tag.split_once('='));
    let (_, value) = tags.find(|(known, _)| known.trim() == name)?;
    Some(value.chars().filter(|c| !c.is_ascii_whitespace()).collect())
}

/// The SPF record among the texts of a domain, when there is exactly one (RFC 7208 4.5).
pub fn spf(texts: &[String]) -> Option<&str> {
    let is_spf = |text: &&String| {
        let text = text.to_ascii_lowercase();
        text == "v=spf1" || text.starts_with("v=spf1 ")
    };
    let mut records = texts.iter().filter(is_spf);
    records.next().filter(|_| records.next().is_none()).map(String::as_str)
}

/// The policy of a DMARC record among texts, when there is exactly one (RFC 7489 6.6.3).
pub fn dmarc(texts: &[String]) -> Option<String> {
    let mut records = texts.iter().filter(|text| tag(text, "v").as_deref() == Some("DMARC1"));
    let record = records.next().filter(|_| records.next().is_none())?;
    tag(record, "p").filter(|policy| matches!(policy.as_str(), "none" | "quarantine" | "reject"))
}
