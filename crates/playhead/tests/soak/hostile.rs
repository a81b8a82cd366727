//! Hostile queries through both doors while players send.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::chance::{Chance, is_long, seed};
use crate::clients::{over_http, over_postgres};
use crate::corpus::corpus;
use crate::players::Players;
use crate::support::{ServerProcess, children, wait_until};

/// The time that a query may take.
const QUERY_TIME: Duration = Duration::from_secs(5);

/// How much later than its time a query may be answered.
const LATE: Duration = Duration::from_secs(2);

/// The memory of queries, and what their process may have beside it.
const QUERY_MEMORY: (&str, u64) = ("256MiB", (256 + 512) << 20);

/// What a process may have taken between two looks at its memory.
const MEMORY_BETWEEN_LOOKS: u64 = 512 << 20;

/// How much the system prefers players and server to the clients that query, and these to the process that answers them.
const CLIENT_NICENESS: i32 = 10;

/// What became of a text.
struct Answered {
    text: String,
    how: String,
    took: Duration,
}

#[test]
fn hostile_queries_hurt_no_collection() {
    let args = ["--query-timeout", "5s", "--query-memory", QUERY_MEMORY.0];
    let server = Arc::new(ServerProcess::start(&[&args[..], &["--postgres-listen", "127.0.0.1:0"]].concat()));
    let (rate, quiet, time) = match is_long() {
        true => (2_000, Duration::from_secs(60), long_time()),
        false => (200, Duration::from_secs(3), Duration::from_secs(25)),
    };
    let texts = Arc::new(corpus(&functions(&server)));
    assert!(texts.len() >= 300, "{}", texts.len());
    let seed = seed();
    let players = Players::begin(&server, rate);
    std::thread::sleep(quiet);
    let stop = Arc::new(AtomicBool::new(false));
    let memory = watch_memory(&server, &stop);
    let next = Arc::new(AtomicUsize::new(0));
    let ends = Instant::now() + time;
    let clients: Vec<_> = (0..4)
        .map(|client| {
            let (server, texts, next) = (server.clone(), texts.clone(), next.clone());
            std::thread::spawn(move || ask_until(client, &server, &texts, &next, seed, ends))
        })
        .collect();
    let answered: Vec<Answered> = clients.into_iter().flat_map(|client| client.join().unwrap()).collect();
    let (before, during) = players.end(quiet);
    stop.store(true, Ordering::SeqCst);
    let (reporter_bytes, server_bytes) = memory.join().unwrap();

    report(&answered, texts.len());
    println!("collection before: {before}\ncollection during: {during}");
    println!("memory at most: reporter {} MiB, server {} MiB", reporter_bytes >> 20, server_bytes >> 20);
    println!(
        "reporters ended: {}",
        server.get("/metrics").1.lines().find(|line| line.contains("reporter_restarts_total")).unwrap()
    );
    assert_eq!(before.failed + during.failed, 0, "a request of a player failed");
    assert!(reporter_bytes < QUERY_MEMORY.1 + MEMORY_BETWEEN_LOOKS, "{reporter_bytes}");
    // What the upkeep of the tables may take is in it.
    assert!(server_bytes < 1_024 << 20, "{server_bytes}");
    let untold = answered.iter().find(|answered| answered.how.starts_with("no answer"));
    assert!(untold.is_none(), "{:?}", untold.map(|answered| (short(&answered.text), &answered.how)));
    // The client must be told something, and never that the server is at fault.
    let fault = answered.iter().find(|answered| answered.how.starts_with("500"));
    assert!(fault.is_none(), "{:?}", fault.map(|answered| (short(&answered.text), &answered.how)));
    if is_long() {
        let late: Vec<_> = answered.iter().filter(|answered| answered.took > QUERY_TIME + LATE).collect();
        let told = late.iter().map(|late| (short(&late.text), late.took, &late.how)).collect::<Vec<_>>();
        assert!(late.is_empty(), "answered late: {told:?}");
    }
    wait_until("queries are answered", || {
        (sql(&server, "select count(*) from sessions where is_open").0 == 200).then_some(())
    });
    assert!(!server.log().contains("the server stopped"), "{}", server.log());
}

/// How long the long form lasts: ten minutes, or `SOAK_SECONDS`.
fn long_time() -> Duration {
    let seconds = std::env::var("SOAK_SECONDS");
    Duration::from_secs(seconds.map_or(600, |seconds| seconds.parse().expect("SOAK_SECONDS is a number")))
}

/// The functions of the engine.
fn functions(server: &ServerProcess) -> Vec<String> {
    let query = "select distinct routine_name from information_schema.routines order by 1";
    let (status, answer) = sql(server, query);
    assert_eq!(status, 200, "{answer}");
    let rows = answer["rows"].as_array().unwrap().iter();
    rows.map(|row| row[0].as_str().unwrap().to_owned()).collect()
}

fn sql(server: &ServerProcess, query: &str) -> (u16, Value) {
    let (status, answer) = server.post_with_token("/reports/v1/sql", &json!({"query": query}).to_string());
    (status, serde_json::from_str(&answer).unwrap_or(Value::String(answer)))
}

/// Sends texts, each client every fourth in an order of its own, until the time is up. The last client uses the
/// PostgreSQL port.
fn ask_until(
    client: u64,
    server: &ServerProcess,
    texts: &[String],
    next: &AtomicUsize,
    seed: u64,
    ends: Instant,
) -> Vec<Answered> {
    // Clients have machines of their own: what they cost must not count as what the server costs.
    let _not_lowered = rustix::process::setpriority_process(None, CLIENT_NICENESS);
    let mut chance = Chance::new(seed + client);
    let mut answered = Vec::new();
    while Instant::now() < ends {
        // All texts once, in order, as far as the time goes in a long run; a sample in a short one.
        let text = match is_long() {
            true => &texts[next.fetch_add(1, Ordering::SeqCst) % texts.len()],
            false => chance.one_of(texts),
        };
        let began = Instant::now();
        let how = if client == 3 { over_postgres(server, text) } else { over_http(server, text) };
        answered.push(Answered { text: text.clone(), how, took: began.elapsed() });
    }
    answered
}

/// Watches the memory of the reporter and of the server, and tells the most that each had.
fn watch_memory(server: &Arc<ServerProcess>, stop: &Arc<AtomicBool>) -> std::thread::JoinHandle<(u64, u64)> {
    let (pid, stop) = (server.pid(), stop.clone());
    std::thread::spawn(move || {
        let (mut reporter_most, mut server_most) = (0, 0);
        while !stop.load(Ordering::SeqCst) {
            server_most = server_most.max(resident_bytes(pid));
            for child in children(pid) {
                reporter_most = reporter_most.max(resident_bytes(child));
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        (reporter_most, server_most)
    })
}

fn resident_bytes(pid: u32) -> u64 {
    let pages = std::fs::read_to_string(format!("/proc/{pid}/statm")).unwrap_or_default();
    let pages: u64 = pages.split(' ').nth(1).and_then(|pages| pages.parse().ok()).unwrap_or_default();
    pages * 4_096
}

/// Prints what became of the texts.
fn report(answered: &[Answered], texts: usize) {
    let mut by_status: BTreeMap<&str, usize> = BTreeMap::new();
    for answered in answered {
        *by_status.entry(answered.how.get(..6).unwrap_or(&answered.how)).or_default() += 1;
    }
    let longest = answered.iter().max_by_key(|answered| answered.took);
    println!("{} queries of a corpus of {texts}: {by_status:?}", answered.len());
    println!("the longest: {:?}", longest.map(|longest| (longest.took, short(&longest.text), &longest.how)));
}

fn short(text: &str) -> String {
    text.chars().take(120).collect()
}
