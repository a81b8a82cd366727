//! Whose rows the tables have: the proof that a journal and the tables that it feeds belong together.
//!
//! Tables record, for each journal that feeds them, up to which of its positions they go. That number alone cannot be
//! trusted: a journal may be put back from a copy, or its directory may be copied and both copies run. Then two histories
//! count with the same numbers, and rows of one would pass for rows of the other.
//!
//! So each run of a server has a *token*. It writes the token into the journal before it uses it, and into a table with
//! each hand-over. Before a hand-over the journal also notes how far it may go. The tables belong to this
//! journal as long as each of them names a token that the journal knows, and goes no further than the journal noted for
//! it. Otherwise another history has gone on under the same name, and this one *parts* from it: it takes a new name in
//! the tables, and starts there behind the rows that both histories share ([`Parting`]).
//!
//! All of this is pure: [`crate::tables::line`] reads and writes.

use playhead_journal::Sequence;
use playhead_lake::{Follower, Lines, Table, TableLine};
use playhead_session::rfc3339;
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64_with_seed;

/// One number for each of [`Table::ALL`]: a position of the outbox, or for the table of events a sequence.
pub(crate) type Places = [u64; Table::ALL.len()];

/// Partings that are remembered; the oldest go first.
const PARTINGS: usize = 64;

/// Runs that are remembered while none of them reaches the tables.
const RUNS: usize = 64;

/// The knowledge of a journal about the tables that it feeds. The journal stores it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lineage {
    /// The name under which the tables record this journal's positions.
    pub(crate) name: String,
    /// The runs that a table may name, in order; the present one is the last.
    runs: Vec<Run>,
    /// The histories that this one has parted from.
    partings: Vec<Parting>,
}

/// A run of a server on this journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Run {
    token: u64,
    /// Where the journal ended when it began: what it shares with every other copy of the runs before it, at most.
    began_at: Places,
    /// Up to where it may have handed rows over.
    may_have: Places,
}

/// A moment at which this journal found that the tables had gone on with another history of the same name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parting {
    /// When it was found: milliseconds since the Unix epoch.
    pub found_at_ms: i64,
    /// The name of the history before, under which the other one goes on.
    pub name: String,
    /// The name of this history from here on.
    pub new_name: String,
    /// Up to where the tables had rows under the name before: positions, and the sequence of events.
    pub(crate) theirs: Places,
    /// Up to where those rows are of this history too.
    pub(crate) shared: Places,
}

impl Parting {
    /// The sequence up to which events of the name before are this history's too.
    pub(crate) fn shared_sequence(&self) -> Sequence {
        Sequence::new(self.shared[Table::Events as usize])
    }

    /// The parting in words, with the moment at which it was found.
    pub fn dated_sentence(&self) -> String {
        format!("{}: {}", rfc3339(self.found_at_ms), self.sentence())
    }

    /// The parting in words.
    pub(crate) fn sentence(&self) -> String {
        let (sessions, events) = (Table::Sessions as usize, Table::Events as usize);
        let Self { name, new_name, theirs, shared, .. } = self;
        format!(
            "the tables went on under the name {name} without this journal: it was put back from a copy or damaged, or \
             another server uses a copy of this directory; this server goes on under the name {new_name}. Of {name} the \
             tables have {} closed sessions and {} events; this journal shares the first {} and {} of them. The others \
             stand in the tables only, and count there",
            theirs[sessions], theirs[events], shared[sessions], shared[events]
        )
    }
}

/// The result of comparing a journal with its tables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Examined {
    /// They have rows of this journal only.
    Ours,
    /// They have rows that this journal does not know, under its name. A new name starts at these places.
    Theirs {
        /// Up to where the tables go under the present name.
        theirs: Places,
        /// Up to where their rows are this journal's.
        starts: Places,
    },
}

impl Lineage {
    /// The histories that this one has parted from, in order.
    pub fn partings(&self) -> &[Parting] {
        &self.partings
    }

    /// The lineage of a journal that has no record yet, under its name in the tables.
    pub(crate) fn new(name: String) -> Self {
        Self { name, runs: Vec::new(), partings: Vec::new() }
    }

    /// Begins a run, under a token that nobody else has. `ends` is where the journal ends. To be stored before the tables
    /// are written to.
    pub(crate) fn begin_run(&mut self, token: u64, ends: Places) {
        // A damaged journal may have lost what earlier runs began behind.
        for run in &mut self.runs {
            for (began_at, end) in run.began_at.iter_mut().zip(ends) {
                *began_at = end.min(*began_at);
            }
        }
        if self.runs.len() == RUNS {
            self.runs.remove(1);
        }
        self.runs.push(Run { token, began_at: ends, may_have: Places::default() });
    }

    /// The token of the present run; 0 before the first.
    pub(crate) fn token(&self) -> u64 {
        self.runs.last().map_or(0, |run| run.token)
    }

    /// The tokens that a table may name, the latest first; 0 stands for none, as releases before wrote.
    pub(crate) fn tokens(&self) -> Vec<u64> {
        self.runs.iter().rev().map(|run| run.token).chain([0]).collect()
    }

    /// Notes that the present run may hand over up to these places. To be stored before it does, if it is news (`true`).
    pub(crate) fn claim(&mut self, up_to: Places) -> bool {
        let Some(run) = self.runs.last_mut() else { return false };
        let before = run.may_have;
        for (may_have, up_to) in run.may_have.iter_mut().zip(up_to) {
            *may_have = (*may_have).max(up_to);
        }
        run.may_have != before
    }

    /// Compares what the tables say with what the journal knows. `names` are this journal's name and those of the histories
    /// that have parted from it, from one to the next, each with what the tables say under it.
    pub(crate) fn examine(&self, names: &[Lines], ends: Places) -> Examined {
        let mut starts = Places::default();
        for lines in names {
            for (place, line) in lines.iter().enumerate() {
                let ours = if self.is_ours(place, line) {
                    line.taken
                } else {
                    self.shared(place, line).min(ends[place])
                };
                starts[place] = starts[place].max(ours);
            }
        }
        let theirs = names.first().map_or_else(Places::default, |lines| lines.map(|line| line.taken));
        let is_ours = names
            .first()
            .is_none_or(|lines| lines.iter().enumerate().all(|(place, line)| self.is_ours(place, line)));
        if is_ours && starts == theirs { Examined::Ours } else { Examined::Theirs { theirs, starts } }
    }

    fn is_ours(&self, place: usize, line: &TableLine) -> bool {
        match line.token {
            // A release before tokens wrote it, or nobody.
            None => self.runs.first().is_none_or(|first| line.taken <= first.began_at[place]),
            Some(token) => {
                let run = self.runs.iter().find(|run| run.token == token);
                run.is_some_and(|run| line.taken <= run.may_have[place])
            }
        }
    }

    /// Up to where the rows of another history, which a table has under this journal's name, are this journal's too.
    fn shared(&self, place: usize, line: &TableLine) -> u64 {
        // The last run that both have in common wrote last, or one that this journal does not know came after it.
        let wrote_last = self.place_of(line.token.unwrap_or(0));
        let followed = line.follower.and_then(|follower| self.place_of(follower.token));
        let Some(common) = wrote_last.max(followed) else { return 0 };
        let mut shared = line.taken;
        if let Some(follower) = line.follower.filter(|_| followed == Some(common)) {
            shared = shared.min(follower.began_at);
        }
        // Everything after it is this journal's own.
        self.runs.get(common).map_or(shared, |next| shared.min(next.began_at[place]))
    }

    /// How many runs there are up to the one with this token; 0 stands for all releases before tokens.
    fn place_of(&self, token: u64) -> Option<usize> {
        if token == 0 {
            return Some(0);
        }
        self.runs.iter().position(|run| run.token == token).map(|place| place + 1)
    }

    /// The followers that this table must record, from the run that it names to the present one, so that every copy of the
    /// journal finds the last run that it shares.
    pub(crate) fn followers(&self, place: usize, line: &TableLine) -> Vec<Follower> {
        let Some(named) = self.place_of(line.token.unwrap_or(0)) else { return Vec::new() };
        let later = self.runs.iter().skip(named);
        let before = [0].into_iter().chain(self.runs.iter().map(|run| run.token)).skip(named);
        before.zip(later).map(|(token, run)| Follower { token, began_at: run.began_at[place] }).collect()
    }

    /// Forgets the runs before those that the tables name, which must be this journal's. `true` if there were any. A table
    /// for which the journal has nothing does not count.
    pub(crate) fn forget_old_runs(&mut self, lines: &Lines, ends: Places) -> bool {
        let counted = lines.iter().zip(ends).filter(|(_, end)| *end > 0);
        let named = counted.map(|(line, _)| self.place_of(line.token.unwrap_or(0)));
        let oldest = named.map(Option::unwrap_or_default).min().unwrap_or_default();
        let forgotten = oldest.saturating_sub(1).min(self.runs.len().saturating_sub(1));
        self.runs.drain(..forgotten);
        forgotten > 0
    }

    /// Goes on under a new name, which starts at `starts`. To be stored after the tables have the new name.
    pub(crate) fn part(&mut self, new_name: String, theirs: Places, starts: Places, found_at_ms: i64) {
        let token = self.token();
        let parting = Parting {
            found_at_ms,
            name: std::mem::replace(&mut self.name, new_name.clone()),
            new_name,
            theirs,
            shared: starts,
        };
        if self.partings.len() == PARTINGS {
            self.partings.remove(0);
        }
        self.partings.push(parting);
        self.runs = vec![Run { token, began_at: starts, may_have: starts }];
    }
}

/// The name that the run with this token takes when it parts from a name. Made of both, so that every copy of the journal
/// finds it.
pub(crate) fn name_after_parting(name: &str, token: u64) -> String {
    format!("{:016x}", xxh3_64_with_seed(name.as_bytes(), token))
}

#[cfg(test)]
mod tests;
