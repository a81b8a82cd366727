//! A connection: what it has, and the messages that hold statements as texts.

use std::collections::BTreeMap;
use std::sync::Arc;

use datafusion::sql::sqlparser::ast;
use datafusion_postgres::pgwire::error::PgWireResult;
use datafusion_postgres::pgwire::messages::PgWireBackendMessage;
use datafusion_postgres::pgwire::messages::response::{EmptyQueryResponse, TransactionStatus};
use datafusion_postgres::pgwire::messages::startup::ParameterStatus;
use futures::SinkExt;
use parking_lot::Mutex;
use playhead_report::sql::statement::check_extent;

use crate::postgres::refusal::{FAILED_TRANSACTION, NO_PARAMETER, TOO_COMPLEX, Told, refusal};
use crate::postgres::session::cursor::Cursor;
use crate::postgres::session::prepared::{Portal, PreparedStatements};
use crate::postgres::session::queries::{Queries, Source, Started, columns_of};
use crate::postgres::session::settings::{Settings, Snapshot};
use crate::postgres::session::transaction::{Begin, Transaction};
use crate::postgres::statements::parse::parse;
use crate::postgres::statements::statement::Statement;
use crate::postgres::values::columns::Formats;
use crate::postgres::values::parameters::count;
use crate::postgres::values::rows::RowWriter;
use crate::postgres::wire::{Delivery, Wire, complete};

/// A connection that has logged in.
pub(in crate::postgres) struct Connection {
    pub(super) queries: Queries,
    /// Functions read and change them, too.
    pub(super) settings: Arc<Mutex<Settings>>,
    /// The time zone that the query engine was told last.
    engine_zone: String,
    pub(super) transaction: Transaction,
    /// What was set before the statements of this message, which are a transaction if none is open.
    pub(super) before: Snapshot,
    pub(super) cursors: BTreeMap<String, Cursor>,
    /// The number of the next cursor.
    pub(super) next_cursor: u64,
    pub(super) prepared: PreparedStatements,
    pub(super) portals: BTreeMap<String, Portal>,
}

/// How a statement came.
pub(super) struct Manner {
    pub(super) formats: Formats,
    /// Whether the client is told the columns with the rows.
    pub(super) describes: bool,
    /// Whether it came with others in one message, which are one transaction.
    pub(super) is_in_block: bool,
}

impl Connection {
    pub(in crate::postgres) fn new(queries: Queries, settings: Arc<Mutex<Settings>>) -> Self {
        Self {
            queries,
            settings,
            engine_zone: "UTC".to_owned(),
            transaction: Transaction::default(),
            before: Snapshot::default(),
            cursors: BTreeMap::new(),
            next_cursor: 0,
            prepared: PreparedStatements::default(),
            portals: BTreeMap::new(),
        }
    }

    pub(in crate::postgres) fn status(&self) -> TransactionStatus {
        self.transaction.status()
    }

    /// Runs the statements of a message, each to its end before the next.
    ///
    /// # Errors
    ///
    /// That of the first statement that fails; those after it do not run.
    pub(in crate::postgres) async fn run(&mut self, wire: &mut Wire, message: &str) -> PgWireResult<()> {
        let statements = self.parse(message)?;
        if statements.is_empty() {
            wire.feed(PgWireBackendMessage::EmptyQueryResponse(EmptyQueryResponse::new())).await?;
        }
        let is_in_block = statements.len() > 1;
        for statement in &statements {
            let manner = Manner { formats: Formats::default(), describes: true, is_in_block };
            self.run_one(wire, statement, &manner).await?;
            self.tell_engine().await?;
        }
        Ok(())
    }

    async fn run_one(&mut self, wire: &mut Wire, statement: &Statement, manner: &Manner) -> PgWireResult<()> {
        self.check_is_possible(statement)?;
        let tag = match statement {
            Statement::Query(query) => self.answer(wire, query, manner).await?,
            statement => self.perform(wire, statement, manner).await?,
        };
        complete(wire, tag).await
    }

    /// Answers a query with all of its rows.
    async fn answer(
        &mut self,
        wire: &mut Wire,
        query: &ast::Statement,
        manner: &Manner,
    ) -> PgWireResult<String> {
        let started = self.start(query).await?;
        let style = self.settings.lock().style();
        let mut writer = RowWriter::new(started.columns.clone(), &manner.formats, &style)?;
        let mut delivery = Delivery { wire, writer: &mut writer };
        if manner.describes {
            delivery.describe().await?;
        }
        let (rows, _) = Source::new(started.rows).deliver(Some(&mut delivery), None).await?;
        Ok(query_tag(query, rows))
    }

    /// Starts a query without parameters.
    pub(super) async fn start(&self, query: &ast::Statement) -> PgWireResult<Started> {
        let parameters = count(query);
        if parameters > 0 {
            return Err(refusal(NO_PARAMETER, format!("there is no parameter ${parameters}")));
        }
        let plan = self.queries.plan(query).await?;
        let columns = columns_of(&plan);
        self.queries.start(plan, columns, self.timeout_ms()).await
    }

    /// The statements of a message within the limits of queries.
    pub(super) fn parse(&self, message: &str) -> PgWireResult<Vec<Statement>> {
        check_extent(message).map_err(|error| refusal(TOO_COMPLEX, error.to_string()))?;
        parse(message)
    }

    pub(super) fn timeout_ms(&self) -> Option<u64> {
        self.settings.lock().statement_timeout_ms()
    }

    /// Refuses what does not end a transaction that has failed.
    pub(super) fn check_is_possible(&self, statement: &Statement) -> Result<(), Told> {
        if !self.transaction.has_failed() || statement.ends_failure() {
            return Ok(());
        }
        let message = "current transaction is aborted, commands ignored until end of transaction block";
        Err(Told::new(FAILED_TRANSACTION, message))
    }

    /// What there is now, to go back to.
    pub(super) fn now(&self) -> Begin {
        Begin { settings: self.settings.lock().snapshot(), cursors: self.next_cursor }
    }

    /// Notes that a statement has failed.
    pub(in crate::postgres) fn fail(&mut self) {
        self.transaction.fail();
        if !self.transaction.is_open() {
            self.settings.lock().restore(&self.before);
        }
    }

    /// Ends what lasts no longer than a message, unless a transaction is open; and tells the client which settings changed.
    pub(in crate::postgres) async fn end_message(&mut self, wire: &mut Wire) -> PgWireResult<()> {
        if !self.transaction.is_open() {
            self.cursors.retain(|_, cursor| cursor.is_held);
            self.portals.clear();
            self.settings.lock().end_transaction();
        }
        self.tell_engine().await?;
        self.before = self.settings.lock().snapshot();
        let news = self.settings.lock().news();
        for (name, value) in news {
            let status = ParameterStatus::new(name.to_owned(), value);
            wire.feed(PgWireBackendMessage::ParameterStatus(status)).await?;
        }
        Ok(())
    }

    /// Tells the query engine the time zone, if it has changed.
    pub(in crate::postgres) async fn tell_engine(&mut self) -> PgWireResult<()> {
        let zone = self.settings.lock().zone_name();
        if zone != self.engine_zone {
            self.queries.show_in(&zone).await?;
            self.engine_zone = zone;
        }
        Ok(())
    }
}

/// What the completion of a query says.
pub(super) fn query_tag(query: &ast::Statement, rows: u64) -> String {
    match query {
        ast::Statement::Explain { .. } | ast::Statement::ExplainTable { .. } => "EXPLAIN".to_owned(),
        ast::Statement::ShowTables { .. } | ast::Statement::ShowColumns { .. } => "SHOW".to_owned(),
        _ => format!("SELECT {rows}"),
    }
}
