//! Audience and retention of a content against counts of every second.

use playhead_protocol::{ParamId, ParamValue, ParamsPacker};
use playhead_report::QueryRequest;
use playhead_report::panels::audience::AudienceRequest;
use playhead_report::panels::retention::RetentionRequest;
use playhead_session::SessionRows;

use crate::panels::scene::{Scene, crowd, faults, pairs, param};

const CONTENT: &str = "content 1";

/// The sessions of the content that have positions in it.
fn sessions_of(scene: &Scene) -> Vec<&SessionRows> {
    let of_content = scene.sessions.iter().filter(|rows| param(rows, "media.id") == Some(CONTENT));
    of_content.filter(|rows| param(rows, "media.contentType") != Some("live")).collect()
}

/// The length that most sessions have.
fn length(sessions: &[&SessionRows]) -> f64 {
    let says = |length: f64| {
        let of =
            |rows: &&&SessionRows| rows.session.params.number(ParamId::named("media.length")) == Some(length);
        sessions.iter().filter(of).count()
    };
    if says(600.0) >= says(90.5) { 600.0 } else { 90.5 }
}

/// A span as the tables hold it.
fn in_ms((from, to): &(f64, f64)) -> (f64, f64) {
    ((from * 1_000.0).round() / 1_000.0, (to * 1_000.0).round() / 1_000.0)
}

fn all_spans<'a>(sessions: &'a [&SessionRows]) -> impl Iterator<Item = (f64, f64)> + 'a {
    let spans =
        |rows: &&'a SessionRows| rows.session.watched_spans.iter().chain(rows.session.rewatched_spans.iter());
    sessions.iter().flat_map(spans).map(in_ms)
}

/// The average minute audience of a content in `POST /query`.
async fn queried_average(scene: &Scene, content: &str) -> f64 {
    let query = format!(
        r#"{{"metrics": ["average_minute_audience"], "filters": [{{"dimension": "content_id", "operator": "=", "value": "{content}"}}, {{"dimension": "timeline", "operator": "in", "values": ["content", "no_length"]}}]}}"#
    );
    let request = QueryRequest::parse(query.as_bytes()).unwrap();
    let response = serde_json::to_value(scene.reports.query(&request).await.unwrap()).unwrap();
    response["totals"]["average_minute_audience"].as_f64().unwrap()
}

#[tokio::test]
async fn where_sessions_name_several_lengths_each_counts_with_its_own() {
    // A session of 90 s, another of 60 s: 60 s of content in each are 0.6667 and 1 viewers in an average minute.
    let mut sessions = crowd(51, 2);
    for (rows, length) in sessions.iter_mut().zip([90.0, 60.0]) {
        let mut params = ParamsPacker::default();
        params.push(ParamId::named("media.id"), ParamValue::Text(CONTENT));
        params.push(ParamId::named("media.length"), ParamValue::Number(length));
        *rows.session.params.to_mut() = params.finish();
        rows.session.content_ms = 60_000;
    }
    let scene = Scene::new(sessions).await;
    let request = AudienceRequest::parse(&pairs(&[("content_id", CONTENT)]), 0).unwrap();
    let response = scene.reports.audience(&request).await.unwrap();
    assert_eq!((response.content_length, response.average_minute_audience), (Some(90.0), Some(1.6667)));
    assert_eq!(queried_average(&scene, CONTENT).await, 1.6667);
}

#[tokio::test]
async fn audience_is_the_time_watched_of_each_minute() {
    for seed in 30..34 {
        let scene = Scene::random(seed, 60).await;
        let request = AudienceRequest::parse(&pairs(&[("content_id", CONTENT)]), 0).unwrap();
        let response = scene.reports.audience(&request).await.unwrap();
        let sessions = sessions_of(&scene);
        let length = length(&sessions);
        assert_eq!(response.content_length, Some(length));
        assert_eq!(response.sessions, sessions.len() as u64);
        let content_ms: i64 = sessions.iter().map(|rows| rows.session.content_ms).sum();
        assert_eq!(response.content_time_spent, content_ms as f64 / 1_000.0);
        let average = response.average_minute_audience.unwrap();
        let averages = sessions.iter().map(|rows| {
            let own = rows.session.params.number(ParamId::named("media.length")).unwrap();
            (rows.session.content_ms as f64 / 1_000.0 / own * 10_000.0).round()
        });
        assert_eq!(average, averages.sum::<f64>() / 10_000.0, "each with its own length");
        assert_eq!(average, queried_average(&scene, CONTENT).await, "as the metric of queries");
        assert_eq!(response.first_minute, 0);
        assert_eq!(response.audience.len(), (length / 60.0).ceil() as usize);
        for (minute, audience) in response.audience.iter().enumerate() {
            let from = minute as f64 * 60.0;
            let to = (from + 60.0).min(length);
            let watched: f64 =
                all_spans(&sessions).map(|(begin, end)| (end.min(to) - begin.max(from)).max(0.0)).sum();
            assert!((audience - watched / (to - from)).abs() < 1e-4, "minute {minute}");
        }
        assert!(response.audience[0] > 0.0 && !response.is_cut);
    }
}

#[tokio::test]
async fn retention_counts_sessions_that_watched_the_middle_of_each_part() {
    for seed in 40..44 {
        let scene = Scene::random(seed, 60).await;
        let sessions: Vec<&SessionRows> =
            sessions_of(&scene).into_iter().filter(|rows| rows.session.content_start).collect();
        for (by, part, parts) in [("second", None, None), ("percent", Some(0.01), Some(100))] {
            let query = [("content_id", CONTENT), ("by", by)];
            let response =
                scene.reports.retention(&RetentionRequest::parse(&pairs(&query), 0).unwrap()).await.unwrap();
            let length = length(&sessions_of(&scene));
            let part = part.map_or(1.0, |share: f64| length * share);
            assert_eq!(response.watched.len(), parts.unwrap_or(length.floor() as usize));
            assert_eq!(response.content_starts, sessions.len() as u64);
            for index in 0..response.watched.len() {
                let middle = (index as f64 + 0.5) * part;
                let holds = |span: &&(f64, f64)| {
                    let (from, to) = in_ms(span);
                    from <= middle && middle < to
                };
                let watched =
                    sessions.iter().filter(|rows| rows.session.watched_spans.iter().any(|span| holds(&span)));
                let rewatched =
                    sessions.iter().map(|rows| rows.session.rewatched_spans.iter().filter(holds).count());
                let watched = watched.count() as u64;
                assert_eq!(response.watched[index], watched, "{by} {index}");
                assert_eq!(response.rewatched[index], rewatched.sum::<usize>() as u64, "{by} {index}");
                assert!((response.share[index] - watched as f64 / sessions.len() as f64).abs() < 1e-6);
            }
            assert!(response.rewatched.iter().any(|count| *count > 1), "a second is watched again twice");
        }
    }
}

#[tokio::test]
async fn a_content_without_length_goes_from_the_first_to_the_last_part_watched() {
    let mut sessions = crowd(50, 6);
    let at = 20.0 * 3_600.0;
    for (index, rows) in sessions.iter_mut().enumerate() {
        let mut params = ParamsPacker::default();
        params.push(ParamId::named("media.id"), ParamValue::Text(CONTENT));
        params.push(ParamId::named("media.length"), ParamValue::Number(0.0));
        *rows.session.params.to_mut() = params.finish();
        rows.session.content_start = true;
        rows.session.watched_spans = vec![(at, at + 90.0 + index as f64)].into();
        rows.session.rewatched_spans.to_mut().clear();
    }
    // Players may send any span.
    sessions[0].session.watched_spans.to_mut().push((1e15, 1e15 + 5.0));
    let scene = Scene::new(sessions).await;
    let request = AudienceRequest::parse(&pairs(&[("content_id", CONTENT), ("by", "content")]), 0).unwrap();
    let audience = scene.reports.audience(&request).await.unwrap();
    assert_eq!((audience.content_length, audience.average_minute_audience), (None, None));
    assert_eq!(audience.first_minute, 1_200);
    assert_eq!(audience.audience, [6.0, (6.0 * 30.0 + 15.0) / 60.0]);
    let request = RetentionRequest::parse(&pairs(&[("content_id", CONTENT)]), 0).unwrap();
    let retention = scene.reports.retention(&request).await.unwrap();
    assert_eq!((retention.first, retention.watched.len()), (72_000, 95));
    assert_eq!(retention.watched[89..], [6, 5, 4, 3, 2, 1]);
    let request = RetentionRequest::parse(&pairs(&[("content_id", CONTENT), ("by", "percent")]), 0).unwrap();
    assert!(scene.reports.retention(&request).await.unwrap().watched.is_empty());
}

#[tokio::test]
async fn an_unknown_content_is_empty_and_a_missing_one_a_fault() {
    let scene = Scene::random(60, 5).await;
    let query = pairs(&[("content_id", "nobody's"), ("from", "2026-01-01"), ("to", "2027-01-01")]);
    let response = scene.reports.audience(&AudienceRequest::parse(&query, 0).unwrap()).await.unwrap();
    assert_eq!((response.sessions, response.content_length, response.first_minute), (0, None, 0));
    assert!(response.audience.is_empty());
    let response = scene.reports.retention(&RetentionRequest::parse(&query, 0).unwrap()).await.unwrap();
    assert_eq!((response.content_starts, response.first), (0, 0));
    assert!(response.watched.is_empty() && response.share.is_empty() && response.rewatched.is_empty());
    let found = faults(RetentionRequest::parse(&pairs(&[("contentid", "x"), ("by", "seconds")]), 0));
    assert_eq!(found[0], "content_id: is required");
    assert!(found[1].contains("did you mean second?"), "{found:?}");
    assert!(found[2].contains("did you mean content_id?"), "{found:?}");
}
