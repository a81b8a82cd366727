//! Statements that concern the connection: transactions, cursors, settings, and copies.

use datafusion::arrow::array::RecordBatch;
use datafusion_postgres::pgwire::error::PgWireResult;
use futures::SinkExt;
use playhead_node::limits::POSTGRES_CURSORS;

use crate::postgres::refusal::{
    DUPLICATE_CURSOR, IN_TRANSACTION, NO_CURSOR, NO_STATEMENT, NO_TRANSACTION, TOO_MUCH, Told, warning,
};
use crate::postgres::session::connection::{Connection, Manner};
use crate::postgres::session::copy_out::copy_out;
use crate::postgres::session::cursor::Cursor;
use crate::postgres::session::queries::{Started, texts};
use crate::postgres::session::settings::{Settings, unknown};
use crate::postgres::statements::statement::{BeginWord, Declare, Discarded, Fetch, Shown, Statement};
use crate::postgres::values::columns::Formats;
use crate::postgres::values::rows::RowWriter;
use crate::postgres::wire::{Delivery, Wire};

impl Connection {
    /// Performs a statement that is not for the query engine; what its completion says.
    pub(super) async fn perform(
        &mut self,
        wire: &mut Wire,
        statement: &Statement,
        manner: &Manner,
    ) -> PgWireResult<String> {
        let tag = match statement {
            Statement::Begin(_)
            | Statement::Commit { .. }
            | Statement::Rollback { .. }
            | Statement::Savepoint(_)
            | Statement::Release(_)
            | Statement::RollbackTo(_) => self.transact(wire, statement).await?,
            Statement::Query(_) => "SELECT",
            Statement::Declare(declare) => {
                self.check_may_declare(declare, manner)?;
                let started = self.start(&declare.query).await?;
                self.keep_cursor(declare, started);
                "DECLARE CURSOR"
            }
            Statement::Fetch(fetch) => return self.fetch(wire, fetch, manner).await,
            Statement::Close(name) => self.close(name.as_deref())?,
            Statement::Discard(what) => self.discard(*what)?,
            Statement::Set(set) => {
                self.settings.lock().set(&set.name, set.value.as_deref(), set.is_local)?;
                if set.is_local && !self.transaction.is_open() && !manner.is_in_block {
                    wire.feed(warning(NO_TRANSACTION, "SET LOCAL can only be used in transaction blocks"))
                        .await?;
                }
                "SET"
            }
            Statement::Reset(Some(name)) => {
                self.settings.lock().set(name, None, false)?;
                "RESET"
            }
            Statement::Reset(None) => {
                self.settings.lock().reset_all();
                "RESET"
            }
            Statement::Show(shown) => return self.show(wire, shown, manner).await,
            Statement::Deallocate(name) => self.deallocate(name.as_deref())?,
            Statement::Copy(copy) => {
                let started = self.start(&copy.query).await?;
                let style = self.settings.lock().style();
                let rows = copy_out(wire, started, &copy.form, &style).await?;
                return Ok(format!("COPY {rows}"));
            }
            Statement::Nothing(tag) => tag,
        };
        Ok(tag.to_owned())
    }

    /// Performs a statement about transactions.
    async fn transact(&mut self, wire: &mut Wire, statement: &Statement) -> PgWireResult<&'static str> {
        Ok(match statement {
            Statement::Begin(word) => {
                if self.transaction.is_open() {
                    wire.feed(warning(IN_TRANSACTION, "there is already a transaction in progress")).await?;
                } else {
                    self.transaction.begin(self.now());
                }
                if *word == BeginWord::Start { "START TRANSACTION" } else { "BEGIN" }
            }
            Statement::Commit { chains } => {
                let has_failed = self.transaction.has_failed();
                self.end_transaction(wire, !has_failed, *chains).await?;
                if has_failed { "ROLLBACK" } else { "COMMIT" }
            }
            Statement::Rollback { chains } => {
                self.end_transaction(wire, false, *chains).await?;
                "ROLLBACK"
            }
            Statement::Savepoint(name) => {
                self.transaction.save(name, self.now())?;
                "SAVEPOINT"
            }
            Statement::Release(name) => {
                self.transaction.release(name)?;
                "RELEASE"
            }
            Statement::RollbackTo(name) => {
                let begin = self.transaction.go_back(name)?;
                self.settings.lock().restore(&begin.settings);
                self.cursors.retain(|_, cursor| cursor.number < begin.cursors);
                "ROLLBACK"
            }
            _ => "",
        })
    }

    /// Ends a transaction, and begins the next if they are chained.
    async fn end_transaction(&mut self, wire: &mut Wire, commits: bool, chains: bool) -> PgWireResult<()> {
        if !self.transaction.is_open() {
            if chains {
                let message = "AND CHAIN can only be used in transaction blocks";
                return Err(Told::new(NO_TRANSACTION, message).into());
            }
            wire.feed(warning(NO_TRANSACTION, "there is no transaction in progress")).await?;
            return Ok(());
        }
        let begin = self.transaction.end();
        if !commits {
            self.settings.lock().restore(&begin.settings);
        }
        self.settings.lock().end_transaction();
        self.before = self.settings.lock().snapshot();
        self.cursors.retain(|_, cursor| cursor.is_held && (commits || cursor.number < begin.cursors));
        self.portals.clear();
        if chains {
            self.transaction.begin(self.now());
        }
        Ok(())
    }

    /// Checks that a cursor may be declared here and now.
    pub(super) fn check_may_declare(&self, declare: &Declare, manner: &Manner) -> Result<(), Told> {
        if !declare.is_held && !self.transaction.is_open() && !manner.is_in_block {
            let message = "DECLARE CURSOR can only be used in transaction blocks, or WITH HOLD";
            return Err(Told::new(NO_TRANSACTION, message));
        }
        self.check_is_free(&declare.name)
    }

    /// Keeps the cursor of a query that has begun.
    pub(super) fn keep_cursor(&mut self, declare: &Declare, started: Started) {
        self.cursors.insert(declare.name.clone(), Cursor::new(declare, started, self.next_cursor));
        self.next_cursor += 1;
    }

    /// Checks that a cursor or portal may have a name, and that there may be one more.
    pub(super) fn check_is_free(&self, name: &str) -> Result<(), Told> {
        if !name.is_empty() && (self.cursors.contains_key(name) || self.portals.contains_key(name)) {
            return Err(Told::new(DUPLICATE_CURSOR, format!("cursor \"{name}\" already exists")));
        }
        // The portal without a name is always free, and does not count: with it clients close others, or end the transaction.
        let named = self.portals.len() - usize::from(self.portals.contains_key(""));
        if !name.is_empty() && self.cursors.len() + named >= POSTGRES_CURSORS {
            let message =
                format!("a connection may have {POSTGRES_CURSORS} cursors and portals open; CLOSE some");
            return Err(Told::new(TOO_MUCH, message));
        }
        Ok(())
    }

    async fn fetch(&mut self, wire: &mut Wire, fetch: &Fetch, manner: &Manner) -> PgWireResult<String> {
        let style = self.settings.lock().style();
        let Some(cursor) = self.cursors.get_mut(&fetch.cursor) else {
            let rows = self.fetch_portal(wire, fetch, manner).await?;
            return Ok(format!("{} {rows}", if fetch.only_moves { "MOVE" } else { "FETCH" }));
        };
        if fetch.only_moves {
            return Ok(format!("MOVE {}", cursor.go(fetch.direction, None).await?));
        }
        let binary = Formats::binary();
        let formats = if cursor.is_binary { &binary } else { &manner.formats };
        let mut writer = RowWriter::new(cursor.columns().clone(), formats, &style)?;
        let mut delivery = Delivery { wire, writer: &mut writer };
        if manner.describes {
            delivery.describe().await?;
        }
        Ok(format!("FETCH {}", cursor.go(fetch.direction, Some(&mut delivery)).await?))
    }

    fn close(&mut self, name: Option<&str>) -> Result<&'static str, Told> {
        let Some(name) = name else {
            self.cursors.clear();
            return Ok("CLOSE CURSOR ALL");
        };
        let cursor = self.cursors.remove(name).map(drop).or_else(|| self.portals.remove(name).map(drop));
        cursor.ok_or_else(|| no_cursor(name))?;
        Ok("CLOSE CURSOR")
    }

    fn discard(&mut self, what: Discarded) -> Result<&'static str, Told> {
        if what == Discarded::All {
            if self.transaction.is_open() {
                return Err(Told::new(IN_TRANSACTION, "DISCARD ALL cannot run inside a transaction block"));
            }
            self.cursors.clear();
            self.portals.clear();
            self.prepared.clear();
            self.settings.lock().reset_all();
        }
        Ok(match what {
            Discarded::All => "DISCARD ALL",
            Discarded::Plans => "DISCARD PLANS",
            Discarded::Sequences => "DISCARD SEQUENCES",
            Discarded::Temp => "DISCARD TEMP",
        })
    }

    fn deallocate(&mut self, name: Option<&str>) -> Result<&'static str, Told> {
        let Some(name) = name else {
            self.prepared.clear();
            return Ok("DEALLOCATE ALL");
        };
        if self.prepared.remove(name) {
            return Ok("DEALLOCATE");
        }
        Err(Told::new(NO_STATEMENT, format!("prepared statement \"{name}\" does not exist")))
    }

    async fn show(&mut self, wire: &mut Wire, shown: &Shown, manner: &Manner) -> PgWireResult<String> {
        let style = self.settings.lock().style();
        let rows = match shown {
            Shown::All => {
                let settings = self.settings.lock();
                settings.all().map(|(name, value)| vec![name.to_owned(), value, String::new()]).collect()
            }
            Shown::One(name) => {
                let value = self.settings.lock().shown(name);
                vec![vec![value.ok_or_else(|| unknown(name))?]]
            }
        };
        let names = shown_columns(shown);
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let (columns, batch): (_, RecordBatch) = texts(&names, &rows)?;
        let mut writer = RowWriter::new(columns, &manner.formats, &style)?;
        let mut delivery = Delivery { wire, writer: &mut writer };
        if manner.describes {
            delivery.describe().await?;
        }
        for row in 0..batch.num_rows() {
            delivery.send(&batch, row).await?;
        }
        Ok("SHOW".to_owned())
    }
}

/// The names of the columns in which settings are shown.
pub(super) fn shown_columns(shown: &Shown) -> Vec<String> {
    match shown {
        Shown::All => ["name", "setting", "description"].map(str::to_owned).to_vec(),
        Shown::One(name) => vec![Settings::canonical(name)],
    }
}

/// The refusal of a cursor that is not there.
pub(super) fn no_cursor(name: &str) -> Told {
    Told::new(NO_CURSOR, format!("cursor \"{name}\" does not exist"))
}
