//! Reads the whole journal and says what is wrong with it.

use rusqlite::Connection;

use super::schema::{self, number_of, sequence_of};
use crate::error::{Error, SqliteContext};
use crate::group::DecodedGroup;
use crate::limits;
use crate::place::Sequence;

/// All findings, in the order of the steps; damage that ends one step is a finding and does not end the others.
pub(crate) fn verify_all(connection: &Connection) -> Result<Vec<String>, Error> {
    let mut findings = Vec::new();
    for step in [verify_groups, verify_positions, verify_database] {
        match step(connection, &mut findings) {
            Ok(()) => {}
            Err(Error::Corrupt(finding)) => findings.push(finding),
            Err(error) => return Err(error),
        }
    }
    findings.truncate(limits::MAX_FINDINGS);
    Ok(findings)
}

/// Decodes every group and checks that their sequences join up, from where a recovery begins to the last.
fn verify_groups(connection: &Connection, findings: &mut Vec<String>) -> Result<(), Error> {
    let context = "reading events";
    let mut statement = connection
        .prepare(
            "SELECT first_sequence, last_sequence, received_at, data FROM groups ORDER BY first_sequence",
        )
        .context(context)?;
    let mut rows = statement.query([]).context(context)?;
    let mut expected_first: Option<Sequence> = None;
    let replay_from = schema::read_replay_from(connection)?;
    let next_sequence = schema::read_next_sequence(connection)?;
    while let Some(row) = rows.next().context(context)? {
        if findings.len() >= limits::MAX_FINDINGS {
            return Ok(());
        }
        let (first, last): (i64, i64) = (row.get(0).context(context)?, row.get(1).context(context)?);
        let (first, last) = (sequence_of(first, "first sequence")?, sequence_of(last, "last sequence")?);
        // The oldest group may start anywhere after a trim, but not behind the place from which replay begins.
        let expected = expected_first.unwrap_or_else(|| first.min(replay_from));
        if first != expected {
            findings
                .push(format!("events from {expected} are expected, but the next group starts at {first}"));
        }
        let (received_at_ms, group) = (row.get(2).context(context)?, row.get(3).context(context)?);
        if let Err(error) = DecodedGroup::new(first, last, received_at_ms, group) {
            findings.push(error.to_string());
        }
        expected_first = Some(last.next());
    }
    if expected_first.unwrap_or(replay_from) != next_sequence {
        findings.push(format!("events up to {next_sequence} are expected, but the last groups are missing"));
    }
    Ok(())
}

/// Checks that what the journal remembers about its readers fits what it holds.
fn verify_positions(connection: &Connection, findings: &mut Vec<String>) -> Result<(), Error> {
    let replay_from = schema::read_replay_from(connection)?;
    let next_sequence = schema::read_next_sequence(connection)?;
    if replay_from > next_sequence {
        findings.push(format!(
            "replay starts at {replay_from}, behind the end of the journal at {next_sequence}"
        ));
    }
    let acknowledged = schema::read_acknowledged(connection)?;
    let last_position = schema::read_last_position(connection)?;
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

/// SQLite's own check of the file.
fn verify_database(connection: &Connection, findings: &mut Vec<String>) -> Result<(), Error> {
    let context = "checking the database";
    let mut statement = connection.prepare("PRAGMA quick_check").context(context)?;
    let mut rows = statement.query([]).context(context)?;
    while let Some(row) = rows.next().context(context)? {
        let finding: String = row.get(0).context(context)?;
        if finding != "ok" {
            findings.push(finding);
        }
    }
    Ok(())
}
