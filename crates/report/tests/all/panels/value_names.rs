//! The names of values in panels, against those that the sessions gave.

use std::collections::BTreeMap;

use playhead_report::panels::{ConcurrencyRequest, FunnelRequest, TimeSpentRequest, WorsenedRequest};
use playhead_session::SessionRows;

use crate::panels::scene::{HOUR_MS, Scene, faults, pairs, param};

/// The latest name of each content among these sessions, and how many others it has.
fn naive<'a>(sessions: impl Iterator<Item = &'a SessionRows>) -> BTreeMap<String, (String, u64)> {
    let mut given: BTreeMap<&str, BTreeMap<&str, i64>> = BTreeMap::new();
    for rows in sessions {
        let (Some(id), Some(name)) = (param(rows, "media.id"), param(rows, "media.name")) else { continue };
        let latest_ms = given.entry(id).or_default().entry(name).or_default();
        *latest_ms = (*latest_ms).max(rows.session.started_at_ms);
    }
    let latest = |names: BTreeMap<&str, i64>| {
        let (name, _) = names.iter().max_by_key(|(name, ms)| (**ms, **name)).unwrap();
        ((*name).to_owned(), names.len() as u64 - 1)
    };
    given.into_iter().map(|(id, names)| (id.to_owned(), latest(names))).collect()
}

fn moment(ms: i64) -> String {
    jiff::Timestamp::from_millisecond(ms).unwrap().to_string()
}

#[tokio::test]
async fn panels_by_content_told_ids_alone() {
    let scene = Scene::random(31, 300).await;
    let (from, to) = (moment(HOUR_MS - 3_600_000), moment(HOUR_MS + 7_200_000));
    let query =
        |names: &'static str| pairs(&[("from", &from), ("to", &to), ("by", "content_id"), ("names", names)]);
    let expected = naive(scene.sessions.iter());
    assert!(expected.len() == 3 && expected.values().all(|(_, others)| *others > 0), "{expected:?}");
    let has_names = |found: Vec<(Option<String>, Option<String>, u64)>| {
        let found: BTreeMap<String, (String, u64)> =
            found.into_iter().map(|(id, name, others)| (id.unwrap(), (name.unwrap(), others))).collect();
        assert_eq!(found, expected);
    };

    let request = ConcurrencyRequest::parse(&query("true"), i64::MAX).unwrap();
    let series = scene.reports.concurrency(&request).await.unwrap().series;
    has_names(series.into_iter().map(|of| (of.value, of.name.name, of.name.also_known_as_count)).collect());
    let request = TimeSpentRequest::parse(&query("true"), i64::MAX).unwrap();
    let series = scene.reports.time_spent(&request).await.unwrap().series;
    has_names(series.into_iter().map(|of| (of.value, of.name.name, of.name.also_known_as_count)).collect());
    let request = FunnelRequest::parse(&query("true"), 0).unwrap();
    let values = scene.reports.funnel(&request).await.unwrap().values;
    has_names(values.into_iter().map(|of| (of.value, of.name.name, of.name.also_known_as_count)).collect());

    let request = FunnelRequest::parse(&query("false"), 0).unwrap();
    let values = scene.reports.funnel(&request).await.unwrap().values;
    assert!(values.iter().all(|of| of.name.name.is_none()), "only where it is asked for");
}

#[tokio::test]
async fn what_got_worse_named_contents_by_id() {
    let mut scene = Scene::random(32, 300).await;
    for rows in &mut scene.sessions {
        rows.session.error_events = u32::from(param(rows, "media.id") == Some("content 1"));
    }
    let scene = Scene::new(scene.sessions).await;
    let (from, to) = (moment(HOUR_MS - 3_600_000), moment(HOUR_MS + 7_200_000));
    let query = pairs(&[
        ("from", &from),
        ("to", &to),
        ("by", "channel,content_id"),
        ("names", "true"),
        ("limit", "50"),
    ]);
    let request = WorsenedRequest::parse(&query, 0).unwrap();
    let values = scene.reports.worsened(&request).await.unwrap().values;
    let content = values.iter().find(|value| value.dimension == "content_id").unwrap();
    let (name, others) = &naive(scene.sessions.iter())["content 1"];
    assert_eq!((content.value.as_deref(), content.name.name.as_ref()), (Some("content 1"), Some(name)));
    assert_eq!(content.name.also_known_as_count, *others);
    let channels = values.iter().filter(|value| value.dimension == "channel");
    assert!(channels.clone().count() > 0 && channels.into_iter().all(|value| value.name.name.is_none()));
}

#[test]
fn names_of_what_has_none_are_refused() {
    let found = faults(FunnelRequest::parse(&pairs(&[("by", "channel"), ("names", "true")]), 0));
    assert_eq!(found, ["names: has nothing to name: by has no dimension with names, such as content_id"]);
    let found = faults(FunnelRequest::parse(&pairs(&[("by", "chanel"), ("names", "true")]), 0));
    assert!(found.len() == 1 && found[0].starts_with("by: names no dimension"), "{found:?}");
    let found = faults(ConcurrencyRequest::parse(&pairs(&[("by", "content_id"), ("names", "yes")]), 0));
    assert!(found[0].starts_with("names: must be one of false, true"), "{found:?}");
}
