//! The server's metrics, as `/metrics` shows them. One table names each once, with its kind and its help text.

use std::sync::atomic::{AtomicU64, Ordering};

use prometheus_client::encoding::text::encode;
use prometheus_client::encoding::{EncodeLabelSet, EncodeLabelValue};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::{Registry, Unit};

use playhead_protocol::Origin;

use crate::reason::{Reason, WorkKind};

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ReasonLabel {
    reason: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct KindLabel {
    kind: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct SourceLabel {
    source: SourceValue,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct SourceValue(Origin);

impl EncodeLabelValue for SourceValue {
    fn encode(
        &self,
        encoder: &mut prometheus_client::encoding::LabelValueEncoder<'_>,
    ) -> Result<(), std::fmt::Error> {
        self.0.source().encode(encoder)
    }
}

/// The table of metrics: one entry gives the field, its registration and its documentation. The name in `/metrics` is
/// `playhead_`, the field, the unit if there is one, and `_total` if it is a counter.
macro_rules! table_of_metrics {
    ($($visibility:vis $field:ident: $kind:ty $(= $initial:expr)?, $(in $unit:ident,)? $help:literal;)*) => {
        /// The server's metrics.
        #[derive(Debug)]
        pub struct Telemetry {
            registry: Registry,
            $(#[doc = concat!($help, ".")] $visibility $field: $kind,)*
        }

        impl Default for Telemetry {
            fn default() -> Self {
                let mut registry = Registry::with_prefix("playhead");
                $(
                    let $field: $kind = table_of_metrics!(@initial $($initial)?);
                    table_of_metrics!(@register registry, $field, $help $(, $unit)?);
                )*
                Self { registry, $($field,)* }
            }
        }
    };
    (@initial) => { Default::default() };
    (@initial $initial:expr) => { $initial };
    (@register $registry:ident, $field:ident, $help:literal) => {
        $registry.register(stringify!($field), $help, $field.clone())
    };
    (@register $registry:ident, $field:ident, $help:literal, $unit:ident) => {
        $registry.register_with_unit(stringify!($field), $help, Unit::$unit, $field.clone())
    };
}

table_of_metrics! {
    events_accepted: Family<SourceLabel, Counter>,
        "Events on disk and accounted for, by the door they came through";
    requests_refused: Family<ReasonLabel, Counter> = refused_for_each_reason(), "Requests that got an error, by reason";
    requests_shed: Family<KindLabel, Counter> = shed_of_each_kind(),
        "Collection requests refused because too much is under way, by what they bring";
    pub(crate) error_events: Counter, "Accepted events with which players report an error";
    pub(crate) buffer_events: Counter, "Accepted events with which players begin to wait for data";
    pub(crate) duplicates: Counter, "Retries of accepted events";
    pub(crate) sessions_opened: Counter, "Sessions opened";
    pub(crate) sessions_closed: Counter, "Sessions closed";
    pub(crate) commit: Histogram = Histogram::new(exponential_buckets(0.000_1, 2.0, 16)), in Seconds,
        "Time from the begin of a commit until it is on disk";
    pub(crate) commit_events: Histogram = Histogram::new(exponential_buckets(1.0, 2.0, 14)),
        "Events in one commit";
    pub(crate) commit_failures: Counter, "Commits that failed";
    pub(crate) reorder_depth: Histogram = Histogram::new([1.0, 2.0, 3.0, 4.0, 6.0, 8.0, 10.0]),
        "Events in a session's reorder window after one more came";
    pub(crate) open_sessions: Gauge, "Open sessions";
    pub(crate) silent_sessions: Gauge,
        "Open sessions whose players have sent nothing for three ping intervals, at the last count";
    pub(crate) open_sessions_memory: Gauge, in Bytes, "Memory of open sessions";
    pub(crate) outbox_rows: Counter, "Rows of closed sessions written to the outbox";
    pub(crate) journal_size: Gauge, in Bytes, "Size of the journal on disk";
    pub(crate) lake_sessions: Counter, "Closed sessions moved into the tables";
    pub(crate) lake_events: Counter, "Events moved into the tables";
    pub(crate) lake_sessions_unreadable: Counter,
        "Closed sessions whose row could not be read and is in no table";
    pub(crate) lake_partings: Counter,
        "Times at which the tables were found to have gone on with another history of this journal";
    pub(crate) lake_upkeep: Counter, "Days put together, rolled up or dropped, and tables cleaned up";
    pub(crate) lake_retention_held: Counter,
        "Times at which retention began to be held back because the clock is far ahead";
    pub(crate) lake_failures: Counter, "Attempts to write or keep the tables that failed";
    pub(crate) reporter_restarts: Counter,
        "Times at which the process that answers queries ended and was started again";
    pub(crate) ingest_queue: Gauge, "Requests that wait for the writer";
    pub(crate) server_clock_steps: Counter,
        "Times at which the server's clock was set forwards or back by more than a few seconds";
    pub connections: Gauge, "Open connections";
    pub(crate) ready: Gauge<u64, AtomicU64>, "1 when ready for events";
}

/// Every reason of a refusal is there from the start, so that a rate over it is defined before the first one.
fn refused_for_each_reason() -> Family<ReasonLabel, Counter> {
    let family = Family::default();
    for reason in Reason::ALL {
        drop(family.get_or_create(&ReasonLabel { reason: reason.name() }));
    }
    family
}

/// As for the reasons.
fn shed_of_each_kind() -> Family<KindLabel, Counter> {
    let family = Family::default();
    for kind in WorkKind::ALL {
        drop(family.get_or_create(&KindLabel { kind: kind.name() }));
    }
    family
}

impl Telemetry {
    /// Counts accepted events.
    pub(crate) fn count_accepted(&self, origin: Origin, events: u64) {
        self.events_accepted.get_or_create(&SourceLabel { source: SourceValue(origin) }).inc_by(events);
    }

    /// Counts a request that is refused, of any kind. Collection requests are counted through
    /// [`Outcomes`](crate::outcome::Outcomes).
    pub fn count_refused(&self, reason: Reason) {
        self.requests_refused.get_or_create(&ReasonLabel { reason: reason.name() }).inc();
    }

    /// Counts work that is refused because too much is under way.
    pub fn count_shed(&self, kind: WorkKind) {
        self.requests_shed.get_or_create(&KindLabel { kind: kind.name() }).inc();
    }

    /// Whether the server takes events now.
    pub(crate) fn set_ready(&self, is_ready: bool) {
        self.ready.inner().store(u64::from(is_ready), Ordering::Relaxed);
    }

    /// The OpenMetrics text.
    pub fn encode(&self) -> Result<String, std::fmt::Error> {
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Dashboards and alerts of operators hold these names: each stays as it is.
    const NAMES: [&str; 29] = [
        "playhead_buffer_events",
        "playhead_commit_events",
        "playhead_commit_failures",
        "playhead_commit_seconds",
        "playhead_connections",
        "playhead_duplicates",
        "playhead_error_events",
        "playhead_events_accepted",
        "playhead_ingest_queue",
        "playhead_journal_size_bytes",
        "playhead_lake_events",
        "playhead_lake_failures",
        "playhead_lake_partings",
        "playhead_lake_retention_held",
        "playhead_lake_sessions",
        "playhead_lake_sessions_unreadable",
        "playhead_lake_upkeep",
        "playhead_open_sessions",
        "playhead_open_sessions_memory_bytes",
        "playhead_outbox_rows",
        "playhead_ready",
        "playhead_reorder_depth",
        "playhead_reporter_restarts",
        "playhead_requests_refused",
        "playhead_requests_shed",
        "playhead_server_clock_steps",
        "playhead_sessions_closed",
        "playhead_sessions_opened",
        "playhead_silent_sessions",
    ];

    #[test]
    fn metrics_keep_their_names() {
        let telemetry = Telemetry::default();
        telemetry.count_accepted(Origin::COLLECTION_V1, 1);
        let text = telemetry.encode().unwrap();
        let types = text.lines().filter_map(|line| line.strip_prefix("# TYPE "));
        let mut names: Vec<_> = types.filter_map(|line| line.split_whitespace().next()).collect();
        names.sort_unstable();
        assert_eq!(names, NAMES);
    }
}
