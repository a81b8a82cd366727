//! The layout of stored groups: round trips, and bytes that are no group.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a failed unwrap is a failed test"
)]

mod samples;

use playhead_journal::{Error, NewEvent, Sequence, decode_group, encode_group};
use playhead_protocol::{Fact, Origin, PackedFacts, Recorded};
use proptest::prelude::*;
use samples::session;
use xxhash_rust::xxh3::xxh3_64_with_seed;

fn origin() -> impl Strategy<Value = Origin> {
    prop_oneof![Just(Origin::COLLECTION_V1), Just(Origin::DOWNLOADED)]
}

fn facts() -> impl Strategy<Value = PackedFacts> {
    let fact = prop_oneof![Just(Fact::ReportSuite), Just(Fact::Timestamp), Just(Fact::ContentId)];
    prop::collection::vec((fact, "[a-z0-9]{0,200}"), 0..3)
        .prop_map(|facts| PackedFacts::pack(facts.iter().map(|(fact, text)| (*fact, text.as_str()))).unwrap())
}

/// Bytes that cannot be packed, and text that can.
fn body() -> impl Strategy<Value = Vec<u8>> {
    let ping = (0..1_000_u32, any::<u32>()).prop_map(|(playhead, ts)| ping(playhead, ts.into()));
    prop_oneof![prop::collection::vec(any::<u8>(), 0..300), ping]
}

fn ping(playhead: u32, ts: u64) -> Vec<u8> {
    format!(
        "{{\"playerTime\":{{\"playhead\":{playhead},\"ts\":{ts}}},\"eventType\":\"ping\",\"params\":{{}},\
         \"qoeData\":{{\"media.qoe.bitrate\":3200000,\"media.qoe.droppedFrames\":3,\"media.qoe.framesPerSecond\":50}}}}"
    )
    .into_bytes()
}

/// Bytes with a right version and checksum in front, so that the entries behind them are looked at.
fn sealed(first_sequence: u64, entries: &[u8]) -> Vec<u8> {
    sealed_as(3, first_sequence, entries)
}

fn sealed_as(layout: u8, first_sequence: u64, entries: &[u8]) -> Vec<u8> {
    let seed = first_sequence ^ (u64::from(layout - 1) << 56);
    let mut group = vec![layout];
    // Since layout 3 the time of receipt is a part of it; it is 0 here.
    let time: &[u8] = if layout < 3 { &[] } else { &[0; 8] };
    group.extend_from_slice(&xxh3_64_with_seed(&[time, entries].concat(), seed).to_le_bytes());
    group.extend_from_slice(entries);
    group
}

fn corruption(first_sequence: u64, group: &[u8]) -> String {
    match decode_group(Sequence::new(first_sequence), 0, group) {
        Err(Error::Corrupt(finding)) => finding,
        other => panic!("{other:?}"),
    }
}

/// What was decoded, encoded again.
fn encoded_again(first_sequence: u64, group: &[u8]) -> Result<Vec<u8>, Error> {
    let events = decode_group(Sequence::new(first_sequence), 0, group)?;
    let events: Vec<NewEvent<'_>> = events
        .iter()
        .map(|event| NewEvent {
            session: event.session,
            previous: event.previous,
            last_of_batch: event.last_of_batch,
            recorded: event.recorded(),
        })
        .collect();
    let mut again = Vec::new();
    encode_group(Sequence::new(first_sequence), 0, &events, &mut again)?;
    Ok(again)
}

proptest! {
    #[test]
    fn what_is_encoded_comes_back(
        first_sequence in prop_oneof![1..5_u64, 1..1_u64 << 62],
        received_at_ms in any::<i64>(),
        parts in prop::collection::vec(
            (any::<u64>(), any::<u64>(), origin(), facts(), any::<bool>(), body()),
            0..40,
        ),
    ) {
        let events: Vec<NewEvent<'_>> = (first_sequence..)
            .zip(&parts)
            .map(|(sequence, (number, back, origin, facts, last_of_batch, body))| NewEvent {
                session: session(*number),
                previous: sequence.checked_sub(back % (1 << 40)).filter(|previous| (1..sequence).contains(previous)).map(Sequence::new),
                last_of_batch: *last_of_batch,
                recorded: Recorded { facts: facts.facts(), ..Recorded::new(*origin, body) },
            })
            .collect();
        let mut group = vec![9; 3];
        encode_group(Sequence::new(first_sequence), received_at_ms, &events, &mut group).unwrap();
        let decoded = decode_group(Sequence::new(first_sequence), received_at_ms, &group).unwrap();
        prop_assert_eq!(decoded.len(), events.len());
        for ((sequence, event), stored) in (first_sequence..).zip(&events).zip(&decoded) {
            prop_assert_eq!(stored.sequence.get(), sequence);
            prop_assert_eq!(stored.received_at_ms, received_at_ms);
            prop_assert_eq!(stored.session, event.session);
            prop_assert_eq!(stored.previous, event.previous);
            prop_assert_eq!(stored.last_of_batch, event.last_of_batch);
            prop_assert_eq!(stored.recorded(), event.recorded);
        }
    }

    #[test]
    fn arbitrary_bytes_are_refused_or_have_one_encoding(
        first_sequence in any::<u64>(),
        bytes in prop::collection::vec(any::<u8>(), 0..400),
        id_bytes in any::<[u8; 32]>(),
    ) {
        let _refused_as_a_rule = decode_group(Sequence::new(first_sequence), 0, &bytes);
        // One entry with arbitrary bytes behind its id, under a right checksum.
        let entry = [&id_bytes[..], &bytes].concat();
        let group = sealed(first_sequence, &entry);
        // None of these is worth packing.
        if let Ok(again) = encoded_again(first_sequence, &group) && again[0] == group[0] {
            prop_assert_eq!(again, group);
        }
    }

    #[test]
    fn a_group_damaged_anywhere_is_refused(at in any::<prop::sample::Index>(), bit in 0..8_u8) {
        let events = [NewEvent {
            session: session(1),
            previous: Some(Sequence::new(3)),
            last_of_batch: true,
            recorded: Recorded::new(Origin::DOWNLOADED, b"{\"eventType\":\"ping\"}"),
        }; 3];
        let mut group = Vec::new();
        encode_group(Sequence::new(10), 0, &events, &mut group).unwrap();
        let place = at.index(group.len());
        prop_assert!(decode_group(Sequence::new(10), 0, &group[..place]).is_err());
        group[place] ^= 1 << bit;
        prop_assert!(decode_group(Sequence::new(10), 0, &group).is_err());
    }
}

#[test]
fn a_changed_layout_version_was_not_noticed_where_both_layouts_read_the_same() {
    let event = NewEvent {
        session: session(1),
        previous: None,
        last_of_batch: false,
        recorded: Recorded::new(Origin::COLLECTION_V1, b"x"),
    };
    let mut group = Vec::new();
    encode_group(Sequence::new(10), 0, &[event], &mut group).unwrap();
    for place in 0..group.len() {
        for change in 1..=u8::MAX {
            let mut damaged = group.clone();
            damaged[place] ^= change;
            assert!(
                decode_group(Sequence::new(10), 0, &damaged).is_err(),
                "byte {place} changed by {change}"
            );
        }
    }
}

#[test]
fn a_changed_time_of_receipt_was_not_noticed() {
    let event = NewEvent {
        session: session(1),
        previous: None,
        last_of_batch: false,
        recorded: Recorded::new(Origin::COLLECTION_V1, b"x"),
    };
    let mut group = Vec::new();
    encode_group(Sequence::new(10), 1_793_491_200_000, &[event], &mut group).unwrap();
    assert!(decode_group(Sequence::new(10), 1_793_491_200_000, &group).is_ok());
    for bit in 0..63 {
        assert!(decode_group(Sequence::new(10), 1_793_491_200_000 ^ (1 << bit), &group).is_err(), "{bit}");
    }
}

#[test]
fn a_group_under_another_sequence_is_refused() {
    let mut group = Vec::new();
    let event = NewEvent {
        session: session(1),
        previous: None,
        last_of_batch: false,
        recorded: Recorded::new(Origin::DOWNLOADED, b"x"),
    };
    encode_group(Sequence::new(10), 0, &[event], &mut group).unwrap();
    assert_eq!(corruption(11, &group), "group of events from 11: its checksum does not fit its bytes");
}

#[test]
fn malformed_entries_are_refused_under_a_right_checksum() {
    let id = session(1);
    let entry = |tail: &[u8]| sealed(10, &[&id.as_bytes()[..], tail].concat());
    assert_eq!(decode_group(Sequence::new(10), 0, &entry(&[0, 0, 1, b'x'])).unwrap()[0].body, b"x");
    let malformed: [(&str, &[u8]); 13] = [
        ("points at itself or before the first event", &[10, 0, 0]),
        ("a wire that does not exist", &[0, 31 << 3, 0]),
        ("the wire that is reserved", &[0, 1 << 3, 0]),
        ("facts that are none", &[0, 2, 0, 0]),
        ("facts that are not packed", &[0, 2, 1, b'x', 0]),
        ("facts beyond the end", &[0, 2, 9, 1]),
        ("facts without a body", &[0, 2, 2, 1, 0]),
        ("a body beyond the end", &[0, 0, 2, b'x']),
        ("a body of 2^64 - 1 bytes", &[0, 0, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1]),
        ("a number of 65 bits", &[0, 0, 255, 255, 255, 255, 255, 255, 255, 255, 255, 2]),
        ("a number without an end", &[0, 0, 128]),
        ("a number in a longer form", &[0x80, 0, 0, 0]),
        ("no body length", &[0, 0]),
    ];
    for (what, tail) in malformed {
        assert_eq!(corruption(10, &entry(tail)), "group of events from 10: event 10 is malformed", "{what}");
    }
    assert_eq!(
        corruption(10, &[5, 0, 0, 0, 0, 0, 0, 0, 0]),
        "group of events from 10: layout version 5 is not one from 1 to 4"
    );
    assert_eq!(corruption(10, &[1, 0, 0]), "group of events from 10: it is cut short");
    let last = sealed(u64::MAX, &[&id.as_bytes()[..], &[0, 0, 0]].concat());
    assert!(corruption(u64::MAX, &last).contains("pass the highest number"));
}

#[test]
fn groups_of_the_layouts_before_are_read() {
    let entry = |flags: u8| sealed_as(1, 10, &[&session(1).as_bytes()[..], &[3, flags, 1, b'x']].concat());
    for (flags, origin, last_of_batch) in
        [(0, Origin::COLLECTION_V1, false), (1, Origin::DOWNLOADED, false), (0b101, Origin::DOWNLOADED, true)]
    {
        let group = entry(flags);
        let events = decode_group(Sequence::new(10), 7, &group).unwrap();
        let [event] = &events[..] else { panic!("{events:?}") };
        assert_eq!(event.recorded(), Recorded::new(origin, b"x"));
        assert_eq!((event.previous, event.last_of_batch), (Some(Sequence::new(7)), last_of_batch));
    }
    for flags in [2, 3, 8] {
        assert_eq!(
            corruption(10, &entry(flags)),
            "group of events from 10: event 10 is malformed",
            "{flags}"
        );
    }
    // What the layout after it calls facts, it has no name for.
    let facts = [&session(1).as_bytes()[..], &[3, 2, 2, 1, 0, 1, b'x']].concat();
    assert_eq!(decode_group(Sequence::new(10), 7, &sealed_as(2, 10, &facts)).unwrap()[0].body, b"x");
    assert_eq!(corruption(10, &sealed_as(1, 10, &facts)), "group of events from 10: event 10 is malformed");
}

#[test]
fn an_event_that_follows_itself_is_refused() {
    for previous in [0, 10, 11] {
        let event = NewEvent {
            session: session(1),
            previous: Some(Sequence::new(previous)),
            last_of_batch: false,
            recorded: Recorded::new(Origin::DOWNLOADED, b""),
        };
        let refused = encode_group(Sequence::new(10), 0, &[event], &mut Vec::new());
        assert!(matches!(refused, Err(Error::Refused(_))), "{previous}: {refused:?}");
    }
}

#[test]
fn a_group_beyond_the_limit_is_refused() {
    let body = vec![b'x'; playhead_journal::limits::MAX_GROUP_BYTES / 2];
    let event = NewEvent {
        session: session(1),
        previous: None,
        last_of_batch: false,
        recorded: Recorded::new(Origin::DOWNLOADED, &body),
    };
    let mut group = Vec::new();
    encode_group(Sequence::new(1), 0, &[event], &mut group).unwrap();
    assert!(matches!(
        encode_group(Sequence::new(1), 0, &[event; 2], &mut group),
        Err(Error::TooLarge { .. })
    ));
}

#[test]
fn pings_of_one_commit_took_more_than_eighty_bytes_each() {
    let bodies: Vec<_> = (0..37)
        .map(|number| ping(7 * number % 1_000, 1_793_491_200_000 + 9_973 * u64::from(number)))
        .collect();
    let events: Vec<_> = (0..)
        .zip(&bodies)
        .map(|(number, body)| NewEvent {
            session: session(number),
            previous: Some(Sequence::new(1 + number)),
            last_of_batch: false,
            recorded: Recorded::new(Origin::COLLECTION_V1, body),
        })
        .collect();
    let mut group = Vec::new();
    encode_group(Sequence::new(100_000), 0, &events, &mut group).unwrap();
    assert!(group.len() < 80 * events.len(), "{} bytes an event", group.len() / events.len());
    let decoded = decode_group(Sequence::new(100_000), 0, &group).unwrap();
    assert!(decoded.iter().map(|event| &event.body).eq(&bodies));
}

#[test]
fn packed_bodies_that_are_none_are_refused_under_a_right_checksum() {
    let packed = |bodies: &[u8], length: u8| {
        let entry = [&session(1).as_bytes()[..], &[0, 0, length]].concat();
        sealed_as(4, 10, &[&[entry.len() as u8], &entry[..], bodies].concat())
    };
    // A frame of the one byte `x`: magic number, sizes, one raw block.
    let frame = [0x28, 0xb5, 0x2f, 0xfd, 0x20, 1, 9, 0, 0, b'x'];
    assert_eq!(decode_group(Sequence::new(10), 0, &packed(&frame, 1)).unwrap()[0].body, b"x");
    for (what, bodies, length) in [
        ("no frame", &b""[..], 1),
        ("no frame but text", b"{\"eventType\":\"ping\"}", 1),
        ("a frame that is cut short", &frame[..9], 1),
        ("bodies that are longer than the entries say", &frame, 0),
        ("bodies that are shorter than the entries say", &frame, 2),
        ("something behind the frame", &[&frame[..], b"x"].concat(), 1),
    ] {
        let finding = corruption(10, &packed(bodies, length));
        assert_eq!(finding, "group of events from 10: its bodies cannot be unpacked", "{what}");
    }
    assert!(corruption(10, &sealed_as(4, 10, &[40, 0])).contains("its entries are cut short"));
    // Bodies of 2^63 bytes, of which nobody may make room.
    let entry = [&session(1).as_bytes()[..], &[0, 0, 255, 255, 255, 255, 255, 255, 255, 255, 127]].concat();
    let group = sealed_as(4, 10, &[&[entry.len() as u8], &entry[..], &frame].concat());
    assert!(corruption(10, &group).contains("its bodies cannot be unpacked"));
}
