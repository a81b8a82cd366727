//! Live content has no positions: its audience is counted by the clock, against counts of every millisecond.

use playhead_protocol::time::MINUTE_MS;
use playhead_protocol::{ParamId, ParamValue, ParamsPacker};
use playhead_report::QueryRequest;
use playhead_report::panels::audience::{AudienceBy, AudienceRequest, AudienceResponse};
use playhead_report::panels::retention::RetentionRequest;
use playhead_session::SessionRows;

use crate::panels::scene::{HOUR_MS, Scene, crowd, pairs};

const CONTENT: &str = "match";

/// After everything in a scene.
const NOW_MS: i64 = HOUR_MS + 1_000 * MINUTE_MS;

/// Sessions of one content, with the content type, length and range of playheads that `kinds` give them in turn.
fn sessions(seed: u64, kinds: &[(&str, f64, &str)]) -> Vec<SessionRows> {
    let mut sessions = crowd(seed, 40);
    for (rows, (content_type, length, segment)) in sessions.iter_mut().zip(kinds.iter().cycle()) {
        let mut params = ParamsPacker::default();
        params.push(ParamId::named("media.id"), ParamValue::Text(CONTENT));
        params.push(ParamId::named("media.length"), ParamValue::Number(*length));
        params.push(ParamId::named("media.contentType"), ParamValue::Text(content_type));
        *rows.session.params.to_mut() = params.finish();
        rows.session.content_segment = Some((*segment).to_owned());
        rows.session.content_start = true;
        rows.session.active_spans = rows.session.playing_spans.clone();
    }
    sessions
}

const LIVE: (&str, f64, &str) = ("Live", 7_200.0, "1200-1320");
const LINEAR: (&str, f64, &str) = ("linear-tv", 0.0, "1200-1320");
const ON_DEMAND: (&str, f64, &str) = ("vod", 600.0, "0-10");
const LENGTHLESS: (&str, f64, &str) = ("vod", 0.0, "0-10");
const BEYOND: (&str, f64, &str) = ("vod", 600.0, "1200-1205");

async fn audience(scene: &Scene, more: &[(&str, &str)]) -> AudienceResponse {
    let query = [&[("content_id", CONTENT)], more].concat();
    let request = AudienceRequest::parse(&pairs(&query), NOW_MS).unwrap();
    scene.reports.audience(&request).await.unwrap()
}

/// The time played in each minute from `from_ms` on, between two moments.
fn played(sessions: &[&SessionRows], from_ms: i64, minutes: usize, within: (i64, i64)) -> Vec<f64> {
    let spans = || sessions.iter().flat_map(|rows| rows.session.playing_spans.iter());
    let of_minute = |minute: usize| {
        let begin = (from_ms + minute as i64 * MINUTE_MS).max(within.0);
        let end = (from_ms + (minute as i64 + 1) * MINUTE_MS).min(within.1);
        spans().map(|(from, to)| (to.min(&end) - from.max(&begin)).max(0)).sum::<i64>() as f64
            / MINUTE_MS as f64
    };
    (0..minutes).map(of_minute).collect()
}

fn check(response: &AudienceResponse, sessions: &[&SessionRows], within: (i64, i64)) {
    let first = response.first_minute_at.as_deref().unwrap().parse::<jiff::Timestamp>().unwrap();
    let expected = played(sessions, first.as_millisecond(), response.audience.len(), within);
    assert!(response.audience.len() > 20);
    for (minute, (audience, expected)) in response.audience.iter().zip(&expected).enumerate() {
        assert!((audience - expected).abs() < 1e-4, "minute {minute}: {audience}, {expected}");
    }
    assert!(response.audience[0] > 0.0 && response.audience.last() > Some(&0.0));
    let all = played(sessions, within.0.max(HOUR_MS - 60 * MINUTE_MS), 1_000, within);
    assert!(
        (response.audience.iter().sum::<f64>() - all.iter().sum::<f64>()).abs() < 0.1,
        "all that was played"
    );
    let watched: Vec<f64> = all.into_iter().filter(|audience| *audience > 0.0).collect();
    let mean = watched.iter().sum::<f64>() / watched.len() as f64;
    assert!((response.average_minute_audience.unwrap() - mean).abs() < 0.01, "{response:?} {mean}");
}

#[tokio::test]
async fn a_live_content_whose_playheads_are_seconds_of_the_day_was_watched_by_nobody() {
    let scene = Scene::new(sessions(1, &[LIVE, LINEAR])).await;
    let response = audience(&scene, &[]).await;
    assert_eq!((response.by, response.content_length, response.sessions), (AudienceBy::Clock, None, 40));
    assert_eq!((response.timelines.live, response.timelines.content), (40, 0));
    check(&response, &scene.all(), (i64::MIN, i64::MAX));
    let retention = RetentionRequest::parse(&pairs(&[("content_id", CONTENT)]), NOW_MS).unwrap();
    let retention = scene.reports.retention(&retention).await.unwrap();
    assert_eq!((retention.content_starts, retention.timelines), (0, response.timelines));
    assert_eq!((retention.content_length, retention.watched.len()), (None, 0));
}

#[tokio::test]
async fn the_clock_counts_what_was_played_in_the_range_also_in_sessions_that_started_before_it() {
    let scene = Scene::new(sessions(2, &[LIVE])).await;
    let (from_ms, to_ms) = (HOUR_MS + 10 * MINUTE_MS + 17, HOUR_MS + 45 * MINUTE_MS + 300);
    let text = |ms: i64| jiff::Timestamp::from_millisecond(ms).unwrap().to_string();
    let range = [("from", &*text(from_ms)), ("to", &*text(to_ms)), ("time_zone", "Europe/Berlin")]
        .map(|(name, value)| (name, value.to_owned()));
    let range: Vec<(&str, &str)> = range.iter().map(|(name, value)| (*name, &**value)).collect();
    let response = audience(&scene, &[&range[..], &[("by", "clock")]].concat()).await;
    assert!(response.first_minute_at.as_deref().unwrap().ends_with("+02:00"), "{response:?}");
    assert!(!response.is_cut);
    check(&response, &scene.all(), (from_ms, to_ms));
}

#[tokio::test]
async fn a_content_that_is_live_and_on_demand_is_counted_once_by_each() {
    let scene = Scene::new(sessions(3, &[LIVE, ON_DEMAND, LENGTHLESS, BEYOND])).await;
    let of = |kind: usize| scene.sessions.iter().skip(kind).step_by(4);
    let by_content = audience(&scene, &[]).await;
    assert_eq!((by_content.by, by_content.content_length), (AudienceBy::Content, Some(600.0)));
    assert_eq!(
        (by_content.sessions, by_content.audience.len(), &by_content.first_minute_at),
        (20, 10, &None)
    );
    let content_ms: i64 = of(1).chain(of(2)).map(|rows| rows.session.content_ms).sum();
    assert_eq!(by_content.content_time_spent, content_ms as f64 / 1_000.0);
    let by_clock = audience(&scene, &[("by", "clock")]).await;
    assert_eq!((by_clock.sessions, by_clock.timelines), (20, by_content.timelines));
    let content_ms: i64 = of(0).chain(of(3)).map(|rows| rows.session.content_ms).sum();
    assert_eq!(by_clock.content_time_spent, content_ms as f64 / 1_000.0);
    check(&by_clock, &of(0).chain(of(3)).collect::<Vec<_>>(), (i64::MIN, i64::MAX));
    let retention = RetentionRequest::parse(&pairs(&[("content_id", CONTENT)]), NOW_MS).unwrap();
    assert_eq!(scene.reports.retention(&retention).await.unwrap().content_starts, 20);
}

#[tokio::test]
async fn a_content_whose_length_no_session_knows_goes_by_the_clock() {
    let scene = Scene::new(sessions(4, &[LENGTHLESS])).await;
    let response = audience(&scene, &[]).await;
    assert_eq!((response.by, response.timelines.no_length, response.sessions), (AudienceBy::Clock, 40, 40));
    check(&response, &scene.all(), (i64::MIN, i64::MAX));
}

#[tokio::test]
async fn queries_tell_sessions_by_their_timeline_as_the_panels_do() {
    let scene = Scene::new(sessions(5, &[LIVE, LIVE, LINEAR, ON_DEMAND, LENGTHLESS, BEYOND])).await;
    let timelines = serde_json::to_value(audience(&scene, &[]).await.timelines).unwrap();
    let query = r#"{"metrics": ["sessions"], "dimensions": ["timeline"]}"#;
    let response = scene.reports.query(&QueryRequest::parse(query.as_bytes()).unwrap()).await.unwrap();
    let response = serde_json::to_value(response).unwrap();
    let rows = response["rows"].as_array().unwrap();
    assert_eq!(rows.len(), 4);
    for row in rows {
        assert_eq!(timelines[row[0].as_str().unwrap()], row[1], "{row}");
    }
}

#[tokio::test]
async fn nobody_is_an_audience_of_no_minutes() {
    let scene = Scene::new(sessions(6, &[LIVE])).await;
    let response = audience(&scene, &[("from", "2020-01-01"), ("to", "2020-02-01"), ("by", "clock")]).await;
    assert_eq!((response.sessions, response.average_minute_audience), (0, None));
    assert!(response.audience.is_empty() && response.first_minute_at.is_none());
}
