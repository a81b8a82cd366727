//! What a table says about a journal that feeds it: how far it goes, under which token, and who followed whom.
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

use crate::delta::Delta;
use crate::error::Error;
use crate::lake::Lake;
use crate::tables::Table;

/// What a table says about a journal.
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

/// What each of the tables says about a journal.
pub type Lines = [TableLine; Table::ALL.len()];

/// The run that hands over, and the tables as it knows them.
#[derive(Debug, Clone)]
pub struct Run {
    /// Its token. Never 0, and no larger than an `i64`.
    pub token: u64,
    /// What the tables say before it hands over to them.
    pub lines: Lines,
    /// What each table learns about runs with its first hand-over.
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
    /// What each table learns about runs.
    pub followers: [Vec<Follower>; Table::ALL.len()],
    /// The tokens after which it parted: whoever knows one of them finds the new name.
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

impl Lake {
    /// Hands over as this run from now on, under this name. If a table no longer says what the run knows of it by the time
    /// of a hand-over, that fails with [`Error::TakenOver`].
    pub fn feed_as(&self, server: &str, run: Run) {
        self.rename(server);
        *self.feeder().run.write() = Some(run);
    }

    /// Reads under this name from now on.
    pub fn rename(&self, server: &str) {
        *self.feeder().server.write() = server.into();
    }

    /// What each table says about the journal of this name, as of now and on disk. `tokens` are those of its runs, the
    /// latest first.
    ///
    /// # Errors
    ///
    /// If a table cannot be read.
    pub async fn lines(&self, server: &str, tokens: &[u64]) -> Result<Lines, Error> {
        let mut lines = Lines::default();
        for (line, table) in lines.iter_mut().zip(Table::ALL) {
            *line = self.line(table, &application_of(server), tokens).await?;
        }
        Ok(lines)
    }

    async fn line(&self, table: Table, application: &str, tokens: &[u64]) -> Result<TableLine, Error> {
        let delta = self.delta(table);
        let Some(current) = delta.latest_on_disk().await? else { return Ok(TableLine::default()) };
        let read = async |name: &str| delta.transaction_if_any(&current, name).await;
        let mut line = TableLine {
            taken: read(application).await?.unwrap_or(0),
            token: read(&token_application(application)).await?,
            follower: None,
        };
        for token in tokens {
            if let Some(began_at) = read(&after_application(application, *token)).await? {
                line.follower = Some(Follower { token: *token, began_at });
                break;
            }
        }
        Ok(line)
    }

    /// The token of the run that parted from this name after the latest of these runs.
    ///
    /// # Errors
    ///
    /// If the table of sessions cannot be read.
    pub async fn parted_from(&self, server: &str, tokens: &[u64]) -> Result<Option<u64>, Error> {
        let delta = self.delta(Table::Sessions);
        let Some(current) = delta.latest_on_disk().await? else { return Ok(None) };
        for token in tokens {
            let application = parted_application(&application_of(server), *token);
            if let Some(parted) = delta.transaction_if_any(&current, &application).await? {
                return Ok(Some(parted));
            }
        }
        Ok(None)
    }

    /// Begins a name in every table, and says in the name that it parts from where it is. If this is cut short, nothing has
    /// happened: the table of sessions, which says so, comes last.
    ///
    /// # Errors
    ///
    /// If a table cannot be read or written.
    pub async fn begin_name(&self, new: &NewName<'_>) -> Result<(), Error> {
        let application = application_of(new.name);
        for table in Table::ALL.into_iter().rev() {
            let delta = self.delta(table);
            let current = delta.latest_or_new().await?;
            let place = table as usize;
            let mut transactions =
                vec![(application.clone(), new.starts[place]), (token_application(&application), new.token)];
            transactions.extend(of_followers(&application, &new.followers[place]));
            if table == Table::Sessions {
                let before = application_of(new.parted_from);
                let parted = |token: &u64| (parted_application(&before, *token), new.token);
                transactions.extend(new.after.iter().map(parted));
            }
            delta.commit(&current, Vec::new(), Delta::append_operation(), transactions).await?;
        }
        Ok(())
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

fn after_application(application: &str, token: u64) -> String {
    format!("{application}-after-{token:016x}")
}

fn parted_application(application: &str, token: u64) -> String {
    format!("{application}-parted-after-{token:016x}")
}

fn of_followers(application: &str, followers: &[Follower]) -> impl Iterator<Item = (String, u64)> {
    followers.iter().map(move |follower| (after_application(application, follower.token), follower.began_at))
}
