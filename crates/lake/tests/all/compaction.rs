//! Compaction of days: no row is lost or doubled, whatever happens in the meantime.

use std::sync::Arc;

use crate::kept_lake::{
    DAY_MS, HOUR_MS, KeptLake, Obstructed, data_files, keep, now_ms, rows, samples, settings, try_to_keep,
};
use object_store::local::LocalFileSystem;
use playhead_lake::limits::{LATE_ROWS_WAIT_MS, SMALL_FILES};
use playhead_lake::{Bounds, Done, Error, Maintenance, MaintenanceSettings, Table, Work};
use playhead_samples::{SampleSettings, Sessions};
use tokio::sync::Barrier;

fn compacted(done: &[Done]) -> Vec<&Done> {
    done.iter().filter(|done| done.work == Work::Compact).collect()
}

async fn filled(appends: u64) -> KeptLake {
    let mut kept = KeptLake::new();
    for append in 0..appends {
        // Every third session: each append has sessions of all days.
        let some = samples(300).enumerate().filter(|(place, _)| *place as u64 % appends == append);
        let some: Vec<_> = some.map(|(_, rows)| rows).collect();
        for table in [Table::Sessions, Table::Ads, Table::Errors, Table::Chapters] {
            kept.append(table, some.iter().cloned()).await;
        }
    }
    kept
}

#[tokio::test]
async fn many_files_of_a_day_become_one_with_the_same_rows_in_order() {
    let kept = filled(4).await;
    let mut before = Vec::new();
    for table in Table::ALL {
        before.push(rows(&kept.lake, table).await);
    }
    let done = keep(&kept.maintenance(), &kept.lake, now_ms() + HOUR_MS).await;
    let done = compacted(&done);
    assert_eq!(done.len(), 12, "four tables of three days each: {done:?}");
    assert!(done.iter().all(|done| done.files_before == 4 && done.files_after == 1), "{done:?}");
    let sessions = done.iter().filter(|done| done.table == "sessions");
    assert_eq!(sessions.map(|done| done.rows).sum::<u64>(), 300);
    for (table, before) in Table::ALL.into_iter().zip(before) {
        assert_eq!(rows(&kept.lake, table).await, before);
    }
    let is_compact = |done: &Done| done.work == Work::Compact;
    let again = keep(&kept.maintenance(), &kept.lake, now_ms() + HOUR_MS).await;
    assert!(!again.iter().any(is_compact), "nothing is left to do: {again:?}");
}

#[tokio::test]
async fn the_rows_of_a_file_stand_in_the_order_of_the_table() {
    use datafusion::prelude::{ParquetReadOptions, SessionContext};

    let kept = filled(3).await;
    keep(&kept.maintenance(), &kept.lake, now_ms() + HOUR_MS).await;
    keep(&kept.maintenance(), &kept.lake, now_ms() + 2 * DAY_MS).await;
    let files = data_files(&kept.path(), "sessions");
    assert_eq!(files.len(), 3, "the files before are deleted: {files:?}");
    for file in files {
        let context = SessionContext::new();
        let path = file.to_str().unwrap();
        let stored = context.read_parquet(path, ParquetReadOptions::default()).await.unwrap();
        context.register_table("stored", stored.into_view()).unwrap();
        let order = "SELECT report_suite, content_id, started_at, session_id FROM stored";
        let sql = format!("{order} ORDER BY report_suite, content_id, started_at, session_id");
        let as_stored = context.sql(order).await.unwrap().collect().await.unwrap();
        let in_order = context.sql(&sql).await.unwrap().collect().await.unwrap();
        let text =
            |rows: &[_]| datafusion::arrow::util::pretty::pretty_format_batches(rows).unwrap().to_string();
        assert_eq!(text(&as_stored), text(&in_order));
    }
}

#[tokio::test]
async fn today_is_put_together_when_small_files_have_gathered() {
    let mut kept = KeptLake::new();
    let now_ms = now_ms();
    let today = SampleSettings {
        first_day_ms: now_ms.div_euclid(DAY_MS) * DAY_MS,
        days: 1,
        sessions: 4 * SMALL_FILES as u64,
        ..SampleSettings::default()
    };
    let mut sessions = Sessions::new(7, today);
    let maintenance = kept.maintenance();
    for _ in 1..SMALL_FILES {
        let some: Vec<_> = sessions.by_ref().take(2).collect();
        kept.append(Table::Sessions, some).await;
    }
    assert!(compacted(&keep(&maintenance, &kept.lake, now_ms).await).is_empty());
    let some: Vec<_> = sessions.by_ref().take(2).collect();
    kept.append(Table::Sessions, some).await;
    let before = rows(&kept.lake, Table::Sessions).await;
    let done = keep(&maintenance, &kept.lake, now_ms).await;
    assert_eq!(compacted(&done)[0].files_before, SMALL_FILES);
    assert_eq!(rows(&kept.lake, Table::Sessions).await, before);
    let some: Vec<_> = sessions.by_ref().take(2).collect();
    kept.append(Table::Sessions, some).await;
    assert!(compacted(&keep(&maintenance, &kept.lake, now_ms).await).is_empty());
}

#[tokio::test]
async fn a_day_with_late_rows_is_put_together_again_once_it_is_quiet() {
    let mut kept = filled(2).await;
    let maintenance = kept.maintenance();
    keep(&maintenance, &kept.lake, now_ms() + HOUR_MS).await;
    let late = Sessions::new(8, SampleSettings { sessions: 5, days: 1, ..SampleSettings::default() });
    kept.append(Table::Sessions, late).await;
    let at_once = keep(&maintenance, &kept.lake, now_ms()).await;
    assert!(compacted(&at_once).is_empty(), "more may follow: {at_once:?}");
    let before = rows(&kept.lake, Table::Sessions).await;
    let done = keep(&maintenance, &kept.lake, now_ms() + LATE_ROWS_WAIT_MS).await;
    let done = compacted(&done);
    assert_eq!(done.len(), 1, "{done:?}");
    assert_eq!((done[0].files_before, done[0].files_after), (2, 1));
    assert_eq!(rows(&kept.lake, Table::Sessions).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn appends_meanwhile_are_in_nobodys_way() {
    let kept = filled(3).await;
    let gate = Arc::new(Barrier::new(2));
    let slow = kept.other(Arc::new(Obstructed::waiting_at(Some(gate.clone()))), "slow");
    let maintenance = kept.maintenance();
    let mut appending = kept;
    let (step, ()) = tokio::join!(maintenance.step(&slow, now_ms() + HOUR_MS), async {
        gate.wait().await;
        let late = Sessions::new(9, SampleSettings { sessions: 30, ..SampleSettings::default() });
        let late: Vec<_> = late.collect();
        for table in [Table::Sessions, Table::Ads, Table::Errors, Table::Chapters] {
            appending.append(table, late.iter().cloned()).await;
        }
        gate.wait().await;
    });
    let done = step.unwrap().unwrap();
    assert_eq!((done.work, done.files_before, done.files_after), (Work::Compact, 3, 1));
    let sessions = rows(&appending.lake, Table::Sessions).await;
    assert_eq!(sessions.len(), 330 + 4);
    keep(&maintenance, &appending.lake, now_ms() + 2 * HOUR_MS).await;
    assert_eq!(rows(&appending.lake, Table::Sessions).await, sessions);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_servers_that_put_the_same_day_together_double_no_row() {
    let kept = filled(3).await;
    let before = rows(&kept.lake, Table::Sessions).await;
    let gate = Arc::new(Barrier::new(2));
    let store = || Arc::new(Obstructed::waiting_at(Some(gate.clone())));
    let (one, two) = (kept.other(store(), "one"), kept.other(store(), "two"));
    let (first, second) = (kept.maintenance(), Maintenance::new(settings(&kept.path().join("../two"))));
    let now_ms = now_ms() + HOUR_MS;
    let (first_step, second_step) = tokio::join!(first.step(&one, now_ms), second.step(&two, now_ms));
    let conflicts = |step: &Result<Option<Done>, Error>| matches!(step, Err(Error::Conflict { .. }));
    let both = [first_step, second_step];
    assert_eq!(both.iter().filter(|step| conflicts(step)).count(), 1, "one of them was second: {both:?}");
    assert_eq!(both.iter().filter(|step| step.is_ok()).count(), 1, "one of them was first: {both:?}");
    assert_eq!(rows(&kept.lake, Table::Sessions).await, before);
    // The process that came second continues with the rest.
    keep(&first, &one, now_ms + HOUR_MS).await;
    keep(&second, &two, now_ms + HOUR_MS).await;
    assert_eq!(rows(&kept.lake, Table::Sessions).await, before);
}

/// The versions that the tables have.
fn versions(kept: &KeptLake) -> usize {
    let logs = Table::ALL.into_iter().map(|table| kept.path().join(table.name()).join("_delta_log"));
    logs.filter_map(|log| std::fs::read_dir(log).ok()).map(Iterator::count).sum()
}

#[tokio::test]
async fn days_waited_for_one_another_although_cores_were_idle() {
    let kept = filled(3).await;
    let gate = Arc::new(Barrier::new(2));
    let slow = kept.other(Arc::new(Obstructed::waiting_at(Some(gate.clone()))), "slow");
    let mut before = Vec::new();
    for table in Table::ALL {
        before.push(rows(&slow, table).await);
    }
    let maintenance = with_threads(&kept, 2);
    let (done, ()) = tokio::join!(keep(&maintenance, &slow, now_ms() + HOUR_MS), async {
        gate.wait().await;
        let at_the_gate = versions(&kept);
        // One piece stands at the gate; the others pass it by.
        while versions(&kept) < at_the_gate + 4 {
            tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        }
        gate.wait().await;
    });
    assert_eq!(compacted(&done).len(), 12, "four tables of three days each: {done:?}");
    for (table, before) in Table::ALL.into_iter().zip(before) {
        assert_eq!(rows(&slow, table).await, before);
    }
}

/// Upkeep with so many threads.
fn with_threads(kept: &KeptLake, threads: usize) -> Maintenance {
    let bounds = Bounds { threads, ..kept.settings().bounds };
    Maintenance::new(MaintenanceSettings { bounds, ..kept.settings() })
}

#[tokio::test]
async fn a_crash_at_any_write_leaves_every_row_once() {
    // Two compacted days of one table and two rollups of each: a file and a version each, and two new tables.
    assert_eq!(crash_at_any_write(1).await, 2 * 2 + 4 * 2 + 2);
}

#[tokio::test]
async fn a_crash_at_any_write_of_pieces_side_by_side_leaves_every_row_once() {
    assert!(crash_at_any_write(3).await >= 2 * 2 + 4 * 2 + 2);
}

/// Ends upkeep with so many threads at each of its writes, and lets it go on. Returns how many writes it has.
async fn crash_at_any_write(threads: usize) -> usize {
    let mut kept = KeptLake::new();
    for seed in 0..3 {
        let some = Sessions::new(seed, SampleSettings { sessions: 40, days: 2, ..SampleSettings::default() });
        kept.append(Table::Sessions, some).await;
    }
    let before = rows(&kept.lake, Table::Sessions).await;
    let at_ms = now_ms() + HOUR_MS;
    let mut crash_at = 0;
    loop {
        let crashed = kept.copy();
        let store = Arc::new(Obstructed::refusing_from(crash_at));
        let errors =
            try_to_keep(&with_threads(&crashed, threads), &crashed.other(store.clone(), "here"), at_ms).await;
        let restarted = crashed.other(Arc::new(LocalFileSystem::new()), "here");
        assert_eq!(rows(&restarted, Table::Sessions).await, before, "after write {crash_at}");
        keep(&crashed.maintenance(), &restarted, at_ms).await;
        keep(&crashed.maintenance(), &restarted, at_ms + 2 * DAY_MS).await;
        assert_eq!(rows(&restarted, Table::Sessions).await, before, "after write {crash_at}");
        for table in ["sessions", "rollup_daily_channel", "rollup_daily_content"] {
            assert_eq!(data_files(&crashed.path(), table).len(), 2, "{table} after write {crash_at}");
        }
        if !store.has_refused() {
            assert!(errors.is_empty(), "{errors:?}");
            return crash_at;
        }
        assert!(!errors.is_empty(), "a refused write is no success");
        crash_at += 1;
    }
}

#[tokio::test]
async fn what_does_not_fit_into_memory_goes_through_the_disk() {
    let mut kept = KeptLake::new();
    let first_ms = (now_ms().div_euclid(DAY_MS) - 2) * DAY_MS;
    for part in 0..4 {
        kept.append_events(first_ms, part * 6_000, 6_000).await;
    }
    let before = rows(&kept.lake, Table::Events).await;
    let bounds = Bounds { memory_bytes: 6 * 1024 * 1024, ..kept.settings().bounds };
    let maintenance = Maintenance::new(MaintenanceSettings { bounds, ..kept.settings() });
    let done = keep(&maintenance, &kept.lake, now_ms() + HOUR_MS).await;
    assert_eq!(compacted(&done)[0].rows, 24_000);
    assert_eq!(rows(&kept.lake, Table::Events).await, before);
}

#[tokio::test]
async fn events_are_a_tenth_of_their_bodies() {
    let mut kept = KeptLake::new();
    let first_ms = (now_ms().div_euclid(DAY_MS) - 2) * DAY_MS;
    let bodies = kept.append_events(first_ms, 0, 12_000).await;
    let done = keep(&kept.maintenance(), &kept.lake, now_ms() + HOUR_MS).await;
    let bytes = usize::try_from(compacted(&done)[0].bytes_after).unwrap();
    let times = bodies as f64 / bytes as f64;
    assert!(times >= 9.5, "{bodies} bytes of bodies became {bytes}: {times:.1} times smaller");
}
