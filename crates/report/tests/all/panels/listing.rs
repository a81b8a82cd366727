//! Lists of sessions against filters and orders over the sessions themselves.

use std::cmp::Ordering;

use playhead_protocol::ParamId;
use playhead_report::SessionListRequest;
use playhead_report::panels::SessionList;
use playhead_samples::{SampleSettings, Sessions};
use playhead_session::{AdView, SessionRows, ViewEnd, seconds};

use crate::panels::scene::{Scene, faults, pairs, param};

async fn scene(seed: u64) -> Scene {
    let settings =
        SampleSettings { open_sessions: true, sessions: 300, contents: 5, ..SampleSettings::default() };
    Scene::new(Sessions::new(seed, settings).collect()).await
}

async fn list(scene: &Scene, query: &[(&str, &str)]) -> SessionList {
    scene.reports.session_list(&SessionListRequest::parse(&pairs(query)).unwrap()).await.unwrap()
}

fn ids(list: &SessionList) -> Vec<String> {
    list.sessions.iter().map(|row| row["session_id"].as_str().unwrap().to_owned()).collect()
}

/// The ids of all pages, and how many sessions each page said there are.
async fn all_pages(scene: &Scene, query: &[(&str, &str)]) -> (Vec<String>, Vec<u64>) {
    let (mut found, mut totals) = (Vec::new(), Vec::new());
    let mut cursor: Option<String> = None;
    loop {
        let mut query = query.to_vec();
        query.push(("limit", "70"));
        query.extend(cursor.as_deref().map(|cursor| ("cursor", cursor)));
        let page = list(scene, &query).await;
        found.extend(ids(&page));
        totals.push(page.total);
        cursor = page.next_cursor;
        if cursor.is_none() {
            return (found, totals);
        }
    }
}

/// The ids of the sessions that pass, in order of a value, those without one last.
fn naive(
    scene: &Scene,
    passes: impl Fn(&SessionRows) -> bool,
    key: impl Fn(&SessionRows) -> Option<f64>,
    is_descending: bool,
) -> Vec<String> {
    let mut rows: Vec<&SessionRows> = scene.sessions.iter().filter(|rows| passes(rows)).collect();
    rows.sort_by(|one, other| {
        let by_key = match (key(one), key(other)) {
            (Some(one), Some(other)) if is_descending => other.total_cmp(&one),
            (Some(one), Some(other)) => one.total_cmp(&other),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => Ordering::Equal,
        };
        by_key.then_with(|| other.session.session_id.to_string().cmp(&one.session.session_id.to_string()))
    });
    rows.iter().map(|rows| rows.session.session_id.to_string()).collect()
}

/// The share of buffering in the time of content and buffering.
fn rebuffer(rows: &SessionRows) -> Option<f64> {
    let (buffer, content) = (seconds(rows.session.buffer_ms), seconds(rows.session.content_ms));
    (buffer + content > 0.0).then(|| buffer / (buffer + content))
}

fn dropped(rows: &SessionRows) -> bool {
    rows.session.close_reason.is_some() && !rows.session.content_start
}

#[tokio::test]
async fn a_list_could_not_be_ordered_by_a_metric_nor_be_paged_in_that_order() {
    let scene = scene(81).await;
    let to_start = |rows: &SessionRows| rows.session.time_to_start_ms;

    let started = |rows: &SessionRows| Some(rows.session.started_at_ms as f64);
    let errors = |rows: &SessionRows| Some(f64::from(rows.session.error_events));
    type Key<'a> = &'a dyn Fn(&SessionRows) -> Option<f64>;
    let orders: [(&str, Key<'_>); 4] = [
        ("time_to_start_ms", &to_start),
        ("rebuffer_ratio", &rebuffer),
        ("started_at", &started),
        ("error_events", &errors),
    ];
    for (name, key) in orders {
        for is_descending in [true, false] {
            let order = format!("{}{name}", if is_descending { "-" } else { "" });
            let (found, totals) = all_pages(&scene, &[("order_by", &order)]).await;
            assert_eq!(found, naive(&scene, |_| true, key, is_descending), "{order}");
            assert!(totals.iter().all(|total| *total == 300), "{order}: {totals:?}");
        }
    }
    let usual = ids(&list(&scene, &[("limit", "300")]).await);
    assert_eq!(usual, naive(&scene, |_| true, started, true));
}

#[tokio::test]
async fn a_number_of_sessions_led_to_no_list_of_them() {
    let scene = scene(82).await;
    let started = |rows: &SessionRows| Some(rows.session.started_at_ms as f64);
    type Passes = fn(&SessionRows) -> bool;
    let questions: [(&str, Passes); 7] = [
        (r#"[{"dimension":"player_name","operator":"=","value":"avplayer"}]"#, |rows| {
            param(rows, "media.playerName") == Some("avplayer")
        }),
        (r#"[{"dimension":"drop_before_start","operator":"=","value":true}]"#, dropped),
        (r#"[{"dimension":"drops_before_start","operator":">","value":0}]"#, dropped),
        (r#"[{"dimension":"rebuffer_ratio","operator":">","value":0.02}]"#, |rows| {
            rebuffer(rows).is_some_and(|ratio| ratio > 0.02)
        }),
        (r#"[{"dimension":"error_source","operator":"=","value":"player"}]"#, |rows| {
            rows.errors.iter().any(|error| &*error.source == "player")
        }),
        (
            r#"[{"dimension":"time_played","operator":">","value":10},{"dimension":"end","operator":"=","value":"completed"},{"dimension":"advertiser","operator":"exists"}]"#,
            |rows| {
                rows.ads.iter().any(|ad: &AdView| {
                    let is_known = ad.params.text(ParamId::named("media.ad.advertiser")).is_some();
                    is_known && ad.end == Some(ViewEnd::Completed) && ad.time_ms > 10_000
                })
            },
        ),
        (
            r#"{"or":[{"dimension":"error_events","operator":">=","value":1},{"dimension":"is_open","operator":"=","value":true}]}"#,
            |rows| rows.session.error_events > 0 || rows.session.close_reason.is_none(),
        ),
    ];
    for (filters, passes) in questions {
        let expected = naive(&scene, passes, started, true);
        assert!(!expected.is_empty() && expected.len() < 300, "{filters} lets {} through", expected.len());
        let (found, totals) = all_pages(&scene, &[("filters", filters)]).await;
        assert_eq!(found, expected, "{filters}");
        assert!(totals.iter().all(|total| *total == expected.len() as u64), "{filters}: {totals:?}");
    }
    let closed = |rows: &SessionRows| rows.session.close_reason.is_some();
    let expected = naive(&scene, closed, started, true);
    assert_eq!(all_pages(&scene, &[("include_open", "false")]).await.0, expected);
    assert_eq!(all_pages(&scene, &[("open", "false"), ("segment", "all")]).await.0, expected);
}

#[tokio::test]
async fn faults_of_a_list_come_together() {
    let scene = scene(83).await;
    let page = list(&scene, &[("limit", "1"), ("order_by", "error_events")]).await;
    let cursor = page.next_cursor.unwrap();
    let query = [
        ("order_by", "-player_name"),
        ("limit", "1001"),
        ("diagnosis", "late_evnt"),
        ("open", "maybe"),
        ("cursor", &*cursor),
        (
            "filters",
            r#"{"or":[{"dimension":"error_id","operator":"=","value":"x"},{"dimension":"advertiser","operator":"=","value":"y"}]}"#,
        ),
        ("sort", "x"),
    ];
    let found = faults(SessionListRequest::parse(&pairs(&query)));
    let has = |text: &str| assert!(found.iter().any(|fault| fault.contains(text)), "{text}: {found:?}");
    has("order_by: names \"player_name\"; sessions are ordered by a number");
    has("limit: must be a whole number from 1 to 1000");
    has("did you mean late_event?");
    has("open: must be one of true, false");
    has("cursor: must be a cursor of an earlier page in this order");
    has("filters: join error_id, advertiser, which no rows have together");
    has("sort: is not a parameter");
    let found = faults(SessionListRequest::parse(&pairs(&[("order_by", "visitors")])));
    assert!(found[0].contains("names no dimension: \"visitors\""), "{found:?}");
}
