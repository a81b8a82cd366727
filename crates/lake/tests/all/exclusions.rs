//! Excluded sessions leave the tables with all their rows, and come back as they were, whatever breaks off when.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use crate::failing_store::{FailingStore, Failure};
use crate::filled_journal::{
    FIRST_DAY_MS, FilledJournal, assert_exact, assert_same, directory, directory_through, expected, stored,
};
use crate::kept_lake::{DAY_MS, KeptLake, copy_folder, keep, now_ms, samples};
use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::util::pretty::pretty_format_batches;
use datafusion::prelude::{SessionContext, col};
use playhead_lake::{
    Bounds, Error, Exclusion, ExclusionWork, Exclusions, Lake, Maintenance, MaintenanceSettings, ROLLUPS,
    SESSION_TABLES, Stage, Table,
};
use playhead_session::SessionRows;
use tempfile::TempDir;

/// When sessions are excluded.
const EXCLUDED_AT_MS: i64 = FIRST_DAY_MS + 10 * DAY_MS;

fn exclusion_of(rows: &SessionRows, reason: &str, excluded_at_ms: i64) -> Exclusion {
    let exclusion = Exclusion {
        session: rows.session.session_id,
        reason: reason.to_owned(),
        excluded_at_ms,
        started_at_ms: 0,
        ended_at_ms: None,
        day: 0,
    };
    exclusion.with_rows(&serde_json::to_string(rows).unwrap()).unwrap()
}

/// Lets the tables follow an exclusion, wherever they are.
async fn take_out(lake: &Lake, exclusion: &Exclusion, bounds: &Bounds) -> Result<(), Error> {
    let work = ExclusionWork { bounds, now_ms: exclusion.excluded_at_ms };
    let known = lake.latest_exclusions().await?;
    let found = known.iter().find(|stored| stored.exclusion.session == exclusion.session);
    let kept = match found {
        Some(found) if found.is_in_force() => found.clone(),
        // Another process had it back since.
        Some(found) if found.overrides(exclusion) => return Ok(()),
        before => {
            // Another process may have taken it out since.
            let Some(rows) = lake.stored_rows(exclusion).await? else {
                return Err(Error::Conflict { table: "sessions".into() });
            };
            lake.keep_excluded(exclusion, &rows, before, &work).await?
        }
    };
    if kept.stage == Stage::Kept {
        lake.take_out(&kept, &work).await?;
    }
    Ok(())
}

async fn put_back(lake: &Lake, exclusion: &Exclusion, bounds: &Bounds) -> Result<(), Error> {
    let known = lake.latest_exclusions().await?;
    let found = known.iter().find(|stored| stored.exclusion.session == exclusion.session).unwrap();
    lake.put_back(found, &ExclusionWork { bounds, now_ms: exclusion.excluded_at_ms + 1_000 }).await
}

/// Checks that the tables have the rows of these sessions and no others.
async fn assert_sessions(lake: &Lake, sessions: &[SessionRows], when: &str) {
    for table in SESSION_TABLES {
        let wanted = expected(table, sessions);
        assert_same(&stored(lake, table).await, &wanted, &format!("{} {when}", table.name()));
    }
}

fn bounds_in(place: &Path) -> Bounds {
    Bounds::new(place.join("spill"))
}

#[tokio::test]
async fn a_session_that_was_excluded_could_not_come_back_as_it_was() {
    let place = TempDir::new().unwrap();
    let filled = FilledJournal::new("here", 11, 9);
    let lake = filled.lake(directory(place.path()));
    filled.hand_over(&lake, 4).await.unwrap();
    let bounds = bounds_in(place.path());
    for count in 1..=filled.sessions.len() {
        let exclusion = exclusion_of(&filled.sessions[count - 1], "a robot", EXCLUDED_AT_MS);
        take_out(&lake, &exclusion, &bounds).await.unwrap();
        assert_sessions(&lake, &filled.sessions[count..], &format!("without {count}")).await;
        let known = Exclusions::of(Vec::new(), &lake.exclusions().await.unwrap());
        assert_eq!((known.len(), known.in_tables().len()), (count, 0));
        assert_eq!(known.get(&exclusion.session), Some(&exclusion));
    }
    // Another process reads the same.
    let again = filled.lake(directory(place.path()));
    assert_eq!(*again.latest_exclusions().await.unwrap(), *lake.latest_exclusions().await.unwrap());
    for rows in &filled.sessions {
        put_back(&again, &exclusion_of(rows, "a robot", EXCLUDED_AT_MS), &bounds).await.unwrap();
    }
    assert_exact(&again, &[&filled], "with all of them").await;
    assert!(Exclusions::of(Vec::new(), &again.latest_exclusions().await.unwrap()).is_empty());
    // And once more: what a table has recorded of the first time does not count for the second.
    let exclusion = exclusion_of(&filled.sessions[3], "after all", EXCLUDED_AT_MS + 5_000);
    take_out(&again, &exclusion, &bounds).await.unwrap();
    put_back(&again, &exclusion, &bounds).await.unwrap();
    assert_exact(&again, &[&filled], "after the second time").await;
}

/// Excludes a session and takes it back with a failure at each write in turn; then another process goes on.
async fn fail_at_every_write(failure: Failure) {
    let filled = FilledJournal::new("here", 11, 3);
    // The one with rows in the most tables.
    let rows = filled.sessions.iter().max_by_key(|rows| rows.ads.len().min(1) + rows.errors.len().min(1));
    let exclusion = exclusion_of(rows.unwrap(), "its clock", EXCLUDED_AT_MS);
    let others: Vec<SessionRows> =
        filled.sessions.iter().filter(|rows| rows.session.session_id != exclusion.session).cloned().collect();
    let handed_over = TempDir::new().unwrap();
    filled.hand_over(&filled.lake(directory(handed_over.path())), 10).await.unwrap();
    let mut failures = 0;
    loop {
        let place = TempDir::new().unwrap();
        let bounds = bounds_in(place.path());
        copy_folder(handed_over.path(), place.path());
        let store = FailingStore::at(failures, failure);
        let lake = filled.lake(directory_through(place.path(), Arc::new(store.clone())));
        let out = take_out(&lake, &exclusion, &bounds).await;
        let when = format!("after {failure:?} at write {failures}");
        if store.has_failed() {
            if !failure.is_last {
                take_out(&lake, &exclusion, &bounds).await.unwrap();
            }
            let restarted = filled.lake(directory(place.path()));
            take_out(&restarted, &exclusion, &bounds).await.unwrap();
            assert_sessions(&restarted, &others, &format!("out {when}")).await;
            put_back(&restarted, &exclusion, &bounds).await.unwrap();
            assert_exact(&restarted, &[&filled], &format!("back {when}")).await;
        } else {
            out.unwrap();
            let back = put_back(&lake, &exclusion, &bounds).await;
            let is_over = !store.has_failed();
            if is_over {
                back.unwrap();
            } else if !failure.is_last {
                put_back(&lake, &exclusion, &bounds).await.unwrap();
            }
            let restarted = filled.lake(directory(place.path()));
            put_back(&restarted, &exclusion, &bounds).await.unwrap();
            assert_exact(&restarted, &[&filled], &format!("back {when}")).await;
            if is_over {
                break;
            }
        }
        failures += 1;
        assert!(failures < 100, "it never comes to an end");
    }
    assert!(failures > 12, "{failures}");
}

#[tokio::test]
async fn a_crash_before_any_write() {
    fail_at_every_write(Failure { is_written: false, is_last: true }).await;
}

#[tokio::test]
async fn a_crash_after_any_write() {
    fail_at_every_write(Failure { is_written: true, is_last: true }).await;
}

#[tokio::test]
async fn any_write_whose_response_is_lost() {
    fail_at_every_write(Failure { is_written: true, is_last: false }).await;
}

/// The rows of a rollup, as text, and the days for which they count.
async fn rolled_up(lake: &Lake, left_out: &BTreeSet<i32>) -> (String, Vec<i32>) {
    let snapshot = lake.snapshot(Table::Sessions).await.unwrap();
    let rollup = &ROLLUPS[0];
    let rolled_up = lake.rolled_up(rollup, &snapshot, left_out).await.unwrap();
    let Some(rows) = rolled_up.rows().await.unwrap() else { return (String::new(), Vec::new()) };
    let columns = rollup.columns().iter().map(|field| col(field.name())).collect::<Vec<_>>();
    let order = columns.iter().map(|column| column.clone().sort(true, true)).collect();
    let rows = SessionContext::new().read_table(rows).unwrap().select(columns).unwrap();
    let rows: Vec<RecordBatch> = rows.sort(order).unwrap().collect().await.unwrap();
    (pretty_format_batches(&rows).unwrap().to_string(), rolled_up.days().to_vec())
}

#[tokio::test]
async fn a_rollup_counted_an_excluded_session_on() {
    let mut kept = KeptLake::new();
    let sessions: Vec<SessionRows> = samples(40).collect();
    kept.append(Table::Sessions, sessions.clone()).await;
    let maintenance = kept.maintenance();
    let later_ms = now_ms() + DAY_MS;
    keep(&maintenance, &kept.lake, later_ms).await;
    let (before, days) = rolled_up(&kept.lake, &BTreeSet::new()).await;
    assert!(!days.is_empty());

    let bounds = kept.settings().bounds;
    let exclusion = exclusion_of(&sessions[7], "a robot", EXCLUDED_AT_MS);
    let own = Exclusions::of(vec![exclusion.clone()], &[]);
    let (_, counted) = rolled_up(&kept.lake, &own.days_in_tables()).await;
    assert_eq!(counted.len(), days.len() - 1, "until the tables have followed, its day does not count");
    take_out(&kept.lake, &exclusion, &bounds).await.unwrap();
    let (_, counted) = rolled_up(&kept.lake, &BTreeSet::new()).await;
    assert!(!counted.contains(&exclusion.day), "it was made from other files");
    keep(&maintenance, &kept.lake, later_ms).await;
    let (without, counted) = rolled_up(&kept.lake, &BTreeSet::new()).await;
    assert_eq!(counted, days);
    assert_ne!(without, before);

    put_back(&kept.lake, &exclusion, &bounds).await.unwrap();
    keep(&maintenance, &kept.lake, later_ms).await;
    assert_eq!(rolled_up(&kept.lake, &BTreeSet::new()).await, (before, days));
}

#[tokio::test]
async fn two_processes_that_followed_at_once_doubled_nothing() {
    let place = TempDir::new().unwrap();
    let filled = FilledJournal::new("here", 11, 4);
    filled.hand_over(&filled.lake(directory(place.path())), 10).await.unwrap();
    let exclusion = exclusion_of(&filled.sessions[1], "a robot", EXCLUDED_AT_MS);
    let mut tasks = Vec::new();
    for _ in 0..2 {
        let (lake, exclusion) = (filled.lake(directory(place.path())), exclusion.clone());
        let bounds = bounds_in(place.path());
        tasks.push(tokio::spawn(async move {
            let mut failures = 0;
            while let Err(error) = take_out(&lake, &exclusion, &bounds).await {
                assert!(matches!(error, Error::Conflict { .. }), "{error}");
                failures += 1;
                assert!(failures < 100, "nobody gets through");
            }
            while let Err(error) = put_back(&lake, &exclusion, &bounds).await {
                assert!(matches!(error, Error::Conflict { .. } | Error::TakenOver { .. }), "{error}");
                failures += 1;
                assert!(failures < 100, "nobody gets through");
            }
        }));
    }
    for task in tasks {
        task.await.unwrap();
    }
    let lake = filled.lake(directory(place.path()));
    let known = lake.latest_exclusions().await.unwrap();
    assert_eq!(known.len(), 1);
    // One may have excluded it again after the other had it back.
    if known[0].is_in_force() {
        put_back(&lake, &exclusion, &bounds_in(place.path())).await.unwrap();
    }
    assert_exact(&lake, &[&filled], "after a race").await;
}

#[tokio::test]
async fn what_is_kept_of_an_excluded_session_stayed_for_ever() {
    let mut kept = KeptLake::new();
    let sessions: Vec<SessionRows> = samples(5).collect();
    kept.append(Table::Sessions, sessions.clone()).await;
    let exclusion = exclusion_of(&sessions[2], "a robot", EXCLUDED_AT_MS);
    take_out(&kept.lake, &exclusion, &kept.settings().bounds).await.unwrap();
    assert!(kept.lake.kept_rows(&exclusion.session).await.unwrap().is_some());
    let settings = MaintenanceSettings { retention_days: [(Table::Sessions, 30)].into(), ..kept.settings() };
    keep(&Maintenance::new(settings), &kept.lake, now_ms() + 400 * DAY_MS).await;
    assert_eq!(kept.lake.kept_rows(&exclusion.session).await.unwrap(), None);
    assert_eq!(kept.lake.latest_exclusions().await.unwrap().len(), 0);
}

#[tokio::test]
async fn a_server_that_was_late_took_out_rows_that_another_had_put_back() {
    let place = TempDir::new().unwrap();
    let filled = FilledJournal::new("here", 12, 4);
    let lake = filled.lake(directory(place.path()));
    filled.hand_over(&lake, 10).await.unwrap();
    let bounds = bounds_in(place.path());
    let exclusion = exclusion_of(&filled.sessions[1], "a robot", EXCLUDED_AT_MS);
    let work = ExclusionWork { bounds: &bounds, now_ms: EXCLUDED_AT_MS };
    let rows = lake.stored_rows(&exclusion).await.unwrap().unwrap();
    let kept = lake.keep_excluded(&exclusion, &rows, None, &work).await.unwrap();
    // Another server follows the exclusion and its undoing while this one goes on from what it has read.
    let other = filled.lake(directory(place.path()));
    take_out(&other, &exclusion, &bounds).await.unwrap();
    put_back(&other, &exclusion, &bounds).await.unwrap();
    let late = lake.take_out(&kept, &work).await;
    assert!(matches!(late, Err(Error::Conflict { .. })), "{late:?}");
    let lake = filled.lake(directory(place.path()));
    assert_exact(&lake, &[&filled], "after a late server").await;

    // Excluded again, it goes.
    let again = exclusion_of(&filled.sessions[1], "a robot", EXCLUDED_AT_MS + 2_000);
    take_out(&lake, &again, &bounds).await.unwrap();
    let others: Vec<SessionRows> = filled
        .sessions
        .iter()
        .enumerate()
        .filter(|(place, _)| *place != 1)
        .map(|(_, rows)| rows.clone())
        .collect();
    assert_sessions(&lake, &others, "without it").await;
}
