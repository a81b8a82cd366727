//! The committed reference of rows equals the one that the tables generate.

use playhead_session::reference_markdown;

/// With `PLAYHEAD_BLESS=1` in the environment, the test writes the file instead of comparing it.
#[test]
fn the_committed_reference_is_current() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/rows.md");
    let generated = reference_markdown();
    if std::env::var_os("PLAYHEAD_BLESS").is_some_and(|value| value == "1") {
        std::fs::create_dir_all(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs")).unwrap();
        std::fs::write(path, &generated).unwrap();
    }
    let committed = std::fs::read_to_string(path).unwrap();
    assert!(committed == generated, "docs/rows.md is out of date: run the tests once with PLAYHEAD_BLESS=1");
}
