//! The numbers of an edition's links. A number, once given, stands for the same link for good:
//! letters that carry it are out.

use super::{Parameter, target};
use crate::domain::ids::{ArticleId, LinkNo};
use crate::domain::revision::Content;

/// A link of an edition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NumberedLink {
    /// Its number.
    pub no: LinkNo,
    /// Where it led when it was given its number, whatever became of it since.
    pub target: String,
    /// The story behind it, when it is one of ours.
    pub article: Option<ArticleId>,
}

/// Gives each story of `content` the number of its link, in the order of the letter. Equal targets
/// share one; those that `known` has, from earlier revisions of the same edition, keep theirs, and
/// others continue after the highest. What is new is given back.
pub fn number(content: &mut Content, parameters: &[Parameter], known: &[NumberedLink]) -> Vec<NumberedLink> {
    let mut new: Vec<NumberedLink> = Vec::new();
    let mut last = known.iter().map(|link| link.no.0).max().unwrap_or(0);
    for story in content.blocks.iter_mut().flat_map(|section| &mut section.stories) {
        let Some(target) = target(&story.url, parameters) else { continue };
        let same = known.iter().chain(&new).find(|link| link.target == target);
        let no = same.map(|link| link.no).unwrap_or_else(|| {
            last += 1;
            LinkNo(last)
        });
        if same.is_none() {
            new.push(NumberedLink { no, target, article: story.article });
        }
        story.link = Some(no);
    }
    new
}
