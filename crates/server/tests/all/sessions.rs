//! Sessions from the first request to the final row.
use crate::support::{START_MS, TestServer, event, session_start, settings};
use serde_json::json;

#[test]
fn a_session_is_counted_while_it_runs_and_ends_as_the_same_row() {
    let server = TestServer::start(settings());
    let sid = server.open(&session_start(START_MS));
    assert_eq!(sid.len(), 64);
    assert_eq!(server.event(&sid, &event("play", 0.0, START_MS)), 204);
    assert_eq!(server.event(&sid, &event("ping", 10.0, START_MS + 10_000)), 204);

    server.clock.advance(6_000);
    server.wait_until("the window has closed", |server| server.row(&sid)["content_time_spent"] == 10.0);
    let live = server.row(&sid);
    assert_eq!(live["is_open"], true);
    assert_eq!(live["event_count"], 3);

    assert_eq!(server.event(&sid, &event("sessionEnd", 20.0, START_MS + 20_000)), 204);
    assert_eq!(server.event(&sid, &event("ping", 21.0, START_MS + 20_001)), 410);
    assert_eq!(server.event(&sid, &event("ping", 19.0, START_MS + 19_000)), 204);
    server.clock.advance(5_000);
    server.wait_until("the session has ended", |server| server.row(&sid)["is_open"] == false);
    let row = server.row(&sid);
    assert_eq!(row["content_time_spent"], 20.0);
    assert_eq!(row["close_reason"], "session_end");
    assert_eq!(row["report_suite"], "example-rsid");
    assert_eq!(server.event(&sid, &event("sessionEnd", 20.0, START_MS + 20_000)), 204);
    assert_eq!(server.event(&sid, &event("ping", 20.0, START_MS + 20_000)), 410);

    let (store, clock) = server.stop();
    let server = TestServer::start_on(settings(), store, clock);
    assert_eq!(server.row(&sid), row);
    assert_eq!(server.event(&sid, &event("ping", 20.0, START_MS + 20_000)), 410);
    assert_eq!(server.event(&sid, &event("sessionEnd", 1.0, START_MS)), 204);
    let list = server.get("/reports/v1/sessions?open=false&content_id=content-1").json();
    assert_eq!(list["sessions"][0]["session_id"], json!(sid));
}
