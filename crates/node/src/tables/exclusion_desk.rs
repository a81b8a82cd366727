//! Where operators exclude sessions from all reports, undo that, and look what is excluded.

use std::sync::Arc;

use playhead_lake::Exclusion;
use playhead_protocol::SessionId;

use crate::clock::Clock;
use crate::error::{ExclusionError, SessionError};
use crate::exclusions::book::ExclusionBook;
use crate::exclusions::{ExclusionList, ExclusionReport};
use crate::sessions::session_reports::SessionReports;
use crate::tables::keeper::KeeperHandle;

/// The desk of a running node.
pub struct ExclusionDesk {
    book: Arc<ExclusionBook>,
    sessions: SessionReports,
    keeper: KeeperHandle,
    clock: Arc<dyn Clock>,
}

impl ExclusionDesk {
    pub(crate) fn new(
        book: Arc<ExclusionBook>,
        sessions: SessionReports,
        keeper: KeeperHandle,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { book, sessions, keeper, clock }
    }

    /// Excludes a session from all reports for this reason, which [`checked_reason`](crate::exclusions::checked_reason)
    /// let through. When this returns, that is on disk, and no report counts the session. Returns the exclusion in force:
    /// one that was there before stays as it was.
    ///
    /// # Errors
    ///
    /// If there is no such session, too many are excluded, or the journal does not take it.
    pub async fn exclude(&self, id: SessionId, reason: String) -> Result<ExclusionReport, ExclusionError> {
        let exclusion = exclusion_of(&self.sessions, id, reason, self.clock.now_ms()).await?;
        Ok(ExclusionReport::of(&self.book.exclude(exclusion).await?))
    }

    /// Lets a session that was excluded count again, if it was. When this returns, all reports count it.
    ///
    /// # Errors
    ///
    /// If there is no such session, or journal or tables cannot be written; the same call can be made again.
    pub async fn undo(&self, id: SessionId) -> Result<(), ExclusionError> {
        // An exclusion may outlive its session, whose rows were dropped when they grew old.
        if self.book.known().now().contains(&id) {
            return Ok(self.keeper.undo_exclusion(id).await?);
        }
        match self.sessions.session(id).await? {
            None => Err(ExclusionError::UnknownSession),
            Some(_) => Ok(()),
        }
    }

    /// The exclusion of a session; `None` if it counts, or if there is none.
    pub fn exclusion(&self, id: &SessionId) -> Option<ExclusionReport> {
        self.book.known().now().get(id).map(ExclusionReport::of)
    }

    /// All exclusions, the latest first.
    pub fn list(&self) -> ExclusionList {
        ExclusionList::of(&self.book.known().now())
    }
}

/// The exclusion of a session that is among these, from now on.
///
/// # Errors
///
/// If there is no such session, or it cannot be read.
pub async fn exclusion_of(
    sessions: &SessionReports,
    id: SessionId,
    reason: String,
    now_ms: i64,
) -> Result<Exclusion, ExclusionError> {
    let rows = sessions.session(id).await?.ok_or(ExclusionError::UnknownSession)?;
    let (started_at_ms, ended_at_ms, day) = (0, None, 0);
    let exclusion =
        Exclusion { session: id, reason, excluded_at_ms: now_ms, started_at_ms, ended_at_ms, day };
    Ok(exclusion.with_rows(&rows).map_err(SessionError::Lake)?)
}
