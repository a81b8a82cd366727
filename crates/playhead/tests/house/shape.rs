//! The size of files, folders and functions, and their names.

use std::collections::BTreeMap;

use crate::source::{Source, files, shown, sources, top};
use crate::{STREET, assert_none};

/// Lines of a file beyond which it holds more than one thing.
const FILE_LINES: usize = 520;

/// Files of a folder beyond which it no longer shows what belongs together.
const FOLDER_FILES: usize = 15;

/// Lines of a function beyond which it does more than one thing.
const FUNCTION_LINES: usize = 70;

#[test]
fn files_hold_one_thing_and_are_named_for_it() {
    let mut broken = Vec::new();
    for source in STREET.into_iter().flat_map(sources) {
        let lines = source.text.lines().count();
        if lines > FILE_LINES {
            broken.push(format!("{}:{lines}: split it; a file has at most {FILE_LINES} lines", source.path));
        }
        let stem = source.path.rsplit('/').next().unwrap().trim_end_matches(".rs");
        if ["utils", "util", "common", "helpers", "helper", "misc"].contains(&stem) {
            broken.push(format!("{}:1: name it for what it holds", source.path));
        }
    }
    assert_none("a file holds one thing and is named for it", &broken);
}

#[test]
fn folders_hold_at_most_fifteen_files() {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let rust = STREET
        .into_iter()
        .chain(["samples", "bench", "fuzz"])
        .flat_map(|name| files(&top().join("crates").join(name).join("src"), &["rs"]));
    // The style sheet and the test of a component stand beside it and do not count.
    let web = files(&top().join("web/src"), &["ts", "tsx"])
        .into_iter()
        .filter(|path| !path.to_str().unwrap().contains(".test."));
    for path in rust.chain(web) {
        *counts.entry(shown(path.parent().unwrap())).or_default() += 1;
    }
    let broken: Vec<String> = counts
        .iter()
        .filter(|(_, count)| **count > FOLDER_FILES)
        .map(|(folder, count)| format!("{folder}: has {count} files; divide it by what they are about"))
        .collect();
    assert_none("a folder has at most 15 files", &broken);
}

/// The functions of a file with their lines: name, first line, number of lines.
fn functions(source: &Source) -> Vec<(String, usize, usize)> {
    let lines: Vec<&str> = source.code.lines().collect();
    let mut found = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let Some(name) = function_name(line) else { continue };
        let indent = &line[..line.len() - line.trim_start().len()];
        let is_last =
            |line: &&str| line.strip_prefix(indent).is_some_and(|rest| rest == "}" || rest.starts_with("} "));
        let length = lines[index..].iter().position(is_last).map_or(1, |last| last + 1);
        // A declaration without a body, or a function of one line, ends where its head ends.
        let is_head = |line: &&&str| [";", "{", "}"].iter().any(|end| line.ends_with(end));
        if lines[index..].iter().find(is_head).is_some_and(|line| line.ends_with('{')) {
            found.push((name.to_owned(), index + 1, length));
        }
    }
    found
}

fn function_name(line: &str) -> Option<&str> {
    let mut rest = line.trim_start();
    for word in ["pub ", "pub(crate) ", "pub(super) ", "const ", "async "] {
        rest = rest.strip_prefix(word).unwrap_or(rest);
    }
    let rest = rest.strip_prefix("fn ")?;
    Some(&rest[..rest.find(|letter: char| !(letter.is_alphanumeric() || letter == '_'))?])
}

#[test]
fn functions_do_one_thing() {
    let mut broken = Vec::new();
    for source in STREET.into_iter().chain(["samples", "bench", "fuzz"]).flat_map(sources) {
        for (name, line, length) in functions(&source) {
            let path = source.path.as_str();
            if length > FUNCTION_LINES {
                broken.push(format!("{path}:{line}: split `{name}`, which has {length} lines"));
            }
        }
    }
    assert_none("a function has at most 70 lines", &broken);
}

#[test]
fn functions_are_measured_to_their_closing_brace() {
    let code = "pub(crate) async fn one(\n    a: u8,\n) {\n    if a {\n    }\n}\n\nfn two() {}\n    fn three(\n    );\n";
    let source =
        Source { path: String::new(), module: Vec::new(), text: code.to_owned(), code: code.to_owned() };
    assert_eq!(functions(&source), [("one".to_owned(), 1, 6)]);
}

#[test]
fn nothing_is_left_for_later() {
    let mut broken = Vec::new();
    for source in STREET.into_iter().flat_map(sources) {
        for (index, line) in source.text.lines().enumerate() {
            for mark in ["TODO", "FIXME", "HACK", "for now", "placeholder"] {
                if line.contains(mark) {
                    broken.push(format!("{}:{}: do it, or remove `{mark}`", source.path, index + 1));
                }
            }
        }
    }
    assert_none("nothing is left for later", &broken);
}
