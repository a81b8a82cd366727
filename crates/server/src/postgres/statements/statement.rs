//! The statements that this port knows. Those that read are left to the query engine; the others concern the connection.

use datafusion::sql::sqlparser::ast;

/// A statement.
#[derive(Debug, Clone)]
pub(in crate::postgres) enum Statement {
    /// For the query engine, which refuses what does not only read.
    Query(Box<ast::Statement>),
    Begin(BeginWord),
    /// `COMMIT` or `END`, with `AND CHAIN` or without.
    Commit {
        chains: bool,
    },
    Rollback {
        chains: bool,
    },
    Savepoint(String),
    Release(String),
    RollbackTo(String),
    Declare(Declare),
    Fetch(Fetch),
    /// Closes a cursor, or all of them.
    Close(Option<String>),
    Discard(Discarded),
    Set(Set),
    Reset(Option<String>),
    Show(Shown),
    /// Forgets a prepared statement, or all of them.
    Deallocate(Option<String>),
    Copy(Box<Copy>),
    /// Nothing to do, because nothing of the kind exists here; the words of its completion.
    Nothing(&'static str),
}

/// The word by which a transaction begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::postgres) enum BeginWord {
    Begin,
    Start,
}

/// A cursor that is to be.
#[derive(Debug, Clone)]
pub(in crate::postgres) struct Declare {
    pub(in crate::postgres) name: String,
    pub(in crate::postgres) is_binary: bool,
    /// Whether it is to go back, if the client said so.
    pub(in crate::postgres) scrolls: Option<bool>,
    /// Whether it outlives its transaction.
    pub(in crate::postgres) is_held: bool,
    pub(in crate::postgres) query: Box<ast::Statement>,
}

/// Rows of a cursor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::postgres) struct Fetch {
    pub(in crate::postgres) cursor: String,
    pub(in crate::postgres) direction: Direction,
    /// Whether the cursor moves without a row being sent.
    pub(in crate::postgres) only_moves: bool,
}

/// Where a cursor goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::postgres) enum Direction {
    /// So many rows; 0 is the row where it is.
    Forward(u64),
    ForwardAll,
    Backward(u64),
    BackwardAll,
    /// The row with this number, from 1; from the end if negative; 0 is before the first.
    Absolute(i64),
    /// So many rows from here.
    Relative(i64),
}

/// What is discarded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::postgres) enum Discarded {
    All,
    Plans,
    Sequences,
    Temp,
}

/// A change of a setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::postgres) struct Set {
    /// In small letters.
    pub(in crate::postgres) name: String,
    /// `None` for its default.
    pub(in crate::postgres) value: Option<String>,
    /// Whether it ends with the transaction.
    pub(in crate::postgres) is_local: bool,
}

/// Settings to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::postgres) enum Shown {
    All,
    One(String),
}

/// Rows in a form for files.
#[derive(Debug, Clone)]
pub(in crate::postgres) struct Copy {
    pub(in crate::postgres) query: ast::Statement,
    pub(in crate::postgres) form: CopyForm,
}

/// The form of copied rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::postgres) enum CopyForm {
    Text { delimiter: u8, null: String, has_header: bool },
    Csv(CsvForm),
    Binary,
}

/// The form of copied rows as CSV.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::postgres) struct CsvForm {
    pub(in crate::postgres) delimiter: u8,
    pub(in crate::postgres) null: String,
    pub(in crate::postgres) has_header: bool,
    pub(in crate::postgres) quote: u8,
    pub(in crate::postgres) escape: u8,
    pub(in crate::postgres) quoted: Quoted,
}

/// The columns whose values are in quotes in any case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::postgres) enum Quoted {
    All,
    These(Vec<String>),
}

impl Statement {
    /// Whether it ends a transaction that has failed, and thus may run in it.
    pub(in crate::postgres) fn ends_failure(&self) -> bool {
        matches!(self, Self::Commit { .. } | Self::Rollback { .. } | Self::RollbackTo(_))
    }
}
