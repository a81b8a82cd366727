//! Queries over a data directory, with or without a running server. The directory is only read; the recovery that a server
//! does at its start happens here in memory.

use std::path::Path;
use std::sync::Arc;

use playhead_journal::{JournalReader, open_reader};
use playhead_lake::{Lake, Location};
use playhead_report::engine::reports::EngineSettings;
use playhead_report::{Reports, Zone};
use playhead_session::Settings;

use crate::clock::Clock;
use crate::error::StartError;
use crate::exclusions::ExclusionSource;
use crate::ingest::open_sessions::OpenSessions;
use crate::ingest::recovery::recover::recover;
use crate::limits::REPORT_READERS;
use crate::readers::Readers;
use crate::sessions::session_reports::SessionReports;
use crate::sessions::stored::InLake;
use crate::tables::in_memory::SessionsInMemory;
use crate::tables::line::stored_lake_name;
use crate::tables::queries::Queries;
use crate::tables::unstored::JournalRows;

/// A data directory as of the moment at which it was opened.
#[derive(Debug)]
pub struct Directory {
    /// Runs queries over the tables.
    pub queries: Queries,
    /// Runs queries about single sessions.
    pub sessions: SessionReports,
    /// The settings under which its last events were accounted for.
    pub accounting: Settings,
    /// The time up to which waiting events are let through, ms since the epoch.
    pub now_ms: i64,
}

/// Opens a data directory for reading, with its lake at `location`; queries that name no time zone are in `zone`.
///
/// # Errors
///
/// When there is no journal in it, or it cannot be read.
pub fn open_directory(
    directory: &Path,
    location: Location,
    zone: Zone,
    clock: Arc<dyn Clock>,
) -> Result<Directory, StartError> {
    let mut events = open_reader(directory)?;
    let mut lookups = open_reader(directory)?;
    let open_sessions = OpenSessions::new(Settings::default());
    let position = lookups.ends()?.last_position;
    let recovered = recover(&mut events, &mut lookups, &open_sessions)?;
    // Behind the last arrival, a server would take the clock to have been set back; a reader stays with that arrival.
    let now_ms = clock.now_ms().max(recovered.last_arrival_ms);
    open_sessions.advance_to(now_ms);

    // A journal that never had a lake has handed nothing over to any.
    let server = stored_lake_name(&lookups)?.unwrap_or_default();
    let mut readers: Vec<Box<dyn JournalReader>> = vec![Box::new(events), Box::new(lookups)];
    while readers.len() < REPORT_READERS {
        readers.push(Box::new(open_reader(directory)?));
    }
    let (open_sessions, readers) = (Arc::new(open_sessions), Arc::new(Readers::of(readers)));
    let lake = Arc::new(Lake::new(location, &server)?);
    let in_memory = SessionsInMemory::new(open_sessions.clone(), readers.clone()).up_to(position);
    let unstored = JournalRows::new(Arc::new(in_memory), readers.clone(), lake.clone());
    let reports =
        Reports::new(lake, unstored, EngineSettings { time_zone: zone, ..EngineSettings::default() })?;
    Ok(Directory {
        sessions: SessionReports::new(
            open_sessions,
            readers,
            Arc::new(InLake(reports.clone())),
            ExclusionSource::Stored(Box::new(reports.clone())),
        ),
        queries: Queries::new(reports, clock),
        accounting: recovered.accounting.unwrap_or_default(),
        now_ms,
    })
}
