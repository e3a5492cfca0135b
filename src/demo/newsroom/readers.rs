//! The newsroom's readers: forty for each language, most of them due for today's edition, and one
//! of each kind that must get nothing.

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Tz;

use super::texts::ReaderNames;
use super::{NewsroomError, list_name};
use crate::domain::address::EmailAddress;
use crate::domain::bounce::SuppressionReason;
use crate::domain::language::Language;
use crate::domain::subscriber::EndReason;

/// A reader and the one list on which they are.
#[derive(Clone, Debug)]
pub struct DemoSubscriber {
    /// Where mail goes.
    pub address: EmailAddress,
    /// How they wish to be called.
    pub name: String,
    /// What they read.
    pub language: Language,
    /// Where they live.
    pub time_zone: Tz,
    /// `readers-en`
    pub list: String,
    /// When they signed up.
    pub subscribed_at: DateTime<Utc>,
    /// Where their subscription stands.
    pub subscription: DemoSubscription,
}

/// Where a reader's subscription stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DemoSubscription {
    /// Gets today's edition.
    Active,
    /// Has not confirmed; gets nothing.
    Pending,
    /// Has ended; gets nothing.
    Ended {
        /// When.
        at: DateTime<Utc>,
        /// Why.
        reason: EndReason,
    },
    /// On the list, with an address that is suppressed; gets nothing.
    Suppressed {
        /// Since when.
        at: DateTime<Utc>,
        /// Why.
        reason: SuppressionReason,
    },
}

/// Where the few live who are abroad: zones whose clocks change.
const ELSEWHERE: [Tz; 3] = [Tz::Europe__Berlin, Tz::America__New_York, Tz::Europe__London];

/// All readers in one language.
///
/// # Errors
/// [`NewsroomError::Address`] when a name's spelling makes no address.
pub fn readers(
    now: DateTime<Utc>,
    language: Language,
    names: &ReaderNames,
) -> Result<Vec<DemoSubscriber>, NewsroomError> {
    let pairs = names.family.iter().flat_map(|family| names.given.iter().map(move |given| (given, family)));
    pairs
        .enumerate()
        .map(|(index, (given, family))| {
            let address = EmailAddress::parse(&address(index, given, family, &names.idn_domain))
                .map_err(|source| NewsroomError::Address { language, source })?;
            Ok(DemoSubscriber {
                address,
                name: format!("{} {}", given.0, family.0),
                language,
                time_zone: if index % 9 == 8 { ELSEWHERE[index % 3] } else { home(language) },
                list: list_name(language),
                subscribed_at: now - days(500 - 11 * index),
                subscription: subscription(now, language, index),
            })
        })
        .collect()
}

/// The zone in which a newsroom of this language would most likely stand.
const fn home(language: Language) -> Tz {
    match language {
        Language::English | Language::Georgian | Language::Russian => Tz::Asia__Tbilisi,
        Language::Armenian => Tz::Asia__Yerevan,
        Language::Azerbaijani => Tz::Asia__Baku,
    }
}

/// Mostly `nino.velmareli@reader.example`; some at other domains, two at an IDN, and one whose
/// local part has letters of the language, as mail systems with SMTPUTF8 (RFC 6531) allow.
fn address(index: usize, given: &(String, String), family: &(String, String), idn: &str) -> String {
    let latin = format!("{}.{}", given.1, family.1);
    match index {
        10 | 20 => format!("{latin}@{idn}"),
        30 => format!("{}.{}@{idn}", given.0.to_lowercase(), family.0.to_lowercase()),
        _ => {
            let domain = match index % 8 {
                1 => "example.org",
                4 => "example.net",
                6 => "example.com",
                _ => "reader.example",
            };
            format!("{latin}@{domain}")
        }
    }
}

/// Per language 32 active, 4 ended, and 4 that are suppressed or pending: over all languages 12
/// are suppressed, 20 ended and 8 pending.
fn subscription(now: DateTime<Utc>, language: Language, index: usize) -> DemoSubscription {
    use SuppressionReason::{Complaint, Hard, Manual};
    let ended = |reason| DemoSubscription::Ended { at: now - days(20 + index), reason };
    let suppressed = |reason| DemoSubscription::Suppressed { at: now - days(10 + index), reason };
    match index {
        3 => ended(EndReason::Unsubscribed),
        12 => ended(EndReason::HardBounce),
        21 => ended(EndReason::Unsubscribed),
        33 => ended(EndReason::Removed),
        7 => suppressed(Hard),
        16 => suppressed(Complaint),
        25 if matches!(language, Language::English | Language::Georgian) => suppressed(Manual),
        25 | 38 => DemoSubscription::Pending,
        _ => DemoSubscription::Active,
    }
}

/// A number of days that is counted in readers: some hundreds at most.
fn days(count: usize) -> TimeDelta {
    TimeDelta::days(i64::try_from(count).unwrap_or(0))
}
