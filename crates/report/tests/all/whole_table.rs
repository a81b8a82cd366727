//! Stored and unstored rows form one table, each session once.
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use datafusion::arrow::array::{Array, AsArray, RecordBatch};
use datafusion::arrow::datatypes::Int64Type;
use playhead_lake::{Table, event_batch};
use playhead_report::{EngineSettings, Reports};

use crate::street::{
    MOMENTS, Moment, Move, OnTheWay, SESSION_TABLES, Street, closed_sessions, sample_events,
};

async fn rows(reports: &Reports, sql: &str) -> Vec<RecordBatch> {
    reports.context().sql(sql).await.unwrap().collect().await.unwrap()
}

async fn number(reports: &Reports, sql: &str) -> i64 {
    rows(reports, sql).await[0].column(0).as_primitive::<Int64Type>().value(0)
}

/// How often each session occurs.
async fn times(reports: &Reports, sql: &str) -> BTreeMap<String, usize> {
    let mut times = BTreeMap::new();
    for batch in rows(reports, sql).await {
        let ids =
            datafusion::arrow::compute::cast(batch.column(0), &datafusion::arrow::datatypes::DataType::Utf8)
                .unwrap();
        for id in ids.as_string::<i32>().iter().flatten() {
            *times.entry(id.to_owned()).or_default() += 1;
        }
    }
    times
}

/// A street with one session stored, one in the journal, two open.
async fn street() -> (OnTheWay, usize) {
    let sessions = closed_sessions(200);
    // Sessions with ads, so that rows of views could occur twice.
    let sessions: Vec<_> = sessions.into_iter().filter(|rows| rows.ads.len() == 2).take(4).collect();
    assert_eq!(sessions.len(), 4);
    let street = Street::new(sessions);
    street.make(Move::Close(0)).await;
    street.make(Move::HandOver).await;
    street.make(Move::Close(1)).await;
    (OnTheWay(Arc::new(street)), 4)
}

fn settings() -> EngineSettings {
    EngineSettings::default()
}

#[tokio::test]
async fn each_session_is_there_once_wherever_it_is() {
    let (street, sessions) = street().await;
    let reports = street.reports(settings());
    let found = times(&reports, "select session_id from sessions").await;
    assert_eq!(found.len(), sessions);
    assert!(found.values().all(|times| *times == 1), "{found:?}");
    assert_eq!(number(&reports, "select count(*) from sessions").await, 4);
    assert_eq!(number(&reports, "select count(*) from sessions where is_open").await, 2);
    assert_eq!(number(&reports, "select count(*) from sessions where not is_open").await, 2);
    assert_eq!(number(&reports, "select count(*) from ads").await, 8);
    let found = times(&reports, "select session_id from sessions where is_open limit 1").await;
    assert_eq!(found.len(), 1);
    assert_eq!(times(&reports, "select session_id from sessions limit 3").await.len(), 3);
    assert_eq!(times(&reports, "select session_id from sessions order by started_at limit 3").await.len(), 3);
}

#[tokio::test]
async fn a_session_that_moves_during_a_query_is_there_once() {
    for closes_at in MOMENTS {
        for stored_at in MOMENTS.into_iter().filter(|moment| *moment >= closes_at).map(Some).chain([None]) {
            let mut moves = vec![(closes_at, Move::Close(2))];
            moves.extend(stored_at.map(|moment| (moment, Move::HandOver)));
            for (sql, expected) in [
                ("select session_id from sessions", 1),
                ("select session_id from ads", 2),
                ("select session_id from ads where ad_number > 1", 1),
            ] {
                let (street, sessions) = street().await;
                street.0.plan(&moves);
                let found = times(&street.reports(settings()), sql).await;
                assert_eq!(found.len(), sessions, "{moves:?} {sql} {found:?}");
                assert!(found.values().all(|times| *times == expected), "{moves:?} {sql} {found:?}");
            }
        }
    }
}

#[tokio::test]
async fn rows_that_the_lake_takes_over_between_the_reads_are_there_once() {
    for stored_at in MOMENTS {
        let (street, sessions) = street().await;
        street.0.plan(&[(stored_at, Move::HandOver)]);
        let reports = street.reports(settings());
        let found = times(&reports, "select session_id from sessions").await;
        assert_eq!(found.len(), sessions, "{stored_at:?}");
        assert!(found.values().all(|times| *times == 1), "{stored_at:?} {found:?}");
    }
}

#[tokio::test]
async fn filters_on_open_read_only_the_places_of_such_sessions() {
    let is_open = [
        "is_open",
        "is_open = true",
        "is_open is true",
        "is_open <> false",
        "is_open and ad_count > 1",
        "not (not is_open)",
    ];
    for filter in is_open {
        let (street, _) = street().await;
        street.0.plan(&[(Moment::AfterMemory, Move::Close(2))]);
        let reports = street.reports(settings());
        let sql = format!("select session_id from sessions where {filter}");
        // As of the read of the memory.
        assert_eq!(times(&reports, &sql).await.len(), 2, "{filter}");
        let plan = format!("{:?}", reports.context().sql(&sql).await.unwrap().create_physical_plan().await);
        assert!(!plan.contains("Delta"), "{filter}: {plan}");
    }
    for filter in ["not is_open", "is_open = false", "is_open is false", "is_open <> true and ad_count > 1"] {
        let (street, _) = street().await;
        let reports = street.reports(settings());
        let sql = format!("select session_id from sessions where {filter}");
        assert_eq!(times(&reports, &sql).await.len(), 2, "{filter}");
        assert_eq!(street.0.looks_at_memory.load(Ordering::SeqCst), 0, "{filter}");
    }
    for (filter, sessions) in [
        ("not (is_open and ad_count > 100)", 4),
        ("is_open or ad_count > 1", 4),
        ("is_open = (ad_count > 100)", 2),
        ("coalesce(is_open, false) or not is_open", 4),
    ] {
        let (street, _) = street().await;
        let sql = format!("select session_id from sessions where {filter}");
        assert_eq!(times(&street.reports(settings()), &sql).await.len(), sessions, "{filter}");
    }
}

#[tokio::test]
async fn columns_have_the_types_that_the_tables_say() {
    let (street, _) = street().await;
    let reports = street.reports(settings());
    for table in SESSION_TABLES {
        for batch in reports.table(table).await.unwrap().collect().await.unwrap() {
            for (found, said) in batch.schema().fields().iter().zip(table.schema().fields()) {
                assert_eq!(found.name(), said.name());
                assert_eq!(found.data_type(), said.data_type(), "{} {}", table.name(), said.name());
            }
        }
    }
    let custom = "select custom_metadata['no such key'], count(*) from sessions group by 1";
    let found = rows(&reports, custom).await;
    assert_eq!(found[0].column(0).null_count(), 1);
    let nested = "select s['name'], sum(s['time']) from (select unnest(states) as s from sessions) group by 1 order by 1";
    assert!(!rows(&reports, nested).await.is_empty());
}

#[tokio::test]
async fn events_are_stored_ones_and_those_of_the_journal_on_demand() {
    let events = sample_events(5_000);
    let mut street = Street::new(Vec::new());
    street.lake.append(Table::Events, [event_batch(&events[..1_000], "test").unwrap()], 1_000).await.unwrap();
    street.events = events;
    let street = OnTheWay(Arc::new(street));
    let reports = street.reports(settings());
    assert_eq!(number(&reports, "select count(*) from events").await, 5_000);
    assert_eq!(number(&reports, "select count(distinct sequence) from events").await, 5_000);
    assert!(number(&reports, "select max(sequence) from events where body like '%ping%'").await > 1_000);
    // A query takes a whole batch of rows, whatever its limit.
    let reports = street.reports(EngineSettings { batch_rows: 16, ..settings() });
    street.0.pages_read.store(0, Ordering::SeqCst);
    let found = rows(&reports, "select body from events where sequence > 1000 limit 20").await;
    assert_eq!(found.iter().map(RecordBatch::num_rows).sum::<usize>(), 20);
    let pages = street.0.pages_read.load(Ordering::SeqCst);
    assert!(pages < 100, "{pages} of 400 pages were read for 20 rows");
}

#[tokio::test]
async fn an_empty_lake_has_empty_tables() {
    let reports = OnTheWay(Arc::new(Street::new(Vec::new()))).reports(settings());
    for table in Table::ALL {
        assert_eq!(number(&reports, &format!("select count(*) from {}", table.name())).await, 0);
        assert!(times(&reports, &format!("select session_id from {}", table.name())).await.is_empty());
    }
}
