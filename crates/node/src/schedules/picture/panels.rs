//! Panels that are no query: how many at the same time, and quality.

use playhead_picture::limits::LINES;
use playhead_picture::{Body, Chart, Line, Point};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::reporter::client::Client;
use crate::schedules::picture::answer::{ask, thinned};
use crate::schedules::picture::subject::{Drawn, Subject, or_nothing};
use crate::schedules::picture::texts::{NONE, notes_of};
use crate::schedules::run::NotSent;
use crate::tables::queries::{Panel, Report};

/// What `GET /concurrency` says.
#[derive(Debug, Deserialize)]
struct Concurrency {
    scope: Scope,
    count: String,
    first_point: String,
    step_ms: i64,
    values: Vec<u64>,
    series: Vec<ValueCounts>,
    other: Option<Counts>,
    other_values: u64,
}

#[derive(Debug, Deserialize)]
struct Scope {
    excluded_sessions: u64,
}

#[derive(Debug, Deserialize)]
struct Counts {
    values: Vec<u64>,
}

#[derive(Debug, Deserialize)]
struct ValueCounts {
    value: Option<String>,
    name: Option<String>,
    values: Vec<u64>,
}

/// How many were there at the same time: all, and of the values with the most.
pub(super) async fn concurrency(queries: &Client, subject: &Subject<'_>) -> Result<Drawn, NotSent> {
    let mut parameters = subject.parameters.clone();
    if subject.has("by") {
        // As many lines as there are colours, with those of all and of the others.
        let own = parameters.get("limit").and_then(number_of).unwrap_or(LINES as u64);
        parameters.insert("limit".to_owned(), json!(own.min(LINES as u64 - 2)));
    }
    let answer: Concurrency = ask(queries, Report::Panel(Panel::Concurrency), &parameters).await?;
    let first_ms = subject.zone.moment_ms(&answer.first_point).unwrap_or(subject.ends.from_ms);
    let mut group = 1;
    let mut line = |name: String, values: Vec<u64>| {
        let points = values.into_iter().enumerate().map(|(place, value)| Point {
            at_ms: first_ms + place as i64 * answer.step_ms,
            value: Some(value as f64),
            is_partial: false,
        });
        let (points, of) = thinned(points.collect());
        group = of;
        Line { name, points }
    };
    let all = answer.values.iter().any(|value| *value > 0);
    let mut lines = vec![line(format!("all {}", answer.count), answer.values)];
    for ValueCounts { value, name, values } in answer.series {
        lines.push(line(name.or(value).unwrap_or_else(|| NONE.to_owned()), values));
    }
    if let Some(other) = answer.other {
        lines.push(line(format!("all others ({})", answer.other_values), other.values));
    }
    let body = match all {
        true => Body::Charts(vec![subject.chart(String::new(), "count", lines)]),
        false => or_nothing(Body::Charts(Vec::new())),
    };
    let notes = match &body {
        Body::Charts(charts) => notes_of(charts, group),
        _ => Vec::new(),
    };
    Ok(Drawn { body, notes, excluded_sessions: answer.scope.excluded_sessions })
}

/// A whole number, which may stand in a text, as in a query string.
fn number_of(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.parse().ok())
}

/// What `GET /quality` says.
#[derive(Debug, Deserialize)]
struct Quality {
    scope: Scope,
    sessions: u64,
    series: Vec<Map<String, Value>>,
}

/// The charts of quality: title, unit, and lines with their paths in a point of the response.
const QUALITY: [(&str, &str, &[(&str, &[&str])]); 4] = [
    (
        "Time to start",
        "ms",
        &[
            ("time_to_start_ms_p50", &["time_to_start_ms", "p50"]),
            ("time_to_start_ms_p95", &["time_to_start_ms", "p95"]),
        ],
    ),
    ("Waiting", "ratio", &[("rebuffer_ratio", &["rebuffer_ratio"]), ("stall_ratio", &["stall_ratio"])]),
    (
        "Sessions that failed",
        "count",
        &[
            ("error_sessions", &["error_sessions"]),
            ("start_failures", &["start_failures"]),
            ("exits_before_start", &["exits_before_start"]),
        ],
    ),
    ("Score of experience", "points", &[("qoe_score", &["qoe_score"])]),
];

/// Quality over time: starts, waiting, failures, and the score.
pub(super) async fn quality(queries: &Client, subject: &Subject<'_>) -> Result<Drawn, NotSent> {
    let answer: Quality = ask(queries, Report::Panel(Panel::Quality), &subject.parameters).await?;
    let line = |(name, path): &(&str, &[&str])| {
        let points = answer.series.iter().filter_map(|point| {
            let at_ms = subject.zone.moment_ms(point.get("from")?.as_str()?).ok()?;
            let value = path.iter().skip(1).fold(point.get(path[0]), |value, name| value?.get(name));
            let is_partial = point.get("is_partial").and_then(Value::as_bool).unwrap_or(false);
            Some(Point { at_ms, value: value.and_then(Value::as_f64), is_partial })
        });
        Line { name: (*name).to_owned(), points: points.collect() }
    };
    let charts: Vec<Chart> = QUALITY
        .iter()
        .map(|(title, unit, lines)| {
            subject.chart((*title).to_owned(), unit, lines.iter().map(line).collect())
        })
        .collect();
    let notes = notes_of(&charts, 1);
    let body = match answer.sessions {
        0 => or_nothing(Body::Charts(Vec::new())),
        _ => Body::Charts(charts),
    };
    Ok(Drawn { body, notes, excluded_sessions: answer.scope.excluded_sessions })
}
