//! SQL and the report API know the same time zones.

use jiff::tz::TimeZoneDatabase;
use playhead_report::panels::time_spent::TimeSpentRequest;
use playhead_report::{EngineSettings, NothingUnstored, Reports, Zone};
use serde_json::Value;

use crate::panels::scene::pairs;
use crate::sql::json_of;
use crate::street::empty_lake;

/// The times that SQL writes of these moments in a zone.
async fn written_by_sql(reports: &Reports, zone: &str, seconds: &[i64]) -> Vec<String> {
    let list: Vec<String> = seconds.iter().map(ToString::to_string).collect();
    let query = format!(
        "select arrow_cast(arrow_cast(arrow_cast(second, 'Timestamp(Second, Some(\"UTC\"))'), \
         'Timestamp(Second, Some(\"{zone}\"))'), 'Utf8') from (select unnest([{}]) as second)",
        list.join(", ")
    );
    let response = json_of(reports, &query).await;
    let rows = response["rows"].as_array().unwrap().iter();
    rows.map(|row| row[0].as_str().unwrap().replace('Z', "+00:00")).collect()
}

#[tokio::test]
async fn sql_and_reports_had_two_databases_of_time_zones() {
    let reports = Reports::new(empty_lake(), NothingUnstored, EngineSettings::default()).unwrap();
    let database = TimeZoneDatabase::bundled();
    let names: Vec<String> = database.available().map(|name| name.to_string()).collect();
    assert!(names.len() > 500, "{}", names.len());
    // Nights in which clocks are changed, and a day that no rule is made for yet.
    let ranges = [
        ("2026-10-31T22:00:00Z", "2026-11-01T10:00:00Z"),
        ("2026-03-28T22:00:00Z", "2026-03-29T06:00:00Z"),
        ("2040-07-01T00:00:00Z", "2040-07-01T01:00:00Z"),
    ];
    for name in &names {
        let mut starts = Vec::new();
        for (from, to) in ranges {
            let query = pairs(&[("from", from), ("to", to), ("bucket", "60"), ("time_zone", name)]);
            let request = TimeSpentRequest::parse(&query, 0).unwrap();
            starts.extend(reports.time_spent(&request).await.unwrap().starts);
        }
        let starts: Vec<String> = starts.iter().map(|start| start.replace('Z', "+00:00")).collect();
        let seconds: Vec<i64> =
            starts.iter().map(|start| start.parse::<jiff::Timestamp>().unwrap().as_second()).collect();
        assert_eq!(written_by_sql(&reports, name, &seconds).await, starts, "{name}");
    }
}

#[tokio::test]
async fn a_zone_is_known_whatever_its_case() {
    let reports = Reports::new(empty_lake(), NothingUnstored, EngineSettings::default()).unwrap();
    let query = "select extract(hour from arrow_cast('2026-07-01T12:00:00Z', \
                 'Timestamp(Second, Some(\"UTC\"))') at time zone 'europe/berlin')";
    assert_eq!(json_of(&reports, query).await["rows"][0][0], 14);
}

#[test]
fn the_catalogue_says_which_release_of_the_time_zones_is_used() {
    let catalogue: Value = playhead_report::catalogue(&Zone::UTC);
    let release = catalogue["time_zone_database"].as_str().unwrap();
    assert!(release.starts_with("20") && release.len() == 5, "{release}");
}
