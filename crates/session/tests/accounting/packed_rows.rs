//! Rows as the journal keeps them, read back.

use playhead_protocol::EventType::*;
use playhead_protocol::{PairsPacker, ParamId, ParamValue, ParamsPacker};
use playhead_session::{AdView, CloseReason, ErrorView, PlayerState, ReadRows, SessionRows, ViewEnd};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::player::{Carrying, View, event, start_event};
use crate::random::{cases, opened, run, sessions};

fn unpacked_text(rows: &SessionRows) -> String {
    ReadRows::read(&rows.pack()).unwrap().write().unwrap()
}

/// Texts that are not of the usual kind: empty, long, with quotes and letters of several bytes.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![Just(String::new()), "\\PC{0,20}", "[\"\\\\\u{0}-\u{1f}ü😀]{1,9}", Just("x".repeat(70_000))]
}

fn ms() -> impl Strategy<Value = i64> {
    prop_oneof![
        any::<i64>(),
        Just(0),
        Just(i64::MIN),
        Just(i64::MAX),
        1_700_000_000_000..1_800_000_000_000_i64
    ]
}

fn number() -> impl Strategy<Value = f64> {
    let special =
        prop_oneof![Just(f64::NAN), Just(f64::INFINITY), Just(-0.0), Just(1e300), Just(f64::MIN_POSITIVE)];
    prop_oneof![
        any::<f64>(),
        (0..10_000_000_i64).prop_map(|thousandths| thousandths as f64 / 1_000.0),
        special
    ]
}

prop_compose! {
    fn ad()(
        times in [ms(), ms()],
        end in prop_oneof![Just(None), Just(Some(ViewEnd::Completed)), Just(Some(ViewEnd::Skipped))],
        pairs in vec([text(), text()], 0..3),
        (name, seconds) in (text(), number()),
    ) -> AdView {
        let mut params = ParamsPacker::default();
        params.push(ParamId::named("media.ad.name"), ParamValue::Text(&name));
        params.push(ParamId::named("media.ad.length"), ParamValue::Number(seconds));
        let params = params.finish();
        let mut metadata = PairsPacker::default();
        pairs.iter().for_each(|[key, value]| metadata.push(key, value));
        AdView {
            params: params.clone(),
            pod: params,
            custom_metadata: metadata.finish(),
            started_at_ms: times[0],
            time_ms: times[1],
            end,
        }
    }
}

prop_compose! {
    /// A session of which every value may be any that its type has.
    fn any_rows()(
        start in [text(), text(), text()],
        metadata in vec([text(), text()], 0..4),
        times in vec(ms(), 12),
        counts in vec(any::<u32>(), 12),
        numbers in vec(number(), 8),
        are in vec(any::<bool>(), 9),
        states in vec((text(), any::<u32>(), ms()), 0..4),
        spans in vec((ms(), ms()), 0..6),
        content_spans in vec((number(), number()), 0..6),
        errors in vec((proptest::option::of(text()), text(), ms(), number()), 0..4),
        ads in vec(ad(), 0..3),
    ) -> SessionRows {
        let mut event = start_event(60)
            .param("media.name", ParamValue::Text(&start[0]))
            .param("media.channel", ParamValue::Text(&start[1]))
            .param("media.contentType", ParamValue::Text(&start[2]))
            .param("visitor.customerIDs", ParamValue::Json("{\"a\": [1, {\"b\": null}]}"));
        let metadata: Vec<(&str, &str)> = metadata.iter().map(|[key, value]| (&**key, &**value)).collect();
        event = event.metadata(&metadata);
        let mut rows = View::opened_by(event).session.rows();
        let row = &mut rows.session;
        row.started_at_ms = times[0];
        row.last_event_at_ms = times[1];
        row.received_at_ms = times[2];
        row.clock_offset_ms = times[3];
        row.close_reason = are[0].then_some(CloseReason::SessionEnd);
        (row.content_ms, row.ad_ms, row.pause_ms) = (times[4] / 4, times[5] / 4, times[6]);
        (row.buffer_ms, row.stall_ms) = (times[7] / 4, times[8] / 4);
        row.playing_until_ms = are[1].then_some(times[9]);
        (row.event_count, row.pause_events, row.error_events) = (counts[0], counts[1], counts[2]);
        (row.content_resume, row.content_start, row.content_complete) = (are[2], are[3], are[4]);
        row.progress = [are[5], are[6], are[7], are[8], are[0]];
        row.unique_seconds = numbers[0];
        row.average_bitrate = are[1].then_some(numbers[1]);
        row.dropped_frames = are[2].then_some(numbers[2]);
        row.frames_per_second = are[3].then_some(numbers[3]);
        row.time_to_start_ms = are[4].then_some(numbers[4]);
        row.content_segment = are[5].then(|| start[1].clone());
        row.average_bitrate_bucket = are[6].then(|| start[2].clone());
        row.player_errors = vec![start[0].as_str().into(), start[1].as_str().into()].into();
        let state = |(name, count, time_ms): (String, u32, i64)| PlayerState { name: name.into(), count, time_ms, is_open: false };
        row.states = states.into_iter().map(state).collect::<Vec<_>>().into();
        row.active_spans = spans.clone().into();
        row.playing_spans = spans.into();
        row.watched_spans = content_spans.clone().into();
        row.rewatched_spans = content_spans.into();
        let error = |(id, source, at_ms, playhead): (Option<String>, String, i64, f64)| ErrorView {
            error_id: id.map(Into::into), source: source.into(), at_ms, playhead,
        };
        rows.errors = errors.into_iter().map(error).collect::<Vec<_>>().into();
        rows.ads = ads.into();
        rows
    }
}

proptest! {
    #![proptest_config(cases(200))]

    #[test]
    fn rows_that_were_packed_write_the_same_text(sent in sessions(60)) {
        for session in [opened(crate::player::SESSION_ID, &sent, &mut ()), run(&sent, &mut ())] {
            let rows = session.rows();
            prop_assert_eq!(unpacked_text(&rows), rows.write().unwrap());
            prop_assert!(rows.pack().len() * 3 < rows.write().unwrap().len());
        }
    }

    #[test]
    fn rows_with_any_values_write_the_same_text(rows in any_rows()) {
        prop_assert_eq!(unpacked_text(&rows), rows.write().unwrap());
    }

    #[test]
    fn damaged_rows_are_told_or_other_rows_and_never_the_end(
        rows in any_rows(),
        place in any::<prop::sample::Index>(),
        byte in any::<u8>(),
        tail in vec(any::<u8>(), 0..40),
    ) {
        let packed = rows.pack();
        for length in [place.index(packed.len()), packed.len() - 1] {
            prop_assert!(ReadRows::read(&packed[..length]).is_err(), "cut to {}", length);
        }
        let mut changed = packed.clone();
        changed[place.index(packed.len())] = byte;
        drop(ReadRows::read(&changed));
        changed.truncate(place.index(packed.len()));
        changed.extend(&tail);
        drop(ReadRows::read(&changed));
        prop_assert!(ReadRows::read(&[packed, vec![0]].concat()).is_err());
    }

    #[test]
    fn any_bytes_behind_the_number_of_the_layout_can_be_read(bytes in vec(any::<u8>(), 0..400)) {
        drop(ReadRows::read(&[vec![1], bytes].concat()));
    }
}

#[test]
fn a_thousand_ads_keep_the_metadata_of_their_session_once() {
    let mut view = View::opened_by(start_event(60).metadata(&[("cdn", &"edge".repeat(50))]));
    view.send(event(Play, 1, 0));
    let mut rows = view.session.rows();
    let bare = rows.pack().len();
    let own = || {
        let mut own = PairsPacker::default();
        own.push("cdn", "other");
        own.finish()
    };
    let ad = |number: i64| AdView {
        params: Default::default(),
        pod: Default::default(),
        custom_metadata: if number % 100 == 0 { own() } else { Default::default() },
        started_at_ms: 1_700_000_000_000 + number * 15_000,
        time_ms: 15_000,
        end: Some(ViewEnd::Completed),
    };
    rows.ads = (0..1_000).map(ad).collect::<Vec<_>>().into();
    assert_eq!(unpacked_text(&rows), rows.write().unwrap());
    assert!((rows.pack().len() - bare) / 1_000 < 40, "{} bytes", rows.pack().len());
}

#[test]
fn rows_of_a_later_release_are_told() {
    let error = ReadRows::read(&[2; 60]).unwrap_err();
    assert_eq!(error.to_string(), "they have layout 2, which this release does not know");
}
