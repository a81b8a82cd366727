//! What `/metrics` says. One field a metric; its help text is its documentation.

use std::sync::atomic::{AtomicU64, Ordering};

use prometheus_client::encoding::text::encode;
use prometheus_client::encoding::{EncodeLabelSet, EncodeLabelValue};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Registry, Unit};

use playhead_protocol::Door;

use crate::error::Error;

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ReasonLabel {
    reason: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct SourceLabel {
    source: SourceValue,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct SourceValue(Door);

impl EncodeLabelValue for SourceValue {
    fn encode(
        &self,
        encoder: &mut prometheus_client::encoding::LabelValueEncoder<'_>,
    ) -> Result<(), std::fmt::Error> {
        self.0.name().encode(encoder)
    }
}

/// The server's metrics.
#[derive(Debug)]
pub struct Telemetry {
    registry: Registry,
    events_accepted: Family<SourceLabel, Counter>,
    requests_refused: Family<ReasonLabel, Counter>,
    pub(crate) error_events: Counter,
    pub(crate) buffer_events: Counter,
    pub(crate) duplicates: Counter,
    pub(crate) sessions_opened: Counter,
    pub(crate) sessions_closed: Counter,
    pub(crate) commit_seconds: Histogram,
    pub(crate) commit_events: Histogram,
    pub(crate) commit_failures: Counter,
    pub(crate) reorder_depth: Histogram,
    pub(crate) open_sessions: Gauge,
    pub(crate) open_sessions_bytes: Gauge,
    pub(crate) outbox_rows: Counter,
    pub(crate) journal_bytes: Gauge,
    pub(crate) lake_sessions: Counter,
    pub(crate) lake_events: Counter,
    pub(crate) lake_unreadable: Counter,
    pub(crate) lake_upkeep: Counter,
    pub(crate) lake_failures: Counter,
    pub(crate) queue: Gauge,
    /// Open connections, of all doors.
    pub connections: Gauge,
    pub(crate) ready: Gauge<u64, AtomicU64>,
}

impl Telemetry {
    /// Metrics in which every reason of a refusal is there from the start, so that a rate over it is defined before
    /// the first one.
    pub fn with_reasons(reasons: &[&'static str]) -> Self {
        let telemetry = Self::default();
        for &reason in reasons {
            drop(telemetry.requests_refused.get_or_create(&ReasonLabel { reason }));
        }
        telemetry
    }
}

impl Default for Telemetry {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("playhead");
        let telemetry = Self {
            events_accepted: Family::default(),
            requests_refused: Family::default(),
            error_events: Counter::default(),
            buffer_events: Counter::default(),
            duplicates: Counter::default(),
            sessions_opened: Counter::default(),
            sessions_closed: Counter::default(),
            commit_seconds: Histogram::new(exponential_buckets(0.000_1, 2.0, 16)),
            commit_events: Histogram::new(exponential_buckets(1.0, 2.0, 14)),
            commit_failures: Counter::default(),
            reorder_depth: Histogram::new([1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 10.0]),
            open_sessions: Gauge::default(),
            open_sessions_bytes: Gauge::default(),
            outbox_rows: Counter::default(),
            journal_bytes: Gauge::default(),
            lake_sessions: Counter::default(),
            lake_events: Counter::default(),
            lake_unreadable: Counter::default(),
            lake_upkeep: Counter::default(),
            lake_failures: Counter::default(),
            queue: Gauge::default(),
            connections: Gauge::default(),
            ready: Gauge::default(),
            registry: Registry::default(),
        };
        registry.register(
            "events_accepted",
            "Events on disk and accounted for, by the door they came through",
            telemetry.events_accepted.clone(),
        );
        registry.register(
            "requests_refused",
            "Requests that got an error, by reason",
            telemetry.requests_refused.clone(),
        );
        registry.register(
            "error_events",
            "Accepted events with which players report an error",
            telemetry.error_events.clone(),
        );
        registry.register(
            "buffer_events",
            "Accepted events with which players begin to wait for data",
            telemetry.buffer_events.clone(),
        );
        registry.register("duplicates", "Retries of accepted events", telemetry.duplicates.clone());
        registry.register("sessions_opened", "Sessions opened", telemetry.sessions_opened.clone());
        registry.register("sessions_closed", "Sessions closed", telemetry.sessions_closed.clone());
        registry.register_with_unit(
            "commit",
            "Time from the begin of a commit until it is on disk",
            Unit::Seconds,
            telemetry.commit_seconds.clone(),
        );
        registry.register("commit_events", "Events in one commit", telemetry.commit_events.clone());
        registry.register("commit_failures", "Commits that failed", telemetry.commit_failures.clone());
        registry.register(
            "reorder_depth",
            "Events in a session's reorder window after one more came",
            telemetry.reorder_depth.clone(),
        );
        registry.register("open_sessions", "Open sessions", telemetry.open_sessions.clone());
        registry.register_with_unit(
            "open_sessions_memory",
            "Memory of open sessions",
            Unit::Bytes,
            telemetry.open_sessions_bytes.clone(),
        );
        registry.register(
            "outbox_rows",
            "Rows of closed sessions written to the outbox",
            telemetry.outbox_rows.clone(),
        );
        registry.register_with_unit(
            "journal_size",
            "Size of the journal on disk",
            Unit::Bytes,
            telemetry.journal_bytes.clone(),
        );
        registry.register(
            "lake_sessions",
            "Closed sessions moved into the tables",
            telemetry.lake_sessions.clone(),
        );
        registry.register("lake_events", "Events moved into the tables", telemetry.lake_events.clone());
        registry.register(
            "lake_sessions_unreadable",
            "Closed sessions whose row could not be read and is in no table",
            telemetry.lake_unreadable.clone(),
        );
        registry.register(
            "lake_upkeep",
            "Days put together, rolled up or dropped, and tables cleaned up",
            telemetry.lake_upkeep.clone(),
        );
        registry.register(
            "lake_failures",
            "Attempts to write or keep the tables that failed",
            telemetry.lake_failures.clone(),
        );
        registry.register("ingest_queue", "Requests that wait for the writer", telemetry.queue.clone());
        registry.register("connections", "Open connections", telemetry.connections.clone());
        registry.register("ready", "1 when ready for events", telemetry.ready.clone());
        Self { registry, ..telemetry }
    }
}

impl Telemetry {
    /// Counts accepted events.
    pub(crate) fn count_accepted(&self, door: Door, events: u64) {
        self.events_accepted.get_or_create(&SourceLabel { source: SourceValue(door) }).inc_by(events);
    }

    /// Events accepted so far, through all doors.
    pub(crate) fn accepted(&self) -> u64 {
        let of_door =
            |door| self.events_accepted.get_or_create(&SourceLabel { source: SourceValue(door) }).get();
        Door::ALL.into_iter().map(of_door).sum()
    }

    /// Counts a refused request.
    pub fn count_refused(&self, reason: &'static str) {
        self.requests_refused.get_or_create(&ReasonLabel { reason }).inc();
    }

    /// Whether the server takes events now.
    pub(crate) fn set_ready(&self, is_ready: bool) {
        self.ready.inner().store(u64::from(is_ready), Ordering::Relaxed);
    }

    /// The OpenMetrics text.
    pub fn encode(&self) -> Result<String, Error> {
        let mut text = String::new();
        encode(&mut text, &self.registry).map_err(|_| Error::Internal)?;
        Ok(text)
    }
}
