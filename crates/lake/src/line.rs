//! The marks in a table about a journal that feeds it: how far it goes, under which token, and which run followed which.
//!
//! Each is a Delta application transaction, so it changes together with the rows or not at all:
//!
//! | application | version |
//! |---|---|
//! | `playhead-NAME` | the journal's position up to which the table goes |
//! | `playhead-NAME-token` | the token of the run that wrote last |
//! | `playhead-NAME-after-TOKEN` | where the run began that came after the run with this token |
//! | `playhead-NAME-parted-after-TOKEN` | the token of a run after it that went on under a name of its own; in one table |

use std::sync::Arc;

use parking_lot::RwLock;

use crate::error::Error;
use crate::tables::Table;

/// The marks of one table about a journal.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TableLine {
    /// The position (for events: the sequence) up to which the table has the journal's rows; 0 if it has none.
    pub taken: u64,
    /// The token of the run that wrote last; `None` if a release before tokens wrote, or nothing was written.
    pub token: Option<u64>,
    /// The run that came after the latest of the tokens that were asked about.
    pub follower: Option<Follower>,
}

/// A run that handed over after another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Follower {
    /// The token of the run before it; 0 for a release before tokens.
    pub token: u64,
    /// Up to this position its history is that of the run before, and of every copy of it.
    pub began_at: u64,
}

/// The marks of all tables about a journal.
pub type Lines = [TableLine; Table::ALL.len()];

/// The run that hands over, and the tables as it knows them.
#[derive(Debug, Clone)]
pub struct Run {
    /// Its token. Never 0, and no larger than an `i64`.
    pub token: u64,
    /// The marks of the tables before its first hand-over.
    pub lines: Lines,
    /// The followers that each table records with its first hand-over.
    pub followers: [Vec<Follower>; Table::ALL.len()],
}

/// A name that begins.
#[derive(Debug)]
pub struct NewName<'name> {
    /// The name.
    pub name: &'name str,
    /// The name that it parts from.
    pub parted_from: &'name str,
    /// The token of the run that takes it.
    pub token: u64,
    /// Up to where each table has its rows already, under other names.
    pub starts: [u64; Table::ALL.len()],
    /// The followers that each table records.
    pub followers: [Vec<Follower>; Table::ALL.len()],
    /// The tokens after which it parted: a journal that knows one of them finds the new name.
    pub after: &'name [u64],
}

/// Under which name, and in which run, a lake is fed.
#[derive(Debug)]
pub(crate) struct Feeder {
    server: RwLock<Arc<str>>,
    run: RwLock<Option<Run>>,
}

impl Feeder {
    pub(crate) fn new(server: &str) -> Self {
        Self { server: RwLock::new(server.into()), run: RwLock::default() }
    }

    pub(crate) fn server(&self) -> Arc<str> {
        self.server.read().clone()
    }

    /// Reads under this name from now on, and writes as this run if there is one.
    pub(crate) fn become_fed_by(&self, server: &str, run: Option<Run>) {
        *self.server.write() = server.into();
        *self.run.write() = run;
    }

    /// Checks that nobody has written to the table since this run looked at it, and returns what an append records beside
    /// the position. Without a run there is nothing to check and to record.
    pub(crate) fn marks(
        &self,
        table: Table,
        taken: u64,
        token: Option<u64>,
    ) -> Result<Vec<(String, u64)>, Error> {
        let run = self.run.read();
        let Some(run) = &*run else { return Ok(Vec::new()) };
        let seen = &run.lines[table as usize];
        if (seen.taken, seen.token) != (taken, token) {
            return Err(Error::TakenOver { table: table.name().into() });
        }
        let application = application_of(&self.server());
        let mut marks = vec![(token_application(&application), run.token)];
        if token != Some(run.token) {
            marks.extend(of_followers(&application, &run.followers[table as usize]));
        }
        Ok(marks)
    }

    /// Takes down that this run has written to the table.
    pub(crate) fn has_written(&self, table: Table, taken: u64) {
        if let Some(run) = &mut *self.run.write() {
            let seen = &mut run.lines[table as usize];
            (seen.taken, seen.token) = (taken, Some(run.token));
        }
    }
}

/// The application of a name.
pub(crate) fn application_of(server: &str) -> String {
    format!("playhead-{server}")
}

/// The application that has the token beside the position of this one.
pub(crate) fn token_application(application: &str) -> String {
    format!("{application}-token")
}

/// The application that says where the run began that came after the one with this token.
pub(crate) fn after_application(application: &str, token: u64) -> String {
    format!("{application}-after-{token:016x}")
}

/// The application that has the token of the run that parted after the one with this token.
pub(crate) fn parted_application(application: &str, token: u64) -> String {
    format!("{application}-parted-after-{token:016x}")
}

/// The marks of these followers.
pub(crate) fn of_followers(application: &str, followers: &[Follower]) -> impl Iterator<Item = (String, u64)> {
    followers.iter().map(move |follower| (after_application(application, follower.token), follower.began_at))
}
