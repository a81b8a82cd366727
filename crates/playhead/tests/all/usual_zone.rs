//! The time zone of reports that name none: the same days at every door.

use std::fs;

use serde_json::{Value, json};

use crate::support::pg_client::PgClient;
use crate::support::replayed::{maintain, server_with_timelines};
use crate::support::{ServerProcess, binary, playhead, run};

/// In this zone the documented sessions, of 26 October 2017 in UTC, are of the 27th.
const ZONE: &str = "Asia/Tokyo";
const TOKYO: [&str; 4] = ["--time-zone", ZONE, "--postgres-listen", "127.0.0.1:0"];
const TRUNCATED: &str = "select date_trunc('day', min(started_at)), min(started_at)::date from sessions";

fn posted(server: &ServerProcess, path: &str, body: &Value) -> Value {
    let (status, response) = server.post_with_token(path, &body.to_string());
    assert_eq!(status, 200, "{response}");
    serde_json::from_str(&response).unwrap()
}

fn rows_of(series: &Value) -> &Value {
    &series["rows"]
}

#[test]
fn a_day_was_another_one_at_each_door() {
    let server = server_with_timelines(&TOKYO);
    maintain(&server);
    let days =
        json!({"metrics": ["sessions"], "granularity": "day", "from": "2017-10-27", "to": "2017-10-28"});
    let expected = json!([["2017-10-27T00:00:00+09:00", 3]]);
    let series = posted(&server, "/reports/v1/query", &days);
    assert_eq!((rows_of(&series), &series["time_zone"]), (&expected, &json!(ZONE)), "{series}");

    for zone in ["", "&time_zone="] {
        let path = format!("/reports/v1/quality?from=2017-10-27&to=2017-10-28{zone}");
        let panel = server.get_json(&path);
        assert_eq!(panel["scope"]["time_zone"], ZONE, "{panel}");
        assert_eq!(panel["scope"]["from"], "2017-10-27T00:00:00+09:00", "{panel}");
    }
    let (_, exported) = server.get("/reports/v1/export/sessions?format=jsonl&from=2017-10-27&to=2017-10-28");
    assert_eq!(exported.lines().count(), 3, "{exported}");
    for (day, count) in [("2017-10-27", 3), ("2017-10-28", 0)] {
        let listed = server.get_json(&format!("/reports/v1/sessions?from={day}"));
        assert_eq!(listed["sessions"].as_array().unwrap().len(), count, "{day}: {listed}");
    }
    let told = posted(&server, "/reports/v1/sql", &json!({"query": TRUNCATED}));
    assert_eq!(rows_of(&told), &json!([["2017-10-26T15:00:00.000Z", "2017-10-27"]]), "{told}");
    for facts in ["catalogue", "access"] {
        assert_eq!(server.get_json(&format!("/reports/v1/{facts}"))["time_zone"], ZONE, "{facts}");
    }

    let mut client = PgClient::connect(&server);
    assert_eq!(client.ask(TRUNCATED)[0], "row 2017-10-27 00:00:00+09|2017-10-27");
    let shown = format!("row {ZONE}");
    assert_eq!(client.ask("show timezone")[0], shown);
    client.ask("set time zone 'UTC'");
    assert_eq!(client.ask(TRUNCATED)[0], "row 2017-10-26 00:00:00+00|2017-10-26");
    client.ask("reset all");
    assert_eq!(client.ask("show timezone")[0], shown, "a reset goes back to the server's zone");

    for (day, count) in [("2017-10-27", 3), ("2017-10-28", 0)] {
        let range = ["--from", day, "--to", "now", "--format", "json"];
        let listed = server.sessions_over_http(&range).json();
        assert_eq!(listed["sessions"].as_array().unwrap().len(), count, "{day}: {listed}");
        let mut beside = binary();
        beside.env("PLAYHEAD_TIME_ZONE", ZONE).arg("sessions").args(range).arg("--data").arg(server.data());
        assert_eq!(run(&mut beside).json()["sessions"].as_array().unwrap().len(), count, "{day}");
    }

    let report = ["report", "sessions", "--granularity", "day", "--format", "json"];
    let over_http = ["--server", server.base(), "--token", server.token()];
    let series = playhead(&[&report[..], &over_http].concat()).json();
    assert_eq!(rows_of(&series), &expected, "{series}");
    let directory =
        run(binary().env("PLAYHEAD_TIME_ZONE", ZONE).args(report).arg("--data").arg(server.data()));
    let series = directory.json();
    assert_eq!(rows_of(&series), &expected, "{series}");
}

#[test]
fn a_zone_that_a_request_names_wins_over_that_of_the_server() {
    let server = server_with_timelines(&TOKYO);
    let days = json!({"metrics": ["sessions"], "granularity": "day", "time_zone": "UTC"});
    let series = posted(&server, "/reports/v1/query", &days);
    assert_eq!(rows_of(&series), &json!([["2017-10-26T00:00:00Z", 3]]), "{series}");
    let panel = server.get_json("/reports/v1/quality?from=2017-10-26&to=2017-10-27&time_zone=UTC");
    assert_eq!(panel["scope"]["time_zone"], "UTC", "{panel}");
    let (status, body) = server.get("/reports/v1/quality?time_zone=Asia/Tokio");
    assert_eq!(status, 400, "{body}");
    assert!(body.contains("did you mean Asia/Tokyo?"), "{body}");
}

#[test]
fn a_zone_that_does_not_exist_kept_the_server_from_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let started =
        run(binary().args(["serve", "--time-zone", "Europe/Berln", "--data"]).arg(directory.path()));
    assert_eq!(started.code, Some(2), "{}", started.err);
    assert!(started.err.contains("did you mean Europe/Berlin?"), "{}", started.err);
    let variable =
        run(binary().env("PLAYHEAD_TIME_ZONE", "Mars").arg("serve").arg("--data").arg(directory.path()));
    assert_eq!(variable.code, Some(2), "{}", variable.err);
    assert!(variable.err.contains("PLAYHEAD_TIME_ZONE: names no time zone: \"Mars\""), "{}", variable.err);
    let file = directory.path().join("playhead.toml");
    fs::write(&file, "time_zone = \"europe/berlin\"\n").unwrap();
    let printed = run(binary().args(["serve", "--print-config", "--config"]).arg(&file)).fine();
    assert!(printed.contains("time_zone = \"Europe/Berlin\""), "{printed}");
}
