//! The invariants of ARCHITECTURE.md that can be read off the source.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::fs;
use std::path::{Path, PathBuf};

/// The crates in the order of their dependencies: each may know those before it.
const STREET: [&str; 9] =
    ["protocol", "session", "journal", "lake", "report", "node", "dashboard", "server", "playhead"];

/// Lines of a file beyond which it holds more than one thing.
const FILE_LINES: usize = 520;

fn crates() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn source_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            source_files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// The files of a crate's `src`, with their text.
fn sources(name: &str) -> Vec<(PathBuf, String)> {
    let mut files = Vec::new();
    source_files(&crates().join(name).join("src"), &mut files);
    assert!(!files.is_empty(), "{name} has no sources");
    files.into_iter().map(|path| (path.clone(), fs::read_to_string(path).unwrap())).collect()
}

/// The names in a crate's `[dependencies]`.
fn dependencies(name: &str) -> Vec<String> {
    let manifest = fs::read_to_string(crates().join(name).join("Cargo.toml")).unwrap();
    let manifest: toml::Table = manifest.parse().unwrap();
    manifest["dependencies"].as_table().unwrap().keys().cloned().collect()
}

#[test]
fn dependencies_point_one_way() {
    for (place, name) in STREET.iter().enumerate() {
        for dependency in dependencies(name) {
            // A list of features alone: it holds no code.
            let Some(other) = dependency.strip_prefix("playhead-").filter(|other| *other != "features")
            else {
                continue;
            };
            let other_place = STREET.iter().position(|known| *known == other);
            assert!(other_place.is_some_and(|other| other < place), "{name} depends on {dependency}");
        }
    }
}

#[test]
fn the_pure_crates_do_no_io_read_no_clock_and_know_no_runtime() {
    const FOREIGN: [&str; 11] = [
        "std::fs",
        "std::net",
        "std::io",
        "std::thread",
        "std::process",
        "std::env",
        "SystemTime",
        "Instant::",
        "tokio",
        "async fn",
        "Timestamp::now",
    ];
    for name in ["protocol", "session"] {
        for (path, text) in sources(name) {
            for foreign in FOREIGN {
                assert!(!text.contains(foreign), "{} has {foreign}", path.display());
            }
        }
    }
}

#[test]
fn each_technology_has_one_home() {
    for (technology, home) in [
        ("rusqlite", "journal"),
        ("deltalake", "lake"),
        ("parquet::", "lake"),
        ("object_store::", "lake"),
        ("hyper::", "server"),
        ("axum", "server"),
        ("pgwire", "server"),
        ("clap", "playhead"),
    ] {
        for name in STREET.into_iter().filter(|name| *name != home) {
            for (path, text) in sources(name) {
                assert!(!text.contains(technology), "{} has {technology}", path.display());
            }
        }
    }
}

#[test]
fn only_the_protocol_reads_the_field_names_of_the_wire() {
    for name in ["session", "journal", "lake", "report"] {
        for (path, text) in sources(name) {
            for field in ["\"playerTime\"", "\"eventType\"", "\"qoeData\"", "\"customMetadata\""] {
                assert!(!text.contains(field), "{} has {field}", path.display());
            }
        }
    }
}

#[test]
fn the_environment_is_read_in_one_place() {
    for name in STREET {
        for (path, text) in sources(name) {
            let is_the_place = path.ends_with("environment.rs") || path.ends_with("main.rs");
            assert!(is_the_place || !text.contains("env::var"), "{} reads the environment", path.display());
        }
    }
}

#[test]
fn files_hold_one_thing_and_are_named_for_it() {
    for name in STREET {
        for (path, text) in sources(name) {
            let lines = text.lines().count();
            assert!(lines <= FILE_LINES, "{} has {lines} lines", path.display());
            let stem = path.file_stem().unwrap().to_str().unwrap();
            assert!(
                !["utils", "util", "common", "helpers", "helper", "misc"].contains(&stem),
                "{}",
                path.display()
            );
        }
    }
}

#[test]
fn nothing_is_left_for_later() {
    for name in STREET {
        for (path, text) in sources(name) {
            for mark in ["TODO", "FIXME", "HACK", "for now", "placeholder"] {
                assert!(!text.contains(mark), "{} has {mark}", path.display());
            }
        }
    }
}
