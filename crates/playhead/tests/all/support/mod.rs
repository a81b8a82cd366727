//! The real binary, run as a process: servers that never outlive their test, and commands that end within a deadline.

pub(crate) mod pg_client;
pub(crate) mod replayed;

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tempfile::TempDir;

/// The time limit of any step of a test.
pub(crate) const DEADLINE: Duration = Duration::from_secs(60);

/// The wait between two checks of a condition.
const LOOK_INTERVAL: Duration = Duration::from_millis(10);

/// The binary under test, without settings from the environment of the tests; `SOAK_SERVER` names another one.
pub(crate) fn binary() -> Command {
    let binary = std::env::var_os("SOAK_SERVER").unwrap_or_else(|| env!("CARGO_BIN_EXE_playhead").into());
    let mut command = Command::new(binary);
    for (name, _) in std::env::vars_os() {
        let is_ours = name.to_str().is_some_and(|name| name.starts_with("PLAYHEAD_") || name == "NO_COLOR");
        if is_ours {
            command.env_remove(name);
        }
    }
    command.stdin(Stdio::null());
    command
}

/// Calls `look` until it returns a value; panics with `what` if that takes too long.
pub(crate) fn wait_until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(seen) = look() {
            return seen;
        }
        assert!(began.elapsed() < DEADLINE, "waited too long until {what}");
        std::thread::sleep(LOOK_INTERVAL);
    }
}

/// The processes that a process has started and that are still there.
pub(crate) fn children(pid: u32) -> Vec<u32> {
    let parent_of = |stat: &str| -> Option<u32> {
        // Behind the name, which may hold anything: the state, and the parent.
        stat.rsplit_once(") ")?.1.split(' ').nth(1)?.parse().ok()
    };
    let processes = std::fs::read_dir("/proc").unwrap().filter_map(Result::ok);
    let numbers = processes.filter_map(|process| process.file_name().to_str()?.parse::<u32>().ok());
    let is_child = |child: &u32| {
        let stat = std::fs::read_to_string(format!("/proc/{child}/stat"));
        stat.is_ok_and(|stat| parent_of(&stat) == Some(pid))
    };
    numbers.filter(is_child).collect()
}

/// The result of a command that has ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ended {
    /// The output of a command, which must have succeeded.
    pub(crate) fn fine(self) -> String {
        assert_eq!(self.code, Some(0), "{}{}", self.out, self.err);
        self.out
    }

    /// The output of a command, which must have succeeded, as JSON.
    pub(crate) fn json(self) -> Value {
        serde_json::from_str(&self.fine()).unwrap()
    }
}

/// Runs `playhead` with these arguments to its end.
pub(crate) fn playhead(args: &[&str]) -> Ended {
    run(binary().args(args))
}

/// Runs a command to its end.
pub(crate) fn run(command: &mut Command) -> Ended {
    let mut guard = Guard(command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap());
    let (out, err) = (guard.0.stdout.take().unwrap(), guard.0.stderr.take().unwrap());
    let (out, err) = (read_aside(out), read_aside(err));
    let status = guard.wait();
    Ended { code: status.code(), out: out.join().unwrap(), err: err.join().unwrap() }
}

fn read_aside(mut pipe: impl Read + Send + 'static) -> std::thread::JoinHandle<String> {
    std::thread::spawn(move || {
        let mut text = String::new();
        pipe.read_to_string(&mut text).unwrap();
        text
    })
}

/// A process that is killed when the test ends, however that ends.
#[derive(Debug)]
struct Guard(Child);

impl Guard {
    fn wait(&mut self) -> ExitStatus {
        wait_until("the process has ended", || self.0.try_wait().unwrap())
    }

    fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.0), signal).unwrap();
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        if matches!(self.0.try_wait(), Ok(None)) {
            let _already_gone = self.0.kill();
            let _reaped = self.0.wait();
        }
    }
}

/// A server in its own process.
#[derive(Debug)]
pub(crate) struct ServerProcess {
    process: Guard,
    /// Dropped after the process.
    directory: Option<TempDir>,
    data: PathBuf,
    args: Vec<String>,
    base: String,
    token: String,
    banner: String,
    errors: PathBuf,
}

impl ServerProcess {
    /// A server with its own address and a new data directory, ready for events. `args` follow `playhead serve`.
    pub(crate) fn start(args: &[&str]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let data = directory.path().join("data");
        let mut server = Self::start_on(&data, args);
        server.directory = Some(directory);
        server
    }

    /// A server on an existing data directory, or on one that it creates.
    pub(crate) fn start_on(data: &Path, args: &[&str]) -> Self {
        Self::spawn(binary(), data, args.iter().map(|&arg| arg.to_owned()).collect(), String::new())
    }

    /// The same with a library loaded before all others.
    #[allow(dead_code, reason = "for the trials")]
    pub(crate) fn start_with_library(data: &Path, args: &[&str], library: &Path) -> Self {
        let mut binary = binary();
        binary.env("LD_PRELOAD", library);
        Self::spawn(binary, data, args.iter().map(|&arg| arg.to_owned()).collect(), String::new())
    }

    fn spawn(mut command: Command, data: &Path, args: Vec<String>, earlier_token: String) -> Self {
        let errors = data.with_extension("log");
        let errors_file = std::fs::OpenOptions::new().create(true).append(true).open(&errors).unwrap();
        command.args(["serve", "--data"]).arg(data).args(&args);
        if !args.iter().any(|arg| arg == "--listen") {
            command.args(["--listen", "127.0.0.1:0"]);
        }
        let mut process = Guard(command.stdout(Stdio::piped()).stderr(errors_file).spawn().unwrap());
        let lines = lines_aside(process.0.stdout.take().unwrap());
        let mut banner = String::new();
        // The banner ends with the command line of the first session.
        while !banner.contains("curl ") {
            match lines.recv_timeout(DEADLINE) {
                Ok(line) => banner.push_str(&format!("{line}\n")),
                Err(_) => panic!(
                    "the server did not start: {banner}{}",
                    std::fs::read_to_string(&errors).unwrap_or_default()
                ),
            }
        }
        let word_behind = |name: &str| {
            let line = banner.lines().find_map(|line| line.trim_start().strip_prefix(name));
            line.and_then(|line| line.split_whitespace().next()).unwrap_or_default().to_owned()
        };
        let base = word_behind("collection").strip_suffix("/api/v1/sessions").unwrap().to_owned();
        let set_token = args.iter().position(|arg| arg == "--admin-token").map(|at| args[at + 1].clone());
        let made_token = Some(word_behind("admin token")).filter(|word| word.len() == 64);
        let token = set_token.or(made_token).unwrap_or(earlier_token);
        let server =
            Self { process, directory: None, data: data.to_owned(), args, base, token, banner, errors };
        wait_until("the server is ready", || (server.get("/readyz").0 == 200).then_some(()));
        server
    }

    /// Starts again on the same data directory with the same arguments, on another port, once the process has ended.
    pub(crate) fn restart(mut self) -> Self {
        self.process.wait();
        let mut restarted = Self::spawn(binary(), &self.data, self.args.clone(), self.token.clone());
        restarted.directory = self.directory.take();
        restarted
    }

    /// Ends the process like a power cut would.
    pub(crate) fn kill9(&mut self) {
        self.process.signal(Signal::KILL);
        self.process.wait();
    }

    /// Asks the process to end, and waits until it has.
    pub(crate) fn sigterm(&mut self) -> ExitStatus {
        self.send_sigterm();
        self.wait()
    }

    /// Asks the process to end.
    pub(crate) fn send_sigterm(&self) {
        self.process.signal(Signal::TERM);
    }

    /// Asks the process to end, like Ctrl-C does.
    pub(crate) fn send_sigint(&self) {
        self.process.signal(Signal::INT);
    }

    /// Waits until the process has ended.
    pub(crate) fn wait(&mut self) -> ExitStatus {
        self.process.wait()
    }

    /// The process id.
    pub(crate) fn pid(&self) -> u32 {
        self.process.0.id()
    }

    /// The URL without a path.
    pub(crate) fn base(&self) -> &str {
        &self.base
    }

    /// The port that it listens on.
    pub(crate) fn port(&self) -> u16 {
        self.base.rsplit(':').next().unwrap().parse().unwrap()
    }

    /// The admin token.
    pub(crate) fn token(&self) -> &str {
        &self.token
    }

    /// The data directory.
    pub(crate) fn data(&self) -> &Path {
        &self.data
    }

    /// The banner.
    pub(crate) fn banner(&self) -> &str {
        &self.banner
    }

    /// The log so far, over all starts.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(&self.errors).unwrap()
    }

    /// GET with the token: status and body; status 0 if there is no response.
    pub(crate) fn get(&self, path: &str) -> (u16, String) {
        let request = agent().get(format!("{}{path}", self.base));
        answer(request.header("Authorization", format!("Bearer {}", self.token)).call())
    }

    /// GET with the token, of JSON.
    pub(crate) fn get_json(&self, path: &str) -> Value {
        let (status, body) = self.get(path);
        assert_eq!(status, 200, "{path}: {body}");
        serde_json::from_str(&body).unwrap()
    }

    /// POST: status and body; status 0 if there is no response.
    pub(crate) fn post(&self, path: &str, body: &str) -> (u16, String) {
        answer(agent().post(format!("{}{path}", self.base)).send(body))
    }

    /// POST with the token: status and body; status 0 if there is no response.
    pub(crate) fn post_with_token(&self, path: &str, body: &str) -> (u16, String) {
        let request = agent().post(format!("{}{path}", self.base));
        answer(request.header("Authorization", format!("Bearer {}", self.token)).send(body))
    }

    /// Replays a recorded session and returns the id of the session that it got.
    pub(crate) fn replay(&self, file: &Path) -> String {
        let file = file.to_str().unwrap();
        let outcome = playhead(&["replay", file, "--to", &self.base, "--format", "json"]).json();
        outcome["session_id"].as_str().unwrap().to_owned()
    }

    /// `playhead sessions` over the data directory.
    pub(crate) fn sessions(&self, args: &[&str]) -> Ended {
        run(binary().arg("sessions").args(args).arg("--data").arg(&self.data))
    }

    /// `playhead sessions` over HTTP.
    pub(crate) fn sessions_over_http(&self, args: &[&str]) -> Ended {
        let mut command = binary();
        command.env("PLAYHEAD_TOKEN", &self.token).arg("sessions").args(args);
        run(command.args(["--server", &self.base]))
    }

    /// Waits until a session has closed and returns its row with its ads, chapters and errors.
    pub(crate) fn wait_until_closed(&self, session: &str) -> Value {
        wait_until("the session has closed", || {
            let row = self.get_json(&format!("/reports/v1/sessions/{session}"));
            (row["is_open"] == false).then_some(row)
        })
    }
}

fn lines_aside(pipe: impl Read + Send + 'static) -> Receiver<String> {
    let (sender, lines) = channel();
    std::thread::spawn(move || {
        // Read to the end even if nobody needs it any more, so that the process never blocks on its output.
        for line in BufReader::new(pipe).lines().map_while(Result::ok) {
            let _nobody_listens = sender.send(line);
        }
    });
    lines
}

fn agent() -> ureq::Agent {
    let config = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .proxy(None)
        .timeout_global(Some(DEADLINE))
        .build();
    config.into()
}

fn answer(response: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> (u16, String) {
    match response {
        Ok(mut response) => match response.body_mut().read_to_string() {
            Ok(body) => (response.status().as_u16(), body),
            Err(error) => (0, format!("broken off: {error}")),
        },
        Err(_) => (0, String::new()),
    }
}

/// A file of the documented timelines.
pub(crate) fn timeline(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/timelines").join(name)
}

/// Writes a recorded session of complete events into a file.
pub(crate) fn write_events(directory: &Path, name: &str, events: &[Value]) -> PathBuf {
    let path = directory.join(name);
    std::fs::write(&path, serde_json::to_vec(events).unwrap()).unwrap();
    path
}

/// A complete `sessionStart`.
pub(crate) fn session_start(ts_ms: i64) -> Value {
    serde_json::json!({
        "playerTime": {"playhead": 0, "ts": ts_ms},
        "eventType": "sessionStart",
        "params": {
            "analytics.trackingServer": "example.com",
            "analytics.reportSuite": "example",
            "visitor.marketingCloudOrgId": "example@AdobeOrg",
            "media.id": "content",
            "media.name": "Content",
            "media.length": 60,
            "media.contentType": "vod",
            "media.playerName": "test",
            "media.channel": "example",
        },
    })
}

/// A complete event without parameters.
pub(crate) fn event(event_type: &str, ts_ms: i64, playhead: f64) -> Value {
    serde_json::json!({"playerTime": {"playhead": playhead, "ts": ts_ms}, "eventType": event_type})
}
