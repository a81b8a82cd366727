//! Operators and conversions that gave another value than in PostgreSQL without a word, and some that were refused: each with
//! the value that PostgreSQL gives. `interop/postgres/expressions.txt` compares more of them with a real one.

use serde_json::json;

use crate::sql_postgres::first_rows;

#[tokio::test]
async fn lengths_of_time_were_compared_by_their_days_alone() {
    first_rows(&[
        (
            "select interval '30 hours' > interval '1 day', interval '1 day' = interval '24 hours', \
             interval '1 month' = interval '30 days', interval '1 month' <> interval '31 days'",
            json!([true, true, true, true]),
        ),
        (
            "select timestamp '2026-11-02 06:00' - timestamp '2026-11-01' > interval '1 day', \
             timestamp '2026-11-02 06:00' - timestamp '2026-11-01' = interval '1 day 06:00'",
            json!([true, true]),
        ),
        ("select null::interval > interval '1 day', (-interval '-3 hours')::text", json!([null, "03:00:00"])),
    ])
    .await;
}

#[tokio::test]
async fn lengths_of_time_could_not_be_multiplied() {
    first_rows(&[
        (
            "select (interval '1 day' * 2)::text, (1.5 * interval '1 month')::text, (interval '1 day' / 3)::text, \
             (interval '1 month 1 day 1 hour' * -0.5)::text, (interval '1 hour' / null::int)::text",
            json!(["2 days", "1 mon 15 days", "08:00:00", "-15 days -12:30:00", null]),
        ),
        (
            "select sum(extract(epoch from n * interval '1 minute')) from generate_series(1, 3) n",
            json!([360.0]),
        ),
    ])
    .await;
}

#[tokio::test]
async fn a_day_and_some_hours_were_a_day() {
    first_rows(&[
        (
            "select (date '2026-11-01' + interval '10 hours')::text, (interval '90 minutes' + date '2026-11-01')::text, \
             (date '2026-11-01' - interval '1 second')::text",
            json!(["2026-11-01 10:00:00", "2026-11-01 01:30:00", "2026-10-31 23:59:59"]),
        ),
        (
            "select max(date '2026-11-01' + n * interval '1 hour')::text from generate_series(1, 3) n",
            json!(["2026-11-01 03:00:00"]),
        ),
        // Files are found by days, which whole days leave as they are.
        ("select date '2026-11-30' + interval '1 month'", json!(["2026-12-30"])),
    ])
    .await;
}

#[tokio::test]
async fn parts_of_moments_were_divided_without_their_rest() {
    first_rows(&[
        (
            "select extract(hour from timestamp '2026-11-01 13:30') / 24, 5 / extract(month from date '2026-02-01'), \
             floor(extract(minute from timestamp '2026-11-01 13:34') / 5)",
            json!([13.0 / 24.0, 2.5, 6.0]),
        ),
        ("select extract(hour from timestamp '2026-11-01 13:30')::int / 24", json!([0])),
    ])
    .await;
}

#[tokio::test]
async fn seconds_since_1970_lost_their_last_digits() {
    first_rows(&[
        (
            "select extract(epoch from timestamp '2024-02-29 13:45:10.25'), to_timestamp(1709214310.25)::text",
            json!([1_709_214_310.25, "2024-02-29 13:45:10.25+00"]),
        ),
        (
            "select to_timestamp(null::double precision), to_timestamp(0)::text, to_timestamp(-0.5)::text",
            json!([null, "1970-01-01 00:00:00+00", "1969-12-31 23:59:59.5+00"]),
        ),
    ])
    .await;
}

#[tokio::test]
async fn values_in_texts_had_another_form() {
    first_rows(&[
        (
            "select 'at ' || timestamp '2026-11-01 10:00', interval '1 day 02:00' || '!', \
             concat('at ', timestamp '2026-11-01 10:00', null, 1.5, true)",
            json!(["at 2026-11-01 10:00:00", "1 day 02:00:00!", "at 2026-11-01 10:00:001.5t"]),
        ),
        (
            "select 'abc'::varchar(2), 'abc'::char(2), cast('ab' as varchar(5)), 'abc'::varchar, 'abc'::char",
            json!(["ab", "ab", "ab", "abc", "a"]),
        ),
        ("select encode('\\xdeadbeef'::bytea, 'hex')", json!(["deadbeef"])),
        ("select 2.5::int, -2.5::int, (-2.5)::bigint, 3.5::int, 2.4::int", json!([3, -3, -3, 4, 2])),
    ])
    .await;
}

#[tokio::test]
async fn lists_lost_one_element_or_had_a_length_of_nothing() {
    first_rows(&[
        (
            "select array_remove(array[1, 2, 1], 1), array_replace(array[1, 2, 1], 1, 3)",
            json!([[2], [3, 2, 3]]),
        ),
        (
            "select array_length(array[]::int[], 1), array_length(array[1, 2], 1) / 2 - 2, cardinality(array[1, 2])",
            json!([null, -1, 2]),
        ),
        ("select array[1, 2] && array[2, 3], array[1] && array[2]", json!([true, false])),
    ])
    .await;
}

#[tokio::test]
async fn operators_before_a_value_were_refused() {
    first_rows(&[
        ("select ~5, @ -5, |/ 25.0, ||/ 27.0", json!([-6, 5, 5.0, 3.0])),
        ("select div(7, 2), div(-7, 2), div(7.5, 2)", json!([3.0, -3.0, 3.0])),
        (
            "select date_trunc('milliseconds', timestamp '2026-05-29 13:45:10.123456')::text, \
             date_trunc('hours', timestamp '2026-05-29 13:45:10')::text",
            json!(["2026-05-29 13:45:10.123", "2026-05-29 13:00:00"]),
        ),
    ])
    .await;
}

#[tokio::test]
async fn a_value_was_not_looked_for_in_a_subquery_outside_of_conditions() {
    let ones = "(select x from (values (1), (2)) v(x))";
    let nulls = "(select x from (values (1), (null)) v(x))";
    let none = "(select x from (values (1)) v(x) where x > 5)";
    let in_them = |value: &str| {
        [ones, nulls, none].map(|query| format!("{value} in {query}, {value} not in {query}")).join(", ")
    };
    first_rows(&[
        (&format!("select {}", in_them("1")), json!([true, false, true, false, false, true])),
        (&format!("select {}", in_them("3")), json!([false, true, null, null, false, true])),
        (&format!("select {}", in_them("null::int")), json!([null, null, null, null, false, true])),
        (
            &format!("select count(*) filter (where n in {ones}) from generate_series(1, 5) n"),
            json!([2]),
        ),
        (
            &format!(
                "select case when n not in {ones} then 'other' end as kind, count(*) from generate_series(1, 5) n \
                 group by 1 order by 2 desc"
            ),
            json!(["other", 3]),
        ),
        (
            &format!("select case n in {ones} when true then 'yes' else 'no' end from generate_series(2, 2) n"),
            json!(["yes"]),
        ),
    ])
    .await;
}
