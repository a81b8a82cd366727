//! Many events over many connections at once: the rows equal those of the accounting alone over the journal, and the
//! journal holds exactly the acknowledged events.
use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::support::{Connection, START_MS, TestServer, event, session_start, settings};
use playhead_journal::{LogReader as _, OwnedEvent, ProgressReader as _};
use playhead_protocol::{SessionId, decode};
use playhead_session::{Arrival, Fingerprint, Session};
use proptest::prelude::*;
use serde_json::{Value, json};

/// One event of a session, and the number of times that it is sent.
#[derive(Debug, Clone)]
struct Sending {
    session: usize,
    body: String,
    times: usize,
}

fn an_event() -> impl Strategy<Value = (Value, usize)> {
    let types = prop_oneof![
        4 => Just("ping"),
        3 => Just("play"),
        2 => Just("pauseStart"),
        2 => Just("bufferStart"),
        1 => Just("adBreakStart"),
        1 => Just("adStart"),
        1 => Just("adComplete"),
        1 => Just("adBreakComplete"),
        1 => Just("sessionComplete"),
        1 => Just("sessionEnd"),
    ];
    (types, 0..40_i64, 0..100_u32, prop_oneof![4 => Just(1_usize), 1 => 2..4_usize]).prop_map(
        |(event_type, second, playhead, times)| {
            let mut sent = event(event_type, f64::from(playhead), START_MS + second * 1_000);
            match event_type {
                "adBreakStart" => sent["params"] = json!({"media.ad.podIndex": 0, "media.ad.podSecond": 0}),
                "adStart" => {
                    sent["params"] = json!({
                        "media.ad.id": "ad", "media.ad.length": 5, "media.ad.podPosition": 1,
                        "media.ad.playerName": "p",
                    });
                }
                _ => {}
            }
            (sent, times)
        },
    )
}

/// Sends until nothing is left; returns the bodies that got a 204.
fn send_all(
    connection: &mut Connection,
    left: &Mutex<Vec<Sending>>,
    sids: &[String],
) -> Vec<(usize, String)> {
    let mut taken = Vec::new();
    loop {
        let Some(sending) = left.lock().unwrap().pop() else { return taken };
        let path = format!("/api/v1/sessions/{}/events", sids[sending.session]);
        let answer = connection.request("POST", &path, &[], sending.body.as_bytes());
        match answer.status {
            204 => taken.push((sending.session, sending.body)),
            410 => {}
            status => panic!("{status} to {sending:?}"),
        }
    }
}

/// The events of a closed session in the journal.
fn stored_events(server: &TestServer, sid: &str) -> Vec<OwnedEvent> {
    let sid: SessionId = sid.parse().unwrap();
    let mut reader = server.store.reader();
    server.wait_until("its row is stored", |server| {
        server.store.reader().closed_session(&sid).unwrap().is_some()
    });
    let last_sequence = reader.closed_session(&sid).unwrap().unwrap().last_sequence;
    reader.events_of(last_sequence, 1_000).unwrap()
}

/// The row of a session's events from the accounting alone.
fn accounted(events: &[OwnedEvent], settings: &playhead_session::Settings, now_ms: i64) -> Value {
    let arrival = |event: &OwnedEvent| Arrival {
        sequence: event.sequence.get(),
        arrived_at_ms: event.received_at_ms,
        event: decode(&event.recorded()).unwrap(),
        fingerprint: Fingerprint::of(&event.body),
    };
    let (first, others) = events.split_first().unwrap();
    let mut session = Session::open(first.session, first.recorded().origin(), arrival(first), &mut ());
    for event in others {
        session.advance_to(event.received_at_ms, settings, &mut ());
        session.push(arrival(event), settings, &mut ());
    }
    session.advance_to(now_ms, settings, &mut ());
    serde_json::to_value(session.rows()).unwrap()
}

fn check(sessions: &[Vec<(Value, usize)>], order: &[prop::sample::Index]) {
    let server = TestServer::start(settings());
    let sids: Vec<String> = sessions.iter().map(|_| server.open(&session_start(START_MS))).collect();
    let mut sendings: Vec<Sending> = Vec::new();
    for (session, events) in sessions.iter().enumerate() {
        for (event, times) in events {
            let sending = Sending { session, body: event.to_string(), times: *times };
            sendings.extend(std::iter::repeat_n(sending.clone(), sending.times));
        }
    }
    // Neighbours change places, so that events are nearly in order, like the requests of a player.
    for (place, index) in order.iter().enumerate() {
        if place < sendings.len() {
            let other = (place + index.index(6)).min(sendings.len() - 1);
            sendings.swap(place, other);
        }
    }
    sendings.reverse();
    let left = Mutex::new(sendings);
    let is_done = AtomicBool::new(false);
    let taken: Vec<(usize, String)> = std::thread::scope(|scope| {
        scope.spawn(|| {
            while !is_done.load(Ordering::SeqCst) {
                server.clock.advance(170);
                std::thread::yield_now();
                std::thread::sleep(std::time::Duration::from_millis(1));
            }
        });
        let senders: Vec<_> =
            (0..4).map(|_| scope.spawn(|| send_all(&mut server.connect(), &left, &sids))).collect();
        let taken = senders.into_iter().flat_map(|sender| sender.join().unwrap()).collect();
        is_done.store(true, Ordering::SeqCst);
        taken
    });
    server.clock.advance(30 * 60_000);
    for (session, sid) in sids.iter().enumerate() {
        let row = server.closed_row(sid);
        let stored = stored_events(&server, sid);
        let bodies: Vec<String> =
            stored.iter().skip(1).map(|event| String::from_utf8(event.body.clone()).unwrap()).collect();
        let distinct: BTreeSet<&str> = bodies.iter().map(String::as_str).collect();
        assert_eq!(distinct.len(), bodies.len(), "a retry was stored");
        let answered: BTreeSet<&str> =
            taken.iter().filter(|(of, _)| *of == session).map(|(_, body)| &**body).collect();
        assert!(distinct.is_subset(&answered), "something was stored and not called taken");
        // Repeated ends are acknowledged and ignored.
        let missing = answered.difference(&distinct).filter(|body| !body.contains("sessionEnd"));
        assert_eq!(missing.count(), 0, "something was called taken and not stored");
        let expected = accounted(&stored, &settings().accounting, server.clock_ms());
        assert_eq!(row, expected, "session {session}");
        assert_eq!(row["event_count"], stored.len());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, max_shrink_iters: 20, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn rows_are_those_of_the_accounting_alone(
        sessions in prop::collection::vec(prop::collection::vec(an_event(), 1..24), 1..6),
        order in prop::collection::vec(any::<prop::sample::Index>(), 150),
    ) {
        check(&sessions, &order);
    }
}
