//! Upkeep of a data directory's lake without a server: what the keeper of a running one does by itself.

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::thread::available_parallelism;

use playhead_journal::Journal;
use playhead_lake::{Exclusion, Lake, Location};
use playhead_protocol::SessionId;

use crate::clock::{Clock, RandomSource};
use crate::error::{ExclusionError, MaintenanceError};
use crate::exclusions::book::ExclusionBook;
use crate::exclusions::exclusions_in;
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
    let work = async |mut keeper: KeeperWork, _| keeper.everything().await;
    with_keeper(journal, random, location, settings, clock, work).await
}

/// Excludes a session from all reports, and lets the tables follow. The caller has the journal open for writing. Returns the
/// exclusion in force, and why the tables have not followed if they have not.
///
/// # Errors
///
/// When the exclusion is not kept.
pub async fn exclude_in_directory(
    journal: &mut dyn Journal,
    random: &RandomSource,
    location: Location,
    settings: LakeSettings,
    clock: Arc<dyn Clock>,
    exclusion: Exclusion,
) -> Result<(Exclusion, Option<MaintenanceError>), ExclusionError> {
    let work = async |mut keeper: KeeperWork, book: Arc<ExclusionBook>| {
        // What the tables know comes first: another server may have excluded the session, or undone that later than now.
        let learned = keeper.learn_exclusions().await;
        let exclusion = book.exclude(exclusion).await?;
        let handed_over = keeper.hand_over().await.map(drop);
        let settled = keeper.settle_exclusions().await;
        Ok((exclusion, learned.and(handed_over).and(settled).err()))
    };
    with_keeper(journal, random, location, settings, clock, work).await
}

/// Lets a session that was excluded count again. The caller has the journal open for writing.
///
/// # Errors
///
/// When the journal or the tables cannot be used; the same call can be made again.
pub async fn undo_exclusion_in_directory(
    journal: &mut dyn Journal,
    random: &RandomSource,
    location: Location,
    settings: LakeSettings,
    clock: Arc<dyn Clock>,
    session: SessionId,
) -> Result<(), MaintenanceError> {
    let work = async |mut keeper: KeeperWork, _| keeper.undo_exclusion(&session).await;
    with_keeper(journal, random, location, settings, clock, work).await
}

/// Does some work of the keeper over a journal without a server.
async fn with_keeper<T, E: From<MaintenanceError>>(
    journal: &mut dyn Journal,
    random: &RandomSource,
    location: Location,
    settings: LakeSettings,
    clock: Arc<dyn Clock>,
    work: impl AsyncFnOnce(KeeperWork, Arc<ExclusionBook>) -> Result<T, E>,
) -> Result<T, E> {
    let begun = begin_run(journal, random).map_err(MaintenanceError::from)?;
    let (notes, mut notes_received) = Notes::new();
    let own = journal.reader().and_then(|reader| exclusions_in(&*reader)).map_err(MaintenanceError::from)?;
    let book = Arc::new(ExclusionBook::new(own, notes.clone()));
    let parts = KeeperParts {
        lake: Arc::new(Lake::new(location, &begun.lineage.name).map_err(MaintenanceError::from)?),
        line: Line::new(begun, notes),
        book: book.clone(),
        readers: Arc::new(Readers::open(journal).map_err(MaintenanceError::from)?),
        handed_over: Arc::new(HandedOver::default()),
        clock,
        telemetry: Arc::new(Telemetry::default()),
        settings,
    };
    // The caller has the journal for itself, so there is no collection that a busy core would slow down.
    let threads = available_parallelism().map_or(1, NonZeroUsize::get);
    let done = work(KeeperWork::new(parts, threads), book);
    tokio::pin!(done);
    loop {
        tokio::select! {
            outcome = &mut done => return outcome,
            Some(note) = notes_received.recv() => note.write(journal),
        }
    }
}
