//! Queries open only the files that can have their rows: files of other days and with other bounds may even be gone.

use std::path::PathBuf;

use crate::kept_lake::{DAY_MS, KeptLake, data_files, samples};
use datafusion::error::Result;
use datafusion::prelude::{Expr, SessionContext, col, lit};
use datafusion::scalar::ScalarValue;
use playhead_lake::Table;

/// The day 2026-01-02, the second one of the samples.
const SECOND_DAY: i32 = 20_455;
const SECOND_DAY_MS: i64 = SECOND_DAY as i64 * DAY_MS;

/// The number of rows for which the filter holds; each is read.
async fn read(kept: &KeptLake, table: Table, filter: Option<Expr>) -> Result<usize> {
    let provider = kept.lake.snapshot(table).await.unwrap().provider().await.unwrap().unwrap();
    let rows = SessionContext::new().read_table(provider)?;
    let rows = match filter {
        Some(filter) => rows.filter(filter)?,
        None => rows,
    };
    Ok(rows.collect().await?.iter().map(|batch| batch.num_rows()).sum())
}

fn remove_files(kept: &KeptLake, table: Table, is_over: impl Fn(&PathBuf) -> bool) -> usize {
    let over: Vec<PathBuf> =
        data_files(&kept.path(), table.name()).into_iter().filter(|path| is_over(path)).collect();
    over.iter().for_each(|path| std::fs::remove_file(path).unwrap());
    over.len()
}

fn day(day: i32) -> Expr {
    lit(ScalarValue::Date32(Some(day)))
}

#[tokio::test]
async fn a_query_for_a_day_opens_the_files_of_that_day_only() {
    let mut kept = KeptLake::new();
    kept.append(Table::Sessions, samples(60)).await;
    let of_day = [
        col("day").eq(day(SECOND_DAY)),
        col("day").gt_eq(day(SECOND_DAY)).and(col("day").lt(day(SECOND_DAY + 1))),
        day(SECOND_DAY).eq(col("day")).and(col("session_id").is_not_null()),
        col("day").in_list(vec![day(SECOND_DAY), day(SECOND_DAY + 100)], false),
    ];
    let mut expected = Vec::new();
    for filter in &of_day {
        expected.push(read(&kept, Table::Sessions, Some(filter.clone())).await.unwrap());
    }
    assert!(expected[0] > 0 && expected[0] < 60, "{expected:?}");
    let removed = remove_files(&kept, Table::Sessions, |path| !path.to_string_lossy().contains("2026-01-02"));
    assert!(removed > 0);
    for (filter, expected) in of_day.into_iter().zip(expected) {
        let what = filter.to_string();
        assert_eq!(read(&kept, Table::Sessions, Some(filter)).await.unwrap(), expected, "{what}");
    }
    assert!(read(&kept, Table::Sessions, None).await.is_err(), "the other files are gone");
    let other = col("day").eq(day(SECOND_DAY + 100));
    assert_eq!(read(&kept, Table::Sessions, Some(other)).await.unwrap(), 0, "no file has that day");
}

#[tokio::test]
async fn a_query_opens_only_files_whose_bounds_it_can_want() {
    let mut kept = KeptLake::new();
    kept.append_events(SECOND_DAY_MS, 0, 50).await;
    let first = data_files(&kept.path(), "events");
    kept.append_events(SECOND_DAY_MS, 50, 50).await;
    assert_eq!(read(&kept, Table::Events, None).await.unwrap(), 100);
    assert!(remove_files(&kept, Table::Events, |path| !first.contains(path)) > 0);
    let until = |sequence: i64| Some(col("sequence").lt_eq(lit(sequence)));
    assert_eq!(read(&kept, Table::Events, until(50)).await.unwrap(), 50);
    assert_eq!(read(&kept, Table::Events, until(20)).await.unwrap(), 20);
    assert!(read(&kept, Table::Events, until(51)).await.is_err(), "the second file is gone");
}

#[tokio::test]
async fn the_number_of_rows_is_known_without_a_file() {
    let mut kept = KeptLake::new();
    kept.append(Table::Sessions, samples(60)).await;
    assert!(remove_files(&kept, Table::Sessions, |_| true) > 0);
    let provider = kept.lake.snapshot(Table::Sessions).await.unwrap().provider().await.unwrap().unwrap();
    assert_eq!(SessionContext::new().read_table(provider).unwrap().count().await.unwrap(), 60);
}
