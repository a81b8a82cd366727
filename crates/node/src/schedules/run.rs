//! What became of a schedule when it was due.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::kept::written_time;

/// How far a run has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, JsonSchema, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunOutcome {
    /// The report was sent.
    Sent,
    /// It was not, and will be tried again.
    Waiting,
    /// It was not.
    Failed,
}

/// A run of a schedule.
#[derive(Debug, Clone, PartialEq, Eq, JsonSchema, Serialize, Deserialize)]
pub struct Run {
    /// When it was due; the time of the request, if somebody asked for it.
    #[serde(rename = "due_at", with = "written_time")]
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub due_ms: i64,
    /// Whether somebody asked for it.
    pub is_by_request: bool,
    /// When the last attempt began.
    #[serde(rename = "started_at", with = "written_time")]
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub started_ms: i64,
    /// When the last attempt ended.
    #[serde(rename = "ended_at", with = "written_time")]
    #[schemars(with = "String", extend("format" = "date-time"))]
    pub ended_ms: i64,
    /// How far it has come.
    pub outcome: RunOutcome,
    /// How often it was tried.
    pub attempts: u32,
    /// When it is tried again, if it is.
    #[serde(rename = "next_attempt_at", with = "written_time::optional")]
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub next_attempt_ms: Option<i64>,
    /// The beginning of the range that it is about; null if there was none.
    #[serde(rename = "from", with = "written_time::optional")]
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub from_ms: Option<i64>,
    /// The end of the range, which is not part of it.
    #[serde(rename = "to", with = "written_time::optional")]
    #[schemars(with = "Option<String>", extend("format" = "date-time"))]
    pub to_ms: Option<i64>,
    /// The file below the server's directory for reports, or the URL, that has the report.
    pub place: Option<String>,
    /// The length of the report.
    pub size_bytes: Option<u64>,
    /// Why it was not sent.
    pub fault: Option<String>,
    /// How many times that it was due before were missed, and are left out.
    pub missed: u32,
}

/// Why a report was not sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotSent {
    /// The reason, as a sentence without a full stop.
    pub message: String,
    /// Whether the same may succeed later.
    pub may_pass: bool,
}

impl NotSent {
    /// A reason that stays.
    pub fn for_good(message: impl Into<String>) -> Self {
        Self { message: message.into(), may_pass: false }
    }

    /// A reason that may pass.
    pub fn this_time(message: impl Into<String>) -> Self {
        Self { message: message.into(), may_pass: true }
    }
}
