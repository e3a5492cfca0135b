//! The floors of the code (src/lib.rs): each room imports only from floors below its own, and
//! the neighbours on floor 3 never from each other.
//!
//! Files are read token by token, as the compiler does, so that a path in a `use`, in an
//! expression or inside a macro is seen alike, while words in comments and strings are not. Test
//! code is held to the same rule.

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, Ident, TokenStream, TokenTree};

use crate::support::root;

/// The rooms of each floor, from the lowest up. Floor 0 is a crate of its own.
const FLOORS: &[(u8, &[&str])] = &[
    (1, &["domain"]),
    (2, &["clock", "config", "telemetry"]),
    (3, &["mail", "sources", "store"]),
    (4, &["pipeline"]),
    (5, &["web"]),
    (6, &["cli", "daemon", "demo", "lib", "main"]),
];

/// Crates that floors 1 and 2 may not use: they bring databases, servers and the network.
const OUTSIDE: &[&str] = &["axum", "hickory_resolver", "lettre", "reqwest", "sqlx"];

/// What floor 1 may not use besides: its rules are plain functions.
const ASYNC: &[&str] = &["async", "await", "futures_util", "tokio"];

/// One place where a file reaches for what it may not.
#[derive(Debug, PartialEq)]
struct Climb {
    file: PathBuf,
    line: usize,
    what: String,
}

impl fmt::Display for Climb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file.display(), self.line, self.what)
    }
}

fn floor(room: &str) -> Option<u8> {
    FLOORS.iter().find(|(_, rooms)| rooms.contains(&room)).map(|(floor, _)| *floor)
}

/// Why code of the room `from` may not import from the room `to`; `None` when it may.
fn objection(from: &str, to: &str) -> Option<String> {
    // What has no floor is no room but a macro or a re-export at the root.
    let other = floor(to)?;
    let Some(own) = floor(from) else {
        return Some(format!("`{from}` has no floor in tests/it/floors.rs"));
    };
    if other > own {
        Some(format!("`{from}` (floor {own}) climbs to `{to}` (floor {other})"))
    } else if other == own && own == 3 && from != to {
        Some(format!("`{from}` and `{to}` are neighbours, which never import each other"))
    } else {
        None
    }
}

/// Reads one file of the library.
struct Reader<'a> {
    file: &'a Path,
    room: &'a str,
    climbs: Vec<Climb>,
}

impl Reader<'_> {
    /// All climbs of the source `text`, which lies at `file`, relative to `src`.
    fn climbs(file: &Path, text: &str) -> Vec<Climb> {
        let module = module_path(file);
        let room = module.first().map_or_else(|| file.file_stem().unwrap().to_str().unwrap(), String::as_str);
        let mut reader = Reader { file, room, climbs: Vec::new() };
        match text.parse::<TokenStream>() {
            Ok(tokens) => reader.walk(tokens, module.len()),
            Err(error) => reader.object(error.span().start().line, format!("cannot be read: {error}")),
        }
        reader.climbs
    }

    fn object(&mut self, line: usize, what: String) {
        self.climbs.push(Climb { file: self.file.to_owned(), line, what });
    }

    /// Looks for paths in `tokens`, which stand in a module `depth` steps below the crate's root.
    fn walk(&mut self, tokens: TokenStream, depth: usize) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        for (at, token) in tokens.iter().enumerate() {
            match token {
                TokenTree::Group(group) => {
                    let inner = is_module_body(&tokens[..at]) && group.delimiter() == Delimiter::Brace;
                    self.walk(group.stream(), depth + usize::from(inner));
                }
                TokenTree::Ident(word) => self.word(word, &tokens[..at], &tokens[at + 1..], depth),
                TokenTree::Punct(_) | TokenTree::Literal(_) => {}
            }
        }
    }

    fn word(&mut self, word: &Ident, before: &[TokenTree], after: &[TokenTree], depth: usize) {
        self.forbidden_word(word, after);
        let continues_a_path = before.len() >= 2 && is_path_separator(&before[before.len() - 2..]);
        if continues_a_path {
            return;
        }
        if word == "crate" {
            self.path_from_root(word, after);
        } else if word == "super" {
            let (climbed, rest) = supers(after);
            if climbed == depth {
                self.path_from_root(word, rest);
            }
        }
    }

    fn forbidden_word(&mut self, word: &Ident, after: &[TokenTree]) {
        let own = floor(self.room).unwrap_or(u8::MAX);
        let name = word.to_string();
        let named = |list: &[&str]| list.contains(&name.as_str());
        let is_path = is_path_separator(after);
        if (own <= 2 && named(OUTSIDE) && is_path)
            || (own == 1 && named(ASYNC) && (is_path || name == "async" || name == "await"))
        {
            self.object(word.span().start().line, format!("`{}` (floor {own}) uses `{name}`", self.room));
        }
    }

    /// `rest` follows the word for the crate's root: `::room…` or `::{room…, room…}`.
    fn path_from_root(&mut self, start: &Ident, rest: &[TokenTree]) {
        if !is_path_separator(rest) {
            return; // pub(crate)
        }
        match rest.get(2) {
            Some(TokenTree::Ident(room)) => self.import(room),
            Some(TokenTree::Group(group)) => {
                let mut first = true;
                for token in group.stream() {
                    match &token {
                        TokenTree::Ident(room) if first => self.import(room),
                        TokenTree::Punct(comma) if comma.as_char() == ',' => {
                            first = true;
                            continue;
                        }
                        _ => {}
                    }
                    first = false;
                }
            }
            _ => self.object(start.span().start().line, "imports everything from the crate's root".into()),
        }
    }

    fn import(&mut self, room: &Ident) {
        if let Some(objection) = objection(self.room, &room.to_string()) {
            self.object(room.span().start().line, objection);
        }
    }
}

fn is_path_separator(tokens: &[TokenTree]) -> bool {
    matches!(tokens, [TokenTree::Punct(a), TokenTree::Punct(b), ..] if a.as_char() == ':' && b.as_char() == ':')
}

/// `mod name` stands right before a body.
fn is_module_body(before: &[TokenTree]) -> bool {
    matches!(before, [.., TokenTree::Ident(keyword), TokenTree::Ident(_)] if keyword == "mod")
}

/// How many steps up `super::super::…` goes whose first word was read, and what follows.
fn supers(mut after: &[TokenTree]) -> (usize, &[TokenTree]) {
    let mut steps = 1;
    while let [_, _, TokenTree::Ident(next), ..] = after
        && is_path_separator(after)
        && next == "super"
    {
        steps += 1;
        after = &after[3..];
    }
    (steps, after)
}

/// The module that a file below `src` holds: `store/editions/mod.rs` holds `store::editions`,
/// `lib.rs` and `main.rs` hold the root.
fn module_path(file: &Path) -> Vec<String> {
    let mut path: Vec<String> =
        file.iter().map(|part| part.to_str().unwrap().trim_end_matches(".rs").into()).collect();
    if path.last().is_some_and(|last| last == "mod") || path == ["lib"] || path == ["main"] {
        path.pop();
    }
    path
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

fn report(problems: &[String]) {
    assert!(problems.is_empty(), "\n{}\n", problems.join("\n"));
}

#[test]
fn no_file_climbs() {
    let src = root().join("src");
    let files = rust_files(&src);
    assert!(files.len() > 10, "only {} files below src", files.len());
    let climbs: Vec<String> = files
        .iter()
        .flat_map(|file| Reader::climbs(file.strip_prefix(&src).unwrap(), &fs::read_to_string(file).unwrap()))
        .map(|climb| format!("src/{climb}"))
        .collect();
    report(&climbs);
}

#[test]
fn every_room_has_a_floor() {
    let mut problems = Vec::new();
    for entry in fs::read_dir(root().join("src")).unwrap() {
        let path = entry.unwrap().path();
        let room = path.file_stem().unwrap().to_str().unwrap();
        if floor(room).is_none() {
            problems.push(format!("src/{room} has no floor in tests/it/floors.rs and src/lib.rs"));
        }
    }
    report(&problems);
}

#[test]
fn the_documents_name_every_floor_and_room() {
    let mut problems = Vec::new();
    for document in ["src/lib.rs", "docs/architecture.md"] {
        let Ok(text) = fs::read_to_string(root().join(document)) else {
            problems.push(format!("{document} is missing"));
            continue;
        };
        for (floor, rooms) in FLOORS {
            let rooms: Vec<_> = rooms.iter().filter(|room| **room != "lib").collect();
            let number = floor.to_string();
            let mut lines = text
                .lines()
                .filter(|line| line.trim_start_matches(['|', '/', '!', ' ']).starts_with(&number));
            if !lines.any(|line| rooms.iter().all(|room| line.contains(**room))) {
                problems.push(format!("{document} has no line for floor {floor} with {rooms:?}"));
            }
        }
    }
    report(&problems);
}

/// Files that may be longer, each with its reason.
const LONG_FILES: &[(&str, &str)] = &[];

/// The most lines of a file; a longer one wants to be split.
const MOST_LINES: usize = 400;

#[test]
fn every_file_says_what_it_is_for_and_is_short() {
    let mut problems = Vec::new();
    let folders = ["src", "templates", "tests", "benches"].map(|folder| root().join(folder));
    for file in folders.iter().filter(|folder| folder.exists()).flat_map(|folder| rust_files(folder)) {
        let name = file.strip_prefix(root()).unwrap().to_str().unwrap().to_owned();
        let text = fs::read_to_string(&file).unwrap();
        if !text.starts_with("//! ") {
            problems.push(format!("{name} does not open with `//!`: what it is for"));
        }
        let lines = text.lines().count();
        let may_be_long = LONG_FILES.iter().any(|(long, _)| *long == name);
        if lines > MOST_LINES && !may_be_long {
            problems.push(format!("{name} has {lines} lines; more than {MOST_LINES} want a split"));
        }
        if lines <= MOST_LINES && may_be_long {
            problems.push(format!("{name} is no longer too long: take it from LONG_FILES"));
        }
    }
    report(&problems);
}

mod the_reader {
    use super::*;

    fn lines(file: &str, text: &str) -> Vec<usize> {
        Reader::climbs(Path::new(file), text).iter().map(|climb| climb.line).collect()
    }

    #[test]
    fn names_file_line_and_both_floors() {
        let climbs = Reader::climbs(Path::new("domain/edition.rs"), "//! x\n\nuse crate::store::Db;\n");
        assert_eq!(
            climbs[0].to_string(),
            "domain/edition.rs:3: `domain` (floor 1) climbs to `store` (floor 3)"
        );
        assert_eq!(climbs.len(), 1);
    }

    #[test]
    fn sees_nested_use_trees_inline_paths_and_macros() {
        let text = "use crate::{\n    clock::Clock,\n    web::{self, page},\n    domain::{store, web},\n};\n\
                    fn f() { crate::cli::run(); }\n\
                    fn g() { println!(\"{}\", [crate::daemon::NAME]); }\n\
                    macro_rules! m { () => { $crate::pipeline::go() } }\n";
        assert_eq!(lines("store/mod.rs", text), [3, 6, 7, 8]);
    }

    #[test]
    fn sees_neighbours_and_lets_the_floors_below_be() {
        assert_eq!(
            lines(
                "mail/smtp/pool.rs",
                "use crate::store::Db;\nuse crate::sources::fetch;\nuse crate::mail::x;"
            ),
            [1, 2]
        );
        assert_eq!(
            lines("web/mod.rs", "use crate::{domain, clock, store, pipeline, mail, sources};"),
            [0usize; 0]
        );
        assert_eq!(lines("cli/mod.rs", "use crate::daemon;\nuse crate::demo;"), [0usize; 0]);
    }

    #[test]
    fn follows_super_to_the_root_and_no_further() {
        assert_eq!(lines("clock.rs", "use super::store::Db;"), [1]);
        assert_eq!(lines("mail/smtp/mod.rs", "use super::super::store::Db;\nuse super::store::x;"), [1]);
        assert_eq!(
            lines(
                "mail/smtp/pool.rs",
                "mod tests {\n use super::super::super::store;\n}\nuse super::super::super::super::web;"
            ),
            [0usize; 0]
        );
        assert_eq!(lines("clock.rs", "mod tests {\n use super::*;\n use super::super::web::page;\n}"), [3]);
    }

    #[test]
    fn passes_over_comments_strings_and_visibility() {
        let text = "//! See [`crate::web`].\n/// crate::web::x\npub(crate) fn f() -> &'static str { \"crate::web\" }\npub(in crate::domain) fn g() {}\n";
        assert_eq!(lines("domain/x.rs", text), [0usize; 0]);
    }

    #[test]
    fn keeps_the_outside_world_from_the_lower_floors() {
        assert_eq!(
            lines("domain/x.rs", "use sqlx::Row;\nasync fn f() {}\nfn g() { tokio::spawn(()); }"),
            [1, 2, 3]
        );
        assert_eq!(lines("config/x.rs", "use lettre::Address;\nasync fn f() {}\nstruct S { axum: u8 }"), [1]);
        assert_eq!(lines("store/x.rs", "use sqlx::Row;"), [0usize; 0]);
    }

    #[test]
    fn refuses_what_it_cannot_judge() {
        assert_eq!(lines("store/x.rs", "use crate::*;"), [1]);
        assert_eq!(lines("store/x.rs", "\nfn f( {"), [2]);
        assert_eq!(lines("attic/x.rs", "use crate::domain::x;"), [1]);
    }
}
