//! Sessions that an operator took out of all reports.
//!
//! The decision is in two places: the journal of the data directory where it was made has it before it is acknowledged, and
//! the table `exclusions` has it once the session's rows are stored. A reader puts both together ([`Exclusions::of`]), so
//! that it also knows what another server of the same tables decided, or what was decided after the copy was made from
//! which a journal was put back.

use std::collections::{BTreeSet, HashMap, HashSet};

use playhead_protocol::SessionId;
use serde::{Deserialize, Serialize};

/// The exclusion of a session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exclusion {
    /// The session.
    pub session: SessionId,
    /// Why it is excluded.
    pub reason: String,
    /// Since when, ms by the server's clock.
    pub excluded_at_ms: i64,
    /// When the session started, ms by the device's clock.
    pub started_at_ms: i64,
    /// When its last event happened; `None` if more may come.
    pub ended_at_ms: Option<i64>,
    /// The partition of its rows: a day since the epoch.
    pub day: i32,
}

/// How far the tables have followed an exclusion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// The rows are kept beside the tables, and may be in tables as well.
    Kept,
    /// The rows are kept beside the tables, and no longer in them.
    Moved,
    /// The exclusion is being undone: the rows go back into the tables.
    Returning,
    /// The exclusion was undone: the rows are in the tables and nowhere else.
    Returned,
}

impl Stage {
    const ALL: [Self; 4] = [Self::Kept, Self::Moved, Self::Returning, Self::Returned];

    /// The name in the table.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Kept => "kept",
            Self::Moved => "moved",
            Self::Returning => "returning",
            Self::Returned => "returned",
        }
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stage| stage.name() == name)
    }
}

/// An exclusion as the tables have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredExclusion {
    /// The exclusion.
    pub exclusion: Exclusion,
    /// How far the tables have followed it.
    pub stage: Stage,
    /// When it was undone, ms by the server's clock; set from [`Stage::Returning`] on.
    pub returned_at_ms: Option<i64>,
}

impl StoredExclusion {
    /// Whether reports leave the session out.
    pub fn is_in_force(&self) -> bool {
        self.stage != Stage::Returned
    }

    /// Whether this is a later word than an exclusion in a journal.
    pub fn overrides(&self, own: &Exclusion) -> bool {
        self.is_in_force() || self.returned_at_ms.is_some_and(|at_ms| at_ms >= own.excluded_at_ms)
    }
}

/// The sessions that are excluded at a moment.
#[derive(Debug, Clone, Default)]
pub struct Exclusions {
    sessions: HashMap<SessionId, Excluded>,
}

#[derive(Debug, Clone)]
struct Excluded {
    exclusion: Exclusion,
    /// Whether its rows are no longer in the tables.
    is_moved: bool,
}

impl Exclusions {
    /// Those that a journal has, and those that the tables have. Where they differ, the later decision counts.
    pub fn of(own: Vec<Exclusion>, stored: &[StoredExclusion]) -> Self {
        let excluded = |stored: &StoredExclusion| Excluded {
            exclusion: stored.exclusion.clone(),
            is_moved: stored.stage == Stage::Moved,
        };
        let in_force = stored.iter().filter(|stored| stored.is_in_force());
        let mut sessions: HashMap<_, _> =
            in_force.map(|stored| (stored.exclusion.session, excluded(stored))).collect();
        let known: HashMap<_, _> = stored.iter().map(|stored| (stored.exclusion.session, stored)).collect();
        for exclusion in own {
            let known = known.get(&exclusion.session);
            if known.is_none_or(|stored| !stored.overrides(&exclusion)) {
                sessions.insert(exclusion.session, Excluded { exclusion, is_moved: false });
            }
        }
        Self { sessions }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.sessions.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.sessions.is_empty()
    }

    /// Whether reports leave a session out.
    pub fn contains(&self, session: &SessionId) -> bool {
        self.sessions.contains_key(session)
    }

    /// The exclusion of a session.
    pub fn get(&self, session: &SessionId) -> Option<&Exclusion> {
        self.sessions.get(session).map(|excluded| &excluded.exclusion)
    }

    /// All exclusions, the latest first.
    pub fn list(&self) -> Vec<Exclusion> {
        let mut list: Vec<Exclusion> =
            self.sessions.values().map(|excluded| excluded.exclusion.clone()).collect();
        list.sort_by_key(|exclusion| (std::cmp::Reverse(exclusion.excluded_at_ms), exclusion.session));
        list
    }

    /// The sessions.
    pub fn sessions(&self) -> HashSet<SessionId> {
        self.sessions.keys().copied().collect()
    }

    /// The sessions whose rows the tables may still have, or have again.
    pub fn in_tables(&self) -> HashSet<SessionId> {
        self.not_moved().map(|exclusion| exclusion.session).collect()
    }

    /// The partitions of those sessions, as days since the epoch.
    pub fn days_in_tables(&self) -> BTreeSet<i32> {
        self.not_moved().map(|exclusion| exclusion.day).collect()
    }

    fn not_moved(&self) -> impl Iterator<Item = &Exclusion> {
        self.sessions.values().filter(|excluded| !excluded.is_moved).map(|excluded| &excluded.exclusion)
    }

    /// How many of them started in a range, whose missing ends are open.
    pub fn started_in(&self, from_ms: Option<i64>, to_ms: Option<i64>) -> u64 {
        self.count(|exclusion| {
            from_ms.is_none_or(|from_ms| exclusion.started_at_ms >= from_ms)
                && to_ms.is_none_or(|to_ms| exclusion.started_at_ms < to_ms)
        })
    }

    /// How many of them went on in a range, whose missing ends are open.
    pub fn there_in(&self, from_ms: Option<i64>, to_ms: Option<i64>) -> u64 {
        self.count(|exclusion| {
            let ended_at_ms = exclusion.ended_at_ms.unwrap_or(i64::MAX);
            from_ms.is_none_or(|from_ms| ended_at_ms >= from_ms)
                && to_ms.is_none_or(|to_ms| exclusion.started_at_ms < to_ms)
        })
    }

    fn count(&self, counts: impl Fn(&Exclusion) -> bool) -> u64 {
        self.sessions.values().filter(|excluded| counts(&excluded.exclusion)).count() as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exclusion(place: u8, excluded_at_ms: i64) -> Exclusion {
        Exclusion {
            session: SessionId::from_bytes([place; SessionId::LENGTH]),
            reason: format!("at {excluded_at_ms}"),
            excluded_at_ms,
            started_at_ms: 10,
            ended_at_ms: Some(20),
            day: i32::from(place),
        }
    }

    fn stored(place: u8, stage: Stage, returned_at_ms: Option<i64>) -> StoredExclusion {
        StoredExclusion { exclusion: exclusion(place, 100), stage, returned_at_ms }
    }

    #[test]
    fn the_later_decision_of_journal_and_tables_counts() {
        let tables = [
            stored(1, Stage::Kept, None),
            stored(2, Stage::Moved, None),
            stored(3, Stage::Returning, Some(200)),
            stored(4, Stage::Returned, Some(200)),
            stored(5, Stage::Returned, Some(200)),
        ];
        // The journal was put back from a copy: it knows an exclusion that was undone since. Another came after that.
        let own = vec![exclusion(4, 100), exclusion(5, 201), exclusion(6, 50)];
        let all = Exclusions::of(own, &tables);
        let is_excluded: Vec<bool> =
            (1..=6).map(|place| all.contains(&exclusion(place, 0).session)).collect();
        assert_eq!(is_excluded, [true, true, true, false, true, true]);
        assert_eq!(all.days_in_tables(), [1, 3, 5, 6].into());
        assert_eq!(all.list().first().map(|first| first.excluded_at_ms), Some(201), "the latest first");
    }

    #[test]
    fn a_session_that_may_go_on_is_there_until_the_end_of_time() {
        let open = Exclusion { ended_at_ms: None, ..exclusion(1, 0) };
        let all = Exclusions::of(vec![open, exclusion(2, 0)], &[]);
        assert_eq!((all.there_in(Some(21), None), all.there_in(Some(20), Some(21))), (1, 2));
        assert_eq!(all.there_in(None, Some(10)), 0);
        assert_eq!((all.started_in(Some(10), Some(11)), all.started_in(Some(11), None)), (2, 0));
    }

    #[test]
    fn stages_are_read_as_they_are_written() {
        assert!(Stage::ALL.iter().all(|stage| Stage::named(stage.name()) == Some(*stage)));
    }
}
