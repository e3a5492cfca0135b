//! What is asked of the HTML form. It is read by the parser of a browser engine, walked once into
//! a [`Page`], and each group of points looks at that.

mod document;
mod guard;
mod layout;
mod links;
mod page;
mod pictures;
mod preheader;
mod reading;
mod style;

use scraper::Html;

pub(super) use page::{Page, squeezed};

use super::header::Header;
use super::{Findings, Point};

/// The page, unless reading it could take too long or too much.
pub(super) fn parse(markup: &str, findings: &mut Findings) -> Option<Page> {
    if let Some(excess) = guard::excess(markup) {
        findings.add(Point::Readable, "HTML part", excess);
        return None;
    }
    Some(Page::of(&Html::parse_document(markup), markup))
}

pub(super) fn check(page: &Page, text: &str, header: &Header, findings: &mut Findings) {
    document::check(page, header, findings);
    preheader::check(page, header, findings);
    layout::check(page, findings);
    pictures::check(page, findings);
    reading::check(page, findings);
    links::check(page, text, header, findings);
}
