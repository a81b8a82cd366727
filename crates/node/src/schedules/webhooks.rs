//! What is sent to a webhook. How, the doors know.

use bytes::Bytes;

use crate::schedules::run::NotSent;

/// A report on its way to a webhook.
#[derive(Debug, Clone)]
pub struct Outgoing {
    /// The URL.
    pub url: String,
    /// The id of the schedule.
    pub schedule_id: String,
    /// When the run was due, ms since the epoch: with the id of the schedule it tells a report that comes again from the next.
    pub due_ms: i64,
    /// The time, ms since the epoch.
    pub now_ms: i64,
    /// The name that a file with the report has.
    pub file_name: String,
    /// The media type.
    pub content_type: String,
    /// The report.
    pub body: Bytes,
}

/// Calls webhooks.
pub trait Webhooks: Send + Sync {
    /// Calls one; may block for [`WEBHOOK_TIMEOUT`](crate::limits::WEBHOOK_TIMEOUT).
    ///
    /// # Errors
    ///
    /// If it does not take the report.
    fn post(&self, outgoing: &Outgoing) -> Result<(), NotSent>;
}
