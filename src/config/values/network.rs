//! Where things are: hosts, databases, feeds.

use std::fmt;
use std::path::{Path, PathBuf};

use url::Url;

use super::{Word, quoted};

/// A host name in lower-case ASCII (IDNs as punycode), or an IP address.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct HostName(String);

impl HostName {
    /// Reads one that somebody wrote, with what is wrong with it as the error.
    ///
    /// # Errors
    /// The end of a sentence for that person.
    pub fn parse_text(text: &str) -> Result<Self, String> {
        <Self as Word>::parse(text)
    }

    /// The name in lower-case ASCII.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for HostName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Word for HostName {
    const ONE: &'static str = "a host name such as \"mail.example.org\"";
    const MANY: &'static str = "a list of host names";

    fn parse(text: &str) -> Result<Self, String> {
        if let Ok(address) = text.parse::<std::net::IpAddr>() {
            return Ok(Self(address.to_string()));
        }
        let wrong = || format!("{} is not {}", quoted(text), Self::ONE);
        let ascii = idna::domain_to_ascii_strict(text).map_err(|_| wrong())?;
        let fits = |label: &str| (1..=63).contains(&label.len());
        if ascii.len() > 253 || !ascii.split('.').all(fits) {
            return Err(wrong());
        }
        Ok(Self(ascii))
    }

    fn show(&self) -> String {
        self.0.clone()
    }
}

/// Which database: `sqlite:FILE` or `postgres://…`. `Debug` and `Display` hide a password.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// A file of the one machine; a relative name is relative to the working directory.
    Sqlite(PathBuf),
    /// A PostgreSQL server.
    Postgres(Url),
}

impl DatabaseUrl {
    /// The address for a database driver, with the password when one stands in it.
    pub fn driver_url(&self) -> String {
        match self {
            // Drivers take it for percent-encoded.
            Self::Sqlite(path) => format!("sqlite:{}", path.display()).replace('%', "%25"),
            Self::Postgres(url) => url.to_string(),
        }
    }

    /// The file, on SQLite.
    pub fn sqlite_file(&self) -> Option<&Path> {
        match self {
            Self::Sqlite(path) => Some(path),
            Self::Postgres(_) => None,
        }
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = self.clone();
        if let Self::Postgres(url) = &mut shown {
            // Neither can fail: a PostgreSQL address has a host. A `password` may also stand in
            // the query, so that goes too.
            let _ = url.set_password(None);
            url.set_query(None);
        }
        match shown {
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Self::Postgres(url) => url.fmt(f),
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DatabaseUrl({self})")
    }
}

impl Word for DatabaseUrl {
    const ONE: &'static str =
        "a database such as \"sqlite:newsletterd.db\" or \"postgres://newsletterd@localhost/newsletterd\"";
    const MANY: &'static str = "a list of databases";

    fn parse(text: &str) -> Result<Self, String> {
        // The text may hold a password, so no message repeats it.
        if let Some(rest) = text.strip_prefix("sqlite:") {
            let file = rest.strip_prefix("//").unwrap_or(rest);
            if file.is_empty() || file.starts_with(':') || file.contains(['?', '\0']) {
                return Err("names no file: \"sqlite:newsletterd.db\" would be right".to_owned());
            }
            return Ok(Self::Sqlite(PathBuf::from(file)));
        }
        match Url::parse(text) {
            Ok(url) if matches!(url.scheme(), "postgres" | "postgresql") && url.has_authority() => {
                Ok(Self::Postgres(url))
            }
            _ => Err(format!("is not {}", Self::ONE)),
        }
    }

    fn show(&self) -> String {
        self.to_string()
    }
}

/// Where a source's articles come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Location {
    /// An address to fetch.
    Web(Url),
    /// A file on this machine; a relative name is relative to the working directory.
    File(PathBuf),
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Web(url) => url.fmt(f),
            Self::File(path) => path.display().fmt(f),
        }
    }
}

impl Word for Location {
    const ONE: &'static str =
        "a web address or a file such as \"https://example.org/rss\" or \"/srv/feed.xml\"";
    const MANY: &'static str = "a list of web addresses and files";

    fn parse(text: &str) -> Result<Self, String> {
        if !text.contains("://") {
            return PathBuf::parse(text).map(Self::File);
        }
        if text.starts_with("file:") {
            let path = Url::parse(text).ok().and_then(|url| url.to_file_path().ok());
            let path = path.and_then(|path| PathBuf::parse(path.to_str()?).ok());
            // Written as a plain name it would be taken for another kind of address.
            let path = path.filter(|path| !path.to_string_lossy().contains("://"));
            return path
                .map(Self::File)
                .ok_or_else(|| format!("{} names no file of this machine", quoted(text)));
        }
        <Url as Word>::parse(text).map(Self::Web)
    }

    fn show(&self) -> String {
        self.to_string()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn databases_are_a_file_or_a_server() {
        assert_eq!(DatabaseUrl::parse("sqlite:n.db").unwrap().sqlite_file(), Some(Path::new("n.db")));
        assert_eq!(
            DatabaseUrl::parse("sqlite:///srv/n.db").unwrap().sqlite_file(),
            Some(Path::new("/srv/n.db"))
        );
        assert!(DatabaseUrl::parse("postgresql://u@h/d").is_ok());
        for bad in ["", "n.db", "sqlite:", "sqlite::memory:", "mysql://h/d", "postgres:", "postgres"] {
            assert!(DatabaseUrl::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_database_password_is_never_shown() {
        let url = DatabaseUrl::parse("postgres://u:geheim@h/d?password=geheim").unwrap();
        assert!(!format!("{url} {url:?} {}", url.show()).contains("geheim"));
        assert!(url.driver_url().contains("u:geheim@h"));
        assert!(!DatabaseUrl::parse("mysql://u:geheim@h/d").unwrap_err().contains("geheim"));
    }

    #[test]
    fn a_source_is_on_the_web_or_a_file() {
        assert!(matches!(Location::parse("https://example.org/rss"), Ok(Location::Web(_))));
        assert_eq!(Location::parse("feeds/a.xml"), Ok(Location::File("feeds/a.xml".into())));
        assert_eq!(Location::parse("file:///srv/a%20b.xml"), Ok(Location::File("/srv/a b.xml".into())));
        for bad in [
            "",
            "ftp://example.org/rss",
            "https://",
            "file://elsewhere.example/a",
            "file:///a%00b",
            "file:///a://b",
        ] {
            assert!(Location::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn hosts_are_ascii_names_or_addresses() {
        assert_eq!(
            HostName::parse("Bounces.Bücher.example").unwrap().as_str(),
            "bounces.xn--bcher-kva.example"
        );
        assert_eq!(HostName::parse("::1").unwrap().as_str(), "::1");
        for bad in ["", "a b", "https://example.org", "a..b", "-a.example"] {
            assert!(HostName::parse(bad).is_err(), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_answered_and_what_is_shown_is_read_back(text in ".*|(sqlite:|postgres://|file://|https?://).*") {
            if let Ok(location) = Location::parse(&text) {
                prop_assert_eq!(Location::parse(&location.show()), Ok(location));
            }
            if let Ok(host) = HostName::parse(&text) {
                prop_assert_eq!(HostName::parse(&host.show()), Ok(host));
            }
            if let Ok(url) = DatabaseUrl::parse(&text) {
                prop_assert!(DatabaseUrl::parse(&url.show()).is_ok());
            }
        }
    }
}
