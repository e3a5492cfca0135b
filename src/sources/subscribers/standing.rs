//! What the cells of one row say of consent, taken together: what withdraws wins over what waits,
//! what waits over what consents, and a blank is neither.

use chrono_tz::Tz;

use super::columns::{ColumnUse, Columns};
use crate::domain::bounce::SuppressionReason;
use crate::domain::subscriber::{EndReason, Standing};
use crate::sources::table::rows::{Row, column_name};
use crate::sources::table::times;

/// A row's standing, and the column whose cell nobody understands, if there is one.
pub(super) struct Verdict {
    pub(super) standing: Standing,
    pub(super) not_understood: Option<usize>,
}

/// What one cell says; `None` for one that says nothing either way.
type Says = Option<Standing>;

/// Takes together what the row says.
pub(super) fn of_row(row: &Row, columns: &Columns) -> Verdict {
    let mut verdict = Verdict { standing: Standing::Active, not_understood: None };
    let mut strongest = 0;
    for (at, used_as) in columns.uses().filter(|(_, used_as)| used_as.decides()) {
        let cell = not_null(row.cell(at));
        let says = match of_cell(cell, used_as, columns.says_no(at)) {
            Ok(says) => says,
            Err(NotUnderstood) => {
                verdict.not_understood = verdict.not_understood.or(Some(at));
                // No consent can be read from it, but another column may give it.
                Some(Standing::Silent)
            }
        };
        if let Some(standing) = says.filter(|&standing| strength(standing) > strongest) {
            strongest = strength(standing);
            verdict.standing = standing;
        }
    }
    verdict
}

/// Which of two standings of one row counts.
fn strength(standing: Standing) -> u8 {
    match standing {
        Standing::Silent => 1,
        Standing::Active => 2,
        Standing::Pending => 3,
        Standing::Ended(_) => 4,
        Standing::Suppressed(SuppressionReason::Soft) => 5,
        Standing::Suppressed(SuppressionReason::Manual) => 6,
        Standing::Suppressed(SuppressionReason::Hard) => 7,
        Standing::Suppressed(SuppressionReason::Complaint) => 8,
        Standing::Suppressed(SuppressionReason::Legal) => 9,
    }
}

struct NotUnderstood;

fn of_cell(cell: &str, used_as: ColumnUse, says_no: bool) -> Result<Says, NotUnderstood> {
    let withdrawn = |standing| match flag(cell) {
        None if cell.is_empty() => Ok(says_no.then_some(Standing::Silent)),
        Some(false) => Ok(None),
        // A time, a reason, a cross: whatever it is, it says that it happened.
        Some(true) | None => Ok(Some(standing)),
    };
    match used_as {
        ColumnUse::Status if cell.is_empty() => Ok(Some(Standing::Silent)),
        ColumnUse::Status => word(cell).map(Some).ok_or(NotUnderstood),
        ColumnUse::Subscribed => match flag(cell) {
            _ if cell.is_empty() => Ok(Some(Standing::Silent)),
            Some(true) => Ok(Some(Standing::Active)),
            Some(false) => Ok(Some(Standing::Ended(EndReason::Imported))),
            None if times::parse(cell, Tz::UTC).is_some() => Ok(Some(Standing::Active)),
            None => word(cell).map(Some).ok_or(NotUnderstood),
        },
        ColumnUse::Confirmed => match flag(cell) {
            _ if cell.is_empty() => Ok(Some(Standing::Silent)),
            Some(true) => Ok(None),
            Some(false) => Ok(Some(Standing::Pending)),
            None if times::parse(cell, Tz::UTC).is_some() => Ok(None),
            None => Err(NotUnderstood),
        },
        ColumnUse::Ended => withdrawn(Standing::Ended(EndReason::Unsubscribed)),
        ColumnUse::Deleted => withdrawn(Standing::Ended(EndReason::Removed)),
        ColumnUse::Bounced => withdrawn(Standing::Suppressed(SuppressionReason::Hard)),
        ColumnUse::Complained => withdrawn(Standing::Suppressed(SuppressionReason::Complaint)),
        ColumnUse::AllEnded => Ok(Some(Standing::Ended(EndReason::Unsubscribed))),
        ColumnUse::AllBounced => Ok(Some(Standing::Suppressed(SuppressionReason::Hard))),
        _ => Ok(None),
    }
}

/// A status in words of the tools and languages that we know.
fn word(cell: &str) -> Option<Standing> {
    Some(match column_name(cell).as_str() {
        "active"
        | "subscribed"
        | "enabled"
        | "confirmed"
        | "opted in"
        | "opt in"
        | "yes"
        | "true"
        | "1"
        | "aktiv"
        | "actif"
        | "activo"
        | "attivo"
        | "подписан"
        | "активен"
        | "активный"
        | "აქტიური"
        | "ակտիվ"
        | "aktivdir" => Standing::Active,
        "pending"
        | "unconfirmed"
        | "not confirmed"
        | "awaiting confirmation"
        | "waiting"
        | "validating"
        | "needs confirmation"
        | "unverified"
        | "ожидает"
        | "не подтвержден" => Standing::Pending,
        "unsubscribed" | "opted out" | "opt out" | "left" | "cancelled" | "canceled" | "by user"
        | "отписан" | "отписался" => Standing::Ended(EndReason::Unsubscribed),
        "inactive"
        | "disabled"
        | "ended"
        | "no"
        | "false"
        | "0"
        | "paused"
        | "inaktiv"
        | "inactif"
        | "inactivo"
        | "неактивен"
        | "არააქტიური"
        | "ոչ ակտիվ"
        | "aktiv deyil" => Standing::Ended(EndReason::Imported),
        "deleted" | "removed" | "archived" | "by moderator" => Standing::Ended(EndReason::Removed),
        "bounced" | "hard bounced" | "hard bounce" | "cleaned" | "invalid" | "undeliverable" | "dead" => {
            Standing::Suppressed(SuppressionReason::Hard)
        }
        "soft bounced" | "soft bounce" | "by bounces" => Standing::Suppressed(SuppressionReason::Soft),
        "complained" | "complaint" | "spam" | "spam complaint" | "marked as spam" | "reported as spam"
        | "abuse" | "junk" => Standing::Suppressed(SuppressionReason::Complaint),
        "blocklisted" | "blacklisted" | "blocked" | "suppressed" | "banned" => {
            Standing::Suppressed(SuppressionReason::Manual)
        }
        // Mailchimp: customers who never asked for letters.
        "non subscribed" | "nonsubscribed" | "never subscribed" | "transactional" | "unknown" => {
            Standing::Silent
        }
        _ => return None,
    })
}

/// Yes or no, in words of the tools and languages that we know; `None` for anything else.
pub(super) fn flag(cell: &str) -> Option<bool> {
    match column_name(cell).as_str() {
        "true" | "yes" | "y" | "1" | "t" | "on" | "x" | "wahr" | "ja" | "vrai" | "oui" | "verdadero"
        | "sí" | "si" | "истина" | "да" | "bəli" | "hə" | "კი" | "დიახ" | "այո" => {
            Some(true)
        }
        "false" | "no" | "n" | "0" | "f" | "off" | "falsch" | "nein" | "faux" | "non" | "falso" | "ложь"
        | "нет" | "xeyr" | "yox" | "არა" | "ոչ" => Some(false),
        _ => None,
    }
}

/// A cell without the words that databases write for nothing.
pub(super) fn not_null(cell: &str) -> &str {
    let nothing = ["null", "\\n", "nil", "none", "n/a", "-", "0000-00-00", "0000-00-00 00:00:00"];
    if nothing.iter().any(|word| cell.eq_ignore_ascii_case(word)) { "" } else { cell }
}
