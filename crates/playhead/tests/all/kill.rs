//! `kill -9` under load, again and again: the journal has each acknowledged event exactly once, and the rows equal those
//! of an undisturbed run.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::support::{ServerProcess, wait_until};
use playhead_journal::{JournalReader, LogReader, OutboxPosition, ProgressReader, Sequence, open_reader};
use playhead_node::ingest::open_sessions::OpenSessions;
use playhead_node::ingest::recovery::recover::recover;
use playhead_protocol::SessionId;
use playhead_session::Settings;
use serde_json::{Value, json};

/// The number of kills.
const ROUNDS: u64 = 30;
/// The number of concurrent players.
const CLIENTS: u64 = 4;
/// Events of a session before a player starts the next one.
const EVENTS: u32 = 40;

const START_MS: i64 = 1_793_491_200_000;

/// A generator whose seed replays the moments and choices of a run.
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }
}

/// The address of the server; empty while it is dead.
type Address = Arc<Mutex<Option<String>>>;

/// The events that one player sent, and the responses.
#[derive(Default)]
struct Sent {
    /// By session: each body, and whether it was acknowledged.
    events: BTreeMap<String, HashMap<String, bool>>,
    /// Starts without a response.
    unanswered_starts: HashSet<String>,
}

#[test]
fn acknowledged_events_survive_kill_9_exactly_once() {
    let args = ["--checkpoint-interval", "150ms", "--reorder-window", "100ms", "--log", "warn"];
    let mut server = ServerProcess::start(&args);
    let address = Address::default();
    let stop = Arc::new(AtomicBool::new(false));
    *address.lock().unwrap() = Some(host(&server).to_owned());
    let players: Vec<JoinHandle<Sent>> = (0..CLIENTS)
        .map(|number| {
            let (address, stop) = (address.clone(), stop.clone());
            std::thread::spawn(move || play(number, &address, &stop))
        })
        .collect();

    let mut chance = Chance(20_261_122);
    for _ in 0..ROUNDS {
        std::thread::sleep(Duration::from_millis(20 + chance.below(250)));
        server.kill9();
        *address.lock().unwrap() = None;
        server = server.restart();
        *address.lock().unwrap() = Some(host(&server).to_owned());
    }
    std::thread::sleep(Duration::from_millis(100));
    stop.store(true, Ordering::SeqCst);
    let sent: Vec<Sent> = players.into_iter().map(|player| player.join().unwrap()).collect();

    let stored = stored_events(server.data());
    check_exactly_once(&sent, &stored);
    check_rows(&server, &stored, &args);
    assert_eq!(open_reader(server.data()).unwrap().verify().unwrap(), Vec::<String>::new());
    assert!(server.sigterm().success());
}

fn check_exactly_once(sent: &[Sent], stored: &BTreeMap<String, Vec<String>>) {
    let acknowledged: usize = sent
        .iter()
        .flat_map(|sent| sent.events.values())
        .flat_map(HashMap::values)
        .filter(|&&told| told)
        .count();
    assert!(acknowledged > 500, "only {acknowledged} events were acknowledged: the load was none");
    let mut known: HashSet<&String> = HashSet::new();
    for (sid, events) in sent.iter().flat_map(|sent| &sent.events) {
        known.insert(sid);
        let bodies = &stored[sid];
        for (body, is_acknowledged) in events {
            let count = bodies.iter().filter(|stored| *stored == body).count();
            assert!(count <= 1, "stored {count} times: {body}");
            assert!(count == 1 || !is_acknowledged, "acknowledged and lost: {body}");
        }
        assert!(
            bodies.iter().all(|body| events.contains_key(body)),
            "the session {sid} has what nobody sent"
        );
    }
    for (sid, bodies) in stored.iter().filter(|(sid, _)| !known.contains(sid)) {
        let is_unanswered = sent.iter().any(|sent| sent.unanswered_starts.contains(&bodies[0]));
        assert!(bodies.len() == 1 && is_unanswered, "nobody started the session {sid}");
    }
}

/// Sends the same events to an undisturbed server, and compares the rows.
fn check_rows(disturbed: &ServerProcess, stored: &BTreeMap<String, Vec<String>>, args: &[&str]) {
    let undisturbed = ServerProcess::start(args);
    let mut closed = 0;
    for (sid, bodies) in stored {
        let (_, answer) = post(host(&undisturbed), "/api/v1/sessions", &bodies[0]).unwrap();
        let twin = session_of(&answer).unwrap();
        for body in &bodies[1..] {
            let (status, answer) =
                post(host(&undisturbed), &format!("/api/v1/sessions/{twin}/events"), body).unwrap();
            assert_eq!(status, 204, "{answer}");
        }
        let last = bodies.last().unwrap();
        let is_ended = last.contains("sessionEnd");
        closed += usize::from(is_ended);
        wait_until("the rows are equal", || {
            let (row, expected) = (row(disturbed, sid), row(&undisturbed, &twin));
            let is_done = [&row, &expected]
                .iter()
                .all(|row| row["is_open"] == json!(!is_ended) && is_settled(row, last));
            if is_done {
                assert_eq!(row, expected);
            }
            is_done.then_some(())
        });
    }
    assert!(closed > 0, "no session was played to its end");
}

/// Whether every event of the session has left the reorder window.
fn is_settled(row: &Value, last_body: &str) -> bool {
    let last: Value = serde_json::from_str(last_body).unwrap();
    let last_ms = last["playerTime"]["ts"].as_i64().unwrap();
    row["last_event_at"] == json!(playhead_session::rfc3339(last_ms))
}

/// The address for clients.
fn host(server: &ServerProcess) -> &str {
    server.base().trim_start_matches("http://")
}

fn row(server: &ServerProcess, sid: &str) -> Value {
    let mut row = server.get_json(&format!("/reports/v1/sessions/{sid}"));
    let columns = row.as_object_mut().unwrap();
    columns.remove("session_id");
    columns.remove("received_at");
    row
}

/// Every event in the journal, by session, in the order of the journal.
fn stored_events(data: &std::path::Path) -> BTreeMap<String, Vec<String>> {
    let live = OpenSessions::new(Settings::default());
    let (mut events, mut lookups) = (open_reader(data).unwrap(), open_reader(data).unwrap());
    recover(&mut events, &mut lookups, &live).unwrap();
    let mut last_sequences: BTreeMap<SessionId, Sequence> = BTreeMap::new();
    live.for_each(|session| {
        last_sequences.insert(session.id(), Sequence::new(session.last_sequence()));
    });
    let mut after = OutboxPosition::default();
    loop {
        let page = lookups.outbox(after, 1_000).unwrap();
        let Some(last) = page.last() else { break };
        after = last.position;
        last_sequences.extend(page.iter().map(|record| (record.session, record.last_sequence)));
    }
    let mut bodies_of = |last_sequence| {
        let events = lookups.events_of(last_sequence, 1_000_000).unwrap();
        events.into_iter().map(|event| String::from_utf8(event.body).unwrap()).collect()
    };
    last_sequences.into_iter().map(|(id, last_sequence)| (id.to_string(), bodies_of(last_sequence))).collect()
}

/// A player: one session after the other, one event after the other, each with a different body.
fn play(number: u64, address: &Address, stop: &AtomicBool) -> Sent {
    let mut chance = Chance(number + 1);
    let mut sent = Sent::default();
    let mut session = 0;
    while !stop.load(Ordering::SeqCst) {
        session += 1;
        let start = start_of(number, session);
        let Some(sid) = open(address, &start, &mut sent, stop) else { continue };
        let mut step = 1;
        while step <= EVENTS && !stop.load(Ordering::SeqCst) {
            let event_type = match step {
                EVENTS => "sessionEnd",
                1 => "play",
                _ => ["ping", "play", "pauseStart", "bufferStart", "ping", "ping"][chance.below(6) as usize],
            };
            let body = event_of(event_type, step);
            let is_acknowledged = send(address, &sid, &body, chance.below(2) == 0, stop);
            let events = sent.events.get_mut(&sid).unwrap();
            events.insert(body, is_acknowledged);
            step += 1;
            // Enough events at any moment for every kill to hit some, and few enough to send them all again afterwards.
            std::thread::sleep(Duration::from_millis(3));
        }
    }
    sent
}

/// Opens a session; `None` if there is no response.
fn open(address: &Address, start: &str, sent: &mut Sent, stop: &AtomicBool) -> Option<String> {
    let host = alive(address, stop)?;
    match post(&host, "/api/v1/sessions", start) {
        Some((201, answer)) => {
            let sid = session_of(&answer).unwrap();
            sent.events.insert(sid.clone(), HashMap::from([(start.to_owned(), true)]));
            Some(sid)
        }
        Some((503, _)) => None,
        Some((status, answer)) => panic!("{status} {answer}"),
        None => {
            sent.unanswered_starts.insert(start.to_owned());
            None
        }
    }
}

/// Sends an event; without a response, sends the same bytes again if `is_patient`, as some players do. Returns whether it
/// was acknowledged.
fn send(address: &Address, sid: &str, body: &str, is_patient: bool, stop: &AtomicBool) -> bool {
    loop {
        let Some(host) = alive(address, stop) else { return false };
        match post(&host, &format!("/api/v1/sessions/{sid}/events"), body) {
            Some((204, _)) => return true,
            Some((503, _)) => {}
            Some((status, answer)) => panic!("{status} {answer} to {body}"),
            None if is_patient => {}
            None => return false,
        }
    }
}

/// The address of the server, as soon as there is one.
fn alive(address: &Address, stop: &AtomicBool) -> Option<String> {
    loop {
        let host = address.lock().unwrap().clone();
        if host.is_some() || stop.load(Ordering::SeqCst) {
            return host;
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// Posts a body; `None` if the connection breaks before the response is complete.
fn post(host: &str, path: &str, body: &str) -> Option<(u16, String)> {
    let mut stream = TcpStream::connect(host).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(20))).ok()?;
    let length = body.len();
    write!(
        stream,
        "POST {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{body}"
    )
    .ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    answer.contains("\r\n\r\n").then_some(())?;
    let status = answer.split(' ').nth(1)?.parse().ok()?;
    Some((status, answer))
}

fn session_of(answer: &str) -> Option<String> {
    let (_, rest) = answer.split_once("/api/v1/sessions/")?;
    rest.get(..64).map(str::to_owned)
}

fn start_of(number: u64, session: u32) -> String {
    json!({
        "playerTime": {"playhead": 0, "ts": START_MS},
        "eventType": "sessionStart",
        "params": {
            "analytics.trackingServer": "metrics.example.com",
            "analytics.reportSuite": "kill",
            "analytics.visitorId": format!("visitor-{number}-{session}"),
            "visitor.marketingCloudOrgId": "0123456789ABCDEF@AdobeOrg",
            "media.id": "content",
            "media.length": 600,
            "media.contentType": "vod",
            "media.playerName": "player",
            "media.channel": "channel",
        },
    })
    .to_string()
}

fn event_of(event_type: &str, step: u32) -> String {
    let ts = START_MS + i64::from(step) * 1_000;
    json!({"playerTime": {"playhead": step, "ts": ts}, "eventType": event_type}).to_string()
}
