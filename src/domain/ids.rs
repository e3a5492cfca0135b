//! Row identities: 64-bit integers, one type each, so that a list's id is never taken for a
//! subscriber's.

macro_rules! ids {
    ($($(#[$meta:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { self.0.fmt(f) }
        }

        impl std::str::FromStr for $name {
            type Err = std::num::ParseIntError;
            fn from_str(text: &str) -> Result<Self, Self::Err> { text.parse().map(Self) }
        }
    )+};
}

ids! {
    /// A published story.
    ArticleId,
    /// Where articles or reads come from.
    SourceId,
    /// Whom newsletters go to.
    ListId,
    /// One product: list, language, schedule, blocks, sender.
    NewsletterId,
    /// One newsletter at one slot, by hand, or as a correction.
    EditionId,
    /// A titled section of an edition.
    BlockId,
    /// One story in a block.
    ItemId,
    /// A link of an edition, counted from 1 within it.
    LinkNo,
    /// One address with its languages and lists.
    SubscriberId,
    /// An address that gets nothing any more.
    SuppressionId,
    /// A report of failed delivery, as it came in.
    ReportId,
    /// A mail that is no edition.
    MailId,
    /// A running process of the daemon.
    InstanceId,
}
