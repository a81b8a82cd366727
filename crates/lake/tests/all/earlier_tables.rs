//! Tables that an earlier release began, without a column that this one has: they are read, appended to and kept in order.

use std::sync::Arc;

use datafusion::arrow::array::{AsArray, RecordBatch};
use datafusion::arrow::datatypes::Int64Type;
use datafusion::arrow::util::pretty::pretty_format_batches;
use datafusion::prelude::{SessionContext, col};
use deltalake::kernel::engine::arrow_conversion::TryIntoKernel;
use deltalake::kernel::{StructField, StructType};
use deltalake::operations::create::CreateBuilder;
use deltalake::writer::{DeltaWriter, RecordBatchWriter};
use playhead_lake::{Lake, RowsBuilder, Table, Work};
use playhead_session::SessionRows;

use crate::kept_lake::{DAY_MS, HOUR_MS, KeptLake, keep, now_ms, samples};

/// A column that releases before this one did not have.
const NEW_COLUMN: &str = "clock_offset_ms";

fn batch(sessions: &[SessionRows]) -> RecordBatch {
    let mut builder = RowsBuilder::new(Table::Sessions, None);
    sessions.iter().for_each(|rows| builder.push(rows));
    builder.finish().unwrap()
}

/// A lake whose table of sessions is as the release before created and filled it.
async fn lake_of_before(sessions: &[SessionRows]) -> KeptLake {
    let kept = KeptLake::new();
    let folder = kept.path().join(Table::Sessions.name());
    std::fs::create_dir_all(&folder).unwrap();
    let mut rows = batch(sessions);
    rows.remove_column(rows.schema().index_of(NEW_COLUMN).unwrap());
    let kernel: StructType = rows.schema().as_ref().try_into_kernel().unwrap();
    let fields: Vec<StructField> = kernel.fields().cloned().collect();
    let created = CreateBuilder::new()
        .with_location(folder.to_str().unwrap())
        .with_columns(fields)
        .with_partition_columns(["day"]);
    let mut table = created.await.unwrap();
    let mut writer = RecordBatchWriter::for_table(&table).unwrap();
    let rows = RecordBatch::try_new(writer.arrow_schema(), rows.columns().to_vec()).unwrap();
    writer.write(rows).await.unwrap();
    writer.flush_and_commit(&mut table).await.unwrap();
    kept
}

/// The offsets in the table, and all other columns as text, both in the order of the sessions.
async fn stored(lake: &Lake) -> (Vec<Option<i64>>, String) {
    let provider = lake.latest_snapshot(Table::Sessions).await.unwrap().provider().await.unwrap().unwrap();
    let names: Vec<&str> = Table::Sessions.columns().iter().map(|column| column.name).collect();
    let schema = provider.schema();
    assert_eq!(schema.fields().iter().map(|field| field.name()).collect::<Vec<_>>(), names);
    let rows = SessionContext::new().read_table(provider).unwrap();
    let rows = rows.sort(vec![col("session_id").sort(true, true)]).unwrap();
    let others: Vec<&str> = names.into_iter().filter(|name| *name != NEW_COLUMN).collect();
    let others = rows.clone().select_columns(&others).unwrap().collect().await.unwrap();
    let mut offsets = Vec::new();
    for batch in rows.select_columns(&[NEW_COLUMN]).unwrap().collect().await.unwrap() {
        offsets.extend(batch.column(0).as_primitive::<Int64Type>().iter());
    }
    (offsets, pretty_format_batches(&others).unwrap().to_string())
}

fn offset_sessions(sessions: Vec<SessionRows>) -> Vec<SessionRows> {
    let offset = |mut rows: SessionRows| {
        rows.session.clock_offset_ms = -60_000;
        rows
    };
    sessions.into_iter().map(offset).collect()
}

#[tokio::test]
async fn a_table_of_the_release_before_had_no_place_for_a_new_column() {
    let mut before: Vec<SessionRows> = samples(40).collect();
    let after = offset_sessions(before.split_off(25));
    let mut kept = lake_of_before(&before).await;
    let (offsets, others) = stored(&kept.lake).await;
    assert_eq!(offsets, vec![None; 25], "it is read as it is");
    let mut fresh = KeptLake::new();
    fresh.append(Table::Sessions, before.iter().cloned()).await;
    assert_eq!(others, stored(&fresh.lake).await.1);

    kept.append(Table::Sessions, after.iter().cloned()).await;
    fresh.append(Table::Sessions, after.iter().cloned()).await;
    let (offsets, others) = stored(&kept.lake).await;
    assert_eq!(offsets.iter().filter(|offset| **offset == Some(-60_000)).count(), 15);
    assert_eq!(offsets.iter().filter(|offset| offset.is_none()).count(), 25);
    let (of_fresh, others_of_fresh) = stored(&fresh.lake).await;
    assert_eq!(others, others_of_fresh);
    let same =
        |(one, other): (&Option<i64>, &Option<i64>)| one == other || (one.is_none() && *other == Some(0));
    assert!(offsets.iter().zip(&of_fresh).all(same));

    // Upkeep writes old and new rows into one file.
    let done = keep(&kept.maintenance(), &kept.lake, now_ms() + HOUR_MS).await;
    assert!(done.iter().any(|done| done.work == Work::Compact), "{done:?}");
    keep(&kept.maintenance(), &kept.lake, now_ms() + 2 * DAY_MS).await;
    assert_eq!(stored(&kept.lake).await, (offsets, others));
    let verified = kept.lake.verify(true, |_| {}).await;
    assert!(verified.findings.is_empty(), "{:?}", verified.findings);
}

#[tokio::test]
async fn upkeep_goes_on_before_the_first_row_that_has_the_new_column() {
    let before: Vec<SessionRows> = samples(40).collect();
    let kept = lake_of_before(&before).await;
    let stored_before = stored(&kept.lake).await;
    keep(&kept.maintenance(), &kept.lake, now_ms() + 2 * DAY_MS).await;
    assert_eq!(stored(&kept.lake).await, stored_before);
}

#[tokio::test]
async fn two_servers_that_add_the_new_column_at_once_both_go_on() {
    let before: Vec<SessionRows> = samples(10).collect();
    let kept = lake_of_before(&before).await;
    let store = || Arc::new(object_store::local::LocalFileSystem::new());
    let servers: Vec<Arc<Lake>> =
        (0..4).map(|number| kept.other(store(), &format!("server-{number}"))).collect();
    let after = offset_sessions(samples(12).skip(10).collect());
    let rows = batch(&after);
    let appends = servers.iter().map(|server| server.append(Table::Sessions, [rows.clone()], 1));
    for outcome in futures::future::join_all(appends).await {
        outcome.unwrap();
    }
    let (offsets, _) = stored(&kept.lake).await;
    assert_eq!(offsets.iter().flatten().count(), 8);
    assert_eq!(offsets.len(), 18);
}
