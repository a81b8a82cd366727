//! Expiry: days beyond the retention, unreferenced files, old versions.

use std::time::{Duration, SystemTime};

use crate::kept_lake::{DAY_MS, HOUR_MS, KeptLake, data_files, keep, now_ms, rows, samples};
use playhead_lake::{Maintenance, MaintenanceSettings, Table, Work};
use playhead_samples::{SampleSettings, Sessions};

#[tokio::test]
async fn events_go_after_thirty_days_and_nothing_else_does() {
    let mut kept = KeptLake::new();
    let today_ms = now_ms().div_euclid(DAY_MS) * DAY_MS;
    for days_ago in [40, 31, 30, 1] {
        kept.append_events(today_ms - days_ago * DAY_MS, 0, 50).await;
        let settings = SampleSettings {
            first_day_ms: today_ms - days_ago * DAY_MS,
            days: 1,
            sessions: 10,
            ..SampleSettings::default()
        };
        kept.append(Table::Sessions, Sessions::new(1, settings)).await;
    }
    let version = kept.lake.snapshot(Table::Events).await.unwrap().version().unwrap();
    let maintenance = kept.maintenance();
    let done = maintenance.step(&kept.lake, today_ms).await.unwrap().unwrap();
    assert_eq!((done.work, done.table, done.files_before, done.rows), (Work::Expire, "events", 2, 100));
    assert_eq!(
        kept.lake.snapshot(Table::Events).await.unwrap().version(),
        Some(version + 1),
        "in one version"
    );
    let left = rows(&kept.lake, Table::Events).await;
    assert_eq!(left.len(), 100 + 4);
    assert_eq!(rows(&kept.lake, Table::Sessions).await.len(), 40 + 4);
    let again = keep(&maintenance, &kept.lake, today_ms).await;
    assert!(!again.iter().any(|done| done.work == Work::Expire), "{again:?}");
}

#[tokio::test]
async fn rows_that_are_handed_over_again_after_they_went_stay_away() {
    let mut kept = KeptLake::new();
    let today_ms = now_ms().div_euclid(DAY_MS) * DAY_MS;
    kept.append_events(today_ms - 40 * DAY_MS, 0, 50).await;
    keep(&kept.maintenance(), &kept.lake, today_ms).await;
    assert_eq!(
        kept.lake.snapshot(Table::Events).await.unwrap().taken(),
        1,
        "the place in the journal is kept"
    );
    assert!(rows(&kept.lake, Table::Events).await.iter().all(|line| !line.contains("ping")));
}

#[tokio::test]
async fn files_stay_as_long_as_a_query_may_read_them() {
    let mut kept = KeptLake::new();
    for _ in 0..2 {
        kept.append(Table::Sessions, samples(30)).await;
    }
    let left_over = kept.path().join("sessions").join("day=2026-01-01").join("part-left-over.parquet");
    std::fs::write(&left_over, b"cut short").unwrap();
    let stranger = kept.path().join("sessions").join("notes.txt");
    std::fs::write(&stranger, b"not ours").unwrap();
    let before = rows(&kept.lake, Table::Sessions).await;
    let snapshot = kept.lake.snapshot(Table::Sessions).await.unwrap();

    let first_ms = now_ms() + HOUR_MS;
    keep(&kept.maintenance(), &kept.lake, first_ms).await;
    assert_eq!(data_files(&kept.path(), "sessions").len(), 2 * 3 + 3 + 1, "all are young");
    keep(&kept.maintenance(), &kept.lake, first_ms + DAY_MS - 1).await;
    let left = data_files(&kept.path(), "sessions");
    assert_eq!(left.len(), 2 * 3 + 3, "what compaction replaced was needed a day ago");
    assert!(!left_over.exists(), "nobody ever had it");
    let provider = snapshot.provider().await.unwrap().unwrap();
    let context = datafusion::prelude::SessionContext::new();
    assert_eq!(context.read_table(provider).unwrap().count().await.unwrap(), 60, "a long query goes on");

    let done = keep(&kept.maintenance(), &kept.lake, first_ms + DAY_MS + 1).await;
    let vacuumed = done.iter().find(|done| done.work == Work::Vacuum && done.table == "sessions").unwrap();
    assert_eq!(vacuumed.files_before, 6);
    assert_eq!(data_files(&kept.path(), "sessions").len(), 3);
    assert!(stranger.exists(), "other files are left alone");
    assert_eq!(rows(&kept.lake, Table::Sessions).await, before);
}

#[tokio::test]
async fn unreferenced_files_are_looked_for_now_and_then_only() {
    let kept = KeptLake::new();
    let maintenance = kept.maintenance();
    let now_ms = now_ms();
    let mut looked = 0;
    while let Some(done) = maintenance.step(&kept.lake, now_ms).await.unwrap() {
        assert_eq!(done.work, Work::Vacuum);
        looked += 1;
        assert!(looked < 20);
    }
    assert!(maintenance.step(&kept.lake, now_ms + HOUR_MS).await.unwrap().is_none());
    assert!(maintenance.step(&kept.lake, now_ms + 6 * HOUR_MS).await.unwrap().is_some());
}

#[tokio::test]
async fn versions_of_long_ago_leave_the_log() {
    let mut kept = KeptLake::new();
    let log = kept.path().join("errors").join("_delta_log");
    let versions = || {
        let names =
            std::fs::read_dir(&log).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap());
        names.filter(|name| name.ends_with(".json") && name.starts_with('0')).count()
    };
    let some: Vec<_> = samples(20).collect();
    for _ in 0..60 {
        kept.append(Table::Errors, some.iter().cloned()).await;
    }
    assert_eq!(versions(), 61);
    let two_days_ago = SystemTime::now() - Duration::from_secs(2 * 24 * 60 * 60);
    for file in std::fs::read_dir(&log).unwrap() {
        std::fs::File::open(file.unwrap().path()).unwrap().set_modified(two_days_ago).unwrap();
    }
    let before = rows(&kept.lake, Table::Errors).await;
    for _ in 0..45 {
        kept.append(Table::Errors, std::iter::empty()).await;
    }
    assert!(versions() < 61, "{} versions are left", versions());
    let reopened = kept.other(std::sync::Arc::new(object_store::local::LocalFileSystem::new()), "here");
    assert_eq!(rows(&reopened, Table::Errors).await, before);
    // The log keeps its statements about files longer than the versions that made them.
    keep(&kept.maintenance(), &kept.lake, now_ms() + HOUR_MS).await;
    for _ in 0..55 {
        kept.append(Table::Errors, std::iter::empty()).await;
    }
    let reopened = kept.other(std::sync::Arc::new(object_store::local::LocalFileSystem::new()), "here");
    let again = keep(&kept.maintenance(), &reopened, now_ms() + HOUR_MS).await;
    assert!(!again.iter().any(|done| done.work == Work::Compact), "{again:?}");
}

#[tokio::test]
async fn a_table_that_cannot_be_read_does_not_keep_the_others_from_being_kept() {
    let mut kept = KeptLake::new();
    for _ in 0..2 {
        kept.append(Table::Sessions, samples(30)).await;
        kept.append(Table::Ads, samples(30)).await;
    }
    let log = kept.path().join("sessions").join("_delta_log");
    std::fs::write(log.join("00000000000000000001.json"), b"{ half").unwrap();
    let reopened = kept.other(std::sync::Arc::new(object_store::local::LocalFileSystem::new()), "here");
    let maintenance = Maintenance::new(MaintenanceSettings { ..kept.settings() });
    let (mut compacted, mut failed) = (Vec::new(), 0);
    maintenance
        .all(&reopened, now_ms() + HOUR_MS, |done| match done {
            Ok(done) if done.work == Work::Compact => compacted.push(done.table),
            Ok(_) => {}
            Err(error) => {
                assert!(error.to_string().contains("sessions"), "{error}");
                failed += 1;
            }
        })
        .await;
    assert!(failed > 0);
    assert_eq!(compacted, ["ads", "ads", "ads"]);
}
