//! The gallery's letters before the programs of others: a browser, axe-core, html-validate, the
//! data of caniemail.com. `tests/tools/judge.mjs` runs these once for all tests here, on a sample
//! in which every look, language, variant, width, colour scheme and setting of pictures meets
//! every other; `tests/gallery` looks at all there are.

mod others;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use image::{Rgb, RgbImage};
use newsletterd_templates::gallery;
use newsletterd_templates::letter;
use serde::Deserialize;
use tempfile::TempDir;

use crate::support::tools::{Tools, tools};

/// Far above what it takes: this only ends a browser that hangs.
const SECONDS: u32 = 900;

/// What `tests/tools/judge.mjs` writes.
#[derive(Deserialize)]
struct Report {
    gates: BTreeMap<String, Gate>,
    screenshots: Screenshots,
}

#[derive(Deserialize)]
struct Gate {
    checked: usize,
    findings: Vec<Finding>,
}

#[derive(Deserialize)]
struct Finding {
    letter: String,
    what: String,
}

#[derive(Deserialize)]
struct Screenshots {
    taken: Vec<Shot>,
}

/// One screenshot and how it was taken.
#[derive(Clone, Deserialize)]
struct Shot {
    file: String,
    letter: String,
    width: u32,
    scheme: String,
    pictures: bool,
    height: u32,
}

struct Judged {
    folder: TempDir,
    report: Report,
}

/// Writes letters as the gallery's generator does, with what they differ in.
fn write(folder: &Path, cases: &[gallery::Case]) {
    std::fs::create_dir_all(folder).unwrap();
    let listed = cases.iter().map(|case| {
        let (name, view) = (case.name(), case.view());
        std::fs::write(folder.join(format!("{name}.html")), letter::html(&view)).unwrap();
        serde_json::json!({
            "file": format!("{name}.html"),
            "look": case.look.as_str(),
            "language": case.strings.tag,
            "variant": case.variant.as_str(),
        })
    });
    let index = serde_json::to_string(&listed.collect::<Vec<_>>()).unwrap();
    std::fs::write(folder.join("index.json"), index).unwrap();
}

/// The sample, judged once for all tests of this file.
fn judged() -> Option<&'static Judged> {
    static JUDGED: OnceLock<Judged> = OnceLock::new();
    let tools = tools()?;
    Some(JUDGED.get_or_init(|| judge(&tools)))
}

fn judge(tools: &Tools) -> Judged {
    let folder = tempfile::tempdir().unwrap();
    let letters = folder.path().join("letters");
    write(&letters, &gallery::pairwise());
    tools.run("judge.mjs", &[&letters, folder.path()], SECONDS);
    let report = std::fs::read(folder.path().join("result.json")).unwrap();
    Judged { report: serde_json::from_slice(&report).unwrap(), folder }
}

/// Fails with all that the gate `name` found.
fn pass(name: &str) {
    let Some(Judged { report, .. }) = judged() else { return };
    let gate = &report.gates[name];
    assert_eq!(gate.checked, gallery::pairwise().len(), "{name} did not see all letters");
    let found = gate.findings.iter().map(|finding| format!("{}: {}", finding.letter, finding.what));
    let found = found.collect::<Vec<_>>();
    assert!(found.is_empty(), "{} findings of {name}:\n{}", found.len(), found.join("\n"));
}

#[test]
fn axe_finds_nothing_serious_by_day_and_by_night() {
    pass("axe");
}

#[test]
fn html_validate_is_content() {
    pass("validate");
}

#[test]
fn no_feature_is_used_that_a_large_mail_program_lacks_without_a_reason() {
    pass("support");
}

#[test]
fn a_letter_is_whole_without_style_sheets() {
    pass("bare");
}

#[test]
fn nothing_scrolls_sideways_at_320_pixels_with_text_of_any_size() {
    pass("width");
}

#[test]
fn a_letter_asks_for_nothing_but_its_pictures_and_nothing_runs_in_it() {
    pass("quiet");
}

#[test]
fn the_sample_shows_every_pair_of_properties() {
    let Some(Judged { report, .. }) = judged() else { return };
    let cases = gallery::all();
    let properties = |name: &str| {
        let case = cases.iter().find(|case| case.name() == name).unwrap();
        [case.look.as_str(), case.strings.tag, case.variant.as_str()].map(str::to_owned)
    };
    let settings = |shot: &Shot| [shot.width.to_string(), shot.scheme.clone(), shot.pictures.to_string()];
    let mut values: Vec<BTreeSet<String>> = cases.iter().map(|case| properties(&case.name())).fold(
        vec![BTreeSet::new(); 3],
        |mut sets, values| {
            sets.iter_mut().zip(values).for_each(|(set, value)| set.extend([value]));
            sets
        },
    );
    values.push(["320", "375", "600", "1024"].map(str::to_owned).into());
    values.push(["light", "dark"].map(str::to_owned).into());
    values.push(["true", "false"].map(str::to_owned).into());

    let shown: Vec<Vec<String>> = report
        .screenshots
        .taken
        .iter()
        .map(|shot| properties(&shot.letter).into_iter().chain(settings(shot)).collect())
        .collect();
    for (one, other) in (0..6).flat_map(|one| (one + 1..6).map(move |other| (one, other))) {
        for a in &values[one] {
            for b in &values[other] {
                let found = shown.iter().any(|values| &values[one] == a && &values[other] == b);
                assert!(found, "no screenshot shows {a} with {b}");
            }
        }
    }
}

/// What can be said of a picture by counting.
struct Counted {
    width: u32,
    height: u32,
    colours: usize,
    /// From 0 to 255.
    lightness: u32,
    /// The share of pixels that differ from the one to their left, from 0 to 1.
    edges: f64,
}

/// Only each fourth row of a picture is looked at: as telling, and four times as fast.
const ROWS: usize = 4;

fn count(picture: &RgbImage) -> Counted {
    let (mut pixels, mut edges, mut sum) = (0_u32, 0_u32, 0_u64);
    let mut seen = vec![false; 1 << 24];
    for row in picture.rows().step_by(ROWS) {
        let mut left = None;
        for &Rgb([red, green, blue]) in row {
            let colour = u32::from_be_bytes([0, red, green, blue]);
            seen[colour as usize] = true;
            sum += u64::from(red) + u64::from(green) + u64::from(blue);
            edges += u32::from(left.is_some_and(|left| left != colour));
            pixels += 1;
            left = Some(colour);
        }
    }
    Counted {
        width: picture.width(),
        height: picture.height(),
        colours: seen.into_iter().filter(|seen| *seen).count(),
        lightness: u32::try_from(sum / u64::from(pixels) / 3).unwrap(),
        edges: f64::from(edges) / f64::from(pixels),
    }
}

/// What is wrong with a screenshot, as far as counting shows it.
fn objections(shot: &Shot, counted: &Counted) -> Vec<String> {
    let drawn = shot.pictures && !shot.letter.ends_with("-no-pictures");
    let dark = shot.scheme == "dark";
    let mut wrong = Vec::new();
    let mut hold = |holds: bool, what: String| {
        if !holds {
            wrong.push(format!("{}: {what}", shot.file));
        }
    };
    hold(counted.width == shot.width, format!("{} px wide", counted.width));
    hold(counted.height == shot.height, format!("{} px high, not {}", counted.height, shot.height));
    hold((500..=20_000).contains(&counted.height), format!("{} px high", counted.height));
    hold(counted.edges > 0.01, format!("nearly blank: {:.4} of it are edges", counted.edges));
    let enough = if drawn { 300 } else { 40 };
    hold(counted.colours >= enough, format!("only {} colours", counted.colours));
    let lightness = counted.lightness;
    hold(if dark { lightness < 110 } else { lightness > 150 }, format!("of lightness {lightness}"));
    wrong
}

#[test]
fn screenshots_show_letters_by_day_and_by_night() {
    let Some(Judged { folder, report }) = judged() else { return };
    let taken = &report.screenshots.taken;
    assert!(taken.len() >= gallery::pairwise().len());
    let load = |shot: &Shot| image::open(folder.path().join("shots").join(&shot.file)).unwrap().to_rgb8();
    let wrong: Vec<_> = taken.iter().flat_map(|shot| objections(shot, &count(&load(shot)))).collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn a_screenshot_that_shows_no_letter_is_noticed() {
    let day = Shot {
        file: "x".into(),
        letter: "classic-en-normal".into(),
        width: 320,
        scheme: "light".into(),
        pictures: true,
        height: 900,
    };
    let blank = |height| count(&RgbImage::from_pixel(320, height, Rgb([255; 3])));
    let noise = count(&RgbImage::from_fn(320, 900, |x, y| {
        let byte = |value: u32| u8::try_from(value % 60 + 190).unwrap();
        Rgb([byte(x), byte(y), byte(x + y)])
    }));
    let said = |shot: &Shot, counted: &Counted| objections(shot, counted).join("; ");
    assert_eq!(said(&day, &noise), "");
    assert!(said(&day, &blank(900)).contains("nearly blank"));
    assert!(said(&day, &blank(900)).contains("only 1 colours"));
    assert!(said(&day, &blank(20)).contains("20 px high, not 900"));
    let night = Shot { scheme: "dark".into(), ..day };
    assert!(said(&night, &noise).contains("of lightness"));
}

/// What `tests/tools/damaged.mjs` writes for each way in which it damages a letter.
#[derive(Deserialize)]
struct Twin {
    damage: String,
    before: Vec<String>,
    after: Vec<String>,
    named: bool,
    expected: String,
}

#[test]
fn every_gate_finds_the_damage_that_it_is_there_for() {
    let Some(tools) = tools() else { return };
    let folder = tempfile::tempdir().unwrap();
    let letters: PathBuf = folder.path().join("letters");
    write(&letters, &gallery::all());
    let result = folder.path().join("twins.json");
    tools.run("damaged.mjs", &[&letters, &result], SECONDS);
    let twins: Vec<Twin> = serde_json::from_slice(&std::fs::read(&result).unwrap()).unwrap();
    assert!(twins.len() > 25);
    for Twin { damage, before, after, named, expected } in twins {
        assert!(before.is_empty(), "before {damage}: {before:?}");
        assert!(named, "{damage}: {expected} is not among {after:?}");
    }
}
