//! Rows survive storage: every column of every table, from both feeds, read from the files.

use std::fs::File;
use std::path::{Path, PathBuf};

use crate::filled_journal::{
    FilledJournal, assert_exact, assert_same, directory, parts_leave_every_row_once,
};
use datafusion::arrow::datatypes::Schema;
use deltalake::parquet::basic::Compression;
use deltalake::parquet::file::reader::{FileReader, SerializedFileReader};
use playhead_lake::{Location, RowsBuilder, SESSION_TABLES, Table, rows_json};
use playhead_samples::{SampleSettings, Sessions};
use playhead_session::ReadRows;
use proptest::prelude::{ProptestConfig, any};
use proptest::{prop_assert_eq, proptest};
use serde_json::Value;
use tempfile::TempDir;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn rows_in_memory_and_those_that_are_read_give_the_same_batch(seed in any::<u64>()) {
        let settings = SampleSettings {
            sessions: 60,
            open_sessions: true,
            wrong_clocks: true,
            ..SampleSettings::default()
        };
        let sessions: Vec<_> = Sessions::new(seed, settings).collect();
        for table in SESSION_TABLES {
            let builder = || RowsBuilder::new(table, None);
            let (mut typed, mut json, mut packed) = (builder(), builder(), builder());
            for rows in &sessions {
                typed.push(rows);
                json.push_read(&ReadRows::read(rows.write().unwrap().as_bytes()).unwrap());
                packed.push_read(&ReadRows::read(&rows.pack()).unwrap());
            }
            prop_assert_eq!(typed.len(), json.len());
            let typed = typed.finish().unwrap();
            prop_assert_eq!(&typed, &json.finish().unwrap());
            prop_assert_eq!(&typed, &packed.finish().unwrap());
        }
    }

    #[test]
    fn some_columns_are_those_of_all(seed in any::<u64>(), places in proptest::collection::vec(0_usize..140, 0..12)) {
        let sessions: Vec<_> = Sessions::new(seed, SampleSettings { sessions: 5, ..SampleSettings::default() }).collect();
        for table in SESSION_TABLES {
            let places: Vec<usize> = places.iter().map(|place| place % table.columns().len()).collect();
            let (mut all, mut some) = (RowsBuilder::new(table, None), RowsBuilder::new(table, Some(&places)));
            sessions.iter().for_each(|rows| { all.push(rows); some.push(rows); });
            prop_assert_eq!(all.finish().unwrap().project(&places).unwrap(), some.finish().unwrap());
        }
    }
}

#[tokio::test]
async fn every_column_of_every_table_comes_back() {
    let place = TempDir::new().unwrap();
    let filled = FilledJournal::new("here", 7, 150);
    let lake = filled.lake(directory(place.path()));
    filled.hand_over(&lake, 100).await.unwrap();
    for table in SESSION_TABLES {
        assert!(filled.expected(table).num_rows() > 3, "{} is as good as empty", table.name());
    }
    assert_exact(&lake, &[&filled], "after the hand-over").await;
}

#[tokio::test]
async fn tables_are_also_kept_in_memory() {
    parts_leave_every_row_once(Location::memory().unwrap()).await;
}

#[tokio::test]
async fn the_provider_has_the_types_that_the_table_says() {
    let place = TempDir::new().unwrap();
    let filled = FilledJournal::new("here", 7, 3);
    let lake = filled.lake(directory(place.path()));
    filled.hand_over(&lake, 100).await.unwrap();
    let bare = |schema: &Schema| -> Vec<(String, String)> {
        let name_and_type = |field: &datafusion::arrow::datatypes::FieldRef| {
            (field.name().clone(), field.data_type().to_string())
        };
        schema.fields().iter().map(name_and_type).collect()
    };
    for table in Table::ALL {
        let provider = lake.snapshot(table).await.unwrap().provider().await.unwrap().unwrap();
        assert_eq!(bare(&provider.schema()), bare(&table.schema()), "{}", table.name());
    }
}

#[tokio::test]
async fn stored_rows_become_the_json_that_they_were() {
    let place = TempDir::new().unwrap();
    let filled = FilledJournal::new("here", 7, 40);
    let lake = filled.lake(directory(place.path()));
    filled.hand_over(&lake, 100).await.unwrap();
    let stored = crate::filled_journal::stored(&lake, Table::Sessions).await;
    let mut sessions = filled.sessions.clone();
    sessions.sort_by_key(|rows| rows.session.session_id.to_string());
    for (found, rows) in rows_json(Table::Sessions, &stored).unwrap().into_iter().zip(&sessions) {
        let expected: Value = serde_json::from_str(&serde_json::to_string(&rows.session).unwrap()).unwrap();
        let found: Value = Value::Object(found);
        for (name, value) in expected.as_object().unwrap() {
            let same = match (value.as_f64(), found[name].as_f64()) {
                (Some(one), Some(other)) => one == other,
                _ => *value == found[name],
            };
            assert!(same, "{name}: {value} came back as {}", found[name]);
        }
    }
}

/// The actions in the first versions of a table.
fn actions(place: &Path, table: Table) -> Vec<Value> {
    let log = place.join("lake").join(table.name()).join("_delta_log");
    let mut files: Vec<PathBuf> = std::fs::read_dir(log).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    let lines = |file: &PathBuf| std::fs::read_to_string(file).unwrap();
    let text: Vec<String> =
        files.iter().filter(|file| file.extension().is_some_and(|kind| kind == "json")).map(lines).collect();
    text.iter().flat_map(|text| text.lines()).map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[tokio::test]
async fn the_log_has_comments_partitions_and_bounds_of_the_right_columns() {
    let place = TempDir::new().unwrap();
    let filled = FilledJournal::new("here", 7, 60);
    let lake = filled.lake(directory(place.path()));
    filled.hand_over(&lake, 100).await.unwrap();
    for table in Table::ALL {
        let actions = actions(place.path(), table);
        let metadata = actions.iter().find_map(|action| action.get("metaData")).unwrap();
        assert_eq!(metadata["name"], table.name());
        assert_eq!(metadata["description"], table.meaning());
        assert_eq!(metadata["partitionColumns"], serde_json::json!(["day"]));
        let schema: Value = serde_json::from_str(metadata["schemaString"].as_str().unwrap()).unwrap();
        let fields = schema["fields"].as_array().unwrap();
        assert_eq!(fields.len(), table.columns().len());
        for (field, column) in fields.iter().zip(table.columns()) {
            assert_eq!(field["name"], column.name);
            assert_eq!(field["metadata"]["comment"], column.meaning);
        }
        let adds: Vec<&Value> = actions.iter().filter_map(|action| action.get("add")).collect();
        assert!(!adds.is_empty());
        for add in adds {
            let stats: Value = serde_json::from_str(add["stats"].as_str().unwrap()).unwrap();
            assert!(stats["numRecords"].as_u64().unwrap() > 0);
            for bounds in ["minValues", "maxValues"] {
                let mut named: Vec<&String> = stats[bounds].as_object().unwrap().keys().collect();
                let mut wanted = table.pruning_columns().to_vec();
                named.sort();
                wanted.sort_unstable();
                assert_eq!(named, wanted, "{bounds} of {}", table.name());
            }
        }
        let taken: Vec<&Value> = actions.iter().filter_map(|action| action.get("txn")).collect();
        assert_eq!(taken[0]["appId"], "playhead-here");
    }
}

#[tokio::test]
async fn files_are_compressed_with_zstd_and_in_order() {
    let place = TempDir::new().unwrap();
    let filled = FilledJournal::new("here", 7, 60);
    let lake = filled.lake(directory(place.path()));
    filled.hand_over(&lake, 1_000).await.unwrap();
    for table in Table::ALL {
        let actions = actions(place.path(), table);
        for add in actions.iter().filter_map(|action| action.get("add")) {
            let path = place.path().join("lake").join(table.name()).join(add["path"].as_str().unwrap());
            let reader = SerializedFileReader::new(File::open(&path).unwrap()).unwrap();
            for group in reader.metadata().row_groups() {
                assert!(
                    group.columns().iter().all(|column| matches!(column.compression(), Compression::ZSTD(_)))
                );
            }
            let context = datafusion::prelude::SessionContext::new();
            let rows = context.read_parquet(path.to_str().unwrap(), Default::default()).await.unwrap();
            let order =
                table.sort_columns().iter().map(|name| datafusion::prelude::col(*name).sort(true, true));
            let columns = || {
                table.sort_columns().iter().map(|name| datafusion::prelude::col(*name)).collect::<Vec<_>>()
            };
            let collect = async |rows: datafusion::prelude::DataFrame| {
                let schema = std::sync::Arc::new(rows.schema().as_arrow().clone());
                let batches = rows.collect().await.unwrap();
                datafusion::arrow::compute::concat_batches(&schema, &batches).unwrap()
            };
            let stored = collect(rows.clone().select(columns()).unwrap()).await;
            let in_order = collect(rows.sort(order.collect()).unwrap().select(columns()).unwrap()).await;
            assert_same(&stored, &in_order, table.name());
        }
    }
}
