//! Funnel, quality and ads against counts over the rows.

use std::collections::{BTreeMap, BTreeSet};

use playhead_protocol::{ParamId, ParamValue, ParamsPacker};
use playhead_report::panels::ads::{AdNumbers, AdsRequest};
use playhead_report::panels::funnel::{FunnelRequest, FunnelStep};
use playhead_report::panels::quality::QualityRequest;
use playhead_samples::{SampleSettings, Sessions};
use playhead_session::{AdView, SessionRow, SessionRows, ViewEnd};

use crate::panels::scene::{Scene, faults, pairs, param};

/// Sessions like those of real viewers, some of them open.
async fn scene(seed: u64) -> Scene {
    let settings =
        SampleSettings { open_sessions: true, sessions: 400, contents: 5, ..SampleSettings::default() };
    Scene::new(Sessions::new(seed, settings).collect()).await
}

fn count<'a>(rows: impl IntoIterator<Item = &'a SessionRows>, is_so: impl Fn(&SessionRow) -> bool) -> u64 {
    rows.into_iter().filter(|rows| is_so(&rows.session)).count() as u64
}

fn naive_steps(rows: &[&SessionRows]) -> Vec<u64> {
    let rows = || rows.iter().copied();
    let mut steps = vec![count(rows(), |row| !row.content_resume), count(rows(), |row| row.content_start)];
    steps.extend((0..5).map(|mark| count(rows(), |row| row.progress[mark])));
    steps.push(count(rows(), |row| row.content_complete));
    steps
}

fn check_steps(steps: &[FunnelStep], expected: &[u64]) {
    let counts: Vec<u64> = steps.iter().map(|step| step.count).collect();
    assert_eq!(counts, expected);
    for (place, step) in steps.iter().enumerate() {
        let share = |whole: u64| (whole > 0).then(|| step.count as f64 / whole as f64);
        let is_near = |found: Option<f64>, expected: Option<f64>| match (found, expected) {
            (Some(found), Some(expected)) => (found - expected).abs() < 1e-6,
            (found, expected) => found.is_none() && expected.is_none(),
        };
        assert!(is_near(step.share_of_first, share(expected[0])));
        let previous = place.checked_sub(1).and_then(|before| share(expected[before]));
        assert!(is_near(step.share_of_previous, previous));
    }
}

#[tokio::test]
async fn funnels_count_flags_also_by_value() {
    let scene = scene(70).await;
    let request = FunnelRequest::parse(&pairs(&[("by", "player_name"), ("limit", "2")]), 0).unwrap();
    let response = scene.reports.funnel(&request).await.unwrap();
    check_steps(&response.steps, &naive_steps(&scene.all()));
    let mut by_player: BTreeMap<Option<&str>, Vec<&SessionRows>> = BTreeMap::new();
    for rows in &scene.sessions {
        by_player.entry(param(rows, "media.playerName")).or_default().push(rows);
    }
    assert!(by_player.len() > 2, "there are others");
    assert_eq!(response.values.len(), 2);
    for value in &response.values {
        let rows = by_player.remove(&value.value.as_deref()).unwrap();
        check_steps(&value.steps, &naive_steps(&rows));
    }
    let least = response.values[1].steps[0].count;
    assert!(by_player.values().all(|rows| naive_steps(rows)[0] <= least));
    let others: Vec<&SessionRows> = by_player.into_values().flatten().collect();
    check_steps(response.other.as_ref().unwrap(), &naive_steps(&others));

    let closed = FunnelRequest::parse(&pairs(&[("include_open", "false"), ("to", "2026-01-02")]), 0).unwrap();
    let response = scene.reports.funnel(&closed).await.unwrap();
    let second_day = 1_767_225_600_000 + 86_400_000;
    let expected = scene
        .sessions
        .iter()
        .filter(|rows| rows.session.close_reason.is_some() && rows.session.started_at_ms < second_day);
    check_steps(&response.steps, &naive_steps(&expected.collect::<Vec<_>>()));
    assert!(response.values.is_empty() && response.other.is_none());

    let nobody = FunnelRequest::parse(&pairs(&[("to", "2020-01-02"), ("by", "channel")]), 0).unwrap();
    let response = scene.reports.funnel(&nobody).await.unwrap();
    check_steps(&response.steps, &[0; 8]);
    assert!(response.values.is_empty());
}

#[tokio::test]
async fn a_funnel_that_rose_did_not_say_why() {
    let mut sessions = scene(70).await.sessions;
    for rows in &mut sessions {
        rows.session.content_resume = false;
        rows.session.content_start = true;
        rows.session.progress = [false; 5];
        rows.session.content_complete = false;
    }
    let falling = Scene::new(sessions.clone()).await;
    let request = FunnelRequest::parse(&pairs(&[]), 0).unwrap();
    assert_eq!(falling.reports.funnel(&request).await.unwrap().note, None);
    // Viewers who go on with an earlier session, and contents without a length.
    let mut resumed = sessions.clone();
    resumed[0].session.content_resume = true;
    let mut without_length = sessions;
    without_length[0].session.content_complete = true;
    for sessions in [resumed, without_length] {
        let rising = Scene::new(sessions).await;
        let note = rising.reports.funnel(&request).await.unwrap().note.unwrap();
        assert!(note.contains("more sessions than the one before"), "{note}");
    }
}

fn quantile(sorted: &[f64], part: f64) -> f64 {
    let place = (sorted.len() - 1) as f64 * part;
    let below = sorted[place as usize];
    below + (sorted[(place as usize + 1).min(sorted.len() - 1)] - below) * place.fract()
}

#[tokio::test]
async fn quality_equals_sums_over_the_rows() {
    let scene = scene(71).await;
    let query = [("from", "2026-01-01"), ("to", "2026-01-05"), ("granularity", "day"), ("limit", "50")];
    let response =
        scene.reports.quality(&QualityRequest::parse(&pairs(&query), i64::MAX).unwrap()).await.unwrap();
    let rows: Vec<&SessionRow> = scene.sessions.iter().map(|rows| &rows.session).collect();
    let days: Vec<Vec<&SessionRow>> = (0..4)
        .map(|day| {
            let is_of_day = |row: &&&SessionRow| (row.started_at_ms - 1_767_225_600_000) / 86_400_000 == day;
            rows.iter().filter(is_of_day).copied().collect()
        })
        .collect();
    let series = response.series.iter().map(|point| &point.numbers).zip(&days);
    for (numbers, rows) in series.chain([(&response.all, &rows)]) {
        assert_eq!(numbers.sessions, rows.len() as u64);
        let sum = |of: fn(&SessionRow) -> i64| rows.iter().map(|row| of(row)).sum::<i64>() as f64 / 1_000.0;
        let (content, buffer, stall) =
            (sum(|row| row.content_ms), sum(|row| row.buffer_ms), sum(|row| row.stall_ms));
        assert_eq!(numbers.content_time_spent, content);
        assert_eq!(numbers.total_buffer_duration, buffer);
        assert_eq!(numbers.total_stall_duration, stall);
        if content > 0.0 {
            assert!((numbers.rebuffer_ratio.unwrap() - buffer / (buffer + content)).abs() < 1e-6);
            assert!((numbers.stall_ratio.unwrap() - stall / (stall + content)).abs() < 1e-6);
        }
        let errors = rows.iter().filter(|row| row.error_events > 0).count() as u64;
        assert_eq!(numbers.error_sessions, errors);
        assert_eq!(numbers.error_events, rows.iter().map(|row| u64::from(row.error_events)).sum::<u64>());
        let mut starts: Vec<f64> = rows.iter().filter_map(|row| row.time_to_start_ms).collect();
        starts.sort_by(f64::total_cmp);
        let found = &numbers.time_to_start_ms;
        assert_eq!(found.sessions, starts.len() as u64);
        for (found, part) in [(found.p50, 0.5), (found.p90, 0.9), (found.p95, 0.95), (found.p99, 0.99)] {
            assert_eq!(found.is_some(), !starts.is_empty());
            assert!(found.is_none_or(|found| (found - quantile(&starts, part)).abs() < 1e-6));
        }
        assert_eq!(numbers.dropped_frames, rows.iter().filter_map(|row| row.dropped_frames).sum::<f64>());
        let dropped = rows.iter().filter(|row| row.dropped_frames.is_some_and(|frames| frames > 0.0));
        assert_eq!(numbers.dropped_frame_impacted_streams, dropped.count() as u64);
    }
    assert_eq!(response.series.len(), 4);
    assert_eq!(response.series[3].numbers.sessions, 0, "nobody came on the fourth day");
    assert_eq!(response.series[3].numbers.error_rate, None);
}

#[tokio::test]
async fn errors_and_bitrates_are_counted_by_kind() {
    let scene = scene(72).await;
    let query = pairs(&[("limit", "50")]);
    let response = scene.reports.quality(&QualityRequest::parse(&query, 0).unwrap()).await.unwrap();
    let errors: u64 = response.errors_by_id.iter().map(|of| of.errors).sum();
    assert_eq!(errors, response.all.error_events);
    assert!(response.errors_by_id.is_sorted_by(|one, next| one.sessions >= next.sessions));

    for of in &response.errors_by_player {
        let is_of = |row: &SessionRow| row.text(ParamId::named("media.playerName")) == of.value.as_deref();
        let sessions = count(&scene.sessions, is_of);
        let errors = count(&scene.sessions, |row| is_of(row) && row.error_events > 0);
        assert_eq!((of.sessions, of.error_sessions), (sessions, errors));
    }
    let of_players: u64 = response.errors_by_player.iter().map(|of| of.error_sessions).sum();
    assert_eq!(of_players, response.all.error_sessions);
    let of_versions: u64 = response.errors_by_app_version.iter().map(|of| of.sessions).sum();
    assert_eq!(of_versions, response.all.sessions);

    let mut lowest = f64::NEG_INFINITY;
    for of in &response.bitrates {
        let is_of =
            |row: &SessionRow| row.average_bitrate_bucket.as_deref() == of.average_bitrate_bucket.as_deref();
        assert_eq!(of.sessions, count(&scene.sessions, is_of));
        let time: i64 = scene
            .sessions
            .iter()
            .filter(|rows| is_of(&rows.session))
            .map(|rows| rows.session.content_ms)
            .sum();
        assert_eq!(of.content_time_spent, time as f64 / 1_000.0);
        let begins = of.average_bitrate_bucket.as_ref();
        let begins =
            begins.map_or(f64::INFINITY, |bucket| bucket.split('-').next().unwrap().parse().unwrap());
        assert!(begins > lowest, "as numbers, none last");
        lowest = begins;
    }
    assert_eq!(response.bitrates.iter().map(|of| of.sessions).sum::<u64>(), 400);
}

#[test]
fn a_series_needs_a_beginning_and_an_end_of_its_length() {
    let found = faults(QualityRequest::parse(&pairs(&[("granularity", "hour")]), 0));
    assert_eq!(found, ["from: is required for a series"]);
    let query = [("from", "2026-01-01"), ("to", "2026-03-01"), ("granularity", "minute")];
    let found = faults(QualityRequest::parse(&pairs(&query), 0));
    assert!(found[0].starts_with("granularity: makes 84960 buckets"), "{found:?}");
    let found = faults(QualityRequest::parse(&pairs(&[("granularity", "hours")]), 0));
    assert!(found[0].contains("did you mean hour?"), "{found:?}");
}

fn ad_text<'a>(ad: &'a AdView, key: &str) -> Option<&'a str> {
    ad.params.text(ParamId::named(key))
}

#[tokio::test]
async fn ads_are_counted_by_position_ad_advertiser_and_campaign() {
    let scene = scene(73).await;
    let response =
        scene.reports.ads(&AdsRequest::parse(&pairs(&[("limit", "50")]), 0).unwrap()).await.unwrap();
    let ads: Vec<&AdView> = scene.sessions.iter().flat_map(|rows| rows.ads.iter()).collect();
    let ended = |ads: &[&AdView], end| ads.iter().filter(|ad| ad.end == end).count() as u64;
    let check = |found: &AdNumbers, ads: &[&AdView]| {
        assert_eq!(found.ad_starts, ads.len() as u64);
        assert_eq!(found.ad_completes, ended(ads, Some(ViewEnd::Completed)));
        assert_eq!(found.ad_skips, ended(ads, Some(ViewEnd::Skipped)));
        assert_eq!(found.ads_not_completed, ended(ads, Some(ViewEnd::NotCompleted)));
        assert_eq!(found.ads_open, ended(ads, None));
        assert_eq!(found.ad_time_spent, ads.iter().map(|ad| ad.time_ms).sum::<i64>() as f64 / 1_000.0);
        let rate = found.ad_completes as f64 / ads.len() as f64;
        assert!((found.ad_completion_rate.unwrap() - rate).abs() < 1e-6);
    };
    check(&response.all, &ads);
    assert!(response.all.ad_skips > 0 && response.all.ads_not_completed > 0);
    let of = |is_so: &dyn Fn(&AdView) -> bool| -> Vec<&AdView> {
        ads.iter().copied().filter(|ad| is_so(ad)).collect()
    };
    let integer = |ad: &AdView, key: &str| {
        let id = ParamId::named(key);
        match ad.params.get(id).or_else(|| ad.pod.get(id)) {
            Some(ParamValue::Integer(value)) => Some(value),
            _ => None,
        }
    };
    for found in &response.by_position {
        let expected = of(&|ad| {
            integer(ad, "media.ad.podIndex") == found.pod_position
                && integer(ad, "media.ad.podPosition") == found.ad_pod_position
        });
        check(&found.numbers, &expected);
    }
    assert!(response.by_position.is_sorted_by_key(|found| (found.pod_position, found.ad_pod_position)));
    for found in &response.by_ad {
        let expected = of(&|ad| {
            ad_text(ad, "media.ad.id") == found.ad_id.as_deref()
                && (found.ad_id.is_some() || ad_text(ad, "media.ad.name") == found.ad_name.as_deref())
        });
        check(&found.numbers, &expected);
    }
    let ids: BTreeSet<_> = response.by_ad.iter().filter_map(|found| found.ad_id.as_deref()).collect();
    assert_eq!(ids.len(), response.by_ad.iter().filter(|found| found.ad_id.is_some()).count(), "an id twice");
    for found in &response.by_advertiser {
        check(&found.numbers, &of(&|ad| ad_text(ad, "media.ad.advertiser") == found.value.as_deref()));
    }
    for found in &response.by_campaign {
        check(&found.numbers, &of(&|ad| ad_text(ad, "media.ad.campaignId") == found.value.as_deref()));
    }
    let of_positions: u64 = response.by_position.iter().map(|found| found.numbers.ad_starts).sum();
    assert_eq!(of_positions, ads.len() as u64);
    assert!(response.by_ad.len() > 1 && response.by_advertiser.len() > 1 && response.by_campaign.len() > 1);
}

#[tokio::test]
async fn ads_of_one_id_were_two_where_a_player_left_out_the_name() {
    let mut sessions: Vec<SessionRows> = scene(76).await.sessions;
    sessions.retain(|rows| !rows.ads.is_empty());
    let (mut latest, mut views) = (i64::MIN, 0);
    for (place, ad) in sessions.iter_mut().flat_map(|rows| rows.ads.to_mut()).enumerate() {
        let mut params = ParamsPacker::default();
        params.push(ParamId::named("media.ad.id"), ParamValue::Text("ad-1"));
        // Renamed at some time; some players send an empty name, some none.
        match place % 3 {
            0 => params.push(ParamId::named("media.ad.name"), ParamValue::Text("")),
            1 => {}
            _ => {
                let name = format!("name at {}", ad.started_at_ms);
                params.push(ParamId::named("media.ad.name"), ParamValue::Text(&name));
                latest = latest.max(ad.started_at_ms);
            }
        }
        ad.params = params.finish();
        views += 1;
    }
    // One without an id is told by its name.
    let mut nameless = ParamsPacker::default();
    nameless.push(ParamId::named("media.ad.name"), ParamValue::Text("spot"));
    let first = &mut sessions[0].ads.to_mut()[0];
    first.params = nameless.finish();
    let scene = Scene::new(sessions).await;
    let response = scene.reports.ads(&AdsRequest::parse(&pairs(&[]), 0).unwrap()).await.unwrap();
    let found: Vec<_> = response
        .by_ad
        .iter()
        .map(|ad| (ad.ad_id.as_deref(), ad.ad_name.clone(), ad.numbers.ad_starts))
        .collect();
    let expected =
        [(Some("ad-1"), Some(format!("name at {latest}")), views - 1), (None, Some("spot".to_owned()), 1)];
    assert_eq!(found, expected);
    assert_eq!(response.other.by_ad, None);
}

#[tokio::test]
async fn breaks_lose_viewers_without_content_afterwards() {
    let mut sessions: Vec<SessionRows> = scene(74).await.sessions;
    let position = |ad: &AdView| match ad.pod.get(ParamId::named("media.ad.podIndex")) {
        Some(ParamValue::Integer(position)) => position,
        _ => 0,
    };
    for rows in &mut sessions {
        // Breaks at fixed places of all contents.
        for ad in rows.ads.to_mut() {
            let mut pod = ParamsPacker::default();
            pod.push(ParamId::named("media.ad.podIndex"), ParamValue::Integer(position(ad)));
            pod.push(ParamId::named("media.ad.podSecond"), ParamValue::Number(position(ad) as f64 * 60.0));
            ad.pod = pod.finish();
        }
        // Some viewers leave after an ad that they saw.
        if let Some(ad) = rows.ads.to_mut().last_mut().filter(|ad| ad.end == Some(ViewEnd::NotCompleted))
            && ad.started_at_ms % 2 == 0
        {
            ad.end = Some(ViewEnd::Completed);
        }
    }
    let scene = Scene::new(sessions).await;
    let response =
        scene.reports.ads(&AdsRequest::parse(&pairs(&[("limit", "50")]), 0).unwrap()).await.unwrap();
    let breaks = response.breaks.unwrap();
    let mut viewers: BTreeMap<i64, u64> = BTreeMap::new();
    let mut lost: BTreeMap<i64, [u64; 2]> = BTreeMap::new();
    for rows in &scene.sessions {
        let positions: BTreeSet<_> = rows.ads.iter().map(position).collect();
        positions.into_iter().for_each(|position| *viewers.entry(position).or_default() += 1);
        let (Some(ad), row) = (rows.ads.last(), &rows.session) else { continue };
        let spans = row.playing_spans.iter();
        let played: i64 = spans.map(|(from, to)| (to - from.max(&ad.started_at_ms)).max(0)).sum();
        if row.close_reason.is_some() && !row.content_complete && played <= ad.time_ms {
            let in_ad = ad.end == Some(ViewEnd::NotCompleted);
            lost.entry(position(ad)).or_default()[usize::from(!in_ad)] += 1;
        }
    }
    assert_eq!(breaks.len(), viewers.len());
    assert!(breaks.is_sorted_by(|one, next| one.viewers >= next.viewers));
    for found in &breaks {
        let position = found.pod_position.unwrap();
        assert_eq!(found.pod_offset, Some(position as f64 * 60.0));
        assert_eq!(found.viewers, viewers[&position]);
        let lost = lost.get(&position).copied().unwrap_or_default();
        assert_eq!([found.lost_in_ad, found.lost_after_ad], lost);
        let rate = (lost[0] + lost[1]) as f64 / found.viewers as f64;
        assert!((found.loss_rate.unwrap() - rate).abs() < 1e-6);
    }
    let [in_ad, after_ad] = [0, 1].map(|which| lost.values().map(|counts| counts[which]).sum::<u64>());
    assert!(in_ad > 0 && after_ad > 0);

    let query = pairs(&[("breaks", "false"), ("to", "2020-01-01")]);
    let nobody = scene.reports.ads(&AdsRequest::parse(&query, 0).unwrap()).await.unwrap();
    assert_eq!((nobody.all.ad_starts, nobody.all.ad_completion_rate, nobody.breaks), (0, None, None));
    assert!(nobody.by_ad.is_empty() && nobody.by_position.is_empty());
}
