//! Upkeep of a data directory's lake without a server: what the keeper of a running one does by itself.

use std::sync::Arc;

use playhead_journal::Journal;
use playhead_lake::{Lake, Location};

use crate::clock::{Clock, RandomSource};
use crate::error::MaintenanceError;
use crate::ingest::notes::Notes;
use crate::ingest::retention::HandedOver;
use crate::readers::Readers;
use crate::settings::LakeSettings;
use crate::tables::keeper::{KeeperParts, KeeperWork};
use crate::tables::line::{Line, begin_run, stored_lake_name};
use crate::tables::retention_clock::RETENTION_NOW;
use crate::telemetry::Telemetry;

/// Moves everything from the journal into the lake, puts all files in order, and reports what it did. The caller has the
/// journal open for writing, so no server does the same at the same time.
/// With `is_clock_accepted`, retention believes the clock however far ahead it is.
///
/// # Errors
///
/// [`MaintenanceError::NoTables`] when no server ever kept a lake for this journal; otherwise when the journal or the lake cannot be
/// used.
pub async fn maintain_directory(
    journal: &mut dyn Journal,
    random: &RandomSource,
    location: Location,
    settings: LakeSettings,
    clock: Arc<dyn Clock>,
    is_clock_accepted: bool,
) -> Result<Vec<String>, MaintenanceError> {
    if stored_lake_name(&*journal.reader()?)?.is_none() {
        return Err(MaintenanceError::NoTables);
    }
    if is_clock_accepted {
        journal.meta_set(RETENTION_NOW, &clock.now_ms().to_le_bytes())?;
    }
    let begun = begin_run(journal, random)?;
    let (notes, mut notes_received) = Notes::new();
    let parts = KeeperParts {
        lake: Arc::new(Lake::new(location, &begun.lineage.name)?),
        line: Line::new(begun, notes),
        readers: Arc::new(Readers::open(journal)?),
        handed_over: Arc::new(HandedOver::default()),
        clock,
        telemetry: Arc::new(Telemetry::default()),
        settings,
    };
    let mut work = KeeperWork::new(parts);
    let done = work.everything();
    tokio::pin!(done);
    loop {
        tokio::select! {
            outcome = &mut done => return outcome,
            Some(note) = notes_received.recv() => note.write(journal),
        }
    }
}
