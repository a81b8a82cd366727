//! The settings of an operator as plain values. The command reads them from flags, the file and the environment.

use std::net::SocketAddr;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use playhead_protocol::Validation;
use playhead_report::Zone;
use playhead_report::engine::reports::EngineSettings;

use crate::ingest::proxies::TrustedProxies;
use crate::kept::schedule::places::Places;
use crate::limits;

/// Settings of a server.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where to listen.
    pub listen: SocketAddr,
    /// How strictly events are taken.
    pub validation: Validation,
    /// Times of the accounting.
    pub accounting: playhead_session::Settings,
    /// Report suites whose sessions are collected; empty for all.
    pub report_suites: Vec<String>,
    /// The admin token; without one, the first start makes one.
    pub admin_token: Option<String>,
    /// A token that may only read, if there is one.
    pub read_token: Option<String>,
    /// Whether the token that an earlier start made is replaced by a new one.
    pub new_admin_token: bool,
    /// Whether `/metrics` answers without a token.
    pub metrics_open: bool,
    /// The proxies that say for which client they pass a request on.
    pub trusted_proxies: TrustedProxies,
    /// How much the server takes on.
    pub capacity: Capacity,
    /// How often the states of open sessions are checkpointed: what a restart has to replay at most.
    pub checkpoint_interval: Duration,
    /// Settings of the lake.
    pub lake: LakeSettings,
    /// The limits of queries.
    pub queries: QuerySettings,
    /// Where reports may be sent by schedule.
    pub places: Places,
    /// A font whose letters pictures of reports have beside those of the built-in one.
    pub report_font: Option<PathBuf>,
    /// The secret that signs what is sent to webhooks.
    pub webhook_secret: Option<String>,
    /// Where to listen for the PostgreSQL protocol; `None` to do without.
    pub postgres_listen: Option<SocketAddr>,
    /// The certificate for that.
    pub postgres_tls: TlsFiles,
    /// Whether clients on other machines may log in there without TLS although there is a certificate.
    pub postgres_tls_optional: bool,
}

/// The files of a certificate, PEM; both or none.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TlsFiles {
    /// The certificate, and those between it and the authority.
    pub certificate: Option<PathBuf>,
    /// Its private key.
    pub key: Option<PathBuf>,
}

/// Settings of the lake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LakeSettings {
    /// How often closed sessions and events move from the journal into the lake.
    pub interval: Duration,
    /// How long rows of events are kept; `None` for ever.
    pub event_retention: Option<Duration>,
    /// How long rows of sessions, ads, chapters and errors are kept; `None` for ever.
    pub session_retention: Option<Duration>,
    /// Memory for putting small files together, bytes.
    pub maintenance_memory_bytes: usize,
    /// Where what does not fit into that memory goes meanwhile.
    pub scratch: PathBuf,
}

/// The limits of queries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuerySettings {
    /// Memory of all queries together, bytes.
    pub memory_bytes: usize,
    /// How long one may take.
    pub timeout: Duration,
    /// Queries that are answered at the same time.
    pub at_a_time: usize,
    /// Threads of one query; 0 for one for each core.
    pub threads: usize,
    /// The time zone of a query that names none.
    pub time_zone: Zone,
}

impl QuerySettings {
    /// The memory of the process that answers queries, bytes: that of the queries, and half as much or
    /// [`limits::REPORTER_BYTES`] for what they take beside what they count.
    pub fn process_memory_bytes(&self) -> u64 {
        let beside = (self.memory_bytes / 2).max(limits::REPORTER_BYTES);
        self.memory_bytes.saturating_add(beside) as u64
    }

    /// The settings of the query engine. Queries spill to a folder of their own in the scratch directory of the lake's upkeep.
    pub fn engine(&self, lake: &LakeSettings) -> EngineSettings {
        EngineSettings {
            memory_bytes: self.memory_bytes,
            query_memory_bytes: self.memory_bytes,
            query_time: self.timeout,
            queries: self.at_a_time,
            query_threads: NonZeroUsize::new(self.threads),
            spill_directory: Some(lake.scratch.join("queries")),
            time_zone: self.time_zone.clone(),
            ..EngineSettings::default()
        }
    }
}

impl LakeSettings {
    /// The usual settings, with a directory for what does not fit into memory.
    pub fn with_scratch(scratch: PathBuf) -> Self {
        Self {
            interval: limits::LAKE_INTERVAL,
            event_retention: Some(limits::EVENT_RETENTION),
            session_retention: None,
            maintenance_memory_bytes: limits::MAINTENANCE_BYTES,
            scratch,
        }
    }
}

impl Default for QuerySettings {
    fn default() -> Self {
        Self {
            memory_bytes: limits::QUERY_MEMORY_BYTES,
            timeout: limits::QUERY_TIMEOUT,
            at_a_time: limits::QUERIES,
            threads: 0,
            time_zone: Zone::UTC,
        }
    }
}

/// How much the server takes on before it refuses requests as busy.
#[derive(Debug, Clone, Copy)]
pub struct Capacity {
    /// Connections at a time.
    pub connections: usize,
    /// Requests that wait for the writer.
    pub waiting_requests: usize,
    /// Open sessions at a time.
    pub open_sessions: usize,
    /// Bytes of memory for open sessions.
    pub open_sessions_bytes: usize,
    /// Requests of one address a second, counted over ten seconds; 0 for no limit.
    pub address_requests_per_second: u32,
    /// How long a connection may be idle, or take for its headers.
    pub idle_timeout: Duration,
    /// How long a body may take.
    pub body_timeout: Duration,
}

impl Default for Capacity {
    fn default() -> Self {
        Self {
            connections: limits::CONNECTIONS,
            waiting_requests: limits::INGEST_QUEUE,
            open_sessions: limits::OPEN_SESSIONS,
            open_sessions_bytes: limits::OPEN_SESSIONS_BYTES,
            address_requests_per_second: 0,
            idle_timeout: limits::IDLE_TIMEOUT,
            body_timeout: limits::BODY_TIMEOUT,
        }
    }
}
