//! Sessions that only the lake has: their rows, and their events.

use async_trait::async_trait;
use datafusion::arrow::array::{Array, AsArray, RecordBatch};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Int64Type, TimestampMicrosecondType};
use datafusion::common::ScalarValue;
use datafusion::prelude::{DataFrame, Expr, col, lit};
use playhead_journal::{OwnedEvent, PageCursor, Sequence};
use playhead_lake::{Table, rows_json, session_json};
use playhead_protocol::time::DAY_MS;
use playhead_protocol::{Origin, PackedFacts, SessionId};
use playhead_report::{Reports, StartFilters};
use serde_json::{Map, Value};

use crate::error::SessionError;
use crate::sessions::filter::SessionFilter;

/// How far back is looked for a page of sessions, in days, when the days before had too few.
const LOOKS_BACK_DAYS: [i64; 4] = [1, 7, 60, 730];

/// A session as the lake has it.
#[derive(Debug, Clone)]
pub(crate) struct StoredSession {
    /// Its place in lists.
    pub cursor: PageCursor,
    /// Its row.
    pub row: Map<String, Value>,
}

/// The sessions that are stored, wherever the tables are read.
#[async_trait]
pub(crate) trait StoredSessions: Send + Sync + std::fmt::Debug {
    /// At most `wanted` sessions that the filter lets through, the latest start first, those behind `before`.
    async fn page(
        &self,
        filter: &SessionFilter,
        before: Option<PageCursor>,
        wanted: usize,
    ) -> Result<Vec<StoredSession>, SessionError>;

    /// A session's row with `ads`, `chapters` and `errors`.
    async fn session(&self, id: SessionId) -> Result<Option<Map<String, Value>>, SessionError>;

    /// The events of a session that arrived from `received_from_ms` on, in order; at most `limit`.
    async fn events(
        &self,
        id: SessionId,
        received_from_ms: i64,
        limit: usize,
    ) -> Result<Vec<OwnedEvent>, SessionError>;
}

/// The sessions of the lake behind these reports, read by this process.
#[derive(Debug)]
pub(crate) struct InLake(pub(crate) Reports);

impl InLake {
    /// Errors of the lake name the file that is at fault.
    async fn explained<T>(&self, outcome: Result<T, SessionError>) -> Result<T, SessionError> {
        match outcome {
            Err(SessionError::Report(error)) => Err(self.0.explain(error).await.into()),
            outcome => outcome,
        }
    }
}

#[async_trait]
impl StoredSessions for InLake {
    async fn page(
        &self,
        filter: &SessionFilter,
        before: Option<PageCursor>,
        wanted: usize,
    ) -> Result<Vec<StoredSession>, SessionError> {
        self.explained(page(&self.0, filter, before, wanted).await).await
    }

    async fn session(&self, id: SessionId) -> Result<Option<Map<String, Value>>, SessionError> {
        self.explained(session(&self.0, &id).await).await
    }

    async fn events(
        &self,
        id: SessionId,
        received_from_ms: i64,
        limit: usize,
    ) -> Result<Vec<OwnedEvent>, SessionError> {
        self.explained(events(&self.0, &id, received_from_ms, limit).await).await
    }
}

/// At most `wanted` stored sessions that the filter lets through, the latest start first, those behind `before`.
async fn page(
    reports: &Reports,
    filter: &SessionFilter,
    before: Option<PageCursor>,
    wanted: usize,
) -> Result<Vec<StoredSession>, SessionError> {
    if filter.open == Some(true) {
        return Ok(Vec::new());
    }
    let Some(sessions) = stored(reports, Table::Sessions).await? else { return Ok(Vec::new()) };
    let mut admitted = admits(filter, before);
    let excluded = reports.exclusions().await?.in_tables();
    if !excluded.is_empty() {
        let ids = excluded.iter().map(|session| lit(session.to_string())).collect();
        admitted = admitted.and(col("session_id").in_list(ids, true));
    }
    let sessions = sessions.filter(admitted)?;
    // The latest days first: the whole table is looked through only when they have too few.
    let latest_ms = [before.map(|cursor| cursor.started_at_ms), filter.to_ms].into_iter().flatten().min();
    let latest_ms = match latest_ms {
        Some(latest_ms) => Some(latest_ms),
        None => latest_start_ms(&sessions).await?,
    };
    let Some(latest_ms) = latest_ms else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    for days in LOOKS_BACK_DAYS.map(Some).into_iter().chain([None]) {
        let some = match days {
            Some(days) => {
                let earliest_ms = latest_ms.saturating_sub(days.saturating_mul(DAY_MS));
                sessions.clone().filter(col("started_at").gt_eq(time(earliest_ms)))?
            }
            None => sessions.clone(),
        };
        let order = vec![col("started_at").sort(false, false), col("session_id").sort(false, false)];
        let batches = some.sort(order)?.limit(0, Some(wanted))?.collect().await?;
        found =
            batches.iter().map(sessions_of).collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect();
        if found.len() >= wanted {
            break;
        }
    }
    Ok(found)
}

/// The JSON of a stored session, whether it is excluded or not: its row with `ads`, `chapters` and `errors`.
async fn session(reports: &Reports, id: &SessionId) -> Result<Option<Map<String, Value>>, SessionError> {
    if let Some(found) = session_in_tables(reports, id).await? {
        return Ok(Some(found));
    }
    let Some(kept) = reports.lake().kept_rows(id).await? else { return Ok(None) };
    serde_json::from_str(&kept).map(Some).map_err(|_| SessionError::Internal)
}

async fn session_in_tables(
    reports: &Reports,
    id: &SessionId,
) -> Result<Option<Map<String, Value>>, SessionError> {
    let Some(sessions) = stored(reports, Table::Sessions).await? else { return Ok(None) };
    let is_it = col("session_id").eq(lit(id.to_string()));
    let batches = sessions.filter(is_it.clone())?.limit(0, Some(1))?.collect().await?;
    let found = batches.iter().map(sessions_of).collect::<Result<Vec<_>, _>>()?;
    let Some(found) = found.into_iter().flatten().next() else { return Ok(None) };
    let mut views_by_table = Vec::new();
    let started_at = time(found.cursor.started_at_ms);
    for (table, number) in
        [(Table::Ads, "ad_number"), (Table::Chapters, "chapter_number"), (Table::Errors, "error_number")]
    {
        let mut views = Vec::new();
        if let Some(rows) = stored(reports, table).await? {
            let of_it = rows.filter(is_it.clone().and(col("started_at").eq(started_at.clone())))?;
            let batches = of_it.sort(vec![col(number).sort(true, false)])?.collect().await?;
            for batch in &batches {
                views.extend(rows_json(table, batch)?);
            }
        }
        views_by_table.push((table, views));
    }
    Ok(Some(session_json(found.row, views_by_table)))
}

/// The stored events of a session that arrived from `received_from_ms` on, in order; at most `limit`.
async fn events(
    reports: &Reports,
    id: &SessionId,
    received_from_ms: i64,
    limit: usize,
) -> Result<Vec<OwnedEvent>, SessionError> {
    let Some(events) = stored(reports, Table::Events).await? else { return Ok(Vec::new()) };
    // A session's id is its own under every name that this journal ever had in the tables.
    let of_it =
        col("session_id").eq(lit(id.to_string())).and(col("received_at").gt_eq(time(received_from_ms)));
    let columns = ["sequence", "received_at", "source", "is_end_of_batch", "body"];
    let rows = events.filter(of_it)?.select_columns(&columns)?;
    let order = vec![col("sequence").sort(true, false), col("received_at").sort(true, false)];
    let rows = rows.sort(order)?.limit(0, Some(limit))?;
    let mut found: Vec<OwnedEvent> = Vec::new();
    for batch in rows.collect().await? {
        let column = |name: &str, data_type: &DataType| {
            let column = batch.column_by_name(name).ok_or(SessionError::Internal)?;
            cast(column, data_type).map_err(|error| SessionError::Lake(playhead_lake::Error::Arrow(error)))
        };
        let sequences = column("sequence", &DataType::Int64)?;
        let received_at = column("received_at", &playhead_lake::Kind::Time.data_type())?;
        let sources = column("source", &DataType::Utf8)?;
        let ends = column("is_end_of_batch", &DataType::Boolean)?;
        let bodies = column("body", &DataType::Utf8)?;
        for row in 0..batch.num_rows() {
            let source = sources.as_string::<i32>().value(row);
            let Origin { wire, delivery } = Origin::of_source(source).unwrap_or(Origin::COLLECTION_V1);
            let sequence = sequences.as_primitive::<Int64Type>().value(row);
            found.push(OwnedEvent {
                sequence: Sequence::new(u64::try_from(sequence).unwrap_or_default()),
                received_at_ms: received_at
                    .as_primitive::<TimestampMicrosecondType>()
                    .value(row)
                    .div_euclid(1_000),
                session: *id,
                previous: found.last().map(|event| event.sequence),
                wire,
                delivery,
                facts: PackedFacts::default(),
                last_of_batch: ends.is_valid(row) && ends.as_boolean().value(row),
                body: bodies.as_string::<i32>().value(row).as_bytes().to_vec(),
            });
        }
    }
    Ok(found)
}

/// The rows of a table that are stored, and only those.
async fn stored(reports: &Reports, table: Table) -> Result<Option<DataFrame>, SessionError> {
    let snapshot = reports.lake().snapshot(table).await?;
    let Some(provider) = snapshot.provider().await? else { return Ok(None) };
    Ok(Some(reports.context().read_table(provider)?))
}

fn admits(filter: &SessionFilter, before: Option<PageCursor>) -> Expr {
    let mut conditions = vec![lit(true)];
    conditions.extend(filter.from_ms.map(|from_ms| col("started_at").gt_eq(time(from_ms))));
    conditions.extend(filter.to_ms.map(|to_ms| col("started_at").lt(time(to_ms))));
    conditions.extend(filter.traits().exprs());
    conditions.extend(filter.filters.as_ref().and_then(StartFilters::expr));
    if let Some(cursor) = before {
        let start = time(cursor.started_at_ms);
        let is_earlier = col("started_at").lt(start.clone());
        let is_behind =
            col("started_at").eq(start).and(col("session_id").lt(lit(cursor.session.to_string())));
        conditions.push(is_earlier.or(is_behind));
    }
    conditions.into_iter().reduce(Expr::and).unwrap_or_else(|| lit(true))
}

async fn latest_start_ms(sessions: &DataFrame) -> Result<Option<i64>, SessionError> {
    let latest = datafusion::functions_aggregate::expr_fn::max(col("started_at")).alias("latest");
    let batches = sessions.clone().aggregate(Vec::new(), vec![latest])?.collect().await?;
    let latest = batches.first().map(|batch| batch.column(0)).filter(|latest| latest.is_valid(0));
    let latest = latest.map(|latest| cast(latest, &playhead_lake::Kind::Time.data_type()));
    let latest =
        latest.transpose().map_err(|error| SessionError::Lake(playhead_lake::Error::Arrow(error)))?;
    let latest = latest.map(|latest| latest.as_primitive::<TimestampMicrosecondType>().value(0));
    // The range that follows includes its end.
    Ok(latest.map(|microseconds| microseconds.div_euclid(1_000)))
}

fn sessions_of(batch: &RecordBatch) -> Result<Vec<StoredSession>, SessionError> {
    let session = |row: Map<String, Value>| {
        let text = |name: &str| row.get(name).and_then(Value::as_str).unwrap_or_default();
        let started_at: jiff::Timestamp = text("started_at").parse().map_err(|_| SessionError::Internal)?;
        let session = text("session_id").parse().map_err(|_| SessionError::Internal)?;
        Ok(StoredSession { cursor: PageCursor { started_at_ms: started_at.as_millisecond(), session }, row })
    };
    rows_json(Table::Sessions, batch)?.into_iter().map(session).collect()
}

fn time(ms: i64) -> Expr {
    lit(ScalarValue::TimestampMicrosecond(Some(ms.saturating_mul(1_000)), Some("UTC".into())))
}
