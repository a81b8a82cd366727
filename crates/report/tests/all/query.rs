//! Queries against an evaluation of the same queries over the JSON of the same sessions.
use playhead_samples::SampleSettings;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};

use crate::query_model::evaluate::check;
use crate::query_model::sample::Sample;

const SESSION_METRICS: &[&str] = &[
    "sessions",
    "visitors",
    "media_starts",
    "content_start",
    "content_starts",
    "content_completes",
    "drops_before_start",
    "content_time_spent",
    "ad_time_spent",
    "total_pause_duration",
    "event_count",
    "estimated_streams",
    "ad_starts",
    "ad_skips",
    "progress_50",
    "average_minute_audience",
    "dropped_frames",
    "average_bitrate",
    "buffer_impacted_streams",
    "dropped_frame_impacted_streams",
    "fullScreen_impacted_streams",
    "fullScreen_time",
    "ads_per_stream",
    "average_content_time_spent",
    "average_chapter_time_spent",
    "media_completion_rate",
    "content_completion_rate",
    "drop_before_start_rate",
    "pause_rate",
    "time_to_start_rate",
    "rebuffer_ratio",
    "error_rate",
    "time_to_start_ms_p50",
    "time_to_start_ms_p95",
    "total_buffer_duration_p90",
    "average_bitrate_p99",
];
const AD_METRICS: &[&str] =
    &["ad_starts", "ad_completes", "ad_skips", "ad_time_spent", "ad_completion_rate", "sessions", "visitors"];
const SESSION_DIMENSIONS: &[&str] = &[
    "channel",
    "content_id",
    "content_type",
    "stream_type",
    "player_name",
    "app_version",
    "content_length",
    "downloaded",
    "custom.plan",
    "custom.nobody",
];
const SESSION_ONLY_DIMENSIONS: &[&str] =
    &["source", "close_reason", "is_open", "average_bitrate_bucket", "diagnoses", "player_errors"];

const FROM: &str = "2026-03-28T20:00:00Z";
const TO: &str = "2026-03-30T03:30:00Z";

/// Around the night in which clocks go forward in Berlin.
fn settings() -> SampleSettings {
    SampleSettings {
        first_day_ms: "2026-03-28T00:00:00Z".parse::<jiff::Timestamp>().unwrap().as_millisecond(),
        sessions: 600,
        contents: 12,
        open_sessions: true,
        wrong_clocks: true,
        ..SampleSettings::default()
    }
}

/// Filters with values that the sessions have.
fn filter(rows: &[Value]) -> impl Strategy<Value = Value> + use<> {
    let of = |name: &'static str| -> Vec<Value> {
        let mut values: Vec<Value> =
            rows.iter().map(|row| row[name].clone()).filter(|value| !value.is_null()).collect();
        values.sort_by_key(Value::to_string);
        values.dedup();
        values.truncate(20);
        values
    };
    let channels = of("channel");
    let lengths = of("content_length");
    let types = of("content_type");
    let test = prop_oneof![
        (select(vec!["=", "!="]), select(channels.clone())).prop_map(
            |(operator, value)| json!({"dimension": "channel", "operator": operator, "value": value})
        ),
        (select(vec!["in", "not in"]), subsequence(channels.clone(), 1..=channels.len().min(3))).prop_map(
            |(operator, values)| json!({"dimension": "channel", "operator": operator, "values": values})
        ),
        (select(vec!["=", "!="]), select(types)).prop_map(|(operator, value)| {
            // In capitals: case does not matter.
            let value = value.as_str().unwrap().to_uppercase();
            json!({"dimension": "content_type", "operator": operator, "value": value})
        }),
        (select(vec![">", ">=", "<", "<="]), select(lengths)).prop_map(
            |(operator, value)| json!({"dimension": "content_length", "operator": operator, "value": value})
        ),
        select(vec!["a", "E", "Ch", "cH", "1"])
            .prop_map(|part| json!({"dimension": "content_name", "operator": "contains", "value": part})),
        any::<bool>().prop_map(|is| json!({"dimension": "custom.plan", "operator": "exists", "value": is})),
        any::<bool>().prop_map(|is| json!({"dimension": "app_version", "operator": "exists", "value": is})),
        any::<bool>().prop_map(|is| json!({"dimension": "downloaded", "operator": "=", "value": is})),
    ];
    let nested = (select(vec!["and", "or"]), prop::collection::vec(test.clone(), 1..3))
        .prop_map(|(word, tests)| json!({ word: tests }));
    prop_oneof![3 => test, 1 => nested]
}

fn query(rows: &[Value]) -> impl Strategy<Value = Value> + use<> {
    let sessions = (
        subsequence(SESSION_METRICS, 1..6),
        subsequence([SESSION_DIMENSIONS, SESSION_ONLY_DIMENSIONS].concat(), 0..3),
    )
        .prop_filter("chapters know nothing of what only sessions have", |(metrics, dimensions)| {
            !metrics.contains(&"average_chapter_time_spent")
                || !dimensions
                    .iter()
                    .any(|name| SESSION_ONLY_DIMENSIONS[..4].contains(name) && *name != "is_open")
                    && !dimensions.iter().any(|name| ["diagnoses", "player_errors"].contains(name))
        });
    let ads = (
        subsequence(AD_METRICS, 1..5),
        (select(vec!["advertiser", "ad_id", "pod_position", "end"]), subsequence(SESSION_DIMENSIONS, 0..2))
            .prop_map(|(ad, mut others)| {
                others.push(ad);
                others
            }),
    );
    let chapters = (
        subsequence(vec!["chapter_starts", "average_chapter_time_spent", "sessions"], 1..3),
        Just(vec!["chapter_name"]),
    );
    let errors = (
        subsequence(vec!["error_events", "error_impacted_streams", "visitors"], 1..3),
        select(vec![vec!["error_id"], vec!["error_source", "channel"]]),
    );
    let what = prop_oneof![6 => sessions, 2 => ads, 1 => chapters, 1 => errors];
    let granularity = prop_oneof![
        3 => Just("none"),
        3 => select(vec!["hour", "day", "week", "month"]),
    ];
    let filters = prop::collection::vec(filter(rows), 0..3);
    let zone = select(vec!["UTC", "Europe/Berlin", "Asia/Kathmandu", "America/St_Johns"]);
    let segment = prop_oneof![3 => Just("all"), 2 => select(vec!["audio", "video", "live", "vod"])];
    let ends = (any::<bool>(), any::<bool>());
    (what, granularity, filters, zone, segment, ends, any::<bool>()).prop_map(
        |((metrics, dimensions), granularity, filters, zone, segment, (has_from, has_to), include_open)| {
            let mut query = json!({
                "metrics": metrics, "dimensions": dimensions, "granularity": granularity, "filters": filters,
                "time_zone": zone, "segment": segment, "include_open": include_open, "limit": 100_000,
            });
            // Clocks that are far behind would make an hourly series of years.
            if has_from || granularity != "none" {
                query["from"] = json!(FROM);
            }
            if has_to {
                query["to"] = json!(TO);
            }
            query
        },
    )
}

#[test]
fn every_query_agrees_with_an_evaluation_row_by_row() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let sample = runtime.block_on(Sample::seeded(11, settings()));
    assert!(sample.rows.iter().any(|row| row["is_open"] == true), "the sample has open sessions");
    let mut runner = TestRunner::new(Config { cases: 100, failure_persistence: None, ..Config::default() });
    let checked = runner.run(&query(&sample.rows), |query| {
        let response = runtime.block_on(sample.response(&query));
        check(&query, &response, &sample.rows);
        Ok(())
    });
    checked.unwrap();
}

#[test]
fn groups_of_sessions_without_the_counted_rows_were_left_out() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let sample = runtime.block_on(Sample::seeded(11, settings()));
    let of_channels = json!([{"dimension": "channel", "operator": "not in", "values": ["campus", "xbox"]}]);
    for query in [
        json!({"metrics": ["average_chapter_time_spent"], "dimensions": ["custom.plan", "custom.nobody"],
            "filters": [{"or": [
                {"dimension": "channel", "operator": "not in", "values": ["campus", "xbox"]},
                {"dimension": "content_length", "operator": "<=", "value": 158.523},
            ]}], "include_open": true, "from": FROM}),
        json!({"metrics": ["average_chapter_time_spent"], "dimensions": ["channel"], "granularity": "week",
            "time_zone": "Asia/Kathmandu", "segment": "all", "include_open": true, "from": FROM}),
        json!({"metrics": ["chapter_starts"], "dimensions": ["channel"], "granularity": "hour",
            "include_open": true, "from": FROM, "to": TO}),
        json!({"metrics": ["average_chapter_time_spent"], "filters": of_channels, "include_open": true, "from": FROM}),
    ] {
        check(&query, &runtime.block_on(sample.response(&query)), &sample.rows);
    }
}
