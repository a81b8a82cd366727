//! The two ways of a hand-over: closed sessions, and events. Each goes as far as the journal can be read, and stops there.

use std::collections::HashSet;

use playhead_journal::{ClosedRecord, Ends, JournalReader, OutboxPosition, Sequence};
use playhead_lake::{Bounds, Lake};
use playhead_protocol::SessionId;

use crate::error::{MaintenanceError, ReadError};
use crate::limits::{HAND_OVER_BYTES, HAND_OVER_EVENTS, HAND_OVER_SESSIONS};
use crate::tables::keeper::KeeperParts;
use crate::tables::lineage::Parting;

impl KeeperParts {
    /// Moves the closed sessions behind a position.
    pub(crate) async fn hand_over_sessions(
        &mut self,
        mut taken: OutboxPosition,
        ends: Ends,
        bounds: &Bounds,
    ) -> Result<u64, MaintenanceError> {
        let mut sessions = 0;
        while taken < ends.last_position {
            let after = taken;
            let page = move |reader: &mut dyn JournalReader| closed_page(reader, after, ends.last_position);
            let records = self.readers.read(page).await?;
            let Some(last) = records.last() else { break };
            taken = last.position;
            let excluded = self.keep_excluded(&records, bounds).await?;
            let KeeperParts { lake, line, handed_over, telemetry, .. } = self;
            let mut known = sessions_known(lake, line.last_parting(), &records).await?;
            known.extend(excluded);
            line.claim(Ends { last_position: taken.max(ends.last_position), ..ends }).await?;
            let handed_in = lake.take_sessions_except(&records, &known).await?;
            telemetry.lake_sessions.inc_by(handed_in.rows);
            telemetry.lake_sessions_unreadable.inc_by(handed_in.unreadable);
            sessions += handed_in.rows;
            handed_over.advance(taken, Sequence::default());
        }
        Ok(sessions)
    }

    /// Moves the events behind a sequence.
    pub(crate) async fn hand_over_events(
        &mut self,
        mut taken: Sequence,
        ends: Ends,
    ) -> Result<u64, MaintenanceError> {
        let KeeperParts { lake, line, readers, handed_over, telemetry, .. } = self;
        let mut events = 0;
        while taken.next() < ends.next_sequence {
            let after = taken;
            let page =
                readers.read(move |reader| Ok(reader.events_from(after.next(), HAND_OVER_EVENTS)?)).await?;
            let Some(last) = page.last() else { break };
            taken = last.sequence;
            line.claim(Ends { next_sequence: ends.next_sequence.max(taken.next()), ..ends }).await?;
            let handed_in = lake.take_events(&page).await?;
            telemetry.lake_events.inc_by(handed_in.rows);
            events += handed_in.rows;
            handed_over.advance(OutboxPosition::default(), taken);
        }
        Ok(events)
    }
}

/// Those of these closed sessions that the tables have from the history that this one parted from. A session for which
/// this history has events of its own is handed over all the same.
async fn sessions_known(
    lake: &Lake,
    parting: Option<&Parting>,
    records: &[ClosedRecord],
) -> Result<HashSet<SessionId>, MaintenanceError> {
    let Some(parting) = parting else { return Ok(HashSet::new()) };
    let shared = parting.shared_sequence();
    let shared = records.iter().filter(|record| record.last_sequence <= shared);
    let started_from_ms = shared.clone().map(|record| record.started_at_ms).min().unwrap_or(i64::MAX);
    let sessions = shared.map(|record| record.session).collect();
    Ok(lake.sessions_among(&sessions, started_from_ms).await?)
}

/// Closed sessions behind a position and, but for the rest of a page, up to another; no more than a number and a size. Ends
/// before one that cannot be read; that is an error only where the page would begin.
fn closed_page(
    reader: &mut dyn JournalReader,
    after: OutboxPosition,
    up_to: OutboxPosition,
) -> Result<Vec<ClosedRecord>, ReadError> {
    let mut records: Vec<ClosedRecord> = Vec::new();
    let mut bytes = 0;
    let mut position = after;
    while position < up_to && records.len() < HAND_OVER_SESSIONS && bytes < HAND_OVER_BYTES {
        let page = match reader.outbox(position, 200) {
            Err(error) if error.is_damage() && !records.is_empty() => break,
            page => page?,
        };
        let Some(last) = page.last() else { break };
        position = last.position;
        bytes += page.iter().map(|record| record.row.len()).sum::<usize>();
        records.extend(page);
    }
    Ok(records)
}
