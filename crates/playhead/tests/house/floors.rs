//! Inside a crate: folders stand on floors, and files form no circle.

use std::collections::{BTreeMap, BTreeSet};

use crate::source::{Source, sources};
use crate::{STREET, assert_none};

/// The folders of each crate from the lowest floor to the highest: a folder imports from those before it. Files that
/// stand beside the folders (`error.rs`, `limits.rs`, `node.rs`) are on no floor; for them the rule of circles holds.
const FLOORS: [(&str, &[&str]); 12] = [
    ("random", &[]),
    ("protocol", &["json", "v1"]),
    ("session", &["accounting", "engine", "rows"]),
    ("journal", &["log", "progress", "memory", "sqlite"]),
    ("lake", &["tables", "rows", "delta", "upkeep"]),
    (
        "report",
        &["names", "time", "filter", "functions", "engine", "query", "panels", "sql", "output", "describe"],
    ),
    ("picture", &[]),
    ("node", &["ingest", "exclusions", "kept", "sessions", "tables", "reporter", "schedules", "live"]),
    ("dashboard", &[]),
    ("server", &["access", "http", "postgres"]),
    ("simulate", &["world", "viewer", "books", "load", "check"]),
    ("playhead", &["terminal", "settings", "source", "commands"]),
];

/// Imports that go up. The list may only shrink.
const UPWARD: [(&str, &str); 0] = [];

/// Circles of files, each by its files in order of their names. The list may only shrink.
const CIRCLES: [&[&str]; 1] = [
    // An observer is shown the session that the accounts belong to.
    &[
        "crates/session/src/accounting/accounts.rs",
        "crates/session/src/accounting/observe.rs",
        "crates/session/src/accounting/order.rs",
        "crates/session/src/accounting/session.rs",
    ],
];

/// Which file imports from which, by path, with the line of the first import.
type Imports = BTreeMap<String, BTreeMap<String, usize>>;

/// The imports between the files of a crate. A re-export is not an import: an import through it is one of the file that
/// defines the name.
fn imports(sources: &[Source]) -> Imports {
    let modules: BTreeMap<&[String], &Source> =
        sources.iter().map(|source| (source.module.as_slice(), source)).collect();
    let mut exports: BTreeMap<(&[String], String), Vec<String>> = BTreeMap::new();
    for source in sources {
        for path in uses(source).into_iter().filter(|path| path.is_exported) {
            if let Some(name) = path.parts.last() {
                exports.insert((source.module.as_slice(), name.clone()), path.parts.clone());
            }
        }
    }
    let resolve = |path: &[String]| -> Option<String> {
        let mut path = path.to_vec();
        // A re-export may lead to another, but not around for ever.
        for _ in 0..8 {
            let depth = (0..=path.len()).rev().find(|depth| modules.contains_key(&path[..*depth]))?;
            let module = modules.get_key_value(&path[..depth])?;
            let onward = path.get(depth).and_then(|name| exports.get(&(module.0, name.clone())));
            match onward {
                Some(onward) if *onward != path => path = [onward, &path[depth + 1..]].concat(),
                _ => return Some(module.1.path.clone()),
            }
        }
        None
    };
    let mut found = Imports::new();
    for source in sources.iter().filter(|source| !source.is_a_list()) {
        let imported = found.entry(source.path.clone()).or_default();
        for path in uses(source).into_iter().filter(|path| !path.is_exported) {
            if let Some(other) = resolve(&path.parts)
                && other != source.path
            {
                imported.entry(other).or_insert(path.line);
            }
        }
    }
    found
}

/// A path within the crate that a file names.
struct Used {
    /// From the crate's root: `["engine", "timers", "Timers"]`.
    parts: Vec<String>,
    line: usize,
    is_exported: bool,
}

/// The paths of a file that begin with `crate`, `self` or `super`, in `use` or elsewhere.
fn uses(source: &Source) -> Vec<Used> {
    let mut found = Vec::new();
    let mut lines = source.lines();
    while let Some((line, text)) = lines.next() {
        let trimmed = text.trim_start();
        let is_exported = trimmed.starts_with("pub use ") || trimmed.starts_with("pub(crate) use ");
        if is_exported || trimmed.starts_with("use ") {
            let mut statement = trimmed.to_owned();
            while !statement.contains(';') {
                let Some((_, next)) = lines.next() else { break };
                statement.push_str(next.trim());
            }
            let tree = statement.split_once("use ").map_or("", |(_, tree)| tree);
            let tree: String = tree.split(';').next().unwrap_or_default().to_owned();
            for path in expand(&tree) {
                // What a file re-exports is its own or of another crate; the latter then leads to the file itself.
                let own = || is_exported.then(|| [source.module.as_slice(), &path].concat());
                if let Some(parts) = from_root(source, &path).or_else(own) {
                    found.push(Used { parts, line, is_exported });
                }
            }
        } else {
            for path in ["crate::", "super::"].into_iter().flat_map(|root| text.match_indices(root)) {
                let end =
                    text[path.0..].find(|letter: char| !(letter.is_alphanumeric() || "_:".contains(letter)));
                let path = &text[path.0..path.0 + end.unwrap_or(text.len() - path.0)];
                let path: Vec<String> = path.split("::").map(str::to_owned).collect();
                if let Some(parts) = from_root(source, &path) {
                    found.push(Used { parts, line, is_exported: false });
                }
            }
        }
    }
    found
}

/// The paths of a `use` tree: `a::{b, c::d}` is `a::b` and `a::c::d`.
fn expand(tree: &str) -> Vec<Vec<String>> {
    let names = |text: &str| -> Vec<String> {
        let text = text.split(" as ").next().unwrap_or_default();
        text.split("::").map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect()
    };
    let Some((head, rest)) = tree.split_once('{') else { return vec![names(tree)] };
    let rest = rest.rsplit_once('}').map_or(rest, |(rest, _)| rest);
    let mut depth = 0;
    let branches = rest.split(|letter| {
        depth += i32::from(letter == '{') - i32::from(letter == '}');
        letter == ',' && depth == 0
    });
    branches
        .filter(|branch| !branch.trim().is_empty())
        .flat_map(expand)
        .map(|path| [names(head), path].concat())
        .collect()
}

/// A path from the crate's root, or `None` for a path that leads out of the crate.
fn from_root(source: &Source, path: &[String]) -> Option<Vec<String>> {
    let mut parts = match path.first()?.as_str() {
        "crate" => Vec::new(),
        "self" | "super" => source.module.clone(),
        _ => return None,
    };
    for name in path {
        match name.as_str() {
            "crate" | "self" => {}
            "super" => drop(parts.pop()),
            name => parts.push(name.to_owned()),
        }
    }
    Some(parts)
}

/// The folder directly below `src` that a file is in.
fn folder(path: &str) -> Option<&str> {
    let (_, below) = path.split_once("/src/")?;
    below.split_once('/').map(|(folder, _)| folder)
}

#[test]
fn lower_folders_import_nothing_from_higher_ones() {
    let mut broken = Vec::new();
    for (name, floors) in FLOORS {
        let floor = |path: &str| folder(path).map(|folder| floors.iter().position(|known| *known == folder));
        for (path, imported) in imports(&sources(name)) {
            let Some(own) = floor(&path) else { continue };
            let Some(own) = own else {
                broken.push(format!("{path}:1: give its folder a floor in FLOORS"));
                continue;
            };
            for (other, line) in imported {
                let is_up = floor(&other).is_some_and(|other| other.is_none_or(|other| other > own));
                if is_up && !UPWARD.contains(&(path.as_str(), other.as_str())) {
                    broken.push(format!("{path}:{line}: move what it needs of {other} to a lower floor"));
                }
            }
        }
    }
    assert_none("a folder imports from the floors below it", &broken);
}

#[test]
fn files_form_no_circle() {
    let mut broken = Vec::new();
    let mut found = BTreeSet::new();
    for name in STREET.into_iter().chain(["samples"]) {
        let imports = imports(&sources(name));
        for circle in circles(&imports) {
            let names: Vec<&str> = circle.iter().map(String::as_str).collect();
            if CIRCLES.contains(&names.as_slice()) {
                found.insert(circle);
                continue;
            }
            for path in &circle {
                let others = imports[path].iter().filter(|(other, _)| circle.contains(other));
                for (other, line) in others {
                    broken.push(format!("{path}:{line}: break the circle: it imports {other}"));
                }
            }
        }
    }
    assert_none("the files of a crate import each other in one direction", &broken);
    let gone = CIRCLES.into_iter().filter(|circle| !found.iter().any(|found| found == circle));
    let gone: Vec<String> =
        gone.map(|circle| format!("{}: take this circle off CIRCLES", circle[0])).collect();
    assert_none("the list of circles names those that there are", &gone);
}

/// The largest sets of files of which each reaches each other one.
fn circles(imports: &Imports) -> Vec<Vec<String>> {
    let reach: BTreeMap<&String, BTreeSet<&String>> =
        imports.keys().map(|path| (path, reached(imports, path))).collect();
    let mut circles: Vec<Vec<String>> = Vec::new();
    for (path, reached) in &reach {
        if !reached.contains(path) || circles.iter().any(|circle| circle.contains(path)) {
            continue;
        }
        let circle = reached.iter().filter(|other| reach.get(*other).is_some_and(|back| back.contains(path)));
        circles.push(circle.map(|path| (*path).clone()).collect());
    }
    circles
}

/// The files that a file imports, directly or through others.
fn reached<'imports>(imports: &'imports Imports, path: &String) -> BTreeSet<&'imports String> {
    let mut reached = BTreeSet::new();
    let mut next: Vec<&String> = imports[path].keys().collect();
    while let Some(path) = next.pop() {
        if reached.insert(path) {
            next.extend(imports.get(path).into_iter().flat_map(BTreeMap::keys));
        }
    }
    reached
}

/// Files of a crate that is made up: `src/a/b.rs` with a text.
fn made_up(files: &[(&str, &str)]) -> Vec<Source> {
    let source = |(path, text): &(&str, &str)| {
        let parts = path.trim_end_matches(".rs").split('/').map(str::to_owned);
        let module = parts.filter(|part| !matches!(part.as_str(), "mod" | "lib")).collect();
        Source { path: format!("src/{path}"), module, text: (*text).to_owned(), code: (*text).to_owned() }
    };
    files.iter().map(source).collect()
}

#[test]
fn imports_are_followed_to_the_file_that_defines_a_name() {
    let sources = made_up(&[
        ("lib.rs", "mod a;\nmod b;\npub use a::one::One;\n"),
        ("a/mod.rs", "mod one;\npub(crate) use one::{\n    One,\n};\npub(crate) use self::two::Two;\n"),
        ("a/one.rs", "use crate::b::{B, self};\nfn one() { super::two::go(); }\n"),
        ("a/two.rs", "use std::fmt;\n"),
        ("b.rs", "use crate::{a::Two, c::C};\nuse crate::a::one::One as Other;\nfn b() {}\n"),
    ]);
    let imports = imports(&sources);
    let of = |path: &str| imports[path].keys().map(String::as_str).collect::<Vec<_>>();
    assert!(!imports.contains_key("src/a/mod.rs"), "a list of modules imports nothing");
    assert_eq!(of("src/a/one.rs"), ["src/a/two.rs", "src/b.rs"]);
    assert_eq!(of("src/b.rs"), ["src/a/one.rs", "src/a/two.rs", "src/lib.rs"]);
    assert_eq!(circles(&imports), [["src/a/one.rs".to_owned(), "src/b.rs".to_owned()]]);
}
