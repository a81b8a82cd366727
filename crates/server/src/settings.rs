//! What an operator may set. Plain values: where they come from (flags, file, environment) is the command's business.

use std::net::SocketAddr;
use std::time::Duration;

use playhead_protocol::Validation;

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
    /// Whether the token that an earlier start made is replaced by a new one.
    pub new_admin_token: bool,
    /// Whether `/metrics` answers without a token.
    pub metrics_open: bool,
    /// How much the server takes on.
    pub capacity: Capacity,
    /// How often the states of open sessions are checkpointed: what a restart has to replay at most.
    pub checkpoint_interval: Duration,
    /// How long raw events stay in the journal once their session has closed; `None` for ever.
    pub event_retention: Option<Duration>,
}

/// How much the server takes on before it says 503.
#[derive(Debug, Clone, Copy)]
pub struct Capacity {
    /// Connections at a time.
    pub connections: usize,
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
            open_sessions: limits::OPEN_SESSIONS,
            open_sessions_bytes: limits::OPEN_SESSIONS_BYTES,
            address_requests_per_second: 0,
            idle_timeout: limits::IDLE_TIMEOUT,
            body_timeout: limits::BODY_TIMEOUT,
        }
    }
}
