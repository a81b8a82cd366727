//! More than the server can take, from players that go on whatever it says: what is refused, and what reports show of the rest.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use crate::support::{Ended, ServerProcess, binary, event, run, session_start, wait_until};

/// Few places, so that a small machine is enough to fill them.
const SMALL: [&str; 4] = ["--waiting-requests", "16", "--idle-timeout", "8s"];

/// Memory that a server of few places has no use for, however much it is offered, bytes.
const MEMORY: u64 = 256 * 1024 * 1024;

/// Kinds that are refused last.
const FIRST: [&str; 3] = ["start", "end", "ad_complete"];

fn simulate(server: &ServerProcess, directory: &Path, name: &str, args: &[&str]) -> (Ended, Value) {
    let (expect, json) = (directory.join(format!("{name}.jsonl")), directory.join(format!("{name}.json")));
    let mut command = binary();
    command.args(["simulate", "--server", server.base(), "--run", name]).args(args);
    let ended = run(command.arg("--expect").arg(&expect).arg("--json").arg(&json));
    let report = std::fs::read(&json).map(|bytes| serde_json::from_slice(&bytes).unwrap());
    (ended, report.unwrap_or_default())
}

#[track_caller]
fn assert_shown(server: &ServerProcess, directory: &Path, name: &str) {
    let mut command = binary();
    command.env("PLAYHEAD_TOKEN", server.token());
    command.args(["simulate", "--server", server.base(), "--wait", "45s", "--check"]);
    let ended = run(command.arg(directory.join(format!("{name}.jsonl"))));
    assert_eq!(ended.code, Some(0), "{name}: {}{}", ended.out, ended.err);
}

/// The most memory that the server has had in use so far, bytes.
fn peak_bytes(server: &ServerProcess) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.pid())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1_024
}

/// Requests of a kind that the server says it has refused because too much was under way.
fn shed(server: &ServerProcess, kind: &str) -> u64 {
    let (_, metrics) = server.get("/metrics");
    let name = format!("playhead_requests_shed_total{{kind=\"{kind}\"}} ");
    metrics.lines().find_map(|line| line.strip_prefix(&name)).unwrap().parse().unwrap()
}

/// Which share of each kind was refused: pings must lose more than what comes first.
#[track_caller]
fn assert_pings_lose_most(share: impl Fn(&str) -> f64) {
    let pings = share("ping");
    assert!(pings > 0.0, "no ping was refused: there was no overload");
    for kind in FIRST {
        assert!(share(kind) < pings, "{kind}: {} is refused, of pings {pings}", share(kind));
    }
}

#[test]
fn an_audience_past_the_limit_loses_starts_ends_and_ad_completes_no_later_than_pings() {
    let server = ServerProcess::start(&SMALL);
    let directory = tempfile::tempdir().unwrap();
    let (pid, before) = (server.pid(), peak_bytes(&server));
    let crowd =
        ["--viewers", "900", "--duration", "6s", "--speed", "60", "--curve", "kick-off", "--threads", "2"];
    let (ended, report) = simulate(&server, directory.path(), "crowd", &crowd);
    assert_eq!(ended.code, Some(1), "{}{}", ended.out, ended.err);
    assert!(report["answers"]["503"].as_u64().unwrap() > 100, "{report:#}");
    assert_pings_lose_most(|kind| report["refused_by_kind"][kind]["share"].as_f64().unwrap());
    let refused = report["refused_by_kind"]["ping"]["refused"].as_u64().unwrap();
    assert_eq!(shed(&server, "ping"), refused, "the metric counts what players were told");
    assert!(peak_bytes(&server) - before < MEMORY, "{} bytes", peak_bytes(&server) - before);

    // The load has fallen: a handful is served as ever, by the same process.
    let few = ["--viewers", "5", "--duration", "3s", "--speed", "20", "--seed", "5"];
    let (ended, report) = simulate(&server, directory.path(), "handful", &few);
    assert!(matches!(ended.code, Some(0 | 1)), "{}{}", ended.out, ended.err);
    assert!(report["answers"]["503"].is_null(), "{report:#}");
    assert_eq!(server.pid(), pid);
    assert_shown(&server, directory.path(), "crowd");
    assert_shown(&server, directory.path(), "handful");
}

fn now_ms() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() as i64
}

/// A player that sends the next event as soon as it has the answer to the one before, whatever that says.
struct Hasty {
    stream: TcpStream,
    host: String,
    /// Requests by kind: answered, and refused.
    counts: BTreeMap<&'static str, (u64, u64)>,
    /// Acknowledged events by type.
    stored: BTreeMap<&'static str, u64>,
}

impl Hasty {
    fn of(server: &ServerProcess) -> Self {
        let host = server.base().strip_prefix("http://").unwrap().to_owned();
        let stream = TcpStream::connect(&host).unwrap();
        stream.set_nodelay(true).unwrap();
        Self { stream, host, counts: BTreeMap::new(), stored: BTreeMap::new() }
    }

    /// The head of the answer.
    fn send(&mut self, path: &str, body: &Value) -> String {
        let body = body.to_string();
        let host = &self.host;
        let head = format!("POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Length: {}\r\n\r\n", body.len());
        self.stream.write_all(format!("{head}{body}").as_bytes()).unwrap();
        let mut answer = Vec::new();
        loop {
            let mut bytes = [0; 4_096];
            let read = self.stream.read(&mut bytes).unwrap();
            assert!(read > 0, "the connection was lost");
            answer.extend_from_slice(&bytes[..read]);
            let text = String::from_utf8_lossy(&answer).into_owned();
            let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
            let lower = head.to_ascii_lowercase();
            let length = lower
                .split("content-length: ")
                .nth(1)
                .map_or(0, |rest| rest.lines().next().unwrap().trim().parse::<usize>().unwrap());
            if body.len() >= length {
                return head.to_owned();
            }
        }
    }

    /// Sends an event; the head of the answer if it is stored.
    fn take(
        &mut self,
        kind: &'static str,
        event_type: &'static str,
        path: &str,
        body: &Value,
    ) -> Option<String> {
        let head = self.send(path, body);
        let is_stored = head.starts_with("HTTP/1.1 20");
        if !is_stored {
            assert!(head.starts_with("HTTP/1.1 503"), "{head}");
            assert!(head.to_ascii_lowercase().contains("retry-after: "), "{head}");
        }
        let (answered, refused) = self.counts.entry(kind).or_default();
        *answered += 1;
        *refused += u64::from(!is_stored);
        *self.stored.entry(event_type).or_default() += u64::from(is_stored);
        is_stored.then_some(head)
    }

    /// Sessions with an ad and pings, one after the other.
    fn watch(&mut self, sessions: u32) {
        let now_ms = now_ms();
        for _ in 0..sessions {
            let start = session_start(now_ms);
            let Some(head) = self.take("start", "sessionStart", "/api/v1/sessions", &start) else { continue };
            let sid = head.split("sessions/").nth(1).unwrap()[..64].to_owned();
            let path = format!("/api/v1/sessions/{sid}/events");
            let mut adverts = event("adStart", now_ms, 0.0);
            adverts["params"] = json!({"media.ad.name": "ad", "media.ad.id": "ad", "media.ad.length": 15,
                "media.ad.podPosition": 1, "media.ad.playerName": "player"});
            let mut pod = event("adBreakStart", now_ms, 0.0);
            pod["params"] =
                json!({"media.ad.podIndex": 1, "media.ad.podSecond": 0, "media.ad.podFriendlyName": "pre"});
            self.take("other", "adBreakStart", &path, &pod);
            self.take("other", "adStart", &path, &adverts);
            self.take("ad_complete", "adComplete", &path, &event("adComplete", now_ms + 1, 0.0));
            self.take("other", "adBreakComplete", &path, &event("adBreakComplete", now_ms + 2, 0.0));
            self.take("other", "play", &path, &event("play", now_ms + 3, 0.0));
            for number in 0..20 {
                let ping = event("ping", now_ms + 4 + number, number as f64 / 10.0);
                self.take("ping", "ping", &path, &ping);
            }
            self.take("end", "sessionEnd", &path, &event("sessionEnd", now_ms + 30, 2.0));
        }
    }
}

#[test]
fn players_that_never_wait_shut_out_starts_ends_and_ad_completes_or_what_is_refused_is_stored() {
    let server = ServerProcess::start(&SMALL);
    let before = peak_bytes(&server);
    let players: Vec<Hasty> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..64)
            .map(|_| {
                let mut player = Hasty::of(&server);
                scope.spawn(move || {
                    player.watch(12);
                    player
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let count = |kind: &str| {
        let counts = players.iter().filter_map(|player| player.counts.get(kind));
        counts.fold((0, 0), |(answered, refused), of| (answered + of.0, refused + of.1))
    };
    for kind in ["start", "end", "ad_complete", "other", "ping"] {
        assert_eq!(shed(&server, kind), count(kind).1, "{kind}");
    }
    assert_pings_lose_most(|kind| count(kind).1 as f64 / count(kind).0.max(1) as f64);
    assert!(peak_bytes(&server) - before < MEMORY, "{} bytes", peak_bytes(&server) - before);

    let mut stored: BTreeMap<&str, u64> = BTreeMap::new();
    for (event_type, count) in players.iter().flat_map(|player| &player.stored) {
        *stored.entry(event_type).or_default() += count;
    }
    stored.retain(|_, count| *count > 0);
    let query = json!({"query": "select event_type, count(*) as events from events group by 1"}).to_string();
    let expected: BTreeMap<String, u64> =
        stored.into_iter().map(|(event_type, count)| (event_type.to_owned(), count)).collect();
    let found = wait_until("all that was acknowledged is shown, and nothing else", || {
        let (status, body) = server.post_with_token("/reports/v1/sql", &query);
        assert_eq!(status, 200, "{body}");
        let body: Value = serde_json::from_str(&body).unwrap();
        let rows = body["rows"].as_array().unwrap().iter();
        let found: BTreeMap<String, u64> =
            rows.map(|row| (row[0].as_str().unwrap().to_owned(), row[1].as_u64().unwrap())).collect();
        (found.values().sum::<u64>() >= expected.values().sum()).then_some(found)
    });
    assert_eq!(found, expected);
    let (status, _) = server.post("/api/v1/sessions", &session_start(now_ms()).to_string());
    assert_eq!(status, 201, "the load has fallen");
}
