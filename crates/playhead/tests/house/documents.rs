//! The paths that ARCHITECTURE.md names exist.

use std::fs;

use crate::assert_none;
use crate::source::{files, shown, top};

/// What stands in backticks in a line.
fn quoted(line: &str) -> impl Iterator<Item = &str> {
    line.split('`').skip(1).step_by(2)
}

/// Whether a token names a file or a folder of the repository.
fn is_a_path(token: &str) -> bool {
    let is_plain = token.chars().all(|letter| letter.is_alphanumeric() || "/._-".contains(letter));
    let is_file = [".rs", ".ts", ".tsx", ".md", ".toml", ".py"].iter().any(|ending| token.ends_with(ending));
    is_plain && (is_file || token.starts_with("crates/") || token.ends_with('/'))
}

#[test]
fn paths_that_the_architecture_names_exist() {
    let all: Vec<String> = ["crates", "web/src", "docs", "interop"]
        .iter()
        .flat_map(|folder| files(&top().join(folder), &["rs", "ts", "tsx", "md", "toml", "py"]))
        .map(|path| shown(&path))
        .filter(|path| !path.contains("/target/"))
        .collect();
    // `lake/delta/append.rs` is short for `crates/lake/src/delta/append.rs`, and `append.rs` for one such file.
    let exists = |token: &str| {
        let in_crate = token.split_once('/').map(|(name, below)| format!("crates/{name}/src/{below}"));
        let is_there = |path: &str| top().join(path).exists();
        is_there(token)
            || in_crate.is_some_and(|path| is_there(&path))
            || all.iter().any(|path| path.ends_with(&format!("/{token}")))
            || (token.ends_with('/') && all.iter().any(|path| path.contains(&format!("/{token}"))))
    };
    let text = fs::read_to_string(top().join("ARCHITECTURE.md")).unwrap();
    let mut named = 0;
    let mut broken = Vec::new();
    for (index, line) in text.lines().enumerate() {
        for token in quoted(line).filter(|token| is_a_path(token)) {
            named += 1;
            if !exists(token) {
                broken
                    .push(format!("ARCHITECTURE.md:{}: correct `{token}`, which does not exist", index + 1));
            }
        }
    }
    assert_none("ARCHITECTURE.md names files that exist", &broken);
    assert!(named > 20, "ARCHITECTURE.md names {named} files; the test does not see them");
}

#[test]
fn tests_that_the_list_of_choices_names_exist() {
    let sources: Vec<String> = files(&top().join("crates"), &["rs"])
        .iter()
        .filter(|path| !shown(path).contains("/target/"))
        .map(|path| fs::read_to_string(path).unwrap())
        .collect();
    let is_a_test = |name: &str| {
        let [function, module] = [format!("fn {name}("), format!("mod {name};")];
        let manifests = ["protocol", "session"].iter();
        sources.iter().any(|text| text.contains(&function) || text.contains(&module))
            || manifests.into_iter().any(|name_of| {
                let tests = top().join(format!("crates/{name_of}/tests"));
                tests.join(format!("{name}.rs")).exists() || tests.join(name).exists()
            })
    };
    let text = fs::read_to_string(top().join("COMPATIBILITY.md")).unwrap();
    let mut named = 0;
    let mut broken = Vec::new();
    for (index, line) in text.lines().enumerate().filter(|(_, line)| line.starts_with('|')) {
        let last = line.trim_end_matches([' ', '|']).rsplit('|').next().unwrap();
        for name in quoted(last).filter(|name| name.chars().all(|c| c.is_ascii_lowercase() || c == '_')) {
            named += 1;
            if !is_a_test(name) {
                broken.push(format!("COMPATIBILITY.md:{}: correct `{name}`, which is no test", index + 1));
            }
        }
    }
    assert_none("COMPATIBILITY.md names tests that exist", &broken);
    assert!(named > 20, "COMPATIBILITY.md names {named} tests; the test does not see them");
}

#[test]
fn where_do_i_look_names_a_file_and_what_is_in_it() {
    let text = fs::read_to_string(top().join("ARCHITECTURE.md")).unwrap();
    let (_, section) = text.split_once("## Where do I look?").unwrap();
    let section = section.split("\n## ").next().unwrap();
    let rows: Vec<&str> = section.lines().filter(|line| line.contains(".rs`")).collect();
    assert!(rows.len() >= 10, "the section has {} rows", rows.len());
    let mut broken = Vec::new();
    for row in rows {
        let place = row.split('|').nth(2).unwrap();
        let mut named = quoted(place);
        let (name, below) = named.next().unwrap().split_once('/').unwrap();
        let path = format!("crates/{name}/src/{below}");
        let code = fs::read_to_string(top().join(&path)).unwrap_or_default();
        if code.is_empty() {
            broken.push(format!("ARCHITECTURE.md: correct `{name}/{below}`, which is not a file"));
        }
        for symbol in named.filter(|symbol| !code.contains(&format!("fn {symbol}"))) {
            broken.push(format!("{path}: has no `fn {symbol}`; correct ARCHITECTURE.md"));
        }
    }
    assert_none("each question of \"Where do I look?\" has one file", &broken);
}
