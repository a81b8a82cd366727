//! The numbers of a sample fit each other and the metrics contract.

use std::collections::HashSet;

use playhead_protocol::{Endpoint, Validation, parse_event};
use playhead_samples::{SampleSettings, Sessions, events, ping_bodies};
use playhead_session::{ReadRows, SessionRows, ViewEnd, visitor_of_params};

fn sample(open_sessions: bool) -> Vec<SessionRows> {
    let settings = SampleSettings { sessions: 5_000, days: 7, open_sessions, ..SampleSettings::default() };
    Sessions::new(7, settings).collect()
}

fn length_ms(spans: &[(i64, i64)]) -> i64 {
    spans.iter().map(|(from, to)| to - from).sum()
}

#[test]
fn one_seed_gives_the_same_rows_again_and_any_part_of_them() {
    let settings = SampleSettings::default();
    let all: Vec<_> = Sessions::new(1, settings).collect();
    assert_eq!(all.len(), 500);
    assert!(all == Sessions::new(1, settings).collect::<Vec<_>>());
    assert!(all[120..180] == Sessions::new(1, settings).part(120, 180).collect::<Vec<_>>());
    assert!(all != Sessions::new(2, settings).collect::<Vec<_>>());
}

#[test]
fn times_and_spans_of_a_row_agree() {
    for SessionRows { session, ads, chapters, errors } in sample(false) {
        assert_eq!(length_ms(&session.playing_spans), session.content_ms + session.ad_ms);
        let active_ms = length_ms(&session.active_spans);
        let known_ms =
            session.content_ms + session.ad_ms + session.pause_ms + session.buffer_ms + session.stall_ms;
        assert!(active_ms >= known_ms, "startup and gaps between ads come on top");
        assert_eq!(session.last_event_at_ms, session.started_at_ms + active_ms);
        let ordered = |spans: &[(i64, i64)]| {
            spans.iter().all(|(from, to)| from < to) && spans.windows(2).all(|pair| pair[0].1 < pair[1].0)
        };
        assert!(ordered(&session.active_spans) && ordered(&session.playing_spans));
        assert!(session.watched_spans.windows(2).all(|pair| pair[0].1 < pair[1].0));
        let watched: f64 = session.watched_spans.iter().map(|(from, to)| to - from).sum();
        let rewatched: f64 = session.rewatched_spans.iter().map(|(from, to)| to - from).sum();
        assert!((watched - session.unique_seconds).abs() < 1e-6);
        assert!((watched + rewatched - session.content_ms as f64 / 1_000.0).abs() < 1e-3);
        assert_eq!(ads.iter().map(|ad| ad.time_ms).sum::<i64>(), session.ad_ms);
        assert_eq!(ads.len(), session.ad_count as usize);
        assert_eq!(chapters.len(), session.chapter_count as usize);
        assert_eq!(errors.len(), session.error_events as usize);
        if !chapters.is_empty() {
            assert_eq!(chapters.iter().map(|chapter| chapter.time_ms).sum::<i64>(), session.content_ms);
        }
        assert!(
            ads.iter().all(|ad| ad.end.is_some()) && chapters.iter().all(|chapter| chapter.end.is_some())
        );
        assert!(session.content_start || session.content_ms == 0);
        assert_eq!(session.content_segment.is_some(), session.content_start);
        assert!(!session.content_complete || session.progress == [true; 5]);
        assert!(session.progress.windows(2).all(|pair| pair[0] || !pair[1]));
        assert!(session.event_count >= 2);
        assert!(session.received_at_ms >= session.started_at_ms);
        assert!(
            session.params.iter().map(|(id, _)| id).is_sorted(),
            "values stand in the order of the table"
        );
    }
}

#[test]
fn starts_ascend_and_the_evening_is_the_busiest() {
    let rows = sample(false);
    assert!(rows.is_sorted_by_key(|rows| rows.session.started_at_ms));
    let days: HashSet<_> = rows.iter().map(|rows| rows.session.started_at_ms / 86_400_000).collect();
    assert_eq!(days.len(), 7);
    let in_hours = |from, to| {
        let hour =
            |rows: &&SessionRows| (from..to).contains(&(rows.session.started_at_ms % 86_400_000 / 3_600_000));
        rows.iter().filter(hour).count()
    };
    assert!(in_hours(19, 22) > 5 * in_hours(2, 5));
}

#[test]
fn there_are_a_third_as_many_visitors_as_sessions_and_some_are_unknown() {
    let rows = sample(false);
    let visitor =
        |rows: &SessionRows| visitor_of_params(&rows.session.params).map(|visitor| visitor.id.to_owned());
    let unknown = rows.iter().filter(|rows| visitor(rows).is_none()).count();
    assert!((100..500).contains(&unknown), "{unknown}");
    let known: HashSet<_> = rows.iter().filter_map(visitor).collect();
    assert!((1_200..1_800).contains(&known.len()), "{}", known.len());
}

#[test]
fn everything_that_a_row_can_say_occurs() {
    let rows = sample(true);
    let some = |what: fn(&SessionRows) -> bool| rows.iter().filter(|rows| what(rows)).count() > 5;
    assert!(some(|rows| rows.session.close_reason.is_none()));
    assert!(some(|rows| rows.ads.iter().any(|ad| ad.end == Some(ViewEnd::Skipped))));
    assert!(some(|rows| rows.chapters.iter().any(|chapter| chapter.end.is_none())));
    assert!(some(|rows| rows.session.average_bitrate.is_none()));
    assert!(some(|rows| rows.session.stall_ms > 0 && rows.session.buffer_ms > 0));
    assert!(some(|rows| !rows.session.rewatched_spans.is_empty()));
    assert!(some(|rows| rows.session.content_resume));
    assert!(some(|rows| !rows.session.states.is_empty()));
    assert!(some(|rows| !rows.session.external_errors.is_empty()));
    assert!(some(|rows| rows.session.custom_metadata.is_empty()));
}

#[test]
fn event_bodies_are_accepted_strictly_and_have_the_size_of_real_ones() {
    let first: Vec<_> = events(3, 1_767_225_600_000).take(40_000).collect();
    let mut started = HashSet::new();
    for event in &first {
        let is_start = started.insert(event.session);
        let endpoint = if is_start { Endpoint::SessionStart } else { Endpoint::Events };
        assert!(parse_event(event.body.as_bytes(), endpoint, Validation::Strict).is_ok(), "{}", event.body);
    }
    assert_eq!(started.len(), 1_000);
    let bodies = ping_bodies(3, 40_000);
    assert_eq!(bodies[1_234], first[1_234].body);
    let mean = bodies.iter().map(String::len).sum::<usize>() / bodies.len();
    assert!((200..400).contains(&mean), "{mean}");
}

#[test]
fn rows_read_back_write_the_same_text_and_name_the_same_visitor() {
    for rows in sample(true) {
        let text = rows.write().unwrap();
        let read = ReadRows::read(text.as_bytes()).unwrap();
        assert_eq!(read.write().unwrap(), text);
        let id = rows.session.session_id.to_string();
        let named = visitor_of_params(&rows.session.params);
        assert_eq!(
            read.session.visitor().map(|visitor| visitor.id),
            named.map_or(Some(&*id), |named| Some(named.id))
        );
        assert!(named.is_none() || read.session.visitor() == named);
    }
}
