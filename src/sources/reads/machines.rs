//! Who asks for a page without reading it: crawlers, previews, feed readers, scripts, monitors.
//!
//! Three rules, because each alone lets many through: every browser names itself `Mozilla/…` or
//! `Opera/…` with its system in brackets; the `isbot` crate knows several hundred patterns; and a
//! list of our own has those that it misses. An empty user agent is a machine.

use std::collections::HashMap;

/// What the `isbot` crate misses, in lower case; one that stands anywhere in the user agent.
const MORE: &[&str] = &[
    "amazonbot",
    "anthropic-ai",
    "applebot",
    "bluesky cardyb",
    "bytespider",
    "censys",
    "chatgpt",
    "claude-",
    "cohere-ai",
    "compatible; bot",
    "duckassist",
    "elb-healthchecker",
    "expanse",
    "facebookcatalog",
    "google-extended",
    "google-inspectiontool",
    "google-read-aloud",
    "googleother",
    "gtmetrix",
    "iframely",
    "imagesift",
    "internetmeasurement",
    "kube-probe",
    "lighthouse",
    "meta-externalagent",
    "meta-externalfetcher",
    "meta-webindexer",
    "mistralai-user",
    "netnewswire",
    "oai-searchbot",
    "perplexity",
    "petalbot",
    "playwright",
    "puppeteer",
    "selenium",
    "telegrambot",
    "timpibot",
    "whatsapp/",
    "yahoomailproxy",
    "youbot",
];

/// A make of phones with three unlucky letters in its name.
const PHONES: &[&str] = &["cubot"];

/// Tells machines from readers by their user agents.
pub struct UserAgents {
    patterns: isbot::Bots,
}

impl UserAgents {
    /// With all that is known. Takes a while to make: keep it.
    pub fn new() -> Self {
        Self { patterns: isbot::Bots::default() }
    }

    /// Whether a machine names itself so; nobody at all is one, too.
    pub fn is_machine(&self, agent: &str) -> bool {
        let agent = PHONES.iter().fold(agent.to_lowercase(), |agent, phone| agent.replace(phone, "phone"));
        let browser = (agent.starts_with("mozilla/") || agent.starts_with("opera/")) && agent.contains('(');
        !browser || MORE.iter().any(|part| agent.contains(part)) || self.patterns.is_bot(&agent)
    }
}

impl Default for UserAgents {
    fn default() -> Self {
        Self::new()
    }
}

/// As [`UserAgents`], and remembers those that it has seen.
pub(super) struct Machines {
    agents: UserAgents,
    known: HashMap<String, bool>,
}

impl Machines {
    pub(super) fn new() -> Self {
        Self { agents: UserAgents::new(), known: HashMap::new() }
    }

    pub(super) fn is_machine(&mut self, agent: &str) -> bool {
        /// Above this, user agents are made up at random and remembering them helps nobody.
        const KNOWN_MAX: usize = 100_000;
        if let Some(&known) = self.known.get(agent) {
            return known;
        }
        let verdict = self.agents.is_machine(agent);
        if self.known.len() < KNOWN_MAX {
            self.known.insert(agent.to_owned(), verdict);
        }
        verdict
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MACHINES: &[&str] = &[
        "",
        "-",
        "Mozilla/5.0",
        "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
        "Mozilla/5.0 (Linux; Android 6.0.1; Nexus 5X Build/MMB29P) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Mobile Safari/537.36 (compatible; GoogleOther)",
        "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)",
        "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko); compatible; ChatGPT-User/1.0; +https://openai.com/bot",
        "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; ClaudeBot/1.0; +claudebot@anthropic.com)",
        "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; Claude-User/1.0; +Claude-User@anthropic.com)",
        "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; PerplexityBot/1.0)",
        "Mozilla/5.0 (Linux; Android 5.0) AppleWebKit/537.36 (KHTML, like Gecko) Mobile Safari/537.36 (compatible; Bytespider; spider-feedback@bytedance.com)",
        "Mozilla/5.0 (compatible; YandexBot/3.0; +http://yandex.com/bots)",
        "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
        "Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)",
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Safari/605.1.15 (Applebot/0.1)",
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/131.0.0.0 Safari/537.36",
        "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)",
        "WhatsApp/2.23.20.0 A",
        "WhatsApp/2.2413.51 W",
        "meta-externalagent/1.1 (+https://developers.facebook.com/docs/sharing/webmasters/crawler)",
        "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
        "TelegramBot (like TwitterBot)",
        "Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)",
        "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
        "Feedfetcher-Google; (+http://www.google.com/feedfetcher.html)",
        "Feedly/1.0 (+http://www.feedly.com/fetcher.html; 3 subscribers)",
        "curl/8.5.0",
        "Wget/1.21.4",
        "python-requests/2.32.3",
        "Python/3.12 aiohttp/3.9",
        "Go-http-client/2.0",
        "okhttp/4.12.0",
        "axios/1.7.2",
        "SomethingNobodyHeardOf/1.0",
    ];

    const READERS: &[&str] = &[
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/132.0.0.0 Safari/537.36",
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/132.0.0.0 Safari/537.36 Edg/132.0.0.0",
        "Mozilla/5.0 (X11; Linux x86_64; rv:135.0) Gecko/20100101 Firefox/135.0",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_3 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.3 Mobile/15E148 Safari/604.1",
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.3 Safari/605.1.15",
        "Mozilla/5.0 (Linux; Android 14; CUBOT X70) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Mobile Safari/537.36",
        "Mozilla/5.0 (Linux; Android 12; CUBOT X50) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Mobile Safari/537.36",
        "Mozilla/5.0 (Linux; Android 11; CUBOT) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Mobile Safari/537.36",
        "Mozilla/5.0 (Linux; Android 13; SM-A546B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/27.0 Chrome/125.0.0.0 Mobile Safari/537.36",
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 YaBrowser/24.12.0 Safari/537.36",
        "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 [FBAN/FBIOS;FBAV/490.0;FBBV/1]",
        "Mozilla/5.0 (Linux; Android 13; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/131.0.0.0 Mobile Safari/537.36 Instagram 361.0",
        "Opera/9.80 (Android; Opera Mini/36.2/191; U; ru) Presto/2.12.423 Version/12.16",
        "Mozilla/5.0 (Windows NT 6.1; Trident/7.0; rv:11.0) like Gecko",
    ];

    #[test]
    fn machines_are_told_from_readers() {
        let mut machines = Machines::new();
        for agent in MACHINES {
            assert!(machines.is_machine(agent), "a machine: {agent}");
            assert!(machines.is_machine(agent), "remembered: {agent}");
        }
        for agent in READERS {
            assert!(!machines.is_machine(agent), "a reader: {agent}");
        }
    }
}
