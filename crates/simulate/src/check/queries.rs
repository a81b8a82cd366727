//! The queries of a check.

use std::collections::BTreeMap;

use jiff::Timestamp;
use playhead_protocol::time::HOUR_MS;
use serde_json::{Value, json};

use crate::books::metric::{METRICS, Metric, Unit};
use crate::check::reports::{NotAReport, Reports};
use crate::expectation::Expectation;

/// Rows of a query at most: there are fewer contents, ads and channels.
const ROWS_MAX: usize = 100_000;
/// Open sessions that are named.
const OPEN_IDS: usize = 10;
/// Rows of a page of sessions.
const PAGE_ROWS: usize = 20_000;

/// The values of a group, in the order of the metrics asked for; durations in ms.
pub(crate) type Found = BTreeMap<String, Vec<i64>>;

/// The body of a query of this run.
fn body(expectation: &Expectation, metrics: &[&str], dimension: Option<&str>) -> Value {
    // A player may have held its start back.
    let from_ms = expectation.header.begin_ms.saturating_sub(HOUR_MS);
    json!({
        "from": Timestamp::from_millisecond(from_ms).map(|from| from.to_string()).ok(),
        "metrics": metrics,
        "dimensions": dimension.into_iter().collect::<Vec<_>>(),
        "filters": [{"dimension": "custom.run", "operator": "=", "value": expectation.header.settings.run}],
        "limit": ROWS_MAX,
    })
}

/// How many sessions of the run are open.
pub(crate) fn count_open<R: Reports>(expectation: &Expectation, reports: &R) -> Result<u64, R::Error> {
    let response = reports.query(&body(expectation, &["open_sessions"], None))?;
    Ok(response["totals"]["open_sessions"].as_u64().unwrap_or_default())
}

/// Metrics of the run in all, or by a dimension: then each group is named by its value.
pub(crate) fn totals<R: Reports>(
    expectation: &Expectation,
    reports: &R,
    metrics: &[Metric],
    dimension: Option<&str>,
) -> Result<Found, R::Error> {
    let names: Vec<&str> = metrics.iter().map(|metric| metric.name).collect();
    let response = reports.query(&body(expectation, &names, dimension))?;
    let rows = response["rows"].as_array().ok_or(NotAReport)?;
    let mut found = Found::new();
    for row in rows {
        let row = row.as_array().ok_or(NotAReport)?;
        let values = row.get(usize::from(dimension.is_some())..).ok_or(NotAReport)?;
        let name = dimension.and_then(|_| row.first()).map(text_of).unwrap_or_default();
        let values = metrics.iter().zip(values).map(|(metric, value)| value_of(value, metric.unit));
        found.insert(name, values.collect());
    }
    Ok(found)
}

/// Ids of open sessions of the run.
pub(crate) fn open_ids<R: Reports>(expectation: &Expectation, reports: &R) -> Result<Vec<String>, R::Error> {
    let run = &expectation.header.settings.run;
    let statement = format!(
        "select session_id from sessions where custom_metadata['run'] = '{run}' and is_open \
         order by session_id limit {OPEN_IDS}"
    );
    let response = reports.sql(&statement)?;
    let rows = response["rows"].as_array().ok_or(NotAReport)?;
    Ok(rows.iter().map(|row| text_of(&row[0])).collect())
}

/// A session as reports show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FoundSession {
    pub(crate) id: String,
    pub(crate) by: [String; 4],
    /// In the order of [`METRICS`].
    pub(crate) values: Vec<i64>,
}

/// The sessions of the run behind an id, in the order of their ids; none behind the last.
pub(crate) fn sessions_after<R: Reports>(
    expectation: &Expectation,
    reports: &R,
    after: &str,
) -> Result<Vec<FoundSession>, R::Error> {
    let run = &expectation.header.settings.run;
    let metrics: Vec<&str> = METRICS.iter().map(|metric| metric.sql).collect();
    let statement = format!(
        "select session_id, channel, player_name, report_suite, content_id, {} from sessions \
         where custom_metadata['run'] = '{run}' and session_id > '{after}' order by session_id limit {PAGE_ROWS}",
        metrics.join(", ")
    );
    let response = reports.sql(&statement)?;
    let rows = response["rows"].as_array().ok_or(NotAReport)?;
    let sessions = rows.iter().map(|row| FoundSession {
        id: text_of(&row[0]),
        by: std::array::from_fn(|place| text_of(&row[place + 1])),
        values: METRICS
            .iter()
            .enumerate()
            .map(|(place, metric)| value_of(&row[place + 5], metric.unit))
            .collect(),
    });
    Ok(sessions.collect())
}

fn text_of(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// A value as it is expected: durations in ms; nothing counts as 0.
fn value_of(value: &Value, unit: Unit) -> i64 {
    let number = match value {
        Value::Bool(holds) => f64::from(u8::from(*holds)),
        other => other.as_f64().unwrap_or_default(),
    };
    match unit {
        Unit::Count => number.round() as i64,
        Unit::Duration => (number * 1_000.0).round() as i64,
    }
}
