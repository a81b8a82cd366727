//! The committed reference of metrics is the one that the catalogue generates.
use playhead_report::reference_markdown;

/// With `PLAYHEAD_BLESS=1` in the environment, the test writes the file instead of comparing it.
#[test]
fn the_committed_reference_is_current() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/metrics.md");
    let generated = reference_markdown();
    if std::env::var_os("PLAYHEAD_BLESS").is_some_and(|value| value == "1") {
        std::fs::write(path, &generated).unwrap();
    }
    let committed = std::fs::read_to_string(path).unwrap();
    assert!(
        committed == generated,
        "docs/metrics.md is out of date: run the tests once with PLAYHEAD_BLESS=1"
    );
}

#[test]
fn the_committed_names_of_context_data_are_current() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/adobe-feed.md");
    let current = playhead_report::output::adobe_feed::adobe_feed_markdown();
    if std::env::var_os("PLAYHEAD_BLESS").is_some() {
        std::fs::write(&path, &current).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == current,
        "docs/adobe-feed.md is out of date: run the tests once with PLAYHEAD_BLESS=1"
    );
}
