//! The book of a node's exclusions: what its journal has, and what the tables were seen to have.

use std::collections::HashSet;
use std::sync::Arc;

use parking_lot::RwLock;
use playhead_lake::{Exclusion, Exclusions, Stage, StoredExclusion};
use playhead_protocol::SessionId;
use tokio::sync::Mutex;

use crate::error::{ExclusionError, MaintenanceError};
use crate::exclusions::{EXCLUSIONS, ExclusionSource, KnownExclusions, to_kept};
use crate::ingest::notes::Notes;
use crate::limits::EXCLUDED_SESSIONS;

/// Exclusions for which the tables were looked through in vain: if their sessions close later, they never get there.
pub(crate) type LookedFor = HashSet<(SessionId, i64)>;

/// The book. Only it writes exclusions into the journal, one change after the other.
#[derive(Debug)]
pub(crate) struct ExclusionBook {
    own: Mutex<Vec<Exclusion>>,
    stored: RwLock<Arc<[StoredExclusion]>>,
    known: Arc<KnownExclusions>,
    notes: Notes,
}

impl ExclusionBook {
    /// The book of a journal that has these exclusions.
    pub(crate) fn new(own: Vec<Exclusion>, notes: Notes) -> Self {
        let known = Arc::new(KnownExclusions::default());
        known.become_these(Exclusions::of(own.clone(), &[]));
        Self { own: Mutex::new(own), stored: RwLock::default(), known, notes }
    }

    /// What is known at each moment.
    pub(crate) fn known(&self) -> &Arc<KnownExclusions> {
        &self.known
    }

    /// The same, to be looked up.
    pub(crate) fn source(&self) -> ExclusionSource {
        ExclusionSource::Known(self.known.clone())
    }

    /// The exclusions that the journal has.
    pub(crate) async fn own(&self) -> Vec<Exclusion> {
        self.own.lock().await.clone()
    }

    /// What the tables were last seen to have about a session.
    pub(crate) fn stored(&self, session: &SessionId) -> Option<StoredExclusion> {
        self.stored.read().iter().find(|stored| stored.exclusion.session == *session).cloned()
    }

    /// Takes down what the tables have.
    pub(crate) async fn learn(&self, stored: Arc<[StoredExclusion]>) {
        let own = self.own.lock().await;
        *self.stored.write() = stored.clone();
        self.known.become_these(Exclusions::of(own.clone(), &stored));
    }

    /// Excludes a session; on disk when this returns. Returns the exclusion in force: that of before, if there is one.
    /// It is done to its end even if the caller goes away: otherwise the journal could have what the book does not know.
    ///
    /// # Errors
    ///
    /// If there are too many, or the journal does not take it.
    pub(crate) async fn exclude(self: &Arc<Self>, exclusion: Exclusion) -> Result<Exclusion, ExclusionError> {
        let book = self.clone();
        let done = tokio::spawn(async move { book.exclude_now(exclusion).await });
        done.await.map_err(|_| MaintenanceError::ShuttingDown)?
    }

    async fn exclude_now(&self, exclusion: Exclusion) -> Result<Exclusion, ExclusionError> {
        let mut own = self.own.lock().await;
        let known = self.known.now();
        let stored = self.stored(&exclusion.session);
        let is_returning = stored.as_ref().is_some_and(|stored| stored.stage == Stage::Returning);
        if let Some(in_force) = known.get(&exclusion.session).filter(|_| !is_returning) {
            return Ok(in_force.clone());
        }
        if known.len() >= EXCLUDED_SESSIONS {
            return Err(ExclusionError::TooMany);
        }
        // It comes after what the tables know, whatever the clock says.
        let returned_at_ms = stored.and_then(|stored| stored.returned_at_ms).unwrap_or(i64::MIN);
        let excluded_at_ms = exclusion.excluded_at_ms.max(returned_at_ms.saturating_add(1));
        let exclusion = Exclusion { excluded_at_ms, ..exclusion };
        let others = own.iter().filter(|other| {
            other.session != exclusion.session
                && self
                    .stored(&other.session)
                    .is_none_or(|stored| stored.is_in_force() || !stored.overrides(other))
        });
        let all: Vec<Exclusion> = others.cloned().chain([exclusion.clone()]).collect();
        self.keep(&mut own, all).await?;
        Ok(exclusion)
    }

    /// Removes the exclusion of a session from the journal, unless it was made after `up_to_ms`.
    ///
    /// # Errors
    ///
    /// If the journal does not take it.
    pub(crate) async fn forget(&self, session: &SessionId, up_to_ms: i64) -> Result<(), MaintenanceError> {
        let mut own = self.own.lock().await;
        let is_it =
            |exclusion: &&Exclusion| exclusion.session == *session && exclusion.excluded_at_ms <= up_to_ms;
        if !own.iter().any(|exclusion| is_it(&exclusion)) {
            return Ok(());
        }
        let others = own.iter().filter(|exclusion| !is_it(exclusion)).cloned().collect();
        self.keep(&mut own, others).await
    }

    async fn keep(&self, own: &mut Vec<Exclusion>, new: Vec<Exclusion>) -> Result<(), MaintenanceError> {
        self.notes.keep(EXCLUSIONS, to_kept(&new)?).await?;
        *own = new;
        let stored = self.stored.read().clone();
        self.known.become_these(Exclusions::of(own.clone(), &stored));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use std::future::Future;
    use std::task::{Context, Waker};

    use playhead_journal::MemoryStore;

    use super::*;

    #[tokio::test]
    async fn an_exclusion_whose_client_went_away_was_in_the_journal_and_not_in_the_book() {
        let (notes, mut received) = Notes::new();
        let book = Arc::new(ExclusionBook::new(Vec::new(), notes));
        let session = SessionId::from_bytes([1; SessionId::LENGTH]);
        let reason = "a robot".to_owned();
        let exclusion =
            Exclusion { session, reason, excluded_at_ms: 1, started_at_ms: 0, ended_at_ms: None, day: 0 };
        let mut asked = Box::pin(book.exclude(exclusion.clone()));
        let is_pending = asked.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending();
        assert!(is_pending);
        tokio::task::yield_now().await;
        let note = received.recv().await.unwrap();
        drop(asked);
        note.write(&mut MemoryStore::new().open(0).unwrap());
        // The book is locked until the change is over.
        assert_eq!(book.own().await, [exclusion]);
        assert!(book.known().now().contains(&session));
    }
}
