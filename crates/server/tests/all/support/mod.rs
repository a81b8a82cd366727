//! A server in this process over a journal in memory, a clock that the test sets, and a plain HTTP client.

pub(crate) mod crash_points;
pub(crate) mod reports;

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use playhead_dashboard::Dashboard;
use playhead_journal::{Journal, MemoryStore};
use playhead_lake::Location;
use playhead_node::clock::{Clock, Moment, RandomSource};
use playhead_node::ingest::proxies::TrustedProxies;
use playhead_node::kept::schedule::places::Places;
pub(crate) use playhead_node::settings::{Capacity, Settings};
use playhead_node::settings::{LakeSettings, QuerySettings, TlsFiles};
use playhead_server::reporter::{InThisProcess, Reporter};
use playhead_server::{Outside, Server};
use serde_json::{Value, json};
use tokio::net::TcpSocket;
use tokio::runtime::Runtime;

/// The admin token of all test servers.
pub(crate) const TOKEN: &str = "token-of-the-tests";

/// The start of the tests' clock: 2026-11-01T00:00:00Z.
pub(crate) const START_MS: i64 = 1_793_491_200_000;

/// A clock that stands still until the test lets time pass or sets it.
#[derive(Debug)]
pub(crate) struct TestClock(Mutex<Moment>);

impl TestClock {
    /// A clock at this time.
    pub(crate) fn at(now_ms: i64) -> Arc<Self> {
        Arc::new(Self(Mutex::new(Moment { now_ms, elapsed_ms: 0 })))
    }

    /// Lets time pass up to a moment, unless it has passed already.
    pub(crate) fn advance_to(&self, now_ms: i64) {
        let ms = now_ms - self.now_ms();
        self.advance(ms.max(0));
    }

    /// Lets time pass.
    pub(crate) fn advance(&self, ms: i64) {
        assert!(ms >= 0, "time does not go back; set the clock");
        let mut moment = self.0.lock().unwrap();
        moment.now_ms += ms;
        moment.elapsed_ms += ms;
    }

    /// Sets the clock forwards, or back, without time passing.
    pub(crate) fn step(&self, ms: i64) {
        self.0.lock().unwrap().now_ms += ms;
    }
}

impl Clock for TestClock {
    fn moment(&self) -> Moment {
        *self.0.lock().unwrap()
    }
}

/// A running server.
pub(crate) struct TestServer {
    pub(crate) address: SocketAddr,
    pub(crate) clock: Arc<TestClock>,
    pub(crate) store: MemoryStore,
    runtime: Runtime,
    server: Option<Server>,
}

/// The settings of a test server; a test changes the ones that it is about.
pub(crate) fn settings() -> Settings {
    Settings {
        listen: "127.0.0.1:0".parse().unwrap(),
        validation: playhead_protocol::Validation::Standard,
        accounting: playhead_session::Settings::default(),
        report_suites: Vec::new(),
        admin_token: Some(TOKEN.to_owned()),
        read_token: None,
        new_admin_token: false,
        metrics_open: false,
        trusted_proxies: TrustedProxies::default(),
        capacity: Capacity::default(),
        checkpoint_interval: Duration::from_secs(30),
        lake: LakeSettings {
            interval: Duration::from_secs(3_600),
            ..LakeSettings::with_scratch(std::env::temp_dir())
        },
        queries: QuerySettings::default(),
        places: Places::default(),
        report_font: None,
        webhook_secret: None,
        postgres_listen: None,
        postgres_tls: TlsFiles::default(),
        postgres_tls_optional: false,
    }
}

impl TestServer {
    /// A server over an empty store.
    pub(crate) fn start(settings: Settings) -> Self {
        Self::start_on(settings, MemoryStore::default(), TestClock::at(START_MS))
    }

    /// A server over a store that may hold something.
    pub(crate) fn start_on(settings: Settings, store: MemoryStore, clock: Arc<TestClock>) -> Self {
        let journal = Box::new(store.open(clock.now_ms()).unwrap());
        Self::start_with(settings, store, clock, journal)
    }

    /// A server over a journal that the test provides, which writes to `store`.
    pub(crate) fn start_with(
        settings: Settings,
        store: MemoryStore,
        clock: Arc<TestClock>,
        journal: Box<dyn Journal>,
    ) -> Self {
        Self::start_by(settings, store, clock.clone(), clock, journal)
    }

    /// A server with another clock than the one that the test sets.
    pub(crate) fn start_by(
        settings: Settings,
        store: MemoryStore,
        clock: Arc<TestClock>,
        server_clock: Arc<dyn Clock>,
        journal: Box<dyn Journal>,
    ) -> Self {
        Self::start_all(settings, store, clock, server_clock, journal, Dashboard::default())
    }

    /// A server over an empty store, with a dashboard.
    pub(crate) fn start_showing(settings: Settings, dashboard: Dashboard) -> Self {
        let (store, clock) = (MemoryStore::default(), TestClock::at(START_MS));
        let journal = Box::new(store.open(clock.now_ms()).unwrap());
        Self::start_all(settings, store, clock.clone(), clock, journal, dashboard)
    }

    fn start_all(
        settings: Settings,
        store: MemoryStore,
        clock: Arc<TestClock>,
        server_clock: Arc<dyn Clock>,
        journal: Box<dyn Journal>,
        dashboard: Dashboard,
    ) -> Self {
        let runtime = Runtime::new().unwrap();
        // Servers of one test must not create the same ids, whatever their clocks show.
        static SERVERS: AtomicI64 = AtomicI64::new(1);
        let mut seed = SERVERS.fetch_add(1, Ordering::SeqCst) as u64;
        let random = RandomSource::new(Box::new(move |bytes| {
            for byte in bytes {
                // Any generator suffices: ids must differ, and a run must be the same each time.
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                *byte = (seed >> 33) as u8;
            }
        }));
        let lake = Location::memory().unwrap();
        let read = store.clone();
        let reporter = InThisProcess::new(Reporter {
            reader: Box::new(move || Ok(Box::new(read.reader()))),
            lake: lake.clone(),
            engine: settings.queries.engine(&settings.lake),
            clock: server_clock.clone(),
            memory_bytes: None,
        });
        let reporter = Arc::new(reporter);
        let outside = Outside { journal, clock: server_clock, random, lake, dashboard, reporter };
        let server = runtime.block_on(Server::start(settings, outside)).unwrap();
        let server = Self { address: server.address(), clock, store, runtime, server: Some(server) };
        server.wait_until("ready", |server| server.get("/readyz").status == 200);
        server
    }

    /// The token that this start created.
    pub(crate) fn made_token(&self) -> Option<String> {
        self.server.as_ref().unwrap().made_token().map(str::to_owned)
    }

    /// Stops gracefully, and returns the parts that a restart needs.
    pub(crate) fn stop(mut self) -> (MemoryStore, Arc<TestClock>) {
        let server = self.server.take().unwrap();
        self.runtime.block_on(server.stop()).unwrap();
        (self.store.clone(), self.clock.clone())
    }

    /// Waits for something that happens by itself, for a bounded time.
    pub(crate) fn wait_until(&self, what: &str, mut happened: impl FnMut(&Self) -> bool) {
        let deadline = Instant::now() + Duration::from_secs(30);
        while !happened(self) {
            assert!(Instant::now() < deadline, "did not happen in time: {what}");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// The time of the test's clock.
    pub(crate) fn clock_ms(&self) -> i64 {
        self.clock.now_ms()
    }

    /// A new connection.
    pub(crate) fn connect(&self) -> Connection {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        stream.set_nodelay(true).unwrap();
        Connection { stream }
    }

    /// A new connection of a client with this address, one of 127.0.0.0/8.
    pub(crate) fn connect_from(&self, address: &str) -> Connection {
        let connect = async {
            let socket = TcpSocket::new_v4()?;
            socket.bind(SocketAddr::new(address.parse().unwrap(), 0))?;
            socket.connect(self.address).await?.into_std()
        };
        let stream = self.runtime.block_on(connect).unwrap();
        stream.set_nonblocking(false).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        Connection { stream }
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.connect().request("GET", path, &[("Authorization", &format!("Bearer {TOKEN}"))], b"")
    }

    pub(crate) fn post(&self, path: &str, body: &[u8]) -> Answer {
        self.connect().request("POST", path, &[], body)
    }

    /// Posts JSON.
    pub(crate) fn send(&self, path: &str, body: &Value) -> Answer {
        self.post(path, body.to_string().as_bytes())
    }

    /// Opens a session and returns its id.
    pub(crate) fn open(&self, start: &Value) -> String {
        self.send("/api/v1/sessions", start).session()
    }

    /// Sends an event of a session and returns the status.
    pub(crate) fn event(&self, sid: &str, event: &Value) -> u16 {
        self.send(&format!("/api/v1/sessions/{sid}/events"), event).status
    }

    /// The value of a line of `/metrics`, named with its labels; 0 if there is no such line.
    pub(crate) fn metric(&self, name: &str) -> f64 {
        let answer = self.get("/metrics");
        assert_eq!(answer.status, 200, "{answer:?}");
        let text = String::from_utf8(answer.body).unwrap();
        let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
        line.map_or(0.0, |value| value.parse().unwrap())
    }

    /// The number of requests refused for a reason.
    pub(crate) fn refused(&self, reason: &str) -> f64 {
        self.metric(&format!("playhead_requests_refused_total{{reason=\"{reason}\"}}"))
    }

    /// The number of events accepted through a door.
    pub(crate) fn accepted(&self, source: &str) -> f64 {
        self.metric(&format!("playhead_events_accepted_total{{source=\"{source}\"}}"))
    }

    /// Proves that the server still takes a session and an event.
    pub(crate) fn assert_well(&self) {
        let sid = self.open(&session_start(START_MS));
        assert_eq!(self.event(&sid, &event("play", 0.0, START_MS)), 204);
    }

    /// The row of a session once it has closed.
    pub(crate) fn closed_row(&self, sid: &str) -> Value {
        self.wait_until("the session has closed", |server| server.row(sid)["is_open"] == false);
        self.row(sid)
    }

    /// The row of a session, with its views.
    pub(crate) fn row(&self, sid: &str) -> Value {
        let answer = self.get(&format!("/reports/v1/sessions/{sid}"));
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()
    }
}

/// A connection that is kept alive.
pub(crate) struct Connection {
    pub(crate) stream: TcpStream,
}

impl Connection {
    /// Sends a request and reads the response.
    pub(crate) fn request(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Answer {
        let mut head =
            format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n", body.len());
        for (name, value) in headers {
            head += &format!("{name}: {value}\r\n");
        }
        head += "\r\n";
        let mut bytes = head.into_bytes();
        // Clients send a short body with its head.
        let with_head = if body.len() <= 1_024 { body } else { &[] };
        bytes.extend_from_slice(with_head);
        self.stream.write_all(&bytes).unwrap();
        // A server that refuses a body early may close before it has read all of it.
        let _refused_early = self.stream.write_all(&body[with_head.len()..]);
        self.read_answer(method == "HEAD")
    }

    /// Sends bytes unchanged; it is not an error if the server has closed the connection.
    pub(crate) fn send(&mut self, bytes: &[u8]) {
        let _cut_off = self.stream.write_all(bytes);
    }

    /// Sends bytes unchanged and reads the response.
    pub(crate) fn exchange(&mut self, bytes: &[u8]) -> Answer {
        self.send(bytes);
        self.read_answer(false)
    }

    /// Whether the server closes the connection within a bounded time; reads and drops all data that it still sends.
    pub(crate) fn is_closed_by_server(&mut self) -> bool {
        let mut dropped = vec![0; 64 * 1024];
        loop {
            match self.stream.read(&mut dropped) {
                Ok(0) => return true,
                Ok(_) => {}
                Err(error) => return error.kind() == std::io::ErrorKind::ConnectionReset,
            }
        }
    }

    /// Sends bytes one by one, with pauses, until the server closes the connection or the bytes end; returns the
    /// response, if there is one. Panics if the server lets that continue for too long.
    pub(crate) fn trickle(&mut self, bytes: impl IntoIterator<Item = u8>) -> Answer {
        let deadline = Instant::now() + Duration::from_secs(30);
        self.stream.set_read_timeout(Some(Duration::from_millis(10))).unwrap();
        for byte in bytes {
            assert!(Instant::now() < deadline, "the server let a client trickle for ten seconds");
            let sent = self.stream.write_all(&[byte]);
            let seen = self.stream.peek(&mut [0]);
            if sent.is_err() || !seen.is_err_and(|error| error.kind() == std::io::ErrorKind::WouldBlock) {
                break;
            }
        }
        self.stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        self.read_answer(false)
    }

    /// Reads one response.
    pub(crate) fn read_answer(&mut self, is_head: bool) -> Answer {
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
        // The HTTP library refuses by itself what is not HTTP, without a body.
        let sniffs = answer.header("x-content-type-options") != Some("nosniff");
        assert!(!sniffs || length == 0, "a browser may guess the type: {answer:?}");
        // Every response has a declared type, and no permanent failure looks temporary.
        assert_eq!(answer.header("retry-after").is_some(), [429, 503].contains(&status), "{answer:?}");
        answer
    }
}

/// A response; status 0 if the connection was closed instead.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    fn closed() -> Self {
        Self { status: 0, headers: Vec::new(), body: Vec::new() }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| &**value)
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// The session id in `Location`.
    pub(crate) fn session(&self) -> String {
        assert_eq!(self.status, 201, "{self:?}");
        self.header("location").unwrap().strip_prefix("/api/v1/sessions/").unwrap().to_owned()
    }

    /// Checks the headers without which a browser hides the response from a player (protocol contract, section 1).
    pub(crate) fn assert_cors(&self) {
        assert_eq!(self.header("access-control-allow-origin"), Some("*"), "{self:?}");
        assert_eq!(self.header("access-control-allow-methods"), Some("OPTIONS,POST,PUT"), "{self:?}");
        assert!(self.header("access-control-allow-headers").is_some(), "{self:?}");
        assert_eq!(self.header("access-control-expose-headers"), Some("Location"), "{self:?}");
    }

    /// Checks an error of the collection endpoints: its status, its form, its headers.
    pub(crate) fn assert_refused(&self, status: u16) {
        assert_eq!(self.status, status, "{self:?}");
        self.assert_cors();
        assert_eq!(self.header("content-type"), Some("application/json"), "{self:?}");
        assert!(!self.json()["message"].as_str().unwrap().is_empty());
    }

    /// The paths of the faults that an error lists.
    pub(crate) fn fault_paths(&self) -> Vec<String> {
        let body = self.json();
        let faults = body["errors"].as_array().unwrap_or_else(|| panic!("no faults in {body}"));
        assert!(faults.iter().all(|fault| !fault["message"].as_str().unwrap().is_empty()), "{body}");
        faults.iter().map(|fault| fault["path"].as_str().unwrap().to_owned()).collect()
    }
}

/// A `sessionStart` that every level accepts.
pub(crate) fn session_start(ts_ms: i64) -> Value {
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
pub(crate) fn event(event_type: &str, playhead: f64, ts_ms: i64) -> Value {
    json!({"playerTime": {"playhead": playhead, "ts": ts_ms}, "eventType": event_type})
}
