//! A receiver: RFC 6376 section 6 by the letter, in the plainest way.

use mail_auth::common::crypto::Algorithm;
use mail_auth::common::parse::TxtRecordParser as _;
use mail_auth::common::verify::DomainKey;
use sha2::{Digest as _, Sha256};

/// One DKIM-Signature field, taken apart.
pub struct Read {
    field: String,
    tags: Vec<(String, String)>,
}

impl Read {
    /// The value of a tag without white space; empty when there is none.
    pub fn tag(&self, name: &str) -> &str {
        self.tags.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    /// `h=`, in order, in lower case.
    pub fn names(&self) -> Vec<String> {
        self.tag("h").split(':').map(str::to_ascii_lowercase).collect()
    }
}

/// The fields and the body of a message.
pub fn parts(message: &[u8]) -> (Vec<String>, String) {
    // Latin-1, so that every byte is one character.
    let text: String = message.iter().map(|byte| char::from(*byte)).collect();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let mut fields: Vec<String> = Vec::new();
    for line in head.split("\r\n") {
        if line.starts_with([' ', '\t']) {
            let field = fields.last_mut().unwrap();
            field.push_str("\r\n");
            field.push_str(line);
        } else {
            fields.push(line.to_owned());
        }
    }
    (fields, body.to_owned())
}

/// The signatures of a message, from the top.
pub fn signatures(message: &[u8]) -> Vec<Read> {
    let (fields, _) = parts(message);
    let signatures = fields.into_iter().filter(|field| field.starts_with("DKIM-Signature:"));
    signatures
        .map(|field| {
            let value = &field["DKIM-Signature:".len()..];
            let tags = value.split(';').map(|tag| {
                let (name, value) = tag.split_once('=').unwrap();
                (name.trim().to_owned(), value.chars().filter(|c| !c.is_ascii_whitespace()).collect())
            });
            Read { tags: tags.collect(), field: field.clone() }
        })
        .collect()
}

fn squeeze(text: &str) -> String {
    text.split([' ', '\t']).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

fn relaxed_field(field: &str) -> String {
    let (name, value) = field.split_once(':').unwrap();
    format!("{}:{}", name.trim_end().to_ascii_lowercase(), squeeze(&value.replace("\r\n", "")))
}

fn relaxed_body(body: &str) -> String {
    let lines = body.split("\r\n").map(|line| {
        let begins_blank = line.starts_with([' ', '\t']);
        let line = squeeze(line);
        if begins_blank && !line.is_empty() { format!(" {line}") } else { line }
    });
    let joined = lines.collect::<Vec<_>>().join("\r\n");
    let text = joined.trim_end_matches("\r\n");
    if text.is_empty() { String::new() } else { format!("{text}\r\n") }
}

fn latin1(text: &str) -> Vec<u8> {
    text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect()
}

/// Whether a signature verifies with the key in `record`.
pub fn verifies(message: &[u8], read: &Read, record: &str) -> Result<(), String> {
    let (fields, body) = parts(message);
    let hash = data_encoding::BASE64.encode(&Sha256::digest(latin1(&relaxed_body(&body))));
    if hash != read.tag("bh") {
        return Err("body hash".to_owned());
    }
    let mut left: Vec<Option<&String>> = fields.iter().map(Some).collect();
    let mut input = String::new();
    for name in read.names() {
        let matches = |field: &Option<&String>| {
            field.is_some_and(|field| field.split(':').next().unwrap().eq_ignore_ascii_case(&name))
        };
        if let Some(at) = left.iter().rposition(matches) {
            input.push_str(&relaxed_field(left[at].take().unwrap()));
            input.push_str("\r\n");
        }
    }
    // What follows `b=` is taken out, up to the end: it is the last tag.
    let own = relaxed_field(&read.field);
    input.push_str(&own[..own.find("; b=").unwrap() + "; b=".len()]);
    let key = DomainKey::parse(record.as_bytes()).map_err(|error| error.to_string())?;
    let value = data_encoding::BASE64.decode(read.tag("b").as_bytes()).map_err(|error| error.to_string())?;
    let input = latin1(&input);
    match read.tag("a") {
        "rsa-sha256" => key.p.verify_bytes(&input, &value, Algorithm::RsaSha256),
        "ed25519-sha256" => key.p.verify_bytes(&input, &value, Algorithm::Ed25519Sha256),
        other => return Err(format!("a={other}")),
    }
    .map_err(|error| error.to_string())
}
