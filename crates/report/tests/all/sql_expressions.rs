//! Subqueries, lists, types and patterns that meant something else than in PostgreSQL.

use playhead_report::{EngineSettings, Error, SqlLimits};
use serde_json::json;

use crate::sql::{refusal, reports};
use crate::sql_postgres::first_rows;

#[tokio::test]
async fn a_subquery_failed_for_rows_that_were_not_asked_for() {
    let of = |key: u8| {
        format!(
            "select k, (select e.v from (values (1, 'a'), (2, 'b'), (2, 'c')) e(k, v) where e.k = s.k) \
             from (values (1), (2), (3)) s(k) where s.k = {key}"
        )
    };
    first_rows(&[(&of(1), json!([1, "a"])), (&of(3), json!([3, null]))]).await;
    let reports = reports(EngineSettings::default()).await;
    for query in [of(2).as_str(), "select (select session_id from sessions)"] {
        let message = refusal(&reports, query).await;
        assert!(message.contains("more than one row returned by a subquery"), "{query}: {message}");
    }
}

#[tokio::test]
async fn lists_of_subqueries_were_null_or_out_of_order() {
    first_rows(&[
        ("select array(select 1 from sessions where false)", json!([[]])),
        ("select array(select distinct x from (values (2), (1), (2)) t(x) order by x)", json!([[1, 2]])),
        (
            "select array(select distinct x from (values (2), (1), (3)) t(x) order by x desc)",
            json!([[3, 2, 1]]),
        ),
        ("select array(select upper(x) from (values ('b'), ('a')) t(x) order by 1)", json!([["A", "B"]])),
        ("select array(select x as y from (values (1, 2), (2, 1)) t(x, y) order by y)", json!([[1, 2]])),
        (
            "select array(select upper(x) from (values ('b', 1), ('a', 2)) t(x, n) order by n desc limit 1)",
            json!([["A"]]),
        ),
        (
            "select array(select e.v from (values (1, 'b'), (1, 'a')) e(k, v) where e.k = s.k order by e.v) \
             from (values (1)) s(k)",
            json!([["a", "b"]]),
        ),
    ])
    .await;
}

#[tokio::test]
async fn lists_written_as_text_lost_their_type() {
    first_rows(&[
        ("select 'b' = any('{\"a\", \"b\"}')", json!([true])),
        ("select '{9.5,10.5}'::float8[]", json!([[9.5, 10.5]])),
        ("select arrow_typeof('{9.5}'::float8[]) = arrow_typeof(array[9.5::float8])", json!([true])),
        ("select '{true,f}'::bool[]", json!([[true, false]])),
        ("select '{2026-11-05}'::date[]", json!([["2026-11-05"]])),
        ("select arrow_typeof('{1}'::int[]) = arrow_typeof(array[1::int])", json!([true])),
        ("select '{}'::int[]", json!([[]])),
    ])
    .await;
}

#[tokio::test]
async fn names_and_columns_of_a_query_were_lost() {
    first_rows(&[
        ("select a from (select A::text from (values (1)) v(a)) t", json!(["1"])),
        ("select y from upper('a') as t(y)", json!(["A"])),
    ])
    .await;
}

#[tokio::test]
async fn types_with_their_schema_were_others() {
    first_rows(&[
        ("select 2.7::pg_catalog.int4, 2.7::int4", json!([3, 3])),
        ("select 1::pg_catalog.text, '1.5'::pg_catalog.float8", json!(["1", 1.5])),
        (
            "select timestamptz '2026-11-05 20:00+00'::pg_catalog.timestamp, '2026-11-05 20:00'::pg_catalog.timestamptz",
            json!(["2026-11-05T20:00:00.000", "2026-11-05T20:00:00.000Z"]),
        ),
    ])
    .await;
}

#[tokio::test]
async fn classes_with_names_did_not_match() {
    first_rows(&[
        ("select 'a' similar to '[[:alpha:]]', '1' similar to '[[:alpha:]]'", json!([true, false])),
        ("select '_' similar to '[[:alpha:]_]', 'a' similar to '[^[:digit:]]'", json!([true, true])),
        (
            "select ']' similar to '[]x]', 'x' similar to '[]x]', 'y' similar to '[]x]'",
            json!([true, true, false]),
        ),
        ("select ']' similar to '[^]x]', 'y' similar to '[^]x]'", json!([false, true])),
        ("select v similar to p from (values ('a', '[[:alpha:]]')) t(v, p)", json!([true])),
    ])
    .await;
}

#[tokio::test]
async fn a_short_pattern_of_format_made_any_amount_of_text() {
    let settings = EngineSettings { query_memory_bytes: 16_000_000, ..EngineSettings::default() };
    let reports = reports(settings).await;
    for query in [
        "select length(format(repeat('%1$10000s', 1000), 'x'))",
        "select length(format(repeat('%1$1000s', 1000), value)) from generate_series(1, 100)",
        "select length(json_build_object('a', repeat('x', 10000), 'b', value)) from generate_series(1, 8000)",
    ] {
        let all = async { reports.sql(query, SqlLimits::default()).await?.collect().await };
        let outcome = all.await.map(|made| made.len());
        assert!(matches!(outcome, Err(Error::TooMuchMemory { .. })), "{query}: {outcome:?}");
    }
    for (query, said) in [
        ("select format('%18446744073709551615$s', 'x')", "too few arguments"),
        ("select format('%18446744073709551616$s', 'x')", "out of range"),
    ] {
        let message = refusal(&reports, query).await;
        assert!(message.contains(said), "{query}: {message}");
    }
    first_rows(&[("select format('%2$s %1$-3s|%s', 'a', 'b')", json!(["b a  |b"]))]).await;
}
