//! Takes the rows of excluded sessions out of the tables, and puts them back.
//!
//! A session's rows are in four tables, which do not change together. So the table of exclusions says first what is about to
//! happen, and afterwards that it has ([`Stage`]): rows are kept there before they leave their tables, and forgotten there
//! after they have come back. Whatever is cut short is taken up again where it was. Rows that are taken out twice are out;
//! rows that are put back twice would count twice, so each table records, as a Delta application transaction, that it has
//! them back.

use datafusion::prelude::col;
use deltalake::kernel::Action;
use deltalake::protocol::DeltaOperation;
use playhead_protocol::SessionId;
use playhead_session::{Cell, ReadRows};
use serde_json::{Map, Value};

use crate::delta::Delta;
use crate::delta::append::write_rows;
use crate::delta::data_files::{DataFile, Exchange, SORTED_TAG, files_by_day, rows_of_add};
use crate::delta::writing::write_stream;
use crate::error::Error;
use crate::exclusion::{Exclusion, Stage, StoredExclusion};
use crate::lake::Lake;
use crate::limits::{APPEND_ZSTD_LEVEL, COMPACT_ZSTD_LEVEL, RETURNED_EXCLUSIONS, SORTED_BYTES};
use crate::rows::row_json::{rows_json, session_json};
use crate::rows::{RowsBuilder, partition_day};
use crate::tables::Table;
use crate::upkeep::exclusions::{Work, is_of_day, is_session, rows_of};
use crate::upkeep::handover::{SESSION_TABLES, sorted};

/// The tables in the order in which rows come back: with its row in the last, a session is whole.
const TABLES_BACK: [Table; 4] = [Table::Errors, Table::Chapters, Table::Ads, Table::Sessions];

impl Exclusion {
    /// The exclusion of a session with these rows.
    ///
    /// # Errors
    ///
    /// [`Error::Row`] if they cannot be read.
    pub fn with_rows(&self, rows: &str) -> Result<Self, Error> {
        let rows = ReadRows::read(rows.as_bytes()).map_err(Error::Row)?;
        let ms = |name: &str| rows.session.time_ms(name);
        let started_at_ms = ms("started_at").unwrap_or_default();
        let day = partition_day(started_at_ms, ms("received_at").unwrap_or_default());
        let is_open = matches!(rows.session.get("is_open"), Cell::Boolean(true));
        Ok(Self {
            started_at_ms,
            ended_at_ms: ms("last_event_at").filter(|_| !is_open),
            day: i32::try_from(day).unwrap_or_default(),
            ..self.clone()
        })
    }
}

impl Lake {
    /// Keeps the rows of an excluded session, for [`Lake::take_out`] to take them out of the tables. `before` is what the
    /// tables know of its exclusion.
    ///
    /// # Errors
    ///
    /// [`Error::Row`] if the rows cannot be read, [`Error::Conflict`] if another process was faster; otherwise if the table
    /// of exclusions cannot be read or written.
    pub async fn keep_excluded(
        &self,
        exclusion: &Exclusion,
        rows: &str,
        before: Option<&StoredExclusion>,
        work: &Work<'_>,
    ) -> Result<StoredExclusion, Error> {
        let mut exclusion = exclusion.with_rows(rows)?;
        // A later word has a later time, whatever the clock says: what comes back is told by it.
        if let Some(returned_at_ms) = before.and_then(|before| before.returned_at_ms) {
            exclusion.excluded_at_ms = exclusion.excluded_at_ms.max(returned_at_ms.saturating_add(1));
        }
        let kept = StoredExclusion { exclusion, stage: Stage::Kept, returned_at_ms: None };
        self.put_exclusion(before, &kept, Some(rows), work).await?;
        Ok(kept)
    }

    /// The rows of a session in the tables, as JSON; `None` if they have none.
    ///
    /// # Errors
    ///
    /// If a table cannot be read.
    pub async fn stored_rows(&self, exclusion: &Exclusion) -> Result<Option<String>, Error> {
        let Some(row) = self.rows_in(Table::Sessions, exclusion).await?.pop() else { return Ok(None) };
        let mut views = Vec::new();
        for table in [Table::Ads, Table::Chapters, Table::Errors] {
            views.push((table, self.rows_in(table, exclusion).await?));
        }
        Ok(Some(Value::Object(session_json(row, views)).to_string()))
    }

    async fn rows_in(&self, table: Table, exclusion: &Exclusion) -> Result<Vec<Map<String, Value>>, Error> {
        let delta = self.delta(table);
        let Some(current) = delta.latest().await? else { return Ok(Vec::new()) };
        let order = table.sort_columns().iter().map(|name| col(*name).sort(true, true)).collect();
        let of_it = is_of_day(exclusion.day).and(is_session(&exclusion.session));
        let mut rows = Vec::new();
        for batch in rows_of(delta, &current)?.filter(of_it)?.sort(order)?.collect().await? {
            rows.extend(rows_json(table, &batch)?);
        }
        Ok(rows)
    }

    /// Takes the rows of a session, which are kept, out of the tables.
    ///
    /// # Errors
    ///
    /// [`Error::Conflict`] if another process changed the same files first; otherwise if a table cannot be read or written.
    /// The same call can be made again.
    pub async fn take_out(
        &self,
        stored: &StoredExclusion,
        work: &Work<'_>,
    ) -> Result<StoredExclusion, Error> {
        for table in SESSION_TABLES {
            remove_rows(table, self.delta(table), &stored.exclusion, work).await?;
        }
        let rows = self.kept_rows(&stored.exclusion.session).await?;
        let moved = StoredExclusion { stage: Stage::Moved, ..stored.clone() };
        self.put_exclusion(Some(stored), &moved, rows.as_deref(), work).await?;
        Ok(moved)
    }

    /// Undoes an exclusion: puts the rows of the session back into the tables.
    ///
    /// # Errors
    ///
    /// [`Error::Row`] if the rows cannot be read, [`Error::Conflict`] or [`Error::TakenOver`] if another process was faster;
    /// otherwise if a table cannot be read or written. The same call can be made again.
    pub async fn put_back(&self, stored: &StoredExclusion, work: &Work<'_>) -> Result<(), Error> {
        let before = match stored.stage {
            Stage::Returned => return Ok(()),
            // Some may still be where they were.
            Stage::Kept => self.take_out(stored, work).await?,
            Stage::Moved | Stage::Returning => stored.clone(),
        };
        let rows = self.kept_rows(&before.exclusion.session).await?;
        let returning = match before.stage {
            Stage::Returning => before,
            _ => {
                let at_ms = work.now_ms.max(before.exclusion.excluded_at_ms);
                let returned_at_ms = Some(at_ms);
                let now = StoredExclusion { stage: Stage::Returning, returned_at_ms, ..before.clone() };
                self.put_exclusion(Some(&before), &now, rows.as_deref(), work).await?;
                now
            }
        };
        if let Some(rows) = &rows {
            let rows = ReadRows::read(rows.as_bytes()).map_err(Error::Row)?;
            for table in TABLES_BACK {
                append_back(table, self.delta(table), &rows, &returning).await?;
            }
        }
        let returned = StoredExclusion { stage: Stage::Returned, ..returning.clone() };
        self.put_exclusion(Some(&returning), &returned, None, work).await?;
        self.forget_oldest(work).await
    }

    /// Forgets the oldest exclusion that was undone, when there are too many.
    async fn forget_oldest(&self, work: &Work<'_>) -> Result<(), Error> {
        let known = self.latest_exclusions().await?;
        let returned: Vec<&StoredExclusion> =
            known.iter().filter(|stored| stored.stage == Stage::Returned).collect();
        let oldest = returned.iter().min_by_key(|stored| stored.returned_at_ms);
        match oldest {
            Some(oldest) if returned.len() > RETURNED_EXCLUSIONS => self.forget_exclusion(oldest, work).await,
            _ => Ok(()),
        }
    }
}

/// Writes the files of a table that have rows of a session anew without them.
async fn remove_rows(
    table: Table,
    delta: &Delta,
    exclusion: &Exclusion,
    work: &Work<'_>,
) -> Result<(), Error> {
    let Some(current) = delta.latest().await? else { return Ok(()) };
    // What another process has put back since this exclusion was read must stay.
    let returned_at_ms = delta.transaction(&current, &returned_application(&exclusion.session)).await?;
    if returned_at_ms >= u64::try_from(exclusion.excluded_at_ms).unwrap_or_default().max(1) {
        return Err(Error::Conflict { table: delta.name().to_owned() });
    }
    let is_it = is_session(&exclusion.session);
    for file in files_by_day(&current)?.remove(&exclusion.day).unwrap_or_default() {
        let context = work.bounds.context()?;
        let rows = || work.bounds.rows_of(&context, &current, delta.schema(), [file.path.clone()]);
        let of_it = rows()?.filter(is_it.clone())?.count().await? as u64;
        if of_it == 0 {
            continue;
        }
        let order = table.sort_columns().iter().map(|name| col(*name).sort(true, true)).collect();
        let others = rows()?.filter(is_it.clone().is_not_true())?.sort(order)?.execute_stream().await?;
        let level = if file.sorted_in.is_some() { COMPACT_ZSTD_LEVEL } else { APPEND_ZSTD_LEVEL };
        let mut added = write_stream(&current, delta.name(), others, level).await?;
        let written: u64 = added.iter().filter_map(rows_of_add).sum();
        if written + of_it != file.rows {
            let message = format!("{} rows were read, {written} written; nothing was changed", file.rows);
            return Err(Error::Table { table: delta.name().to_owned(), message });
        }
        if let Some(pass) = &file.sorted_in {
            for add in &mut added {
                add.tags = Some([(SORTED_TAG.to_owned(), Some(pass.clone()))].into());
            }
        }
        let removed: Vec<DataFile> = vec![file.clone()];
        let predicate = Some(format!("session_id = '{}'", exclusion.session));
        let operation = DeltaOperation::Delete { predicate };
        let exchange = Exchange { removed, added, whole_day: None, changes_rows: true, operation };
        delta.exchange(exchange, work.now_ms).await?;
    }
    Ok(())
}

/// Appends what a session has of a table's rows, unless the table has them back already.
async fn append_back(
    table: Table,
    delta: &Delta,
    rows: &ReadRows<'_>,
    returning: &StoredExclusion,
) -> Result<(), Error> {
    let current = delta.latest_or_new().await?;
    let application = returned_application(&returning.exclusion.session);
    let at_ms = u64::try_from(returning.returned_at_ms.unwrap_or_default()).unwrap_or_default();
    if delta.transaction(&current, &application).await? >= at_ms {
        return Ok(());
    }
    let mut builder = RowsBuilder::new(table, None);
    let mut actions = Vec::new();
    let mut next = Some(0);
    while let Some(first) = next {
        next = builder.push_read_from(rows, first, SORTED_BYTES);
        if !builder.is_empty() {
            let batch = sorted(table, &builder.finish()?)?;
            actions.extend(write_rows(delta, &current, &[batch]).await?.into_iter().map(Action::Add));
        }
    }
    if actions.is_empty() {
        return Ok(());
    }
    delta.commit(&current, actions, Delta::append_operation(), vec![(application, at_ms)]).await
}

/// The application that says that a table has the rows of a session back.
fn returned_application(session: &SessionId) -> String {
    format!("playhead-returned-{session}")
}
