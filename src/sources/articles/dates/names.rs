//! Words in the times of feeds: months in the languages of our newsrooms, zones, halves of the day.

use chrono::FixedOffset;

/// Beginnings of month names, January first. The genitive of Russian differs in May only.
const MONTHS: [&[&str]; 12] = [
    &["jan", "янв", "იან", "հունվ", "yan", "jän"],
    &["feb", "фев", "თებ", "փետ", "fev"],
    &["mar", "мар", "მარ", "մարտ", "mär"],
    &["apr", "апр", "აპრ", "ապր"],
    &["may", "май", "мая", "მაი", "մայ", "mai"],
    &["jun", "июн", "ივნ", "հունիս", "iyun"],
    &["jul", "июл", "ივლ", "հուլ", "iyul"],
    &["aug", "авг", "აგვ", "օգ", "avq"],
    &["sep", "сен", "სექ", "սեպ", "sen"],
    &["oct", "окт", "ოქტ", "հոկ", "okt"],
    &["nov", "ноя", "ნოე", "նոյ", "noy"],
    &["dec", "дек", "დეკ", "դեկ", "dek", "dez"],
];

/// Named zones in minutes east of Greenwich: those of RFC 2822 and of our neighbourhood.
const ZONES: [(&str, i32); 29] = [
    ("z", 0),
    ("ut", 0),
    ("utc", 0),
    ("gmt", 0),
    ("wet", 0),
    ("west", 60),
    ("bst", 60),
    ("cet", 60),
    ("mez", 60),
    ("cest", 120),
    ("mesz", 120),
    ("eet", 120),
    ("eest", 180),
    ("msk", 180),
    ("мск", 180),
    ("trt", 180),
    ("amt", 240),
    ("azt", 240),
    ("get", 240),
    ("samt", 240),
    ("est", -300),
    ("edt", -240),
    ("cst", -360),
    ("cdt", -300),
    ("mst", -420),
    ("mdt", -360),
    ("pst", -480),
    ("pdt", -420),
    ("jst", 540),
];

pub(super) fn meridiem(word: &str) -> Option<bool> {
    match word {
        "am" | "a.m." => Some(false),
        "pm" | "p.m." => Some(true),
        _ => None,
    }
}

pub(super) fn month(word: &str) -> Option<u32> {
    let found = MONTHS.iter().position(|names| names.iter().any(|name| word.starts_with(name)))?;
    u32::try_from(found + 1).ok()
}

/// `gmt`, `utc+4`, `gmt+0400`.
pub(super) fn named_zone(word: &str) -> Option<FixedOffset> {
    let end = word.find(['+', '-']).unwrap_or(word.len());
    let minutes = ZONES.iter().find(|(name, _)| *name == &word[..end])?.1;
    match &word[end..] {
        "" => FixedOffset::east_opt(minutes * 60),
        rest if minutes == 0 => offset(rest),
        _ => None,
    }
}

/// `+04:00`, `+0400`, `+04`, `+4`.
pub(super) fn offset(text: &str) -> Option<FixedOffset> {
    let sign = if text.starts_with('-') { -1 } else { 1 };
    let digits: String = text.chars().skip(1).filter(|c| *c != ':').collect();
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let (hours, minutes) = match digits.len() {
        1 | 2 => (digits.parse::<i32>().ok()?, 0),
        3 | 4 => {
            let (hours, minutes) = digits.split_at(digits.len() - 2);
            (hours.parse::<i32>().ok()?, minutes.parse::<i32>().ok()?)
        }
        _ => return None,
    };
    (hours <= 15 && minutes < 60).then(|| FixedOffset::east_opt(sign * (hours * 60 + minutes) * 60)).flatten()
}
