//! The demo's configuration, as TOML: the program reads it as it reads anybody's.

use std::net::SocketAddr;

use serde_json::{Value, json};
use url::Url;

use super::folder::Folder;
use super::newsroom::{DemoNewsletter, Newsroom};
use super::{DemoError, feed};
use crate::config::{self, Config};

/// What stands above the settings.
const HEADING: &str = "# The demo's configuration, written anew at each start. While the demo runs, other commands can be\n\
    # tried on it: newsletterd -c THIS-FILE edition list\n\n";

/// Where the demo listens.
#[derive(Clone, Copy, Debug)]
pub struct Ports {
    /// For browsers.
    pub web: SocketAddr,
    /// For mail.
    pub smtp: SocketAddr,
}

/// Makes the configuration, keeps it in the folder, and reads it.
pub fn configure(
    folder: &Folder,
    ports: Ports,
    newsroom: &Newsroom,
    feed: Option<&str>,
) -> Result<Config, DemoError> {
    let text = format!("{HEADING}{}", toml::to_string(&settings(folder, ports, newsroom, feed))?);
    let config = config::parse(&text, &folder.settings(), std::iter::empty())?;
    folder.keep_settings(&text)?;
    Ok(config)
}

fn settings(folder: &Folder, ports: Ports, newsroom: &Newsroom, feed: Option<&str>) -> Value {
    let site = format!("http://{}/", ports.web);
    let letters = &newsroom.newsletters;
    let name = letters.first().map_or("", |newsletter| &newsletter.newspaper);
    let mut settings = json!({
        "site": { "name": name, "url": site, "postal_address": "1 Mill Landing, Velmari" },
        "database": { "url": format!("sqlite:{}", folder.database().display()) },
        "web": { "listen": ports.web.to_string(), "public_url": site },
        "relays": [{ "name": "demo", "url": format!("smtp://{}", ports.smtp), "hello": "localhost" }],
        "bounces": { "return_path": "bounces.velmari.example" },
        "lists": letters.iter().map(|newsletter| json!({ "name": newsletter.list, "title": newsletter.title }))
            .collect::<Vec<_>>(),
        "newsletters": letters.iter().map(|letter| newsletter(letter, &site)).collect::<Vec<_>>(),
    });
    // The letters' pictures come from the paper's own site.
    let own = ports.web.ip().to_string();
    let mut allowed = vec![own];
    if let Some(feed) = feed {
        settings["sources"] = json!([{ "name": feed::SOURCE, "url": feed::location(feed) }]);
        // Whoever names an address at the command line means it, also one of their own network.
        allowed.extend(Url::parse(feed).ok().and_then(|url| url.host_str().map(str::to_owned)));
    }
    settings["fetch"] = json!({ "allow_hosts": allowed });
    settings
}

fn newsletter(letter: &DemoNewsletter, site: &str) -> Value {
    let DemoNewsletter { name, list, language, title, newspaper, blocks, appeal } = letter;
    json!({
        "name": name,
        "list": list,
        "title": title,
        "language": language,
        "schedule": "0 7 * * *",
        "time_zone": "Asia/Tbilisi",
        "from": format!("\"{newspaper}\" <letters@velmari.example>"),
        // A second demo in the same folder may find nothing that readers do not know.
        "when_too_little": "skip",
        "blocks": [
            { "kind": "picks", "title": blocks.picks, "max": 3 },
            { "kind": "most_read", "title": blocks.most_read, "max": 5 },
            { "kind": "latest", "title": blocks.latest, "max": 3 },
            {
                "kind": "house",
                "title": appeal.title,
                "text": appeal.text,
                "button": appeal.button,
                "link": format!("{site}{language}/membership/"),
            },
        ],
    })
}
