//! Looks for rows that are in a table twice.

use std::collections::HashSet;

use datafusion::arrow::array::{AsArray, RecordBatch};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Int64Type, TimestampMicrosecondType};
use datafusion::common::ScalarValue;
use datafusion::logical_expr::{col, lit};
use datafusion::prelude::{SessionConfig, SessionContext};
use futures::StreamExt;
use xxhash_rust::xxh3::Xxh3;

use crate::delta::data_files::files_by_day;
use crate::delta::finding::Finding;
use crate::error::Error;
use crate::lake::Lake;
use crate::tables::{DAY, Table};

/// Sessions that a finding names.
const NAMED: usize = 20;

/// The columns that tell a row from all others. Under two names, an event has two sequences.
const fn identity(table: Table) -> Option<&'static [&'static str]> {
    match table {
        Table::Sessions => Some(&["session_id"]),
        Table::Events => Some(&["session_id", "received_at", "body"]),
        // They are handed over with their session.
        Table::Ads | Table::Chapters | Table::Errors => None,
    }
}

impl Lake {
    /// The rows that are in a table twice. Rows that are the same have the same day, so that memory is needed for one day
    /// at a time.
    pub(crate) async fn rows_twice(&self, table: Table) -> Result<Option<Finding>, Error> {
        let Some(columns) = identity(table) else { return Ok(None) };
        let snapshot = self.latest_snapshot(table).await?;
        let (Some(delta), Some(provider)) = (snapshot.delta(), snapshot.provider().await?) else {
            return Ok(None);
        };
        let days: Vec<i32> = files_by_day(delta)?.into_keys().collect();
        let context = SessionContext::new_with_config(SessionConfig::new().with_target_partitions(1));
        let rows = context.read_table(provider)?;
        let (mut twice, mut sessions) = (0_u64, Vec::new());
        for day in days {
            let of_day = col(DAY).eq(lit(ScalarValue::Date32(Some(day))));
            let mut batches = rows.clone().filter(of_day)?.select_columns(columns)?.execute_stream().await?;
            let mut seen = HashSet::new();
            while let Some(batch) = batches.next().await {
                for (session, hash) in identities(&batch?)? {
                    if seen.insert(hash) {
                        continue;
                    }
                    twice += 1;
                    if sessions.len() < NAMED && !sessions.contains(&session) {
                        sessions.push(session);
                    }
                }
            }
        }
        let finding = || {
            let sessions = sessions.join(", ");
            let message = format!("{twice} rows are there twice, among others of these sessions: {sessions}");
            Finding { table: table.name(), file: None, message }
        };
        Ok((twice > 0).then(finding))
    }
}

/// The session of each row, and the hash of what tells the row from all others.
fn identities(batch: &RecordBatch) -> Result<Vec<(String, u64)>, Error> {
    let sessions = cast(batch.column(0), &DataType::Utf8).map_err(Error::Arrow)?;
    let times = batch.columns().get(1).map(|column| {
        let times = column.as_primitive::<TimestampMicrosecondType>();
        times.reinterpret_cast::<Int64Type>()
    });
    let bodies = batch.columns().get(2).map(|column| cast(column, &DataType::Utf8).map_err(Error::Arrow));
    let bodies = bodies.transpose()?;
    let sessions = sessions.as_string::<i32>();
    let identity = |row: usize| {
        let session = sessions.value(row);
        let mut hash = Xxh3::new();
        hash.update(session.as_bytes());
        if let (Some(times), Some(bodies)) = (&times, &bodies) {
            hash.update(&times.value(row).to_le_bytes());
            hash.update(bodies.as_string::<i32>().value(row).as_bytes());
        }
        (session.to_owned(), hash.digest())
    };
    Ok((0..batch.num_rows()).map(identity).collect())
}
