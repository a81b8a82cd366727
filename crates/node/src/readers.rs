//! Reads the journal beside the writer: requests share a few readers.

use std::sync::Arc;

use parking_lot::Mutex;
use playhead_journal::{Journal, JournalReader};
use tokio::sync::Semaphore;

use crate::error::{Busy, ReadError};
use crate::limits::{REPORT_READERS, REPORTS_WAITING};
use crate::sessions::mending::{Mended, MendingReader};

/// A few readers of the journal.
pub struct Readers {
    idle: Mutex<Vec<Box<dyn JournalReader>>>,
    turns: Semaphore,
    places: Semaphore,
}

impl Readers {
    pub(crate) fn open(journal: &dyn Journal) -> Result<Self, playhead_journal::Error> {
        let readers = (0..REPORT_READERS).map(|_| journal.reader()).collect::<Result<Vec<_>, _>>()?;
        Ok(Self::of(readers))
    }

    /// These readers, of one journal. What they read is made anew where the journal has it twice.
    pub fn of(readers: Vec<Box<dyn JournalReader>>) -> Self {
        let turns = readers.len();
        let mended = Mended::default();
        let mending =
            |reader| -> Box<dyn JournalReader> { Box::new(MendingReader::new(reader, mended.clone())) };
        let readers = readers.into_iter().map(mending).collect();
        Self {
            idle: Mutex::new(readers),
            turns: Semaphore::new(turns),
            places: Semaphore::new(turns + REPORTS_WAITING),
        }
    }

    /// Calls `read` with a reader, on a thread that may wait for the disk.
    pub async fn read<T: Send + 'static>(
        self: &Arc<Self>,
        read: impl FnOnce(&mut dyn JournalReader) -> Result<T, ReadError> + Send + 'static,
    ) -> Result<T, ReadError> {
        let _place = self.places.try_acquire().map_err(|_| Busy("reports"))?;
        let _turn = self.turns.acquire().await.map_err(|_| ReadError::ShuttingDown)?;
        let readers = self.clone();
        let read = move || {
            let mut reader = readers.idle.lock().pop().ok_or(ReadError::Internal)?;
            let outcome = read(&mut *reader);
            readers.idle.lock().push(reader);
            outcome
        };
        tokio::task::spawn_blocking(read).await.map_err(|_| ReadError::Internal)?
    }
}

impl std::fmt::Debug for Readers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Readers")
    }
}
