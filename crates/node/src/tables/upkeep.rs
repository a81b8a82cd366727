//! Upkeep of a data directory's lake without a server: what the keeper of a running one does by itself.

use std::sync::Arc;

use playhead_journal::Journal;
use playhead_lake::{Lake, Location};

use crate::clock::Clock;
use crate::directory::stored_lake_name;
use crate::error::MaintenanceError;
use crate::ingest::retention::HandedOver;
use crate::readers::Readers;
use crate::settings::LakeSettings;
use crate::tables::keeper::{KeeperParts, KeeperWork};
use crate::telemetry::Telemetry;

/// Moves what the journal has into the lake and puts everything in order; says what was done. Whoever has the journal
/// open for writing is the only one who may: a server would do the same beside it.
///
/// # Errors
///
/// [`MaintenanceError::NoTables`] when no server ever kept a lake for this journal; otherwise when the journal or the lake cannot be
/// used.
pub async fn maintain_directory(
    journal: &dyn Journal,
    location: Location,
    settings: LakeSettings,
    clock: Arc<dyn Clock>,
) -> Result<Vec<String>, MaintenanceError> {
    let Some(server) = stored_lake_name(&*journal.reader()?)? else {
        return Err(MaintenanceError::NoTables);
    };
    let parts = KeeperParts {
        lake: Arc::new(Lake::new(location, &server)?),
        readers: Arc::new(Readers::open(journal)?),
        handed_over: Arc::new(HandedOver::default()),
        clock,
        telemetry: Arc::new(Telemetry::default()),
        settings,
    };
    KeeperWork::new(parts).everything().await
}
