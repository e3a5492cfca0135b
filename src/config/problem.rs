//! What is wrong with a configuration, said so that the person who wrote it can mend it: where it
//! stands, which key it is, and what would be right. Guesses at what was meant live here too.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

/// Where a value was written.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// In a file, at a line counted from 1; 0 stands for the file as a whole.
    File(Arc<Path>, usize),
    /// In a variable of the environment.
    Environment(String),
    /// Nowhere: it is a documented default.
    Default,
    /// In the database, stored with an edition. Keys that this version does not know are no
    /// problem there: another version wrote them.
    Stored,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path, 0) => write!(f, "{}", path.display()),
            Self::File(path, line) => write!(f, "{}:{line}", path.display()),
            Self::Environment(variable) => write!(f, "environment variable {variable}"),
            Self::Default => f.write_str("default"),
            Self::Stored => f.write_str("stored configuration"),
        }
    }
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// Where.
    pub place: Place,
    /// The key's path, such as `newsletters[0].time_zone`; empty for a fault of the whole file.
    pub key: String,
    /// What is wrong and what would be right.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.place)?;
        if !self.key.is_empty() {
            write!(f, "{}: ", self.key)?;
        }
        f.write_str(&self.message)
    }
}

/// Everything that is wrong with a configuration, in the order of the file; never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigErrors(Vec<Problem>);

impl ConfigErrors {
    /// More than this tell nobody anything; the rest is counted.
    const SHOWN: usize = 100;

    /// Sorts the problems by place; the same said twice is said once.
    pub(super) fn new(mut problems: Vec<Problem>) -> Self {
        problems.sort();
        problems.dedup();
        Self(problems)
    }

    /// One problem of a file as a whole.
    pub(super) fn of_file(path: &Path, message: String) -> Self {
        Self(vec![Problem { place: Place::File(path.into(), 0), key: String::new(), message }])
    }

    /// The problems, sorted by place.
    pub fn problems(&self) -> &[Problem] {
        &self.0
    }
}

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.0.iter().take(Self::SHOWN).enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            problem.fmt(f)?;
        }
        match self.0.len().saturating_sub(Self::SHOWN) {
            0 => Ok(()),
            more => write!(f, "\nand {more} more"),
        }
    }
}

impl std::error::Error for ConfigErrors {}

/// `; did you mean "…"?` for the candidate that is nearest to `word`, or nothing when none is near.
/// Case does not count, so that `europe/berlin` finds `Europe/Berlin`.
pub(super) fn did_you_mean<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> String {
    let length = word.chars().count();
    // The distance is quadratic in time; nobody mistypes a name as long as this.
    if length > 64 {
        return String::new();
    }
    let lower = word.to_lowercase();
    candidates
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(&lower, &candidate.to_lowercase()), candidate))
        .min()
        .filter(|(distance, _)| *distance <= (length / 3).clamp(1, 4))
        .map_or_else(String::new, |(_, candidate)| format!("; did you mean {candidate:?}?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_word_is_offered_and_a_far_one_is_not() {
        assert_eq!(did_you_mean("scedule", ["schedule", "subject"]), "; did you mean \"schedule\"?");
        assert_eq!(did_you_mean("europe/berlin", ["Europe/Berlin"]), "; did you mean \"Europe/Berlin\"?");
        assert_eq!(did_you_mean("colour", ["schedule", "subject"]), "");
        assert_eq!(did_you_mean("", ["a"]), "; did you mean \"a\"?");
        assert_eq!(did_you_mean(&"x".repeat(1 << 20), ["a"]), "");
    }

    #[test]
    fn a_flood_of_problems_is_cut_and_counted() {
        let problem = |n| Problem { place: Place::Default, key: format!("k{n:03}"), message: "x".into() };
        let errors = ConfigErrors::new((0..250).map(problem).collect());
        let text = errors.to_string();
        assert_eq!(text.lines().count(), 101);
        assert!(text.ends_with("and 150 more"));
    }
}
