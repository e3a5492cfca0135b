//! The section that says what is added to the links of a newsletter's stories.

use super::newsletter::Newsletter;
use super::section::section;
use super::values::{Word, quoted};
use crate::domain::link::{Facts, Parameter, Pattern};
use crate::domain::revision::Content;

section! {
    /// What is added to the links of stories, so that the site's own statistics tell where its
    /// readers came from. Nothing is added where this section is left out. `{newsletter}`,
    /// `{date}` (`2026-11-25`, the day that the letter is of) and `{edition}` (its running number)
    /// stand for what they name. A parameter that a link has already is left as it is; other links
    /// than those of stories never get any.
    pub struct Utm {
        /// `utm_source`: which letter.
        source: Pattern = "\"{newsletter}\"",
        /// `utm_medium`: which kind of thing it is.
        medium: Pattern = "\"email\"",
        /// `utm_campaign`: which edition.
        campaign: Pattern = "\"{date}\"",
        /// `utm_content`; not added when it is left out.
        content: Option<Pattern>,
    }
}

impl Word for Pattern {
    const ONE: &'static str = "a text such as \"{newsletter}\", \"{date}\" or \"{edition}\"";
    const MANY: &'static str = "a list of texts";

    fn parse(text: &str) -> Result<Self, String> {
        text.parse().map_err(|error| format!("{} {error}", quoted(text)))
    }

    fn show(&self) -> String {
        self.as_str().to_owned()
    }
}

impl Newsletter {
    /// What is added to the links of the stories of one letter.
    pub fn link_parameters(&self, content: &Content) -> Vec<Parameter> {
        let Some(utm) = &self.utm else { return Vec::new() };
        let facts = Facts { newsletter: &content.newsletter, date: content.date, edition: content.number };
        let named = [
            ("utm_source", Some(&utm.source)),
            ("utm_medium", Some(&utm.medium)),
            ("utm_campaign", Some(&utm.campaign)),
            ("utm_content", utm.content.as_ref()),
        ];
        let filled = named
            .into_iter()
            .filter_map(|(name, pattern)| Some(Parameter { name, value: pattern?.fill(&facts) }));
        filled.collect()
    }
}
