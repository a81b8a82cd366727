//! What got worse, against counts over the sessions themselves.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;

use playhead_report::panels::MetadataKeysRequest;
use playhead_report::panels::quality::worsened::{WorsenedRequest, WorsenedValue};
use playhead_samples::{SampleSettings, Sessions};
use playhead_session::SessionRows;

use crate::panels::scene::{Scene, faults, pairs, param};

const DAY_MS: i64 = 86_400_000;

async fn scene(seed: u64) -> Scene {
    let settings = SampleSettings {
        open_sessions: true,
        sessions: 600,
        contents: 5,
        days: 2,
        ..SampleSettings::default()
    };
    Scene::new(Sessions::new(seed, settings).collect()).await
}

/// Sessions and affected ones of a day, in all and by channel.
fn naive(scene: &Scene, from_ms: i64) -> BTreeMap<Option<String>, (u64, u64)> {
    let mut found = BTreeMap::new();
    let is_there = |rows: &&SessionRows| (from_ms..from_ms + DAY_MS).contains(&rows.session.started_at_ms);
    for rows in scene.sessions.iter().filter(is_there) {
        let counts: &mut (u64, u64) =
            found.entry(param(rows, "media.channel").map(str::to_owned)).or_default();
        counts.0 += 1;
        counts.1 += u64::from(rows.session.error_events > 0);
    }
    found
}

#[tokio::test]
async fn a_spike_of_errors_did_not_say_where_they_were() {
    let mut scene = scene(84).await;
    let first_ms = scene.sessions.iter().map(|rows| rows.session.started_at_ms).min().unwrap();
    let second_ms = first_ms.div_euclid(DAY_MS) * DAY_MS + DAY_MS;
    for rows in &mut scene.sessions {
        if rows.session.started_at_ms >= second_ms && param(rows, "media.channel") == Some("web") {
            rows.session.error_events += 1;
        }
    }
    let scene = Scene::new(scene.sessions).await;
    let from = jiff::Timestamp::from_millisecond(second_ms).unwrap().to_string();
    let to = jiff::Timestamp::from_millisecond(second_ms + DAY_MS).unwrap().to_string();
    let query = [("from", &*from), ("to", &*to), ("by", "channel,player_name"), ("limit", "50")];
    let request = WorsenedRequest::parse(&pairs(&query), 0).unwrap();
    let response = scene.reports.worsened(&request).await.unwrap();

    let (now, before) = (naive(&scene, second_ms), naive(&scene, second_ms - DAY_MS));
    let sum = |counts: &BTreeMap<Option<String>, (u64, u64)>| {
        counts.values().fold((0, 0), |sum, counts| (sum.0 + counts.0, sum.1 + counts.1))
    };
    assert_eq!((response.now.sessions, response.now.affected), sum(&now));
    assert_eq!((response.before.sessions, response.before.affected), sum(&before));
    assert!(response.before.affected > 0 && response.now.affected > response.before.affected);
    let first = &response.values[0];
    assert_eq!((&*first.dimension, first.value.as_deref()), ("channel", Some("web")));
    let of = |counts: &BTreeMap<Option<String>, (u64, u64)>| counts[&Some("web".to_owned())];
    assert_eq!((first.now.sessions, first.now.affected), of(&now));
    assert_eq!((first.before.sessions, first.before.affected), of(&before));
    assert_eq!(first.now.affected, first.now.sessions);
    let share = |counts: &BTreeMap<Option<String>, (u64, u64)>| of(counts).1 as f64 / sum(counts).1 as f64;
    assert!((first.share - share(&now)).abs() < 1e-6 && (first.share_before - share(&before)).abs() < 1e-6);
    let rises: Vec<f64> = response.values.iter().map(|value| value.share - value.share_before).collect();
    assert!(
        rises.is_sorted_by(|one, other| one >= other) && rises.iter().all(|rise| *rise > 0.0),
        "{rises:?}"
    );
}

#[tokio::test]
async fn the_sessions_were_read_once_for_each_dimension_of_what_got_worse() {
    let scene = scene(87).await;
    let first_ms = scene.sessions.iter().map(|rows| rows.session.started_at_ms).min().unwrap();
    let from =
        jiff::Timestamp::from_millisecond(first_ms.div_euclid(DAY_MS) * DAY_MS + DAY_MS).unwrap().to_string();
    let key = scene.sessions.iter().find_map(|rows| rows.session.custom_metadata.iter().next()).unwrap().0;
    let names = [
        "channel",
        "content_id",
        "average_bitrate_bucket",
        "is_open",
        &format!("custom.{key}"),
        "player_name",
    ];
    let request = |by: &str| {
        let query = [("from", &*from), ("to", "2199-01-01"), ("by", by), ("above", "0"), ("limit", "50")];
        WorsenedRequest::parse(&pairs(&query), 0).unwrap()
    };
    let together = scene.reports.worsened(&request(&names.join(","))).await.unwrap();
    assert_eq!(scene.open_reads.load(Ordering::Relaxed), 1);
    assert!(
        together.values.iter().any(|value| value.value.is_none()),
        "sessions without a value are a value too"
    );

    let mut alone = Vec::new();
    for name in names {
        let response = scene.reports.worsened(&request(name)).await.unwrap();
        assert_eq!((&response.now, &response.before), (&together.now, &together.before), "{name}");
        alone.extend(response.values);
    }
    let sorted = |mut values: Vec<WorsenedValue>| {
        values.sort_by(|one, other| (&one.dimension, &one.value).cmp(&(&other.dimension, &other.value)));
        values
    };
    assert_eq!(sorted(together.values), sorted(alone));
}

#[tokio::test]
async fn a_stretch_without_anything_before_it_has_what_got_worse() {
    let scene = scene(85).await;
    let first_ms = scene.sessions.iter().map(|rows| rows.session.started_at_ms).min().unwrap();
    let from = jiff::Timestamp::from_millisecond(first_ms).unwrap().to_string();
    let request = WorsenedRequest::parse(&pairs(&[("from", &from), ("to", "2199-01-01")]), 0).unwrap();
    let response = scene.reports.worsened(&request).await.unwrap();
    assert_eq!((response.before.sessions, response.before.rate), (0, None));
    assert!(!response.values.is_empty(), "errors are not even");
    let nobody = WorsenedRequest::parse(&pairs(&[("from", "2001-01-01"), ("to", "2001-01-02")]), 0).unwrap();
    let response = scene.reports.worsened(&nobody).await.unwrap();
    assert!(response.values.is_empty() && response.now.rate.is_none());
}

#[tokio::test]
async fn faults_of_what_got_worse_come_together() {
    let many = ["channel"; 21].join(",");
    let query = [("metric", "player_name"), ("above", "much"), ("by", &*many)];
    let found = faults(WorsenedRequest::parse(&pairs(&query), 0));
    let has = |text: &str| assert!(found.iter().any(|fault| fault.contains(text)), "{text}: {found:?}");
    has("metric: names \"player_name\", which is no number of a session");
    has("above: must be a number");
    has("by: names more than 20 dimensions");
    let found =
        faults(WorsenedRequest::parse(&pairs(&[("metric", "eror_rate"), ("by", "chanel,diagnoses")]), 0));
    let has = |text: &str| assert!(found.iter().any(|fault| fault.contains(text)), "{text}: {found:?}");
    has("metric: names no dimension");
    has("did you mean channel?");
    has("of which one session may have several values");
}

#[tokio::test]
async fn keys_of_custom_metadata_come_with_how_many_sessions_have_them() {
    let scene = scene(86).await;
    let request = MetadataKeysRequest::parse(&pairs(&[("limit", "50")]), 0).unwrap();
    let found = scene.reports.metadata_keys(&request).await.unwrap().keys;
    let mut expected: BTreeMap<String, u64> = BTreeMap::new();
    for rows in &scene.sessions {
        for (key, _) in rows.session.custom_metadata.iter() {
            *expected.entry(key.to_owned()).or_default() += 1;
        }
    }
    assert!(!expected.is_empty());
    let counts: BTreeMap<String, u64> = found.iter().map(|key| (key.key.clone(), key.sessions)).collect();
    assert_eq!(counts, expected);
    assert!(found.is_sorted_by_key(|key| std::cmp::Reverse(key.sessions)));
}
