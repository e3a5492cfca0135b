//! Every sample letter, in every look and language: nothing is broken, and there is no advice but
//! what its content asks for.

use super::*;

/// What a variant provokes by its content, not by its form.
fn provoked(variant: Variant) -> &'static [Point] {
    match variant {
        Variant::Normal
        | Variant::OneStory
        | Variant::TwentyStories
        | Variant::NoPictures
        | Variant::LongTitles => &[],
        // Titles that are markup stand in the text form as they are, and the hostile preheader is
        // as long as its attacks.
        Variant::HostileTitles => &[Point::TextMarkup, Point::Preheader],
    }
}

#[test]
fn every_sample_letter_passes() {
    let mut wrong = Vec::new();
    for case in all() {
        for finding in check(&sent(&mailed(&case))) {
            if !provoked(case.variant).contains(&finding.point) || finding.severity == Severity::Broken {
                wrong.push(format!(
                    "{}: {} at {}: {}",
                    case.name(),
                    finding.point,
                    finding.place,
                    finding.message
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{} findings:\n{}", wrong.len(), wrong.join("\n"));
}
