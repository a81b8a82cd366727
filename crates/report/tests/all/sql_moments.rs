//! Moments and the time between them in SQL.
use playhead_report::EngineSettings;
use serde_json::json;

use crate::sql::{json_of, reports};

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
