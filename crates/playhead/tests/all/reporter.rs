//! The process that answers queries: what ends it, and that collection never notices.

use std::sync::Arc;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use crate::support::{ServerProcess, children, playhead, session_start, wait_until};

const START_MS: i64 = 1_793_491_200_000;

/// Each row is small to the engine, and the aggregate that gathers them does not count what it keeps.
const HUGE: &str = "select count(distinct x) from (select array_agg(repeat('x', 100000)) over (partition by value % 3) x \
                    from generate_series(1, 20000))";

/// The engine counts what its rows take with 32 bits, and panics where they do not suffice.
const PANICS: &str = "select array_agg(repeat('x', 10000000)) over () from generate_series(1, 5000)";

fn sql(server: &ServerProcess, query: &str) -> (u16, Value) {
    let (status, answer) = server.post_with_token("/reports/v1/sql", &json!({"query": query}).to_string());
    (status, serde_json::from_str(&answer).unwrap_or_default())
}

/// The process that answers the queries of a server, once there is one.
fn reporter(server: &ServerProcess) -> u32 {
    wait_until("the server has a reporter", || children(server.pid()).first().copied())
}

fn is_there(pid: u32) -> bool {
    // A process that has ended and that nobody has asked about yet is gone as well.
    let state = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    state.rsplit_once(") ").is_some_and(|(_, behind)| !behind.starts_with('Z'))
}

fn kill9(pid: u32) {
    let pid = Pid::from_raw(i32::try_from(pid).unwrap()).unwrap();
    kill_process(pid, Signal::KILL).unwrap();
}

fn count_open(server: &ServerProcess) -> Value {
    let (status, answer) = sql(server, "select count(*) from sessions where is_open");
    assert_eq!(status, 200, "{answer}");
    answer["rows"][0][0].clone()
}

/// Collects one more session, and sees that nothing but reports was touched.
fn collects(server: &ServerProcess, number: i64) {
    for path in ["/livez", "/readyz"] {
        assert_eq!(server.get(path).0, 200, "{path}");
    }
    let (status, answer) = server.post("/api/v1/sessions", &session_start(START_MS + number).to_string());
    assert_eq!(status, 201, "{answer}");
}

fn restarts(server: &ServerProcess) -> u64 {
    let metrics = server.get("/metrics").1;
    let line = metrics.lines().find(|line| line.starts_with("playhead_reporter_restarts_total")).unwrap();
    line.rsplit(' ').next().unwrap().parse().unwrap()
}

/// The cores that a process may use.
fn cores(pid: u32) -> u32 {
    rustix::thread::sched_getaffinity(Pid::from_raw(i32::try_from(pid).unwrap())).unwrap().count()
}

#[test]
fn queries_kept_every_core_and_the_priority_that_collection_needs() {
    let server = ServerProcess::start(&[]);
    assert_eq!(count_open(&server), 0);
    let reporter = reporter(&server);
    assert_eq!(cores(reporter), (cores(server.pid()) - 1).max(1));
    for thread in std::fs::read_dir(format!("/proc/{reporter}/task")).unwrap() {
        let stat = std::fs::read_to_string(thread.unwrap().path().join("stat")).unwrap();
        let niceness = stat.rsplit_once(") ").unwrap().1.split(' ').nth(16).unwrap().to_owned();
        assert_eq!(niceness, "19", "{stat}");
    }
}

#[test]
fn a_reporter_that_was_killed_took_the_server_or_its_numbers_with_it() {
    let server = Arc::new(ServerProcess::start(&["--query-timeout", "50s"]));
    collects(&server, 0);
    assert_eq!(count_open(&server), 1);
    let first = reporter(&server);
    let numbers = "generate_series(1, 10000000)";
    let slow = format!("select count(*) from {numbers} a, {numbers} b where a.value % 7 = b.value % 11");
    let asked = std::thread::spawn({
        let server = server.clone();
        move || sql(&server, &slow)
    });
    wait_until("the query runs", || {
        let stat = std::fs::read_to_string(format!("/proc/{first}/stat")).unwrap();
        let fields: Vec<&str> = stat.rsplit_once(") ").unwrap().1.split(' ').collect();
        // Time of processors, in hundredths of a second.
        (fields[11].parse::<u64>().unwrap() > 100).then_some(())
    });
    kill9(first);
    let (status, answer) = asked.join().unwrap();
    let message = answer["message"].as_str().unwrap();
    assert_eq!(status, 422, "{answer}");
    assert!(message.contains("it was killed"), "{message}");
    collects(&server, 1);
    assert_eq!(count_open(&server), 2);
    assert_ne!(reporter(&server), first);
    assert_eq!(restarts(&server), 1);
    assert!(server.log().contains("the process that answers queries has ended"), "{}", server.log());
}

#[test]
fn a_query_that_never_paused_went_on_after_its_time() {
    let server = ServerProcess::start(&["--query-timeout", "2s"]);
    collects(&server, 0);
    let columns: Vec<String> = (0..20_000).map(|number| format!("1+{number}")).collect();
    let (status, answer) = sql(&server, &format!("select {}", columns.join(",")));
    assert_eq!(status, 422, "{answer}");
    let message = answer["message"].as_str().unwrap();
    assert!(message.contains("took longer than the limit of 2000 ms"), "{message}");
    assert_eq!(restarts(&server), 1);
    collects(&server, 1);
    assert_eq!(count_open(&server), 2);
}

#[test]
fn a_query_that_took_memory_uncounted_was_ended_by_the_system_with_the_server() {
    let server = ServerProcess::start(&["--query-memory", "16MiB", "--query-timeout", "50s"]);
    collects(&server, 0);
    let (status, answer) = sql(&server, HUGE);
    let message = answer["message"].as_str().unwrap_or_default();
    assert_eq!(status, 422, "{answer}");
    assert!(message.contains("memory"), "{message}");
    collects(&server, 1);
    assert_eq!(count_open(&server), 2);
}

#[test]
fn a_reporter_outlived_its_server() {
    let mut server = ServerProcess::start(&[]);
    let first = reporter(&server);
    server.kill9();
    wait_until("the reporter of a killed server is gone", || (!is_there(first)).then_some(()));
    let mut server = server.restart();
    let second = reporter(&server);
    assert!(server.sigterm().success());
    wait_until("the reporter of a stopped server is gone", || (!is_there(second)).then_some(()));
}

#[test]
fn what_tells_the_server_to_stop_ended_its_reporter_first() {
    let server = ServerProcess::start(&[]);
    let pid = reporter(&server);
    count_open(&server);
    for signal in [Signal::TERM, Signal::INT, Signal::HUP] {
        kill_process(Pid::from_raw(i32::try_from(pid).unwrap()).unwrap(), signal).unwrap();
    }
    assert_eq!(count_open(&server), 0);
    assert_eq!(reporter(&server), pid);
}

#[test]
fn the_reporter_is_not_for_people() {
    let ended = playhead(&["reporter", "{}"]);
    assert_eq!(ended.code, Some(2), "{}", ended.err);
    assert!(ended.err.contains("`playhead serve` starts this command"), "{}", ended.err);
    assert!(!playhead(&["--help"]).fine().contains("reporter"));
}

#[test]
fn rows_of_open_sessions_counted_as_memory_once_for_each_column() {
    let server = ServerProcess::start(&["--query-memory", "16MiB"]);
    for number in 0..300 {
        let (status, answer) = server.post("/api/v1/sessions", &session_start(START_MS + number).to_string());
        assert_eq!(status, 201, "{answer}");
    }
    // They take a few hundred kilobytes, in one piece that all columns share.
    let (status, answer) = sql(&server, "select * from sessions order by started_at");
    assert_eq!(status, 200, "{answer}");
    assert_eq!(answer["rows"].as_array().unwrap().len(), 300);
}

#[test]
fn a_reporter_that_ended_itself_again_and_again_came_back_later_and_later() {
    let server = ServerProcess::start(&["--query-memory", "16MiB", "--query-timeout", "50s"]);
    // The engine finds out in time now and then; the others end the reporter.
    for round in 0..30 {
        let (status, answer) = sql(&server, HUGE);
        assert_eq!(status, 422, "round {round}: {answer}");
    }
    assert!(restarts(&server) > 0, "{}", server.log());
    // The memory of the last one may not be given back yet.
    wait_until("queries are answered", || (sql(&server, "select 1").0 == 200).then_some(()));
}

#[test]
fn a_reporter_that_was_aborted_soon_after_its_start_came_back_later_and_later() {
    let server = ServerProcess::start(&[]);
    // Each ends without words of its own, long before two seconds of service.
    for round in 1..=8 {
        // A query waits for a reporter that is being started, but not for long.
        count_open(&server);
        kill_process(Pid::from_raw(i32::try_from(reporter(&server)).unwrap()).unwrap(), Signal::ABORT)
            .unwrap();
        wait_until("its end is seen", || (restarts(&server) == round).then_some(()));
    }
    count_open(&server);
}

#[test]
fn a_query_on_which_the_engine_panics_was_told_to_come_again() {
    let server = ServerProcess::start(&[]);
    let pid = reporter(&server);
    let (status, answer) = sql(&server, PANICS);
    assert_eq!(status, 400, "{answer}");
    assert_eq!(answer["message"], "the query engine cannot run this query");
    assert_eq!(count_open(&server), 0);
    assert_eq!(reporter(&server), pid);
}
