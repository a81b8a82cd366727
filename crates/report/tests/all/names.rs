//! What has an id is one group, whatever players call it, and is named as the latest of them does.
use playhead_protocol::{ParamId, ParamValue, ParamsPacker};
use playhead_report::QueryRequest;
use playhead_report::panels::ads::AdsRequest;
use playhead_samples::{SampleSettings, Sessions};
use playhead_session::SessionRows;
use serde_json::{Value, json};

use crate::query_model::sample::Sample;

/// A session of this content that begins so many minutes after the first.
fn session(minute: i64, id: &str, name: Option<&str>) -> SessionRows {
    let settings = SampleSettings { sessions: 1, ..SampleSettings::default() };
    let mut rows = Sessions::new(minute.unsigned_abs() + 1, settings).next().unwrap();
    let mut params = ParamsPacker::default();
    params.push(ParamId::named("media.id"), ParamValue::Text(id));
    if let Some(name) = name {
        params.push(ParamId::named("media.name"), ParamValue::Text(name));
    }
    params.push(
        ParamId::named("media.channel"),
        ParamValue::Text(if minute % 2 == 0 { "even" } else { "odd" }),
    );
    *rows.session.params.to_mut() = params.finish();
    rows.session.started_at_ms = 1_793_491_200_000 + minute * 60_000;
    rows
}

/// Three contents: one that was renamed and lost its name once, one without any name, one whose name never changed.
async fn renamed() -> Sample {
    Sample::of(vec![
        session(1, "film", Some("Working title")),
        session(2, "film", Some("The Film")),
        session(3, "film", None),
        session(4, "film", Some("")),
        session(5, "film", Some("The Film (HD)")),
        session(0, "film", Some("The Film")),
        session(6, "clip", None),
        session(7, "news", Some("News")),
        session(8, "news", Some("News")),
    ])
    .await
}

fn by_content(names: bool) -> Value {
    json!({"metrics": ["sessions"], "dimensions": ["content_id"], "names": names})
}

#[tokio::test]
async fn a_renamed_content_is_one_row_with_its_latest_name() {
    let sample = renamed().await;
    let response = sample.response(&by_content(true)).await;
    assert_eq!(
        response["rows"],
        json!([["film", "The Film (HD)", 6], ["news", "News", 2], ["clip", null, 1]])
    );
    assert_eq!(response["columns"][1], json!({"name": "content_name", "kind": "name", "type": "text"}));
    assert_eq!(
        response["also_known_as"],
        json!([{"dimension": "content_id", "value": "film", "names": ["The Film", "Working title"], "count": 2}])
    );
    assert_eq!((&response["row_count_total"], &response["totals"]), (&json!(3), &json!({"sessions": 9})));
    let unnamed = sample.response(&by_content(false)).await;
    assert_eq!(unnamed["rows"], json!([["film", 6], ["news", 2], ["clip", 1]]));
    assert_eq!(unnamed["also_known_as"], Value::Null);
}

#[tokio::test]
async fn names_are_those_of_the_rows_that_count() {
    let sample = renamed().await;
    let mut query = by_content(true);
    query["to"] = json!("2026-11-01T00:04:00Z");
    query["limit"] = json!(1);
    let response = sample.response(&query).await;
    assert_eq!(response["rows"], json!([["film", "The Film", 4]]));
    query["filters"] = json!([{"dimension": "channel", "operator": "=", "value": "odd"}]);
    let response = sample.response(&query).await;
    assert_eq!(response["rows"], json!([["film", "Working title", 2]]));
    assert_eq!(response["also_known_as"], json!([]));
}

#[tokio::test]
async fn rows_can_be_ordered_by_the_names_of_all_groups() {
    let sample = renamed().await;
    let mut query = by_content(true);
    query["order_by"] = json!(["content_name"]);
    query["limit"] = json!(2);
    let response = sample.response(&query).await;
    assert_eq!(response["rows"], json!([["news", "News", 2], ["film", "The Film (HD)", 6]]));
    query["order_by"] = json!(["-content_name"]);
    let response = sample.response(&query).await;
    assert_eq!(response["rows"], json!([["film", "The Film (HD)", 6], ["news", "News", 2]]));
}

#[tokio::test]
async fn names_stand_behind_their_ids_among_other_dimensions_and_times() {
    let sample = renamed().await;
    let query = json!({
        "metrics": ["sessions"], "dimensions": ["channel", "content_id"], "names": true, "granularity": "day",
        "filters": [{"dimension": "content_id", "operator": "=", "value": "film"}],
    });
    let response = sample.response(&query).await;
    let names: Vec<&str> = response["columns"]
        .as_array()
        .unwrap()
        .iter()
        .map(|column| column["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["time", "channel", "content_id", "content_name", "sessions"]);
    assert_eq!(
        response["rows"],
        json!([
            ["2026-11-01T00:00:00Z", "even", "film", "The Film (HD)", 3],
            ["2026-11-01T00:00:00Z", "odd", "film", "The Film (HD)", 3],
        ])
    );
}

#[tokio::test]
async fn a_name_for_each_session_is_counted_and_not_listed() {
    let sessions = (0..50).map(|minute| session(minute, "film", Some(&format!("name {minute}"))));
    let sample = Sample::of(sessions.collect()).await;
    let response = sample.response(&by_content(true)).await;
    assert_eq!(response["rows"], json!([["film", "name 49", 50]]));
    let also = &response["also_known_as"][0];
    assert_eq!(also["names"], json!(["name 48", "name 47", "name 46", "name 45", "name 44"]));
    assert_eq!(also["count"], 49);
}

#[tokio::test]
async fn a_renamed_ad_is_one_row_in_queries_and_on_the_panel() {
    let mut sessions = Vec::new();
    for (minute, name) in [(1, Some("Spring")), (2, Some("Summer")), (3, None)] {
        let mut rows = session(minute, "film", Some("The Film"));
        let mut ad = crowd_ad();
        ad.started_at_ms = rows.session.started_at_ms + 1_000;
        let mut params = ParamsPacker::default();
        params.push(ParamId::named("media.ad.id"), ParamValue::Text("ad-7"));
        if let Some(name) = name {
            params.push(ParamId::named("media.ad.name"), ParamValue::Text(name));
        }
        ad.params = params.finish();
        rows.ads = vec![ad].into();
        sessions.push(rows);
    }
    let sample = Sample::of(sessions).await;
    let query = json!({"metrics": ["ad_starts"], "dimensions": ["ad_id"], "names": true});
    let response = sample.response(&query).await;
    assert_eq!(response["rows"], json!([["ad-7", "Summer", 3]]));
    let panel = sample.reports.ads(&AdsRequest::parse(&[], 0).unwrap()).await.unwrap();
    let [ad] = &panel.by_ad[..] else { panic!("{:?}", panel.by_ad) };
    assert_eq!((ad.ad_name.as_deref(), ad.numbers.ad_starts), (Some("Summer"), 3));
    assert_eq!((&ad.also_known_as[..], ad.also_known_as_count), (&["Spring".to_owned()][..], 1));
    assert_eq!(response["also_known_as"][0]["names"], json!(ad.also_known_as));
}

/// An ad of a sample.
fn crowd_ad() -> playhead_session::AdView {
    let settings = SampleSettings { sessions: 200, ..SampleSettings::default() };
    Sessions::new(1, settings).flat_map(|rows| rows.ads.into_owned()).next().unwrap()
}

#[test]
fn names_that_cannot_be_given_are_refused() {
    let fault = |query: Value| {
        let Err(playhead_report::Error::Invalid(faults)) = QueryRequest::parse(query.to_string().as_bytes())
        else {
            panic!("{query} must have a fault")
        };
        assert_eq!(faults.len(), 1, "{faults:?}");
        format!("{} {}", faults[0].path, faults[0].message)
    };
    assert_eq!(
        fault(json!({"metrics": ["sessions"], "dimensions": ["channel"], "names": true})),
        "/names has nothing to name: those with names are content_id and ad_id, and none is in dimensions"
    );
    assert_eq!(
        fault(json!({"metrics": ["sessions"], "dimensions": ["content_name", "content_id"], "names": true})),
        "/names cannot name content_id (/dimensions/1) while the query is broken down by content_name; leave one of them out"
    );
    assert_eq!(fault(json!({"metrics": ["sessions"], "names": "yes"})), "/names must be true or false");
    assert!(
        fault(json!({"metrics": ["sessions"], "dimensions": ["content_id"], "order_by": "content_name"}))
            .starts_with("/order_by is not a column of this query")
    );
}
