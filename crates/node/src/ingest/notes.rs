//! Values that other parts of the node keep in the journal. Only the writer writes there, so it takes them as notes.

use std::borrow::Cow;

use playhead_journal::Journal;
use tokio::sync::{mpsc, oneshot};

use crate::error::MaintenanceError;

/// Notes on their way. A part waits for its note, so there are never more than parts.
const WAITING: usize = 16;

/// A value on its way into the journal.
#[derive(Debug)]
pub(crate) struct Note {
    key: Cow<'static, str>,
    value: Vec<u8>,
    is_kept: oneshot::Sender<Result<(), playhead_journal::Error>>,
}

/// The way of notes to the writer.
#[derive(Debug, Clone)]
pub(crate) struct Notes(mpsc::Sender<Note>);

/// Where the writer finds them.
pub(crate) type NotesReceived = mpsc::Receiver<Note>;

impl Notes {
    pub(crate) fn new() -> (Self, NotesReceived) {
        let (sender, received) = mpsc::channel(WAITING);
        (Self(sender), received)
    }

    /// Keeps a value in the journal; returns when it is on disk.
    ///
    /// # Errors
    ///
    /// If the journal does not take it, or the writer has ended.
    pub(crate) async fn keep(
        &self,
        key: impl Into<Cow<'static, str>>,
        value: Vec<u8>,
    ) -> Result<(), MaintenanceError> {
        let (is_kept, outcome) = oneshot::channel();
        self.0
            .send(Note { key: key.into(), value, is_kept })
            .await
            .map_err(|_| MaintenanceError::ShuttingDown)?;
        Ok(outcome.await.map_err(|_| MaintenanceError::ShuttingDown)??)
    }
}

impl Note {
    /// Writes it.
    pub(crate) fn write(self, journal: &mut dyn Journal) {
        let outcome = journal.meta_set(&self.key, &self.value);
        // The part that waits may have ended.
        let _gone = self.is_kept.send(outcome);
    }
}
