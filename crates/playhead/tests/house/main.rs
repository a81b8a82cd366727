//! The rules of ARCHITECTURE.md and CONTRIBUTING.md that can be read off the source.
//!
//! Each rule lists all places that break it, as `file:line: what to do`.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

mod documents;
mod floors;
mod homes;
mod shape;
mod source;
mod street;
mod visibility;
mod wires;

/// The crates in the order of their dependencies: each may know those before it.
const STREET: [&str; 12] = [
    "random",
    "protocol",
    "session",
    "journal",
    "lake",
    "report",
    "picture",
    "node",
    "dashboard",
    "server",
    "simulate",
    "playhead",
];

/// Fails with everything that breaks a rule, one place a line.
#[track_caller]
fn assert_none(rule: &str, broken: &[String]) {
    assert!(broken.is_empty(), "{rule}:\n  {}\n", broken.join("\n  "));
}
