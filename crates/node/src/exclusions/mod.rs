//! Sessions that an operator excluded from all reports, as the journal keeps them and a running node knows them.
//!
//! The journal has an exclusion before it is acknowledged, and every report reads it there. The tables follow with the
//! hand-over ([`crate::tables::settling`]): they keep the rows of the session apart, and from then on know of the exclusion
//! themselves, so that it also holds for a journal that is put back from an older copy and for other servers of the same
//! tables.

pub(crate) mod book;

use std::sync::Arc;

use parking_lot::RwLock;
use playhead_journal::JournalReader;
use playhead_lake::{Exclusion, Exclusions};
use playhead_report::Reports;
use playhead_session::rfc3339;
use schemars::JsonSchema;
use serde::Serialize;

use crate::error::SessionError;
use crate::limits::EXCLUSION_REASON_BYTES;

/// The key under which the journal keeps the exclusions, as JSON.
pub const EXCLUSIONS: &str = "exclusions";

/// The exclusions that a journal has.
///
/// # Errors
///
/// When the journal cannot be read.
pub fn exclusions_in(journal: &dyn JournalReader) -> Result<Vec<Exclusion>, playhead_journal::Error> {
    let Some(kept) = journal.meta_get(EXCLUSIONS)? else { return Ok(Vec::new()) };
    serde_json::from_slice(&kept).map_err(|error| {
        playhead_journal::Error::Corrupt(format!("its exclusions of sessions are unreadable: {error}"))
    })
}

/// What the journal keeps of these exclusions.
pub(crate) fn to_kept(exclusions: &[Exclusion]) -> Result<Vec<u8>, playhead_journal::Error> {
    serde_json::to_vec(exclusions).map_err(|error| playhead_journal::Error::Refused(error.to_string()))
}

/// The reason of an exclusion as it is kept.
///
/// # Errors
///
/// What is wrong with it, in words that follow its name.
pub fn checked_reason(reason: &str) -> Result<String, String> {
    let reason = reason.trim();
    if reason.is_empty() {
        return Err("must say why the session is excluded".into());
    }
    if reason.len() > EXCLUSION_REASON_BYTES {
        return Err(format!("must have at most {EXCLUSION_REASON_BYTES} bytes, not {}", reason.len()));
    }
    if reason.chars().any(char::is_control) {
        return Err("must be one line without control characters".into());
    }
    Ok(reason.to_owned())
}

/// The exclusion of a session, as the report API shows it.
#[derive(Debug, Clone, PartialEq, Eq, JsonSchema, Serialize)]
#[schemars(rename = "Exclusion")]
pub struct ExclusionReport {
    /// The session.
    pub session_id: String,
    /// Why no report counts it, as the operator wrote it.
    pub reason: String,
    /// Since when, by the server's clock.
    #[schemars(extend("format" = "date-time"))]
    pub excluded_at: String,
    /// When the session started, by the device's clock.
    #[schemars(extend("format" = "date-time"))]
    pub started_at: String,
    /// When its last event happened, by the device's clock; null if more may come.
    #[schemars(extend("format" = "date-time"))]
    pub ended_at: Option<String>,
}

impl ExclusionReport {
    /// The report of an exclusion.
    pub fn of(exclusion: &Exclusion) -> Self {
        Self {
            session_id: exclusion.session.to_string(),
            reason: exclusion.reason.clone(),
            excluded_at: rfc3339(exclusion.excluded_at_ms),
            started_at: rfc3339(exclusion.started_at_ms),
            ended_at: exclusion.ended_at_ms.map(rfc3339),
        }
    }
}

/// All exclusions, as the report API lists them.
#[derive(Debug, Clone, PartialEq, Eq, JsonSchema, Serialize)]
#[schemars(rename = "Exclusions")]
pub struct ExclusionList {
    /// The exclusions, the latest first.
    pub exclusions: Vec<ExclusionReport>,
}

impl ExclusionList {
    /// The list of these.
    pub fn of(exclusions: &Exclusions) -> Self {
        Self { exclusions: exclusions.list().iter().map(ExclusionReport::of).collect() }
    }
}

/// The exclusions that a running node knows at the moment.
#[derive(Debug, Default)]
pub(crate) struct KnownExclusions(RwLock<Arc<Exclusions>>);

impl KnownExclusions {
    pub(crate) fn now(&self) -> Arc<Exclusions> {
        self.0.read().clone()
    }

    fn become_these(&self, exclusions: Exclusions) {
        *self.0.write() = Arc::new(exclusions);
    }
}

/// Where the exclusions are looked up.
#[derive(Debug, Clone)]
pub(crate) enum ExclusionSource {
    /// In a running node.
    Known(Arc<KnownExclusions>),
    /// In the journal and the tables of a data directory.
    Stored(Box<Reports>),
}

impl ExclusionSource {
    /// The exclusions at this moment.
    ///
    /// # Errors
    ///
    /// If journal or tables cannot be read.
    pub(crate) async fn now(&self) -> Result<Arc<Exclusions>, SessionError> {
        match self {
            Self::Known(known) => Ok(known.now()),
            Self::Stored(reports) => Ok(Arc::new(reports.exclusions().await?)),
        }
    }
}

#[cfg(test)]
mod tests {
    use playhead_protocol::SessionId;

    use super::*;
    use crate::limits::EXCLUDED_SESSIONS;

    #[test]
    fn a_reason_is_one_line_of_a_limited_length() {
        assert_eq!(checked_reason("  its clock was wrong "), Ok("its clock was wrong".into()));
        assert!(checked_reason(" ").unwrap_err().contains("why"));
        assert!(checked_reason("a\nb").unwrap_err().contains("one line"));
        assert!(checked_reason(&"é".repeat(EXCLUSION_REASON_BYTES / 2)).is_ok());
        assert!(checked_reason(&"a".repeat(EXCLUSION_REASON_BYTES + 1)).unwrap_err().contains("at most"));
    }

    #[test]
    fn as_many_exclusions_as_there_may_be_fit_into_the_journal() {
        let longest = Exclusion {
            session: SessionId::from_bytes([255; SessionId::LENGTH]),
            // Two bytes of JSON for each.
            reason: checked_reason(&"\"".repeat(EXCLUSION_REASON_BYTES)).unwrap(),
            excluded_at_ms: i64::MIN,
            started_at_ms: i64::MIN,
            ended_at_ms: Some(i64::MIN),
            day: i32::MIN,
        };
        let kept = to_kept(&vec![longest; EXCLUDED_SESSIONS]).unwrap();
        assert!(kept.len() < playhead_journal::limits::MAX_META_VALUE_BYTES, "{}", kept.len());
    }
}
