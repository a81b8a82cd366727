//! `simulate`: the load of an audience, and the check that reports show it.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};

use serde_json::Value;
use tempfile::TempDir;

use crate::support::{Ended, ServerProcess, binary, playhead, run, wait_until};

/// Sessions that time out do so soon, so that a check does not wait for long.
const IDLE: [&str; 2] = ["--idle-timeout", "8s"];

/// A run with its files.
struct Run {
    directory: TempDir,
}

impl Run {
    fn new() -> Self {
        Self { directory: tempfile::tempdir().unwrap() }
    }

    fn file(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// Sends the load: the exit code with what was printed, and the report.
    fn send(&self, base: &str, args: &[&str]) -> (Ended, Value) {
        let (expect, json) = (self.file("expect.jsonl"), self.file("report.json"));
        let mut command = binary();
        command.args(["simulate", "--server", base, "--expect", text(&expect), "--json", text(&json)]);
        let ended = run(command.args(args));
        let report = std::fs::read(&json).map(|bytes| serde_json::from_slice(&bytes).unwrap());
        (ended, report.unwrap_or_default())
    }

    /// Checks the reports of a server: the exit code with what was printed, and the results.
    fn check(&self, server: &ServerProcess) -> (Ended, Value) {
        let (expect, json) = (self.file("expect.jsonl"), self.file("checked.json"));
        let mut command = binary();
        command.env("PLAYHEAD_TOKEN", server.token());
        command.args(["simulate", "--check", text(&expect), "--server", server.base(), "--wait", "45s"]);
        let ended = run(command.args(["--json", text(&json)]));
        let checked = std::fs::read(&json).map(|bytes| serde_json::from_slice(&bytes).unwrap());
        (ended, checked.unwrap_or_default())
    }
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[track_caller]
fn assert_equal((ended, checked): &(Ended, Value)) {
    assert_eq!(ended.code, Some(0), "{}{}", ended.out, ended.err);
    assert!(ended.out.contains("the reports show what is expected"), "{}", ended.out);
    assert_eq!(checked["open_sessions"], 0);
    assert!(checked["compared"].as_u64().unwrap() > 500, "{checked:#}");
}

/// The total of a metric over all sessions.
fn total(checked: &Value, metric: &str) -> f64 {
    let totals = checked["totals"].as_array().unwrap();
    totals.iter().find(|total| total["metric"] == metric).unwrap()["found"].as_f64().unwrap()
}

#[test]
fn reports_show_exactly_what_an_audience_did_and_a_doctored_expectation_is_found_out() {
    let server = ServerProcess::start(&IDLE);
    let audience = Run::new();
    let args = ["--viewers", "300", "--duration", "5s", "--speed", "40", "--seed", "7", "--threads", "3"];
    let (ended, report) = audience.send(server.base(), &args);
    // A machine that has much else to do is too slow for some pings.
    assert!(matches!(ended.code, Some(0 | 1)), "{}{}", ended.out, ended.err);
    assert!(report["sessions"].as_u64().unwrap() > 250, "{report:#}");
    assert!(report["repeated"].as_u64().unwrap() > 0, "no event was sent twice: {report:#}");
    let checked = audience.check(&server);
    assert_equal(&checked);
    for metric in ["content_time_spent", "ad_completes", "chapter_starts", "error_events", "stall_events"] {
        assert!(total(&checked.1, metric) > 0.0, "{metric}: {:#}", checked.1);
    }

    // The directory gives the same answer as the server.
    let expect = audience.file("expect.jsonl");
    let of_directory =
        playhead(&["simulate", "--check", text(&expect), "--data", text(server.data()), "--wait", "0s"]);
    assert!(of_directory.fine().contains("the reports show what is expected"));

    let file = std::fs::read_to_string(&expect).unwrap();
    let line = file.lines().nth(1).unwrap();
    let mut session: Value = serde_json::from_str(line).unwrap();
    session["low"][1] = (session["low"][1].as_i64().unwrap() + 1).into();
    let mut last: Value = serde_json::from_str(file.lines().last().unwrap()).unwrap();
    let all = &mut last["totals"]["all"]["low"][1];
    *all = (all.as_i64().unwrap() + 1).into();
    let mut lines: Vec<String> = file.lines().map(str::to_owned).collect();
    lines[1] = session.to_string();
    *lines.last_mut().unwrap() = last.to_string();
    std::fs::write(&expect, lines.join("\n")).unwrap();
    let (ended, doctored) = audience.check(&server);
    assert_eq!(ended.code, Some(1), "{}{}", ended.out, ended.err);
    assert_eq!(doctored["differences"].as_array().unwrap().len(), 1);
    assert_eq!(doctored["differences"][0]["metric"], "event_count");
    let explanation = doctored["explanations"][0].as_str().unwrap();
    assert!(explanation.starts_with(session["session_id"].as_str().unwrap()), "{explanation}");
    assert!(explanation.contains("event_count"), "{explanation}");
}

#[test]
fn a_server_that_is_killed_in_the_midst_of_an_audience_shows_what_it_acknowledged() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let listen = format!("127.0.0.1:{port}");
    let mut server = ServerProcess::start(&["--listen", &listen, IDLE[0], IDLE[1]]);
    let audience = Run::new();
    let base = server.base().to_owned();
    let args = ["--viewers", "60", "--duration", "10s", "--speed", "20", "--profile", "mixed"];
    let (ended, report, server) = std::thread::scope(|scope| {
        let sending = scope.spawn(|| audience.send(&base, &args));
        for _ in 0..2 {
            std::thread::sleep(std::time::Duration::from_secs(3));
            server.kill9();
            server = server.restart();
        }
        let (ended, report) = sending.join().unwrap();
        (ended, report, server)
    });
    assert!(matches!(ended.code, Some(0 | 1)), "{}{}", ended.out, ended.err);
    let without_answer = report["lost"].as_u64().unwrap() + report["not_sent"].as_u64().unwrap();
    assert!(without_answer > 0, "the kills hit nothing: {report:#}");
    assert_equal(&audience.check(&server));
}

#[test]
fn a_server_that_refuses_most_of_a_load_shows_exactly_what_it_acknowledged() {
    let server = ServerProcess::start(&["--address-requests-per-second", "150", IDLE[0], IDLE[1]]);
    let audience = Run::new();
    let args = ["--viewers", "120", "--duration", "5s", "--speed", "80", "--curve", "kick-off"];
    let (ended, report) = audience.send(server.base(), &args);
    assert_eq!(ended.code, Some(1), "{}{}", ended.out, ended.err);
    assert!(report["answers"]["429"].as_u64().unwrap() > 100, "{report:#}");
    assert!(report["given_up"].as_u64().unwrap() > 0, "{report:#}");
    assert!(report["latency_ms_by_kind"]["ping"]["p99"].as_f64().unwrap() > 0.0, "{report:#}");
    // Queries count against the same limit; the check comes when the load has gone.
    let checked = wait_until("the check is not refused for its rate", || {
        let checked = audience.check(&server);
        (!checked.0.err.contains("429")).then_some(checked)
    });
    assert_equal(&checked);
}

#[test]
fn the_same_seed_sends_the_same_requests() {
    let server = ServerProcess::start(&[]);
    let digest = |seed: &str, threads: &str| {
        let mut args = vec!["--viewers", "20", "--duration", "2s", "--speed", "100", "--seed", seed];
        args.extend(["--threads", threads]);
        let (ended, report) = Run::new().send(server.base(), &args);
        assert!(matches!(ended.code, Some(0 | 1)), "{}{}", ended.out, ended.err);
        (report["digest"].as_str().unwrap().to_owned(), report["offered"].as_u64().unwrap())
    };
    let first = digest("3", "1");
    assert_eq!(first, digest("3", "3"), "it does not matter who sends a viewer's requests");
    assert_ne!(first.0, digest("4", "1").0);
}

#[test]
fn a_run_that_is_stopped_says_what_it_sent_and_expects_no_more() {
    let server = ServerProcess::start(&IDLE);
    let audience = Run::new();
    let (expect, json) = (audience.file("expect.jsonl"), audience.file("report.json"));
    let mut command = binary();
    command.args(["simulate", "--server", server.base(), "--viewers", "50", "--duration", "10m"]);
    command.args(["--speed", "30", "--threads", "2", "--expect", text(&expect), "--json", text(&json)]);
    let mut process = command.stdout(std::process::Stdio::piped()).spawn().unwrap();
    wait_until("sessions have started", || {
        let (status, body) = server.get("/reports/v1/sessions?limit=20");
        (status == 200 && body.matches("session_id").count() >= 20).then_some(())
    });
    let pid = rustix::process::Pid::from_child(&process);
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
    let code = wait_until("the run has ended", || process.try_wait().unwrap());
    assert_eq!(code.code(), Some(0));
    let report: Value = serde_json::from_slice(&std::fs::read(&json).unwrap()).unwrap();
    assert_eq!(report["is_stopped"], true, "{report:#}");
    assert_equal(&audience.check(&server));
}

#[test]
fn what_cannot_get_a_load_is_told_before_anything_is_sent() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", closed.local_addr().unwrap());
    drop(closed);
    let (ended, _) = Run::new().send(&base, &[]);
    assert_eq!(ended.code, Some(1));
    assert!(ended.err.contains("cannot be reached: the connection was refused"), "{}", ended.err);

    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", other.local_addr().unwrap());
    let answering = std::thread::spawn(move || {
        let (mut stream, _) = other.accept().unwrap();
        let _read = stream.read(&mut [0; 4_096]).unwrap();
        stream
            .write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            .unwrap();
    });
    let (ended, _) = Run::new().send(&base, &[]);
    answering.join().unwrap();
    assert_eq!(ended.code, Some(1));
    assert!(ended.err.contains("answered 404: this is not a collection server"), "{}", ended.err);

    let (ended, _) =
        Run::new().send("http://127.0.0.1:1", &["--viewers", "0", "--speed", "0.5", "--threads", "65"]);
    assert_eq!(ended.code, Some(2));
    for fault in ["--viewers must be from 1", "--speed must be from 1", "--threads must be from 1"] {
        assert!(ended.err.contains(fault), "{}", ended.err);
    }
    let (ended, _) = Run::new().send("https://127.0.0.1:1", &[]);
    assert_eq!(ended.code, Some(2));
    assert!(ended.err.contains("without TLS"), "{}", ended.err);
}

#[test]
fn a_file_that_is_no_expectation_is_refused_with_the_reason() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("file");
    for (content, reason) in [
        ("", "is not a file that"),
        ("{\"a\": 1}\n", "is not a file that"),
        ("\u{1b}[2J", "is not a file that"),
    ] {
        std::fs::write(&file, content).unwrap();
        let ended = playhead(&["simulate", "--check", text(&file), "--data", text(directory.path())]);
        assert_eq!(ended.code, Some(2), "{}", ended.err);
        assert!(ended.err.contains(reason), "{}", ended.err);
    }
    let missing = directory.path().join("missing");
    let ended = playhead(&["simulate", "--check", text(&missing), "--data", text(directory.path())]);
    assert_eq!(ended.code, Some(2), "{}", ended.err);
    assert!(ended.err.contains("cannot read"), "{}", ended.err);
}
