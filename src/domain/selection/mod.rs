//! What stands in an edition and why: the content model, and the pure functions that make it.
//!
//! [`compile`] turns articles, read counts, editors' picks and the newsletter's block rules into the
//! blocks of a draft; [`recheck`] looks at a draft again before lock; [`weigh`] says whether it is
//! worth sending; [`subject_for`] proposes a subject.
//!
//! Promises: no story twice (nor a translation of it) unless an editor placed it twice; what a
//! person chose beats what a rule chose; nothing withdrawn, embargoed, in another language or
//! without a page is ever taken; each item says why it is there, each omission why not; the same
//! input in any order of articles and reads gives the same edition.
//!
//! Leaves to others: fetching the candidates, storing the draft, rendering it.

mod compile;
mod content;
mod enough;
mod input;
mod omission;
mod pool;
mod reason;
mod recheck;
mod rules;
mod shortlist;
mod subject;
#[cfg(test)]
mod tests;
mod warning;

pub use compile::{Compiled, compile};
pub use content::{Block, BlockKind, House, Item, Origin, Overrides, Target, lead, source_hash};
pub use enough::{Content, weigh};
pub use input::{CompileInput, EditorPick, Excluded, Exclusion, ExclusionScope, SentBefore, WithoutLanguage};
pub use omission::{Omission, OmissionReason};
pub use reason::Reason;
pub use recheck::{Change, Lead, RecheckInput, Rechecked, recheck};
pub use rules::{BlockRules, Translations};
pub use subject::{Subject, subject_for};
pub use warning::Warning;
