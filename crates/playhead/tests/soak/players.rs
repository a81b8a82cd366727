//! Players that send at a steady rate, whatever the server does, and measure each response from when its request was due.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::support::{ServerProcess, event, session_start};

const START_MS: i64 = 1_793_491_200_000;

/// Threads that send.
const SENDERS: u32 = 8;

/// Players at work.
pub(crate) struct Players {
    stop: Arc<AtomicBool>,
    senders: Vec<JoinHandle<Vec<Sent>>>,
    begun: Instant,
}

/// One response.
struct Sent {
    due: Instant,
    took: Duration,
    status: u16,
}

/// What became of the requests in a stretch of time.
pub(crate) struct Took {
    requests: usize,
    pub(crate) failed: usize,
    median: Duration,
    p99: Duration,
    longest: Duration,
}

impl fmt::Display for Took {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { requests, failed, median, p99, longest } = self;
        write!(
            f,
            "{requests} requests, {failed} failed, median {median:.1?}, p99 {p99:.1?}, longest {longest:.1?}"
        )
    }
}

impl Players {
    /// Begins to send `rate` events a second.
    pub(crate) fn begin(server: &ServerProcess, rate: u32) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let pause = Duration::from_secs(1) * SENDERS / rate;
        let senders: Vec<JoinHandle<Vec<Sent>>> = (0..SENDERS)
            .map(|number| {
                let (base, stop) = (server.base().to_owned(), stop.clone());
                std::thread::spawn(move || send(&base, i64::from(number), pause, &stop))
            })
            .collect();
        Self { stop, senders, begun: Instant::now() }
    }

    /// Ends, and tells what it took up to `boundary` after the begin and from then on.
    pub(crate) fn end(self, boundary: Duration) -> (Took, Took) {
        self.stop.store(true, Ordering::SeqCst);
        let sent: Vec<Sent> = self.senders.into_iter().flat_map(|sender| sender.join().unwrap()).collect();
        let boundary = self.begun + boundary;
        let (before, after) = sent.into_iter().partition(|sent| sent.due < boundary);
        (took(before), took(after))
    }
}

fn took(sent: Vec<Sent>) -> Took {
    let failed = sent.iter().filter(|sent| !(200..300).contains(&sent.status)).count();
    let mut times: Vec<Duration> = sent.into_iter().map(|sent| sent.took).collect();
    times.sort_unstable();
    let at =
        |part: usize| times.get(times.len().saturating_sub(1) * part / 1_000).copied().unwrap_or_default();
    Took { requests: times.len(), failed, median: at(500), p99: at(990), longest: at(1_000) }
}

/// One player after the other; each session has a start and pings.
fn send(base: &str, number: i64, pause: Duration, stop: &AtomicBool) -> Vec<Sent> {
    let config = ureq::Agent::config_builder().http_status_as_error(false).proxy(None);
    let agent: ureq::Agent = config.timeout_global(Some(Duration::from_secs(60))).build().into();
    let post = |path: &str, body: String| {
        let response = agent.post(format!("{base}{path}")).send(body);
        response.map(|mut response| {
            let location = response.headers().get("Location").and_then(|value| value.to_str().ok());
            let location = location.unwrap_or_default().to_owned();
            let _body = response.body_mut().read_to_string();
            (response.status().as_u16(), location)
        })
    };
    let mut sent = Vec::new();
    let mut due = Instant::now();
    let (mut session, mut step) = (String::new(), 0);
    while !stop.load(Ordering::SeqCst) {
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
        let ts_ms = START_MS + number * 1_000_000 + sent.len() as i64;
        let response = match step % 200 {
            0 => post("/api/v1/sessions", session_start(ts_ms).to_string()),
            _ => post(&format!("{session}/events"), event("ping", ts_ms, 1.0).to_string()),
        };
        let status = response.as_ref().map_or(0, |(status, _)| *status);
        if let (0, Ok((201, location))) = (step % 200, &response) {
            session =
                location.split_once("/api/").map_or(location.clone(), |(_, path)| format!("/api/{path}"));
        }
        // A start that failed is tried again.
        if step % 200 != 0 || status == 201 {
            step += 1;
        }
        sent.push(Sent { due, took: due.elapsed(), status });
        due += pause;
    }
    sent
}
