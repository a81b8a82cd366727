//! Reads and writes the table of excluded sessions.

use std::sync::Arc;

use datafusion::common::ScalarValue;
use datafusion::logical_expr::{Expr, col, lit};
use datafusion::prelude::{DataFrame, SessionConfig, SessionContext};
use deltalake::DeltaTable;
use playhead_protocol::SessionId;

use crate::delta::Delta;
use crate::delta::append::write_rows;
use crate::delta::bounds::Bounds;
use crate::delta::data_files::{Exchange, files_by_day};
use crate::delta::scan::StoredRows;
use crate::delta::writing::write_stream;
use crate::error::Error;
use crate::exclusion::StoredExclusion;
use crate::lake::Lake;
use crate::limits::COMPACT_ZSTD_LEVEL;
use crate::tables::DAY;
use crate::tables::exclusion_table::{
    EXCLUSION_COLUMNS, ROWS, exclusion_batch, read_exclusions, text_values,
};

impl Lake {
    /// The exclusions that the tables know, as of a moment ago; those that were undone among them.
    ///
    /// # Errors
    ///
    /// If their table cannot be read.
    pub async fn exclusions(&self) -> Result<Arc<[StoredExclusion]>, Error> {
        let table = self.exclusion_delta().recent().await?;
        self.exclusions_of(table).await
    }

    /// The same as of now, with the writes of all processes.
    ///
    /// # Errors
    ///
    /// If their table cannot be read.
    pub async fn latest_exclusions(&self) -> Result<Arc<[StoredExclusion]>, Error> {
        let table = self.exclusion_delta().latest().await?;
        self.exclusions_of(table).await
    }

    async fn exclusions_of(&self, table: Option<DeltaTable>) -> Result<Arc<[StoredExclusion]>, Error> {
        let Some((table, version)) = table.and_then(|table| table.version().map(|version| (table, version)))
        else {
            return Ok(Arc::default());
        };
        if let Some((seen, exclusions)) = &*self.seen_exclusions.lock()
            && *seen == version
        {
            return Ok(exclusions.clone());
        }
        let columns: Vec<&str> =
            EXCLUSION_COLUMNS.iter().map(|column| column.0).filter(|name| *name != ROWS).collect();
        let mut exclusions = Vec::new();
        for batch in rows_of(self.exclusion_delta(), &table)?.select_columns(&columns)?.collect().await? {
            exclusions.extend(read_exclusions(&batch)?);
        }
        let exclusions: Arc<[StoredExclusion]> = exclusions.into();
        *self.seen_exclusions.lock() = Some((version, exclusions.clone()));
        Ok(exclusions)
    }

    /// The rows that are kept of an excluded session, as JSON; `None` if there are none.
    ///
    /// # Errors
    ///
    /// If they cannot be read.
    pub async fn kept_rows(&self, session: &SessionId) -> Result<Option<String>, Error> {
        let Some(table) = self.exclusion_delta().latest().await? else { return Ok(None) };
        let kept =
            rows_of(self.exclusion_delta(), &table)?.filter(is_session(session))?.select_columns(&[ROWS])?;
        let batches = kept.collect().await?;
        let texts =
            batches.iter().map(|batch| text_values(batch.column(0))).collect::<Result<Vec<_>, _>>()?;
        Ok(texts.into_iter().flatten().flatten().next())
    }

    /// Writes the row of an exclusion in place of the one before, if that is the one that the caller has seen.
    ///
    /// # Errors
    ///
    /// [`Error::Conflict`] if another process was faster; otherwise if the table cannot be read or written.
    pub(crate) async fn put_exclusion(
        &self,
        before: Option<&StoredExclusion>,
        now: &StoredExclusion,
        rows: Option<&str>,
        work: &Work<'_>,
    ) -> Result<(), Error> {
        let delta = self.exclusion_delta();
        let current = delta.latest_or_new().await?;
        let session = &now.exclusion.session;
        let known = self.exclusions_of(Some(current.clone())).await?;
        let found = known.iter().find(|stored| stored.exclusion.session == *session);
        if found != before {
            return Err(Error::Conflict { table: delta.name().to_owned() });
        }
        // A session keeps its day, unless a journal that was put back says another.
        let days = before.map(|before| before.exclusion.day).into_iter().chain([now.exclusion.day]);
        let mut days: Vec<i32> = days.collect();
        days.dedup();
        for day in days {
            let new = (day == now.exclusion.day).then(|| exclusion_batch(now, rows)).transpose()?;
            rewrite_day(delta, &current, day, session, new, work).await?;
        }
        Ok(())
    }

    /// Forgets an exclusion that was undone.
    ///
    /// # Errors
    ///
    /// As for [`Lake::put_exclusion`].
    pub(crate) async fn forget_exclusion(
        &self,
        stored: &StoredExclusion,
        work: &Work<'_>,
    ) -> Result<(), Error> {
        let delta = self.exclusion_delta();
        let current = delta.latest_or_new().await?;
        rewrite_day(delta, &current, stored.exclusion.day, &stored.exclusion.session, None, work).await
    }
}

/// What work on exclusions needs beside the lake.
#[derive(Debug, Clone, Copy)]
pub struct Work<'a> {
    /// Its bounds.
    pub bounds: &'a Bounds,
    /// The time, ms since the epoch.
    pub now_ms: i64,
}

/// Writes a day of the table anew without a session's row, and with a new one.
async fn rewrite_day(
    delta: &Delta,
    current: &DeltaTable,
    day: i32,
    session: &SessionId,
    new: Option<datafusion::arrow::array::RecordBatch>,
    work: &Work<'_>,
) -> Result<(), Error> {
    let removed = files_by_day(current)?.remove(&day).unwrap_or_default();
    let mut added = Vec::new();
    if !removed.is_empty() {
        let context = work.bounds.context()?;
        let paths = removed.iter().map(|file| file.path.clone());
        let others = work.bounds.rows_of(&context, current, delta.schema(), paths)?;
        let others = others.filter(is_session(session).is_not_true())?.execute_stream().await?;
        added = write_stream(current, delta.name(), others, COMPACT_ZSTD_LEVEL).await?;
    }
    added.extend(write_rows(delta, current, new.as_slice()).await?);
    let operation = Delta::append_operation();
    let exchange = Exchange { removed, added, whole_day: Some(day), changes_rows: true, operation };
    delta.exchange(exchange, work.now_ms).await
}

/// All rows of a version, with the columns of this release, in a query session of their own.
pub(crate) fn rows_of(delta: &Delta, table: &DeltaTable) -> Result<DataFrame, Error> {
    let context = SessionContext::new_with_config(SessionConfig::new().with_target_partitions(1));
    Ok(context.read_table(Arc::new(StoredRows::all(table, delta.schema())?))?)
}

/// The condition that a row is of this session.
pub(crate) fn is_session(session: &SessionId) -> Expr {
    col("session_id").eq(lit(session.to_string()))
}

/// The condition that a row is in the partition of this day.
pub(crate) fn is_of_day(day: i32) -> Expr {
    col(DAY).eq(lit(ScalarValue::Date32(Some(day))))
}
