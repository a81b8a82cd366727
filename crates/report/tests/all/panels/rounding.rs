//! Numbers of panels have few decimals, so they do not depend on the order in which rows are added up.

use playhead_protocol::{ParamId, ParamValue, ParamsPacker};
use playhead_report::panels::audience::AudienceRequest;
use playhead_report::panels::concurrency::ConcurrencyRequest;
use playhead_report::panels::quality::QualityRequest;
use playhead_session::SessionRows;

use crate::panels::scene::{HOUR_MS, Scene, crowd, pairs};

/// Open sessions, which reports read in their order, each with one span of the content in seconds.
fn sessions(spans: &[f64]) -> Vec<SessionRows> {
    let mut sessions = crowd(80, spans.len() as u64);
    for (rows, span) in sessions.iter_mut().zip(spans) {
        let mut params = ParamsPacker::default();
        params.push(ParamId::named("media.id"), ParamValue::Text("content"));
        params.push(ParamId::named("media.length"), ParamValue::Number(60.0));
        *rows.session.params.to_mut() = params.finish();
        rows.session.close_reason = None;
        rows.session.watched_spans = vec![(0.0, *span)].into();
        rows.session.rewatched_spans.to_mut().clear();
    }
    sessions
}

#[tokio::test]
async fn audience_is_the_same_whichever_session_comes_first() {
    // Halfway between two numbers of four decimals, where the last digit of a sum of floats would decide.
    for spans in [[0.501, 0.001, 0.065], [0.501, 0.065, 0.001], [0.001, 0.065, 0.501]] {
        let scene = Scene::new(sessions(&spans)).await;
        let request = AudienceRequest::parse(&pairs(&[("content_id", "content")]), 0).unwrap();
        let response = scene.reports.audience(&request).await.unwrap();
        assert_eq!(response.audience, [0.0095], "{spans:?}");
    }
}

#[tokio::test]
async fn quality_is_the_same_whichever_session_comes_first() {
    for frames in [[0.1, 0.2, 0.3], [0.3, 0.2, 0.1]] {
        let mut sessions = sessions(&[1.0, 2.0, 3.0]);
        for (rows, frames) in sessions.iter_mut().zip(frames) {
            rows.session.dropped_frames = Some(frames);
            rows.session.time_to_start_ms = Some(frames);
        }
        let scene = Scene::new(sessions).await;
        let response = scene.reports.quality(&QualityRequest::parse(&pairs(&[]), 0).unwrap()).await.unwrap();
        assert_eq!(response.all.dropped_frames, 0.6, "{frames:?}");
        let starts = &response.all.time_to_start_ms;
        assert_eq!([starts.p50, starts.p90, starts.p99], [Some(0.2), Some(0.28), Some(0.298)], "{frames:?}");
    }
}

#[tokio::test]
async fn the_mean_of_a_series_is_rounded() {
    let mut sessions = sessions(&[1.0]);
    sessions[0].session.started_at_ms = HOUR_MS;
    sessions[0].session.last_event_at_ms = HOUR_MS + 1_000;
    sessions[0].session.active_spans = vec![(HOUR_MS, HOUR_MS + 1_000)].into();
    sessions[0].session.playing_spans = vec![(HOUR_MS, HOUR_MS + 1_000)].into();
    let scene = Scene::new(sessions).await;
    let query =
        pairs(&[("from", "2026-10-24T23:30:00Z"), ("to", "2026-10-24T23:33:00Z"), ("granularity", "minute")]);
    let request = ConcurrencyRequest::parse(&query, i64::MAX).unwrap();
    let response = scene.reports.concurrency(&request).await.unwrap();
    assert_eq!((response.all.values, response.all.average), (vec![1, 0, 0], Some(0.005_556)));
    let present = response.all.present.unwrap();
    assert_eq!((present.values, present.average), (vec![1, 0, 0], Some(0.333_333)));
}
