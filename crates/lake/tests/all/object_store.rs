//! The same tests on an object store. They need one: the variables `PLAYHEAD_TEST_S3_ENDPOINT` (such as
//! `http://127.0.0.1:8333`), `PLAYHEAD_TEST_S3_BUCKET` (which exists), and optionally `PLAYHEAD_TEST_S3_ACCESS_KEY` and
//! `PLAYHEAD_TEST_S3_SECRET_KEY`. Each run uses a prefix of its own.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::filled_journal::{
    FilledJournal, assert_exact, four_writers_leave_every_row_once, parts_leave_every_row_once,
};
use playhead_lake::{Location, Table};

/// A location of its own in the bucket.
fn bucket(test: &str) -> Location {
    let variable = |name: &str| std::env::var(format!("PLAYHEAD_TEST_S3_{name}"));
    let or_any = |name: &str| variable(name).unwrap_or_else(|_| "any".into());
    let environment = [
        ("AWS_ENDPOINT_URL", variable("ENDPOINT").unwrap()),
        ("AWS_REGION", "us-east-1".into()),
        ("AWS_ACCESS_KEY_ID", or_any("ACCESS_KEY")),
        ("AWS_SECRET_ACCESS_KEY", or_any("SECRET_KEY")),
    ];
    let environment = environment.map(|(name, value)| (name.to_owned(), value));
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos();
    let place = format!("s3://{}/{test}-{now}", variable("BUCKET").unwrap());
    Location::parse(&place, &environment).unwrap()
}

#[tokio::test]
#[ignore = "needs an object store: scripts/interop runs it"]
async fn every_column_of_every_table_comes_back() {
    let location = bucket("round-trip");
    let filled = FilledJournal::new("here", 7, 150);
    let lake = filled.lake(location);
    filled.hand_over(&lake, 100).await.unwrap();
    assert_exact(&lake, &[&filled], "after the hand-over").await;
}

#[tokio::test]
#[ignore = "needs an object store: scripts/interop runs it"]
async fn parts_come_in_one_after_the_other() {
    parts_leave_every_row_once(bucket("parts")).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[ignore = "needs an object store: scripts/interop runs it"]
async fn four_servers_at_the_same_time() {
    four_writers_leave_every_row_once(bucket("writers")).await;
}

#[tokio::test]
#[ignore = "needs an object store: scripts/interop runs it"]
async fn all_is_well() {
    let filled = FilledJournal::new("here", 7, 20);
    let lake = filled.lake(bucket("verify"));
    assert_eq!(lake.verify(true, |_| {}).await.findings, []);
    filled.hand_over(&lake, 7).await.unwrap();
    let verified = lake.verify(true, |_| {}).await;
    assert_eq!(verified.findings, []);
    let rows: usize = Table::ALL.into_iter().map(|table| filled.expected(table).num_rows()).sum();
    assert_eq!(verified.rows, rows as u64);
}
