//! Whether words can be read: their colour, their ground and their size.

use newsletterd_templates::letter::theme::{Colour, READABLE, contrast as contrast_of};

use super::page::{Element, Ground, Page, Words, squeezed};
use super::style::BLACK;
use crate::mail::letter::check::finding::shown;
use crate::mail::letter::check::{Findings, Point, Severity};

/// Below this nothing can be made out.
const INVISIBLE: f64 = 2.0;
const CONTRAST_LARGE: f64 = 3.0;
/// Pixels of the smallest text.
const SMALLEST: f64 = 14.0;
const LINE_HEIGHT: f64 = 1.4;
/// Characters from which words run over several lines.
const PARAGRAPH: usize = 80;

pub(super) fn check(page: &Page, findings: &mut Findings) {
    for (words, element) in page.visible() {
        // Ornaments of one sign (a middle dot, a rule) are not read.
        let text = squeezed(&words.text);
        if !text.chars().any(char::is_alphanumeric) {
            continue;
        }
        let place = format!("{} “{}”", element.name, shown(&text, 40));
        essentials(element, &place, findings);
        contrast(element, &place, findings);
        size(page, words, element, &place, &text, findings);
    }
}

fn essentials(element: &Element, place: &str, findings: &mut Findings) {
    let (colour, size) = (element.look.colour.is_some(), element.look.size.is_some());
    let missing = match (colour, size) {
        (true, true) => return,
        (false, true) => "colour",
        (true, false) => "size",
        (false, false) => "colour and size",
    };
    findings.add(Point::InlineEssentials, place, format!("its {missing} is not written inline"));
}

fn contrast(element: &Element, place: &str, findings: &mut Findings) {
    let look = element.look;
    let ground = match look.ground {
        Ground::Colour(ground) => ground,
        Ground::Unsaid => Colour::WHITE,
        Ground::Unknown => return,
    };
    let contrast = contrast_of(look.colour.unwrap_or(BLACK), ground);
    let size = look.size.unwrap_or(16.0);
    let large = size >= 24.0 || (look.bold && size >= 18.66);
    let wanted = if large { CONTRAST_LARGE } else { READABLE };
    if contrast < wanted {
        let severity = if contrast < INVISIBLE { Severity::Broken } else { Severity::Advice };
        let message = format!("it stands out by {contrast:.1} to 1 where {wanted} are wanted");
        findings.weighed(Point::Contrast, severity, place, message);
    }
}

fn size(page: &Page, words: &Words, element: &Element, place: &str, text: &str, findings: &mut Findings) {
    let Some(size) = element.look.size else { return };
    if size < SMALLEST {
        findings.add(Point::TextSize, place, format!("it has {size} px"));
    }
    let heading = page.any_around(words.within, |element| element.level().is_some());
    if heading || text.chars().count() < PARAGRAPH {
        return;
    }
    let message = match element.look.line_height {
        Some(height) if height < LINE_HEIGHT => format!("its line height is {height:.2}"),
        Some(_) => return,
        None => "its line height is left to the program".to_owned(),
    };
    findings.add(Point::TextSize, place, message);
}
