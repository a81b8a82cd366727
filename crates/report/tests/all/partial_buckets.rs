//! Buckets that have not come are left out, and those that are counted only in part are marked.

use playhead_report::QueryRequest;
use playhead_report::panels::quality::QualityRequest;
use playhead_report::panels::time_spent::TimeSpentRequest;
use playhead_samples::SampleSettings;
use serde_json::{Value, json};

use crate::panels::scene::{HOUR_MS, Scene, pairs};
use crate::query_model::sample::Sample;

fn ms(text: &str) -> i64 {
    text.parse::<jiff::Timestamp>().unwrap().as_millisecond()
}

async fn asked_at(sample: &Sample, query: Value, now: &str) -> Value {
    let request = QueryRequest::parse(query.to_string().as_bytes()).unwrap().asked_at(ms(now));
    serde_json::to_value(sample.reports.query(&request).await.unwrap()).unwrap()
}

async fn sample() -> Sample {
    Sample::seeded(3, SampleSettings { sessions: 300, contents: 6, ..SampleSettings::default() }).await
}

#[tokio::test]
async fn hours_that_have_not_come_were_returned_as_zeros() {
    let sample = sample().await;
    let query = json!({"metrics": ["sessions"], "granularity": "hour",
        "from": "2026-01-01T00:30:00Z", "to": "2026-06-01T00:00:00Z"});
    let last = asked_at(&sample, query.clone(), "2030-01-01T00:00:00Z").await;
    let rows = last["rows"].as_array().unwrap();
    let counted = rows.iter().rposition(|row| row[1] != 0).unwrap();
    assert!(counted + 48 < rows.len(), "the range goes on after the last session");
    let is_partial = last["is_partial"].as_array().unwrap();
    assert_eq!(is_partial.len(), rows.len());
    assert_eq!(is_partial[0], true, "the range begins in it");
    assert!(is_partial[1..].iter().all(|is_partial| is_partial == false));

    // Ten minutes into an hour, a day after the last session.
    let now = ms(rows[counted + 24][0].as_str().unwrap()) + 600_000;
    let now = jiff::Timestamp::from_millisecond(now).unwrap().to_string();
    let cut = asked_at(&sample, query.clone(), &now).await;
    assert_eq!(cut["rows"].as_array().unwrap()[..], rows[..=counted + 24]);
    assert_eq!(cut["totals"], last["totals"]);
    let is_partial = cut["is_partial"].as_array().unwrap();
    assert_eq!(is_partial.last().unwrap(), true, "it has not ended");
    assert_eq!(is_partial.iter().filter(|is_partial| **is_partial == true).count(), 2);

    // What a wrong clock puts into the future is shown.
    let early = asked_at(&sample, query, "2026-01-01T00:40:00Z").await;
    assert_eq!(early["rows"].as_array().unwrap().len(), counted + 1);
    assert_eq!(early["totals"], last["totals"]);
}

#[tokio::test]
async fn only_series_say_which_rows_are_partial() {
    let sample = sample().await;
    let now = "2030-01-01T00:00:00Z";
    let whole = asked_at(&sample, json!({"metrics": ["sessions"], "dimensions": ["channel"]}), now).await;
    assert_eq!(whole["is_partial"], Value::Null);
    // Rows in another order keep their marks.
    let query = json!({"metrics": ["sessions"], "dimensions": ["channel"], "granularity": "day",
        "order_by": ["-sessions"], "from": "2026-01-01T00:30:00Z"});
    let by_channel = asked_at(&sample, query, now).await;
    let (rows, is_partial) =
        (by_channel["rows"].as_array().unwrap(), by_channel["is_partial"].as_array().unwrap());
    assert_eq!(rows.len(), is_partial.len());
    for (row, is_partial) in rows.iter().zip(is_partial) {
        assert_eq!(*is_partial, row[0] == "2026-01-01T00:00:00Z", "{row}");
    }
    assert!(is_partial.contains(&json!(true)));
}

#[tokio::test]
async fn series_of_panels_end_at_the_present() {
    let scene = Scene::random(21, 70).await;
    let played = scene.sessions.iter().flat_map(|rows| rows.session.playing_spans.iter());
    let now_ms = played.map(|(_, to_ms)| *to_ms).max().unwrap() + 60_000;
    let now_ms =
        now_ms.max(scene.sessions.iter().map(|rows| rows.session.started_at_ms).max().unwrap() + 60_000);
    let time = |ms: i64| jiff::Timestamp::from_millisecond(ms).unwrap().to_string();
    let from_ms = (HOUR_MS / 3_600_000 - 2) * 3_600_000;
    let (from, to) = (time(from_ms), time(now_ms + 36_000_000));
    let range = [("from", from.as_str()), ("to", to.as_str())];

    let request = TimeSpentRequest::parse(&pairs(&range), now_ms).unwrap();
    let spent = scene.reports.time_spent(&request).await.unwrap();
    let hours = usize::try_from((now_ms - from_ms) / 3_600_000).unwrap() + 1;
    assert_eq!((spent.starts.len(), spent.all.seconds.len()), (hours, hours));
    let mut expected = vec![false; hours];
    expected[hours - 1] = true;
    assert_eq!(spent.is_partial, expected);
    let open = TimeSpentRequest::parse(&pairs(&range), now_ms + 90_000_000).unwrap();
    let open = scene.reports.time_spent(&open).await.unwrap();
    assert_eq!(open.all.total_seconds, spent.all.total_seconds);
    assert!(open.starts.len() > hours);

    let range = [&range[..], &[("granularity", "hour")]].concat();
    let quality = QualityRequest::parse(&pairs(&range), now_ms).unwrap();
    let quality = scene.reports.quality(&quality).await.unwrap();
    assert_eq!(quality.series.iter().map(|point| point.is_partial).collect::<Vec<_>>(), expected);
    assert_eq!(quality.series.iter().map(|point| point.numbers.sessions).sum::<u64>(), quality.all.sessions);
}
