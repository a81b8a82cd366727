//! Reads the whole journal and says what is wrong with it.

use rusqlite::Connection;

use super::closed::ClosedSessions;
use super::events::StoredEvents;
use super::meta;
use super::numbers::number_of;
use super::recovery::read_checkpoint;
use crate::error::{Error, SqliteContext};
use crate::limits;
use crate::place::OutboxPosition;

/// Closed sessions that are checked at once.
const PAGE_ROWS: i64 = 100;

/// All findings, in the order of the steps; damage that ends one step is a finding and does not end the others.
pub(crate) fn verify_all(connection: &Connection) -> Result<Vec<String>, Error> {
    let mut findings = Vec::new();
    for step in
        [meta::check_all, verify_groups, verify_states, verify_closed, verify_positions, verify_database]
    {
        match step(connection, &mut findings) {
            Ok(()) => {}
            Err(Error::Corrupt(finding)) => findings.push(finding),
            Err(error) => return Err(error),
        }
    }
    findings.truncate(limits::MAX_FINDINGS);
    Ok(findings)
}

/// Decodes every group, from the first that was not trimmed to the end, and names the events that cannot be read.
fn verify_groups(connection: &Connection, findings: &mut Vec<String>) -> Result<(), Error> {
    let stored = StoredEvents::new(connection)?;
    let replay_from = meta::read_replay_from(connection)?;
    if stored.first() > replay_from {
        findings
            .push(format!("events from {replay_from} are expected, but they begin at {}", stored.first()));
    }
    let mut sequence = stored.first();
    while sequence < stored.next() && findings.len() < limits::MAX_FINDINGS {
        match stored.group_end(connection, sequence)? {
            Ok(last) => sequence = last.next(),
            Err(gap) => {
                findings.push(gap.to_string());
                sequence = gap.next;
            }
        }
    }
    Ok(())
}

/// Checks the states of open sessions.
fn verify_states(connection: &Connection, findings: &mut Vec<String>) -> Result<(), Error> {
    let unchecked = meta::read_unchecked(connection)?;
    let mut after = 0;
    while let Some((start, state)) = read_checkpoint(connection, unchecked, after)?
        && findings.len() < limits::MAX_FINDINGS
    {
        if let Err(finding) = state {
            findings.push(format!(
                "the state of the open session that begins with event {start} cannot be read: {finding}"
            ));
        }
        after = number_of(start.get());
    }
    Ok(())
}

/// Checks closed sessions, and that none is lost.
fn verify_closed(connection: &Connection, findings: &mut Vec<String>) -> Result<(), Error> {
    let closed = ClosedSessions::new(connection)?;
    let mut after = OutboxPosition::default();
    while findings.len() < limits::MAX_FINDINGS {
        match closed.outbox(after, PAGE_ROWS) {
            Ok(page) => match page.last() {
                Some(last) => after = last.position,
                None => return Ok(()),
            },
            Err(Error::DamagedRow(damaged)) => {
                after = damaged.last;
                findings.push(damaged.to_string());
            }
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Checks that what the journal remembers about its readers fits what it holds.
fn verify_positions(connection: &Connection, findings: &mut Vec<String>) -> Result<(), Error> {
    let replay_from = meta::read_replay_from(connection)?;
    let next_sequence = meta::read_next_sequence(connection)?;
    if replay_from > next_sequence {
        findings.push(format!(
            "replay starts at {replay_from}, behind the end of the journal at {next_sequence}"
        ));
    }
    let acknowledged = meta::read_acknowledged(connection)?;
    let last_position = meta::read_last_position(connection)?;
    if acknowledged > last_position {
        findings.push(format!("the outbox was taken over up to {acknowledged}, but ends at {last_position}"));
    }
    let misplaced: i64 = connection
        .query_row(
            "SELECT count(*) FROM closed_sessions WHERE length(session_id) <> 32 OR start_sequence > last_sequence \
             OR last_sequence >= ?1",
            [number_of(next_sequence.get())],
            |row| row.get(0),
        )
        .context("reading closed sessions")?;
    if misplaced > 0 {
        findings.push(format!("{misplaced} closed sessions name events or ids that cannot be"));
    }
    Ok(())
}

/// SQLite's own check of the file, with its indexes.
fn verify_database(connection: &Connection, findings: &mut Vec<String>) -> Result<(), Error> {
    let context = "checking the database";
    let mut statement = connection.prepare("PRAGMA integrity_check").context(context)?;
    let mut rows = statement.query([]).context(context)?;
    while let Some(row) = rows.next().context(context)? {
        let finding: String = row.get(0).context(context)?;
        if finding != "ok" {
            findings.push(finding);
        }
    }
    Ok(())
}
