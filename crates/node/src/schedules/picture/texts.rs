//! What pictures say in words, and how they write numbers and times.

use playhead_picture::Chart;
use playhead_report::Zone;
use serde_json::Value;

use crate::kept::schedule::ScheduledKind;
use crate::schedules::picture::subject::Subject;

/// In place of a value that sessions do not have.
pub(super) const NONE: &str = "(none)";

/// A moment to the minute, with how far its clocks are ahead: the same hour may come twice.
pub(super) fn moment_text(zone: &Zone, at_ms: i64) -> String {
    let written = zone.written(at_ms);
    let (Some(date), Some(time)) = (written.get(..10), written.get(11..16)) else { return written };
    let offset = match written.rfind(['+', '-']).filter(|place| *place > 10) {
        Some(place) => &written[place..],
        None => "Z",
    };
    format!("{date} {time}{offset}")
}

/// The range and its zone.
pub(super) fn range_text(subject: &Subject<'_>) -> String {
    let moment = |at_ms| moment_text(subject.zone, at_ms);
    format!("{} to {} · {}", moment(subject.ends.from_ms), moment(subject.ends.to_ms), subject.zone)
}

/// What is shown, of which sessions.
pub(super) fn about(subject: &Subject<'_>) -> String {
    let text = |name: &str| subject.parameters.get(name).map(value_text);
    let mut parts = vec![match subject.schedule.report.kind {
        ScheduledKind::Query | ScheduledKind::Series | ScheduledKind::Breakdown => {
            let (metrics, dimensions) = (subject.names("metrics"), subject.names("dimensions"));
            match dimensions.is_empty() {
                true => metrics.join(", "),
                false => format!("{} by {}", metrics.join(", "), dimensions.join(", ")),
            }
        }
        ScheduledKind::Concurrency => {
            let counted = text("count").unwrap_or_else(|| "sessions".to_owned());
            let doing = text("state").unwrap_or_else(|| "active".to_owned());
            let by = text("by").map_or_else(String::new, |by| format!(" by {by}"));
            format!("{doing} {counted} at the same time{by}")
        }
        ScheduledKind::Quality => "quality of experience".to_owned(),
    }];
    if let Some(granularity) = text("granularity").filter(|granularity| granularity != "none") {
        parts.push(format!("each {granularity}"));
    }
    parts.extend(
        text("segment").filter(|segment| segment != "all").map(|segment| format!("segment {segment}")),
    );
    let is_closed = matches!(text("include_open").as_deref(), Some("false"));
    parts.extend(is_closed.then(|| "without open sessions".to_owned()));
    let filters = match subject.parameters.get("filters") {
        Some(Value::String(text)) => serde_json::from_str(text).unwrap_or_default(),
        Some(filters) => filters.clone(),
        None => Value::Null,
    };
    parts.extend(filters.as_array().into_iter().flatten().map(filter_text));
    parts.join(" · ")
}

/// A filter in words; what nests stays as it is written.
fn filter_text(filter: &Value) -> String {
    let (Some(dimension), Some(operator)) = (filter["dimension"].as_str(), filter["operator"].as_str())
    else {
        return filter.to_string();
    };
    match (&filter["values"], &filter["value"]) {
        (Value::Array(values), _) => {
            let values: Vec<String> = values.iter().map(value_text).collect();
            format!("{dimension} {operator} {}", values.join(", "))
        }
        (_, Value::Bool(false)) if operator == "exists" => format!("{dimension} does not exist"),
        (_, _) if operator == "exists" => format!("{dimension} exists"),
        (_, value) => format!("{dimension} {operator} {}", value_text(value)),
    }
}

/// What has to be said of charts: dashes, and points that stand for several.
pub(super) fn notes_of(charts: &[Chart], group: usize) -> Vec<String> {
    let mut points = charts.iter().flat_map(|chart| &chart.lines).flat_map(|line| &line.points);
    let mut notes = Vec::new();
    if points.any(|point| point.is_partial) {
        notes.push("A dashed line leads to or from a time that is counted in part.".to_owned());
    }
    if group > 1 {
        notes.push(format!("Each point is the highest of {group}; a CSV file has all."));
    }
    notes
}

/// A value of a dimension.
pub(super) fn value_text(value: &Value) -> String {
    match value {
        Value::Null => NONE.to_owned(),
        Value::String(text) if text.is_empty() => "(empty)".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// How numbers of a unit are written.
pub(super) fn written(unit: &str) -> fn(f64) -> String {
    match unit {
        "seconds" => duration,
        "ratio" => |value| format!("{} %", number(value * 100.0, 2)),
        "ms" => |value| format!("{} ms", number(value, 0)),
        _ => |value| number(value, 3),
    }
}

/// Hours, minutes and seconds; of less than a minute, seconds with decimals.
fn duration(seconds: f64) -> String {
    if seconds.abs() < 60.0 {
        return format!("{} s", number(seconds, 1));
    }
    let sign = if seconds < 0.0 { "-" } else { "" };
    let whole = seconds.abs().round() as u64;
    format!("{sign}{}:{:02}:{:02}", grouped(&(whole / 3_600).to_string()), whole / 60 % 60, whole % 60)
}

/// A number with at most so many decimals and marks between thousands.
fn number(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$}");
    let text = match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.'),
        false => &text,
    };
    let (sign, digits) = text.strip_prefix('-').map_or(("", text), |digits| ("-", digits));
    let (whole, rest) = digits.split_once('.').map_or((digits, None), |(whole, rest)| (whole, Some(rest)));
    let rest = rest.map_or_else(String::new, |rest| format!(".{rest}"));
    format!("{sign}{}{rest}", grouped(whole))
}

fn grouped(digits: &str) -> String {
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_were_written_as_the_computer_has_them() {
        for (unit, value, expected) in [
            ("count", 1_234_567.0, "1,234,567"),
            ("count", 0.0, "0"),
            ("count", -1_000.5, "-1,000.5"),
            ("seconds", 4_000_000.0, "1,111:06:40"),
            ("seconds", 2.5, "2.5 s"),
            ("ratio", 0.123_456, "12.35 %"),
            ("ms", 1_800.4, "1,800 ms"),
            ("points", 99.95, "99.95"),
        ] {
            assert_eq!(written(unit)(value), expected);
        }
    }
}
