//! Moments and the time between them in SQL.
use playhead_report::EngineSettings;
use serde_json::json;

use crate::sql::{json_of, refusal, reports};
use crate::sql_postgres::first_rows;

#[tokio::test]
async fn the_time_between_two_moments_keeps_its_fraction() {
    let reports = reports(EngineSettings::default()).await;
    let moment = |text: &str| format!("arrow_cast('{text}', 'Timestamp(Microsecond, Some(\"UTC\"))')");
    let (first, second) = (moment("2026-01-02T03:04:05.250Z"), moment("2026-03-02T03:06:08.706Z"));
    let parts = ["epoch", "second", "millisecond", "microseconds", "nanosecond"];
    // As a constant, and as a column with a null in it.
    let constant = parts.map(|part| format!("extract({part} from {second} - {first})")).join(", ");
    let response =
        json_of(&reports, &format!("select {constant}, date_part('epoch', {first} - {second})")).await;
    let seconds = 5_097_723.456;
    // 59 days, 2 minutes and 3.456 seconds: the parts below a minute are those of the seconds beyond it.
    let expected = json!([seconds, 3.456, 3_456.0, 3_456_000, 3_456_000_000_i64, -seconds]);
    assert_eq!(response["rows"], json!([expected]));
    let column = parts.map(|part| format!("date_part('{part}', later - sooner)")).join(", ");
    let values = format!("(values ({first}, {second}), (null, {second})) as moments(sooner, later)");
    let response = json_of(&reports, &format!("select {column} from {values}")).await;
    let expected = json!([seconds, 3.456, 3_456.0, 3_456_000, 3_456_000_000_i64]);
    assert_eq!(response["rows"], json!([expected, [null, null, null, null, null]]));

    // Stored moments say the same as spans in whole milliseconds; single moments are as before.
    let query =
        "select count(*), count(*) filter (where abs(extract(epoch from last_event_at - started_at) * 1000 -
        (arrow_cast(last_event_at, 'Int64') - arrow_cast(started_at, 'Int64')) / 1000) < 0.001),
        count(*) filter (where extract(epoch from last_event_at - started_at) % 1 > 0),
        count(*) filter (where extract(year from started_at) = 2026) from sessions";
    let response = json_of(&reports, query).await;
    let row = response["rows"][0].as_array().unwrap();
    assert_eq!((&row[0], &row[0]), (&row[1], &row[3]), "{row:?}");
    assert!(row[2].as_i64() > Some(100), "{row:?}");
}

#[tokio::test]
async fn a_moment_out_of_range_was_written_as_1970() {
    let reports = reports(EngineSettings::default()).await;
    for query in [
        "select to_char(to_timestamp_seconds(99999999999999), 'YYYY')",
        "select to_char(to_timestamp_seconds(value), 'YYYY') from generate_series(99999999999999, 99999999999999)",
    ] {
        let message = refusal(&reports, query).await;
        assert!(message.contains("outside the calendar"), "{query}: {message}");
    }
}

#[tokio::test]
async fn an_hour_that_clocks_show_twice_began_after_its_end() {
    let of = |unit: &str, moment: &str| {
        format!("select date_trunc('{unit}', timestamptz '2026-10-25 {moment}+00', 'Europe/Berlin')")
    };
    let hour = |hour: &str| json!([format!("2026-10-25T{hour}:00.000Z")]);
    first_rows(&[
        (&of("hour", "00:30"), hour("00:00")),
        (&of("hour", "01:30"), hour("01:00")),
        (&of("Minute", "00:30:59"), hour("00:30")),
        (&of("day", "02:30"), json!(["2026-10-24T22:00:00.000Z"])),
        (
            "select date_trunc('hour', timestamptz '2026-11-05 20:20:00+00', 'Asia/Kolkata')",
            json!(["2026-11-05T19:30:00.000Z"]),
        ),
    ])
    .await;
}
