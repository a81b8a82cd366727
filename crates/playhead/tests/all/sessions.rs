//! `sessions` over a data directory and over HTTP.

use std::path::Path;

use crate::support::{ServerProcess, event, playhead, session_start, timeline, wait_until, write_events};
use serde_json::{Value, json};

const START_MS: i64 = 1_793_491_200_000;

/// A server with one closed session, one open one, and one with hostile texts; all events have taken effect.
fn server_with_sessions() -> (ServerProcess, [String; 3]) {
    let server = ServerProcess::start(&["--reorder-window", "1ms"]);
    let closed = server.replay(&timeline("2-user-abandons.json"));
    let open = server.replay(&timeline("3-chapters.json"));
    let mut start = session_start(START_MS);
    start["params"]["media.name"] = json!("name\u{1b}]0;owned\u{7}\u{9b}2J");
    start["params"]["analytics.reportSuite"] = json!("suite\u{202e}");
    start["customMetadata"] = json!({"key": "\u{1b}[31m"});
    let file = write_events(server.data(), "hostile.json", &[start, event("adComplete", START_MS + 10, 0.0)]);
    let hostile = server.replay(&file);
    server.wait_until_closed(&closed);
    // The journal may be slightly behind the memory of the server. The server advances time in steps, a reader of the
    // directory by the millisecond.
    wait_until("all events took effect, in the directory and in the server", || {
        let rows = |id: &str| {
            let over_http = server.get_json(&format!("/reports/v1/sessions/{id}"));
            [server.sessions(&[id, "--format", "json"]).json(), over_http]
        };
        let is_done = rows(&open).iter().all(|row| row["content_complete"] == true)
            && rows(&hostile).iter().all(|row| row["diagnoses"] == json!(["ad_not_started"]));
        is_done.then_some(())
    });
    (server, [closed, open, hostile])
}

fn ids(page: &Value) -> Vec<String> {
    let rows = page["sessions"].as_array().unwrap();
    rows.iter().map(|row| row["session_id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn both_ways_give_the_same_output() {
    let (server, [closed, open, hostile]) = server_with_sessions();
    let calls: [&[&str]; 12] = [
        &[],
        &["--filter", "report_suite=example-rsid", "--filter", "content_name~e"],
        &[
            "--filter",
            "media_time_spent>0",
            "--order-by",
            "-average_media_time_spent",
            "--from",
            "2017-10-26",
        ],
        &["--order-by", "error_events", "--limit", "1", "--open", "false"],
        &["--limit", "2"],
        &["--open", "true"],
        &["--diagnosis", "ad_not_started"],
        &["--from", "2017-10-26", "--to", "2017-10-27T00:00:00Z", "--report-suite", "example-rsid"],
        &[&closed],
        &[&open],
        &[&open, "--events"],
        &[&hostile, "--events", "--limit", "1"],
    ];
    for call in calls {
        for format in ["table", "json"] {
            let call = [call, &["--format", format]].concat();
            let from_directory = server.sessions(&call).fine();
            assert_eq!(from_directory, server.sessions_over_http(&call).fine(), "{call:?}");
            assert!(from_directory.lines().count() > 0);
        }
    }
}

#[test]
fn a_list_by_filters_of_the_start_was_a_query_over_the_tables_here_and_none_over_http() {
    let (server, [_, _, hostile]) = server_with_sessions();
    let args = ["--filter", "content_id=content", "--format", "json"];
    let path = "/reports/v1/sessions?filters=%5B%7B%22dimension%22:%22content_id%22,%22operator%22:%22=%22,\
                %22value%22:%22content%22%7D%5D";
    let over_http = server.get_json(path);
    assert_eq!((ids(&over_http), &over_http["total"]), (vec![hostile], &json!(null)));
    for page in [server.sessions(&args).json(), server.sessions_over_http(&args).json()] {
        assert_eq!((ids(&page), &page["total"]), (ids(&over_http), &json!(null)));
    }
}

#[test]
fn a_list_shows_the_matching_sessions() {
    let (server, [closed, open, hostile]) = server_with_sessions();
    let list = |args: &[&str]| {
        let mut ids = ids(&server.sessions(&[args, &["--format", "json"]].concat()).json());
        ids.sort();
        ids
    };
    let sorted = |ids: &[&String]| {
        let mut ids: Vec<String> = ids.iter().map(|&id| id.clone()).collect();
        ids.sort();
        ids
    };
    assert_eq!(list(&[]), sorted(&[&closed, &open, &hostile]));
    assert_eq!(list(&["--open", "false"]), sorted(&[&closed]));
    assert_eq!(list(&["--content-id", "content"]), sorted(&[&hostile]));
    assert_eq!(list(&["--visitor-id", "nobody"]), sorted(&[]));
    assert_eq!(list(&["--search", "clickme"]), sorted(&[&closed, &open]));
    assert_eq!(list(&["--from", "2026-11-01"]), sorted(&[&hostile]));
    assert_eq!(list(&["--filter", "content_id=content"]), sorted(&[&hostile]));
    assert_eq!(list(&["--filter", "report_suite=example-rsid", "--open", "false"]), sorted(&[&closed]));
    assert_eq!(
        list(&["--filter", "content_id in content,nothing", "--filter", "player_name=none"]),
        sorted(&[])
    );
    let refused = server.sessions(&["--filter", "chanel=web", "--order-by", "-player_name"]);
    assert!(refused.err.contains("did you mean channel?"), "{refused:?}");
    assert!(refused.err.contains("--order-by names \"player_name\""), "{refused:?}");
    let none = sorted(&[]);
    assert_eq!(list(&["--filter", "rebuffer_ratio>0.99"]), none);
    assert_eq!(list(&["--filter", "advertiser exists"]), list(&["--filter", "ad_starts>0"]));
    let by_time = server.sessions(&["--order-by", "-content_time_spent", "--limit", "2"]).fine();
    assert!(by_time.contains("3 sessions in all"), "{by_time}");
    let page = server.sessions(&["--limit", "1", "--format", "json"]).json();
    assert_eq!(ids(&page), [hostile]);
    assert!(page["next_cursor"].is_string());
    let table = server.sessions(&["--limit", "1"]).fine();
    assert!(table.contains("There are more sessions"), "{table}");
    assert_eq!(server.sessions(&["--visitor-id", "nobody"]).fine(), "no sessions\n");
}

#[test]
fn hostile_names_reach_the_terminal_escaped() {
    let (server, [_, _, hostile]) = server_with_sessions();
    let calls: [&[&str]; 5] =
        [&[], &[&hostile], &[&hostile, "--events"], &["--format", "json"], &[&hostile, "--format", "json"]];
    for call in calls {
        let text = server.sessions(call).fine();
        let treacherous = text.chars().find(|&c| (c.is_control() && c != '\n') || c == '\u{202e}');
        assert_eq!(treacherous, None, "{text}");
    }
    assert!(server.sessions(&[&hostile]).fine().contains("name\\u{1b}]0;owned"));
    let row = server.sessions(&[&hostile, "--format", "json"]).json();
    assert_eq!(row["content_name"], "name\u{1b}]0;owned\u{7}\u{9b}2J");
}

#[test]
fn the_first_digits_of_an_id_are_enough() {
    let (server, [closed, ..]) = server_with_sessions();
    let row = server.sessions(&[&closed[..12], "--format", "json"]).json();
    assert_eq!(row["session_id"], *closed);
    let ended = server.sessions(&[&closed[..3]]);
    assert_eq!(ended.code, Some(2));
    assert!(ended.err.contains("is not a session id"), "{}", ended.err);
    for unknown in ["0".repeat(64), "0".repeat(12)] {
        let ended = server.sessions(&[&unknown]);
        assert_eq!(ended.code, Some(1));
        assert!(ended.err.contains(&format!("there is no session {unknown}")), "{}", ended.err);
    }
}

#[test]
fn one_session_explains_its_diagnoses() {
    let (server, [_, _, hostile]) = server_with_sessions();
    let text = server.sessions(&[&hostile]).fine();
    assert!(text.contains("An ad ended that had not begun"), "{text}");
    assert!(text.contains("Send adStart before adComplete or adSkip."), "{text}");
}

/// The journal and its write-ahead log.
fn stored(data: &Path) -> Vec<Vec<u8>> {
    ["journal.sqlite3", "journal.sqlite3-wal"]
        .iter()
        .map(|name| std::fs::read(data.join(name)).unwrap_or_default())
        .collect()
}

#[test]
fn reading_a_data_directory_changes_nothing_in_it() {
    let (mut server, [_, open, _]) = server_with_sessions();
    // A killed server leaves most data in the write-ahead log; the next writer copies it.
    server.kill9();
    let before = stored(server.data());
    assert!(!before[1].is_empty());
    let row = server.sessions(&[&open, "--format", "json"]).json();
    assert_eq!(row["content_complete"], true);
    server.sessions(&[&open, "--events"]).fine();
    assert!(stored(server.data()) == before, "the journal was changed");
    let server = server.restart();
    assert_eq!(server.get(&format!("/reports/v1/sessions/{open}")).0, 200);
}

#[test]
fn times_of_every_command_are_what_people_type() {
    let server = ServerProcess::start(&["--reorder-window", "1ms"]);
    let now_ms = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_millis();
    let hour_ago_ms = i64::try_from(now_ms).unwrap() - 3_600_000;
    let start = |ago_ms: i64| {
        let ts_ms = hour_ago_ms - ago_ms;
        let events = [session_start(ts_ms), event("sessionEnd", ts_ms + 1_000, 1.0)];
        let id = server.replay(&write_events(server.data(), "one.json", &events));
        server.wait_until_closed(&id);
        id
    };
    let (fresh, old) = (start(0), start(3 * 86_400_000));
    let listed = |range: &[&str]| {
        let call = [range, &["--format", "json"]].concat();
        let there = ids(&server.sessions(&call).json());
        assert_eq!(there, ids(&server.sessions_over_http(&call).json()), "{range:?}");
        let place = ["--data", server.data().to_str().unwrap()];
        let counted = playhead(&[&["report", "sessions", "--format", "json"], range, &place].concat()).json();
        assert_eq!(counted["totals"]["sessions"], there.len(), "{range:?}");
        let rows = playhead(&[&["export", "sessions", "--format", "jsonl"], range, &place].concat()).fine();
        assert_eq!(rows.lines().count(), there.len(), "{range:?}");
        there
    };
    assert_eq!(listed(&["--from", "2h"]), [&*fresh]);
    assert_eq!(listed(&["--from", "-2h", "--to", "now", "--time-zone", "Asia/Tokyo"]), [&*fresh]);
    assert_eq!(listed(&["--from", "7d"]), [&*fresh, &*old]);
    assert_eq!(listed(&["--to", "30m", "--from", "1d"]), [&*fresh]);
    assert_eq!(listed(&["--to", "yesterday"]), [&*old]);
    assert_eq!(listed(&["--from", "yesterday"]), [&*fresh]);
    // The word of earlier releases.
    assert_eq!(ids(&server.sessions(&["--until", "1d", "--format", "json"]).json()), [&*old]);
    for (call, fault) in [
        (["--from", "yesterday", "--to", "yesterday"], "all of yesterday is --from yesterday --to today"),
        (["--from", "now", "--to", "1h"], "--to is before --from"),
        (["--from", "7 days", "--to", "now"], "`7 days` is not a time"),
        (["--from", "today", "--time-zone", "Berln"], "did you mean Europe/Berlin?"),
    ] {
        let ended = server.sessions(&call);
        assert_eq!(ended.code, Some(2), "{call:?}: {}", ended.out);
        assert!(ended.err.contains(fault), "{}", ended.err);
    }
}
