//! One line of an access log: the common and combined formats of Apache and nginx (with a virtual
//! host before them, too), JSON lines of Caddy, and those that nginx is told to write.

use std::net::IpAddr;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use serde_json::Value;

use crate::sources::table::times::{self, When};

/// What a well-formed line says.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Line {
    /// A request.
    Request(Request),
    /// Something else that servers log: a broken request, a notice.
    Other,
}

/// One request, as far as it matters here.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Request {
    pub(super) at: DateTime<Utc>,
    pub(super) method: String,
    /// Path and query, or a whole address.
    pub(super) target: String,
    /// Where the log names it.
    pub(super) host: Option<String>,
    pub(super) status: u16,
    /// The reader's address, in whatever form.
    pub(super) client: String,
    /// `None` in logs that do not have it.
    pub(super) agent: Option<String>,
    /// Whether the browser only fetched it in case it would be read.
    pub(super) prefetch: bool,
    /// The answer's type, where the log has it.
    pub(super) content_type: Option<String>,
}

/// Reads one line; `None` for a damaged one.
pub(super) fn parse(line: &[u8]) -> Option<Line> {
    let text = text(line);
    let text = text.trim();
    if text.starts_with('{') { json(&serde_json::from_str(text).ok()?) } else { combined(text) }
}

/// Bytes that are no UTF-8 become the escapes that servers write for them.
fn text(line: &[u8]) -> String {
    let mut text = String::with_capacity(line.len());
    for chunk in line.utf8_chunks() {
        text.push_str(chunk.valid());
        for byte in chunk.invalid() {
            text.push_str(&format!("\\x{byte:02X}"));
        }
    }
    text
}

/// `host ident user [time] "request" status size "referer" "user agent"`, the last two optional.
fn combined(line: &str) -> Option<Line> {
    let (before, rest) = line.split_once(" [")?;
    let (time, rest) = rest.split_once("] ")?;
    let at = DateTime::parse_from_str(time, "%d/%b/%Y:%H:%M:%S %z").ok()?.to_utc();
    let before: Vec<&str> = before.split_whitespace().collect();
    let (host, client) = match before[..] {
        // Apache's vhost_combined.
        [host, client, _, _, ..] if client.parse::<IpAddr>().is_ok() => (Some(without_port(host)), client),
        [client, _, _, ..] => (None, client),
        _ => return None,
    };
    let (request, rest) = quoted(rest)?;
    let (status, rest) = rest.trim_start().split_once(' ')?;
    let (size, rest) = rest.split_once(' ').unwrap_or((rest, ""));
    if status.len() != 3 || !(size == "-" || size.parse::<u64>().is_ok()) {
        return None;
    }
    let status = status.parse().ok()?;
    let agent = match rest.trim_start() {
        "" => None,
        referer if referer.starts_with('"') => {
            let (_, rest) = quoted(referer)?;
            Some(quoted(rest.trim_start())?.0)
        }
        _ => None,
    };
    let Some((method, target)) = request_line(request) else { return Some(Line::Other) };
    Some(Line::Request(Request {
        at,
        method: method.to_owned(),
        target: escapes(target),
        host: host.map(str::to_owned),
        status,
        client: client.to_owned(),
        agent: agent.map(str::to_owned),
        prefetch: false,
        content_type: None,
    }))
}

/// The text in quotes at the start, and what comes after it. A backslash protects a quote.
fn quoted(text: &str) -> Option<(&str, &str)> {
    let inner = text.strip_prefix('"')?;
    let mut escaped = false;
    for (at, byte) in inner.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return Some((&inner[..at], &inner[at + 1..])),
            _ => {}
        }
    }
    None
}

/// Method and target of `GET /path HTTP/1.1`.
fn request_line(request: &str) -> Option<(&str, &str)> {
    let (method, rest) = request.split_once(' ')?;
    let (target, protocol) = rest.rsplit_once(' ')?;
    let well_formed = protocol.starts_with("HTTP/") && method.bytes().all(|byte| byte.is_ascii_uppercase());
    well_formed.then_some((method, target))
}

/// `\xE1` for a byte, as nginx and Apache write it, becomes `%E1`.
fn escapes(target: &str) -> String {
    let mut plain = String::with_capacity(target.len());
    let mut rest = target;
    while let Some((before, after)) = rest.split_once("\\x") {
        plain.push_str(before);
        let hex = after.get(..2).filter(|hex| hex.bytes().all(|byte| byte.is_ascii_hexdigit()));
        plain.push_str(if hex.is_some() { "%" } else { "\\x" });
        rest = after;
    }
    plain.push_str(rest);
    plain
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    }
}

fn json(line: &Value) -> Option<Line> {
    let object = line.as_object()?;
    let logger = object.get("logger").and_then(Value::as_str);
    if logger.is_some_and(|logger| !logger.starts_with("http.log.access")) {
        return Some(Line::Other);
    }
    match object.get("request") {
        Some(request @ Value::Object(_)) => Some(caddy(line, request)),
        _ if ["remote_addr", "status", "level", "msg"].iter().any(|name| object.contains_key(*name)) => {
            Some(named_fields(line))
        }
        _ => None,
    }
    .map(|request| request.map_or(Line::Other, Line::Request))
}

fn caddy(line: &Value, request: &Value) -> Option<Request> {
    let field = |name: &str| request.get(name).and_then(Value::as_str).map(str::to_owned);
    let header = |of: &Value, section: &str, name: &str| {
        let headers = of.get(section)?.as_object()?;
        let (_, values) = headers.iter().find(|(other, _)| other.eq_ignore_ascii_case(name))?;
        Some(values.get(0)?.as_str()?.to_owned())
    };
    let purpose = |name| header(request, "headers", name).is_some_and(|purpose| purpose.contains("prefetch"));
    Some(Request {
        at: time(line.get("ts")?)?,
        method: field("method")?,
        target: field("uri")?,
        host: field("host").map(|host| without_port(&host).to_owned()),
        status: number(line.get("status")?)?,
        client: field("client_ip").or_else(|| field("remote_ip"))?,
        agent: Some(header(request, "headers", "User-Agent").unwrap_or_default()),
        prefetch: ["Sec-Purpose", "Purpose", "X-Moz"].into_iter().any(purpose),
        content_type: header(line, "resp_headers", "Content-Type"),
    })
}

/// Fields under the names of nginx's variables.
fn named_fields(line: &Value) -> Option<Request> {
    let text = |names: &[&str]| names.iter().find_map(|name| line.get(name)?.as_str()).map(str::to_owned);
    let request = text(&["request"]);
    let parts = request.as_deref().and_then(request_line);
    let at = ["time_iso8601", "time_local", "@timestamp", "timestamp", "time", "msec", "ts"];
    Some(Request {
        at: at.iter().find_map(|name| time(line.get(name)?))?,
        method: text(&["request_method", "method"]).or_else(|| Some(parts?.0.to_owned()))?,
        target: text(&["request_uri", "uri", "path"]).or_else(|| Some(parts?.1.to_owned()))?,
        host: text(&["host", "http_host", "server_name"]).map(|host| without_port(&host).to_owned()),
        status: number(line.get("status")?)?,
        client: text(&["remote_addr", "client_ip", "remote_ip", "http_x_forwarded_for"])?,
        agent: text(&["http_user_agent", "user_agent", "agent"]),
        prefetch: text(&["http_sec_purpose", "http_purpose"])
            .is_some_and(|purpose| purpose.contains("prefetch")),
        content_type: text(&["sent_http_content_type", "content_type"]),
    })
}

fn number(value: &Value) -> Option<u16> {
    match value {
        Value::String(text) => text.parse().ok(),
        other => other.as_u64()?.try_into().ok(),
    }
}

/// Seconds since 1970 with a fraction, or a time with its offset.
fn time(value: &Value) -> Option<DateTime<Utc>> {
    let seconds = match value {
        Value::String(text) => match text.parse::<f64>() {
            Ok(seconds) => seconds,
            Err(_) => match times::parse(text, Tz::UTC)? {
                When::At(at) => return Some(at),
                When::Day(_) => return None,
            },
        },
        other => other.as_f64()?,
    };
    const LAST: f64 = 4_102_444_800.0;
    if !(0.0..=LAST).contains(&seconds) {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, reason = "checked to lie before 2100")]
    DateTime::from_timestamp_millis((seconds * 1_000.0) as i64)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn request(line: &str) -> Request {
        match parse(line.as_bytes()) {
            Some(Line::Request(request)) => request,
            other => panic!("{other:?}: {line}"),
        }
    }

    #[test]
    fn the_formats_of_web_servers_are_read() {
        let combined = request(
            r#"2001:db8::7 - ana [24/Nov/2026:19:05:00 +0400] "GET /a\xE1\x83?q=\"x\" HTTP/2.0" 200 512 "https://x.org/\"" "Moz \"illa\"" "203.0.113.1""#,
        );
        assert_eq!(combined.at.to_rfc3339(), "2026-11-24T15:05:00+00:00");
        assert_eq!((combined.method.as_str(), combined.status), ("GET", 200));
        assert_eq!(combined.target, r#"/a%E1%83?q=\"x\""#);
        assert_eq!((combined.client.as_str(), combined.host), ("2001:db8::7", None));
        assert_eq!(combined.agent.as_deref(), Some(r#"Moz \"illa\""#));

        let common = request(r#"192.0.2.1 - - [24/Nov/2026:19:05:00 +0400] "GET /a HTTP/1.1" 304 -"#);
        assert_eq!((common.status, common.agent), (304, None));

        let vhost = request(
            r#"www.example.org:443 192.0.2.1 - - [24/Nov/2026:19:05:00 +0400] "GET /a HTTP/1.1" 200 1 "-" "x""#,
        );
        assert_eq!((vhost.host.as_deref(), vhost.client.as_str()), (Some("www.example.org"), "192.0.2.1"));

        let caddy = request(
            r#"{"level":"info","ts":1764000300.25,"logger":"http.log.access.log0","msg":"handled request","request":{"remote_ip":"10.0.0.1","client_ip":"192.0.2.9","proto":"HTTP/2.0","method":"GET","host":"example.org:443","uri":"/a?b=c","headers":{"user-agent":["Moz"],"Sec-Purpose":["prefetch;prerender"]}},"status":200,"size":9,"resp_headers":{"Content-Type":["text/html"]}}"#,
        );
        assert_eq!(caddy.at.to_rfc3339(), "2025-11-24T16:05:00.250+00:00");
        assert_eq!((caddy.client.as_str(), caddy.host.as_deref()), ("192.0.2.9", Some("example.org")));
        assert_eq!((caddy.agent.as_deref(), caddy.prefetch), (Some("Moz"), true));
        assert_eq!(caddy.content_type.as_deref(), Some("text/html"));

        let nginx = request(
            r#"{"time_iso8601":"2026-11-24T19:05:00+04:00","remote_addr":"192.0.2.1","request":"GET /a HTTP/1.1","status":"200","http_user_agent":"Moz","host":"example.org"}"#,
        );
        assert_eq!((nginx.target.as_str(), nginx.status), ("/a", 200));
        assert_eq!(nginx.at.to_rfc3339(), "2026-11-24T15:05:00+00:00");
    }

    #[test]
    fn what_is_no_request_is_neither_read_nor_damaged() {
        for line in [
            r#"192.0.2.1 - - [24/Nov/2026:19:05:00 +0400] "-" 400 0 "-" "-""#,
            r#"192.0.2.1 - - [24/Nov/2026:19:05:00 +0400] "\x16\x03\x01" 400 157 "-" "-""#,
            r#"{"level":"info","ts":1764000300,"logger":"tls","msg":"renewed"}"#,
            r#"{"level":"info","ts":1764000300,"msg":"shutting down"}"#,
        ] {
            assert_eq!(parse(line.as_bytes()), Some(Line::Other), "{line}");
        }
    }

    #[test]
    fn damaged_lines_are_none() {
        for line in [
            "",
            "this line is damaged",
            r#"192.0.2.1 - - [24/Nov/2026:19:05"#,
            r#"192.0.2.1 - - [24/Foo/2026:19:05:00 +0400] "GET /a HTTP/1.1" 200 5"#,
            r#"192.0.2.1 - - [24/Nov/2026:19:05:00 +0400] "GET /a HTTP/1.1" 20"#,
            r#"192.0.2.1 - - [24/Nov/2026:19:05:00 +0400] "GET /a HTTP/1.1" 200 5 "-" "Moz"#,
            r#"{"ts":1,"request":{"#,
            r#"{"url":"https://example.org/a","count":5}"#,
            "url,hour,count",
        ] {
            assert_eq!(parse(line.as_bytes()), None, "{line}");
        }
    }

    proptest! {
        #[test]
        fn no_line_makes_it_panic(
            bytes in proptest::collection::vec(any::<u8>(), 0..120),
            pieces in "(1\\.2\\.3\\.4| - | \\[|24/Nov/2026:19:05:00 \\+0400|\\] |\"|\\\\|\\\\x|GET | HTTP/1\\.1|200|/a|\\{|\\}|:|\"ts\"|\"request\"|\\PC){0,24}",
        ) {
            let _ = parse(&bytes);
            let _ = parse(pieces.as_bytes());
        }
    }
}
