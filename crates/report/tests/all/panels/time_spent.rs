//! Playing time by the clock against spans cut one by one.

use playhead_report::panels::time_spent::{TimeSeries, TimeSpentRequest};
use playhead_session::SessionRows;

use crate::panels::scene::{HOUR_MS, Scene, faults, pairs, param};

fn overlap_ms(rows: &SessionRows, from_ms: i64, to_ms: i64) -> i64 {
    let overlap = |&(begin, end): &(i64, i64)| (end.min(to_ms) - begin.max(from_ms)).max(0);
    rows.session.playing_spans.iter().map(overlap).sum()
}

fn check<'a>(
    series: &TimeSeries,
    sessions: impl IntoIterator<Item = &'a SessionRows> + Clone,
    starts: &[String],
    (from_ms, to_ms): (i64, i64),
) {
    let starts_ms: Vec<i64> =
        starts.iter().map(|start| start.parse::<jiff::Timestamp>().unwrap().as_millisecond()).collect();
    let ends = starts_ms.iter().skip(1).copied().chain([to_ms]);
    let expected: Vec<f64> = starts_ms
        .iter()
        .zip(ends)
        .map(|(start, end)| {
            let of = |rows: &SessionRows| overlap_ms(rows, (*start).max(from_ms), end.min(to_ms));
            sessions.clone().into_iter().map(of).sum::<i64>() as f64 / 1_000.0
        })
        .collect();
    assert_eq!(series.seconds, expected);
    let total_ms: i64 = sessions.into_iter().map(|rows| overlap_ms(rows, from_ms, to_ms)).sum();
    assert_eq!(series.total_seconds, total_ms as f64 / 1_000.0, "the buckets are all of it");
}

#[tokio::test]
async fn buckets_add_up_to_all_playing_time_also_where_clocks_change() {
    let scene = Scene::random(21, 70).await;
    for zone in ["UTC", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kathmandu"] {
        for bucket in ["5", "15", "30", "60"] {
            let range = (HOUR_MS + 61_234, HOUR_MS + 5_400_001);
            let time = |ms: i64| jiff::Timestamp::from_millisecond(ms).unwrap().to_string();
            let (from, to) = (time(range.0), time(range.1));
            let query = [
                ("from", from.as_str()),
                ("to", &to),
                ("time_zone", zone),
                ("bucket", bucket),
                ("by", "network"),
                ("limit", "1"),
            ];
            let request = TimeSpentRequest::parse(&pairs(&query), 0).unwrap();
            let response = scene.reports.time_spent(&request).await.unwrap();
            check(&response.all, &scene.sessions, &response.starts, range);
            assert!(response.all.total_seconds > 1_000.0);
            let first = &response.series[0];
            let is_first = |rows: &&SessionRows| param(rows, "media.network") == first.value.as_deref();
            let of_first: Vec<_> = scene.sessions.iter().filter(is_first).collect();
            let of_others: Vec<_> = scene.sessions.iter().filter(|rows| !is_first(rows)).collect();
            check(&first.time, of_first, &response.starts, range);
            check(response.other.as_ref().unwrap(), of_others, &response.starts, range);

            let request = TimeSpentRequest::parse(&pairs(&query[..4]), 0).unwrap();
            let without = scene.reports.time_spent(&request).await.unwrap();
            assert_eq!(without.all, response.all);
            assert!(without.series.is_empty() && without.other.is_none() && without.by.is_none());
        }
    }
}

#[tokio::test]
async fn days_have_as_many_hours_as_the_clock_shows() {
    let scene = Scene::random(22, 40).await;
    for (day, next, hours) in [("2026-10-25", "2026-10-26", 25), ("2026-03-29", "2026-03-30", 23)] {
        let query = [("from", day), ("to", next), ("time_zone", "Europe/Berlin")];
        let request = TimeSpentRequest::parse(&pairs(&query), i64::MAX).unwrap();
        let response = scene.reports.time_spent(&request).await.unwrap();
        assert_eq!(response.all.seconds.len(), hours);
        assert_eq!(response.starts.len(), hours);
        let range = (request.scope.range.from_ms.unwrap(), request.scope.range.to_ms.unwrap());
        check(&response.all, &scene.sessions, &response.starts, range);
        assert_eq!(response.all.total_seconds > 0.0, hours == 25, "the crowd is there in October");
    }
}

#[test]
fn too_many_buckets_are_a_fault() {
    let query = [("from", "2026-01-01"), ("to", "2026-12-31"), ("bucket", "5")];
    let found = faults(TimeSpentRequest::parse(&pairs(&query), 0));
    assert!(found[0].starts_with("from: makes more than 10000 buckets of 5 minutes"), "{found:?}");
    let found = faults(TimeSpentRequest::parse(&pairs(&[("bucket", "10")]), 0));
    assert!(found[0].starts_with("bucket: must be one of 60, 5, 15, 30"), "{found:?}");
}
