//! What the theme's keys hold: looks, colours and type, as the templates have them.

use newsletterd_templates::letter::theme::{Colour, FontStack, Look};
use newsletterd_templates::view::TextLinks;

use super::{Word, quoted};
use crate::config::problem::did_you_mean;

impl Word for Look {
    const ONE: &'static str = "\"classic\", \"compact\" or \"text-first\"";
    const MANY: &'static str = "a list of looks";

    fn parse(text: &str) -> Result<Self, String> {
        Self::parse(text).ok_or_else(|| {
            let hint = did_you_mean(text, Self::ALL.map(Self::as_str));
            format!("{} is no look of ours; {} is wanted{hint}", quoted(text), Self::ONE)
        })
    }

    fn show(&self) -> String {
        self.as_str().to_owned()
    }
}

impl Word for TextLinks {
    const ONE: &'static str = "\"lines\" or \"footnotes\"";
    const MANY: &'static str = "a list, each \"lines\" or \"footnotes\"";

    fn parse(text: &str) -> Result<Self, String> {
        match text {
            "lines" => Ok(Self::Lines),
            "footnotes" => Ok(Self::Footnotes),
            _ => Err(format!("{} is not what can stand here, which is {}", quoted(text), Self::ONE)),
        }
    }

    fn show(&self) -> String {
        self.as_str().to_owned()
    }
}

impl Word for Colour {
    const ONE: &'static str = "a colour such as \"#9a2617\"";
    const MANY: &'static str = "a list of colours";

    fn parse(text: &str) -> Result<Self, String> {
        Self::parse(text)
            .ok_or_else(|| format!("{} is not {} (# and six digits of 0-9 and a-f)", quoted(text), Self::ONE))
    }

    fn show(&self) -> String {
        self.to_string()
    }
}

impl Word for FontStack {
    const ONE: &'static str = "faces such as \"Charter, Georgia, serif\"";
    const MANY: &'static str = "a list of faces";

    fn parse(text: &str) -> Result<Self, String> {
        Self::parse(text).map_err(|problem| format!("{} {problem}", quoted(text)))
    }

    fn show(&self) -> String {
        self.as_str().to_owned()
    }
}
