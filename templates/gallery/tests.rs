//! That the samples are what they say.

use std::collections::BTreeSet;

use super::*;
use crate::letter::theme::Look;
use crate::letter::{html, text};

#[test]
fn a_pairwise_sample_shows_every_pair() {
    let cases = pairwise();
    let pairs = |of: fn(&Case) -> (String, String)| cases.iter().map(of).collect::<BTreeSet<_>>().len();
    let look = |case: &Case| case.look.as_str().to_owned();
    assert_eq!(look(&cases[0]), "classic");
    assert_eq!(
        pairs(|case| (case.look.as_str().into(), case.strings.tag.into())),
        Look::ALL.len() * LANGUAGES.len()
    );
    assert_eq!(
        pairs(|case| (case.look.as_str().into(), case.variant.as_str().into())),
        Look::ALL.len() * Variant::ALL.len()
    );
    assert_eq!(
        pairs(|case| (case.strings.tag.into(), case.variant.as_str().into())),
        LANGUAGES.len() * Variant::ALL.len()
    );
    assert_eq!((cases.len(), all().len()), (36, 108));
    let names = all().iter().map(Case::name).collect::<BTreeSet<_>>();
    assert!(names.len() == 108 && cases.iter().all(|case| names.contains(&case.name())));
}

#[test]
fn each_variant_is_what_it_is_called() {
    for case in all() {
        let (view, html) = (case.view(), html(&case.view()));
        let headings = html.matches("<h3").count();
        match case.variant {
            Variant::OneStory => assert_eq!(headings, 1, "{}", case.name()),
            Variant::TwentyStories => assert_eq!(headings, 20, "{}", case.name()),
            Variant::NoPictures => assert!(!html.contains("<img"), "{}", case.name()),
            Variant::HostileTitles => assert!(!html.contains("<script"), "{}", case.name()),
            Variant::Normal | Variant::LongTitles => assert_eq!(headings, 13, "{}", case.name()),
        }
        assert_eq!(view.strings.tag, case.strings.tag);
        assert!(text(&view).contains(view.postal_address.as_str().split(' ').next().unwrap()));
    }
}

#[test]
fn every_language_has_a_newsroom_of_its_own() {
    let subjects =
        LANGUAGES.map(|strings| sample(&Default::default(), strings, Variant::Normal).subject.to_string());
    assert_eq!(subjects.iter().collect::<BTreeSet<_>>().len(), LANGUAGES.len());
}

#[test]
fn sample_letters_look_as_they_did() {
    insta::with_settings!({ prepend_module_to_snapshot => false, omit_expression => true }, {
        for case in pairwise() {
            // A tag a line, so that a difference can be read.
            insta::assert_snapshot!(format!("{}.html", case.name()), html(&case.view()).replace("><", ">\n<"));
            insta::assert_snapshot!(format!("{}.txt", case.name()), text(&case.view()));
        }
    });
}
