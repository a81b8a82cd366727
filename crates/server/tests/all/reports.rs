//! The report API's sessions: access, lists and filters, rows, and the effect of each event.
use std::collections::{BTreeMap, BTreeSet};

use crate::support::{START_MS, TOKEN, TestServer, event, session_start, settings};
use serde_json::{Value, json};

/// Columns of a session's row besides those of `sessionStart` (report contract, section 1).
const ACCOUNTED_COLUMNS: &str = "session_id custom_metadata source started_at last_event_at received_at \
     clock_offset_ms close_reason is_open event_count diagnoses media_start content_resume content_start content_complete drop_before_start \
     content_time_spent ad_time_spent media_time_spent unique_time_played total_pause_duration \
     total_buffer_duration total_stall_duration pause_events buffer_events stall_events error_events \
     bitrate_changes ad_count ad_completes ad_skips chapter_count chapter_completes chapter_skips progress_10 progress_25 progress_50 \
     progress_75 progress_95 content_segment average_minute_audience estimated_streams average_bitrate \
     average_bitrate_bucket dropped_frames frames_per_second time_to_start_ms player_errors external_errors \
     states active_spans playing_spans watched_spans rewatched_spans";

/// Columns that `sessionStart` fills.
const START_COLUMNS: &str = "tracking_server report_suite visitor_id analytics_id opt_out_forwarding opt_out_share \
     org_id marketing_cloud_user_id customer_ids app_installation_id content_id content_name content_length \
     content_type stream_type player_name channel downloaded app_version library_version show season episode \
     asset_id genre first_air_date first_digital_date rating originator network show_type ad_load mvpd authorized \
     day_part feed stream_format artist album label author station publisher";

const AD_COLUMNS: &str = "pod_name pod_position pod_offset ad_id ad_name ad_length ad_pod_position ad_player_name \
     advertiser campaign_id creative_id site_id creative_url placement_id ad_started_at time_played end \
     custom_metadata";

const CHAPTER_COLUMNS: &str = "chapter_position chapter_offset chapter_length chapter_name chapter_started_at \
     time_played end custom_metadata";

fn names(columns: &str) -> BTreeSet<&str> {
    columns.split_whitespace().collect()
}

fn keys(row: &Value) -> BTreeSet<&str> {
    row.as_object().unwrap().keys().map(String::as_str).collect()
}

/// A start with some parameters replaced.
fn start_with(ts_ms: i64, params: &Value) -> Value {
    let mut start = session_start(ts_ms);
    for (key, value) in params.as_object().unwrap() {
        start["params"][key] = value.clone();
    }
    start
}

/// The ids of all pages of a list, page after page; `between` is called before each page but the first.
fn pages(server: &TestServer, query: &str, mut between: impl FnMut(usize)) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut cursor: Option<String> = None;
    for page in 0..1_000 {
        if page > 0 {
            between(page);
        }
        let after = cursor.map_or(String::new(), |cursor| format!("&cursor={cursor}"));
        let answer = server.get(&format!("/reports/v1/sessions?{query}{after}"));
        assert_eq!(answer.status, 200, "{answer:?}");
        let body = answer.json();
        found.extend(body["sessions"].as_array().unwrap().iter().map(|row| {
            (row["started_at"].as_str().unwrap().to_owned(), row["session_id"].as_str().unwrap().to_owned())
        }));
        match body["next_cursor"].as_str() {
            Some(next) => cursor = Some(next.to_owned()),
            None => return found,
        }
    }
    panic!("the pages do not end");
}

fn ids(server: &TestServer, query: &str) -> BTreeSet<String> {
    let found = pages(server, query, |_| {});
    let ids: BTreeSet<String> = found.iter().map(|(_, id)| id.clone()).collect();
    assert_eq!(ids.len(), found.len(), "a session is listed twice");
    ids
}

/// Ends a session and waits until it has closed.
fn close(server: &TestServer, sid: &str, ts_ms: i64) {
    assert_eq!(server.event(sid, &event("sessionEnd", 1.0, ts_ms)), 204);
    server.clock.advance(5_000);
    server.closed_row(sid);
}

fn events(server: &TestServer, sid: &str) -> Value {
    let answer = server.get(&format!("/reports/v1/sessions/{sid}/events?limit=1000"));
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()["events"].clone()
}

#[test]
fn reports_need_the_token() {
    let server = TestServer::start(settings());
    let sid = server.open(&session_start(START_MS));
    let paths = [
        "/reports/v1/sessions".to_owned(),
        "/reports/v1/sessions?limit=0".to_owned(),
        format!("/reports/v1/sessions/{sid}"),
        format!("/reports/v1/sessions/{}", "0".repeat(64)),
        "/reports/v1/sessions/%ff".to_owned(),
        format!("/reports/v1/sessions/{sid}/events"),
    ];
    let wrong = format!("Bearer {TOKEN}x");
    let shorter = format!("Bearer {}", &TOKEN[1..]);
    let basic = format!("Basic {TOKEN}");
    let refused: [&[(&str, &str)]; 6] = [
        &[],
        &[("Authorization", &wrong)],
        &[("Authorization", &shorter)],
        &[("Authorization", &basic)],
        &[("Authorization", TOKEN)],
        &[("Cookie", TOKEN)],
    ];
    for path in &paths {
        server.clock.advance(playhead_node::limits::WRONG_TOKENS_MS);
        for headers in refused {
            let answer = server.connect().request("GET", path, headers, b"");
            assert_eq!(answer.status, 401, "{path} {headers:?}");
            assert!(answer.header("www-authenticate").unwrap().starts_with("Bearer"), "{answer:?}");
            assert!(!String::from_utf8(answer.body).unwrap().contains(&sid), "nothing is given away");
        }
    }
    assert_eq!(server.refused("unauthorized"), (paths.len() * refused.len()) as f64);
    for scheme in ["Bearer", "bearer", "BEARER"] {
        let authorization = format!("{scheme} {TOKEN}");
        let answer = server.connect().request("GET", &paths[0], &[("Authorization", &authorization)], b"");
        assert_eq!(answer.status, 200, "{scheme}");
        assert_eq!(answer.header("access-control-allow-origin"), None, "reports are not for pages of others");
    }
    for method in ["POST", "PUT", "DELETE", "PATCH"] {
        let answer = server.connect().request(method, &paths[0], &[], b"");
        assert_eq!((answer.status, answer.header("allow")), (405, Some("GET, HEAD")));
    }
    for sid in ["x", &"0".repeat(64), &sid.to_uppercase(), "%ff"] {
        assert_eq!(server.get(&format!("/reports/v1/sessions/{sid}")).status, 404, "{sid}");
        assert_eq!(server.get(&format!("/reports/v1/sessions/{sid}/events")).status, 404, "{sid}");
    }
}

#[test]
fn each_filter_applies_to_open_and_closed_sessions_alike() {
    let server = TestServer::start(settings());
    let hour = 3_600_000;
    let starts = [
        json!({}),
        json!({"analytics.reportSuite": "other-rsid"}),
        json!({"media.id": "content-2", "media.name": "Größe 2"}),
        json!({"analytics.visitorId": "visitor-a"}),
        json!({"analytics.visitorId": "visitor-b", "visitor.marketingCloudUserId": "visitor-a"}),
        json!({"appInstallationId": "visitor-a", "media.unheardOf": 1}),
    ];
    let open_all = |shift_ms: i64| -> Vec<String> {
        let with_time = starts.iter().zip(0..);
        with_time
            .map(|(params, index)| server.open(&start_with(START_MS + shift_ms + index * hour, params)))
            .collect()
    };
    let closed = open_all(0);
    for sid in &closed {
        assert_eq!(server.event(sid, &event("sessionEnd", 1.0, START_MS + 10 * hour)), 204);
    }
    server.clock.advance(5_000);
    for sid in &closed {
        server.closed_row(sid);
    }
    let open = open_all(1);
    let expect = |query: &str, places: &[usize]| {
        let of =
            |ids: &[String]| places.iter().map(|&place| ids[place].clone()).collect::<BTreeSet<String>>();
        assert_eq!(ids(&server, &format!("{query}&open=true")), of(&open), "open: {query}");
        assert_eq!(ids(&server, &format!("{query}&open=false")), of(&closed), "closed: {query}");
        let both: BTreeSet<String> = of(&open).union(&of(&closed)).cloned().collect();
        assert_eq!(ids(&server, query), both, "both: {query}");
        assert_eq!(ids(&server, &format!("{query}&limit=1")), both, "one by one: {query}");
    };
    expect("q=", &[0, 1, 2, 3, 4, 5]);
    expect("report_suite=other-rsid", &[1]);
    expect("report_suite=nobody", &[]);
    expect("content_id=content-2", &[2]);
    expect("content_id=CONTENT-2", &[]);
    expect("visitor_id=visitor-a", &[3, 4, 5]);
    expect("visitor_id=visitor-b", &[]);
    expect("diagnosis=unknown_param", &[5]);
    expect("diagnosis=late_event", &[]);
    expect("q=CONTENT-2", &[2]);
    expect("q=gr%C3%B6%C3%9Fe", &[2]);
    expect("q=visitor", &[3, 4, 5]);
    expect("q=%25", &[]);
    expect("from=2026-11-01T02:00:00Z", &[2, 3, 4, 5]);
    expect("to=2026-11-01T02:00:00Z", &[0, 1]);
    expect("from=2026-11-01T01:00:00Z&to=2026-11-01T03:00:00Z", &[1, 2]);
    expect("from=2026-11-01", &[0, 1, 2, 3, 4, 5]);
    expect("to=2026-11-01", &[]);
    expect("from=2026-11-01T03:00:00%2B01:00&q=content-1&report_suite=example-rsid", &[3, 4, 5]);
    let by_id = ids(&server, &format!("q={}", &open[3][10..40].to_uppercase()));
    assert_eq!(by_id, BTreeSet::from([open[3].clone()]));
}

#[test]
fn pages_hold_each_session_once_the_latest_start_first() {
    let server = TestServer::start(settings());
    let mut all = Vec::new();
    for index in 0..60_i64 {
        // Three sessions share each start.
        let sid = server.open(&session_start(START_MS + index / 3 * 1_000));
        if index % 2 == 0 {
            assert_eq!(server.event(&sid, &event("sessionEnd", 0.0, START_MS + 100_000)), 204);
        }
        all.push(sid);
    }
    server.clock.advance(5_000);
    for sid in all.iter().step_by(2) {
        server.closed_row(sid);
    }
    let expected: BTreeSet<String> = all.iter().cloned().collect();
    for limit in [1, 2, 7, 59, 60, 61, 1_000] {
        let found = pages(&server, &format!("limit={limit}"), |_| {});
        assert_eq!(found.len(), 60, "pages of {limit}");
        assert!(found.is_sorted_by(|before, after| before > after), "pages of {limit}: {found:?}");
        assert_eq!(found.into_iter().map(|(_, id)| id).collect::<BTreeSet<_>>(), expected);
    }
    assert_eq!(ids(&server, "open=true&limit=4").len(), 30);
    assert_eq!(ids(&server, "open=false&limit=4").len(), 30);
    let usual = server.get("/reports/v1/sessions").json();
    assert_eq!((usual["sessions"].as_array().unwrap().len(), &usual["next_cursor"]), (60, &Value::Null));
    assert!(usual["sessions"][0].get("ads").is_none(), "lists have rows without views");
}

#[test]
fn sessions_that_close_between_two_pages_are_neither_lost_nor_shown_twice() {
    let server = TestServer::start(settings());
    let all: Vec<String> = (0..40).map(|index| server.open(&session_start(START_MS + index / 2))).collect();
    let found = pages(&server, "limit=3", |page| {
        let closing: Vec<&String> = all.iter().skip(page).step_by(7).collect();
        for sid in &closing {
            assert!([204, 410].contains(&server.event(sid, &event("sessionEnd", 0.0, START_MS + 1_000))));
        }
        server.clock.advance(5_000);
        for sid in closing {
            server.closed_row(sid);
        }
    });
    let found: Vec<String> = found.into_iter().map(|(_, id)| id).collect();
    assert_eq!(found.len(), 40);
    assert_eq!(found.iter().collect::<BTreeSet<_>>(), all.iter().collect());
}

#[test]
fn a_list_taken_while_sessions_close_shows_each_once() {
    let server = TestServer::start(settings());
    for round in 1..=4 {
        let new: Vec<String> = (0..100).map(|index| server.open(&session_start(START_MS + index))).collect();
        for sid in &new {
            assert_eq!(server.event(sid, &event("sessionEnd", 0.0, START_MS + 1_000)), 204);
        }
        server.clock.advance(5_000);
        server.wait_until("all have closed", |server| {
            let rows = server.get("/reports/v1/sessions?limit=1000").json();
            let rows = rows["sessions"].as_array().unwrap();
            let ids: BTreeSet<&str> = rows.iter().map(|row| row["session_id"].as_str().unwrap()).collect();
            assert_eq!((rows.len(), ids.len()), (round * 100, round * 100));
            rows.iter().all(|row| row["is_open"] == false)
        });
    }
}

#[test]
fn a_row_has_every_column_open_and_closed() {
    let server = TestServer::start(settings());
    let mut start = session_start(START_MS);
    start["customMetadata"] = json!({"plan": "gold", "team": "a"});
    let sid = server.open(&start);
    let ad_break =
        json!({"media.ad.podIndex": 0, "media.ad.podSecond": 0, "media.ad.podFriendlyName": "pre-roll"});
    let ad = json!({"media.ad.id": "ad-1", "media.ad.length": 15, "media.ad.podPosition": 1, "media.ad.playerName": "p"});
    let chapter = json!({"media.chapter.index": 1, "media.chapter.offset": 0, "media.chapter.length": 60});
    let mut ad_start = event("adStart", 0.0, START_MS);
    ad_start["params"] = ad;
    ad_start["customMetadata"] = json!({"team": "b"});
    let mut ad_break_start = event("adBreakStart", 0.0, START_MS);
    ad_break_start["params"] = ad_break;
    let mut chapter_start = event("chapterStart", 0.0, START_MS + 5_000);
    chapter_start["params"] = chapter;
    let mut error = event("error", 1.0, START_MS + 7_000);
    error["qoeData"] = json!({"media.qoe.errorID": "e-1", "media.qoe.errorSource": "external"});
    let sent = [
        ad_break_start,
        ad_start,
        event("play", 0.0, START_MS),
        event("adComplete", 0.0, START_MS + 5_000),
        event("adBreakComplete", 0.0, START_MS + 5_000),
        chapter_start,
        error,
    ];
    for event in &sent {
        assert_eq!(server.event(&sid, event), 204, "{event}");
    }
    server.clock.advance(5_000);
    server.wait_until("all are processed", |server| server.row(&sid)["error_events"] == 1);
    let check = |row: &Value| {
        let mut expected: BTreeSet<&str> =
            names(ACCOUNTED_COLUMNS).union(&names(START_COLUMNS)).copied().collect();
        expected.extend(["ads", "chapters", "errors", "playing_until"]);
        expected.extend(["start_failure", "exit_before_start", "qoe_score"]);
        assert_eq!(keys(row), expected);
        assert_eq!(keys(&row["ads"][0]), names(AD_COLUMNS));
        assert_eq!(keys(&row["chapters"][0]), names(CHAPTER_COLUMNS));
        assert_eq!(row["ads"][0]["custom_metadata"], json!({"plan": "gold", "team": "b"}));
        assert_eq!(
            (&row["ads"][0]["time_played"], &row["ads"][0]["end"]),
            (&json!(5.0), &json!("completed"))
        );
        assert_eq!(row["ads"][0]["pod_name"], "pre-roll");
        assert_eq!(row["errors"][0]["error_id"], "e-1");
        assert_eq!(row["custom_metadata"], json!({"plan": "gold", "team": "a"}));
        assert_eq!(row["source"], "collection_v1");
        assert_eq!(row["external_errors"], json!(["e-1"]));
        assert_eq!(row["started_at"], "2026-11-01T00:00:00.000Z");
    };
    let open = server.row(&sid);
    check(&open);
    assert_eq!((&open["is_open"], &open["close_reason"]), (&json!(true), &Value::Null));
    assert_eq!(open["chapters"][0]["end"], Value::Null);
    close(&server, &sid, START_MS + 9_000);
    let closed = server.row(&sid);
    check(&closed);
    assert_eq!((&closed["is_open"], &closed["close_reason"]), (&json!(false), &json!("session_end")));
    assert_eq!(closed["chapters"][0]["end"], "not_completed");
    let mut listed = closed.clone();
    for views in ["ads", "chapters", "errors"] {
        listed.as_object_mut().unwrap().shift_remove(views);
    }
    assert_eq!(server.get("/reports/v1/sessions").json()["sessions"], json!([listed]));
    let (store, clock) = server.stop();
    let server = TestServer::start_on(settings(), store, clock);
    assert_eq!(server.row(&sid), closed);
}

#[test]
fn events_are_in_the_order_of_their_effect_with_the_effect_of_each() {
    let server = TestServer::start(settings());
    let sid = server.open(&session_start(START_MS));
    let sent = [
        event("pauseStart", 10.0, START_MS + 10_000),
        event("play", 0.0, START_MS),
        event("ping", 12.5, START_MS + 20_000),
        event("bufferStart", 10.0, START_MS + 17_500),
        event("play", 10.0, START_MS + 15_000),
    ];
    for event in &sent {
        assert_eq!(server.event(&sid, event), 204);
    }
    let waiting = events(&server, &sid);
    let statuses = |events: &Value| -> Vec<String> {
        let events = events.as_array().unwrap();
        events.iter().map(|event| event["status"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(statuses(&waiting), ["processed", "waiting", "waiting", "waiting", "waiting", "waiting"]);
    assert!(waiting[1]["effect"].is_null());

    server.clock.advance(5_000);
    server.wait_until("all are processed", |server| server.row(&sid)["total_buffer_duration"] == 2.5);
    let open = events(&server, &sid);
    assert_eq!(statuses(&open), ["processed"; 6]);
    let order: Vec<&str> =
        open.as_array().unwrap().iter().map(|event| event["event_type"].as_str().unwrap()).collect();
    assert_eq!(order, ["sessionStart", "play", "pauseStart", "play", "bufferStart", "ping"]);
    for (event, sequence) in open.as_array().unwrap().iter().zip([1, 3, 2, 6, 5, 4]) {
        assert_eq!(event["sequence"], sequence);
        assert_eq!(event["received_at"], "2026-11-01T00:00:00.000Z");
        assert_eq!(keys(event), names("sequence ts event_type playhead received_at status effect body"));
    }
    assert_eq!(open[5]["body"], sent[2], "the event as it was sent");
    assert_eq!((&open[5]["ts"], &open[5]["playhead"]), (&json!("2026-11-01T00:00:20.000Z"), &json!(12.5)));
    assert_adds_up(&open, &server.row(&sid));

    // An event that arrives before an end but does not belong before it is accepted, and has no effect.
    assert_eq!(server.event(&sid, &event("ping", 30.0, START_MS + 40_000)), 204);
    assert_eq!(server.event(&sid, &event("sessionEnd", 13.0, START_MS + 21_000)), 204);
    server.clock.advance(5_000);
    let row = server.closed_row(&sid);
    let closed = events(&server, &sid);
    assert_eq!(statuses(&closed)[6..], ["processed", "ignored"]);
    assert_eq!((&closed[6]["event_type"], &closed[7]["effect"]), (&json!("sessionEnd"), &Value::Null));
    assert_eq!(
        closed.as_array().unwrap()[..6],
        open.as_array().unwrap()[..6],
        "closing changes nothing before it"
    );
    assert_adds_up(&closed, &row);

    for limit in [1, 3, 8, 9] {
        let mut found = Vec::new();
        let mut cursor = String::new();
        loop {
            let page = server.get(&format!("/reports/v1/sessions/{sid}/events?limit={limit}{cursor}")).json();
            found.extend(page["events"].as_array().unwrap().clone());
            let Some(next) = page["next_cursor"].as_str() else { break };
            cursor = format!("&cursor={next}");
        }
        assert_eq!(json!(found), closed, "pages of {limit}");
    }
    let (store, clock) = server.stop();
    let server = TestServer::start_on(settings(), store, clock);
    assert_eq!(events(&server, &sid), closed);
    assert_eq!(server.row(&sid), row);
}

/// The changes of the events, one after another, lead to the row; their times add up to the times in it.
fn assert_adds_up(events: &Value, row: &Value) {
    let mut columns: BTreeMap<&str, &Value> = BTreeMap::new();
    let mut accounts: BTreeMap<&str, f64> = BTreeMap::new();
    for event in events.as_array().unwrap().iter().filter(|event| event["status"] == "processed") {
        for (column, change) in event["effect"]["changes"].as_object().into_iter().flatten() {
            if let Some(before) = columns.insert(column, &change["to"]) {
                assert_eq!(before, &change["from"], "{column} at {event}");
            }
        }
        for attributed in event["effect"]["attributed"].as_array().into_iter().flatten() {
            *accounts.entry(attributed["account"].as_str().unwrap()).or_default() +=
                attributed["seconds"].as_f64().unwrap();
        }
    }
    assert!(columns.len() > 5, "{columns:?}");
    for (column, value) in columns {
        assert_eq!(value, &row[column], "{column}");
    }
    for column in ["content_time_spent", "ad_time_spent", "total_pause_duration", "total_buffer_duration"] {
        let attributed = accounts.get(column).copied().unwrap_or_default();
        assert!((attributed - row[column].as_f64().unwrap()).abs() < 1e-6, "{column}: {attributed} in {row}");
    }
}

#[test]
fn responses_are_the_same_before_and_after_a_restart_in_the_middle() {
    let server = TestServer::start(settings());
    let sid = server.open(&session_start(START_MS));
    assert_eq!(server.event(&sid, &event("play", 0.0, START_MS)), 204);
    server.clock.advance(4_000);
    assert_eq!(server.event(&sid, &event("ping", 10.0, START_MS + 10_000)), 204);
    server.clock.advance(1_000);
    server.wait_until("one is processed, one waits", |server| {
        server.row(&sid)["content_start"] == true && server.row(&sid)["content_time_spent"] == 0.0
    });
    let (row, sent) = (server.row(&sid), events(&server, &sid));
    let list = server.get("/reports/v1/sessions").json();
    assert_eq!(sent[2]["status"], "waiting");
    let (store, clock) = server.stop();
    let server = TestServer::start_on(settings(), store, clock);
    assert_eq!(server.row(&sid), row);
    assert_eq!(events(&server, &sid), sent);
    assert_eq!(server.get("/reports/v1/sessions").json(), list);
    assert_eq!(server.event(&sid, &event("ping", 10.0, START_MS + 10_000)), 204, "still known as a retry");
    assert_eq!(server.row(&sid)["event_count"], 3);
    server.clock.advance(4_000);
    server.wait_until("the other one is processed", |server| server.row(&sid)["content_time_spent"] == 10.0);
}

#[test]
fn each_event_of_a_long_session_told_all_its_spans_before_and_after() {
    let server = TestServer::start(settings());
    let sid = server.open(&session_start(START_MS));
    for second in 1..=400 {
        let event_type = if second % 2 == 1 { "play" } else { "pauseStart" };
        let event = event(event_type, second as f64 / 2.0, START_MS + second * 1_000);
        assert_eq!(server.event(&sid, &event), 204);
    }
    server.clock.advance(400_000);
    let page = |cursor: u32| {
        server.get(&format!("/reports/v1/sessions/{sid}/events?limit=100&cursor={cursor}")).body.len()
    };
    assert!(server.row(&sid)["playing_spans"].as_array().unwrap().len() > 100);
    let (early, late) = (page(50), page(290));
    assert!(late < early + early / 4, "{late} bytes, and {early} near the start");
}

#[test]
fn a_clients_mistake_in_sql_got_500() {
    let server = TestServer::start(settings());
    for statement in [
        "select regexp_like('a', '(')",
        "select array_resize(make_array(1), -1)",
        "select 1 between 'x' and make_array(1)",
        "select nofunction(1)",
        "select 1 / 0",
    ] {
        let body = json!({"query": statement}).to_string();
        let headers = [("Authorization", &*format!("Bearer {TOKEN}"))];
        let answer = server.connect().request("POST", "/reports/v1/sql", &headers, body.as_bytes());
        assert_eq!(answer.status, 400, "{statement}: {answer:?}");
        let message = answer.json()["message"].as_str().unwrap().to_owned();
        assert!(message.len() > 10 && message != "internal error", "{statement}: {message}");
    }
    assert_eq!(server.refused("internal"), 0.0);
}
