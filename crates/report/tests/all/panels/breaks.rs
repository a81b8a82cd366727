//! Breaks that are hard to tell apart.

use playhead_protocol::{ParamId, ParamValue, ParamsPacker};
use playhead_report::panels::ads::AdsRequest;
use playhead_samples::{SampleSettings, Sessions};
use playhead_session::{CloseReason, SessionRows, ViewEnd};

use crate::panels::scene::{Scene, pairs};

/// Closed sessions with two ads each, the second one cut short, in breaks at these positions and seconds. Nothing played
/// after the last ad.
fn sessions_with_breaks(breaks: [(Option<i64>, f64); 2]) -> Vec<SessionRows> {
    let samples = Sessions::new(75, SampleSettings { sessions: 200, ..SampleSettings::default() });
    let mut sessions: Vec<SessionRows> = samples.filter(|rows| rows.ads.len() >= 2).collect();
    for rows in &mut sessions {
        rows.session.close_reason = Some(CloseReason::SessionEnd);
        rows.session.content_complete = false;
        rows.session.playing_spans.to_mut().clear();
        rows.session.ad_count = 2;
        let ads = rows.ads.to_mut();
        ads.truncate(2);
        for (ad, (position, second)) in ads.iter_mut().zip(breaks) {
            let mut pod = ParamsPacker::default();
            if let Some(position) = position {
                pod.push(ParamId::named("media.ad.podIndex"), ParamValue::Integer(position));
            }
            pod.push(ParamId::named("media.ad.podSecond"), ParamValue::Number(second));
            ad.pod = pod.finish();
        }
        ads[1].end = Some(ViewEnd::NotCompleted);
    }
    sessions
}

#[tokio::test]
async fn two_breaks_of_one_position_in_a_session_are_two() {
    // A player that numbers all of its breaks alike, one that numbers some only, and one whose numbers lie far apart.
    for breaks in [
        [(Some(1), 0.0), (Some(1), 600.0)],
        [(None, 0.0), (Some(0), 600.0)],
        [(Some(1), 0.0), (Some(65), 600.0)],
    ] {
        let scene = Scene::new(sessions_with_breaks(breaks)).await;
        let viewers = scene.sessions.len() as u64;
        assert!(viewers > 20, "{viewers}");
        let response = scene.reports.ads(&AdsRequest::parse(&pairs(&[]), 0).unwrap()).await.unwrap();
        let found: Vec<_> = response.breaks.unwrap().into_iter().collect();
        let of = |second: f64| found.iter().find(|of| of.pod_offset == Some(second)).unwrap();
        assert_eq!(
            (of(0.0).viewers, of(0.0).lost_in_ad, of(0.0).loss_rate),
            (viewers, 0, Some(0.0)),
            "{breaks:?}"
        );
        let last = of(600.0);
        assert_eq!(
            (last.viewers, last.lost_in_ad, last.loss_rate),
            (viewers, viewers, Some(1.0)),
            "{breaks:?}"
        );
    }
}

#[tokio::test]
async fn a_break_that_comes_again_has_each_viewer_once() {
    let scene = Scene::new(sessions_with_breaks([(Some(1), 0.0), (Some(1), 0.0)])).await;
    let response = scene.reports.ads(&AdsRequest::parse(&pairs(&[]), 0).unwrap()).await.unwrap();
    let found: Vec<_> = response.breaks.unwrap().iter().map(|of| (of.viewers, of.lost_in_ad)).collect();
    let viewers = scene.sessions.len() as u64;
    assert_eq!(found, [(viewers, viewers)]);
}
