//! Errors of the quality panel against counts over the errors themselves.

use std::collections::{BTreeMap, BTreeSet};

use playhead_report::panels::quality::QualityRequest;
use playhead_samples::{SampleSettings, Sessions};
use playhead_session::{ErrorView, SessionRows};

use crate::panels::scene::{Scene, pairs};

/// An error in a session: its source and id.
type Key = (String, Option<String>);

/// How often each error came, and in how many sessions.
fn naive(sessions: &[&SessionRows]) -> BTreeMap<Key, (u64, u64)> {
    let mut found: BTreeMap<Key, (u64, BTreeSet<String>)> = BTreeMap::new();
    for rows in sessions {
        for error in rows.errors.iter() {
            let key = (error.source.to_string(), error.error_id.as_deref().map(str::to_owned));
            let (errors, sessions) = found.entry(key).or_default();
            *errors += 1;
            sessions.insert(rows.session.session_id.to_string());
        }
    }
    found.into_iter().map(|(key, (errors, sessions))| (key, (errors, sessions.len() as u64))).collect()
}

async fn found(scene: &Scene, query: &[(&str, &str)]) -> BTreeMap<Key, (u64, u64)> {
    let query = [query, &[("limit", "50")]].concat();
    let response = scene.reports.quality(&QualityRequest::parse(&pairs(&query), 0).unwrap()).await.unwrap();
    for of in &response.errors_by_id {
        let rate = of.sessions as f64 / response.all.sessions as f64;
        assert!((of.error_rate.unwrap() - rate).abs() < 1e-6);
    }
    let counts = response.errors_by_id.into_iter();
    counts.map(|of| ((of.source, of.error_id), (of.errors, of.sessions))).collect()
}

/// A tenth of the sessions have errors that the lists of their rows do not tell: a source of the player's own, errors beside
/// others without an id, and ids after the twentieth.
fn sessions() -> Vec<SessionRows> {
    let settings =
        SampleSettings { open_sessions: true, sessions: 300, contents: 5, ..SampleSettings::default() };
    let mut sessions: Vec<SessionRows> = Sessions::new(76, settings).collect();
    for rows in sessions.iter_mut().step_by(10) {
        let at_ms = rows.session.started_at_ms;
        let error = |id: Option<String>, source: &str| ErrorView {
            error_id: id.map(Into::into),
            source: source.into(),
            at_ms,
            playhead: 0.0,
        };
        let list: Vec<Box<str>> = (1..=20).map(|number| format!("E{number}").into()).collect();
        let errors = rows.errors.to_mut();
        errors.extend((1..=22).map(|number| error(Some(format!("E{number}")), "player")));
        errors.extend([error(Some("K1".to_owned()), "drm"), error(None, "drm"), error(None, "player")]);
        rows.session.error_events = errors.len() as u32;
        rows.session.player_errors = list.into();
    }
    sessions
}

#[tokio::test]
async fn errors_are_those_of_the_table_with_their_own_sources() {
    let scene = Scene::new(sessions()).await;
    let expected = naive(&scene.all());
    assert_eq!(found(&scene, &[]).await, expected);
    let of = |source: &str, id: Option<&str>| expected[&(source.to_owned(), id.map(str::to_owned))].1;
    assert_eq!((of("drm", Some("K1")), of("drm", None), of("player", Some("E22"))), (30, 30, 30));
}

#[tokio::test]
async fn errors_follow_filters_also_those_that_only_sessions_have() {
    let scene = Scene::new(sessions()).await;
    let of = |is_so: &dyn Fn(&SessionRows) -> bool| {
        naive(&scene.sessions.iter().filter(|rows| is_so(rows)).collect::<Vec<_>>())
    };
    let long = r#"[{"dimension": "content_time_spent", "operator": ">", "value": 600}]"#;
    assert_eq!(found(&scene, &[("filters", long)]).await, of(&|rows| rows.session.content_ms > 600_000));
    let closed = [("filters", long), ("include_open", "false")];
    let expected = of(&|rows| rows.session.content_ms > 600_000 && rows.session.close_reason.is_some());
    assert_eq!(found(&scene, &closed).await, expected);
    let day = [("from", "2026-01-02"), ("to", "2026-01-03")];
    let day_ms = 1_767_312_000_000..1_767_398_400_000;
    let expected = of(&|rows| day_ms.contains(&rows.session.started_at_ms));
    assert!(!expected.is_empty());
    assert_eq!(found(&scene, &day).await, expected);
}
