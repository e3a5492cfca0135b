//! Which addresses could be those of an article.

/// Last parts of file names that are never pages.
const FILES: &[&str] = &[
    "7z",
    "apk",
    "atom",
    "avi",
    "avif",
    "bmp",
    "bz2",
    "css",
    "csv",
    "dmg",
    "doc",
    "docx",
    "eot",
    "epub",
    "exe",
    "flac",
    "gif",
    "gz",
    "ico",
    "ics",
    "ini",
    "jpeg",
    "jpg",
    "js",
    "json",
    "jsonld",
    "m3u8",
    "m4a",
    "m4s",
    "m4v",
    "map",
    "mjs",
    "mov",
    "mp3",
    "mp4",
    "mpd",
    "oga",
    "ogg",
    "ogv",
    "otf",
    "pdf",
    "png",
    "ppt",
    "pptx",
    "rar",
    "rdf",
    "rss",
    "svg",
    "tar",
    "tgz",
    "tif",
    "tiff",
    "ts",
    "ttf",
    "txt",
    "vtt",
    "wasm",
    "wav",
    "webm",
    "webmanifest",
    "webp",
    "woff",
    "woff2",
    "xls",
    "xlsx",
    "xml",
    "xsl",
    "zip",
];
/// First path segments that are never pages.
const MACHINERY: &[&str] = &[
    ".well-known",
    "api",
    "cdn-cgi",
    "cgi-bin",
    "graphql",
    "wp-admin",
    "wp-content",
    "wp-cron.php",
    "wp-includes",
    "wp-json",
    "wp-login.php",
    "xmlrpc.php",
];
/// Last path segments that are feeds.
const FEEDS: &[&str] = &["feed", "rss", "atom"];

/// Whether a page's path and query, as in its key (`/2026/02/bridge?p=2`), could be an article's:
/// neither the home page, nor a file, a feed or the site's machinery.
pub(super) fn may_be_article(path_and_query: &str) -> bool {
    let (path, query) = path_and_query.split_once('?').unwrap_or((path_and_query, ""));
    let segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
    let (Some(first), Some(last)) = (segments.first(), segments.last()) else {
        return !query.is_empty();
    };
    let extension = last.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase());
    let is_file = extension.is_some_and(|extension| FILES.contains(&extension.as_str()));
    !is_file && !MACHINERY.contains(first) && !FEEDS.contains(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_told_from_files() {
        for page in
            ["/2026/02/bridge", "/?p=12", "/bridge.html", "/story.php?id=7", "/a/v1.2-is-out", "/%E1%83%AE"]
        {
            assert!(may_be_article(page), "{page}");
        }
        for other in [
            "/",
            "/style.css",
            "/img/a.JPG",
            "/favicon.ico",
            "/feed",
            "/news/rss",
            "/wp-json/wp/v2/posts",
            "/sitemap.xml",
            "/robots.txt",
        ] {
            assert!(!may_be_article(other), "{other}");
        }
    }
}
