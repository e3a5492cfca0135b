//! JSON Feed 1.0 and 1.1, and JSON lines, read tolerantly: a numeric id, a missing date or a string
//! where a list should be cost nothing.

use serde_json::{Map, Value};

use super::draft::Collector;
use super::record::Record;
use super::{ArticlesError, ArticlesFile, ReadOptions, decode, web_address};

/// Names under which an object holds its list of articles.
pub(super) const LISTS: [&str; 4] = ["items", "articles", "posts", "entries"];

/// Reads a JSON Feed, or another object with one list of articles.
pub(super) fn read_feed(bytes: &[u8], options: &ReadOptions) -> Result<ArticlesFile, ArticlesError> {
    let text = decode::decode(bytes).text;
    let feed: Map<String, Value> = serde_json::from_str(&text).map_err(|error| malformed(&error))?;
    let list = LISTS.iter().find_map(|name| feed.get(*name).and_then(Value::as_array));
    let items =
        list.ok_or_else(|| ArticlesError::NotAFeed { got: "JSON without a list called `items`".to_owned() })?;
    let home =
        ["feed_url", "home_page_url"].iter().find_map(|name| web_address::base(feed.get(*name)?.as_str()?));
    let base = options.base_url.clone().or(home);
    let language = feed.get("language").cloned();
    let mut articles = Collector::new(options);
    for (count, item) in items.iter().enumerate() {
        let place = format!("item {}", count + 1);
        match item {
            Value::Object(fields) => {
                let inherited = language.iter().map(|language| ("language".to_owned(), language.clone()));
                let record = Record::new(fields.clone().into_iter().chain(inherited));
                record.collect(&place, base.as_ref(), &mut articles);
            }
            _ => articles.problem(&place, "left out: it is no object with fields"),
        }
    }
    Ok(articles.finish())
}

/// Reads one object a line; a file that is one array of objects is read the same.
pub(super) fn read_lines(bytes: &[u8], options: &ReadOptions) -> Result<ArticlesFile, ArticlesError> {
    let text = decode::decode(bytes).text;
    let mut articles = Collector::new(options);
    let whole = if text.trim_start().starts_with('[') {
        serde_json::from_str::<Vec<Value>>(&text).map_err(|error| malformed(&error))?
    } else {
        // One object over several lines is one article.
        serde_json::from_str::<Value>(&text).into_iter().collect()
    };
    if whole.is_empty() {
        let mut has_object = false;
        for (count, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            let place = format!("line {}", count + 1);
            match serde_json::from_str(line) {
                Ok(value) => has_object |= collect(&place, value, options, &mut articles),
                Err(error) => articles.problem(&place, format!("left out: it is not JSON ({error})")),
            }
        }
        if !has_object && !text.trim_start().starts_with('[') {
            return Err(ArticlesError::NotAFeed { got: "no line with a JSON object".to_owned() });
        }
    }
    for (count, value) in whole.into_iter().enumerate() {
        collect(&format!("item {}", count + 1), value, options, &mut articles);
    }
    Ok(articles.finish())
}

/// Whether `value` was an object.
fn collect(place: &str, value: Value, options: &ReadOptions, articles: &mut Collector<'_>) -> bool {
    match value {
        Value::Object(fields) => {
            Record::new(fields).collect(place, options.base_url.as_ref(), articles);
            true
        }
        _ => {
            articles.problem(place, "left out: it is no object with fields");
            false
        }
    }
}

fn malformed(error: &serde_json::Error) -> ArticlesError {
    ArticlesError::Malformed {
        place: format!("line {}, column {}", error.line(), error.column()),
        message: format!("not valid JSON ({error})"),
    }
}
