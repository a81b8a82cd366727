//! The hand-over as it goes when nothing breaks, and when what it is given is broken.

use std::time::Duration;

use crate::failing_store::{FailingStore, Failure};
use crate::filled_journal::{
    FilledJournal, assert_exact, directory, directory_through, parts_leave_every_row_once, positions,
    sessions, stored,
};
use playhead_journal::{OutboxPosition, Progress, ProgressReader, Sequence};
use playhead_lake::limits::{CHECKPOINT_VERSIONS, RECENT, SORTED_BYTES};
use playhead_lake::upkeep::handover::{HandedIn, Taken};
use playhead_lake::{Table, event_batch};
use serde_json::{Value, json};
use tempfile::TempDir;

#[tokio::test]
async fn parts_come_in_one_after_the_other() {
    let place = TempDir::new().unwrap();
    parts_leave_every_row_once(directory(place.path())).await;
}

#[tokio::test]
async fn nothing_new_makes_no_version() {
    let place = TempDir::new().unwrap();
    let filled = FilledJournal::new("here", 7, 6);
    let lake = filled.lake(directory(place.path()));
    assert_eq!(lake.taken().await.unwrap(), Taken::default());
    filled.hand_over(&lake, 100).await.unwrap();
    assert_eq!(
        lake.taken().await.unwrap(),
        Taken { position: OutboxPosition::new(6), sequence: Sequence::new(18) }
    );
    let records = filled.store.reader().outbox(OutboxPosition::new(0), 100).unwrap();
    assert_eq!(lake.take_sessions(&records).await.unwrap(), HandedIn::default());
    assert_eq!(lake.take_sessions(&[]).await.unwrap(), HandedIn::default());
    assert_eq!(lake.take_events(&filled.events).await.unwrap(), HandedIn::default());
    for table in Table::ALL {
        // The table was made, and took everything in at once.
        assert_eq!(lake.latest_snapshot(table).await.unwrap().version(), Some(1), "{}", table.name());
    }
    assert_exact(&lake, &[&filled], "after doing nothing").await;
}

#[tokio::test]
async fn what_overlaps_is_taken_in_once() {
    let place = TempDir::new().unwrap();
    let filled = FilledJournal::new("here", 7, 9);
    let lake = filled.lake(directory(place.path()));
    let records = filled.store.reader().outbox(OutboxPosition::new(0), 100).unwrap();
    assert_eq!(lake.take_sessions(&records[..5]).await.unwrap(), HandedIn { rows: 5, unreadable: 0 });
    assert_eq!(lake.take_sessions(&records[2..]).await.unwrap(), HandedIn { rows: 4, unreadable: 0 });
    assert_eq!(lake.take_events(&filled.events[..10]).await.unwrap().rows, 10);
    assert_eq!(lake.take_events(&filled.events[4..]).await.unwrap().rows, 17);
    assert_exact(&lake, &[&filled], "after an overlap").await;
}

#[tokio::test]
async fn tables_without_rows_get_as_far_as_the_others() {
    let place = TempDir::new().unwrap();
    let mut filled = FilledJournal::new("here", 7, 1);
    let rows = sessions(8, 1).remove(0);
    let mut row: Value = serde_json::to_value(&rows).unwrap();
    for views in ["ads", "chapters", "errors"] {
        row[views] = json!([]);
    }
    filled.close(&rows, row.to_string().as_bytes());
    let lake = filled.lake(directory(place.path()));
    filled.hand_over(&lake, 1).await.unwrap();
    assert_eq!(positions(&lake).await, [2, 2, 2, 2]);
}

#[tokio::test]
async fn a_row_that_cannot_be_read_holds_up_nobody() {
    let place = TempDir::new().unwrap();
    let mut filled = FilledJournal::new("here", 7, 3);
    for (seed, row) in
        [(8, "{\"session_id\": \"abc"), (9, "[]"), (10, "{}"), (11, "{\"session_id\":\"abc\"}")]
    {
        filled.close(&sessions(seed, 1)[0], row.as_bytes());
    }
    let mut packed = sessions(13, 1)[0].pack();
    packed.pop();
    filled.close(&sessions(13, 1)[0], &packed);
    filled.add(12, 2);
    let lake = filled.lake(directory(place.path()));
    let records = filled.store.reader().outbox(OutboxPosition::new(0), 100).unwrap();
    assert_eq!(lake.take_sessions(&records).await.unwrap(), HandedIn { rows: 5, unreadable: 5 });
    lake.take_events(&filled.events).await.unwrap();
    assert_eq!(lake.taken().await.unwrap().position, OutboxPosition::new(10));
    assert_exact(&lake, &[&filled], "beside broken rows").await;
}

#[tokio::test]
async fn a_session_that_is_larger_than_its_json_goes_in_by_parts() {
    let place = TempDir::new().unwrap();
    let mut filled = FilledJournal::new("here", 7, 1);
    let rows = sessions(8, 1).remove(0);
    let mut row: Value = serde_json::to_value(&rows).unwrap();
    let name = "n".repeat(60_000);
    let errors = SORTED_BYTES / name.len() * 5 / 2;
    row["content_name"] = json!(name);
    let error =
        |number: usize| json!({"error_id": format!("e{number}"), "source": "player", "playhead": 1.5});
    row["errors"] = (0..errors).map(error).collect();
    filled.close(&rows, row.to_string().as_bytes());
    let lake = filled.lake(directory(place.path()));
    filled.hand_over(&lake, 100).await.unwrap();
    let stored = stored(&lake, Table::Errors).await;
    let expected = filled.expected(Table::Errors).num_rows() + errors;
    assert_eq!(stored.num_rows(), expected);
    let id = rows.session.session_id.to_string();
    let numbers = stored.column_by_name("error_number").unwrap();
    let numbers =
        datafusion::arrow::array::AsArray::as_primitive::<datafusion::arrow::datatypes::Int64Type>(numbers);
    let ids = stored.column_by_name("session_id").unwrap();
    let ids = datafusion::arrow::array::AsArray::as_string::<i32>(ids);
    let of_session = numbers.iter().zip(ids).filter(|(_, found)| *found == Some(id.as_str()));
    let mut of_session: Vec<i64> = of_session.filter_map(|(number, _)| number).collect();
    of_session.sort_unstable();
    assert!(of_session.into_iter().eq(1..=errors as i64), "each error once, numbered on through the parts");
}

#[tokio::test]
async fn a_journal_that_was_acknowledged_goes_on_where_the_tables_are() {
    let place = TempDir::new().unwrap();
    let mut filled = FilledJournal::new("here", 7, 5);
    filled.hand_over(&filled.lake(directory(place.path())), 2).await.unwrap();
    // The process ends here, after the versions were made and before the journal heard of it.
    assert_eq!(filled.store.reader().acknowledged().unwrap(), OutboxPosition::new(0));
    let lake = filled.lake(directory(place.path()));
    let taken = lake.taken().await.unwrap();
    filled.journal.acknowledge(taken.position).unwrap();
    filled.journal.trim_closed(0..0, 100).unwrap();
    filled.add(8, 4);
    filled.hand_over(&lake, 3).await.unwrap();
    assert_exact(&lake, &[&filled], "after an acknowledgement that came late").await;
}

#[tokio::test]
async fn many_versions_are_checkpointed_and_remembered() {
    let place = TempDir::new().unwrap();
    let filled = FilledJournal::new("here", 7, 2 * CHECKPOINT_VERSIONS / 3);
    let lake = filled.lake(directory(place.path()));
    filled.hand_over_in(&lake, 100, 1).await.unwrap();
    let log = place.path().join("lake/events/_delta_log");
    let is_checkpoint = |name: &str| name.ends_with(".checkpoint.parquet");
    let names = std::fs::read_dir(log).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap());
    assert_eq!(names.filter(|name| is_checkpoint(name)).count(), 2);
    let restarted = filled.lake(directory(place.path()));
    assert_eq!(restarted.taken().await.unwrap(), lake.taken().await.unwrap());
    filled.hand_over(&restarted, 1).await.unwrap();
    assert_exact(&restarted, &[&filled], "behind checkpoints").await;
}

#[tokio::test]
async fn a_checkpoint_that_fails_doubles_nothing() {
    let place = TempDir::new().unwrap();
    let filled = FilledJournal::new("here", 7, CHECKPOINT_VERSIONS / 3 + 1);
    let failure = Failure { is_written: false, is_last: false };
    let store = FailingStore::about("checkpoint", 0, failure);
    let lake = filled.lake(directory_through(place.path(), std::sync::Arc::new(store.clone())));
    let _outcome = filled.hand_over_in(&lake, 100, 1).await;
    assert!(store.has_failed());
    filled.hand_over(&lake, 100).await.unwrap();
    assert_exact(&lake, &[&filled], "behind a checkpoint that failed").await;
}

#[tokio::test]
async fn own_appends_are_seen_at_once_and_those_of_others_soon() {
    let place = TempDir::new().unwrap();
    let filled = FilledJournal::new("here", 7, 4);
    let store = FailingStore::sound();
    let lake = filled.lake(directory_through(place.path(), std::sync::Arc::new(store.clone())));
    let other = filled.lake(directory(place.path()));
    let batch = |events: &[_]| [event_batch(events, "here").unwrap()];
    for sequence in 1..4 {
        assert_eq!(lake.snapshot(Table::Events).await.unwrap().taken(), sequence as u64 - 1);
        lake.append(Table::Events, batch(&filled.events[sequence - 1..sequence]), sequence as u64)
            .await
            .unwrap();
        assert_eq!(lake.snapshot(Table::Events).await.unwrap().taken(), sequence as u64);
    }
    let before = store.lists();
    for _ in 0..20 {
        lake.snapshot(Table::Events).await.unwrap();
    }
    assert!(store.lists() <= before + 2, "{} lists for 20 looks", store.lists() - before);
    other.append(Table::Events, batch(&filled.events[3..4]), 4).await.unwrap();
    assert_eq!(lake.latest_snapshot(Table::Events).await.unwrap().taken(), 4);
    other.append(Table::Events, batch(&filled.events[4..5]), 5).await.unwrap();
    tokio::time::sleep(RECENT + Duration::from_millis(50)).await;
    assert_eq!(lake.snapshot(Table::Events).await.unwrap().taken(), 5);
}
