//! Nothing is public that nobody outside its crate uses.

use std::collections::BTreeSet;
use std::fs;

use crate::source::{files, shown, sources, top, words};
use crate::{STREET, assert_none};

/// The crates with a library that are not on the street.
const BESIDE_THE_STREET: [&str; 2] = ["samples", "fuzz"];

/// The name of a `pub` function, constant or static that a line defines. Types are left out: they may be part of a
/// signature without being named elsewhere.
fn public_name(line: &str) -> Option<&str> {
    let rest = line.trim_start().strip_prefix("pub ")?;
    let mut words = words(rest);
    match words.next()? {
        "fn" | "static" => words.next(),
        "const" => words.next().and_then(|word| if word == "fn" { words.next() } else { Some(word) }),
        "async" => words.next().filter(|word| *word == "fn").and(words.next()),
        _ => None,
    }
}

#[test]
fn what_is_public_is_used_outside() {
    let mut texts = Vec::new();
    for path in files(&top().join("crates"), &["rs"]) {
        let text = fs::read_to_string(&path).unwrap();
        let code: Vec<&str> = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
        texts.push((shown(&path), code.join("\n")));
    }
    let mut broken = Vec::new();
    for name in STREET.into_iter().chain(BESIDE_THE_STREET) {
        let own = format!("crates/{name}/src/");
        // The command beside a library is outside it.
        let command = format!("{own}main.rs");
        let outside: BTreeSet<&str> = texts
            .iter()
            .filter(|(path, _)| !path.starts_with(&own) || *path == command)
            .flat_map(|(_, text)| words(text))
            .collect();
        for source in sources(name) {
            for (number, line) in source.lines() {
                if let Some(public) = public_name(line).filter(|public| !outside.contains(public)) {
                    broken.push(format!("{}:{number}: make `{public}` pub(crate)", source.path));
                }
            }
        }
    }
    assert_none("nothing is public that nobody outside the crate uses", &broken);
}

#[test]
fn names_of_public_items_are_found() {
    assert_eq!(public_name("    pub const fn of(bytes: u64) -> Self {"), Some("of"));
    assert_eq!(public_name("pub const DAY_MS: i64 = 1;"), Some("DAY_MS"));
    assert_eq!(public_name("pub async fn open() {"), Some("open"));
    assert_eq!(public_name("pub(crate) fn open() {"), None);
    assert_eq!(public_name("pub struct Open;"), None);
}
