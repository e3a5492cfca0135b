//! A newsroom's own feed in the demo: its stories take the place of the sample's in their language.

use std::path::PathBuf;

use super::DemoError;
use crate::domain::article::IncomingArticle;
use crate::domain::language::Language;
use crate::pipeline::{Engine, gather};

/// What the configuration calls it.
pub const SOURCE: &str = "feed";

/// The newest stories of a feed that stand in for editor's picks: nobody flags any in a feed.
const PICKS: usize = 3;

/// A feed that was read.
pub struct Feed {
    /// The language of the newsletter that its stories go to.
    pub language: Language,
    /// Its stories, newest first.
    pub articles: Vec<IncomingArticle>,
}

/// The feed's address, or its file's name from the root, as the configuration has it.
pub fn location(feed: &str) -> String {
    if feed.contains("://") {
        return feed.to_owned();
    }
    std::path::absolute(feed).unwrap_or_else(|_| PathBuf::from(feed)).display().to_string()
}

/// Reads the feed that the configuration names; `None` when it names none.
pub async fn read(engine: &Engine) -> Result<Option<Feed>, DemoError> {
    let Some(source) = engine.config.sources.iter().find(|source| source.name.as_str() == SOURCE) else {
        return Ok(None);
    };
    let failed = |why: String| DemoError::Feed { feed: source.url.to_string(), why };
    let file = gather::look(engine, source).await.map_err(|error| failed(error.to_string()))?;
    if file.articles.is_empty() {
        return Err(failed("there is no article in it".to_owned()));
    }
    Ok(Some(arrange(file.articles)))
}

/// Finds the newsletter to which the stories go: that of their language where it is one of ours,
/// else the English one.
fn arrange(mut articles: Vec<IncomingArticle>) -> Feed {
    let ours = |article: &IncomingArticle| article.content.language.as_deref().and_then(Language::from_tag);
    let language = articles.iter().find_map(ours).unwrap_or(Language::English);
    articles.sort_by_key(|article| std::cmp::Reverse(article.content.published_at));
    for (index, article) in articles.iter_mut().enumerate() {
        article.flagged |= index < PICKS;
        // A newsletter takes stories in no stated language, but none in a foreign one.
        if ours(article).is_none() {
            article.content.language = Some(language.to_string());
        }
    }
    Feed { language, articles }
}
