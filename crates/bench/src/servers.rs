//! The measured servers, each in a process of its own.

use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use clap::ValueEnum;
use http_body_util::Empty;
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use playhead_dashboard::Dashboard;
use playhead_journal::{OpenOptions, SqliteJournal, open_reader};
use playhead_lake::Location;
use playhead_node::clock::{Clock, RandomSource, SystemClock};
use playhead_node::ingest::proxies::TrustedProxies;
use playhead_node::kept::schedule::places::Places;
use playhead_node::settings::{Capacity, Settings};
use playhead_node::settings::{LakeSettings, QuerySettings, TlsFiles};
use playhead_protocol::Validation;
use playhead_server::reporter::{InThisProcess, Reporter};
use playhead_server::{Outside, Server};
use rand::TryRng;
use tokio::net::TcpListener;

use crate::Error;
use crate::cpu::CpuTimes;

/// Linux's file system in memory.
const MEMORY: &str = "/dev/shm";

/// The servers to measure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Kind {
    /// An empty handler on the same HTTP library: the reference.
    Empty,
    /// Playhead as it is.
    Durable,
    /// Playhead with its journal in memory, where fsync does nothing: shows the cost of durability. The product does not
    /// have a switch that turns fsync off.
    NoFsync,
}

impl Kind {
    pub(crate) const ALL: [Self; 3] = [Self::Empty, Self::Durable, Self::NoFsync];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Durable => "durable",
            Self::NoFsync => "no-fsync",
        }
    }
}

/// Serves until the standard input ends.
pub(crate) fn serve(kind: Kind, data: &Path) -> Result<(), Error> {
    let runtime = tokio::runtime::Runtime::new().map_err(|error| Error::Io("starting the runtime", error))?;
    match kind {
        Kind::Empty => {
            let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0"));
            let listener = listener.map_err(|error| Error::Io("listening", error))?;
            announce(listener.local_addr().map_err(|error| Error::Io("listening", error))?)?;
            runtime.spawn(empty_handler(listener));
            wait_for_end();
        }
        Kind::Durable | Kind::NoFsync => {
            let journal = Box::new(SqliteJournal::open(data, OpenOptions::new(SystemClock.now_ms()))?);
            let random = RandomSource::new(Box::new(|bytes| {
                // A server needs the system's randomness; without it, this program ends at its first session.
                if rand::rngs::SysRng.try_fill_bytes(bytes).is_err() {
                    std::process::abort();
                }
            }));
            let lake = Location::directory(&data.join("lake"))?;
            let settings = settings();
            let directory = data.to_path_buf();
            let reporter = InThisProcess::new(Reporter {
                reader: Box::new(move || Ok(Box::new(open_reader(&directory)?))),
                lake: lake.clone(),
                engine: settings.queries.engine(&settings.lake),
                clock: Arc::new(SystemClock),
                memory_bytes: None,
            });
            let outside = Outside {
                journal,
                clock: Arc::new(SystemClock),
                random,
                lake,
                dashboard: Dashboard::default(),
                reporter: Arc::new(reporter),
            };
            let server = runtime.block_on(Server::start(settings, outside))?;
            while !server.is_ready() && !server.has_failed() {
                std::thread::sleep(Duration::from_millis(1));
            }
            announce(server.address())?;
            wait_for_end();
            runtime.block_on(server.stop())?;
        }
    }
    Ok(())
}

fn settings() -> Settings {
    Settings {
        listen: SocketAddr::from(([127, 0, 0, 1], 0)),
        validation: Validation::Standard,
        accounting: playhead_session::Settings::default(),
        report_suites: Vec::new(),
        admin_token: Some("token-of-the-benchmark".to_owned()),
        read_token: None,
        new_admin_token: false,
        metrics_open: true,
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

async fn empty_handler(listener: TcpListener) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(async move {
            if stream.set_nodelay(true).is_err() {
                return;
            }
            let connection =
                http1::Builder::new().serve_connection(TokioIo::new(stream), service_fn(nothing));
            // The load ends by closing its connections.
            let _closed = connection.await;
        });
    }
}

async fn nothing(_request: Request<Incoming>) -> Result<Response<Empty<Bytes>>, std::convert::Infallible> {
    let mut response = Response::new(Empty::new());
    *response.status_mut() = StatusCode::NO_CONTENT;
    Ok(response)
}

fn announce(address: SocketAddr) -> Result<(), Error> {
    let mut out = std::io::stdout();
    writeln!(out, "{address}")
        .and_then(|()| out.flush())
        .map_err(|error| Error::Io("announcing the address", error))
}

fn wait_for_end() {
    let mut line = String::new();
    // An error counts as the end.
    let _ended = std::io::stdin().read_line(&mut line);
}

/// A server in a process of its own; ended, and its data removed, on drop.
pub(crate) struct Child {
    pub(crate) address: SocketAddr,
    process: std::process::Child,
    data: PathBuf,
}

impl Child {
    pub(crate) fn start(kind: Kind) -> Result<Self, Error> {
        let directory = if kind == Kind::NoFsync { MEMORY } else { "target" };
        let data =
            PathBuf::from(format!("{directory}/playhead-bench-{}-{}", kind.name(), std::process::id()));
        let program = std::env::current_exe().map_err(|error| Error::Io("finding this program", error))?;
        let mut process = Command::new(program)
            .args(["serve", kind.name()])
            .arg(&data)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| Error::Io("starting a server", error))?;
        let mut line = String::new();
        if let Some(stdout) = process.stdout.take() {
            BufReader::new(stdout)
                .read_line(&mut line)
                .map_err(|error| Error::Io("reading the address", error))?;
        }
        let address =
            line.trim().parse().map_err(|_| Error::Unexpected(format!("no address but {line:?}")))?;
        Ok(Self { address, process, data })
    }

    /// Processor time that the process has taken so far.
    pub(crate) fn cpu_times(&self) -> Result<CpuTimes, Error> {
        CpuTimes::of(self.process.id())
    }

    /// Memory of the process that is in use, bytes.
    pub(crate) fn resident_bytes(&self) -> Result<u64, Error> {
        let path = format!("/proc/{}/status", self.process.id());
        let status =
            std::fs::read_to_string(path).map_err(|error| Error::Io("reading the memory in use", error))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kib = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok());
        kib.map(|kib| kib * 1_024)
            .ok_or_else(|| Error::Unexpected("the system does not tell the memory".into()))
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        let _ended = self.process.wait();
        let _removed = std::fs::remove_dir_all(&self.data);
    }
}
