//! The committed reference of parameters is the one that the table generates.

use playhead_protocol::reference_markdown;

/// With `PLAYHEAD_BLESS=1` in the environment the file is written instead of compared.
#[test]
fn the_committed_reference_is_current() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/parameters.md");
    let generated = reference_markdown();
    if std::env::var_os("PLAYHEAD_BLESS").is_some_and(|value| value == "1") {
        std::fs::create_dir_all(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs")).unwrap();
        std::fs::write(path, &generated).unwrap();
    }
    let committed = std::fs::read_to_string(path).unwrap();
    assert!(
        committed == generated,
        "docs/parameters.md is out of date: run the tests once with PLAYHEAD_BLESS=1"
    );
}
