//! What a newsletter wants of each of its blocks, as its configuration says it.

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::content::{BlockKind, House};
use crate::domain::language::Language;
use crate::domain::words::words;

words! {
    /// How reads of translations count.
    pub enum Translations {
        /// Each version by its own readers.
        Separate = "separate",
        /// Each version by the readers of all of them.
        Pooled = "pooled",
    }
}

/// The rules of one block. Times are whole seconds where it is serialised.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BlockRules {
    /// What fills it.
    pub kind: BlockKind,
    /// Its heading; `None` for the usual one of its kind.
    #[serde(default)]
    pub title: Option<String>,
    /// The most items it holds.
    #[serde(default = "usual::max")]
    pub max: u32,
    /// Most read: how far back reads count.
    #[serde(default = "usual::window", with = "seconds")]
    pub window: TimeDelta,
    /// Older stories are left out. `None`: 72 h, or as far as it takes to reach a day behind the
    /// last edition, but not beyond 10 days; related stories may then have any age.
    #[serde(default, with = "maybe_seconds")]
    pub max_age: Option<TimeDelta>,
    /// Most read: how many readers it takes. `None`: as `ranking::Floor::Automatic` says.
    #[serde(default)]
    pub min_visitors: Option<u32>,
    /// Most read: a story that was sent as a pick or as most read in so many days before is left
    /// out, unless its score has doubled since.
    #[serde(default = "usual::repeat_days")]
    pub repeat_days: u32,
    /// Most read: how reads of translations count.
    #[serde(default = "usual::translations")]
    pub translations: Translations,
    /// Only stories of these sections; empty: of all.
    #[serde(default)]
    pub sections: Vec<String>,
    /// Only stories with at least one of these tags; empty: with any or none.
    #[serde(default)]
    pub tags: Vec<String>,
    /// Stories in these languages; empty: in the edition's alone.
    #[serde(default)]
    pub languages: Vec<Language>,
    /// What a block of kind `house` says.
    #[serde(default)]
    pub house: Option<House>,
}

impl BlockRules {
    /// The usual rules for a block of this kind.
    pub fn new(kind: BlockKind) -> Self {
        Self {
            kind,
            title: None,
            max: usual::max(),
            window: usual::window(),
            max_age: None,
            min_visitors: None,
            repeat_days: usual::repeat_days(),
            translations: usual::translations(),
            sections: Vec::new(),
            tags: Vec::new(),
            languages: Vec::new(),
            house: None,
        }
    }
}

/// What stands where the configuration says nothing.
mod usual {
    use chrono::TimeDelta;

    use super::Translations;

    pub(super) fn max() -> u32 {
        5
    }

    pub(super) fn window() -> TimeDelta {
        TimeDelta::hours(24)
    }

    pub(super) fn repeat_days() -> u32 {
        3
    }

    pub(super) fn translations() -> Translations {
        Translations::Separate
    }
}

/// A span of time as whole seconds.
mod seconds {
    use chrono::TimeDelta;
    use serde::de::Error as _;
    use serde::{Deserialize as _, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(span: &TimeDelta, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_i64(span.num_seconds())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<TimeDelta, D::Error> {
        let seconds = i64::deserialize(from)?;
        TimeDelta::try_seconds(seconds).ok_or_else(|| D::Error::custom("too long a time"))
    }
}

/// A span of time as whole seconds, or null.
mod maybe_seconds {
    use chrono::TimeDelta;
    use serde::{Deserialize, Deserializer, Serialize as _, Serializer};

    #[derive(Deserialize)]
    struct Seconds(#[serde(with = "super::seconds")] TimeDelta);

    pub(super) fn serialize<S: Serializer>(span: &Option<TimeDelta>, to: S) -> Result<S::Ok, S::Error> {
        span.map(|span| span.num_seconds()).serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<TimeDelta>, D::Error> {
        Ok(Option::<Seconds>::deserialize(from)?.map(|Seconds(span)| span))
    }
}
