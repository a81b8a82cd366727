//! The registry of what a journal keeps: each kind with a number that is its own for ever, and the shape of its key and
//! value. A kind that is no longer written keeps its number, marked as retired; a new one takes the next number.
//!
//! Within a group ([`crate::group`]), the layout is a number too (1 and 2, retired; 3 and 4), and so are the wire of an event
//! ([`Wire::number`](playhead_protocol::Wire::number)) and the facts beside its body
//! ([`PackedFacts`](playhead_protocol::PackedFacts)), which `protocol` numbers.

/// A table of the database; its statements are written out where they are used, and a test compares.
#[cfg(test)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Table {
    /// Stable number.
    pub(crate) number: u16,
    /// Name in the database.
    pub(crate) name: &'static str,
}

/// A value of this crate in table `meta`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct MetaKey {
    /// Stable number.
    pub(crate) number: u16,
    /// Key in the table.
    pub(crate) key: &'static str,
}

/// Every table.
#[cfg(test)]
pub(crate) const TABLES: [Table; 4] = [
    // key: first sequence of a commit; value: last sequence, time of receipt (ms), the events as laid out in `group`
    Table { number: 1, name: "groups" },
    // key: sequence of a session's first event; value: its state at a checkpoint, opaque here (layout: `node`), its checksum
    Table { number: 2, name: "open_sessions" },
    // key: position in the outbox; value: session id (32 bytes), first and last sequence, start and close (ms), report
    // suite, content id, visitor id, row (opaque here; layout: `session`), checksum of all but the row, checksum of the row
    Table { number: 3, name: "closed_sessions" },
    // key: text, `journal/...` of this crate (below) or `value/...` of the caller; value: integer or bytes
    Table { number: 4, name: "meta" },
];

/// Where replay starts. Value: sequence, integer.
pub(crate) const META_REPLAY_FROM: MetaKey = MetaKey { number: 32, key: "journal/replay_from" };

/// The next sequence at the last trim or the last finished checkpoint, whichever was later. Value: sequence, integer.
pub(crate) const META_NEXT_SEQUENCE: MetaKey = MetaKey { number: 33, key: "journal/next_sequence" };

/// Settings of the accounting. Value: bytes, opaque here.
pub(crate) const META_ACCOUNTING: MetaKey = MetaKey { number: 34, key: "journal/accounting" };

/// How far the outbox was taken over. Value: position, integer.
pub(crate) const META_ACKNOWLEDGED: MetaKey = MetaKey { number: 35, key: "journal/acknowledged" };

/// When the journal was created. Value: ms since the Unix epoch, integer.
pub(crate) const META_CREATED_AT: MetaKey = MetaKey { number: 36, key: "journal/created_at_ms" };

/// Counts probe writes; each is different, so that its frame is not mistaken for a stale one. Value: integer.
pub(crate) const META_PROBE: MetaKey = MetaKey { number: 37, key: "journal/probe" };

/// The first event that was not trimmed. Value: sequence, integer.
pub(crate) const META_FIRST_SEQUENCE: MetaKey = MetaKey { number: 39, key: "journal/first_sequence" };

/// Sessions that began before this event may have states without a checksum, of releases before. Value: sequence, integer.
pub(crate) const META_STATES_CHECKED: MetaKey = MetaKey { number: 40, key: "journal/states_checked_from" };

/// Closed sessions up to this position may be without checksums, and positions up to it may have been left out, by releases
/// before. Value: position, integer.
pub(crate) const META_CLOSED_CHECKED: MetaKey = MetaKey { number: 41, key: "journal/closed_checked_after" };

/// Up to this position, closed sessions have no state any more. Value: position, integer.
pub(crate) const META_STATES_REMOVED: MetaKey = MetaKey { number: 42, key: "journal/states_removed_up_to" };

/// Number of the caller's values. Key: `value/` and the caller's name; value: bytes, opaque here.
pub(crate) const CALLER_VALUES: MetaKey = MetaKey { number: 38, key: "value/" };

/// Every value of table `meta`.
#[cfg(test)]
const META_KEYS: [MetaKey; 11] = [
    META_REPLAY_FROM,
    META_NEXT_SEQUENCE,
    META_ACCOUNTING,
    META_ACKNOWLEDGED,
    META_CREATED_AT,
    META_PROBE,
    META_FIRST_SEQUENCE,
    META_STATES_CHECKED,
    META_CLOSED_CHECKED,
    META_STATES_REMOVED,
    CALLER_VALUES,
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;

    /// Every source file of the crate but this one, with its name.
    fn sources() -> Vec<(String, String)> {
        let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
        let mut sources = Vec::new();
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else if !path.ends_with("kinds.rs") {
                    sources.push((path.display().to_string(), std::fs::read_to_string(&path).unwrap()));
                }
            }
        }
        sources
    }

    #[test]
    fn numbers_and_names_are_unique() {
        let numbers: Vec<u16> =
            TABLES.iter().map(|table| table.number).chain(META_KEYS.iter().map(|key| key.number)).collect();
        let names: Vec<&str> =
            TABLES.iter().map(|table| table.name).chain(META_KEYS.iter().map(|key| key.key)).collect();
        assert_eq!(numbers.iter().collect::<BTreeSet<_>>().len(), numbers.len(), "{numbers:?}");
        assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len(), "{names:?}");
    }

    /// The stored names themselves: a changed one would lose what older releases wrote.
    #[test]
    fn stored_names_keep_their_numbers() {
        let tables: Vec<_> = TABLES.iter().map(|table| (table.number, table.name)).collect();
        assert_eq!(tables, [(1, "groups"), (2, "open_sessions"), (3, "closed_sessions"), (4, "meta")]);
        let keys: Vec<_> = META_KEYS.iter().map(|key| (key.number, key.key)).collect();
        assert_eq!(
            keys,
            [
                (32, "journal/replay_from"),
                (33, "journal/next_sequence"),
                (34, "journal/accounting"),
                (35, "journal/acknowledged"),
                (36, "journal/created_at_ms"),
                (37, "journal/probe"),
                (39, "journal/first_sequence"),
                (40, "journal/states_checked_from"),
                (41, "journal/closed_checked_after"),
                (42, "journal/states_removed_up_to"),
                (38, "value/"),
            ]
        );
    }

    #[test]
    fn no_key_is_written_out_elsewhere_and_statements_name_registered_tables_only() {
        let sqlite_own = ["sqlite_schema", "sqlite_sequence"];
        let mut named = BTreeSet::new();
        for (path, source) in sources() {
            for key in META_KEYS {
                assert!(!source.contains(&format!("\"{}", key.key)), "{path} writes out {}", key.key);
            }
            for before in ["FROM ", "INTO ", "CREATE TABLE "] {
                for (_, rest) in source.split(before).skip(1).map(|rest| (before, rest)) {
                    let name: String =
                        rest.chars().take_while(|char| char.is_ascii_lowercase() || *char == '_').collect();
                    if name.is_empty() || sqlite_own.contains(&&*name) {
                        continue;
                    }
                    assert!(TABLES.iter().any(|table| table.name == name), "{path} names table {name}");
                    named.insert(name);
                }
            }
        }
        assert_eq!(named.len(), TABLES.len(), "{named:?}");
    }
}
