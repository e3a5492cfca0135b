//! Whether an edition has enough in it to be sent.

use super::content::{Block, BlockKind};

/// The verdict on an edition's content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// It may go out.
    Enough,
    /// The newsletter's policy for thin editions decides.
    TooLittle {
        /// Stories that it has.
        have: usize,
        /// Stories that it takes.
        need: usize,
    },
    /// There is no story at all; such an edition is skipped, whatever the policy says.
    NothingNew,
}

/// Weighs an edition's blocks against the fewest stories that its newsletter wants. The newsroom's
/// own appeals are no content, and neither are reserves.
pub fn weigh(blocks: &[Block], min_items: usize) -> Content {
    let stories = blocks.iter().filter(|block| block.kind != BlockKind::House);
    match stories.map(|block| block.items.len()).sum() {
        0 => Content::NothingNew,
        have if have < min_items => Content::TooLittle { have, need: min_items },
        _ => Content::Enough,
    }
}
