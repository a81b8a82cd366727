//! Single values of the journal, in table `meta`, and the places that they and the other tables speak of.
//!
//! Since format 3 each value has a checksum, and each place is recorded from the beginning. So a value that is not what was
//! written, or is missing, is damage, and not a default.

use rusqlite::types::{ToSqlOutput, Value, ValueRef};
use rusqlite::{Connection, OptionalExtension, Row, ToSql};

use super::numbers::{count_of, sequence_of};
use crate::checksums;
use crate::error::{Error, SqliteContext};
use crate::kinds::{
    CALLER_VALUES, META_ACKNOWLEDGED, META_CLOSED_CHECKED, META_FIRST_SEQUENCE, META_NEXT_SEQUENCE,
    META_PROBE, META_REPLAY_FROM, META_STATES_CHECKED, MetaKey,
};
use crate::place::{OutboxPosition, Sequence};

/// The first format with checksums.
pub(crate) const FORMAT_WITH_CHECKSUMS: i64 = 3;

/// The format of the file.
pub(crate) fn format_of(connection: &Connection) -> Result<i64, Error> {
    connection
        .prepare_cached("PRAGMA user_version")
        .and_then(|mut statement| statement.query_row([], |row| row.get(0)))
        .context("reading the journal's format")
}

fn has_checksums(connection: &Connection) -> Result<bool, Error> {
    Ok(format_of(connection)? >= FORMAT_WITH_CHECKSUMS)
}

/// Stores a value.
pub(crate) fn set(connection: &Connection, key: &str, value: impl ToSql) -> Result<(), Error> {
    let context = "storing a value";
    let value = value.to_sql().context(context)?;
    let checksum = match &value {
        ToSqlOutput::Borrowed(value) => checksum_of(key, *value),
        ToSqlOutput::Owned(value) => checksum_of(key, value.into()),
        _ => None,
    };
    connection
        .prepare_cached(
            "INSERT INTO meta (key, value, checksum) VALUES (?1, ?2, ?3) \
             ON CONFLICT (key) DO UPDATE SET value = excluded.value, checksum = excluded.checksum",
        )
        .and_then(|mut statement| statement.execute((key, value, checksum)))
        .map(|_rows| ())
        .context(context)
}

/// Gives each value that has none its checksum.
pub(crate) fn seal_all(connection: &Connection) -> Result<(), Error> {
    let values: Vec<(String, Value)> = connection
        .prepare("SELECT key, value FROM meta WHERE checksum IS NULL")
        .and_then(|mut statement| {
            let read = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?));
            statement.query_map([], read)?.collect()
        })
        .context("reading stored values")?;
    values.into_iter().try_for_each(|(key, value)| set(connection, &key, value))
}

fn checksum_of(key: &str, value: ValueRef<'_>) -> Option<i64> {
    match value {
        ValueRef::Integer(number) => Some(checksums::of_value(key, &number.to_le_bytes())),
        ValueRef::Blob(bytes) => Some(checksums::of_value(key, bytes)),
        // Nothing else is stored.
        _ => None,
    }
}

/// A value, checked.
fn read(connection: &Connection, key: &str) -> Result<Option<Value>, Error> {
    let has_checksums = has_checksums(connection)?;
    let sql = if has_checksums {
        "SELECT value, checksum FROM meta WHERE key = ?1"
    } else {
        "SELECT value, NULL FROM meta WHERE key = ?1"
    };
    let found: Option<(Value, Option<i64>)> = connection
        .prepare_cached(sql)
        .and_then(|mut statement| statement.query_row([key], |row| Ok((row.get(0)?, row.get(1)?))).optional())
        .context("reading a stored value")?;
    match found {
        Some((value, checksum))
            if has_checksums && (checksum.is_none() || checksum != checksum_of(key, (&value).into())) =>
        {
            Err(Error::Corrupt(format!("the checksum of the stored value {key:?} does not fit it")))
        }
        found => Ok(found.map(|(value, _)| value)),
    }
}

/// Checks every value.
pub(crate) fn check_all(connection: &Connection, findings: &mut Vec<String>) -> Result<(), Error> {
    let keys: Vec<String> = connection
        .prepare("SELECT key FROM meta")
        .and_then(|mut statement| statement.query_map([], |row| row.get(0))?.collect())
        .context("reading stored values")?;
    for key in keys.iter().filter(|key| **key != META_PROBE.key) {
        match read(connection, key) {
            Err(Error::Corrupt(finding)) => findings.push(finding),
            other => drop(other?),
        }
    }
    Ok(())
}

/// A number in `meta`.
pub(crate) fn number(connection: &Connection, key: MetaKey) -> Result<Option<i64>, Error> {
    match read(connection, key.key)? {
        None => Ok(None),
        Some(Value::Integer(number)) => Ok(Some(number)),
        Some(_) => Err(Error::Corrupt(format!("the stored value {:?} is not a number", key.key))),
    }
}

/// A place in `meta`; `None` where releases before recorded none.
fn place(connection: &Connection, key: MetaKey) -> Result<Option<u64>, Error> {
    match number(connection, key)? {
        Some(number) => count_of(number, key.key).map(Some),
        None if has_checksums(connection)? => {
            Err(Error::Corrupt(format!("the stored value {:?} is missing", key.key)))
        }
        None => Ok(None),
    }
}

/// Bytes in `meta`.
pub(crate) fn bytes(connection: &Connection, key: &str) -> Result<Option<Vec<u8>>, Error> {
    match read(connection, key)? {
        None => Ok(None),
        Some(Value::Blob(bytes)) => Ok(Some(bytes)),
        Some(_) => Err(Error::Corrupt(format!("the stored value {key:?} is not of bytes"))),
    }
}

/// The name in `meta` of a caller's value.
pub(crate) fn caller_key(key: &str) -> String {
    format!("{}{key}", CALLER_VALUES.key)
}

/// The sequence that the next event gets: after the last stored group, or where the last trim recorded it.
pub(crate) fn read_next_sequence(connection: &Connection) -> Result<Sequence, Error> {
    let last: Option<i64> = connection
        .prepare_cached("SELECT last_sequence FROM groups ORDER BY first_sequence DESC LIMIT 1")
        .and_then(|mut statement| statement.query_row([], |row| row.get(0)).optional())
        .context("reading the last sequence")?;
    let after_last = match last {
        None => Sequence::FIRST,
        Some(last) => sequence_of(last, "last sequence")?.next(),
    };
    let recorded = place(connection, META_NEXT_SEQUENCE)?.map_or(Sequence::FIRST, Sequence::new);
    Ok(after_last.max(recorded))
}

/// The first event that was not trimmed.
pub(crate) fn read_first_sequence(connection: &Connection) -> Result<Sequence, Error> {
    if has_checksums(connection)? {
        return Ok(place(connection, META_FIRST_SEQUENCE)?.map_or(Sequence::FIRST, Sequence::new));
    }
    // Releases before recorded that they trimmed, but not how far.
    if place(connection, META_NEXT_SEQUENCE)?.is_none() {
        return Ok(Sequence::FIRST);
    }
    match read_first_group(connection)? {
        Some(first) => Ok(first),
        None => read_next_sequence(connection),
    }
}

/// The first event of the first group.
pub(crate) fn read_first_group(connection: &Connection) -> Result<Option<Sequence>, Error> {
    let first: Option<i64> = connection
        .prepare_cached("SELECT first_sequence FROM groups ORDER BY first_sequence LIMIT 1")
        .and_then(|mut statement| statement.query_row([], |row| row.get(0)).optional())
        .context("reading the first sequence")?;
    first.map(|first| sequence_of(first, "first sequence")).transpose()
}

/// Which values may be without a checksum, because releases before wrote none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unchecked {
    /// All: the columns do not exist yet.
    All,
    /// States of sessions that began before an event, and closed sessions up to a position.
    UpTo(Sequence, OutboxPosition),
}

/// Which values may be without a checksum.
pub(crate) fn read_unchecked(connection: &Connection) -> Result<Unchecked, Error> {
    if !has_checksums(connection)? {
        return Ok(Unchecked::All);
    }
    let states = place(connection, META_STATES_CHECKED)?.map_or(Sequence::FIRST, Sequence::new);
    let closed = place(connection, META_CLOSED_CHECKED)?.map(OutboxPosition::new).unwrap_or_default();
    Ok(Unchecked::UpTo(states, closed))
}

/// Where replay starts; the beginning until a checkpoint sweep was finished.
pub(crate) fn read_replay_from(connection: &Connection) -> Result<Sequence, Error> {
    Ok(place(connection, META_REPLAY_FROM)?.map_or(Sequence::FIRST, Sequence::new))
}

/// The last position given to a closed session; 0 before the first.
pub(crate) fn read_last_position(connection: &Connection) -> Result<OutboxPosition, Error> {
    let last: Option<i64> = connection
        .prepare_cached("SELECT seq FROM sqlite_sequence WHERE name = 'closed_sessions'")
        .and_then(|mut statement| statement.query_row([], |row| row.get(0)).optional())
        .context("reading the last position")?;
    count_of(last.unwrap_or(0), "last position").map(OutboxPosition::new)
}

/// How far the outbox was taken over.
pub(crate) fn read_acknowledged(connection: &Connection) -> Result<OutboxPosition, Error> {
    Ok(place(connection, META_ACKNOWLEDGED)?.map(OutboxPosition::new).unwrap_or_default())
}
