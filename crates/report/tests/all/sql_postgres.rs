//! SQL that meant something else than in PostgreSQL, each with the answer that PostgreSQL gives.

use playhead_report::{EngineSettings, SqlLimits};
use serde_json::{Value, json};

use crate::sql::{json_of, refusal, reports};

/// Compares the first row of each query.
pub(crate) async fn first_rows(cases: &[(&str, Value)]) {
    compare(cases, |response| response["rows"][0].clone()).await;
}

/// Compares all rows of each query.
async fn all_rows(cases: &[(&str, Value)]) {
    compare(cases, |response| response["rows"].clone()).await;
}

async fn compare(cases: &[(&str, Value)], found: impl Fn(&Value) -> Value) {
    let reports = reports(EngineSettings::default()).await;
    let mut wrong = String::new();
    for (query, expected) in cases {
        let all = async { reports.sql(query, SqlLimits::default()).await?.collect().await };
        match all.await {
            Err(error) => wrong.push_str(&format!("{query}\n  is refused: {error:?}\n")),
            Ok(_) => {
                let found = found(&json_of(&reports, query).await);
                if found != *expected {
                    wrong.push_str(&format!("{query}\n  gives    {found}\n  and not  {expected}\n"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[tokio::test]
async fn to_char_gave_the_pattern_back() {
    let moment = "timestamp '2026-11-05 14:03:09.257'";
    let of = |pattern: &str| format!("to_char({moment}, '{pattern}')");
    let expected = [
        ("YYYY-MM-DD", "2026-11-05"),
        ("YYYY-MM-DD HH24:MI:SS.MS", "2026-11-05 14:03:09.257"),
        ("HH12:MI AM", "02:03 PM"),
        ("HH:MI p.m.", "02:03 p.m."),
        ("Day, DD Month YYYY", "Thursday , 05 November  2026"),
        ("FMDay, FMDDth FMMonth YYYY", "Thursday, 5th November 2026"),
        ("DY dy Dy MON mon Mon", "THU thu Thu NOV nov Nov"),
        ("IYYY-\"W\"IW-ID", "2026-W45-4"),
        ("DDD D Q WW W CC J", "309 5 4 45 1 21 2461350"),
        ("YY Y,YYY", "26 2,026"),
        ("SSSS US FF2", "50589 257000 25"),
        ("yyyy/mm/dd", "2026/11/05"),
        ("at \"YYYY\" \\\"YYYY", "at YYYY \"2026"),
        ("RM", "XI  "),
    ];
    let columns = expected.map(|(pattern, _)| of(pattern)).join(", ");
    let reports = reports(EngineSettings::default()).await;
    let response = json_of(&reports, &format!("select {columns}")).await;
    assert_eq!(response["rows"][0], json!(expected.map(|(_, text)| text)));
    first_rows(&[
        (
            "select to_char(date '2026-03-01', 'DD.MM.YYYY'), to_char(null::timestamp, 'YYYY')",
            json!(["01.03.2026", null]),
        ),
        (
            "select to_char(1234567.891, '9,999,990.00'), to_char(-5, '990'), to_char(12, 'FM0000')",
            json!([" 1,234,567.89", "  -5", "0012"]),
        ),
        ("select to_char(interval '3 days 4 hours 5 minutes', 'DD HH24:MI')", json!(["03 04:05"])),
        ("select to_char(timestamp '2026-11-05 14:03:09', '%Y/%m')", json!(["2026/11"])),
        (
            "select to_char(t, p) from (values (timestamp '2026-11-05', 'YYYY'), (null, 'MM')) v(t, p)",
            json!(["2026"]),
        ),
        (
            "select to_char(timestamptz '2026-11-05 14:03:09+00', 'HH24 TZ OF'), \
             to_char(timestamptz '2026-11-05 14:03:09+00' at time zone 'Asia/Kolkata', 'HH24:MI')",
            json!(["14 UTC +00", "19:33"]),
        ),
    ])
    .await;
}

#[tokio::test]
async fn moments_in_patterns_of_postgresql_were_not_read() {
    first_rows(&[
        (
            "select to_date('05/11/2026', 'DD/MM/YYYY'), to_date('2026Nov5', 'YYYYMonDD'), to_date('20261105', 'YYYYMMDD')",
            json!(["2026-11-05", "2026-11-05", "2026-11-05"]),
        ),
        (
            "select to_timestamp('2026-11-05 02:03:09.5 PM', 'YYYY-MM-DD HH12:MI:SS.MS AM')",
            json!(["2026-11-05T14:03:09.500Z"]),
        ),
        (
            "select to_timestamp('2026-11-05 14:03 +05:30', 'YYYY-MM-DD HH24:MI TZH:TZM')",
            json!(["2026-11-05T08:33:00.000Z"]),
        ),
        ("select to_date('2026-309', 'YYYY-DDD'), to_date('2026-45-4', 'IYYY-IW-ID')", json!(["2026-11-05", "2026-11-05"])),
        ("select to_date('26-1-2', 'YY-MM-DD'), to_date('99-1-2', 'YY-MM-DD')", json!(["2026-01-02", "1999-01-02"])),
        ("select to_timestamp(1793887389.5)", json!(["2026-11-05T14:03:09.500Z"])),
        ("select to_timestamp('2026-11-05 14:03', '%Y-%m-%d %H:%M')", json!(["2026-11-05T14:03:00.000Z"])),
    ])
    .await;
    let reports = reports(EngineSettings::default()).await;
    for (query, said) in [
        ("select to_date('2026-02-30', 'YYYY-MM-DD')", "is no date of the calendar"),
        ("select to_date('x', 'YYYY')", "does not have the form of its pattern"),
        ("select to_date('05', 'DD')", "has no year"),
        ("select to_timestamp('2026-01-01 13', 'YYYY-MM-DD HH12')", "is not on a clock of 12 hours"),
        ("select to_char(1, '9V9')", "to_char writes no V"),
        (&format!("select to_char(now(), '{}')", "MONTH".repeat(300)), "at most 1024 bytes"),
        ("select to_date('2026', repeat('YYYY', 300))", "at most 1024 bytes"),
        (
            "select to_timestamp('2026-01-01 +00:999999999999', 'YYYY-MM-DD TZH:TZM')",
            "has no offset from UTC",
        ),
    ] {
        let message = refusal(&reports, query).await;
        assert!(message.contains(said), "{query}: {message}");
    }
}

#[tokio::test]
async fn a_day_in_another_time_zone_began_in_utc() {
    first_rows(&[
        (
            "select date_trunc('day', timestamptz '2026-11-05 20:00:00+00' at time zone 'Asia/Tokyo')",
            json!(["2026-11-06T00:00:00.000"]),
        ),
        (
            "select date_trunc('day', timestamptz '2026-11-05 20:00:00+00', 'Asia/Tokyo')",
            json!(["2026-11-05T15:00:00.000Z"]),
        ),
        ("select timestamp '2026-11-06 00:00:00' at time zone 'Asia/Tokyo'", json!(["2026-11-05T15:00:00.000Z"])),
        (
            "select extract(hour from timestamptz '2026-11-05 20:00:00+00' at time zone 'asia/tokyo'), \
             (timestamptz '2026-11-05 20:00:00+00' at time zone 'Asia/Tokyo')::date",
            json!([5, "2026-11-06"]),
        ),
        ("select timezone('America/New_York', timestamp '2026-07-01 12:00')", json!(["2026-07-01T16:00:00.000Z"])),
        // Clocks show these times twice, and never.
        ("select timestamp '2026-11-01 01:30' at time zone 'America/New_York'", json!(["2026-11-01T06:30:00.000Z"])),
        ("select timestamp '2026-03-08 02:30' at time zone 'America/New_York'", json!(["2026-03-08T07:30:00.000Z"])),
        (
            "select timestamptz '2026-11-05 20:00:00+00' at time zone interval '-3 hours'",
            json!(["2026-11-05T17:00:00.000"]),
        ),
        (
            "select t at time zone z from (values (timestamp '2026-07-01', 'UTC'), (timestamp '2026-07-01', 'Asia/Tokyo')) v(t, z) order by 1",
            json!(["2026-06-30T15:00:00.000Z"]),
        ),
        ("select timestamp '2026-07-01' at time zone null", json!([null])),
    ])
    .await;
    let reports = reports(EngineSettings::default()).await;
    for (query, said) in [
        ("select now() at time zone 'Asia/Tokio'", "did you mean Asia/Tokyo?"),
        ("select now() at time zone '+09:00'", "counts west of Greenwich"),
        ("select 1 at time zone 'UTC'", "at time zone needs a moment"),
    ] {
        let message = refusal(&reports, query).await;
        assert!(message.contains(said), "{query}: {message}");
    }
    // Every stored moment, by the day of another zone.
    let query = "select count(*) = sum(n) from (select count(*) as n from sessions \
                 group by date_trunc('day', started_at at time zone 'Asia/Tokyo')), \
                 (select count(*) from sessions) as all_of_them group by \"count(*)\"";
    assert!(json_of(&reports, query).await["rows"].is_array());
}

#[tokio::test]
async fn the_same_column_twice_was_refused() {
    let reports = reports(EngineSettings::default()).await;
    for (query, names, row) in [
        ("select 1, 1", json!(null), json!([1, 1])),
        ("select count(*), count(*) from sessions", json!(null), json!([300, 300])),
        ("select null, null", json!(null), json!([null, null])),
        ("select 1 as a, 2 as a, 3 as b", json!(["a", "a", "b"]), json!([1, 2, 3])),
        ("select count(*) as n, Count(*) as N from sessions", json!(["n", "n"]), json!([300, 300])),
        ("select x, x from (values (7)) v(x) order by x", json!(["x", "x"]), json!([7, 7])),
        ("select a.x, b.x from (values (1)) a(x), (values (2)) b(x)", json!(["x", "x"]), json!([1, 2])),
        (
            "select * from (select a.x, b.x from (values (1)) a(x), (values (2)) b(x)) t",
            json!(["x", "x"]),
            json!([1, 2]),
        ),
        ("select *, x from (values (1, 2)) v(x, y)", json!(["x", "y", "x"]), json!([1, 2, 1])),
        ("with t as (select 1, 1) select * from t", json!(null), json!([1, 1])),
        ("select 1, 1 union all select 2, 3 order by 1 limit 1", json!(null), json!([1, 1])),
        ("select x, x::text, x::int from (values (1)) v(x)", json!(["x", "x", "x"]), json!([1, "1", 1])),
        ("select count(*) from (select 1, 1 from sessions) t", json!(null), json!([300])),
    ] {
        let response = json_of(&reports, query).await;
        assert_eq!(response["rows"][0], row, "{query}");
        if let Value::Array(names) = names {
            let found: Vec<&Value> =
                response["columns"].as_array().unwrap().iter().map(|column| &column["name"]).collect();
            assert_eq!(found, names.iter().collect::<Vec<_>>(), "{query}");
        }
    }
    let response = json_of(&reports, "select *, started_at::date as day from sessions limit 1").await;
    let names =
        response["columns"].as_array().unwrap().iter().filter(|column| column["name"] == "day").count();
    assert_eq!(names, 2);
}

#[tokio::test]
async fn numbers_were_cut_off_where_postgresql_rounds() {
    first_rows(&[
        (
            "select 2.7::int, 2.5::int, 3.5::bigint, (-2.7)::int, cast(1.5 as smallint)",
            json!([3, 3, 4, -3, 2]),
        ),
        ("select x::int from (values (0.6), (1.2)) v(x) order by 1", json!([1])),
        ("select 7 / 2, -7 / 2, 7 % 3, -7 % 3, mod(7, 3), 2 ^ 3", json!([3, -3, 1, -1, 1, 8.0])),
        (
            "select round(2.345, 2), round(-2.5), trunc(2.789, 1), ceiling(1.2), sign(-3)",
            json!([2.35, -3.0, 2.7, 2.0, -1.0]),
        ),
        ("select '12'::int, true::int, sum(cast(is_open as int)) >= 0 from sessions", json!([12, 1, true])),
    ])
    .await;
}

#[tokio::test]
async fn lengths_of_time_were_counted_and_written_otherwise() {
    first_rows(&[
        ("select interval '7 days', interval '1 year 2 months 3 days 04:05:06.7'", json!(["7 days", "1 year 2 mons 3 days 04:05:06.7"])),
        (
            "select timestamp '2026-03-02 03:06:08.706' - timestamp '2026-01-02 03:04:05.250', \
             timestamp '2026-01-01' - timestamp '2026-01-02 01:00'",
            json!(["59 days 00:02:03.456", "-1 days -01:00:00"]),
        ),
        ("select age(timestamp '2026-11-05 12:00', timestamp '2025-09-10 18:30')", json!(["1 year 1 mon 24 days 17:30:00"])),
        ("select age(timestamp '2025-09-10', timestamp '2026-11-05')", json!(["-1 years -1 mons -25 days"])),
        ("select make_interval(1, 2, 3, 4, 5, 6, 7.5)", json!(["1 year 2 mons 25 days 05:06:07.5"])),
        ("select date '2026-11-05' - date '2026-10-05', date '2026-11-05' + 7", json!([31, "2026-11-12"])),
        (
            "select extract(day from interval '3 days 5 hours'), extract(hour from interval '3 days 5 hours'), \
             date_part('minute', interval '90 minutes'), extract(epoch from interval '1 day 2 seconds')",
            json!([3, 5, 30, 86402.0]),
        ),
        (
            "select extract(second from timestamp '2026-11-05 14:03:09.257'), extract(dow from date '2026-11-08'), \
             extract(isodow from date '2026-11-08'), extract(doy from date '2026-11-05'), \
             extract(week from date '2026-11-05'), extract(century from date '2026-11-05'), \
             extract(milliseconds from timestamp '2026-11-05 14:03:09.257')",
            json!([9.257, 0, 7, 309, 45, 21, 9257.0]),
        ),
        ("select now() - interval '7 days' < now(), now()::date = current_date, localtimestamp = now()::timestamp", json!([true, true, true])),
    ])
    .await;
}

#[tokio::test]
async fn texts_were_matched_and_written_otherwise() {
    first_rows(&[
        ("select 'abc' similar to 'a%', 'abc' similar to 'b', 'abc' not similar to '(a|b)bc', 'a+b' similar to 'a\\+b'", json!([true, false, false, true])),
        ("select x similar to p from (values ('abc', 'a_c')) v(x, p)", json!([true])),
        ("select substring('foobar' from 'o.b'), substring('foobar' from 'o(.)b'), substring('foobar', 'x')", json!(["oob", "o", null])),
        ("select substring('foobar' from 2 for 3), substr('foobar', 4), substring('foobar' from '%#\"o_b#\"%' for '#')", json!(["oob", "bar", "oob"])),
        ("select left('abcde', -2), right('abcde', -2), split_part('a,b,c', ',', 2), split_part('a,b,c', ',', -1)", json!(["abc", "cde", "b", "c"])),
        ("select 'a' || null, concat('a', null, 'b'), 'ABC' ilike 'a%', 'abc' ~ '^A', 'abc' ~* '^A', 'abc' !~ 'z'", json!([null, "ab", true, false, true, true])),
        ("select (timestamp '2026-11-05 14:03:09.50')::text, (timestamptz '2026-11-05 14:03:09+00')::text, true::text, (date '2026-11-05')::text", json!(["2026-11-05 14:03:09.5", "2026-11-05 14:03:09+00", "true", "2026-11-05"])),
        ("select (interval '90 minutes')::text, 5::text, 'x'::varchar", json!(["01:30:00", "5", "x"])),
        ("select 'b' collate \"C\" > 'a', 'a' operator(pg_catalog.~) 'a', pg_catalog.lower('A')", json!([true, true, "a"])),
        ("select 2 = any('{1,2}'::int[]), 'b' = any('{a,b}'), array(select 1)", json!([true, true, [1]])),
        ("select string_agg(distinct x, ',' order by x), count(*) filter (where x = 'a') from (values ('b'), ('a'), ('a')) v(x)", json!(["a,b", 2])),
        ("select percentile_cont(0.5) within group (order by x) from (values (1.0), (2.0), (4.0)) v(x)", json!([2.0])),
    ])
    .await;
    all_rows(&[
        ("select generate_series(1, 3)", json!([[1], [2], [3]])),
        ("select generate_series(1, 2) as n, 'x'", json!([[1, "x"], [2, "x"]])),
        ("select x from (values (2), (null), (1)) v(x) order by x", json!([[1], [2], [null]])),
        ("select x from (values (2), (null), (1)) v(x) order by x desc", json!([[null], [2], [1]])),
        ("select * from generate_series(timestamp '2026-01-01', timestamp '2026-01-02', interval '12 hours')", json!([["2026-01-01T00:00:00.000"], ["2026-01-01T12:00:00.000"], ["2026-01-02T00:00:00.000"]])),
        ("select SELECTED from (values (1)) v(Selected)", json!([[1]])),
        ("select n + 1 from generate_series(1, 2) n order by n", json!([[2], [3]])),
        ("select a.value from generate_series(1, 2) a order by a.value desc", json!([[2], [1]])),
        ("select x from unnest(array['b', 'a']) x order by x", json!([["a"], ["b"]])),
        ("select i, s[i] from generate_series(1, 2) as i, string_to_array('a,b', ',') s order by i", json!([[1, "a"], [2, "b"]])),
        ("select array(select x from (values (2), (1)) v(x) order by 1)", json!([[[1, 2]]])),
    ])
    .await;
}

#[tokio::test]
async fn a_subquery_for_each_row_was_refused_or_took_any_row() {
    let reports = reports(EngineSettings::default()).await;
    let query = "select x, (select y from (values (1, 'a'), (2, 'b')) w(k, y) where w.k = v.x) from (values (1), (2), (3)) v(x) order by x";
    assert_eq!(json_of(&reports, query).await["rows"], json!([[1, "a"], [2, "b"], [3, null]]));
    let query = "select x, (select y from (values (1, 'a'), (1, 'b')) w(k, y) where w.k = v.x) from (values (1)) v(x)";
    let message = refusal(&reports, query).await;
    assert!(message.contains("more than one row returned by a subquery"), "{message}");
    let query = "select count(*) from sessions s where exists (select 1 from ads a where a.session_id = s.session_id)";
    let joined = "select count(distinct session_id) from ads";
    assert_eq!(json_of(&reports, query).await["rows"], json_of(&reports, joined).await["rows"]);
}
