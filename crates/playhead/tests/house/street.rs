//! The street of crates: who knows whom, and which technology lives where.

use std::fs;

use crate::source::{sources, top};
use crate::{STREET, assert_none};

/// The names in a crate's `[dependencies]`.
fn dependencies(name: &str) -> Vec<String> {
    let manifest = fs::read_to_string(top().join("crates").join(name).join("Cargo.toml")).unwrap();
    let manifest: toml::Table = manifest.parse().unwrap();
    manifest["dependencies"].as_table().unwrap().keys().cloned().collect()
}

/// Asserts that none of these texts occurs in the code of a crate.
fn assert_without(rule: &str, name: &str, foreign: &[&str]) {
    let mut broken = Vec::new();
    for source in sources(name) {
        for (number, line) in source.lines() {
            for foreign in foreign.iter().filter(|foreign| line.contains(**foreign)) {
                broken.push(format!("{}:{number}: remove `{foreign}`", source.path));
            }
        }
    }
    assert_none(rule, &broken);
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
            assert!(
                other_place.is_some_and(|other| other < place),
                "crates/{name}/Cargo.toml: remove {dependency}, which stands above {name} in the street"
            );
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
    for name in ["random", "protocol", "session"] {
        assert_without("a pure crate is passed what it needs", name, &FOREIGN);
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
        ("rustls", "server"),
        ("clap", "playhead"),
    ] {
        for name in STREET.into_iter().filter(|name| *name != home) {
            assert_without(&format!("only {home} knows {technology}"), name, &[technology]);
        }
    }
}

#[test]
fn the_node_knows_neither_http_nor_postgresql() {
    const FOREIGN: [&str; 8] =
        ["hyper", "axum", "pgwire", "StatusCode", "http::", "status_code", "HeaderValue", "HeaderMap"];
    assert_without("statuses and headers belong to the server", "node", &FOREIGN);
    for dependency in dependencies("node") {
        let is_a_door =
            ["hyper", "axum", "http", "pgwire", "postgres"].iter().any(|door| dependency.contains(door));
        assert!(!is_a_door, "crates/node/Cargo.toml: remove {dependency}: only the server knows it");
    }
}

#[test]
fn only_the_protocol_reads_the_field_names_of_the_wire() {
    const FIELDS: [&str; 4] = ["\"playerTime\"", "\"eventType\"", "\"qoeData\"", "\"customMetadata\""];
    for name in ["session", "journal", "lake", "report"] {
        assert_without("protocol parses the wire", name, &FIELDS);
    }
}
