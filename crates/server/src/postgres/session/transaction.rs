//! Transactions. All statements only read, so there is nothing to undo but settings and cursors; what is kept is whether one is
//! open, whether it has failed, and its savepoints.

use datafusion_postgres::pgwire::messages::response::TransactionStatus;
use playhead_node::limits::POSTGRES_SAVEPOINTS;

use crate::postgres::refusal::{NO_SAVEPOINT, NO_TRANSACTION, TOO_MUCH, Told};
use crate::postgres::session::settings::Snapshot;

/// A place in a transaction to go back to.
#[derive(Debug)]
struct Savepoint {
    name: String,
    begin: Begin,
}

/// The transaction of a connection.
#[derive(Debug)]
pub(super) struct Transaction {
    status: TransactionStatus,
    /// Where it goes back to.
    begin: Begin,
    savepoints: Vec<Savepoint>,
}

/// What there was at some time.
#[derive(Debug, Clone, Default)]
pub(super) struct Begin {
    /// What was set.
    pub(super) settings: Snapshot,
    /// Cursors from this number on are younger.
    pub(super) cursors: u64,
}

impl Default for Transaction {
    fn default() -> Self {
        Self { status: TransactionStatus::Idle, begin: Begin::default(), savepoints: Vec::new() }
    }
}

impl Transaction {
    pub(super) fn status(&self) -> TransactionStatus {
        self.status
    }

    /// Whether a client has begun one.
    pub(super) fn is_open(&self) -> bool {
        self.status != TransactionStatus::Idle
    }

    pub(super) fn has_failed(&self) -> bool {
        self.status == TransactionStatus::Error
    }

    pub(super) fn begin(&mut self, begin: Begin) {
        *self = Self { status: TransactionStatus::Transaction, begin, savepoints: Vec::new() };
    }

    /// Notes an error, after which nothing but its end is possible.
    pub(super) fn fail(&mut self) {
        if self.is_open() {
            self.status = TransactionStatus::Error;
        }
    }

    /// Ends it; what there was when it began.
    pub(super) fn end(&mut self) -> Begin {
        std::mem::take(self).begin
    }

    pub(super) fn save(&mut self, name: &str, begin: Begin) -> Result<(), Told> {
        self.check_is_open("SAVEPOINT")?;
        if self.savepoints.len() >= POSTGRES_SAVEPOINTS {
            return Err(Told::new(
                TOO_MUCH,
                format!("a transaction may have {POSTGRES_SAVEPOINTS} savepoints"),
            ));
        }
        self.savepoints.push(Savepoint { name: name.to_owned(), begin });
        Ok(())
    }

    /// Forgets a savepoint and those after it.
    pub(super) fn release(&mut self, name: &str) -> Result<(), Told> {
        self.check_is_open("RELEASE SAVEPOINT")?;
        let place = self.place(name)?;
        self.savepoints.truncate(place);
        Ok(())
    }

    /// Goes back to a savepoint: what there was then.
    pub(super) fn go_back(&mut self, name: &str) -> Result<Begin, Told> {
        self.check_is_open("ROLLBACK TO SAVEPOINT")?;
        let place = self.place(name)?;
        self.savepoints.truncate(place + 1);
        self.status = TransactionStatus::Transaction;
        Ok(self.savepoints.last().map(|savepoint| savepoint.begin.clone()).unwrap_or_default())
    }

    /// The place of the youngest savepoint of this name.
    fn place(&self, name: &str) -> Result<usize, Told> {
        let place = self.savepoints.iter().rposition(|savepoint| savepoint.name == name);
        place.ok_or_else(|| Told::new(NO_SAVEPOINT, format!("savepoint \"{name}\" does not exist")))
    }

    fn check_is_open(&self, statement: &str) -> Result<(), Told> {
        if self.is_open() {
            return Ok(());
        }
        Err(Told::new(NO_TRANSACTION, format!("{statement} can only be used in transaction blocks")))
    }
}
