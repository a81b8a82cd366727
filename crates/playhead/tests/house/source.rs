//! The files of the repository, and their text without comments and tests.

use std::fs;
use std::path::{Path, PathBuf};

/// One Rust file of a crate's `src`.
pub(crate) struct Source {
    /// From the top of the repository: `crates/session/src/engine/mod.rs`.
    pub(crate) path: String,
    /// Below `src`, without the ending: `["engine"]` for `engine/mod.rs`, nothing for `lib.rs`.
    pub(crate) module: Vec<String>,
    pub(crate) text: String,
    /// The text without comments and without the tests at the end. It has the lines of `text`.
    pub(crate) code: String,
}

impl Source {
    /// The lines of the code, counted from 1.
    pub(crate) fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.code.lines().enumerate().map(|(index, line)| (index + 1, line))
    }

    /// Whether it only declares modules and re-exports names. Such a file joins no circle.
    pub(crate) fn is_a_list(&self) -> bool {
        let mut is_in_use = false;
        self.code.lines().map(str::trim).all(|line| {
            let starts = line.strip_prefix("pub ").or(line.strip_prefix("pub(crate) ")).unwrap_or(line);
            let is_listed = is_in_use
                || line.is_empty()
                || line.starts_with('#')
                || starts.starts_with("use ")
                || (starts.starts_with("mod ") && line.ends_with(';'));
            is_in_use = (is_in_use || starts.starts_with("use ")) && !line.ends_with(';');
            is_listed
        })
    }
}

pub(crate) fn top() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The files below a folder that have one of these endings, sorted.
pub(crate) fn files(folder: &Path, endings: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| endings.iter().any(|known| ending == *known)) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// The files of a crate's `src`.
pub(crate) fn sources(name: &str) -> Vec<Source> {
    let folder = top().join("crates").join(name).join("src");
    let found = files(&folder, &["rs"]);
    assert!(!found.is_empty(), "{name} has no sources");
    found
        .iter()
        .map(|path| {
            let text = fs::read_to_string(path).unwrap();
            let below = path.strip_prefix(&folder).unwrap().with_extension("");
            let mut module: Vec<String> =
                below.iter().map(|part| part.to_str().unwrap().to_owned()).collect();
            if matches!(module.last().unwrap().as_str(), "mod" | "lib" | "main") {
                module.pop();
            }
            Source { path: shown(path), module, code: without_comments_and_tests(&text), text }
        })
        .collect()
}

/// A path from the top of the repository.
pub(crate) fn shown(path: &Path) -> String {
    path.strip_prefix(top()).unwrap_or(path).display().to_string()
}

fn without_comments_and_tests(text: &str) -> String {
    let end = text.find("#[cfg(test)]\nmod ").unwrap_or(text.len());
    let mut code = String::with_capacity(end);
    for line in text[..end].lines() {
        let is_comment = line.trim_start().starts_with("//");
        let end = line.find(" // ").unwrap_or(line.len());
        code.push_str(if is_comment { "" } else { &line[..end] });
        code.push('\n');
    }
    code
}

/// The words of a text: names and keywords.
pub(crate) fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter: char| !(letter.is_alphanumeric() || letter == '_')).filter(|word| !word.is_empty())
}
