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

/// The collector on Node.
const COLLECTOR: &str = "bench/collector/collector.mjs";
/// How often is looked whether nginx listens, 10 ms apart.
const ATTEMPTS: u32 = 500;
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
    /// nginx, which answers 204 to everything.
    Nginx,
    /// A collector on Node and fastify that appends lines to a file, without syncing it.
    Fastify,
}

impl Kind {
    pub(crate) const ALL: [Self; 5] = [Self::Empty, Self::Durable, Self::NoFsync, Self::Nginx, Self::Fastify];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Durable => "durable",
            Self::NoFsync => "no-fsync",
            Self::Nginx => "nginx",
            Self::Fastify => "fastify",
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
        Kind::Nginx | Kind::Fastify => {
            return Err(Error::Unexpected("this server is a program of its own".into()));
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
        match kind {
            Kind::Nginx => Self::start_nginx(&data),
            Kind::Fastify => {
                let mut command = Command::new("node");
                command.arg(COLLECTOR).arg(data.with_extension("lines"));
                Self::start_announcing(command, data)
            }
            _ => {
                let program =
                    std::env::current_exe().map_err(|error| Error::Io("finding this program", error))?;
                let mut command = Command::new(program);
                command.args(["serve", kind.name()]).arg(&data);
                Self::start_announcing(command, data)
            }
        }
    }

    /// Why a server cannot be measured here; `None` if it can.
    pub(crate) fn is_missing(kind: Kind) -> Option<&'static str> {
        let runs = |program: &str, argument: &str| {
            let mut command = Command::new(program);
            let ended = command.arg(argument).stdout(Stdio::null()).stderr(Stdio::null()).status();
            ended.is_ok_and(|status| status.success())
        };
        match kind {
            Kind::Nginx if !runs("nginx", "-v") => Some("nginx is not installed"),
            Kind::Fastify if !runs("node", "--version") => Some("node is not installed"),
            Kind::Fastify if !Path::new(COLLECTOR).with_file_name("node_modules").exists() => {
                Some("`npm ci` was not run in bench/collector")
            }
            _ => None,
        }
    }

    /// A server that tells its address in a line, and ends with its standard input.
    fn start_announcing(mut command: Command, data: PathBuf) -> Result<Self, Error> {
        let spawned = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let mut process = spawned.map_err(|error| Error::Io("starting a server", error))?;
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

    fn start_nginx(data: &Path) -> Result<Self, Error> {
        let failed = |error| Error::Io("starting nginx", error);
        std::fs::create_dir_all(data).map_err(failed)?;
        let data = data.canonicalize().map_err(failed)?;
        let free = std::net::TcpListener::bind("127.0.0.1:0").map_err(failed)?;
        let address = free.local_addr().map_err(failed)?;
        drop(free);
        let place = data.display();
        let configuration = format!(
            "worker_processes auto; pid {place}/pid; error_log {place}/errors; daemon off;\n\
             events {{ worker_connections 4096; }}\n\
             http {{ access_log off; keepalive_requests 1000000000; client_body_temp_path {place}/body;\n\
             proxy_temp_path {place}/proxy; fastcgi_temp_path {place}/fastcgi; uwsgi_temp_path {place}/uwsgi;\n\
             scgi_temp_path {place}/scgi; server {{ listen {address}; location / {{ return 204; }} }} }}\n"
        );
        let file = data.join("nginx.conf");
        std::fs::write(&file, configuration).map_err(failed)?;
        let process =
            Command::new("nginx").arg("-c").arg(&file).stderr(Stdio::null()).spawn().map_err(failed)?;
        let child = Self { address, process, data };
        for _ in 0..ATTEMPTS {
            if std::net::TcpStream::connect(address).is_ok() {
                return Ok(child);
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        Err(Error::Unexpected("nginx does not listen".into()))
    }

    /// Processor time that the server has taken so far, in all its processes.
    pub(crate) fn cpu_times(&self) -> Result<CpuTimes, Error> {
        CpuTimes::of_family(self.process.id())
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        if self.process.stdin.take().is_none() {
            // nginx ends with a signal, and its workers with it.
            let pid = self.process.id().to_string();
            let _told = Command::new("kill").arg(pid).status();
        }
        let _ended = self.process.wait();
        let _removed = std::fs::remove_dir_all(&self.data);
        let _no_lines = std::fs::remove_file(self.data.with_extension("lines"));
    }
}
