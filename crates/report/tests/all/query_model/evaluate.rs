//! The evaluation of queries over the JSON of rows.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use jiff::Timestamp;
use jiff::civil::{DateTime, Time, Weekday};
use jiff::tz::TimeZone;
use serde_json::{Map, Value, json};

type Row = Map<String, Value>;

/// Groups by the JSON of their keys, each with the values of the metrics.
pub(crate) type Evaluated = BTreeMap<String, Vec<Value>>;

/// The result of the query: its groups and its totals.
pub(crate) fn evaluate(query: &Value, sessions: &[Value]) -> (Evaluated, Vec<Value>) {
    let metrics: Vec<&str> = names(query, "metrics");
    let dimensions = names(query, "dimensions");
    let fact = fact_of(query);
    let rows: Vec<Row> = rows_of(fact, sessions).into_iter().filter(|row| counts(query, row)).collect();
    let mut groups: BTreeMap<String, Vec<&Row>> = BTreeMap::new();
    for row in &rows {
        let mut keys: Vec<Vec<Value>> = vec![time_label(query, row).into_iter().collect()];
        for dimension in &dimensions {
            let values = values_of(row, dimension);
            let values = if values.is_empty() { vec![Value::Null] } else { values };
            keys = keys
                .into_iter()
                .flat_map(|key| values.iter().map(move |value| [key.clone(), vec![value.clone()]].concat()))
                .collect();
        }
        for key in keys {
            groups.entry(Value::from(key).to_string()).or_default().push(row);
        }
    }
    let all: Vec<&Row> = rows.iter().collect();
    let of = |rows: &[&Row]| metrics.iter().map(|metric| metric_of(metric, fact, rows)).collect();
    (groups.iter().map(|(key, rows)| (key.clone(), of(rows))).collect(), of(&all))
}

fn names<'query>(query: &'query Value, key: &str) -> Vec<&'query str> {
    query[key].as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

/// The rows for a query of the tests: those that have all that it names.
fn fact_of(query: &Value) -> &'static str {
    let text = query.to_string();
    let names = |of: &[&str]| of.iter().any(|name| text.contains(&format!("\"{name}\"")));
    if names(&["advertiser", "ad_id", "pod_position", "end"]) {
        "ads"
    } else if names(&["chapter_name", "chapter_position"]) {
        "chapters"
    } else if names(&["error_id", "error_source"]) {
        "errors"
    } else {
        "sessions"
    }
}

fn rows_of(fact: &str, sessions: &[Value]) -> Vec<Row> {
    let mut rows = Vec::new();
    for session in sessions {
        let session = session.as_object().unwrap();
        if fact == "sessions" {
            rows.push(session.clone());
            continue;
        }
        for view in session[fact].as_array().unwrap() {
            let mut row = session.clone();
            for (name, value) in view.as_object().unwrap() {
                let name = if fact == "errors" && name == "source" { "error_source" } else { name };
                row.insert(name.to_owned(), value.clone());
            }
            rows.push(row);
        }
    }
    rows
}

fn ms(row: &Row) -> i64 {
    row["started_at"].as_str().unwrap().parse::<Timestamp>().unwrap().as_millisecond()
}

fn counts(query: &Value, row: &Row) -> bool {
    let end = |key: &str| Some(query[key].as_str()?.parse::<Timestamp>().unwrap().as_millisecond());
    if end("from").is_some_and(|from| ms(row) < from) || end("to").is_some_and(|to| ms(row) >= to) {
        return false;
    }
    if query["include_open"] == json!(false) && row["is_open"] == json!(true) {
        return false;
    }
    let segment = query["segment"].as_str().unwrap_or("all");
    let is = |name: &str, wanted: &str| values_of(row, name) == [json!(wanted)];
    let is_audio =
        ["song", "podcast", "audiobook", "radio", "aod"].iter().any(|name| is("content_type", name));
    let is_unsaid = row["stream_type"].is_null();
    let is_in_segment = match segment {
        "all" => true,
        "audio" => is("stream_type", "audio") || (is_unsaid && is_audio),
        "video" => is("stream_type", "video") || (is_unsaid && !is_audio),
        other => is("content_type", other),
    };
    is_in_segment && query["filters"].as_array().into_iter().flatten().all(|filter| passes(filter, row))
}

fn passes(filter: &Value, row: &Row) -> bool {
    if let Some(all) = filter["and"].as_array() {
        return all.iter().all(|filter| passes(filter, row));
    }
    if let Some(any) = filter["or"].as_array() {
        return any.iter().any(|filter| passes(filter, row));
    }
    let values = values_of(row, filter["dimension"].as_str().unwrap());
    let listed = filter["values"].as_array().cloned();
    let mut wanted = listed.unwrap_or_else(|| vec![filter["value"].clone()]);
    if filter["dimension"] == "content_type" {
        wanted.iter_mut().for_each(|wanted| *wanted = json!(wanted.as_str().unwrap().to_lowercase()));
    }
    let is_wanted = |value: &Value| wanted.iter().any(|wanted| same(value, wanted));
    let above = |value: &Value| match (value, &wanted[0]) {
        (Value::String(value), Value::String(wanted)) => value.as_bytes().partial_cmp(wanted.as_bytes()),
        (value, wanted) => value.as_f64()?.partial_cmp(&wanted.as_f64()?),
    };
    let compares =
        |test: fn(std::cmp::Ordering) -> bool| values.iter().any(|value| above(value).is_some_and(test));
    match filter["operator"].as_str().unwrap() {
        "=" | "in" => values.iter().any(is_wanted),
        "!=" | "not in" => !values.iter().any(is_wanted),
        "contains" => {
            let part = wanted[0].as_str().unwrap().to_lowercase();
            values.iter().any(|value| value.as_str().unwrap().to_lowercase().contains(&part))
        }
        "exists" => values.is_empty() == (wanted[0] == json!(false)),
        ">" => compares(std::cmp::Ordering::is_gt),
        ">=" => compares(std::cmp::Ordering::is_ge),
        "<" => compares(std::cmp::Ordering::is_lt),
        "<=" => compares(std::cmp::Ordering::is_le),
        other => panic!("{other}"),
    }
}

fn same(value: &Value, wanted: &Value) -> bool {
    match (value.as_f64(), wanted.as_f64()) {
        (Some(value), Some(wanted)) => value == wanted,
        _ => value == wanted,
    }
}

/// The values of a dimension; empty without any.
fn values_of(row: &Row, dimension: &str) -> Vec<Value> {
    let dimension = if dimension == "diagnosis" { "diagnoses" } else { dimension };
    let value = match dimension.strip_prefix("custom.") {
        Some(key) => row["custom_metadata"].get(key).cloned().unwrap_or(Value::Null),
        None => row.get(dimension).cloned().unwrap_or(Value::Null),
    };
    match (value, dimension) {
        (Value::Null, _) => Vec::new(),
        (Value::Array(values), _) => values,
        (Value::String(text), "content_type" | "stream_type") => vec![json!(text.to_lowercase())],
        (value, _) => vec![value],
    }
}

/// The start of the bucket that holds a row, as the clock on the wall shows it.
fn time_label(query: &Value, row: &Row) -> Option<Value> {
    let zone = TimeZone::get(query["time_zone"].as_str().unwrap_or("UTC")).unwrap();
    let moment = Timestamp::from_millisecond(ms(row)).unwrap();
    let local = zone.to_datetime(moment);
    let midnight = |date: jiff::civil::Date| date.to_zoned(zone.clone()).unwrap().timestamp();
    let start = match query["granularity"].as_str().unwrap_or("none") {
        "none" => return None,
        "month" => midnight(local.date().first_of_month()),
        "week" => {
            let back = i64::from(local.weekday().since(Weekday::Monday));
            midnight(local.date().checked_sub(jiff::Span::new().days(back)).unwrap())
        }
        "day" => midnight(local.date()),
        granularity => {
            // On the same side of any clock change, which are at whole hours in these tests.
            let minute = if granularity == "minute" { local.minute() } else { 0 };
            let floor = DateTime::from_parts(local.date(), Time::new(local.hour(), minute, 0, 0).unwrap());
            zone.to_offset(moment).to_timestamp(floor).unwrap()
        }
    };
    let offset = zone.to_offset(start);
    Some(json!(if zone == TimeZone::UTC {
        start.to_string()
    } else {
        start.display_with_offset(offset).to_string()
    }))
}

/// Quotients: the name, the numerator, the terms of the denominator, and the factor.
const RATIOS: &[(&str, &str, &[&str], f64)] = &[
    ("ads_per_stream", "ad_starts", &["media_starts"], 1.0),
    ("average_content_time_spent", "content_time_spent", &["content_starts"], 1.0),
    ("average_ad_time_spent", "ad_time_spent", &["ad_starts"], 1.0),
    ("average_chapter_time_spent", "chapter_time_spent", &["chapter_starts"], 1.0),
    ("media_completion_rate", "content_completes", &["media_starts"], 1.0),
    ("content_completion_rate", "content_completes", &["content_starts"], 1.0),
    ("ad_completion_rate", "ad_completes", &["ad_starts"], 1.0),
    ("drop_before_start_rate", "drops_before_start", &["media_starts"], 1.0),
    ("pause_rate", "total_pause_duration", &["content_time_spent"], 1.0),
    ("time_to_start_rate", "time_to_start_ms", &["content_time_spent"], 0.001),
    ("rebuffer_ratio", "total_buffer_duration", &["total_buffer_duration", "content_time_spent"], 1.0),
    ("error_rate", "error_impacted_streams", &["sessions"], 1.0),
];

const RENAMED: &[(&str, &str)] = &[
    ("media_starts", "media_start"),
    ("content_starts", "content_start"),
    ("content_completes", "content_complete"),
    ("drops_before_start", "drop_before_start"),
    ("ad_starts", "ad_count"),
    ("chapter_starts", "chapter_count"),
];

/// A metric over rows.
fn metric_of(metric: &str, fact: &str, rows: &[&Row]) -> Value {
    if let Some((_, above, below, scale)) = RATIOS.iter().find(|(name, ..)| *name == metric) {
        let number = |name: &str| metric_of(name, fact, rows).as_f64().unwrap();
        let below: f64 = below.iter().map(|name| number(name)).sum();
        return if below == 0.0 { Value::Null } else { json!(number(above) * scale / below) };
    }
    if let Some((column, percent)) =
        metric.split_once("_p").filter(|(_, percent)| percent.parse::<u8>().is_ok())
    {
        return quantile(rows, column, percent.parse::<f64>().unwrap() / 100.0);
    }
    let distinct =
        |of: &dyn Fn(&Row) -> String| json!(rows.iter().map(|row| of(row)).collect::<HashSet<_>>().len());
    let session = |row: &Row| row["session_id"].to_string();
    match (metric, fact) {
        ("sessions", _) | ("error_impacted_streams", "errors") => distinct(&session),
        ("visitors", _) => distinct(&visitor),
        ("ad_starts", "ads") | ("chapter_starts", "chapters") | ("error_events", "errors") => {
            json!(rows.len())
        }
        ("ad_completes", "ads") => json!(rows.iter().filter(|row| row["end"] == "completed").count()),
        ("ad_skips", "ads") => json!(rows.iter().filter(|row| row["end"] == "skipped").count()),
        ("ad_time_spent", "ads") | ("chapter_time_spent", "chapters") => sum(rows, "time_played"),
        ("chapter_time_spent" | "chapter_starts", "sessions") => chapters(metric, rows),
        ("average_bitrate", _) => mean(rows, metric),
        _ => session_metric(metric, rows),
    }
}

fn session_metric(metric: &str, rows: &[&Row]) -> Value {
    if let Some(state) = metric.strip_suffix("_impacted_streams").filter(|_| metric.starts_with("fullScreen"))
    {
        return json!(rows.iter().filter(|row| state_of(row, state, "count") > 0.0).count());
    }
    if let Some(state) = metric.strip_suffix("_time").filter(|name| *name == "fullScreen") {
        return json!(rows.iter().map(|row| state_of(row, state, "time")).sum::<f64>());
    }
    if let Some(of) = metric.strip_suffix("_impacted_streams") {
        let column = match of {
            "bitrate_change" => "bitrate_changes".to_owned(),
            "dropped_frame" => "dropped_frames".to_owned(),
            other => format!("{other}_events"),
        };
        return json!(
            rows.iter().filter(|row| row[&column].as_f64().is_some_and(|count| count > 0.0)).count()
        );
    }
    let column = RENAMED.iter().find(|(name, _)| *name == metric).map_or(metric, |(_, column)| *column);
    sum(rows, column)
}

fn sum(rows: &[&Row], column: &str) -> Value {
    let number = |row: &&Row| match &row[column] {
        Value::Bool(flag) => f64::from(u8::from(*flag)),
        value => value.as_f64().unwrap_or(0.0),
    };
    json!(rows.iter().map(number).sum::<f64>())
}

fn mean(rows: &[&Row], column: &str) -> Value {
    let values: Vec<f64> = rows.iter().filter_map(|row| row[column].as_f64()).collect();
    if values.is_empty() { Value::Null } else { json!(values.iter().sum::<f64>() / values.len() as f64) }
}

fn quantile(rows: &[&Row], column: &str, share: f64) -> Value {
    let mut values: Vec<f64> = rows.iter().filter_map(|row| row[column].as_f64()).collect();
    values.sort_by(f64::total_cmp);
    let Some(last) = values.len().checked_sub(1) else { return Value::Null };
    let place = share * last as f64;
    let (below, above) = (values[place.floor() as usize], values[place.ceil() as usize]);
    json!(below + (above - below) * place.fract())
}

fn state_of(row: &Row, state: &str, part: &str) -> f64 {
    let states = row["states"].as_array().unwrap();
    states.iter().find(|found| found["name"] == state).map_or(0.0, |found| found[part].as_f64().unwrap())
}

/// Metrics of chapters by dimensions of sessions: over the chapters of the rows' sessions.
fn chapters(metric: &str, rows: &[&Row]) -> Value {
    let chapters: Vec<&Row> = rows
        .iter()
        .flat_map(|row| row["chapters"].as_array().unwrap())
        .map(|chapter| chapter.as_object().unwrap())
        .collect();
    if metric == "chapter_starts" { json!(chapters.len()) } else { sum(&chapters, "time_played") }
}

fn visitor(row: &Row) -> String {
    let columns = ["marketing_cloud_user_id", "visitor_id", "app_installation_id", "session_id"];
    let id = |column: &&str| row[*column].as_str().filter(|text| !text.is_empty());
    columns.iter().find_map(|column| Some(format!("{column} {}", id(column)?))).unwrap()
}

/// The groups of a response, in the form of [`evaluate`], and its totals.
pub(crate) fn response_groups(response: &Value) -> (Evaluated, Vec<Value>) {
    let columns = response["columns"].as_array().unwrap();
    let keys = columns.iter().filter(|column| column["kind"] != "metric").count();
    let mut groups = Evaluated::new();
    for row in response["rows"].as_array().unwrap() {
        let (key, values) = row.as_array().unwrap().split_at(keys);
        assert!(
            groups.insert(Value::from(key.to_vec()).to_string(), values.to_vec()).is_none(),
            "a group twice"
        );
    }
    let names = columns[keys..].iter().map(|column| column["name"].as_str().unwrap());
    (groups, names.map(|name| response["totals"][name].clone()).collect())
}

/// Checks that two lists of values are the same except for rounding.
pub(crate) fn assert_close(found: &[Value], expected: &[Value], what: &str) {
    let close = |found: &Value, expected: &Value| match (found.as_f64(), expected.as_f64()) {
        (Some(found), Some(expected)) => (found - expected).abs() <= 1e-3 + expected.abs() * 1e-9,
        _ => found == expected,
    };
    let is_close =
        found.len() == expected.len() && found.iter().zip(expected).all(|(one, other)| close(one, other));
    assert!(is_close, "{what}\n found    {found:?}\n expected {expected:?}");
}

/// Checks a response against the evaluation. It may have rows of buckets without sessions beside those expected.
pub(crate) fn check(query: &Value, response: &Value, sessions: &[Value]) {
    let (groups, totals) = evaluate(query, sessions);
    let (found, found_totals) = response_groups(response);
    let text = query.to_string();
    assert_close(&found_totals, &totals, &format!("totals of {text}"));
    let (names, expected): (BTreeSet<_>, BTreeSet<_>) = (found.keys().collect(), groups.keys().collect());
    let missing: Vec<_> = expected.difference(&names).collect();
    assert!(missing.is_empty(), "{text}\n lacks {missing:?}\n has {names:?}");
    for (key, values) in &found {
        match groups.get(key) {
            Some(expected) => assert_close(values, expected, &format!("{key} of {text}")),
            None => {
                let is_nothing = |value: &Value| value.is_null() || value.as_f64() == Some(0.0);
                let is_series = query["dimensions"].as_array().is_none_or(Vec::is_empty);
                assert!(is_series && values.iter().all(is_nothing), "{key} of {text}: {values:?}");
            }
        }
    }
    assert_eq!(response["row_count_total"], found.len(), "{text}");
    assert_eq!(response["is_complete"], true, "{text}");
}
