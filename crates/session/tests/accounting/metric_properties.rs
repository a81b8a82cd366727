//! Properties of the metrics of every session, whatever its events.

use playhead_session::{Session, SessionRow, SessionRows};
use proptest::prelude::*;

use crate::player::SESSION_ID;
use crate::random::{arrive, cases, opened, run, sessions, settings};

proptest! {
    #![proptest_config(cases(600))]

    #[test]
    fn no_time_is_counted_twice(sent in sessions(80)) {
        let row = run(&sent, &mut ()).row();
        let counted_ms = row.content_ms + row.ad_ms + row.pause_ms + row.buffer_ms + row.stall_ms;
        prop_assert!(counted_ms <= row.last_event_at_ms - row.started_at_ms);
        for part_ms in [row.content_ms, row.ad_ms, row.pause_ms, row.buffer_ms, row.stall_ms] {
            prop_assert!(part_ms >= 0);
        }
    }

    #[test]
    fn parts_are_no_more_than_the_whole(sent in sessions(80)) {
        let rows = run(&sent, &mut ()).rows();
        let row = &rows.session;
        prop_assert_eq!(rows.ads.iter().map(|ad| ad.time_ms).sum::<i64>(), row.ad_ms);
        prop_assert_eq!(rows.ads.len(), row.ad_count as usize);
        prop_assert_eq!(rows.chapters.len(), row.chapter_count as usize);
        prop_assert_eq!(rows.errors.len(), row.error_events as usize);
        prop_assert!(rows.ads.iter().all(|ad| ad.end.is_some()) && rows.chapters.iter().all(|chapter| chapter.end.is_some()));
        prop_assert!(rows.chapters.iter().all(|chapter| chapter.time_ms >= 0));
        // A stall takes time back only from the chapter that is open when the stall is found.
        prop_assert!(rows.chapters.iter().map(|chapter| chapter.time_ms).sum::<i64>() <= row.content_ms + row.stall_ms);
        prop_assert!(row.states.iter().all(|state| state.time_ms <= row.last_event_at_ms - row.started_at_ms));
        let playing_ms: i64 = row.playing_spans.iter().map(|(from, to)| to - from).sum();
        prop_assert_eq!(playing_ms, row.content_ms + row.ad_ms);
        prop_assert!(row.playing_spans.windows(2).all(|pair| pair[0].1 < pair[1].0));
        prop_assert!(row.active_spans.windows(2).all(|pair| pair[0].1 < pair[1].0));
        prop_assert!(row.watched_spans.windows(2).all(|pair| pair[0].1 < pair[1].0));
        // The sessions are of content of 300 s, and the playheads go beyond it.
        prop_assert!(row.unique_seconds <= 300.0 + 1e-9);
        let mut spans = row.watched_spans.iter().chain(row.rewatched_spans.iter());
        prop_assert!(spans.all(|&(from, to)| 0.0 <= from && from < to && to <= 300.0));
    }

    #[test]
    fn metrics_of_an_open_session_never_decrease(sent in sessions(80)) {
        let mut session = opened(SESSION_ID, &sent, &mut ());
        let mut before = session.rows();
        for (sequence, sent) in sent.iter().enumerate().skip(1) {
            let sample = |session: &Session, before: &mut SessionRows| {
                let after = session.rows();
                let outcome = never_decreased(before, &after);
                *before = after;
                outcome
            };
            session.advance_to(sent.arrived_at_ms, &settings(), &mut ());
            sample(&session, &mut before)?;
            arrive(&mut session, sequence, sent, &mut ());
            sample(&session, &mut before)?;
        }
        session.advance_to(i64::MAX, &settings(), &mut ());
        never_decreased(&before, &session.rows())?;
    }
}

fn never_decreased(before: &SessionRows, after: &SessionRows) -> Result<(), TestCaseError> {
    let (old, new) = (&before.session, &after.session);
    for (old, new) in growing(old).into_iter().zip(growing(new)) {
        prop_assert!(new >= old, "{before:?}\n{after:?}");
    }
    prop_assert!(new.unique_seconds >= old.unique_seconds - 1e-9);
    prop_assert!(new.started_at_ms <= old.started_at_ms);
    prop_assert_eq!(old.diagnoses.since(new.diagnoses).iter().count(), 0);
    // Content time, and all metrics derived from it, decrease only by the time that moves to a stall.
    let stalled_ms = new.stall_ms - old.stall_ms;
    prop_assert!(new.content_ms + stalled_ms >= old.content_ms);
    let chapters_ms = |rows: &SessionRows| rows.chapters.iter().map(|chapter| chapter.time_ms).sum::<i64>();
    prop_assert!(chapters_ms(after) + stalled_ms >= chapters_ms(before));
    for (old, new) in old.states.iter().zip(new.states.iter()) {
        prop_assert!(new.name == old.name && new.count >= old.count && new.time_ms >= old.time_ms);
    }
    for (old, new) in before.ads.iter().zip(after.ads.iter()) {
        prop_assert!(new.time_ms >= old.time_ms && (old.end.is_none() || new.end == old.end));
    }
    for (old, new) in before.chapters.iter().zip(after.chapters.iter()) {
        prop_assert!(old.end.is_none() || *new == *old, "a chapter that is over never changes");
    }
    prop_assert!(new.player_errors.starts_with(&old.player_errors));
    prop_assert!(new.external_errors.starts_with(&old.external_errors));
    prop_assert!(after.errors.starts_with(&before.errors));
    Ok(())
}

fn growing(row: &SessionRow) -> Vec<i64> {
    let [mark_10, mark_25, mark_50, mark_75, mark_95] = row.progress.map(i64::from);
    vec![
        // An event before the start moves the start; the time between the two never shrinks.
        row.last_event_at_ms - row.started_at_ms,
        row.event_count.into(),
        row.content_start.into(),
        row.content_complete.into(),
        row.close_reason.is_some().into(),
        row.ad_ms,
        row.pause_ms,
        row.buffer_ms,
        row.stall_ms,
        row.pause_events.into(),
        row.buffer_events.into(),
        row.stall_events.into(),
        row.error_events.into(),
        row.bitrate_changes.into(),
        row.ad_count.into(),
        row.ad_completes.into(),
        row.chapter_count.into(),
        row.chapter_completes.into(),
        mark_10,
        mark_25,
        mark_50,
        mark_75,
        mark_95,
        row.states.len() as i64,
    ]
}
