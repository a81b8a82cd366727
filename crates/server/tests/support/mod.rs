//! A server in this process over a journal in memory, a clock that the test turns, and a plain HTTP client.

#![allow(dead_code, reason = "each test file uses its own part of this")]

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use playhead_journal::MemoryStore;
use playhead_server::clock::{Clock, RandomSource};
use playhead_server::{Capacity, Outside, Server, Settings};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

/// The admin token of all test servers.
pub const TOKEN: &str = "token-of-the-tests";

/// Where the tests' clock starts: 2026-11-01T00:00:00Z.
pub const START_MS: i64 = 1_793_491_200_000;

/// A clock that stands still until it is turned.
#[derive(Debug)]
pub struct TestClock(AtomicI64);

impl TestClock {
    /// Lets time pass.
    pub fn advance(&self, ms: i64) {
        self.0.fetch_add(ms, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now_ms(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }
}

/// A running server.
pub struct TestServer {
    pub address: SocketAddr,
    pub clock: Arc<TestClock>,
    pub store: MemoryStore,
    runtime: Runtime,
    server: Option<Server>,
}

/// The settings of a test server; tests change what they are about.
pub fn settings() -> Settings {
    Settings {
        listen: "127.0.0.1:0".parse().unwrap(),
        validation: playhead_protocol::Validation::Standard,
        accounting: playhead_session::Settings::default(),
        report_suites: Vec::new(),
        admin_token: Some(TOKEN.to_owned()),
        new_admin_token: false,
        metrics_open: false,
        capacity: Capacity::default(),
        checkpoint_interval: Duration::from_secs(30),
        event_retention: None,
    }
}

impl TestServer {
    /// A server over an empty store.
    pub fn start(settings: Settings) -> Self {
        Self::start_on(settings, MemoryStore::default(), Arc::new(TestClock(AtomicI64::new(START_MS))))
    }

    /// A server over a store that may hold something.
    pub fn start_on(settings: Settings, store: MemoryStore, clock: Arc<TestClock>) -> Self {
        let runtime = Runtime::new().unwrap();
        let journal = Box::new(store.open(clock.now_ms()).unwrap());
        let mut seed = clock.now_ms() as u64;
        let random = RandomSource::new(Box::new(move |bytes| {
            for byte in bytes {
                // Any generator will do: ids must differ, and a run must be the same each time.
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                *byte = (seed >> 33) as u8;
            }
        }));
        let outside = Outside { journal, clock: clock.clone(), random };
        let server = runtime.block_on(Server::start(settings, outside)).unwrap();
        let server = Self { address: server.address(), clock, store, runtime, server: Some(server) };
        server.wait_until("ready", |server| server.get("/readyz").status == 200);
        server
    }

    /// Stops gracefully, and gives back what a restart needs.
    pub fn stop(mut self) -> (MemoryStore, Arc<TestClock>) {
        let server = self.server.take().unwrap();
        self.runtime.block_on(server.stop()).unwrap();
        (self.store.clone(), self.clock.clone())
    }

    /// Waits for something that happens by itself, for a bounded time.
    pub fn wait_until(&self, what: &str, mut happened: impl FnMut(&Self) -> bool) {
        let deadline = Instant::now() + Duration::from_secs(10);
        while !happened(self) {
            assert!(Instant::now() < deadline, "did not happen in time: {what}");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// A new connection.
    pub fn connect(&self) -> Connection {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        stream.set_nodelay(true).unwrap();
        Connection { stream }
    }

    pub fn get(&self, path: &str) -> Answer {
        self.connect().request("GET", path, &[("Authorization", &format!("Bearer {TOKEN}"))], b"")
    }

    pub fn post(&self, path: &str, body: &[u8]) -> Answer {
        self.connect().request("POST", path, &[], body)
    }

    /// Posts JSON.
    pub fn send(&self, path: &str, body: &Value) -> Answer {
        self.post(path, body.to_string().as_bytes())
    }

    /// Opens a session and returns its id.
    pub fn open(&self, start: &Value) -> String {
        let answer = self.send("/api/v1/sessions", start);
        assert_eq!(answer.status, 201, "{answer:?}");
        answer.header("location").unwrap().strip_prefix("/api/v1/sessions/").unwrap().to_owned()
    }

    /// Sends an event of a session and returns the status.
    pub fn event(&self, sid: &str, event: &Value) -> u16 {
        self.send(&format!("/api/v1/sessions/{sid}/events"), event).status
    }

    /// The row of a session, with its views.
    pub fn row(&self, sid: &str) -> Value {
        let answer = self.get(&format!("/reports/v1/sessions/{sid}"));
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()
    }
}

/// A connection that is kept.
pub struct Connection {
    pub stream: TcpStream,
}

impl Connection {
    /// Sends a request and reads the answer.
    pub fn request(&mut self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let mut head =
            format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n", body.len());
        for (name, value) in headers {
            head += &format!("{name}: {value}\r\n");
        }
        head += "\r\n";
        self.stream.write_all(head.as_bytes()).unwrap();
        // A server that refuses a body early may close before it has read all of it.
        let _refused_early = self.stream.write_all(body);
        self.read_answer(method == "HEAD")
    }

    /// Reads one answer.
    pub fn read_answer(&mut self, is_head: bool) -> Answer {
        let mut read = Vec::new();
        let mut byte = [0];
        while !read.ends_with(b"\r\n\r\n") {
            match self.stream.read(&mut byte) {
                Ok(1) => read.push(byte[0]),
                Ok(_) | Err(_) => return Answer::closed(),
            }
        }
        let head = String::from_utf8(read).unwrap();
        let mut lines = head.split("\r\n");
        let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let headers: Vec<_> = lines
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
            .collect();
        let mut answer = Answer { status, headers, body: Vec::new() };
        let length = answer.header("content-length").map_or(0, |length| length.parse().unwrap());
        if !is_head {
            answer.body = vec![0; length];
            self.stream.read_exact(&mut answer.body).unwrap();
        }
        answer
    }
}

/// An answer; status 0 when the connection was closed instead.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Answer {
    fn closed() -> Self {
        Self { status: 0, headers: Vec::new(), body: Vec::new() }
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| &**value)
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

/// A `sessionStart` that every level accepts.
pub fn session_start(ts_ms: i64) -> Value {
    json!({
        "playerTime": {"playhead": 0, "ts": ts_ms},
        "eventType": "sessionStart",
        "params": {
            "analytics.trackingServer": "metrics.example.com",
            "analytics.reportSuite": "example-rsid",
            "visitor.marketingCloudOrgId": "0123456789ABCDEF@AdobeOrg",
            "media.id": "content-1",
            "media.name": "Content one",
            "media.length": 600,
            "media.contentType": "vod",
            "media.playerName": "player",
            "media.channel": "channel",
        },
    })
}

/// An event without parameters.
pub fn event(event_type: &str, playhead: f64, ts_ms: i64) -> Value {
    json!({"playerTime": {"playhead": playhead, "ts": ts_ms}, "eventType": event_type})
}
