//! Which column means what: by the names that other tools and people give them, in several
//! languages, and by content where no name is known.

use super::Findings;
use super::column_names::NAMES;
use super::standing;
use crate::domain::address::Mailbox;
use crate::sources::table::rows::{Row, column_name};

/// What a column is used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ColumnUse {
    /// The address.
    Address,
    /// The whole display name.
    Name,
    /// Given name.
    FirstName,
    /// Family name.
    LastName,
    /// A word: `active`, `pending`, `unsubscribed`…
    Status,
    /// True for who gets letters.
    Subscribed,
    /// False for who has not confirmed yet.
    Confirmed,
    /// True, or a time, for who gets none.
    Ended,
    /// A time for who was deleted.
    Deleted,
    /// True, or a time, for addresses that do not exist.
    Bounced,
    /// True, or a time, for who complained.
    Complained,
    /// Only files of people who left have it.
    AllEnded,
    /// Only files of addresses that do not exist have it.
    AllBounced,
    /// BCP 47 tag or name of a language.
    Language,
    /// IANA name of a time zone.
    TimeZone,
    /// When the subscription began.
    CreatedAt,
    /// When the reader opted in: evidence, and the beginning where no other is named.
    OptIn,
    /// Kept as evidence of consent, or of its end.
    Evidence,
    /// Not used.
    Ignored,
}

impl ColumnUse {
    /// Whether it decides who gets letters.
    pub(super) const fn decides(self) -> bool {
        matches!(
            self,
            Self::Status
                | Self::Subscribed
                | Self::Confirmed
                | Self::Ended
                | Self::Deleted
                | Self::Bounced
                | Self::Complained
                | Self::AllEnded
                | Self::AllBounced
        )
    }

    /// Whether several columns may have it; of the others the first is taken.
    const fn may_repeat(self) -> bool {
        self.decides() || matches!(self, Self::CreatedAt | Self::OptIn | Self::Evidence)
    }
}

/// One column and what it was taken for.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct MappedColumn {
    /// Its name in the file, or `column 2` where the file names none.
    pub name: String,
    /// What it is used for.
    pub used_as: ColumnUse,
}

/// The columns of one file.
#[derive(Clone, Debug)]
pub(super) struct Columns {
    mapped: Vec<MappedColumn>,
    /// Columns in which some cell says no in so many words: there, a blank cell says nothing, while
    /// in a column of times or crosses it means no.
    says_no: Vec<bool>,
    /// Whether the first row holds names.
    pub(super) has_header: bool,
    address_by_content: bool,
}

impl Columns {
    /// Finds out what the columns of `rows` mean; `None` when none holds addresses.
    pub(super) fn find(rows: &[Row]) -> Option<Self> {
        let first = rows.first()?;
        let mut columns = if first.cells().iter().any(|cell| is_mailbox(cell)) {
            Self::without_header(first)
        } else {
            Self::by_name(first)
        };
        if columns.first(ColumnUse::Address).is_none() {
            let address = by_content(rows)?;
            columns.mapped.get_mut(address)?.used_as = ColumnUse::Address;
            columns.address_by_content = true;
        }
        let no =
            |column: usize| rows.iter().skip(1).any(|row| standing::flag(row.cell(column)) == Some(false));
        columns.says_no = (0..columns.mapped.len()).map(no).collect();
        Some(columns)
    }

    fn new(mapped: Vec<MappedColumn>, has_header: bool) -> Self {
        Self { mapped, says_no: Vec::new(), has_header, address_by_content: false }
    }

    fn by_name(header: &Row) -> Self {
        let mut mapped: Vec<MappedColumn> = header
            .cells()
            .iter()
            .map(|cell| MappedColumn { name: super::row::clean(cell, 80), used_as: ColumnUse::Ignored })
            .collect();
        let names: Vec<String> = header.cells().iter().map(|cell| column_name(cell)).collect();
        for &(used_as, synonyms) in NAMES {
            for synonym in synonyms.split(", ") {
                for at in (0..names.len()).filter(|&at| names[at] == synonym) {
                    let taken = mapped.iter().any(|column| column.used_as == used_as);
                    if mapped[at].used_as == ColumnUse::Ignored && (!taken || used_as.may_repeat()) {
                        mapped[at].used_as = used_as;
                    }
                }
            }
        }
        Self::new(mapped, true)
    }

    /// Two columns without names are an address and its reader's name; of more, only the address is
    /// sure.
    fn without_header(first: &Row) -> Self {
        let cells = first.cells();
        let address = cells.iter().position(|cell| is_mailbox(cell));
        let used_as = |at: usize| match address {
            Some(address) if at == address => ColumnUse::Address,
            Some(_) if cells.len() == 2 => ColumnUse::Name,
            _ => ColumnUse::Ignored,
        };
        let mapped = (0..cells.len())
            .map(|at| MappedColumn { name: format!("column {}", at + 1), used_as: used_as(at) })
            .collect();
        Self::new(mapped, false)
    }

    /// Tells what a person should check about the columns of `rows`.
    pub(super) fn report(&self, rows: &[Row], findings: &mut Findings) {
        let address = self.first(ColumnUse::Address).map_or("", |at| self.name(at));
        if self.address_by_content {
            findings.warn(
                "line 1".to_owned(),
                format!("no column is named as one of addresses; `{address}` holds them"),
            );
        }
        if !self.has_header {
            let message = format!("the columns have no names; {address} is taken for the addresses");
            findings.warn("line 1".to_owned(), message);
        }
        // listmonk keeps who left a list apart from whether the address is enabled.
        let enabled = |at: usize| rows.iter().any(|row| row.cell(at).eq_ignore_ascii_case("enabled"));
        if let Some(at) = self.all(ColumnUse::Status).find(|&at| enabled(at)) {
            let message = "`enabled` does not tell whether somebody left a list: check that the file holds only the \
                           list's subscribers";
            findings.warn(format!("column `{}`", self.name(at)), message.to_owned());
        }
    }

    /// The first column with this use.
    pub(super) fn first(&self, used_as: ColumnUse) -> Option<usize> {
        self.all(used_as).next()
    }

    /// All columns with this use.
    pub(super) fn all(&self, used_as: ColumnUse) -> impl Iterator<Item = usize> {
        self.uses().filter(move |&(_, other)| other == used_as).map(|(at, _)| at)
    }

    /// All columns, with what they are used for.
    pub(super) fn uses(&self) -> impl Iterator<Item = (usize, ColumnUse)> {
        self.mapped.iter().map(|column| column.used_as).enumerate()
    }

    /// The name of a column, as it stands in the file.
    pub(super) fn name(&self, at: usize) -> &str {
        self.mapped.get(at).map_or("", |column| &column.name)
    }

    /// Whether some cell of the column says no in so many words.
    pub(super) fn says_no(&self, at: usize) -> bool {
        self.says_no.get(at).copied().unwrap_or(false)
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.mapped.len()
    }

    /// For the report.
    pub(super) fn mapped(self) -> Vec<MappedColumn> {
        self.mapped
    }
}

/// Whether a cell is an address, with or without a name before it.
pub(super) fn is_mailbox(cell: &str) -> bool {
    cell.contains('@') && Mailbox::parse(cell).is_ok()
}

/// The column of which at least half of the first cells are addresses.
fn by_content(rows: &[Row]) -> Option<usize> {
    const SAMPLE: usize = 50;
    let sample = rows.get(1..)?.iter().take(SAMPLE);
    let addresses = |at: usize| sample.clone().filter(|row| is_mailbox(row.cell(at))).count();
    let columns = rows.first()?.cells().len();
    let (count, at) =
        (0..columns).map(|at| (addresses(at), at)).max_by_key(|&(count, at)| (count, columns - at))?;
    (count > 0 && count * 2 >= sample.len()).then_some(at)
}
