//! Metrics contract, section 12: rows.

use playhead_protocol::EventType::*;
use playhead_protocol::ParamValue;
use playhead_session::SESSION_COLUMNS;
use serde_json::json;

use crate::player::{Carrying, View, event, expect, start_event};

#[test]
fn the_row_exists_and_is_open_from_the_start() {
    let view = View::start();
    expect(
        &view.rows(),
        &json!({"is_open": true, "close_reason": null, "event_count": 1, "content_id": "film-1",
            "source": "collection_v1", "content_length": 1000.0, "content_type": "vod",
            "started_at": "2023-11-14T22:13:20.000Z", "last_event_at": "2023-11-14T22:13:20.000Z",
            "received_at": "2023-11-14T22:13:20.000Z", "session_id": "07".repeat(32), "custom_metadata": {}}),
    );
}

#[test]
fn a_row_has_every_column_once_and_nulls_included() {
    let view = View::opened_by(event(SessionStart, 0, 0));
    let session = view.session.row();
    let names: Vec<&str> = session.cells().map(|(name, _)| name).collect();
    let distinct: std::collections::BTreeSet<&str> = names.iter().copied().collect();
    assert_eq!(names.len(), distinct.len());
    for column in SESSION_COLUMNS {
        assert!(distinct.contains(column.name), "{}", column.name);
    }
    let json = serde_json::to_value(&session).unwrap();
    assert_eq!(json.as_object().unwrap().len(), names.len());
    assert!(json["content_id"].is_null());
}

#[test]
fn there_is_one_row_for_each_ad_chapter_and_error() {
    let mut view = View::start();
    view.at(0, 0, AdBreakStart);
    for at in 0..3 {
        view.at(at * 2, 0, AdStart).at(at * 2 + 1, 0, AdComplete);
    }
    view.at(6, 0, AdBreakComplete)
        .at(6, 0, Play)
        .at(7, 1, ChapterStart)
        .at(8, 2, ChapterStart)
        .at(9, 3, Error);
    let rows = view.leave();
    let lengths = ["ads", "chapters", "errors"].map(|list| rows[list].as_array().unwrap().len());
    assert_eq!(lengths, [3, 2, 1]);
}

#[test]
fn an_ad_row_has_the_columns_of_its_break_and_of_itself() {
    let pod = |at, name, index| {
        event(AdBreakStart, at, 0)
            .param("media.ad.podFriendlyName", ParamValue::Text(name))
            .param("media.ad.podIndex", ParamValue::Integer(index))
            .param("media.ad.podSecond", ParamValue::Number(0.0))
    };
    let ad = |at, id| event(AdStart, at, 0).param("media.ad.id", ParamValue::Text(id));
    let mut view = View::start();
    view.with(pod(0, "pre", 0)).with(ad(0, "a").param("media.ad.podFriendlyName", ParamValue::Text("own")));
    view.at(5, 0, AdComplete).with(ad(5, "b")).at(9, 0, AdComplete).at(9, 0, AdBreakComplete);
    view.with(pod(20, "mid", 1)).with(ad(20, "c"));
    expect(
        &view.settle(),
        &json!({"ads": [
            {"ad_id": "a", "pod_name": "own", "pod_position": 0, "ad_started_at": "2023-11-14T22:13:20.000Z"},
            {"ad_id": "b", "pod_name": "pre", "pod_position": 0, "ad_started_at": "2023-11-14T22:13:25.000Z"},
            {"ad_id": "c", "pod_name": "mid", "pod_position": 1, "pod_offset": 0.0, "end": null},
        ]}),
    );
}

#[test]
fn a_chapter_row_has_its_columns() {
    let mut view = View::start();
    view.with(
        event(ChapterStart, 3, 0)
            .param("media.chapter.index", ParamValue::Integer(2))
            .param("media.chapter.friendlyName", ParamValue::Text("Two")),
    );
    expect(
        &view.settle(),
        &json!({"chapters": [{"chapter_position": 2, "chapter_name": "Two", "chapter_length": null,
            "chapter_started_at": "2023-11-14T22:13:23.000Z", "time_played": 0.0}]}),
    );
}

#[test]
fn the_metadata_of_ads_and_chapters_lies_over_that_of_the_session() {
    let mut view = View::opened_by(start_event(100).metadata(&[("genre", "drama"), ("team", "red")]));
    view.at(0, 0, AdBreakStart).with(event(AdStart, 0, 0).metadata(&[("team", "blue"), ("slot", "1")]));
    view.with(event(ChapterStart, 0, 0).metadata(&[("genre", "news")]));
    let rows = view.settle();
    assert_eq!(rows["custom_metadata"], json!({"genre": "drama", "team": "red"}));
    assert_eq!(rows["ads"][0]["custom_metadata"], json!({"genre": "drama", "team": "blue", "slot": "1"}));
    assert_eq!(rows["chapters"][0]["custom_metadata"], json!({"genre": "news", "team": "red"}));
}

#[test]
fn columns_of_the_start_keep_their_types() {
    let start = start_event(10)
        .param("analytics.reportSuite", ParamValue::Text("suite"))
        .param("visitor.customerIDs", ParamValue::Json(r#"{"crm":{"id":"7","authState":1}}"#))
        .param("analytics.optOutShare", ParamValue::Boolean(false));
    expect(
        &View::opened_by(start).rows(),
        &json!({"report_suite": "suite", "customer_ids": {"crm": {"id": "7", "authState": 1}}, "opt_out_share": false}),
    );
}

#[test]
fn a_number_that_json_cannot_hold_is_absent() {
    let mut view = View::of_length(f64::MIN_POSITIVE);
    view.with(event(Play, 0, 0).bitrate(1e308)).at(60, 0, Ping);
    expect(
        &view.settle(),
        &json!({"average_minute_audience": null, "average_bitrate": null, "average_bitrate_bucket": null}),
    );
    let row = view.session.row();
    assert!(
        row.cells()
            .all(|(_, cell)| !matches!(cell, playhead_session::Cell::Number(number) if !number.is_finite()))
    );
}
