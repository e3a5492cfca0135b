//! Configurations that people write, wrong ones most of all.

mod delivery;
mod example;
mod hostile;
mod mailboxes;
mod problems;
mod values;
mod webhooks;

use std::path::Path;

use super::{Config, ConfigErrors, parse};

/// The smallest configuration that works.
const SMALL: &str = r#"[site]
name = "Post"
url = "https://example.org"
postal_address = "1 Street"
[web]
public_url = "https://letters.example.org"
[bounces]
return_path = "bounces.example.org"
[[relays]]
name = "main"
url = "smtp://127.0.0.1:25"
[[lists]]
name = "readers"
[[newsletters]]
name = "daily"
list = "readers"
title = "Today"
language = "en"
schedule = "0 6 * * *"
from = "news@example.org"
[[newsletters.blocks]]
kind = "picks"
"#;

fn read(text: &str, environment: &[(&str, &str)]) -> Result<Config, ConfigErrors> {
    let environment = environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    parse(text, Path::new("newsletter.toml"), environment)
}

fn problems(text: &str) -> String {
    read(text, &[]).unwrap_err().to_string()
}

/// `SMALL` with one text in it replaced.
fn with(from: &str, to: &str) -> String {
    assert!(SMALL.contains(from), "{from}");
    SMALL.replacen(from, to, 1)
}
