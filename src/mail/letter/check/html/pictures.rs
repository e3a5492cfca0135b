//! Pictures: shown or not, nothing is lost and nothing jumps.

use url::Url;

use super::page::Page;
use crate::mail::letter::check::finding::{shown, shown_url};
use crate::mail::letter::check::list::is_safe;
use crate::mail::letter::check::{Findings, Point, Severity};

pub(super) fn check(page: &Page, findings: &mut Findings) {
    for (_, element) in page.shown().filter(|(_, element)| element.is("img")) {
        let source = element.attribute("src").unwrap_or_default().trim();
        let place = format!(
            "img {}",
            if source.starts_with("data:") { shown(source, 20) } else { shown_url(source) }
        );
        let alt = element.attribute("alt").is_some();
        findings.expect(alt, Point::Pictures, &place, "it has no alt");
        for name in ["width", "height"] {
            let number = element.attribute(name).is_some_and(|value| value.parse::<u32>().is_ok());
            findings.expect(number, Point::Pictures, &place, format!("its {name} is no attribute of pixels"));
        }
        let block = element.style.is("display", "block");
        findings.expect(block, Point::Pictures, &place, "it is no block, so room shows below it");
        match Url::parse(source) {
            _ if source.starts_with("data:") => {}
            Ok(url) if is_safe(&url) => {}
            Ok(url) if url.scheme() == "http" => {
                findings.add(Point::Pictures, &place, "it does not lie at https");
            }
            Ok(_) | Err(_) => {
                let message = "its address is not absolute, so nobody sees it";
                findings.weighed(Point::Pictures, Severity::Broken, &place, message);
            }
        }
    }
}
