//! docs/letter.md names for each point the tests that hold it: they must be there, and no point
//! may be left out.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use newsletterd::mail::letter::Point;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The cells of each row that begins with a number.
fn rows() -> BTreeMap<u8, Vec<String>> {
    let page = std::fs::read_to_string(root().join("docs/letter.md")).unwrap();
    let mut rows = BTreeMap::new();
    for line in page.lines().filter(|line| line.starts_with("| ")) {
        let cells = line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect::<Vec<_>>();
        if let Ok(number) = cells[0].parse::<u8>() {
            assert_eq!(cells.len(), 4, "{line}");
            assert!(rows.insert(number, cells).is_none(), "point {number} stands there twice");
        }
    }
    rows
}

/// What stands in backticks.
fn names(cell: &str) -> Vec<&str> {
    cell.split('`').skip(1).step_by(2).collect()
}

/// The names of all functions of the repository that may be tests.
fn functions() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut folders: Vec<PathBuf> =
        ["src", "templates", "tests"].iter().map(|part| root().join(part)).collect();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let path = entry.path();
            if entry.file_type().unwrap().is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let source = std::fs::read_to_string(path).unwrap();
                let after = source.split("fn ").skip(1);
                found.extend(after.filter_map(|rest| rest.split(['(', '<']).next().map(str::to_owned)));
            }
        }
    }
    found
}

#[test]
fn each_point_of_the_checklist_has_a_row_and_its_tests_exist() {
    let (rows, functions) = (rows(), functions());
    assert_eq!(rows.keys().copied().collect::<Vec<_>>(), (1..=60).collect::<Vec<_>>());
    let elsewhere = [8, 9, 10, 54, 55, 56, 57, 58, 59, 60];
    for (number, cells) in &rows {
        let tests = names(&cells[2]);
        assert_eq!(tests.is_empty(), elsewhere.contains(number), "point {number} is held by {tests:?}");
        for test in tests {
            assert!(functions.contains(test), "point {number}: there is no test {test}");
        }
    }
}

#[test]
fn each_point_of_the_check_stands_in_the_row_of_its_number() {
    let rows = rows();
    for point in Point::ALL {
        let cells = &rows[&point.number()];
        assert!(
            names(&cells[3]).contains(&point.as_str()),
            "{point} is not in the row of point {}",
            point.number()
        );
    }
    let known = Point::ALL.iter().map(|point| point.as_str()).collect::<BTreeSet<_>>();
    for name in rows.values().flat_map(|cells| names(&cells[3])) {
        assert!(known.contains(name), "there is no point {name} in the check");
    }
}
