//! Reports by schedule: sent when they are due and once, told if they are not, and nowhere but where the operator lets them.

use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};

use hmac::{Hmac, KeyInit, Mac};
use playhead_node::kept::schedule::places::Places;
use playhead_node::limits::{SCHEDULE_PAUSES, SCHEDULES, WEBHOOK_URL_BYTES};
use serde_json::{Value, json};
use sha2::Sha256;
use tempfile::TempDir;

use crate::support::reports::{ask, ask_as};
use crate::support::{Answer, START_MS, Settings, TOKEN, TestServer, event, session_start, settings};

const READ_TOKEN: &str = "read-token-of-the-tests";
const SECRET: &str = "secret-of-the-webhooks";
const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;

fn writing_to(folder: &Path) -> Settings {
    let places = Places { folder: Some(folder.to_owned()), ..Places::default() };
    Settings { places, read_token: Some(READ_TOKEN.to_owned()), ..settings() }
}

fn calling(origin: &str, folder: &Path) -> Settings {
    let places = Places {
        folder: Some(folder.to_owned()),
        webhook_origins: vec![origin.parse().unwrap()],
        has_webhook_secret: true,
    };
    Settings { places, webhook_secret: Some(SECRET.to_owned()), ..settings() }
}

fn add(server: &TestServer, body: &Value) -> String {
    let answer = ask(server, "POST", "schedules", body);
    assert_eq!(answer.status, 201, "{answer:?}");
    answer.json()["id"].as_str().unwrap().to_owned()
}

fn shown(server: &TestServer, id: &str) -> Value {
    let answer = ask(server, "GET", &format!("schedules/{id}"), &Value::Null);
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

/// The runs of a schedule, the latest first, once there are so many and the latest has this outcome.
fn runs(server: &TestServer, id: &str, count: usize, outcome: &str) -> Vec<Value> {
    let all = || shown(server, id)["runs"].as_array().unwrap().clone();
    server.wait_until(&format!("{count} runs, {outcome}"), |_| {
        let runs = all();
        runs.len() == count && runs[0]["outcome"] == outcome
    });
    all()
}

/// Sends by the server's own time: what a look at the clock would start has started when it returns.
fn let_pass(server: &TestServer, ms: i64) {
    server.clock.advance(ms);
}

/// Waits for two looks of the runner, in which nothing starts.
fn assert_nothing_runs(server: &TestServer, id: &str) {
    let before = shown(server, id)["runs"].clone();
    std::thread::sleep(std::time::Duration::from_millis(700));
    let after = shown(server, id);
    assert_eq!((&after["runs"], &after["is_running"]), (&before, &json!(false)));
}

fn starts(name: &str, to: &Value) -> Value {
    json!({
        "name": name,
        "report": {"kind": "query", "parameters": {"metrics": ["media_starts", "visitors"], "dimensions": ["channel"]}},
        "range": "yesterday",
        "time_zone": "Europe/Berlin",
        "when": {"every": "day", "at": "06:00"},
        "format": "csv",
        "to": to,
    })
}

fn daily(name: &str) -> Value {
    starts(name, &json!({"folder": "daily"}))
}

fn files(folder: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// The faults of a refused request: path and message.
fn faults(answer: &Answer) -> Vec<(String, String)> {
    assert_eq!(answer.status, 400, "{answer:?}");
    let text = |fault: &Value, name: &str| fault[name].as_str().unwrap().to_owned();
    let body = answer.json();
    let faults = body["errors"].as_array().unwrap();
    faults.iter().map(|fault| (text(fault, "path"), text(fault, "message"))).collect()
}

/// A request that a webhook got.
#[derive(Debug)]
struct Got {
    head: String,
    body: Vec<u8>,
}

impl Got {
    fn header(&self, name: &str) -> &str {
        let prefix = format!("{name}: ");
        let found = self.head.lines().find(|line| line.to_lowercase().starts_with(&prefix.to_lowercase()));
        &found.unwrap_or_else(|| panic!("{name} is missing: {}", self.head))[prefix.len()..]
    }
}

/// A webhook that gives one answer after the other, as the test says them.
struct Webhook {
    origin: String,
    answers: Sender<&'static str>,
    got: Receiver<Got>,
}

impl Webhook {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let origin = format!("http://{}", listener.local_addr().unwrap());
        let (answers, to_give) = channel::<&'static str>();
        let (has_got, got) = channel();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let request = read_request(&mut stream);
                let _gone = has_got.send(request);
                let Ok(answer) = to_give.recv() else { return };
                let _gone =
                    write!(stream, "HTTP/1.1 {answer}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            }
        });
        Self { origin, answers, got }
    }

    fn answer(&self, answer: &'static str) {
        self.answers.send(answer).unwrap();
    }
}

fn read_request(stream: &mut TcpStream) -> Got {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).unwrap();
        head.push(byte[0]);
    }
    let mut got = Got { head: String::from_utf8(head).unwrap(), body: Vec::new() };
    let length: usize = got.header("content-length").parse().unwrap();
    got.body = vec![0; length];
    stream.read_exact(&mut got.body).unwrap();
    got
}

fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

#[test]
fn a_report_by_schedule_had_other_rows_than_the_door() {
    let folder = folder();
    let server = TestServer::start(writing_to(folder.path()));
    let sid = server.open(&session_start(START_MS));
    assert_eq!(server.event(&sid, &event("play", 0.0, START_MS)), 204);
    let id = add(&server, &daily("Starts: a morning"));
    let new = shown(&server, &id);
    assert_eq!(new["next_due_at"], "2026-11-01T05:00:00.000Z");
    assert_eq!((&new["owner"], &new["zone_in_force"]), (&json!("admin"), &json!("Europe/Berlin")));
    let_pass(&server, 5 * HOUR_MS - 1);
    assert_nothing_runs(&server, &id);
    assert!(files(folder.path()).is_empty());
    let_pass(&server, 1 + DAY_MS);
    let run = runs(&server, &id, 1, "sent").remove(0);
    assert_eq!((&run["due_at"], &run["missed"]), (&json!("2026-11-02T05:00:00.000Z"), &json!(1)));
    assert_eq!(
        (&run["from"], &run["to"]),
        (&json!("2026-10-31T23:00:00.000Z"), &json!("2026-11-01T23:00:00.000Z"))
    );
    let name = "Starts-a-morning_2026-11-01T0000+0100_2026-11-02T0000+0100_Europe-Berlin.csv";
    assert_eq!(run["place"], format!("daily/{name}"));
    assert_eq!(files(&folder.path().join("daily")), [name]);
    let sent = fs::read(folder.path().join("daily").join(name)).unwrap();
    let query = json!({"metrics": ["media_starts", "visitors"], "dimensions": ["channel"],
        "from": "2026-11-01", "to": "2026-11-02", "time_zone": "Europe/Berlin"});
    let token = format!("Bearer {TOKEN}");
    let headers = [("Authorization", &*token), ("Accept", "text/csv")];
    let mut connection = server.connect();
    connection.send(
        format!(
            "POST /reports/v1/query HTTP/1.0\r\n{}Content-Length: {}\r\n\r\n{query}",
            headers.map(|(name, value)| format!("{name}: {value}\r\n")).concat(),
            query.to_string().len()
        )
        .as_bytes(),
    );
    let mut answer = Vec::new();
    connection.stream.read_to_end(&mut answer).unwrap();
    let body = answer.windows(4).position(|four| four == b"\r\n\r\n").unwrap() + 4;
    assert_eq!(String::from_utf8_lossy(&sent), String::from_utf8_lossy(&answer[body..]));
    assert!(
        String::from_utf8_lossy(&sent).contains("\n")
            && sent.len() as u64 == run["size_bytes"].as_u64().unwrap()
    );
}

#[test]
fn a_restart_sent_a_report_twice_or_all_that_were_missed() {
    let folder = folder();
    let server = TestServer::start(writing_to(folder.path()));
    let id = add(&server, &daily("Starts"));
    let_pass(&server, 5 * HOUR_MS);
    let first = runs(&server, &id, 1, "sent");
    let (store, clock) = server.stop();
    let server = TestServer::start_on(writing_to(folder.path()), store, clock);
    assert_eq!(shown(&server, &id)["runs"], json!(first));
    assert_nothing_runs(&server, &id);
    let (store, clock) = server.stop();
    clock.advance(3 * DAY_MS + HOUR_MS);
    let server = TestServer::start_on(writing_to(folder.path()), store, clock);
    let after = runs(&server, &id, 2, "sent");
    assert_eq!((&after[0]["due_at"], &after[0]["missed"]), (&json!("2026-11-04T05:00:00.000Z"), &json!(2)));
    assert_eq!(after[1], first[0]);
    assert_nothing_runs(&server, &id);
    assert_eq!(files(&folder.path().join("daily")).len(), 2);
}

#[test]
fn a_clock_that_was_set_sent_a_report_twice_or_never_again() {
    let folder = folder();
    let server = TestServer::start(writing_to(folder.path()));
    let hourly = json!({"every": "hour", "minute": 0});
    let mut body = daily("Starts");
    body["when"] = hourly;
    body["range"] = json!("1h");
    let id = add(&server, &body);
    let_pass(&server, HOUR_MS);
    runs(&server, &id, 1, "sent");
    // Half an hour back: the hour comes for the second time.
    server.clock.step(-HOUR_MS / 2);
    let_pass(&server, HOUR_MS / 2);
    assert_nothing_runs(&server, &id);
    // Years ahead and back again.
    server.clock.step(4 * 365 * DAY_MS);
    let ahead = runs(&server, &id, 2, "sent");
    assert_eq!(ahead[0]["missed"], 1_000);
    server.clock.step(-4 * 365 * DAY_MS);
    assert_nothing_runs(&server, &id);
    let_pass(&server, HOUR_MS);
    let back = runs(&server, &id, 3, "sent");
    assert_eq!((&back[0]["due_at"], &back[0]["missed"]), (&json!("2026-11-01T02:00:00.000Z"), &json!(0)));
}

#[test]
fn a_webhook_that_failed_was_not_tried_again_or_for_ever() {
    let (folder, webhook) = (folder(), Webhook::start());
    let server = TestServer::start(calling(&webhook.origin, folder.path()));
    let id = add(&server, &starts("Früh", &json!({"webhook": format!("{}/in?key=1", webhook.origin)})));
    let_pass(&server, 5 * HOUR_MS);
    webhook.answer("503 Service Unavailable");
    let waiting = runs(&server, &id, 1, "waiting").remove(0);
    assert_eq!(waiting["next_attempt_at"], "2026-11-01T05:01:00.000Z");
    assert!(waiting["fault"].as_str().unwrap().contains("503"), "{waiting}");
    assert_nothing_runs(&server, &id);
    let_pass(&server, 60_000);
    webhook.answer("204 No Content");
    let sent = runs(&server, &id, 1, "sent").remove(0);
    assert_eq!((&sent["attempts"], &sent["fault"]), (&json!(2), &Value::Null));
    let (first, second) = (webhook.got.recv().unwrap(), webhook.got.recv().unwrap());
    assert!(second.head.starts_with("POST /in?key=1 HTTP/1.1\r\n"), "{}", second.head);
    assert_eq!(first.header("playhead-run"), second.header("playhead-run"));
    assert_eq!(second.header("content-type"), "text/csv; charset=utf-8");
    assert_eq!(
        second.header("content-disposition"),
        "attachment; filename*=UTF-8''Fr%C3%BCh_2026-10-31T0000%2B0100_2026-11-01T0000%2B0100_Europe-Berlin.csv"
    );
    let (at, run) = (second.header("playhead-timestamp"), second.header("playhead-run"));
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    mac.update(format!("{at}.{run}.").as_bytes());
    mac.update(&second.body);
    let digits: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(second.header("playhead-signature"), format!("sha256={digits}"));

    // The next day it fails for good.
    let_pass(&server, DAY_MS);
    webhook.answer("500 Internal Server Error");
    runs(&server, &id, 2, "waiting");
    for (place, pause) in SCHEDULE_PAUSES.iter().enumerate() {
        let_pass(&server, i64::try_from(pause.as_millis()).unwrap());
        webhook.answer("500 Internal Server Error");
        let attempts = place + 2;
        server.wait_until("the next attempt", |server| shown(server, &id)["runs"][0]["attempts"] == attempts);
    }
    let failed = runs(&server, &id, 2, "failed").remove(0);
    assert_eq!((&failed["attempts"], &failed["next_attempt_at"]), (&json!(4), &Value::Null));
    // What cannot be mended by trying again is not.
    let_pass(&server, DAY_MS);
    webhook.answer("302 Found\r\nLocation: http://127.0.0.1:1/");
    let moved = runs(&server, &id, 3, "failed").remove(0);
    assert_eq!(moved["attempts"], 1);
    assert!(moved["fault"].as_str().unwrap().contains("redirects are not followed"), "{moved}");
}

#[test]
fn a_run_that_waited_was_forgotten_by_a_restart_or_ran_beside_the_next() {
    let (folder, webhook) = (folder(), Webhook::start());
    let with = || calling(&webhook.origin, folder.path());
    let server = TestServer::start(with());
    let id = add(&server, &starts("Starts", &json!({"webhook": format!("{}/", webhook.origin)})));
    let_pass(&server, 5 * HOUR_MS);
    webhook.answer("500 Internal Server Error");
    runs(&server, &id, 1, "waiting");
    let (store, clock) = server.stop();
    webhook.answer("500 Internal Server Error");
    let server = TestServer::start_on(with(), store, clock);
    server.wait_until("it is tried again", |server| shown(server, &id)["runs"][0]["attempts"] == 2);
    // The next one is due before it would be tried again.
    server.clock.step(DAY_MS);
    webhook.answer("200 OK");
    let both = runs(&server, &id, 2, "sent");
    assert_eq!(both[1]["outcome"], "failed");
    assert!(both[1]["fault"].as_str().unwrap().contains("has come"), "{}", both[1]);
    assert_eq!(both[0]["missed"], 0);
}

#[test]
fn a_slow_webhook_held_up_other_schedules_or_ran_twice() {
    let (folder, webhook) = (folder(), Webhook::start());
    let server = TestServer::start(calling(&webhook.origin, folder.path()));
    let slow = add(&server, &starts("slow", &json!({"webhook": format!("{}/", webhook.origin)})));
    let quick = add(&server, &daily("quick"));
    let_pass(&server, 5 * HOUR_MS);
    webhook.got.recv().unwrap();
    runs(&server, &quick, 1, "sent");
    server.wait_until("the quick one has ended", |server| shown(server, &quick)["is_running"] == false);
    assert_eq!(shown(&server, &slow)["is_running"], true);
    let refused = ask(&server, "POST", &format!("schedules/{slow}/run"), &Value::Null);
    assert_eq!(refused.status, 503, "{refused:?}");
    assert!(refused.json()["message"].as_str().unwrap().contains("runs of this schedule"), "{refused:?}");
    let asked = ask(&server, "POST", &format!("schedules/{quick}/run"), &Value::Null);
    assert_eq!((asked.status, &asked.json()["outcome"]), (200, &json!("sent")), "{asked:?}");
    webhook.answer("200 OK");
    server.wait_until("the slow one has ended", |server| shown(server, &slow)["is_running"] == false);
    assert_eq!(shown(&server, &slow)["runs"].as_array().unwrap().len(), 1);
}

#[test]
fn a_folder_that_was_gone_ended_the_schedule() {
    let folder = folder();
    let root = folder.path().join("disk");
    fs::create_dir(&root).unwrap();
    let server = TestServer::start(writing_to(&root));
    let id = add(&server, &daily("Starts"));
    fs::remove_dir(&root).unwrap();
    let asked = ask(&server, "POST", &format!("schedules/{id}/run"), &Value::Null).json();
    assert_eq!((&asked["outcome"], &asked["is_by_request"]), (&json!("failed"), &json!(true)), "{asked}");
    let_pass(&server, 5 * HOUR_MS);
    let waiting = runs(&server, &id, 2, "waiting").remove(0);
    assert!(
        waiting["fault"].as_str().unwrap().contains("directory for reports cannot be opened"),
        "{waiting}"
    );
    assert!(!root.exists());
    fs::create_dir(&root).unwrap();
    let_pass(&server, 60_000);
    let sent = runs(&server, &id, 2, "sent").remove(0);
    assert_eq!(files(&root.join("daily")).len(), 1, "{sent}");
}

#[test]
fn a_report_could_be_sent_where_the_operator_allows_nothing() {
    let server = TestServer::start(settings());
    let refused = faults(&ask(&server, "POST", "schedules", &daily("Starts")));
    assert_eq!(refused[0].0, "/to/folder");
    assert!(refused[0].1.contains("report_folder"), "{refused:?}");
    let webhook = starts("Starts", &json!({"webhook": "http://127.0.0.1:1/"}));
    let refused = faults(&ask(&server, "POST", "schedules", &webhook));
    assert!(refused[0].0 == "/to/webhook" && refused[0].1.contains("webhook_origins"), "{refused:?}");
    let list = ask(&server, "GET", "schedules", &Value::Null).json();
    assert_eq!(list, json!({"schedules": [], "are_folders_allowed": false, "webhook_origins": []}));

    let folder = folder();
    let server = TestServer::start(calling("https://hooks.example.com", folder.path()));
    for url in [
        "http://hooks.example.com/",
        "https://hooks.example.com:8443/",
        "https://hooks.example.com@169.254.169.254/",
        "https://hooks.example.com.evil.example/",
        "http://169.254.169.254/latest/meta-data",
        "http://[::1]/",
        "https://hooks.example.com/\r\nHost: evil",
        "file:///etc/passwd",
    ] {
        let refused = faults(&ask(&server, "POST", "schedules", &starts("x", &json!({"webhook": url}))));
        assert_eq!(refused.len(), 1, "{url}: {refused:?}");
        assert_eq!(refused[0].0, "/to/webhook", "{url}");
    }
    for path in ["/etc", "..", "../x", "a/../../b", "", "a\\..\\b", ".hidden", "a\u{0}b", "a/b/c/d/e"] {
        let refused = faults(&ask(&server, "POST", "schedules", &starts("x", &json!({"folder": path}))));
        assert_eq!((refused.len(), &*refused[0].0), (1, "/to/folder"), "{path}: {refused:?}");
    }
    let list = ask(&server, "GET", "schedules", &Value::Null).json();
    assert_eq!(list["webhook_origins"], json!(["https://hooks.example.com"]));
}

#[test]
fn what_an_operator_no_longer_allows_was_sent_all_the_same() {
    let (folder, webhook) = (folder(), Webhook::start());
    let server = TestServer::start(calling(&webhook.origin, folder.path()));
    let id = add(&server, &starts("Starts", &json!({"webhook": format!("{}/", webhook.origin)})));
    let (store, clock) = server.stop();
    let server = TestServer::start_on(calling("https://other.example", folder.path()), store, clock);
    let_pass(&server, 5 * HOUR_MS);
    let failed = runs(&server, &id, 1, "failed").remove(0);
    assert!(failed["fault"].as_str().unwrap().contains("may not call"), "{failed}");
    assert_eq!(failed["attempts"], 1);
    assert!(webhook.got.try_recv().is_err());
}

#[test]
fn faults_of_a_schedule_came_one_by_one() {
    let folder = folder();
    let server = TestServer::start(writing_to(folder.path()));
    let body = json!({
        "name": "a\nb",
        "report": {"kind": "query", "parameters": {"metrics": ["no_such"], "from": "2026-11-01"}, "extra": 1},
        "range": "fortnight",
        "time_zone": "Mars",
        "when": {"every": "day", "at": "25:00", "minute": 3},
        "format": "pdf",
        "to": {"folder": "a", "webhook": "https://a/"},
        "is_paused": 1,
        "owner": "read",
    });
    let paths: Vec<String> =
        faults(&ask(&server, "POST", "schedules", &body)).into_iter().map(|(path, _)| path).collect();
    assert_eq!(
        paths,
        [
            "/name",
            "/report/parameters/from",
            "/report",
            "/range",
            "/time_zone",
            "/when/at",
            "/when",
            "/format",
            "/to",
            "/is_paused",
            ""
        ]
    );
    let mut body = daily("Starts");
    body["report"]["parameters"]["metrics"] = json!(["no_such"]);
    body["when"] = json!({"every": "month", "day": 32, "at": "06:00"});
    let paths: Vec<String> =
        faults(&ask(&server, "POST", "schedules", &body)).into_iter().map(|(path, _)| path).collect();
    assert_eq!(paths, ["/report/parameters/metrics/0", "/when/day"]);
    for (place, wrong) in
        [("when", json!("daily")), ("to", json!([])), ("report", json!(3)), ("range", json!(7))]
    {
        let mut body = daily("Starts");
        body[place] = wrong;
        assert!(faults(&ask(&server, "POST", "schedules", &body))[0].0 == format!("/{place}"), "{place}");
        body.as_object_mut().unwrap().remove(place);
        assert_eq!(faults(&ask(&server, "POST", "schedules", &body))[0].0, format!("/{place}"));
    }
    let mut long = starts("x", &json!({"webhook": format!("https://a/{}", "x".repeat(WEBHOOK_URL_BYTES))}));
    assert!(faults(&ask(&server, "POST", "schedules", &long))[0].1.contains("at most 2048 bytes"));
    long["report"]["parameters"] = json!({"metrics": ["media_starts"], "segment": "x".repeat(5_000)});
    assert_eq!(faults(&ask(&server, "POST", "schedules", &long))[0].0, "/report/parameters");
}

#[test]
fn a_reader_saw_or_changed_schedules() {
    let folder = folder();
    let server = TestServer::start(writing_to(folder.path()));
    let id = add(&server, &daily("Starts"));
    let one = format!("schedules/{id}");
    let mut change = daily("taken");
    change["version"] = json!(1);
    for (method, path, body) in [
        ("GET", "schedules", &Value::Null),
        ("POST", "schedules", &daily("mine")),
        ("GET", &*one, &Value::Null),
        ("PUT", &*one, &change),
        ("DELETE", &*one, &Value::Null),
        ("POST", &*format!("{one}/run"), &Value::Null),
    ] {
        assert_eq!(ask_as(&server, READ_TOKEN, method, path, body).status, 403, "{method} {path}");
        assert_eq!(ask_as(&server, "wrong", method, path, body).status, 401, "{method} {path}");
    }
    let changed = ask(&server, "PUT", &one, &change);
    assert_eq!((changed.status, &changed.json()["name"]), (200, &json!("taken")), "{changed:?}");
    assert_eq!(ask(&server, "PUT", &one, &change).status, 409);
    assert_eq!(ask(&server, "POST", &format!("{one}/run"), &json!({"to": {"folder": "x"}})).status, 400);
    assert_eq!(ask(&server, "DELETE", &one, &Value::Null).status, 204);
    assert_eq!(ask(&server, "POST", &format!("{one}/run"), &Value::Null).status, 404);
}

#[test]
fn a_schedule_in_the_slot_of_another_had_its_runs() {
    let folder = folder();
    let server = TestServer::start(writing_to(folder.path()));
    let id = add(&server, &daily("first"));
    let_pass(&server, 5 * HOUR_MS);
    runs(&server, &id, 1, "sent");
    assert_eq!(ask(&server, "DELETE", &format!("schedules/{id}"), &Value::Null).status, 204);
    let id = add(&server, &daily("second"));
    let (store, clock) = server.stop();
    let server = TestServer::start_on(writing_to(folder.path()), store, clock);
    assert_eq!(shown(&server, &id)["runs"], json!([]));
    assert_nothing_runs(&server, &id);
}

#[test]
fn more_schedules_were_kept_than_there_are_slots_or_a_paused_one_ran() {
    let folder = folder();
    let server = TestServer::start(writing_to(folder.path()));
    let mut body = daily("Starts");
    body["is_paused"] = json!(true);
    let id = add(&server, &body);
    for _ in 1..SCHEDULES {
        add(&server, &body);
    }
    let refused = ask(&server, "POST", "schedules", &body);
    assert_eq!(refused.status, 400);
    assert!(refused.json()["message"].as_str().unwrap().contains("100 schedules"), "{refused:?}");
    let_pass(&server, 5 * HOUR_MS);
    assert_nothing_runs(&server, &id);
    assert_eq!(shown(&server, &id)["next_due_at"], Value::Null);
    // What passed meanwhile is not made up for.
    let version = shown(&server, &id)["version"].clone();
    body["is_paused"] = json!(false);
    body["version"] = version;
    assert_eq!(ask(&server, "PUT", &format!("schedules/{id}"), &body).status, 200);
    assert_nothing_runs(&server, &id);
    let_pass(&server, DAY_MS);
    assert_eq!(runs(&server, &id, 1, "sent")[0]["missed"], 0);
}

#[test]
fn a_name_led_out_of_the_folder_or_over_the_file_of_another() {
    let folder = folder();
    let root = folder.path().join("reports");
    fs::create_dir(&root).unwrap();
    let server = TestServer::start(writing_to(&root));
    for name in ["../../escape", "\u{202e}vsc.exe", "$(touch x)", "報表", "/etc/passwd"] {
        let id = add(&server, &starts(name, &json!({"folder": "."})));
        let run = ask(&server, "POST", &format!("schedules/{id}/run"), &Value::Null).json();
        assert_eq!(run["outcome"], "sent", "{name}: {run}");
    }
    assert_eq!(files(folder.path()), ["reports"]);
    let names = files(&root);
    assert_eq!(names.len(), 5);
    assert!(names.iter().all(|name| !name.contains(['/', '\u{202e}', '$', ' '])), "{names:?}");
    // Two schedules of one name, and other rows.
    let mut other = starts("報表", &json!({"folder": "."}));
    other["report"]["parameters"]["metrics"] = json!(["ad_starts"]);
    let id = add(&server, &other);
    let run = ask(&server, "POST", &format!("schedules/{id}/run"), &Value::Null).json();
    assert!(run["place"].as_str().unwrap().ends_with("Europe-Berlin-2.csv"), "{run}");
    assert_eq!(files(&root).len(), 6);
}
