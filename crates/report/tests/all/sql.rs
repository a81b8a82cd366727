//! Queries in SQL: allowed statements, limits, errors.
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use datafusion::arrow::array::RecordBatch;
use datafusion::arrow::ipc::reader::StreamReader;
use datafusion::prelude::{ParquetReadOptions, SessionContext};
use futures::{StreamExt, TryStreamExt};
use playhead_lake::{Lake, Location, Table};
use playhead_report::{EngineSettings, Error, NothingUnstored, Reports, SqlFormat, SqlLimits};
use serde_json::{Value, json};

use crate::street::{Move, OnTheWay, Street, closed_sessions, empty_lake, store};

pub(crate) async fn reports(settings: EngineSettings) -> Reports {
    let lake = empty_lake();
    store(&lake, &closed_sessions(300), 1).await;
    Reports::new(lake, NothingUnstored, settings).unwrap()
}

async fn bytes(
    reports: &Reports,
    query: &str,
    format: SqlFormat,
    limits: SqlLimits,
) -> Result<Vec<u8>, Error> {
    let pieces: Vec<Vec<u8>> = reports.sql(query, limits).await?.into_bytes(format)?.try_collect().await?;
    Ok(pieces.concat())
}

pub(crate) async fn json_of(reports: &Reports, query: &str) -> Value {
    let bytes = bytes(reports, query, SqlFormat::Json, SqlLimits::default()).await.unwrap();
    serde_json::from_slice(&bytes)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&bytes)))
}

pub(crate) async fn refusal(reports: &Reports, query: &str) -> String {
    match reports.sql(query, SqlLimits::default()).await {
        Err(Error::Sql(message)) => message,
        Err(other) => panic!("{query}: {other:?}"),
        Ok(mut response) => match response.collect().await {
            Err(Error::Sql(message)) => message,
            other => panic!("{query}: {other:?}"),
        },
    }
}

#[tokio::test]
async fn values_are_written_as_the_contract_says() {
    let reports = reports(EngineSettings::default()).await;
    let query = "select 1 as whole, cast(2.5 as double) as number, 'a\"b\u{e9}' as text, true as flag, null as nothing,
        arrow_cast('2026-01-02T03:04:05.678', 'Timestamp(Microsecond, Some(\"UTC\"))') as at,
        to_timestamp('2026-01-02T03:04:05') as utc, cast('2026-01-02' as date) as day,
        make_array(1, null, 3) as list, named_struct('a', 1, 'b', 'x') as struct, map {'k': 'v', 'l': null} as map,
        cast('NaN' as double) as nan, cast('inf' as double) as infinite, cast(1.10 as decimal(5, 2)) as money,
        arrow_cast('x', 'Dictionary(Int32, Utf8)') as dictionary, 9007199254740993 as big";
    let response = json_of(&reports, query).await;
    let row = json!([
        1, 2.5, "a\"b\u{e9}", true, null, "2026-01-02T03:04:05.678Z", "2026-01-02T03:04:05.000Z", "2026-01-02",
        [1, null, 3], {"a": 1, "b": "x"}, {"k": "v", "l": null}, null, null, 1.10, "x", 9_007_199_254_740_993_i64
    ]);
    assert_eq!(response["rows"], json!([row]));
    assert_eq!(response["is_truncated"], false);
    let types: Vec<&str> = response["columns"]
        .as_array()
        .unwrap()
        .iter()
        .map(|column| column["type"].as_str().unwrap())
        .collect();
    let expected = [
        "integer", "number", "text", "boolean", "integer", "time", "time", "day", "list", "struct", "map",
        "number", "number", "number", "text", "integer",
    ];
    assert_eq!(types, expected);
    assert_eq!(response["columns"][0]["name"], "whole");

    let query = "select 'a,b' as \"x,\", '' as empty, null as nothing, 'say \"hi\"' as quoted, make_array(1, 2) as list,
        to_timestamp('2026-01-02T03:04:05') as at, cast('NaN' as double) as nan, 1.5 as number";
    let csv = bytes(&reports, query, SqlFormat::Csv, SqlLimits::default()).await.unwrap();
    let expected = "\"x,\",empty,nothing,quoted,list,at,nan,number\n\
        \"a,b\",\"\",,\"say \"\"hi\"\"\",\"[1,2]\",2026-01-02T03:04:05.000Z,,1.5\n";
    assert_eq!(String::from_utf8(csv).unwrap(), expected);
}

#[tokio::test]
async fn a_response_without_rows_is_complete_in_every_format() {
    let reports = reports(EngineSettings::default()).await;
    let query = "select session_id, started_at from sessions where 1 = 2";
    let response = json_of(&reports, query).await;
    assert_eq!(response["rows"], json!([]));
    assert_eq!(response["columns"].as_array().unwrap().len(), 2);
    let csv = bytes(&reports, query, SqlFormat::Csv, SqlLimits::default()).await.unwrap();
    assert_eq!(csv, b"session_id,started_at\n");
    let arrow = bytes(&reports, query, SqlFormat::Arrow, SqlLimits::default()).await.unwrap();
    assert_eq!(StreamReader::try_new(arrow.as_slice(), None).unwrap().count(), 0);
    let parquet = bytes(&reports, query, SqlFormat::Parquet, SqlLimits::default()).await.unwrap();
    assert!(parquet.starts_with(b"PAR1") && parquet.ends_with(b"PAR1"));
}

#[tokio::test]
async fn all_forms_carry_the_same_rows() {
    let reports = reports(EngineSettings::default()).await;
    let query = "select * from sessions order by started_at, session_id";
    let limits = SqlLimits::default();
    let expected = reports.sql(query, limits).await.unwrap().collect().await.unwrap();
    let rows = |batches: &[RecordBatch]| {
        let batch = datafusion::arrow::compute::concat_batches(&batches[0].schema(), batches).unwrap();
        let lines = datafusion::arrow::util::pretty::pretty_format_batches(&[batch]).unwrap().to_string();
        lines.lines().map(str::to_owned).collect::<Vec<_>>()
    };
    let arrow = bytes(&reports, query, SqlFormat::Arrow, limits).await.unwrap();
    let arrow: Vec<RecordBatch> =
        StreamReader::try_new(arrow.as_slice(), None).unwrap().map(Result::unwrap).collect();
    assert_eq!(rows(&arrow), rows(&expected));

    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("response.parquet");
    std::fs::write(&path, bytes(&reports, query, SqlFormat::Parquet, limits).await.unwrap()).unwrap();
    let context = SessionContext::new();
    let path = path.to_str().unwrap();
    let parquet =
        context.read_parquet(path, ParquetReadOptions::default()).await.unwrap().collect().await.unwrap();
    assert_eq!(parquet.iter().map(RecordBatch::num_rows).sum::<usize>(), 300);

    let json = json_of(&reports, query).await;
    assert_eq!(json["rows"].as_array().unwrap().len(), 300);
    let place = Table::Sessions.column_index("custom_metadata").unwrap();
    assert!(json["rows"].as_array().unwrap().iter().any(|row| row[place].is_object()));
}

#[tokio::test]
async fn statements_of_analysts_work() {
    let street = Street::new(closed_sessions(60));
    for index in 0..40 {
        street.make(Move::Close(index)).await;
    }
    street.make(Move::HandOver).await;
    street.make(Move::Close(50)).await;
    let reports = OnTheWay(Arc::new(street)).reports(EngineSettings::default());
    for query in [
        "select custom_metadata['plan'] as plan, count(*) from sessions group by 1 order by 2 desc",
        "select content_name, sum(content_time_spent) / 3600 as hours from sessions group by content_name order by 2 desc limit 5",
        "select date_trunc('day', started_at) as day, approx_percentile_cont(time_to_start_ms, 0.95) from sessions group by 1",
        "select date_bin(interval '15 minutes', started_at) as quarter, count(*) from sessions group by 1 order by 1",
        "with starts as (select * from sessions where content_start) select count(*) from starts",
        "select a.\"end\", count(*) from ads a join sessions s on a.session_id = s.session_id group by 1",
        "select state['name'], sum(state['count']) from (select unnest(states) as state from sessions) group by 1",
        "select count(*) from (select unnest(watched_spans) as span from sessions) where span['to'] - span['from'] > 1",
        "select session_id, row_number() over (partition by report_suite order by started_at) from sessions",
        "select count(*) from sessions where array_has(diagnoses, 'no_such') or started_at >= '2026-01-01' and day < '2027-01-01'",
        "select cardinality(custom_metadata), map_keys(custom_metadata) from sessions limit 3",
        "select * from events where event_type = 'ping'",
        "explain select count(*) from sessions",
        "explain analyze select count(*) from sessions",
        "show tables",
        "describe sessions",
        "show columns from ads",
        "select table_name, column_name, comment from catalogue.columns where comment like '%seconds%'",
        "select column_name from information_schema.columns where table_name = 'sessions'",
        "select 1;",
        "-- a remark\nselect 1",
        "values (1), (2)",
    ] {
        let outcome = bytes(&reports, query, SqlFormat::Json, SqlLimits::default()).await;
        let response: Value =
            serde_json::from_slice(&outcome.unwrap_or_else(|error| panic!("{query}: {error}"))).unwrap();
        assert!(response["columns"].as_array().is_some_and(|columns| !columns.is_empty()), "{query}");
    }
    let response = json_of(
        &reports,
        "select count(*), count(distinct session_id), sum(cast(is_open as int)) from sessions",
    )
    .await;
    assert_eq!(response["rows"], json!([[60, 60, 19]]));
    let comments =
        json_of(&reports, "select comment from catalogue.columns where column_name = 'ad_count'").await;
    assert_eq!(comments["rows"], json!([["Ads that started."]]));
}

#[tokio::test]
async fn nothing_but_reading_is_allowed() {
    let reports = reports(EngineSettings::default()).await;
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("x.csv");
    std::fs::write(&file, "a,b\n1,2\n").unwrap();
    let path = file.to_str().unwrap();
    for query in [
        "drop table sessions".to_owned(),
        "create table mine as select 1".to_owned(),
        "create view mine as select 1".to_owned(),
        "create schema mine".to_owned(),
        "create database mine".to_owned(),
        format!("create external table mine stored as csv location '{path}'"),
        "create function f(double) returns double return $1 + 1".to_owned(),
        "insert into sessions (session_id) values ('x')".to_owned(),
        "update sessions set session_id = 'x'".to_owned(),
        "delete from sessions".to_owned(),
        "truncate table sessions".to_owned(),
        format!("copy sessions to '{path}.out' stored as csv"),
        format!("explain analyze copy (select 1) to '{path}.out' stored as csv"),
        format!("select * from '{path}'"),
        "set datafusion.execution.batch_size = 1".to_owned(),
        "set datafusion.runtime.memory_limit = '100G'".to_owned(),
        "reset datafusion.execution.batch_size".to_owned(),
        "begin".to_owned(),
        "prepare p as select 1".to_owned(),
        "execute p".to_owned(),
        "select 1; drop table sessions".to_owned(),
        "select 1; select 2".to_owned(),
    ] {
        let message = refusal(&reports, &query).await;
        assert!(!message.is_empty(), "{query}");
    }
    assert!(!std::path::Path::new(&format!("{path}.out")).exists());
    assert_eq!(json_of(&reports, "select count(*) from sessions").await["rows"], json!([[300]]));
    assert_eq!(
        json_of(&reports, "show tables").await["rows"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|row| row[1] == "public")
            .count(),
        6
    );
}

#[tokio::test]
async fn a_bad_query_gets_the_message_and_nothing_else() {
    let reports = reports(EngineSettings::default()).await;
    for (query, said) in [
        ("select conten_name from sessions", "Did you mean 'sessions.content_name'?"),
        ("select * from session", "table 'playhead.public.session' not found"),
        ("selec 1", "Expected: an SQL statement"),
        ("select suma(ad_count) from sessions", "Invalid function 'suma'"),
        ("select content_name, count(*) from sessions", "GROUP BY"),
        ("select cast('x' as int)", "Cannot cast string 'x' to value of Int32 type"),
        ("select 1 / 0", "Divide by zero"),
        ("select 1 / (ad_count - ad_count) from sessions", "Divide by zero"),
        ("", "No SQL statements were provided"),
        ("select $1", "Placeholder"),
    ] {
        let message = refusal(&reports, query).await;
        assert!(message.contains(said), "{query}: {message}");
        for noise in ["bug in DataFusion", "stack", "backtrace", "datafusion-", "External error", "src/"] {
            assert!(!message.contains(noise), "{query}: {message}");
        }
    }
    let long = format!("select '{}'", "x".repeat(300_000));
    assert!(refusal(&reports, &long).await.contains("at most 262144 bytes"));
    let deep = format!("select {}1{}", "(".repeat(20_000), ")".repeat(20_000));
    refusal(&reports, &deep).await;
    let wide = format!("select 1{}", "+1".repeat(50_000));
    assert!(refusal(&reports, &wide).await.contains("more than 200 operators"));
    let allowed = format!("select 1{} from sessions limit 1", "+ad_count".repeat(199));
    assert!(bytes(&reports, &allowed, SqlFormat::Csv, SqlLimits::default()).await.is_ok());
}

#[tokio::test]
async fn rows_and_bytes_beyond_the_limit_are_cut_with_a_flag() {
    let reports = reports(EngineSettings::default()).await;
    let few = |rows| SqlLimits { rows, ..SqlLimits::default() };
    let query = "select session_id from sessions";
    for (rows, is_truncated) in [(299, true), (300, false), (301, false), (0, true)] {
        let response = bytes(&reports, query, SqlFormat::Json, few(rows)).await.unwrap();
        let response: Value = serde_json::from_slice(&response).unwrap();
        assert_eq!(response["rows"].as_array().unwrap().len() as u64, rows.min(300));
        assert_eq!(response["is_truncated"], is_truncated, "{rows}");
        for format in [SqlFormat::Csv, SqlFormat::Arrow] {
            let outcome = bytes(&reports, query, format, few(rows)).await;
            assert_eq!(matches!(outcome, Err(Error::CutShort { .. })), is_truncated, "{format:?} {rows}");
        }
        let parquet = bytes(&reports, query, SqlFormat::Parquet, few(rows)).await.unwrap();
        let said =
            format!("is_truncated{}", if is_truncated { "\u{18}\u{4}true" } else { "\u{18}\u{5}false" });
        assert!(parquet.windows(said.len()).any(|window| window == said.as_bytes()), "{rows}");
    }
    let small = SqlLimits { bytes: 100_000, ..SqlLimits::default() };
    let query = "select repeat('x', 1000) from generate_series(1, 50000)";
    let response = bytes(&reports, query, SqlFormat::Json, small).await.unwrap();
    assert!(response.len() > 100_000 && response.len() < 3_000_000, "{}", response.len());
    assert_eq!(serde_json::from_slice::<Value>(&response).unwrap()["is_truncated"], true);
}

#[tokio::test]
async fn a_slow_query_ends_when_its_time_is_up() {
    let settings = EngineSettings { query_time: Duration::from_secs(2), ..EngineSettings::default() };
    let reports = reports(settings).await;
    let query = "select count(*) from generate_series(1, 100000) a, generate_series(1, 100000) b where a.value % 7 = b.value % 5";
    let outcome = bytes(&reports, query, SqlFormat::Json, SqlLimits::default()).await;
    assert!(matches!(outcome, Err(Error::TooSlow { limit_ms: 2_000 })), "{outcome:?}");
    // Its turn and its memory are free again.
    assert_eq!(json_of(&reports, "select 1").await["rows"], json!([[1]]));
}

#[tokio::test]
async fn a_short_query_made_gigabytes_of_a_few_bytes() {
    let reports = reports(EngineSettings { query_memory_bytes: 16 << 20, ..EngineSettings::default() }).await;
    let wide = "select repeat('x', 4000000) a";
    let too_much = [
        "select repeat('x', 1000000000)".to_owned(),
        "select length(repeat(content_name, 10000000)) from sessions".to_owned(),
        "select length(lpad('x', 2000000000, 'y'))".to_owned(),
        "select length(rpad(content_name, 1000000)) from sessions".to_owned(),
        "select array_length(array_repeat(1, 1000000000))".to_owned(),
        "select array_length(array_resize(make_array(1), 1000000000, 1))".to_owned(),
        "select array_length(range(1000000000))".to_owned(),
        "select array_length(generate_series(1, 1000000000))".to_owned(),
        "select array_length(generate_series(-1000000000, 1000000000, 2))".to_owned(),
        "select array_length(range(timestamp '2026-01-01', timestamp '2026-01-02', interval '1 microsecond'))".to_owned(),
        format!("select length(replace(a, 'x', 'yyyyyyyy')) from ({wide})"),
        format!("select length(concat(a, a, a)) from ({wide})"),
        format!("select length(concat_ws(',', a, a, a)) from ({wide})"),
    ];
    for query in too_much {
        let outcome = bytes(&reports, &query, SqlFormat::Json, SqlLimits::default()).await;
        assert!(
            matches!(outcome, Err(Error::TooMuchMemory { .. })),
            "{query}: {:?}",
            outcome.map(|made| made.len())
        );
    }
    let enough = "select length(repeat('xy', 3)), lpad('x', 3, 'y'), rpad('x', 2), replace('abab', 'b', 'cc'), \
                  concat('a', 1, null), concat_ws('-', 'a', 'b'), array_repeat(1, 2), range(3), \
                  range(5, 0, -2), array_concat(make_array(1), make_array(2)), repeat(null, 3), \
                  array_resize(make_array(1), 2, 0), \
                  range(date '2026-01-01', date '2026-03-01', interval '1 month')";
    assert_eq!(
        json_of(&reports, enough).await["rows"],
        json!([[
            6,
            "yyx",
            "x ",
            "accacc",
            "a1",
            "a-b",
            [1, 1],
            [0, 1, 2],
            [5, 3, 1],
            [1, 2],
            null,
            [1, 0],
            ["2026-01-01", "2026-02-01"]
        ]])
    );
}

#[tokio::test]
async fn a_query_that_needs_too_much_memory_is_refused() {
    let settings =
        EngineSettings { memory_bytes: 64 << 20, query_memory_bytes: 4 << 20, ..EngineSettings::default() };
    let reports = reports(settings).await;
    let greedy =
        "select value, repeat('x', 100) || value as text from generate_series(1, 300000) order by text";
    let outcome = bytes(&reports, greedy, SqlFormat::Json, SqlLimits::default()).await;
    assert!(
        matches!(outcome, Err(Error::TooMuchMemory { limit_bytes }) if limit_bytes == 4 << 20),
        "{outcome:?}"
    );
    let grouped = "select text, count(*) from (select repeat('x', 100) || value as text from generate_series(1, 300000)) group by text";
    let outcome = bytes(&reports, grouped, SqlFormat::Csv, SqlLimits::default()).await;
    assert!(matches!(outcome, Err(Error::TooMuchMemory { .. })), "{outcome:?}");
    assert_eq!(json_of(&reports, "select count(*) from sessions").await["rows"], json!([[300]]));

    let directory = tempfile::tempdir().unwrap();
    let settings = EngineSettings {
        memory_bytes: 64 << 20,
        query_memory_bytes: 24 << 20,
        // With several threads, sorted rows in memory may leave too little memory for the merge.
        query_threads: NonZeroUsize::new(1),
        spill_directory: Some(directory.path().to_owned()),
        ..EngineSettings::default()
    };
    let reports = self::reports(settings).await;
    let limits = SqlLimits { bytes: u64::MAX, rows: u64::MAX };
    let lines = bytes(&reports, greedy, SqlFormat::Csv, limits).await.unwrap();
    assert_eq!(lines.iter().filter(|byte| **byte == b'\n').count(), 300_001);
}

#[tokio::test]
async fn memory_held_by_others_makes_a_query_busy_not_too_large() {
    let settings = EngineSettings { memory_bytes: 1 << 20, ..EngineSettings::default() };
    let reports = reports(settings).await;
    let greedy = "select repeat('x', 100) || value as text from generate_series(1, 300000) order by text";
    let outcome = bytes(&reports, greedy, SqlFormat::Json, SqlLimits::default()).await;
    assert!(matches!(outcome, Err(Error::Busy)), "{outcome:?}");
}

#[tokio::test]
async fn queries_beyond_those_that_may_wait_are_turned_away() {
    let settings = EngineSettings {
        queries: 1,
        queries_waiting: 1,
        query_time: Duration::from_secs(20),
        ..EngineSettings::default()
    };
    let reports = reports(settings).await;
    let first = reports.sql("select 1", SqlLimits::default()).await.unwrap();
    let second = tokio::spawn({
        let reports = reports.clone();
        async move { json_of(&reports, "select 2").await }
    });
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert!(!second.is_finished());
    let third = reports.sql("select 3", SqlLimits::default()).await;
    assert!(matches!(third, Err(Error::Busy)), "{third:?}");
    drop(first);
    assert_eq!(second.await.unwrap()["rows"], json!([[2]]));
    assert_eq!(json_of(&reports, "select 4").await["rows"], json!([[4]]));
}

#[tokio::test]
async fn a_response_that_is_dropped_releases_everything() {
    let settings = EngineSettings { queries: 1, queries_waiting: 1, ..EngineSettings::default() };
    let reports = reports(settings).await;
    let endless = "select a.value from generate_series(1, 1000000) a, generate_series(1, 1000000) b";
    for _ in 0..5 {
        let mut pieces = reports
            .sql(endless, SqlLimits { rows: u64::MAX, bytes: u64::MAX })
            .await
            .unwrap()
            .into_bytes(SqlFormat::Csv)
            .unwrap();
        assert!(pieces.next().await.unwrap().is_ok());
        assert!(pieces.next().await.unwrap().is_ok());
    }
}

#[tokio::test]
async fn a_broken_file_is_named_and_the_other_tables_still_work() {
    let directory = tempfile::tempdir().unwrap();
    let lake = Arc::new(Lake::new(Location::directory(directory.path()).unwrap(), "test").unwrap());
    store(&lake, &closed_sessions(50), 1).await;
    let find = |folder: &str, end: &str| {
        let mut folders = vec![directory.path().join(folder)];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.to_str().unwrap().ends_with(end) {
                    return path;
                }
            }
        }
        panic!("no file in {folder}");
    };
    let file = find("sessions", ".parquet");
    let name = file.file_name().unwrap().to_str().unwrap().to_owned();
    let whole = std::fs::read(&file).unwrap();
    for broken in [Some(whole[..whole.len() / 2].to_vec()), Some(vec![0; whole.len()]), None] {
        match &broken {
            Some(bytes) => std::fs::write(&file, bytes).unwrap(),
            None => std::fs::remove_file(&file).unwrap(),
        }
        let reports = Reports::new(lake.clone(), NothingUnstored, EngineSettings::default()).unwrap();
        let outcome =
            bytes(&reports, "select sum(ad_count) from sessions", SqlFormat::Json, SqlLimits::default())
                .await;
        let Err(Error::Unreadable(message)) = outcome else { panic!("{outcome:?}") };
        assert!(message.contains(&name), "{message}");
        assert!(json_of(&reports, "select count(*) from ads").await["rows"][0][0].is_number());
    }
    std::fs::write(&file, &whole).unwrap();
    let log = find("ads", "0.json");
    std::fs::write(&log, "{\"half").unwrap();
    let lake = Arc::new(Lake::new(Location::directory(directory.path()).unwrap(), "test").unwrap());
    let reports = Reports::new(lake, NothingUnstored, EngineSettings::default()).unwrap();
    let outcome = bytes(&reports, "select count(*) from ads", SqlFormat::Json, SqlLimits::default()).await;
    let Err(Error::Unreadable(message)) = outcome else { panic!("{outcome:?}") };
    assert!(message.contains("00000000000000000000.json"), "{message}");
    assert_eq!(json_of(&reports, "select count(*) from sessions").await["rows"], json!([[50]]));
}

#[tokio::test]
async fn a_prompt_can_complete_tables_columns_and_functions() {
    let completions = reports(EngineSettings::default()).await.completions();
    let names: Vec<&str> = completions.tables.iter().map(|table| table.name).collect();
    assert_eq!(names, ["sessions", "ads", "chapters", "errors", "events", "exclusions"]);
    assert!(completions.tables[0].columns.contains(&"content_time_spent"));
    assert!(completions.functions.contains(&"date_trunc".to_owned()));
    assert!(completions.functions.contains(&"approx_distinct".to_owned()));
}

#[test]
fn accept_headers_choose_the_form() {
    for (accept, expected) in [
        ("", Some(SqlFormat::Json)),
        ("*/*", Some(SqlFormat::Json)),
        ("text/csv", Some(SqlFormat::Csv)),
        ("text/html, text/csv;q=0.9", Some(SqlFormat::Csv)),
        ("application/vnd.apache.parquet", Some(SqlFormat::Parquet)),
        ("application/vnd.apache.arrow.stream", Some(SqlFormat::Arrow)),
        ("image/png", None),
    ] {
        assert_eq!(SqlFormat::accepted(accept), expected, "{accept}");
    }
}
