//! The form of responses: time, order, totals, limits, and empty results.
use playhead_lake::{Bounds, Maintenance, MaintenanceSettings, ROLLUPS, Table, Work};
use playhead_report::{Error, Zone, limits};
use playhead_samples::{SampleSettings, Sessions};
use playhead_session::SessionRows;
use serde_json::{Value, json};

use crate::query_model::evaluate::check;
use crate::query_model::sample::Sample;

fn ms(text: &str) -> i64 {
    text.parse::<jiff::Timestamp>().unwrap().as_millisecond()
}

/// Sessions that begin at these moments, one at each.
async fn at(moments: &[&str]) -> Sample {
    let settings = SampleSettings { sessions: moments.len() as u64, ..SampleSettings::default() };
    let moved = |(mut rows, moment): (SessionRows, &&str)| {
        let by_ms = ms(moment) - rows.session.started_at_ms;
        rows.session.started_at_ms += by_ms;
        rows.session.received_at_ms += by_ms;
        rows
    };
    Sample::of(Sessions::new(5, settings).zip(moments).map(moved).collect()).await
}

async fn small() -> Sample {
    Sample::seeded(
        3,
        SampleSettings { sessions: 300, contents: 6, open_sessions: true, ..SampleSettings::default() },
    )
    .await
}

fn column(response: &Value, name: &str) -> Vec<Value> {
    let columns = response["columns"].as_array().unwrap();
    let place = columns.iter().position(|column| column["name"] == name).unwrap();
    response["rows"].as_array().unwrap().iter().map(|row| row[place].clone()).collect()
}

#[tokio::test]
async fn days_are_those_of_the_zone_also_where_clocks_change() {
    let sample = at(&[
        "2026-10-24T21:59:59.999Z",
        "2026-10-24T22:00:00Z",
        "2026-10-25T22:59:59.999Z",
        "2026-10-25T23:00:00Z",
    ])
    .await;
    let query = json!({
        "metrics": ["sessions"], "granularity": "day", "time_zone": "Europe/Berlin",
        "from": "2026-10-24", "to": "2026-10-28",
    });
    let response = sample.response(&query).await;
    assert_eq!(
        response["rows"],
        json!([
            ["2026-10-24T00:00:00+02:00", 1],
            ["2026-10-25T00:00:00+02:00", 2],
            ["2026-10-26T00:00:00+01:00", 1],
            ["2026-10-27T00:00:00+01:00", 0],
        ])
    );
    assert_eq!(response["columns"][0], json!({"name": "time", "kind": "time", "type": "time"}));
    assert_eq!(
        response["columns"][1],
        json!({"name": "sessions", "kind": "metric", "type": "integer", "unit": "count"})
    );
    assert_eq!(response["time_zone"], "Europe/Berlin");
}

#[tokio::test]
async fn an_hour_that_comes_twice_is_two_and_one_that_is_skipped_is_none() {
    let sample =
        at(&["2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z", "2026-03-29T00:59:00Z", "2026-03-29T01:00:00Z"])
            .await;
    let hours = |from: &'static str, to: &'static str| json!({"metrics": ["sessions"], "granularity": "hour", "time_zone": "Europe/Berlin", "from": from, "to": to});
    let response = sample.response(&hours("2026-10-25T00:00:00Z", "2026-10-25T02:00:00Z")).await;
    assert_eq!(response["rows"], json!([["2026-10-25T02:00:00+02:00", 1], ["2026-10-25T02:00:00+01:00", 1]]));
    let response = sample.response(&hours("2026-03-29T00:00:00Z", "2026-03-29T02:00:00Z")).await;
    assert_eq!(response["rows"], json!([["2026-03-29T01:00:00+01:00", 1], ["2026-03-29T03:00:00+02:00", 1]]));
}

#[tokio::test]
async fn zones_with_odd_offsets_have_their_own_midnights() {
    let sample =
        at(&["2026-01-01T18:14:59Z", "2026-01-01T18:15:00Z", "2026-03-08T03:29:59Z", "2026-03-08T03:30:00Z"])
            .await;
    let days = |zone: &str, from: &str, to: &str| json!({"metrics": ["sessions"], "granularity": "day", "time_zone": zone, "from": from, "to": to});
    let response = sample.response(&days("Asia/Kathmandu", "2026-01-01", "2026-01-03")).await;
    assert_eq!(response["rows"], json!([["2026-01-01T00:00:00+05:45", 1], ["2026-01-02T00:00:00+05:45", 1]]));
    // Clocks go forward on the 8th.
    let response = sample.response(&days("America/St_Johns", "2026-03-07", "2026-03-10")).await;
    assert_eq!(
        response["rows"],
        json!([
            ["2026-03-07T00:00:00-03:30", 1],
            ["2026-03-08T00:00:00-03:30", 1],
            ["2026-03-09T00:00:00-02:30", 0],
        ])
    );
}

#[tokio::test]
async fn a_series_without_ends_goes_from_the_first_session_to_the_last() {
    let sample = at(&["2026-01-31T12:00:00Z", "2026-03-01T00:00:00Z"]).await;
    let query = json!({"metrics": ["sessions", "error_rate"], "granularity": "month"});
    let response = sample.response(&query).await;
    let times = column(&response, "time");
    assert_eq!(times, ["2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z"]);
    assert_eq!(response["rows"][1], json!(["2026-02-01T00:00:00Z", 0, null]));
    let query = json!({"metrics": ["sessions"], "granularity": "day", "from": "2026-02-28"});
    assert_eq!(column(&sample.response(&query).await, "sessions"), [0, 1]);
}

#[tokio::test]
async fn too_many_buckets_name_a_granularity_that_fits() {
    let sample = at(&["2020-01-01T00:00:00Z", "2026-01-01T00:00:00Z"]).await;
    let error = sample.error(&json!({"metrics": ["sessions"], "granularity": "minute"})).await;
    let Error::Invalid(faults) = error else { panic!("{error:?}") };
    assert_eq!(faults[0].path, "/granularity");
    assert!(faults[0].message.contains("use hour"), "{faults:?}");
}

#[tokio::test]
async fn an_empty_range_has_no_rows_and_totals_of_nothing() {
    let sample = small().await;
    let metrics = [
        "sessions",
        "content_time_spent",
        "error_rate",
        "time_to_start_ms_p50",
        "visitors",
        "average_bitrate",
    ];
    let nothing = json!({
        "sessions": 0, "content_time_spent": 0.0, "error_rate": null, "time_to_start_ms_p50": null, "visitors": 0,
        "average_bitrate": null,
    });
    for dimensions in [json!([]), json!(["channel"]), json!(["diagnoses"])] {
        for granularity in ["none", "day"] {
            for (from, to) in [
                ("2031-01-01", json!("2031-02-01")),
                ("2031-01-01", Value::Null),
                ("2031-01-01", json!("2031-01-01")),
            ] {
                let query = json!({
                    "metrics": metrics, "dimensions": dimensions, "granularity": granularity, "from": from, "to": to,
                });
                let response = sample.response(&query).await;
                assert_eq!(response["rows"], json!([]), "{query}");
                assert_eq!(response["totals"], nothing, "{query}");
                assert_eq!(
                    (&response["row_count_total"], &response["is_complete"]),
                    (&json!(0), &json!(true))
                );
            }
        }
    }
}

#[tokio::test]
async fn the_catalogue_says_which_metrics_add_up_and_which_are_zero_without_rows() {
    let sample = small().await;
    let catalogue = playhead_report::catalogue(&Zone::UTC);
    let metrics: Vec<&Value> = catalogue["metrics"].as_array().unwrap().iter().collect();
    let of_sessions: Vec<&Value> = metrics
        .into_iter()
        .filter(|metric| metric["facts"].as_array().unwrap().contains(&json!("sessions")))
        .collect();
    for some in of_sessions.chunks(20) {
        let names: Vec<&Value> = some.iter().map(|metric| &metric["name"]).collect();
        let by_channel = json!({"metrics": names, "dimensions": ["channel"], "filters": [{"dimension": "channel", "operator": "exists", "value": true}]});
        let response = sample.response(&by_channel).await;
        assert!(response["row_count_total"].as_u64().unwrap() > 3);
        let empty = json!({"metrics": names, "from": "2031-01-01", "to": "2031-02-01"});
        let nothing = sample.response(&empty).await;
        for metric in some {
            let name = metric["name"].as_str().unwrap();
            if metric["adds_up"] == json!(true) {
                let sum: f64 = column(&response, name).iter().filter_map(Value::as_f64).sum();
                let total = response["totals"][name].as_f64().unwrap();
                assert!((sum - total).abs() <= 1e-6 * total.abs().max(1.0), "{name}: {sum} is not {total}");
            }
            let is_zero = nothing["totals"][name].as_f64() == Some(0.0);
            assert_eq!(metric["is_zero_without_rows"], json!(is_zero), "{name}");
        }
    }
    let lacking = |name: &str| {
        of_sessions.iter().any(|metric| metric["name"] == name && metric["adds_up"] == json!(false))
    };
    assert!(lacking("visitors") && lacking("rebuffer_ratio") && lacking("time_to_start_ms_p50"));
    assert!(!lacking("sessions") && !lacking("error_impacted_streams") && !lacking("content_time_spent"));
}

#[tokio::test]
async fn a_lake_without_tables_responds_too() {
    let sample = Sample::of(Vec::new()).await;
    let response = sample.response(&json!({"metrics": ["sessions", "visitors"], "granularity": "day"})).await;
    assert_eq!(
        (&response["rows"], &response["totals"]),
        (&json!([]), &json!({"sessions": 0, "visitors": 0}))
    );
}

#[tokio::test]
async fn rows_stand_in_order_and_the_limit_leaves_the_totals_alone() {
    let sample = small().await;
    let query = |more: Value| {
        let mut query = json!({"metrics": ["content_starts", "visitors"], "dimensions": ["content_id"]});
        more.as_object().unwrap().iter().for_each(|(key, value)| query[key] = value.clone());
        query
    };
    let all = sample.response(&query(json!({}))).await;
    let starts = |response: &Value| -> Vec<i64> {
        column(response, "content_starts").iter().map(|value| value.as_i64().unwrap()).collect()
    };
    assert!(starts(&all).is_sorted_by(|one, next| one >= next), "the highest come first");
    let lowest = sample.response(&query(json!({"order_by": "content_starts"}))).await;
    assert!(starts(&lowest).is_sorted());
    let named =
        sample.response(&query(json!({"order_by": [{"by": "content_id", "direction": "desc"}]}))).await;
    assert!(column(&named, "content_id").is_sorted_by(|one, next| one.as_str() >= next.as_str()));
    let two = sample.response(&query(json!({"limit": 2}))).await;
    assert_eq!(two["rows"].as_array().unwrap()[..], all["rows"].as_array().unwrap()[..2]);
    assert_eq!(two["totals"], all["totals"]);
    assert_eq!((&two["is_complete"], &all["is_complete"]), (&json!(false), &json!(true)));
    assert_eq!(two["row_count_total"], all["row_count_total"]);
    // A viewer of several contents is one visitor.
    let sum: i64 = column(&all, "visitors").iter().map(|value| value.as_i64().unwrap()).sum();
    assert!(all["totals"]["visitors"].as_i64().unwrap() < sum);
}

#[tokio::test]
async fn nulls_come_last_in_either_direction_and_pass_negative_filters() {
    let sample = small().await;
    for order in ["app_version", "-app_version"] {
        let query = json!({"metrics": ["sessions"], "dimensions": ["app_version"], "order_by": order});
        let versions = column(&sample.response(&query).await, "app_version");
        assert_eq!(versions.iter().position(Value::is_null), Some(versions.len() - 1), "{versions:?}");
    }
    let with = |operator: &str| json!({"metrics": ["sessions"], "filters": [{"dimension": "app_version", "operator": operator, "value": "?"}]});
    assert_eq!(sample.response(&with("!=")).await["totals"]["sessions"], 300);
    assert_eq!(sample.response(&with("=")).await["totals"]["sessions"], 0);
}

#[tokio::test]
async fn a_session_with_several_values_counts_once_for_each_and_once_in_the_totals() {
    let sample = small().await;
    let response = sample.response(&json!({"metrics": ["sessions"], "dimensions": ["diagnosis"]})).await;
    assert_eq!(response["columns"][0]["name"], "diagnosis");
    let sum: i64 = column(&response, "sessions").iter().map(|value| value.as_i64().unwrap()).sum();
    assert_eq!(response["totals"]["sessions"], 300);
    assert!(sum >= 300);
    assert!(column(&response, "diagnosis").contains(&Value::Null), "those without any are there");
}

#[tokio::test]
async fn the_response_has_the_requested_names() {
    let sample = small().await;
    let response =
        sample.response(&json!({"metrics": ["content_start", "content_starts", "completes"]})).await;
    let names: Vec<_> =
        response["columns"].as_array().unwrap().iter().map(|column| column["name"].clone()).collect();
    assert_eq!(names, ["content_start", "content_starts", "completes"]);
    assert_eq!(response["totals"]["content_start"], response["totals"]["content_starts"]);
}

#[tokio::test]
async fn open_sessions_are_in_or_out() {
    let sample = small().await;
    let open = sample.rows.iter().filter(|row| row["is_open"] == true).count();
    assert!(open > 0);
    let all = sample.response(&json!({"metrics": ["sessions", "open_sessions"]})).await;
    assert_eq!(all["totals"], json!({"sessions": 300, "open_sessions": open}));
    let closed =
        sample.response(&json!({"metrics": ["sessions", "open_sessions"], "include_open": false})).await;
    assert_eq!(closed["totals"], json!({"sessions": 300 - open, "open_sessions": 0}));
}

#[tokio::test]
async fn a_group_for_each_session_is_allowed_and_the_limits_of_groups_agree() {
    // Only the constants: a million groups would take too long.
    const { assert!(limits::QUERY_VALUES <= limits::QUERY_GROUPS * limits::QUERY_METRICS) };
    let sample = small().await;
    let query = json!({"metrics": ["sessions"], "dimensions": ["session_id"], "limit": 100_000});
    assert_eq!(sample.response(&query).await["row_count_total"], 300);
}

#[tokio::test]
async fn the_batch_holds_what_the_json_shows() {
    let sample = small().await;
    let query =
        json!({"metrics": ["sessions", "error_rate"], "dimensions": ["channel"], "granularity": "day"});
    let request = playhead_report::QueryRequest::parse(query.to_string().as_bytes()).unwrap();
    let response = sample.reports.query(&request).await.unwrap();
    let json = serde_json::to_value(&response).unwrap();
    let batch = response.batch();
    assert_eq!(batch.num_rows(), json["rows"].as_array().unwrap().len());
    let schema = batch.schema();
    let types: Vec<String> =
        schema.fields().iter().map(|field| format!("{}: {}", field.name(), field.data_type())).collect();
    assert_eq!(
        types,
        ["time: Timestamp(µs, \"UTC\")", "channel: Utf8", "sessions: Int64", "error_rate: Float64"]
    );
    assert_eq!(response.totals().num_rows(), 1);
}

/// Rollups serve the days that they can, and sessions the rest of the range: the numbers are the same.
#[tokio::test]
async fn rollups_change_no_number() {
    let settings = SampleSettings {
        sessions: 500,
        days: 6,
        contents: 8,
        open_sessions: true,
        ..SampleSettings::default()
    };
    let sample = Sample::seeded(23, settings).await;
    let spill = tempfile::tempdir().unwrap();
    let maintenance = Maintenance::new(MaintenanceSettings {
        rollup_sessions: 1,
        ..MaintenanceSettings::new(Bounds::new(spill.path()))
    });
    let mut rolled_up = 0;
    let now_ms = ms("2026-01-06T12:00:00Z");
    maintenance
        .all(&sample.lake, now_ms, |done| {
            rolled_up += usize::from(done.as_ref().unwrap().work == Work::RollUp);
        })
        .await;
    assert!(rolled_up >= 5, "{rolled_up}");
    // The first day changes, so its rollup is no longer valid.
    let later = SampleSettings { sessions: 40, days: 1, contents: 8, ..SampleSettings::default() };
    let more: Vec<SessionRows> = Sessions::new(99, later).collect();
    let mut builder = playhead_lake::RowsBuilder::new(Table::Sessions, None);
    more.iter().for_each(|rows| builder.push(rows));
    sample.lake.append(Table::Sessions, [builder.finish().unwrap()], 3).await.unwrap();
    let snapshot = sample.lake.snapshot(Table::Sessions).await.unwrap();
    let good = sample.lake.rolled_up(&ROLLUPS[0], &snapshot, &Default::default()).await.unwrap();
    assert!(good.days().len() >= 3, "{:?}", good.days());
    let mut rows = sample.rows.clone();
    rows.extend(more.iter().map(|rows| serde_json::to_value(rows).unwrap()));
    let metrics = json!([
        "sessions",
        "visitors",
        "content_starts",
        "content_time_spent",
        "average_bitrate",
        "buffer_impacted_streams",
        "rebuffer_ratio",
        "average_minute_audience",
        "time_to_start_rate"
    ]);
    let by = [
        json!([]),
        json!(["channel"]),
        json!(["content_id"]),
        json!(["content_type", "player_name"]),
        json!(["diagnoses"]),
    ];
    let ranges = [
        (json!("2026-01-01T00:00:00Z"), json!("2026-01-07T00:00:00Z")),
        (json!("2026-01-02T07:30:00Z"), json!("2026-01-05T20:00:00Z")),
        (Value::Null, json!("2026-01-04T00:00:00Z")),
        (json!("2026-01-02T00:00:00Z"), Value::Null),
        (json!("2026-01-02T03:00:00Z"), json!("2026-01-02T04:00:00Z")),
        (Value::Null, Value::Null),
    ];
    for (index, dimensions) in by.iter().enumerate() {
        for (step, granularity) in ["none", "day", "week", "hour", "none", "day"].into_iter().enumerate() {
            let (from, to) = &ranges[(index + step) % ranges.len()];
            let is_even = step % 2 == 0;
            let query = json!({
                "metrics": metrics, "dimensions": dimensions, "granularity": granularity, "from": from, "to": to,
                "include_open": is_even, "time_zone": if index == 3 { "Europe/Berlin" } else { "UTC" },
                "segment": "video", "limit": 100_000,
                "filters": [{"dimension": "content_type", "operator": "!=", "value": "radio"}],
            });
            check(&query, &sample.response(&query).await, &rows);
        }
    }
}
