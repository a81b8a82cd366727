//! Metrics over time as lines.

use std::collections::HashMap;

use playhead_picture::limits::LINES;
use playhead_picture::{Body, Chart, Line, Point};
use playhead_report::limits::FILTER_TEXT_BYTES;
use playhead_report::names::dimension::Dimension;
use playhead_report::names::metric::Metric;
use serde_json::{Value, json};

use crate::limits::PICTURE_BUCKETS;
use crate::reporter::client::Client;
use crate::schedules::picture::answer::{Answer, ask, thinned};
use crate::schedules::picture::subject::{Drawn, Subject, or_nothing};
use crate::schedules::picture::texts::{notes_of, value_text, written};
use crate::schedules::picture::ticks::ticks;
use crate::schedules::run::NotSent;
use crate::tables::queries::Report;

/// Values that have a line of their own: with that of the others, as many as there are colours.
const VALUES: usize = LINES - 1;

impl Subject<'_> {
    /// A chart over the range.
    pub(super) fn chart(&self, title: String, unit: &str, lines: Vec<Line>) -> Chart {
        let values = || lines.iter().flat_map(|line| &line.points).filter_map(|point| point.value);
        let is_whole = unit != "ratio" && values().all(|value| value.fract() == 0.0);
        Chart {
            title,
            range_ms: (self.ends.from_ms, self.ends.to_ms),
            ticks: ticks(self.ends, self.zone),
            written: written(unit),
            is_clock: unit == "seconds",
            is_whole,
            lines,
        }
    }

    fn at_ms(&self, row: &[Value]) -> Option<i64> {
        self.zone.moment_ms(row.first()?.as_str()?).ok()
    }
}

/// A chart for each metric.
pub(super) async fn charts_of_metrics(queries: &Client, subject: &Subject<'_>) -> Result<Drawn, NotSent> {
    let mut body = subject.parameters.clone();
    body.insert("limit".to_owned(), json!(PICTURE_BUCKETS));
    let answer: Answer = ask(queries, Report::Query, &body).await?;
    let metrics = subject.names("metrics");
    let mut group = 1;
    let charts = metrics.iter().map(|metric| {
        let place = answer.place(metric);
        let points = answer.rows.iter().enumerate().filter_map(|(number, row)| {
            let value = row.get(place?).and_then(Value::as_f64);
            Some(Point { at_ms: subject.at_ms(row)?, value, is_partial: answer.is_partial(number) })
        });
        let (points, of) = thinned(points.collect());
        group = of;
        let title = if metrics.len() > 1 { (*metric).to_owned() } else { String::new() };
        subject.chart(title, answer.unit(metric), vec![Line { name: (*metric).to_owned(), points }])
    });
    let charts: Vec<Chart> = charts.collect();
    let notes = notes_of(&charts, group);
    Ok(Drawn { body: or_nothing(Body::Charts(charts)), notes, excluded_sessions: answer.excluded_sessions })
}

/// A line for each of the values with the most, and one for all others where these add up.
pub(super) async fn chart_of_values(
    queries: &Client,
    subject: &Subject<'_>,
    metric: &str,
    by: &str,
) -> Result<Drawn, NotSent> {
    let (known, dimension) = (Metric::named(metric).ok(), Dimension::named(by));
    let is_zero = known.as_ref().is_some_and(Metric::is_zero_without_rows);
    // Of a share or a mean, the highest values are those of very few.
    let most = if is_zero { metric } else { "sessions" };
    let has_names = dimension.as_ref().is_some_and(|dimension| dimension.named_by().is_some());
    let first = values_with_most(queries, subject, (most, has_names)).await?;
    let fits = |value: &Value| value.as_str().is_none_or(|text| text.len() <= FILTER_TEXT_BYTES);
    let rows: Vec<&Vec<Value>> = first.rows.iter().filter(|row| row.first().is_some_and(fits)).collect();
    let values: Vec<Value> = rows.iter().filter_map(|row| row.first()).cloned().collect();
    if values.is_empty() {
        let body = or_nothing(Body::Charts(Vec::new()));
        return Ok(Drawn { body, notes: Vec::new(), excluded_sessions: first.excluded_sessions });
    }

    let of_values = series(queries, subject, (vec![by], of_values(by, &values))).await?;
    let left_out = first.row_count_total.saturating_sub(values.len() as u64);
    let is_list = dimension.as_ref().is_some_and(Dimension::is_list);
    let adds_up = known.as_ref().is_some_and(Metric::adds_up) && !is_list;
    let of_others = match left_out > 0 && adds_up {
        true => Some(series(queries, subject, (Vec::new(), of_others(by, &values))).await?),
        false => None,
    };
    let whole = series(queries, subject, (Vec::new(), Value::Null)).await?;
    let buckets = buckets_of(subject, &whole);
    let empty = is_zero.then_some(0.0);
    let line = |name: String, answer: &Answer, is_of_line: &dyn Fn(&[Value]) -> bool| {
        let place = answer.place(metric).unwrap_or_default();
        let known = answer.rows.iter().filter(|row| is_of_line(row));
        let known: HashMap<&str, Option<f64>> =
            known.filter_map(|row| Some((row.first()?.as_str()?, row.get(place)?.as_f64()))).collect();
        let points = buckets.iter().map(|(time, at_ms, is_partial)| {
            let value = known.get(time).copied().unwrap_or(empty);
            Point { at_ms: *at_ms, value, is_partial: *is_partial }
        });
        let (points, group) = thinned(points.collect());
        (Line { name, points }, group)
    };
    let mut lines = Vec::new();
    let mut group = 1;
    for (row, value) in rows.iter().zip(&values) {
        let name = row.get(1).filter(|_| first.columns.get(1).is_some_and(|column| column.kind == "name"));
        let name = name.and_then(Value::as_str).map_or_else(|| value_text(value), str::to_owned);
        let (line, of) = line(name, &of_values, &|row| row.get(1) == Some(value));
        group = of;
        lines.push(line);
    }
    if let Some(others) = &of_others {
        let name = format!("all others ({left_out})");
        lines.push(line(name, others, &|_| true).0);
    }
    let charts = vec![subject.chart(String::new(), whole.unit(metric), lines)];
    let mut notes = notes_of(&charts, group);
    if left_out > 0 && of_others.is_none() {
        notes.push(format!(
            "The {} values of {by} with the most {most}; {left_out} more have no line.",
            values.len()
        ));
    }
    Ok(Drawn { body: or_nothing(Body::Charts(charts)), notes, excluded_sessions: first.excluded_sessions })
}

/// The values with the most, the first ones first, with their names where there are some.
async fn values_with_most(
    queries: &Client,
    subject: &Subject<'_>,
    (most, has_names): (&str, bool),
) -> Result<Answer, NotSent> {
    let mut body = subject.parameters.clone();
    body.remove("granularity");
    body.remove("names");
    body.insert("metrics".to_owned(), json!([most]));
    body.insert("order_by".to_owned(), json!([format!("-{most}")]));
    body.insert("limit".to_owned(), json!(VALUES));
    if has_names {
        body.insert("names".to_owned(), json!(true));
    }
    ask(queries, Report::Query, &body).await
}

/// All buckets of a series, as it writes them, in ms, and whether each is counted in part. A series without a dimension has all of
/// them; with one, those without rows are missing.
fn buckets_of<'answer>(subject: &Subject<'_>, whole: &'answer Answer) -> Vec<(&'answer str, i64, bool)> {
    let bucket = |(number, row): (usize, &'answer Vec<Value>)| {
        Some((row.first()?.as_str()?, subject.at_ms(row)?, whole.is_partial(number)))
    };
    whole.rows.iter().enumerate().filter_map(bucket).collect()
}

/// The metric over time of the rows that pass one more filter.
async fn series(
    queries: &Client,
    subject: &Subject<'_>,
    (dimensions, filter): (Vec<&str>, Value),
) -> Result<Answer, NotSent> {
    let mut body = subject.parameters.clone();
    body.remove("names");
    body.insert("dimensions".to_owned(), json!(dimensions));
    body.insert("limit".to_owned(), json!(PICTURE_BUCKETS));
    if !filter.is_null() {
        let mut filters = body.get("filters").and_then(Value::as_array).cloned().unwrap_or_default();
        filters.push(filter);
        body.insert("filters".to_owned(), Value::Array(filters));
    }
    ask(queries, Report::Query, &body).await
}

/// The rows with one of some values; null are those without one.
fn of_values(by: &str, values: &[Value]) -> Value {
    let known: Vec<&Value> = values.iter().filter(|value| !value.is_null()).collect();
    let mut either = Vec::new();
    if !known.is_empty() {
        either.push(json!({"dimension": by, "operator": "in", "values": known}));
    }
    if known.len() < values.len() {
        either.push(json!({"dimension": by, "operator": "exists", "value": false}));
    }
    json!({ "or": either })
}

/// The rows with none of them.
fn of_others(by: &str, values: &[Value]) -> Value {
    let known: Vec<&Value> = values.iter().filter(|value| !value.is_null()).collect();
    let mut both = Vec::new();
    if !known.is_empty() {
        both.push(json!({"dimension": by, "operator": "not in", "values": known}));
    }
    if known.len() < values.len() {
        both.push(json!({"dimension": by, "operator": "exists", "value": true}));
    }
    json!({ "and": both })
}
