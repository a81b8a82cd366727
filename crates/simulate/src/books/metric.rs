//! The metrics that are expected, each with its name in reports.

/// The unit of a metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    /// Compared exactly.
    Count,
    /// Counted here in milliseconds, in reports in seconds.
    Duration,
}

/// A metric of sessions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Metric {
    /// Its name in queries.
    pub(crate) name: &'static str,
    /// Its unit.
    pub(crate) unit: Unit,
    /// The same of a single session, as an expression of SQL.
    pub(crate) sql: &'static str,
}

const fn count(name: &'static str, sql: &'static str) -> Metric {
    Metric { name, unit: Unit::Count, sql }
}

const fn duration(name: &'static str) -> Metric {
    Metric { name, unit: Unit::Duration, sql: name }
}

/// All metrics of sessions that are expected. The order is that of [`Values`].
pub(crate) const METRICS: [Metric; 36] = [
    count("sessions", "1"),
    count("event_count", "event_count"),
    count("media_starts", "media_start"),
    count("content_resumes", "content_resume"),
    count("content_starts", "content_start"),
    count("content_completes", "content_complete"),
    count("drops_before_start", "drop_before_start"),
    count("start_failures", "start_failure"),
    count("exits_before_start", "exit_before_start"),
    duration("content_time_spent"),
    duration("ad_time_spent"),
    duration("media_time_spent"),
    duration("unique_time_played"),
    duration("total_pause_duration"),
    duration("total_buffer_duration"),
    duration("total_stall_duration"),
    count("pause_events", "pause_events"),
    count("buffer_events", "buffer_events"),
    count("stall_events", "stall_events"),
    count("error_events", "error_events"),
    count("bitrate_changes", "bitrate_changes"),
    count("ad_starts", "ad_count"),
    count("ad_completes", "ad_completes"),
    count("ad_skips", "ad_skips"),
    count("chapter_starts", "chapter_count"),
    count("chapter_completes", "chapter_completes"),
    count("chapter_skips", "chapter_skips"),
    count("progress_10", "progress_10"),
    count("progress_25", "progress_25"),
    count("progress_50", "progress_50"),
    count("progress_75", "progress_75"),
    count("progress_95", "progress_95"),
    count("estimated_streams", "estimated_streams"),
    count("error_impacted_streams", "error_events > 0"),
    count("dropped_frames", "dropped_frames"),
    count("time_to_start_ms", "time_to_start_ms"),
];

/// A value for each of [`METRICS`]; durations in ms.
pub(crate) type Values = [i64; METRICS.len()];

/// Metrics by ad: of each ad's views.
pub(crate) const AD_METRICS: [Metric; 4] =
    [count("ad_starts", "1"), count("ad_completes", "1"), count("ad_skips", "1"), duration("ad_time_spent")];

/// Metrics by chapter: of the views of each.
pub(crate) const CHAPTER_METRICS: [Metric; 4] = [
    count("chapter_starts", "1"),
    count("chapter_completes", "1"),
    count("chapter_skips", "1"),
    duration("chapter_time_spent"),
];

/// Metrics of player states, over all sessions: count and time of each of the states that viewers turn on and off.
pub(crate) const STATE_METRICS: [Metric; 6] = [
    count("fullScreen_count", "1"),
    duration("fullScreen_time"),
    count("mute_count", "1"),
    duration("mute_time"),
    count("closedCaptioning_count", "1"),
    duration("closedCaptioning_time"),
];

/// A value for each of [`AD_METRICS`] or [`CHAPTER_METRICS`].
pub(crate) type ViewValues = [i64; 4];
