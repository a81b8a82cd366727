//! Rows as context data, under the names of Adobe's reports, for comparisons with an earlier data feed.

use std::fmt::Write;

use playhead_lake::Table;
use playhead_protocol::PARAMS;
use serde_json::{Map, Value};

/// How a column becomes context data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// As it is.
    Value,
    /// `1` if it is true, otherwise absent.
    Flag,
    /// A count or a duration in whole seconds; absent if it is 0.
    Number,
    /// `1` if it is above 0, otherwise absent.
    Impacted,
    /// Texts joined by commas; absent if there are none.
    Texts,
}

/// The source of a name of context data that is not a parameter's.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FeedName {
    /// The table.
    pub table: Table,
    /// The column.
    pub column: &'static str,
    /// The name.
    pub name: &'static str,
    /// The conversion from the column.
    pub form: Form,
}

const fn of(table: Table, column: &'static str, name: &'static str, form: Form) -> FeedName {
    FeedName { table, column, name, form }
}

/// The metrics, beside the parameters of the parameter table.
#[rustfmt::skip]
pub(crate) const FEED_NAMES: &[FeedName] = &[
    of(Table::Sessions, "session_id", "a.media.vsid", Form::Value),
    of(Table::Sessions, "media_start", "a.media.view", Form::Flag),
    of(Table::Sessions, "content_start", "a.media.play", Form::Flag),
    of(Table::Sessions, "content_complete", "a.media.complete", Form::Flag),
    of(Table::Sessions, "content_resume", "a.media.resume", Form::Flag),
    of(Table::Sessions, "content_time_spent", "a.media.timePlayed", Form::Number),
    of(Table::Sessions, "media_time_spent", "a.media.totalTimePlayed", Form::Number),
    of(Table::Sessions, "unique_time_played", "a.media.uniqueTimePlayed", Form::Number),
    of(Table::Sessions, "average_minute_audience", "a.media.averageMinuteAudience", Form::Value),
    of(Table::Sessions, "content_segment", "a.media.segment", Form::Value),
    of(Table::Sessions, "estimated_streams", "a.media.estimatedStreams", Form::Number),
    of(Table::Sessions, "progress_10", "a.media.progress10", Form::Flag),
    of(Table::Sessions, "progress_25", "a.media.progress25", Form::Flag),
    of(Table::Sessions, "progress_50", "a.media.progress50", Form::Flag),
    of(Table::Sessions, "progress_75", "a.media.progress75", Form::Flag),
    of(Table::Sessions, "progress_95", "a.media.progress95", Form::Flag),
    of(Table::Sessions, "pause_events", "a.media.pause", Form::Impacted),
    of(Table::Sessions, "pause_events", "a.media.pauseCount", Form::Number),
    of(Table::Sessions, "total_pause_duration", "a.media.pauseTime", Form::Number),
    of(Table::Sessions, "drop_before_start", "a.media.qoe.dropBeforeStart", Form::Flag),
    of(Table::Sessions, "buffer_events", "a.media.qoe.buffer", Form::Impacted),
    of(Table::Sessions, "buffer_events", "a.media.qoe.bufferCount", Form::Number),
    of(Table::Sessions, "total_buffer_duration", "a.media.qoe.bufferTime", Form::Number),
    of(Table::Sessions, "stall_events", "a.media.qoe.stall", Form::Impacted),
    of(Table::Sessions, "stall_events", "a.media.qoe.stallCount", Form::Number),
    of(Table::Sessions, "total_stall_duration", "a.media.qoe.stallTime", Form::Number),
    of(Table::Sessions, "bitrate_changes", "a.media.qoe.bitrateChange", Form::Impacted),
    of(Table::Sessions, "bitrate_changes", "a.media.qoe.bitrateChangeCount", Form::Number),
    of(Table::Sessions, "average_bitrate", "a.media.qoe.bitrateAverage", Form::Value),
    of(Table::Sessions, "average_bitrate_bucket", "a.media.qoe.bitrateAverageBucket", Form::Value),
    of(Table::Sessions, "error_events", "a.media.qoe.error", Form::Impacted),
    of(Table::Sessions, "error_events", "a.media.qoe.errorCount", Form::Number),
    of(Table::Sessions, "player_errors", "a.media.qoe.playerSdkErrors", Form::Texts),
    of(Table::Sessions, "external_errors", "a.media.qoe.externalErrors", Form::Texts),
    of(Table::Sessions, "dropped_frames", "a.media.qoe.droppedFrames", Form::Impacted),
    of(Table::Sessions, "dropped_frames", "a.media.qoe.droppedFrameCount", Form::Value),
    of(Table::Sessions, "time_to_start_ms", "a.media.qoe.timeToStart", Form::Value),
    of(Table::Ads, "session_id", "a.media.vsid", Form::Value),
    of(Table::Ads, "ad_number", "a.media.ad.view", Form::Impacted),
    of(Table::Ads, "time_played", "a.media.ad.timePlayed", Form::Number),
    of(Table::Chapters, "session_id", "a.media.vsid", Form::Value),
    of(Table::Chapters, "chapter_number", "a.media.chapter.view", Form::Impacted),
    of(Table::Chapters, "time_played", "a.media.chapter.timePlayed", Form::Number),
];

/// A row as context data, with only the names that have a value. Custom metadata keeps its own names.
pub fn context_data(table: Table, row: &Map<String, Value>) -> Map<String, Value> {
    let mut data = Map::new();
    let mut put = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            data.insert(name.to_owned(), value);
        }
    };
    for (column, name) in param_names() {
        put(name, row.get(column).and_then(|value| formed(value, Form::Value)));
    }
    for name in FEED_NAMES.iter().filter(|name| name.table == table) {
        let is_view = name.name.ends_with(".view") && table != Table::Sessions;
        // Rows in responses do not have a column for the place of a view: each row is a view.
        let value = if is_view { Some(Value::from(1)) } else { row.get(name.column).cloned() };
        put(name.name, value.and_then(|value| formed(&value, name.form)));
    }
    let complete = match table {
        Table::Ads => Some("a.media.ad.complete"),
        Table::Chapters => Some("a.media.chapter.complete"),
        _ => None,
    };
    if let Some(name) = complete {
        put(name, (row.get("end").and_then(Value::as_str) == Some("completed")).then(|| 1.into()));
    }
    if let Some(states) = row.get("states").and_then(Value::as_array) {
        for state in states {
            let Some(name) = state["name"].as_str() else { continue };
            put(&format!("a.media.states.{name}.set"), Some(1.into()));
            put(&format!("a.media.states.{name}.count"), formed(&state["count"], Form::Number));
            put(&format!("a.media.states.{name}.time"), formed(&state["time"], Form::Number));
        }
    }
    if let Some(metadata) = row.get("custom_metadata").and_then(Value::as_object) {
        metadata.iter().for_each(|(name, value)| put(name, Some(value.clone())));
    }
    data
}

/// The columns of parameters, with their names. The index of a break shares its name with the position of the ad in the
/// break, and the name belongs to the latter.
fn param_names() -> impl Iterator<Item = (&'static str, &'static str)> {
    PARAMS
        .iter()
        .filter_map(|param| Some((param.column?, param.context_data?)))
        .filter(|(column, _)| !matches!(*column, "pod_position" | "content_resume"))
}

fn formed(value: &Value, form: Form) -> Option<Value> {
    let number = || value.as_f64().filter(|number| *number > 0.0);
    match form {
        Form::Value => (!value.is_null()).then(|| value.clone()),
        Form::Flag => (value == &Value::Bool(true)).then(|| 1.into()),
        // The reports for comparison have whole seconds.
        Form::Number => number().map(|number| (number.round() as i64).into()),
        Form::Impacted => number().map(|_| 1.into()),
        Form::Texts => {
            let texts: Vec<&str> = value.as_array()?.iter().filter_map(Value::as_str).collect();
            (!texts.is_empty()).then(|| texts.join(",").into())
        }
    }
}

/// All names, for docs.
pub fn adobe_feed_markdown() -> String {
    let mut text = String::from(
        "# Rows as context data\n\nGenerated from the tables of parameters and names (`make docs`); do not edit.\n\n\
         `--format adobe-feed` writes a JSON object a line for sessions, ads and chapters: the names below that have a \
         value, and custom metadata under its own names. Flags are `1` or absent, durations are whole seconds, counts of 0 \
         are absent. `a.media.states.NAME.set`, `.count` and `.time` tell of each player state; `a.media.ad.complete` and \
         `a.media.chapter.complete` are `1` for views that ended completed.\n\n| name | column |\n|---|---|\n",
    );
    for (column, name) in param_names() {
        // Writing to a string cannot fail.
        let _written = writeln!(text, "| `{name}` | `{column}` |");
    }
    for name in FEED_NAMES {
        let _written = writeln!(text, "| `{}` | `{}.{}` |", name.name, name.table.name(), name.column);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn data(table: Table, row: &Value) -> Value {
        Value::Object(context_data(table, row.as_object().unwrap_or(&Map::new())))
    }

    #[test]
    fn columns_without_a_value_are_left_out() {
        let row = json!({"content_id": "c", "show": null, "media_start": true, "content_start": false,
            "content_time_spent": 44.6, "pause_events": 0, "player_errors": ["a", "b"], "external_errors": [],
            "states": [{"name": "mute", "count": 2, "time": 3.2}], "custom_metadata": {"plan": "free"}});
        assert_eq!(
            data(Table::Sessions, &row),
            json!({"a.media.name": "c", "a.media.view": 1, "a.media.timePlayed": 45,
                "a.media.qoe.playerSdkErrors": "a,b", "a.media.states.mute.set": 1, "a.media.states.mute.count": 2,
                "a.media.states.mute.time": 3, "plan": "free"})
        );
    }

    #[test]
    fn a_row_of_an_ad_is_a_view() {
        let row = json!({"ad_id": "ad", "end": "completed", "time_played": 15.0});
        assert_eq!(
            data(Table::Ads, &row),
            json!({"a.media.ad.name": "ad", "a.media.ad.view": 1, "a.media.ad.timePlayed": 15,
                "a.media.ad.complete": 1})
        );
    }
}
