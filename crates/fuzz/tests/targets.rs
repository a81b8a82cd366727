//! The fuzz targets.

use playhead_fuzz::{SEEDS, mutate};
use playhead_journal::{NewEvent, Sequence, decode_group, encode_group};
use playhead_protocol::{
    BatchEndpoint, Endpoint, Origin, Recorded, Rejection, SessionId, Validation, decode, parse_batch,
    parse_event,
};
use playhead_session::{Arrival, Fingerprint, ReadRows, Session, Settings};

/// An accepted body is accepted again as the same event; a refused one says why.
fn check_body(body: &[u8]) {
    for validation in Validation::ALL {
        for endpoint in [Endpoint::SessionStart, Endpoint::Events] {
            match parse_event(body, endpoint, validation) {
                Ok(event) => {
                    assert_eq!(decode(&Recorded::new(Origin::COLLECTION_V1, body)).as_ref(), Ok(&event));
                }
                Err(Rejection::Invalid(faults)) => assert!(!faults.is_empty()),
                Err(Rejection::TooLarge { .. }) => {}
            }
        }
    }
}

#[test]
fn event_parser_takes_any_bytes() {
    bolero::check!().for_each(|bytes: &[u8]| check_body(bytes));
}

#[test]
fn event_parser_takes_mutated_bodies() {
    bolero::check!().for_each(|random: &[u8]| check_body(&mutate(SEEDS, random)));
}

#[test]
fn batch_parser_takes_mutated_sessions() {
    let session = format!("[{}]", [SEEDS[0], SEEDS[1], SEEDS[2], SEEDS[3], SEEDS[7]].join(","));
    bolero::check!().for_each(|random: &[u8]| {
        let body = mutate(&[&session], random);
        for endpoint in [BatchEndpoint::Sessions, BatchEndpoint::Downloaded] {
            if let Ok(events) = parse_batch(&body, endpoint, Validation::Lenient) {
                assert!(events.len() >= 2);
                for (raw, event) in events {
                    assert_eq!(decode(&Recorded::new(Origin::COLLECTION_V1, raw)), Ok(event));
                }
            }
        }
    });
}

#[test]
fn rows_reader_takes_any_bytes() {
    bolero::check!().for_each(|bytes: &[u8]| {
        drop(ReadRows::read(bytes));
        // As packed rows, whatever they begin with.
        if let Ok(rows) = ReadRows::read(&[&[1], bytes].concat()) {
            let text = rows.write().unwrap();
            assert_eq!(ReadRows::read(text.as_bytes()).unwrap().write().unwrap(), text);
        }
    });
}

#[test]
fn rows_reader_takes_mutated_rows() {
    let mut session = None;
    for (sequence, seed) in (1..).zip(SEEDS) {
        let event = decode(&Recorded::new(Origin::COLLECTION_V1, seed.as_bytes())).unwrap();
        let fingerprint = Fingerprint::of(seed.as_bytes());
        let arrival = Arrival { sequence, arrived_at_ms: event.ts_ms, event, fingerprint };
        match &mut session {
            None => {
                session = Some(Session::open(
                    SessionId::from_bytes([7; 32]),
                    Origin::COLLECTION_V1,
                    arrival,
                    &mut (),
                ));
            }
            Some(session) => session.push(arrival, &Settings::default(), &mut ()),
        }
    }
    let packed = session.unwrap().rows().pack();
    bolero::check!().for_each(|random: &[u8]| {
        let mut rows = packed.clone();
        for change in random.chunks_exact(3) {
            let place = usize::from(u16::from_le_bytes([change[0], change[1]])) % rows.len();
            rows[place] = change[2];
        }
        drop(ReadRows::read(&rows));
    });
}

#[test]
fn journal_reader_takes_any_bytes() {
    bolero::check!().for_each(|bytes: &[u8]| {
        let (first_sequence, data) = match bytes.split_first_chunk() {
            Some((first, rest)) => (u64::from_le_bytes(*first), rest),
            None => (1, bytes),
        };
        // Damage is an error, never a panic and never an allocation beyond what is there.
        let _outcome = decode_group(Sequence::new(first_sequence), 0, data);
    });
}

#[test]
fn journal_reader_finds_every_changed_byte() {
    let bodies: Vec<&[u8]> = SEEDS.iter().map(|seed| seed.as_bytes()).collect();
    let events: Vec<NewEvent<'_>> = bodies
        .iter()
        .map(|body| NewEvent {
            session: SessionId::from_bytes([7; 32]),
            previous: None,
            last_of_batch: false,
            recorded: Recorded::new(Origin::COLLECTION_V1, body),
        })
        .collect();
    let mut group = Vec::new();
    encode_group(Sequence::new(1), 0, &events, &mut group).unwrap();
    assert_eq!(decode_group(Sequence::new(1), 0, &group).unwrap().len(), SEEDS.len());
    bolero::check!().with_type::<(u16, u8)>().for_each(|&(place, change)| {
        let mut damaged = group.clone();
        let place = usize::from(place) % damaged.len();
        damaged[place] ^= change;
        assert_eq!(decode_group(Sequence::new(1), 0, &damaged).is_err(), change != 0);
    });
}

#[test]
fn accounting_takes_any_accepted_events() {
    bolero::check!().for_each(|random: &[u8]| {
        let Ok(start) = parse_event(SEEDS[0].as_bytes(), Endpoint::SessionStart, Validation::Lenient) else {
            panic!("the first seed is a start");
        };
        let settings = Settings::default();
        let mut now_ms = 0;
        let arrival = |sequence, arrived_at_ms, event, body: &[u8]| Arrival {
            sequence,
            arrived_at_ms,
            event,
            fingerprint: Fingerprint::of(body),
        };
        let id = SessionId::from_bytes([1; 32]);
        let mut session = Session::open(id, Origin::COLLECTION_V1, arrival(1, now_ms, start, b""), &mut ());
        for (sequence, part) in (2..).zip(random.chunks(7)) {
            let body = mutate(SEEDS, part);
            let Ok(event) = parse_event(&body, Endpoint::Events, Validation::Lenient) else { continue };
            now_ms += i64::from(part[0]) * 97;
            session.advance_to(now_ms, &settings, &mut ());
            session.push(arrival(sequence, now_ms, event, &body), &settings, &mut ());
        }
        session.advance_to(i64::MAX, &settings, &mut ());
        let row = session.row();
        assert!(row.close_reason.is_some());
        let accounted = row.content_ms + row.ad_ms + row.pause_ms + row.buffer_ms + row.stall_ms;
        assert!(accounted <= row.last_event_at_ms - row.started_at_ms);
    });
}
