//! The documented timelines, replayed to a server, and the sums of their rows.

use std::fs;

use serde_json::{Value, json};

use super::{ServerProcess, binary, run, timeline, wait_until};

/// Short timeouts, so that sessions close during the test.
pub(crate) const QUICK: [&str; 4] = ["--idle-timeout", "1500ms", "--reorder-window", "200ms"];

pub(crate) const TIMELINES: [&str; 3] = ["1-view-to-end", "2-user-abandons", "3-chapters"];

/// A server to which the documented timelines were replayed; all sessions have closed.
pub(crate) fn server_with_timelines(args: &[&str]) -> ServerProcess {
    let server = ServerProcess::start(&[&QUICK, args].concat());
    let sessions = TIMELINES.map(|name| server.replay(&timeline(&format!("{name}.json"))));
    for session in sessions {
        server.wait_until_closed(&session);
    }
    // The journal may be slightly behind the memory of the server.
    wait_until("the directory has them, too", || {
        let page = server.sessions(&["--open", "false", "--format", "json"]).json();
        (page["sessions"].as_array().unwrap().len() == TIMELINES.len()).then_some(())
    });
    server
}

/// The sums of the documented rows.
pub(crate) fn documented(column: &str) -> f64 {
    let rows = TIMELINES.map(|name| -> Value {
        let row = fs::read(timeline(&format!("{name}.expected.json"))).unwrap();
        serde_json::from_slice(&row).unwrap()
    });
    let number = |value: &Value| value.as_f64().unwrap_or_else(|| f64::from(u8::from(value == &json!(true))));
    rows.iter().map(|row| number(&row[column])).sum()
}

/// Moves the rows of the server's journal into the tables.
pub(crate) fn maintain(server: &ServerProcess) -> String {
    let mut command = binary();
    command.env("PLAYHEAD_TOKEN", server.token());
    run(command.args(["maintain", "--server", server.base()])).fine()
}
