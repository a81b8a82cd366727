//! The shipped command as a process: the server with its tables and its reporter, and the audience that `simulate` makes.

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::Error;
use crate::client::ask;
use crate::cpu::CpuTimes;

/// The token of the measured servers.
const TOKEN: &str = "token-of-the-benchmark";
/// Between two looks whether a server is ready.
const LOOK: Duration = Duration::from_millis(5);
/// How long a start may take.
const START_TIMEOUT: Duration = Duration::from_secs(600);

/// A running server; killed, and its data removed, on drop.
pub(crate) struct Playhead {
    pub(crate) address: SocketAddr,
    process: std::process::Child,
    data: PathBuf,
    args: Vec<String>,
    pin: Option<&'static str>,
}

/// The program beside this one.
fn program() -> Result<PathBuf, Error> {
    let own = std::env::current_exe().map_err(|error| Error::Io("finding this program", error))?;
    let program = own.with_file_name("playhead");
    if program.exists() {
        return Ok(program);
    }
    Err(Error::Unexpected(format!("{} is missing: build it with `make build`", program.display())))
}

impl Playhead {
    /// A server on a data directory of its own. `args` follow `playhead serve`.
    pub(crate) fn start(args: &[&str]) -> Result<Self, Error> {
        Self::start_on(args, None)
    }

    /// The same, on these processors only.
    pub(crate) fn start_on(args: &[&str], pin: Option<&'static str>) -> Result<Self, Error> {
        let data = PathBuf::from(format!("target/playhead-bench-{}", std::process::id()));
        let _left_over = std::fs::remove_dir_all(&data);
        Self::spawn(data, args.iter().map(|arg| (*arg).to_owned()).collect(), pin)
    }

    fn spawn(data: PathBuf, args: Vec<String>, pin: Option<&'static str>) -> Result<Self, Error> {
        let failed = |error| Error::Io("starting playhead", error);
        let program = program()?;
        let mut command = match pin {
            Some(processors) => {
                let mut command = Command::new("taskset");
                command.args(["-c", processors]).arg(program);
                command
            }
            None => Command::new(program),
        };
        command.args([
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--metrics-open",
            "--admin-token",
            TOKEN,
            "--data",
        ]);
        command.arg(&data).args(&args).args(["--log", "error"]);
        let mut process = command.stdout(Stdio::piped()).spawn().map_err(failed)?;
        let mut address = None;
        let Some(stdout) = process.stdout.take() else {
            return Err(Error::Unexpected("playhead has no output".into()));
        };
        let mut lines = BufReader::new(stdout);
        while address.is_none() {
            let mut line = String::new();
            if lines.read_line(&mut line).map_err(failed)? == 0 {
                return Err(Error::Unexpected("playhead did not start".into()));
            }
            let url = line.trim().strip_prefix("collection").map(str::trim);
            let host = url.and_then(|url| url.strip_prefix("http://")?.split('/').next());
            address = host.and_then(|host| host.parse().ok());
        }
        // What it says later is read, so that it never waits.
        std::thread::spawn(move || std::io::copy(&mut lines, &mut std::io::sink()));
        let address = address.ok_or_else(|| Error::Unexpected("playhead has no address".into()))?;
        let server = Self { address, process, data, args, pin };
        server.wait_until_ready()?;
        Ok(server)
    }

    fn wait_until_ready(&self) -> Result<(), Error> {
        let began = Instant::now();
        while began.elapsed() < START_TIMEOUT {
            if ask(self.address, "GET", "/readyz", TOKEN, "").is_some_and(|(status, _)| status == 200) {
                return Ok(());
            }
            std::thread::sleep(LOOK);
        }
        Err(Error::Unexpected("playhead is not ready".into()))
    }

    /// Kills it as a power cut would, and starts it again: the time until it is ready.
    pub(crate) fn restart(mut self) -> Result<(Self, Duration), Error> {
        self.kill();
        let (data, args) = (std::mem::take(&mut self.data), std::mem::take(&mut self.args));
        let began = Instant::now();
        let server = Self::spawn(data, args, self.pin)?;
        Ok((server, began.elapsed()))
    }

    fn kill(&mut self) {
        let _already_gone = self.process.kill();
        let _ended = self.process.wait();
    }

    /// An answer of the report API.
    pub(crate) fn ask(&self, method: &str, path: &str, body: &str) -> Result<String, Error> {
        match ask(self.address, method, path, TOKEN, body) {
            Some((200, body)) => Ok(body),
            Some((status, body)) => Err(Error::Unexpected(format!("{path}: {status} {body}"))),
            None => Err(Error::Unexpected(format!("{path}: no answer"))),
        }
    }

    /// The sum of a metric over its labels.
    pub(crate) fn metric(&self, name: &str) -> Result<f64, Error> {
        let text = self.ask("GET", "/metrics", "")?;
        let values = text.lines().filter_map(|line| {
            let rest = line.strip_prefix(name)?;
            let is_it = rest.starts_with(' ') || rest.starts_with('{');
            is_it.then(|| rest.split_whitespace().next_back()?.parse::<f64>().ok())?
        });
        Ok(values.sum())
    }

    /// Moves everything into the tables and puts their files in order.
    pub(crate) fn maintain(&self) -> Result<(), Error> {
        self.ask("POST", "/reports/v1/maintenance", "").map(|_| ())
    }

    /// Processor time of the process that collects, by thread.
    pub(crate) fn cpu_times(&self) -> Result<CpuTimes, Error> {
        CpuTimes::of(self.process.id())
    }

    /// Memory of the process that collects: in use now, and the most so far, bytes.
    pub(crate) fn memory_bytes(&self) -> Result<(u64, u64), Error> {
        let path = format!("/proc/{}/status", self.process.id());
        let status =
            std::fs::read_to_string(path).map_err(|error| Error::Io("reading the memory in use", error))?;
        let of = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok())
                .map(|kib| kib * 1_024)
                .ok_or_else(|| Error::Unexpected("the system does not tell the memory".into()))
        };
        Ok((of("VmRSS:")?, of("VmHWM:")?))
    }

    /// Bytes of the journal's file, and of the log beside it, which is written from its beginning again and again.
    pub(crate) fn journal_bytes(&self) -> Result<(u64, u64), Error> {
        let bytes = |name| {
            let read = std::fs::metadata(self.data.join(name));
            read.map(|file| file.len()).map_err(|error| Error::Io("reading the journal's size", error))
        };
        Ok((bytes("journal.sqlite3")?, bytes("journal.sqlite3-wal")?))
    }

    /// Bytes of the files that a table consists of.
    pub(crate) fn table_bytes(&self, table: &str) -> Result<u64, Error> {
        referenced_bytes(&self.data.join("lake").join(table).join("_delta_log"))
    }

    /// Sends a simulated audience: its report, and the processor time that sending took. `args` follow `playhead simulate`.
    pub(crate) fn simulate(&self, args: &[&str]) -> Result<(Value, Duration), Error> {
        let file = self.data.with_extension("json");
        let mut command = Command::new(program()?);
        command.args(["simulate", "--server", &format!("http://{}", self.address), "--json"]).arg(&file);
        command.args(args).stdout(Stdio::null()).stderr(Stdio::null());
        let (_, cpu) = to_its_end(&mut command)?;
        let text =
            std::fs::read(&file).map_err(|error| Error::Io("reading the report of an audience", error))?;
        let _removed = std::fs::remove_file(&file);
        let report = serde_json::from_slice(&text).map_err(|error| Error::Unexpected(error.to_string()))?;
        Ok((report, cpu))
    }

    /// Holds the reports against what an audience did; `true` if they are equal.
    pub(crate) fn check(&self, expectation: &Path) -> Result<bool, Error> {
        let mut command = Command::new(program()?);
        command.args([
            "simulate",
            "--server",
            &format!("http://{}", self.address),
            "--wait",
            "2m",
            "--check",
        ]);
        let ended = command.arg(expectation).env("PLAYHEAD_TOKEN", TOKEN).stdout(Stdio::null()).status();
        Ok(ended.map_err(|error| Error::Io("starting a check", error))?.success())
    }
}

impl Drop for Playhead {
    fn drop(&mut self) {
        self.kill();
        if !self.data.as_os_str().is_empty() {
            let _removed = std::fs::remove_dir_all(&self.data);
        }
    }
}

/// Runs a program to its end: what it printed, if its output is a pipe, and the processor time that it took.
pub(crate) fn to_its_end(command: &mut Command) -> Result<(String, Duration), Error> {
    let failed = |error| Error::Io("running a program", error);
    let mut process = command.spawn().map_err(failed)?;
    let mut cpu = Duration::ZERO;
    while process.try_wait().map_err(failed)?.is_none() {
        // It may end in between; the last look counts.
        if let Ok(times) = CpuTimes::of(process.id()) {
            cpu = cpu.max(times.all());
        }
        std::thread::sleep(LOOK);
    }
    let mut output = String::new();
    if let Some(mut stdout) = process.stdout.take() {
        stdout.read_to_string(&mut output).map_err(failed)?;
    }
    Ok((output, cpu))
}

/// Bytes of the files that a log of Delta Lake adds and does not remove.
fn referenced_bytes(log: &Path) -> Result<u64, Error> {
    let failed = |error| Error::Io("reading the log of a table", error);
    let mut versions: Vec<PathBuf> = Vec::new();
    // A table is made with its first row.
    if !log.exists() {
        return Ok(0);
    }
    for entry in std::fs::read_dir(log).map_err(failed)? {
        versions.push(entry.map_err(failed)?.path());
    }
    versions.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    versions.sort();
    let mut files = std::collections::HashMap::new();
    for version in versions {
        let text = std::fs::read_to_string(version).map_err(failed)?;
        for action in text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()) {
            let path_of = |action: &Value| action["path"].as_str().map(str::to_owned);
            if let Some(path) = path_of(&action["add"]) {
                files.insert(path, action["add"]["size"].as_u64().unwrap_or_default());
            }
            if let Some(path) = path_of(&action["remove"]) {
                files.remove(&path);
            }
        }
    }
    Ok(files.values().sum())
}
