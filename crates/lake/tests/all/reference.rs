//! The committed reference of the tables is the one that their columns generate.

use playhead_lake::reference_markdown;

/// With `PLAYHEAD_BLESS=1` in the environment, the test writes the file instead of comparing it.
#[test]
fn the_committed_reference_is_current() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/tables.md");
    let generated = reference_markdown();
    if std::env::var_os("PLAYHEAD_BLESS").is_some_and(|value| value == "1") {
        std::fs::write(path, &generated).unwrap();
    }
    let committed = std::fs::read_to_string(path).unwrap();
    assert!(
        committed == generated,
        "docs/tables.md is out of date: run the tests once with PLAYHEAD_BLESS=1"
    );
}
