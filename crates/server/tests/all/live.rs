//! The live samples, and those of the last hour.
use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use crate::support::{
    Answer, Capacity, START_MS, Settings, TOKEN, TestServer, event, session_start, settings,
};
use playhead_node::limits::LIVE_STREAMS;
use serde_json::{Value, json};

/// A stream of samples.
pub(crate) struct Stream {
    lines: BufReader<TcpStream>,
}

impl Stream {
    pub(crate) fn open(server: &TestServer) -> Self {
        Self::open_with(server, "").unwrap()
    }

    /// A stream with a query; the answer if that is refused.
    pub(crate) fn open_with(server: &TestServer, query: &str) -> Result<Self, Answer> {
        let mut connection = server.connect();
        let head = format!(
            "GET /reports/v1/live{query} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {TOKEN}\r\n\r\n"
        );
        connection.send(head.as_bytes());
        let answer = connection.read_answer(false);
        if answer.status != 200 {
            return Err(answer);
        }
        assert_eq!(answer.header("content-type"), Some("text/event-stream"));
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        assert_eq!(answer.header("x-accel-buffering"), Some("no"));
        Ok(Self { lines: BufReader::new(connection.stream) })
    }

    /// The next line of the body with this prefix; `None` if the stream has ended properly.
    fn line(&mut self, start: &str) -> Option<String> {
        let deadline = Instant::now() + Duration::from_secs(30);
        loop {
            assert!(Instant::now() < deadline, "no {start}");
            let mut line = String::new();
            self.lines.read_line(&mut line).unwrap();
            if let Some(rest) = line.strip_prefix(start) {
                return Some(rest.trim_end().to_owned());
            }
            // The last chunk of a body has no bytes.
            if line == "0\r\n" || line.is_empty() {
                assert!(!line.is_empty(), "the stream was cut off");
                return None;
            }
        }
    }

    pub(crate) fn sample(&mut self) -> Option<Value> {
        let data = self.line("data: ")?;
        Some(serde_json::from_str(&data).unwrap())
    }

    /// The first sample that meets a condition.
    pub(crate) fn sample_when(&mut self, what: &str, holds: impl Fn(&Value) -> bool) -> Value {
        for _ in 0..30 {
            let sample = self.sample().unwrap();
            if holds(&sample) {
                return sample;
            }
        }
        panic!("no sample in which {what}");
    }
}

fn open(server: &TestServer, content: &str, visitor: Option<&str>) -> String {
    let mut start = session_start(START_MS);
    start["params"]["media.id"] = json!(content);
    start["params"]["media.name"] = json!(format!("<b>{content}"));
    if let Some(visitor) = visitor {
        start["params"]["visitor.marketingCloudUserId"] = json!(visitor);
    }
    server.open(&start)
}

#[test]
fn live_numbers_counted_an_excluded_session() {
    let server = TestServer::start(settings());
    let sid = open(&server, "film", Some("anna"));
    open(&server, "show", Some("otto"));
    let mut stream = Stream::open(&server);
    let active = |wanted: u64| move |sample: &Value| sample["sessions_active"] == wanted;
    stream.sample_when("both count", active(2));
    let exclusion = |method: &str, body: &Value| {
        let token = format!("Bearer {TOKEN}");
        let path = format!("/reports/v1/sessions/{sid}/exclusion");
        let body = body.to_string();
        server.connect().request(method, &path, &[("Authorization", &token)], body.as_bytes()).status
    };
    assert_eq!(exclusion("POST", &json!({"reason": "a robot"})), 200);
    let sample = stream.sample_when("one counts", active(1));
    assert_eq!((&sample["viewers_active"], &sample["content"][0]["content_id"]), (&json!(1), &json!("show")));
    assert_eq!(exclusion("DELETE", &json!({})), 204);
    stream.sample_when("both count again", active(2));
    server.stop();
}

#[test]
fn a_content_was_nameless_if_one_session_left_out_its_name() {
    let server = TestServer::start(settings());
    let named = session_start(START_MS);
    let mut nameless = named.clone();
    nameless["params"].as_object_mut().unwrap().remove("media.name");
    for place in 0..8 {
        server.open(if place == 5 { &named } else { &nameless });
    }
    let mut stream = Stream::open(&server);
    let sample = stream.sample_when("all are counted", |sample| sample["sessions_active"] == 8);
    assert_eq!(sample["content"][0]["content_name"], "Content one");
    server.stop();
}

#[test]
fn a_long_content_id_was_cut_to_that_of_another() {
    let server = TestServer::start(settings());
    let ids = ["one", "other"].map(|end| format!("{}{end}", "w".repeat(1_000)));
    ids.iter().for_each(|id| drop(open(&server, id, None)));
    let mut stream = Stream::open(&server);
    let sample = stream.sample_when("both are counted", |sample| sample["sessions_active"] == 2);
    let contents = sample["content"].as_array().unwrap();
    let mut found: Vec<&str> = contents.iter().filter_map(|content| content["content_id"].as_str()).collect();
    found.sort_unstable();
    assert_eq!(found, ids);
    server.stop();
}

#[test]
fn a_renamed_content_had_the_name_of_whichever_session_was_counted_first() {
    let server = TestServer::start(settings());
    for place in 0..16 {
        // The one that starts last is in the middle.
        let seconds = (place * 5) % 16;
        let mut start = session_start(START_MS + seconds * 1_000);
        start["params"]["media.name"] = json!(format!("Title {seconds:02}"));
        server.open(&start);
    }
    let mut stream = Stream::open(&server);
    let sample = stream.sample_when("all are counted", |sample| sample["sessions_active"] == 16);
    assert_eq!(
        (&sample["content_count"], &sample["content"][0]["content_name"]),
        (&json!(1), &json!("Title 15"))
    );
    server.stop();
}

#[test]
fn a_sample_counts_sessions_and_viewers_by_state() {
    let server = TestServer::start(settings());
    let play = |sid: &str| assert_eq!(server.event(sid, &event("play", 0.0, START_MS)), 204);
    for visitor in [Some("anna"), Some("anna"), None] {
        play(&open(&server, "film", visitor));
    }
    let buffering = open(&server, "show", Some("anna"));
    assert_eq!(server.event(&buffering, &event("bufferStart", 0.0, START_MS)), 204);
    let starting = open(&server, "film", Some("otto"));
    let ended = open(&server, "film", Some("ines"));
    play(&ended);
    assert_eq!(server.event(&ended, &event("sessionComplete", 9.0, START_MS + 1)), 204);
    let left = open(&server, "film", Some("ines"));
    assert_eq!(server.event(&left, &event("sessionEnd", 9.0, START_MS + 1)), 204);
    let mut error = event("error", 0.0, START_MS + 2);
    error["qoeData"] = json!({"media.qoe.errorID": "e1", "media.qoe.errorSource": "player"});
    assert_eq!(server.event(&starting, &error), 204);
    assert_eq!(server.event(&starting, &json!({})), 400);
    server.clock.advance(5_000);

    let mut stream = Stream::open(&server);
    assert_eq!(stream.line("retry: ").unwrap(), "2000");
    let sample = stream.sample_when("the events have taken effect", |sample| {
        sample["sessions_active"] == 5 && sample["sessions_playing"] == 3
    });
    let counted =
        [("sessions_buffering", 1), ("viewers_active", 3), ("viewers_playing", 2), ("content_count", 2)];
    for (name, count) in counted {
        assert_eq!(sample[name], count, "{name}: {sample}");
    }
    let row = |id: &str, active: u32, playing: u32, viewers: u32| {
        json!({
            "content_id": id, "content_name": format!("<b>{id}"), "content_type": "vod",
            "sessions_active": active, "sessions_playing": playing, "viewers_active": viewers,
        })
    };
    assert_eq!(sample["content"], json!([row("film", 4, 3, 3), row("show", 1, 0, 1)]));
    assert_eq!(sample["server_started_at"], "2026-11-01T00:00:00.000Z");
    assert_eq!(sample["at"], "2026-11-01T00:00:05.000Z");
    assert_eq!(sample["counted_at"], "2026-11-01T00:00:05.000Z");

    let total = |history: &Value, name: &str| -> u64 {
        history[name].as_array().unwrap().iter().map(|value| value.as_u64().unwrap()).sum()
    };
    let history = server.get("/reports/v1/live/history").json();
    let happened = [("media_starts", 7), ("events", 15), ("errors", 1), ("refused", 1), ("buffer_events", 1)];
    for (name, times) in happened {
        assert_eq!(total(&history, name), times, "{name}: {history}");
    }
    let lengths: Vec<_> =
        history.as_object().unwrap().values().map(|column| column.as_array().unwrap().len()).collect();
    assert!(lengths.len() == 12 && lengths.iter().all(|length| *length == lengths[0]), "{history}");
    assert!(history["sessions_active"].as_array().unwrap().contains(&json!(5)), "{history}");
    server.stop();
}

#[test]
fn a_sample_comes_each_second_and_the_timeout_of_idle_connections_does_not_cut_the_stream() {
    let capacity = Capacity { idle_timeout: Duration::from_secs(1), ..Capacity::default() };
    let server = TestServer::start(Settings { capacity, ..settings() });
    let mut stream = Stream::open(&server);
    let ids: Vec<u64> = (0..5).map(|_| stream.line("id: ").unwrap().parse().unwrap()).collect();
    assert!(ids.windows(2).all(|pair| pair[1] == pair[0] + 1), "{ids:?}");
    server.stop();
}

#[test]
fn a_stream_ends_when_the_server_stops() {
    let server = TestServer::start(settings());
    let mut streams: Vec<Stream> = (0..3).map(|_| Stream::open(&server)).collect();
    assert!(streams[0].sample().is_some());
    let began = Instant::now();
    server.stop();
    // Well before the server would cut off current requests.
    assert!(began.elapsed() < Duration::from_secs(8), "{:?}", began.elapsed());
    for stream in &mut streams {
        while stream.sample().is_some() {}
    }
}

#[test]
fn streams_have_a_limit() {
    let server = TestServer::start(settings());
    let mut streams: Vec<Stream> = (0..LIVE_STREAMS).map(|_| Stream::open(&server)).collect();
    let one_more = |server: &TestServer| -> Answer {
        let headers = [("Authorization", &*format!("Bearer {TOKEN}"))];
        server.connect().request("HEAD", "/reports/v1/live", &headers, b"")
    };
    assert_eq!(one_more(&server).status, 503);
    assert_eq!(server.get("/reports/v1/live/history").status, 200);
    streams.pop();
    server.wait_until("a place is free", |server| one_more(server).status == 200);
    server.stop();
}

/// What players do, a letter for each ten seconds: S starts and plays, p pings, P pauses, c comes to the end of the content, E
/// ends, and a dot is silence. The first two are of one visitor.
const PLAYERS: [&str; 9] = [
    "Spppp...........",
    ".Spppppppppppp.E",
    "..Spp.....pppppp",
    "SppPpp..........",
    "SpppE...........",
    "Sppcp...........",
    "....Sppppppppppp",
    "S...............",
    "SpP.....Sppp....",
];
const SLOT_MS: i64 = 10_000;
/// After each slot's events have left the reorder window.
const LOOK_MS: i64 = 7_000;

/// Sessions active, playing and silent, and viewers active and playing, counted over the events of a slot and those before.
fn counted_by_hand(slot: usize) -> [usize; 5] {
    let (mut counts, mut active_viewers, mut playing_viewers) = ([0; 5], Vec::new(), Vec::new());
    for (player, course) in PLAYERS.iter().enumerate() {
        let visitor = if player < 2 { 0 } else { player };
        // A second start is another session.
        for course in courses(course) {
            let past = &course.as_bytes()[..=slot.min(course.len() - 1)];
            let has_ended = past.iter().any(|letter| b"cE".contains(letter));
            let Some(last) = past.iter().rposition(|letter| *letter != b'.').filter(|_| !has_ended) else {
                continue;
            };
            let is_silent = (slot - last) as i64 * SLOT_MS + LOOK_MS >= 30_000;
            let is_playing = !past.contains(&b'P');
            if is_silent {
                counts[2] += 1;
                continue;
            }
            counts[0] += 1;
            active_viewers.push(visitor);
            if is_playing {
                counts[1] += 1;
                playing_viewers.push(visitor);
            }
        }
    }
    for (place, mut viewers) in [(3, active_viewers), (4, playing_viewers)] {
        viewers.sort_unstable();
        viewers.dedup();
        counts[place] = viewers.len();
    }
    counts
}

/// The courses of the sessions of a player, each as long as all.
fn courses(course: &str) -> Vec<String> {
    let starts: Vec<usize> = course.match_indices('S').map(|(place, _)| place).collect();
    let ends = starts.iter().skip(1).copied().chain([course.len()]);
    let of = |(&from, to): (&usize, usize)| {
        let silence = |slots: usize| ".".repeat(slots);
        format!("{}{}{}", silence(from), &course[from..to], silence(course.len() - to))
    };
    starts.iter().zip(ends).map(of).collect()
}

/// Sends what the players do in a slot.
fn send_slot(server: &TestServer, slot: usize, sids: &mut [String]) {
    let at_ms = START_MS + slot as i64 * SLOT_MS;
    server.clock.advance_to(at_ms);
    for (player, course) in PLAYERS.iter().enumerate() {
        let event_type = match course.as_bytes()[slot] {
            b'S' => {
                let mut start = session_start(at_ms);
                let visitor = if player < 2 { 0 } else { player };
                start["params"]["visitor.marketingCloudUserId"] = json!(format!("visitor {visitor}"));
                sids[player] = server.open(&start);
                "play"
            }
            b'p' => "ping",
            b'P' => "pauseStart",
            b'c' => "sessionComplete",
            b'E' => "sessionEnd",
            _ => continue,
        };
        let playhead = slot as f64 * 10.0;
        assert_eq!(server.event(&sids[player], &event(event_type, playhead, at_ms)), 204);
    }
    server.clock.advance_to(at_ms + LOOK_MS);
}

/// What reports say of the moment of a look, in the order of [`counted_by_hand`] without the silent ones.
fn reported(server: &TestServer, slot: usize) -> [u64; 4] {
    let from_ms = START_MS + slot as i64 * SLOT_MS + LOOK_MS;
    let at = |ms: i64| playhead_session::rfc3339(ms);
    [("sessions", "active"), ("sessions", "playing"), ("visitors", "active"), ("visitors", "playing")].map(
        |(count, state)| {
            let range = format!("from={}&to={}", at(from_ms), at(from_ms + 1_000));
            let path =
                format!("/reports/v1/concurrency?{range}&granularity=second&count={count}&state={state}");
            let answer = server.get(&path);
            assert_eq!(answer.status, 200, "{answer:?}");
            answer.json()["values"][0].as_u64().unwrap()
        },
    )
}

#[test]
fn live_counted_sessions_that_had_fallen_silent_and_reports_did_not() {
    const NAMES: [&str; 5] =
        ["sessions_active", "sessions_playing", "sessions_silent", "viewers_active", "viewers_playing"];
    let mut server = TestServer::start(settings());
    let mut sids = vec![String::new(); PLAYERS.len()];
    let slots = PLAYERS[0].len();
    let mut stream = Stream::open(&server);
    for slot in 0..slots {
        if slot == slots / 2 {
            // In the middle the server is started again: the one chart of both lives must not have a step.
            drop(stream);
            let (store, clock) = server.stop();
            server = TestServer::start_on(settings(), store, clock);
            stream = Stream::open(&server);
        }
        send_slot(&server, slot, &mut sids);
        let expected = counted_by_hand(slot);
        let seen = |sample: &Value| NAMES.map(|name| sample[name].as_u64().unwrap() as usize);
        stream.sample_when(&format!("slot {slot} is {expected:?}"), |sample| seen(sample) == expected);
        assert_eq!(server.metric("playhead_silent_sessions"), expected[2] as f64);
    }
    let by_hand = |slot: usize| {
        let [active, playing, _, viewers, viewers_playing] = counted_by_hand(slot).map(|count| count as u64);
        [active, playing, viewers, viewers_playing]
    };
    for slot in 0..slots {
        assert_eq!(reported(&server, slot), by_hand(slot), "slot {slot}, while the sessions are open");
    }
    server.clock.advance(11 * 60_000);
    server.wait_until("all have timed out", |server| server.metric("playhead_open_sessions") == 0.0);
    for slot in 0..slots {
        assert_eq!(reported(&server, slot), by_hand(slot), "slot {slot}, when all have closed");
    }
    server.stop();
}
