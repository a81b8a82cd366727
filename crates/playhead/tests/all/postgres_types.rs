//! Values on the PostgreSQL port: rows of all tables in both formats, and parameters of all types.

use crate::support::ServerProcess;
use crate::support::pg_client::PgClient;
use crate::support::replayed::server_with_timelines;

const PORT: [&str; 2] = ["--postgres-listen", "127.0.0.1:0"];

/// `jsonb`, `text[]`, `timestamptz`, `numeric`, `text`.
const JSONB: u32 = 3802;
const TEXTS: u32 = 1009;
const NUMERIC: u32 = 1700;
const TEXT: u32 = 25;

#[test]
fn select_star_failed_on_four_of_five_tables() {
    let server = server_with_timelines(&PORT);
    let mut client = PgClient::connect(&server);
    for table in ["sessions", "ads", "chapters", "errors", "events"] {
        let query = format!("select * from {table}");
        let text = client.say(&query);
        let last = text.iter().rev().nth(1).unwrap();
        assert!(last.starts_with("SELECT "), "{table}: {last}");
        let types = client.types.clone();
        let binary = client.prepared(&query, &[], &[], 1);
        assert_eq!(binary.iter().rev().nth(1), Some(last), "{table}");
        assert_eq!(client.types, types, "{table}: what was told before is what came");
        assert_eq!(binary.len(), text.len(), "{table}");
    }
    let told = |client: &mut PgClient, query: &str| {
        let rows = client.ask(query);
        (client.types.clone(), rows[0].clone())
    };
    let (types, row) = told(
        &mut client,
        "select states, custom_metadata, diagnoses, playing_spans, started_at \
         from sessions where ad_count > 0 limit 1",
    );
    assert_eq!(types, [JSONB, JSONB, TEXTS, JSONB, 1184]);
    let values: Vec<&str> = row.strip_prefix("row ").unwrap().split('|').collect();
    let spans: serde_json::Value = serde_json::from_str(values[3]).unwrap();
    assert!(spans[0]["from"].as_str().unwrap().ends_with('Z'), "{spans}");
    assert!(serde_json::from_str::<serde_json::Value>(values[1]).unwrap().is_object());
    assert!(values[2].starts_with('{') && values[4].ends_with("+00"), "{row}");
    // jsonb in binary form begins with its version.
    let binary = client.prepared("select make_array(named_struct('a', 1))", &[], &[], 1);
    assert_eq!(binary[1], "row \u{1}[{\"a\":1}]");
}

#[test]
fn select_star_of_the_catalogue_failed() {
    let server = ServerProcess::start(&PORT);
    let mut client = PgClient::connect(&server);
    let views = client.ask(
        "select table_schema || '.' || table_name from information_schema.tables \
         where table_schema in ('pg_catalog', 'information_schema') order by 1",
    );
    let views: Vec<&str> = views.iter().filter_map(|line| line.strip_prefix("row ")).collect();
    assert!(views.len() > 50, "{views:?}");
    let mut broken = Vec::new();
    for view in views {
        let query = format!("select * from {view}");
        let text = client.say(&query);
        let binary = client.prepared(&query, &[], &[], 1);
        if text.len() != binary.len() || text.iter().chain(&binary).any(|line| line.starts_with("error")) {
            let error = text.iter().chain(&binary).find(|line| line.starts_with("error"));
            broken.push(format!("{view}: {error:?}"));
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn types_that_postgresql_does_not_have_had_broken_values() {
    let server = ServerProcess::start(&PORT);
    let mut client = PgClient::connect(&server);
    for (expression, pg_type, text, binary) in [
        ("null", TEXT, "null", "null"),
        ("arrow_cast(-3, 'Int8')", 21, "-3", "fffd"),
        ("arrow_cast(7, 'UInt16')", 23, "7", "00000007"),
        ("arrow_cast(7, 'UInt64')", NUMERIC, "7", "00010000000000000007"),
        ("arrow_cast('12.50', 'Decimal128(38, 2)')", NUMERIC, "12.50", "0002000000000002000c1388"),
        (
            "arrow_cast('99999999999999999999999999999999999999', 'Decimal128(38, 0)')",
            NUMERIC,
            "99999999999999999999999999999999999999",
            "000a0009000000000063270f270f270f270f270f270f270f270f270f",
        ),
        ("arrow_cast(1.5, 'Float16')", 700, "1.5", "3fc00000"),
        (
            "make_array('a,b', null, '')",
            TEXTS,
            "{\"a,b\",NULL,\"\"}",
            "000000010000000100000019000000030000000100000003612c62ffffffff00000000",
        ),
        (
            "make_array(1, 2)",
            1016,
            "{1,2}",
            "0000000100000000000000140000000200000001000000080000000000000001000000080000000000000002",
        ),
        ("make_array(make_array(1), make_array(2))", JSONB, "[[1],[2]]", "\u{1}[[1],[2]]"),
        ("named_struct('a', 1, 'b', 'x')", JSONB, "{\"a\":1,\"b\":\"x\"}", "\u{1}{\"a\":1,\"b\":\"x\"}"),
        (
            "arrow_cast('2026-01-02T03:04:05', 'Timestamp(Second, None)')",
            1114,
            "2026-01-02 03:04:05",
            "0002ea5dbb151340",
        ),
        (
            "arrow_cast('2026-01-02T03:04:05.25', 'Timestamp(Nanosecond, Some(\"UTC\"))')",
            1184,
            "2026-01-02 03:04:05.25+00",
            "0002ea5dbb18e3d0",
        ),
        ("arrow_cast(null, 'Interval(DayTime)')", 1186, "null", "null"),
        ("arrow_cast('x', 'Dictionary(Int32, Utf8)')", TEXT, "x", "x"),
        ("arrow_cast(arrow_cast('ab', 'Binary'), 'FixedSizeBinary(2)')", 17, "\\x6162", "ab"),
    ] {
        let query = format!("select {expression} as x");
        let answer = client.ask(&query);
        assert_eq!(answer[0], format!("row {text}"), "{expression}");
        assert_eq!(client.types, [pg_type], "{expression}");
        let answer = client.prepared(&query, &[], &[], 1);
        assert_eq!(answer[1], format!("row {binary}"), "{expression}");
        assert_eq!(client.types, [pg_type], "{expression}");
    }
}

#[test]
fn parameters_had_no_type_or_another_than_the_client_declared() {
    let server = ServerProcess::start(&PORT);
    let mut client = PgClient::connect(&server);
    for (query, types, parameters, pg_type, expected) in [
        ("select $1", &[][..], &[Some("x")][..], TEXT, "x"),
        ("select $1", &[705], &[Some("x")], TEXT, "x"),
        ("select $1", &[23], &[Some("7")], 23, "7"),
        ("select $1 + 1", &[21], &[Some("7")], 20, "8"),
        ("select $1::int", &[], &[Some("7")], 23, "7"),
        ("select $1::text || $2", &[], &[Some("a"), Some("b")], TEXT, "ab"),
        ("select $1", &[1184], &[Some("2026-01-01 00:00:00+00")], 1184, "2026-01-01 00:00:00+00"),
        ("select $1", &[1114], &[Some("2026-01-01 00:00:00")], 1114, "2026-01-01 00:00:00"),
        ("select $1", &[16], &[Some("t")], 16, "t"),
        ("select $1", &[701], &[Some("1.5")], 701, "1.5"),
        ("select $1", &[23], &[None], 23, "null"),
        ("select $1", &[1082], &[Some("2026-01-02")], 1082, "2026-01-02"),
        (
            "select count(*) from sessions where started_at > $1",
            &[],
            &[Some("2026-01-01 00:00:00+00")],
            20,
            "0",
        ),
        ("select count(*) from sessions where started_at > $1", &[1043], &[Some("2026-01-01")], 20, "0"),
        (
            "select count(*) from sessions where ad_count = $1 and content_id = $2",
            &[23, 1043],
            &[Some("1"), Some("x")],
            20,
            "0",
        ),
        ("select count(*) from sessions where content_length > $1", &[1700], &[Some("1.5")], 20, "0"),
        (
            "select value from generate_series(1, 9) order by 1 limit $1 offset $2",
            &[20, 20],
            &[Some("1"), Some("3")],
            20,
            "4",
        ),
        ("select value from generate_series(1, 9) order by 1 limit $1", &[], &[Some("1")], 20, "1"),
        (
            "select count(*) from generate_series(1, 9) as t (n) where n = any($1)",
            &[],
            &[Some("{2,3,10}")],
            20,
            "2",
        ),
        ("select count(*) from sessions where content_id = any($1)", &[], &[Some("{a,\"b c\"}")], 20, "0"),
    ] {
        let answer = client.prepared(query, types, parameters, 0);
        assert_eq!(answer[1..2], [format!("row {expected}")], "{query} {types:?}: {answer:?}");
        assert_eq!(client.types, [pg_type], "{query} {types:?}");
    }
    client.parse(
        "s",
        "select count(*) from sessions where started_at > $1 and ad_count = $2 and content_id = $3 or $4",
        &[],
    );
    client.send(b'D', b"Ss\0");
    assert_eq!(client.sync()[0], "parameters 1184,20,25,16");
    for (parameters, formats, error) in [
        (
            &[][..],
            &[][..],
            "error 08P01 bind message supplies 0 parameters, but prepared statement \"s\" requires 4",
        ),
        (&[Some("soon"), Some("1"), Some("x"), Some("t")], &[], "error 22P02 invalid value of a parameter"),
        (
            &[Some("2026-01-01"), Some("1.5"), Some("x"), Some("t")],
            &[],
            "error 22P02 invalid value of a parameter",
        ),
        (
            &[None, None, None, None],
            &[0, 1],
            "error 08P01 bind message has 2 result formats but query has 1 columns",
        ),
    ] {
        client.bind("", "s", parameters, formats);
        let answer = client.sync();
        assert!(answer[0].starts_with(error), "{answer:?}");
    }
    let answer = client.prepared("select 1; select 2", &[], &[], 0);
    assert!(answer[0].starts_with("error 42601 cannot insert multiple commands into a prepared statement"));
    let answer = client.prepared("select $2", &[], &[None, None], 0);
    assert!(answer[0].starts_with("error 42P18 could not determine data type of parameter $1"), "{answer:?}");
    assert!(!server.log().contains("panicked"), "{}", server.log());
}

#[test]
fn a_page_of_any_size_was_taken_from_a_portal() {
    let server = ServerProcess::start(&PORT);
    let mut client = PgClient::connect(&server);
    client.say("begin");
    client.parse("", "select value from generate_series(1, 5)", &[]);
    client.bind("p", "", &[], &[]);
    client.execute("p", 2);
    client.execute("p", i32::MAX);
    client.execute("p", -1);
    client.execute("p", 0);
    let answer = client.sync();
    assert_eq!(
        answer,
        [
            "row 1",
            "row 2",
            "suspended",
            "row 3",
            "row 4",
            "row 5",
            "SELECT 3",
            "SELECT 0",
            "SELECT 0",
            "ready T"
        ]
    );
    client.bind("q", "", &[], &[]);
    assert_eq!(client.sync(), ["ready T"]);
    assert_eq!(client.ask("move forward 2 q"), ["MOVE 2"]);
    assert_eq!(client.ask("fetch all in q"), ["row 3", "row 4", "row 5", "FETCH 3"]);
    client.bind("p", "", &[], &[]);
    assert!(client.sync()[0].starts_with("error 42P03 cursor \"p\" already exists"));
    client.say("rollback");
    client.execute("p", 0);
    assert!(client.sync()[0].starts_with("error 34000 portal \"p\" does not exist"));
    assert!(!server.log().contains("panicked"), "{}", server.log());
}

#[test]
fn a_cursor_gave_texts_to_a_client_that_wants_bytes() {
    let server = ServerProcess::start(&PORT);
    let mut client = PgClient::connect(&server);
    client.say("begin");
    client.parse("", "declare p cursor for select $1 + value as n from generate_series(1, 3)", &[23]);
    client.bind("", "", &[Some("10")], &[]);
    client.execute("", 0);
    assert_eq!(client.sync(), ["DECLARE CURSOR", "ready T"]);
    assert_eq!(client.ask("fetch 2 p; rollback"), ["row 11", "row 12", "FETCH 2", "ROLLBACK"]);
    client.say("begin; declare c cursor for select cast(7 as int) as n; declare b binary cursor for select cast(8 as int)");
    assert_eq!(client.prepared("fetch c", &[], &[], 1), ["columns n", "row 00000007", "FETCH 1", "ready T"]);
    assert_eq!(client.ask("fetch b"), ["row 00000008", "FETCH 1"]);
}

#[test]
fn a_series_took_no_parameters() {
    let server = ServerProcess::start(&PORT);
    let mut client = PgClient::connect(&server);
    for (query, parameters, row) in [
        ("select sum(n)::text from generate_series(1, $1) n", &[Some("4")][..], "row 10"),
        (
            "select sum(n)::text from generate_series($1::int, $2::int, $3::int) as s(n)",
            &[Some("1"), Some("9"), Some("4")],
            "row 15",
        ),
        (
            "select count(*)::text from generate_series($1::timestamptz, $2::timestamptz, interval '1 day')",
            &[Some("2026-01-01 00:00:00+00"), Some("2026-01-05 00:00:00+00")],
            "row 5",
        ),
    ] {
        let answer = client.prepared(query, &[], parameters, 0);
        assert!(answer.iter().any(|line| line == row), "{query}: {answer:?}");
    }
}

#[test]
fn the_time_between_two_moments_was_hours_without_days() {
    let server = ServerProcess::start(&PORT);
    let mut client = PgClient::connect(&server);
    for (expression, row) in [
        ("timestamp '2026-03-01 12:00' - timestamp '2026-02-01 13:30'", "row 27 days 22:30:00"),
        ("timestamp '2026-02-01' - timestamp '2026-03-01 01:00'", "row -28 days -01:00:00"),
        ("interval '1 day 02:03:04.5'", "row 1 day 02:03:04.5"),
        ("null::timestamp - timestamp '2026-02-01'", "row NULL"),
    ] {
        let answer = client.ask(&format!("select {expression}"));
        assert!(answer[0].eq_ignore_ascii_case(row), "{expression}: {answer:?}");
    }
    // In binary form: microseconds, days and months.
    let answer =
        client.prepared("select timestamp '2026-02-03 00:00:01' - timestamp '2026-02-01'", &[], &[], 1);
    assert_eq!(answer[1], format!("row {:016x}{:08x}{:08x}", 1_000_000, 2, 0));
}
