//! The tables follow the exclusions of sessions: the rows of an excluded session leave them and are kept, and go back when
//! the exclusion is undone. The keeper does this behind each hand-over of closed sessions, when all tables have what the
//! journal had.

use std::collections::HashSet;

use playhead_journal::ClosedRecord;
use playhead_lake::{Bounds, Error as LakeError, Exclusion, ExclusionWork, Stage, StoredExclusion};
use playhead_protocol::SessionId;
use playhead_session::ReadRows;

use crate::error::MaintenanceError;
use crate::exclusions::book::LookedFor;
use crate::tables::keeper::KeeperParts;

impl KeeperParts {
    /// Learns what the tables know of exclusions.
    pub(crate) async fn learn_exclusions(&self) -> Result<(), MaintenanceError> {
        self.book.learn(self.lake.latest_exclusions().await?).await;
        Ok(())
    }

    /// Keeps the rows of those of these closed sessions that are excluded, and returns which they are: they are not handed
    /// over. A row that cannot be read is left to the hand-over, which tells of it.
    pub(crate) async fn keep_excluded(
        &self,
        records: &[ClosedRecord],
        bounds: &Bounds,
    ) -> Result<HashSet<SessionId>, MaintenanceError> {
        let mut excluded = HashSet::new();
        let known = self.book.known().now();
        if known.is_empty() {
            return Ok(excluded);
        }
        let mut has_kept = false;
        for record in records {
            let Some(exclusion) = known.get(&record.session) else { continue };
            let stored = self.book.stored(&record.session);
            if !stored.as_ref().is_some_and(StoredExclusion::is_in_force) {
                let work = self.exclusion_work(bounds);
                // They are kept as everybody reads them, whatever the journal keeps.
                let rows = ReadRows::read(&record.row).map(|rows| rows.write());
                let Ok(Ok(rows)) = rows else { continue };
                let kept = self.lake.keep_excluded(exclusion, &rows, stored.as_ref(), &work).await;
                match kept {
                    Err(LakeError::Row(_)) => continue,
                    kept => drop(kept?),
                }
                has_kept = true;
            }
            excluded.insert(record.session);
        }
        if has_kept {
            self.learn_exclusions().await?;
        }
        Ok(excluded)
    }

    /// Lets the tables follow all exclusions. Returns how many sessions' rows were moved. One that fails does not keep the
    /// others from being followed.
    pub(crate) async fn settle_exclusions(
        &self,
        bounds: &Bounds,
        looked_for: &mut LookedFor,
    ) -> Result<u64, MaintenanceError> {
        let mut moved = 0;
        let mut outcome = Ok(());
        for stored in self.lake.latest_exclusions().await?.iter() {
            let followed = self.follow_on(stored, bounds).await;
            moved += u64::from(matches!(followed, Ok(true)));
            outcome = outcome.and(followed.map(drop));
        }
        self.learn_exclusions().await?;
        let own = self.book.own().await;
        let places: LookedFor =
            own.iter().map(|exclusion| (exclusion.session, exclusion.excluded_at_ms)).collect();
        looked_for.retain(|place| places.contains(place));
        for exclusion in own {
            let followed = self.follow(&exclusion, bounds, looked_for).await;
            moved += u64::from(matches!(followed, Ok(true)));
            outcome = outcome.and(followed.map(drop));
        }
        self.learn_exclusions().await?;
        outcome.map(|()| moved)
    }

    /// Goes on with what was cut short.
    async fn follow_on(&self, stored: &StoredExclusion, bounds: &Bounds) -> Result<bool, MaintenanceError> {
        match stored.stage {
            Stage::Kept => drop(self.lake.take_out(stored, &self.exclusion_work(bounds)).await?),
            Stage::Returning => self.lake.put_back(stored, &self.exclusion_work(bounds)).await?,
            Stage::Moved | Stage::Returned => return Ok(false),
        }
        Ok(true)
    }

    /// Follows an exclusion of the journal.
    async fn follow(
        &self,
        exclusion: &Exclusion,
        bounds: &Bounds,
        looked_for: &mut LookedFor,
    ) -> Result<bool, MaintenanceError> {
        let place = (exclusion.session, exclusion.excluded_at_ms);
        let stored = self.book.stored(&exclusion.session);
        if let Some(stored) = stored.as_ref().filter(|stored| stored.overrides(exclusion)) {
            if let (Stage::Returned, Some(returned_at_ms)) = (stored.stage, stored.returned_at_ms) {
                // It was undone behind this journal's back, or the end of that was cut short.
                self.book.forget(&exclusion.session, returned_at_ms).await?;
            }
            return Ok(false);
        }
        if looked_for.contains(&place) {
            return Ok(false);
        }
        let Some(rows) = self.lake.stored_rows(exclusion).await? else {
            looked_for.insert(place);
            return Ok(false);
        };
        let work = self.exclusion_work(bounds);
        let kept = self.lake.keep_excluded(exclusion, &rows, stored.as_ref(), &work).await?;
        self.lake.take_out(&kept, &self.exclusion_work(bounds)).await?;
        Ok(true)
    }

    /// Undoes the exclusion of a session whose closed rows were handed over.
    pub(crate) async fn undo_exclusion(
        &self,
        session: &SessionId,
        bounds: &Bounds,
    ) -> Result<(), MaintenanceError> {
        let known = self.lake.latest_exclusions().await?;
        let in_force =
            known.iter().find(|stored| stored.exclusion.session == *session && stored.is_in_force());
        if let Some(stored) = in_force {
            self.lake.put_back(stored, &self.exclusion_work(bounds)).await?;
        }
        self.book.forget(session, i64::MAX).await?;
        self.learn_exclusions().await?;
        Ok(())
    }

    fn exclusion_work<'a>(&self, bounds: &'a Bounds) -> ExclusionWork<'a> {
        ExclusionWork { bounds, now_ms: self.clock.now_ms() }
    }
}
