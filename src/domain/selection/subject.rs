//! The subject and preheader that an edition has until an editor writes better ones.

use std::collections::HashMap;

use super::content::{Block, BlockKind, Item, lead};
use crate::domain::article::{Article, ArticleContent};
use crate::domain::ids::ArticleId;

/// Characters of a preheader; mail programs show fewer.
const PREHEADER_MAX: usize = 140;

/// What stands in a list of mails. Plain text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// The headline of the lead.
    pub subject: String,
    /// The headline of the second story, else the lead's blurb; may be empty.
    pub preheader: String,
}

/// Proposes a subject and a preheader; `None` for an edition without stories.
pub fn subject_for(blocks: &[Block], articles: &[Article]) -> Option<Subject> {
    let stories: HashMap<ArticleId, &ArticleContent> =
        articles.iter().map(|article| (article.id, &article.content)).collect();
    let story = |item: &Item| item.article().and_then(|id| stories.get(&id).copied());

    let lead = lead(blocks)?;
    let subject = lead.headline(story(lead))?.to_owned();
    let second = in_priority(blocks).filter(|item| !std::ptr::eq(*item, lead));
    let second = second.filter_map(|item| item.headline(story(item))).next();
    let preheader = shortened(second.unwrap_or_else(|| lead.summary(story(lead))), PREHEADER_MAX);
    Some(Subject { subject, preheader })
}

fn in_priority(blocks: &[Block]) -> impl Iterator<Item = &Item> {
    let of_kind = move |kind: &BlockKind| {
        let kind = *kind;
        blocks.iter().filter(move |block| block.kind == kind)
    };
    BlockKind::ALL.iter().flat_map(of_kind).flat_map(|block| &block.items)
}

/// The text when it has at most `most` characters, else its first words and an ellipsis.
fn shortened(text: &str, most: usize) -> String {
    let Some((end, _)) = text.char_indices().nth(most) else {
        return text.to_owned();
    };
    // One character less, for the ellipsis. A single long word is cut where it must be.
    let head = text[..end].char_indices().next_back().map_or("", |(last, _)| &text[..last]);
    let words = head.rfind(char::is_whitespace).map_or(head, |space| &head[..space]);
    format!("{}…", words.trim_end_matches(|c: char| c.is_whitespace() || ",;:–—-".contains(c)))
}

#[cfg(test)]
mod tests {
    use super::shortened;

    #[test]
    fn long_texts_end_after_a_word() {
        assert_eq!(shortened("short", 10), "short");
        assert_eq!(shortened("exactly 10", 10), "exactly 10");
        assert_eq!(shortened("The council, said yes", 14), "The council…");
        assert_eq!(shortened("Հայաստանի Հանրապետություն", 12), "Հայաստանի…");
        assert_eq!(shortened("Donaudampfschifffahrt", 6), "Donau…");
    }
}
