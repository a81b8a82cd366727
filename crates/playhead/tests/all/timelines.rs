//! The documented timelines from end to end: `replay` sends a recorded session, and HTTP and `sessions` return its
//! documented row.

use crate::support::{ServerProcess, timeline, wait_until};
use serde_json::Value;

/// Short timeouts, so that sessions close during the test.
const QUICK: [&str; 4] = ["--idle-timeout", "1500ms", "--reorder-window", "200ms"];

#[test]
fn view_to_end_gives_the_documented_row() {
    check("1-view-to-end");
}

#[test]
fn user_abandons_gives_the_documented_row() {
    check("2-user-abandons");
}

#[test]
fn chapters_gives_the_documented_row() {
    check("3-chapters");
}

fn check(name: &str) {
    let expected = std::fs::read(timeline(&format!("{name}.expected.json"))).unwrap();
    let expected: Value = serde_json::from_slice(&expected).unwrap();
    assert!(expected.as_object().unwrap().len() >= 39, "the whole row is documented");
    let server = ServerProcess::start(&QUICK);
    let session = server.replay(&timeline(&format!("{name}.json")));
    let over_http = server.wait_until_closed(&session);
    expect(&over_http, &expected);
    // The journal may be slightly behind the memory of the server.
    let from_directory = wait_until("the directory has it, too", || {
        let row = server.sessions(&[&session, "--format", "json"]).json();
        (row["is_open"] == false).then_some(row)
    });
    expect(&from_directory, &expected);
    assert_eq!(from_directory, over_http);
}

/// Every documented key has the documented value; of ads and chapters, every documented key of each.
fn expect(row: &Value, expected: &Value) {
    for (key, wanted) in expected.as_object().unwrap() {
        match (key.as_str(), wanted.as_array()) {
            ("ads" | "chapters", Some(views)) => {
                let found = row[key].as_array().unwrap();
                assert_eq!(found.len(), views.len(), "{key}");
                for (view, wanted) in found.iter().zip(views) {
                    expect(view, wanted);
                }
            }
            _ => assert_eq!(&row[key], wanted, "{key} of {row}"),
        }
    }
}
