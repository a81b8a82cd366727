//! Concurrency against a count of every session at every point.

use std::collections::{BTreeMap, BTreeSet};

use playhead_report::panels::concurrency::{ConcurrencyRequest, ConcurrencyResponse, CountSeries};
use playhead_report::{EngineSettings, Error};
use playhead_session::SessionRows;

use crate::panels::scene::{HOUR_MS, Scene, crowd, faults, pairs, param, visitor};

const FROM: &str = "2026-10-24T23:40:00.250Z";
const TO: &str = "2026-10-24T23:55:10.5Z";
const FROM_MS: i64 = 1_792_885_200_250;
const TO_MS: i64 = 1_792_886_110_500;

/// The number of sessions or visitors present at a point, each once.
fn naive_at(sessions: &[&SessionRows], (from_ms, to_ms): (i64, i64), requested: &Requested) -> u64 {
    let is_there = |rows: &&&SessionRows| {
        presences(rows, requested.playing).iter().any(|&(begin, end)| match begin == end {
            true => (from_ms..to_ms).contains(&begin),
            false => begin < to_ms && end > from_ms,
        })
    };
    let there = sessions.iter().filter(is_there);
    let who = there.map(|rows| match requested.visitors {
        true => visitor(rows),
        false => rows.session.session_id.to_string(),
    });
    who.collect::<BTreeSet<_>>().len() as u64
}

/// The spans in which a session is there: of the time that counts as played, only what lies within an active span.
fn presences(rows: &SessionRows, playing: bool) -> Vec<(i64, i64)> {
    let row = &rows.session;
    if !playing {
        return row.active_spans.to_vec();
    }
    let mut spans: Vec<(i64, i64)> = Vec::new();
    for &(from_ms, to_ms) in row.playing_spans.iter() {
        for &(active_from_ms, active_to_ms) in row.active_spans.iter() {
            let part = (from_ms.max(active_from_ms), to_ms.min(active_to_ms));
            if part.0 < part.1 || (part.0 == part.1 && from_ms == to_ms) {
                spans.push(part);
            }
        }
    }
    spans.extend(row.playing_until_ms.map(|until_ms| (row.last_event_at_ms, until_ms)));
    spans
}

struct Requested {
    step_ms: i64,
    visitors: bool,
    playing: bool,
}

impl Requested {
    fn all() -> impl Iterator<Item = Self> {
        (0..8).map(|bits| Self {
            step_ms: if bits & 1 == 0 { 1_000 } else { 60_000 },
            visitors: bits & 2 != 0,
            playing: bits & 4 != 0,
        })
    }

    fn parse(&self, more: &[(&str, &str)]) -> ConcurrencyRequest {
        let granularity = if self.step_ms == 1_000 { "second" } else { "minute" };
        let count = if self.visitors { "visitors" } else { "sessions" };
        let state = if self.playing { "playing" } else { "active" };
        let mut all = vec![
            ("from", FROM),
            ("to", TO),
            ("granularity", granularity),
            ("count", count),
            ("state", state),
        ];
        all.extend(more);
        ConcurrencyRequest::parse(&pairs(&all), i64::MAX).unwrap()
    }

    fn points(&self) -> impl Iterator<Item = (i64, i64)> {
        let step_ms = self.step_ms;
        let first = FROM_MS / step_ms * step_ms;
        (first..TO_MS).step_by(step_ms as usize).map(move |from_ms| (from_ms, from_ms + step_ms))
    }

    /// How many were there at some time in each point.
    fn naive_present(&self, sessions: &[&SessionRows]) -> Vec<u64> {
        self.points().map(|point| naive_at(sessions, point, self)).collect()
    }

    /// How many were there in the second of each point with the most.
    fn naive(&self, sessions: &[&SessionRows]) -> Vec<u64> {
        let at = |second_ms: i64| naive_at(sessions, (second_ms, second_ms + 1_000), self);
        self.points().map(|(from, to)| (from..to).step_by(1_000).map(at).max().unwrap()).collect()
    }

    fn check_present(&self, series: &CountSeries, sessions: &[&SessionRows]) {
        let present = series.present.as_ref().map(|present| present.values.clone());
        assert_eq!(present, (self.step_ms > 1_000).then(|| self.naive_present(sessions)));
    }
}

fn check_summary(series: &CountSeries, response: &ConcurrencyResponse) {
    let highest = series.values.iter().copied().max().unwrap();
    assert_eq!(series.peak.value, highest);
    let first: i64 = response.first_point.parse::<jiff::Timestamp>().unwrap().as_millisecond();
    let first_place =
        |values: &[u64], highest: u64| values.iter().position(|value| *value == highest).unwrap();
    let ms = |at: &Option<String>| {
        at.as_ref().map(|at| at.parse::<jiff::Timestamp>().unwrap().as_millisecond() - first)
    };
    // The second of the peak is in the first point that has the peak.
    let point = ms(&series.peak.at).map(|ms| ms / response.step_ms);
    assert_eq!(point, (highest > 0).then_some(first_place(&series.values, highest) as i64));
    let mean = |values: &[u64]| values.iter().sum::<u64>() as f64 / values.len() as f64;
    match &series.present {
        None => assert!((series.average.unwrap() - mean(&series.values)).abs() < 1e-6),
        Some(present) => {
            let most = present.values.iter().copied().max().unwrap();
            assert!(most >= highest && series.average.unwrap() <= mean(&series.values) + 1e-6);
            assert_eq!(present.peak.value, most);
            let expected = (most > 0).then_some(first_place(&present.values, most) as i64);
            assert_eq!(ms(&present.peak.at).map(|ms| ms / response.step_ms), expected);
            assert!((present.average.unwrap() - mean(&present.values)).abs() < 1e-6);
        }
    }
}

#[tokio::test]
async fn equals_a_count_of_every_session_at_every_point() {
    for seed in 1..=4 {
        let scene = Scene::random(seed, 60).await;
        let mut differ = 0;
        for requested in Requested::all() {
            let response = scene.reports.concurrency(&requested.parse(&[])).await.unwrap();
            let expected = requested.naive(&scene.all());
            assert_eq!(response.all.values, expected, "seed {seed}");
            requested.check_present(&response.all, &scene.all());
            assert_eq!(response.first_point.parse::<jiff::Timestamp>().unwrap().as_millisecond() % 1_000, 0);
            check_summary(&response.all, &response);
            assert!(response.all.peak.value > 1, "the crowd is not a crowd");
            let sessions = Requested { visitors: false, ..requested }.naive(&scene.all());
            differ += u32::from(sessions != expected);
        }
        assert!(differ > 1, "visitors with several sessions at a time are one");
    }
}

#[tokio::test]
async fn a_minute_had_more_sessions_at_the_same_time_than_any_of_its_seconds() {
    let scene = Scene::random(5, 200).await;
    let mut differ = 0;
    for requested in Requested::all().filter(|requested| requested.step_ms > 1_000) {
        let by_minute = scene.reports.concurrency(&requested.parse(&[])).await.unwrap();
        let by_second = Requested { step_ms: 1_000, ..requested };
        // Whole minutes, so that both are over the same time.
        let whole =
            [("from", "2026-10-24T23:40:00Z"), ("to", "2026-10-24T23:56:00Z"), ("granularity", "second")];
        let count = if by_second.visitors { "visitors" } else { "sessions" };
        let state = if by_second.playing { "playing" } else { "active" };
        let query = [whole[0], whole[1], whole[2], ("count", count), ("state", state)];
        let by_second = ConcurrencyRequest::parse(&pairs(&query), i64::MAX).unwrap();
        let by_second = scene.reports.concurrency(&by_second).await.unwrap();
        assert_eq!(by_minute.all.peak, by_second.all.peak);
        assert_eq!(by_minute.all.average, by_second.all.average);
        let present = by_minute.all.present.unwrap();
        differ += u32::from(present.peak.value > by_minute.all.peak.value);
    }
    assert!(differ > 0, "somebody comes when another has gone");
}

#[tokio::test]
async fn breaks_down_by_the_highest_peaks_and_puts_the_rest_together() {
    let scene = Scene::random(7, 80).await;
    for requested in Requested::all() {
        let response =
            scene.reports.concurrency(&requested.parse(&[("by", "network"), ("limit", "1")])).await.unwrap();
        let mut by_network: BTreeMap<Option<&str>, Vec<&SessionRows>> = BTreeMap::new();
        for rows in &scene.sessions {
            by_network.entry(param(rows, "media.network")).or_default().push(rows);
        }
        assert_eq!(response.all.values, requested.naive(&scene.all()));
        let series: BTreeMap<_, _> =
            by_network.iter().map(|(network, rows)| (*network, requested.naive(rows))).collect();
        let peak = |values: &Vec<u64>| *values.iter().max().unwrap();
        let highest = series.values().map(peak).max().unwrap();
        assert_eq!(response.series.len(), 1);
        let first = &response.series[0];
        assert_eq!(first.counts.peak.value, highest);
        assert_eq!(first.counts.values, series[&first.value.as_deref()]);
        requested.check_present(&first.counts, &by_network[&first.value.as_deref()]);
        let others = by_network.iter().filter(|(network, _)| **network != first.value.as_deref());
        let others: Vec<&SessionRows> = others.flat_map(|(_, rows)| rows.iter().copied()).collect();
        let other = response.other.as_ref().unwrap();
        assert_eq!(other.values, requested.naive(&others));
        requested.check_present(other, &others);
        check_summary(&first.counts, &response);
        check_summary(other, &response);
        assert_eq!(response.by.as_deref(), Some("network"));
    }
}

#[tokio::test]
async fn filters_segments_and_open_sessions_narrow_it_down() {
    let scene = Scene::random(11, 80).await;
    let requested = Requested { step_ms: 1_000, visitors: false, playing: false };
    let filter = r#"[{"dimension": "channel", "operator": "in", "values": ["one", "two"]}]"#;
    let request = requested.parse(&[("filters", filter), ("segment", "audio"), ("include_open", "false")]);
    let response = scene.reports.concurrency(&request).await.unwrap();
    let wanted = |rows: &&SessionRows| {
        matches!(param(rows, "media.channel"), Some("one" | "two"))
            && param(rows, "media.contentType") == Some("podcast")
            && rows.session.close_reason.is_some()
    };
    let expected: Vec<&SessionRows> = scene.sessions.iter().filter(wanted).collect();
    assert_eq!(response.all.values, requested.naive(&expected));
    assert!(response.all.peak.value > 0);
}

#[tokio::test]
async fn nobody_there_gives_zeros() {
    let scene = Scene::new(crowd(3, 10)).await;
    let empty = Scene::new(Vec::new()).await;
    for reports in [&scene.reports, &empty.reports] {
        for count in ["sessions", "visitors"] {
            let query = [("from", "2020-01-01T00:00:00Z"), ("to", "2020-01-01T00:05:00Z"), ("count", count)];
            let request = ConcurrencyRequest::parse(&pairs(&query), i64::MAX).unwrap();
            let response = reports.concurrency(&request).await.unwrap();
            assert_eq!(response.all.values, [0; 5]);
            assert_eq!((response.all.peak.value, response.all.peak.at.clone()), (0, None));
            let query = [query[0], ("to", "2020-01-01T00:00:00Z"), query[2], ("by", "channel")];
            let request = ConcurrencyRequest::parse(&pairs(&query), i64::MAX).unwrap();
            let response = reports.concurrency(&request).await.unwrap();
            assert!(response.all.values.is_empty() && response.series.is_empty() && response.other.is_none());
            assert_eq!(response.all.average, None);
        }
    }
}

#[tokio::test]
async fn no_query_takes_more_memory_than_it_may() {
    let settings = EngineSettings { query_memory_bytes: 1024 * 1024, ..EngineSettings::default() };
    let scene = Scene::with_settings(crowd(13, 40), settings).await;
    let week = [("from", "2026-10-24"), ("to", "2026-10-31"), ("granularity", "second")];
    let request = ConcurrencyRequest::parse(&pairs(&week), i64::MAX).unwrap();
    let error = scene.reports.concurrency(&request).await.unwrap_err();
    assert!(matches!(error, Error::TooMuchMemory { limit_bytes: 1_048_576 }), "{error:?}");
    let day = [week[0], ("to", "2026-10-25"), ("count", "visitors"), ("by", "channel")];
    let request = ConcurrencyRequest::parse(&pairs(&day), i64::MAX).unwrap();
    scene.reports.concurrency(&request).await.unwrap();
}

#[test]
fn ranges_have_limits_and_usual_ends() {
    let day_ms = 86_400_000;
    let parse = |query: &[(&str, &str)]| ConcurrencyRequest::parse(&pairs(query), 20 * day_ms);
    let usual = parse(&[]).unwrap();
    assert_eq!((usual.scope.range.from_ms, usual.scope.range.to_ms), (Some(19 * day_ms), Some(20 * day_ms)));
    let week = [("from", "2026-11-01"), ("to", "2026-11-08"), ("granularity", "second")];
    assert!(parse(&week).is_ok());
    let longer = [("from", "2026-11-01"), ("to", "2026-11-09"), ("granularity", "second")];
    let found = faults(parse(&longer));
    assert_eq!(
        found,
        ["from: is more than 604800 seconds before to; use a shorter range, or granularity=minute"]
    );
    let found = faults(parse(&[week[0], week[1], week[2], ("by", "channel")]));
    assert!(found[0].contains("more than 333333 seconds") && found[0].contains("a lower limit"), "{found:?}");
    let found = faults(parse(&[("from", "0001-01-01"), ("to", "9999-01-01"), ("coutn", "sessions")]));
    assert!(found[0].starts_with("from: is more than 604800 minutes"), "{found:?}");
    assert!(found[1].contains("did you mean count?"), "{found:?}");
}

#[tokio::test]
async fn minutes_that_have_not_come_were_counted_as_empty() {
    let scene = Scene::random(31, 40).await;
    let time = |ms: i64| jiff::Timestamp::from_millisecond(ms).unwrap().to_string();
    let (from, to) = (time(HOUR_MS), time(HOUR_MS + 7_200_000));
    let ask = async |to: &str, now_ms: i64| {
        let query = [("from", from.as_str()), ("to", to)];
        let request = ConcurrencyRequest::parse(&pairs(&query), now_ms).unwrap();
        scene.reports.concurrency(&request).await.unwrap()
    };
    // Ten minutes and a half are over.
    let now_ms = HOUR_MS + 630_000;
    let (cut, until_now) = (ask(&to, now_ms).await, ask(&time(now_ms), i64::MAX).await);
    assert_eq!(cut.all.values.len(), 11);
    assert!(cut.all.average.unwrap() > 0.0);
    assert_eq!(cut.all, until_now.all);
    assert!(ask(&to, HOUR_MS - 1).await.all.values.is_empty());
}
