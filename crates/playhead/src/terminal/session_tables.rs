//! Session rows as tables for people.

use playhead_session::Diagnosis;
use serde_json::Value;

use crate::terminal::layout::SHORT_ID_DIGITS;
use crate::terminal::printable::printable;
use crate::terminal::tables::{Heading, Table, Terminal, duration, sentence};

/// How a table on a terminal names the way to see all of it.
pub(crate) const WHOLE: &str = "--format json or a pipe";

/// The least width of texts about a session.
pub(crate) const TEXT_LEAST: usize = 20;

/// The maximum number of spans in the table of one session.
const LISTED_SPANS: usize = 10;

/// Columns of a session's row by subject; all other columns describe the session itself.
const GROUPS: [(&str, &[&str]); 6] = [
    (
        "times",
        &[
            "started_at",
            "last_event_at",
            "received_at",
            "clock_offset_ms",
            "content_time_spent",
            "ad_time_spent",
            "media_time_spent",
            "unique_time_played",
            "total_pause_duration",
            "total_buffer_duration",
            "total_stall_duration",
            "time_to_start_ms",
            "active_spans",
            "playing_spans",
            "playing_until",
            "watched_spans",
            "rewatched_spans",
        ],
    ),
    (
        "counts",
        &[
            "event_count",
            "media_start",
            "content_start",
            "content_resume",
            "content_complete",
            "drop_before_start",
            "pause_events",
            "buffer_events",
            "stall_events",
            "ad_count",
            "ad_completes",
            "ad_skips",
            "chapter_count",
            "chapter_completes",
            "chapter_skips",
            "progress_10",
            "progress_25",
            "progress_50",
            "progress_75",
            "progress_95",
            "content_segment",
            "average_minute_audience",
            "estimated_streams",
        ],
    ),
    (
        "quality",
        &[
            "average_bitrate",
            "average_bitrate_bucket",
            "bitrate_changes",
            "dropped_frames",
            "frames_per_second",
        ],
    ),
    ("errors", &["error_events", "player_errors", "external_errors"]),
    ("states", &["states"]),
    ("diagnoses", &["diagnoses"]),
];

/// Columns of ads, chapters and errors that go where there is no room, the first one first.
const LEAVING: [&str; 9] = [
    "pod_name",
    "chapter_length",
    "ad_length",
    "ad_id",
    "end",
    "source",
    "chapter_started_at",
    "ad_started_at",
    "playhead",
];

/// Columns that hold seconds.
const DURATIONS: [&str; 8] = [
    "content_time_spent",
    "ad_time_spent",
    "media_time_spent",
    "unique_time_played",
    "total_pause_duration",
    "total_buffer_duration",
    "total_stall_duration",
    "time_played",
];

/// Changes that every event makes; the table leaves them out because they would hide the others.
const USUAL_CHANGES: [&str; 5] =
    ["last_event_at", "active_spans", "playing_spans", "playing_until", "watched_spans"];

/// A list of sessions.
pub(crate) fn list(rows: &[Value], has_more: bool, total: Option<u64>, terminal: Terminal) -> String {
    if rows.is_empty() {
        return "no sessions".into();
    }
    let mut sessions = Table::new([
        Heading::whole("start"),
        Heading::whole("session"),
        Heading::clipped("report suite").leaving(3),
        Heading::clipped("content"),
        Heading::clipped("state").leaving(6),
        Heading::whole("content time").leaving(5),
        Heading::whole("ad time").leaving(2),
        Heading::whole("events").leaving(1),
        Heading::clipped("diagnoses").leaving(4),
    ]);
    for row in rows {
        let id = row["session_id"].as_str().unwrap_or_default();
        let start = cell("started_at", &row["started_at"]);
        // Whole ids would leave no room for other columns, and nobody looks for milliseconds in a list.
        let (id, start) = match terminal.is_stdout {
            true => (id.get(..SHORT_ID_DIGITS).unwrap_or(id), to_the_second(start)),
            false => (id, start),
        };
        let content = row["content_name"].as_str().or_else(|| row["content_id"].as_str()).unwrap_or_default();
        sessions.add_row([
            start,
            printable(id).into_owned(),
            cell("report_suite", &row["report_suite"]),
            printable(content).into_owned(),
            state(row),
            cell("content_time_spent", &row["content_time_spent"]),
            cell("ad_time_spent", &row["ad_time_spent"]),
            cell("event_count", &row["event_count"]),
            cell("diagnoses", &row["diagnoses"]),
        ]);
    }
    let text = with_more(sessions.text(terminal, WHOLE), has_more, "sessions", terminal);
    match total {
        Some(total) => {
            let noun = if total == 1 { "session" } else { "sessions" };
            format!("{text}\n\n{}", sentence(&format!("{total} {noun} in all."), terminal))
        }
        None => text,
    }
}

/// A time as the server writes it, without its fraction of a second.
fn to_the_second(time: String) -> String {
    match time.strip_suffix('Z').and_then(|time| time.rsplit_once('.')) {
        Some((whole, _)) => format!("{whole}Z"),
        None => time,
    }
}

/// One session: its row by groups, then its ads, chapters and errors.
pub(crate) fn one(row: &Value, terminal: Terminal) -> String {
    let mut parts = Vec::new();
    let columns: Vec<(&str, &Value)> =
        row.as_object().into_iter().flatten().map(|(name, value)| (name.as_str(), value)).collect();
    let grouped = |name: &str| GROUPS.iter().any(|(_, names)| names.contains(&name));
    if row["exclusion"].is_object() {
        let excluded = format!("This session is {}.", exclusion(&row["exclusion"]));
        parts.push(sentence(&excluded, terminal).into_owned());
    }
    let itself = columns
        .iter()
        .filter(|(name, value)| !grouped(name) && !is_views(name) && !is_nothing(value))
        .filter(|(name, _)| *name != "exclusion")
        .map(|(name, value)| (*name, cell(name, value)));
    parts.push(group("session", itself.collect(), terminal));
    for (title, names) in GROUPS {
        let values = names.iter().map(|&name| (name, &row[name])).filter(|(_, value)| !is_nothing(value));
        if title == "diagnoses" {
            parts.push(diagnoses(&row["diagnoses"], terminal));
        } else {
            parts.push(group(
                title,
                values.map(|(name, value)| (name, cell(name, value))).collect(),
                terminal,
            ));
        }
    }
    let views = [
        ("ads", &["ad_started_at", "ad_id", "ad_name", "pod_name", "ad_length", "time_played", "end"][..]),
        (
            "chapters",
            &[
                "chapter_started_at",
                "chapter_position",
                "chapter_name",
                "chapter_length",
                "time_played",
                "end",
            ],
        ),
        ("error events", &["at", "error_id", "source", "playhead"]),
    ];
    for (title, names) in views {
        let key = if title == "error events" { "errors" } else { title };
        parts.push(view_table(title, &row[key], names, terminal));
    }
    parts.retain(|part| !part.is_empty());
    parts.join("\n\n")
}

/// An exclusion as the end of a sentence about its session.
pub(crate) fn exclusion(exclusion: &Value) -> String {
    let since = cell("excluded_at", &exclusion["excluded_at"]);
    format!("excluded from all reports since {since}: {}", cell("reason", &exclusion["reason"]))
}

/// The list of excluded sessions.
pub(crate) fn exclusions(list: &Value, terminal: Terminal) -> String {
    let exclusions = list["exclusions"].as_array().map(Vec::as_slice).unwrap_or_default();
    if exclusions.is_empty() {
        return "no session is excluded".into();
    }
    let names = ["session_id", "excluded_at", "started_at", "reason"];
    let mut rows = Table::new([
        Heading::id("session"),
        Heading::whole("excluded"),
        Heading::whole("start").leaving(1),
        Heading::wrapped("reason", TEXT_LEAST),
    ]);
    for exclusion in exclusions {
        rows.add_row(names.map(|name| cell(name, &exclusion[name])));
    }
    rows.text(terminal, WHOLE)
}

/// A session's events, each with its effect.
pub(crate) fn events(events: &[Value], has_more: bool, terminal: Terminal) -> String {
    let mut rows = Table::new([
        Heading::whole("sequence"),
        Heading::whole("time").leaving(4),
        Heading::clipped("type"),
        Heading::whole("playhead").leaving(2),
        Heading::whole("status").leaving(1),
        Heading::wrapped("attributed", TEXT_LEAST).leaving(3),
        Heading::wrapped("changes", TEXT_LEAST),
    ]);
    for event in events {
        rows.add_row([
            cell("sequence", &event["sequence"]),
            time(event),
            cell("event_type", &event["event_type"]),
            cell("playhead", &event["playhead"]),
            cell("status", &event["status"]),
            attributed(&event["effect"]["attributed"]),
            changes(&event["effect"]["changes"]),
        ]);
    }
    with_more(rows.text(terminal, WHOLE), has_more, "events", terminal)
}

/// The time that the device's clock said, and the one that counts where that is wrong.
fn time(event: &Value) -> String {
    let said = cell("ts", &event["ts"]);
    match &event["effective_ts"] {
        Value::Null => said,
        counted => format!("{said}\ncounts at {}", cell("ts", counted)),
    }
}

fn with_more(text: String, has_more: bool, what: &str, terminal: Terminal) -> String {
    let more = format!("There are more {what}; a higher --limit shows them.");
    if has_more { format!("{text}\n\n{}", sentence(&more, terminal)) } else { text }
}

fn is_views(name: &str) -> bool {
    ["ads", "chapters", "errors"].contains(&name)
}

fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(pairs) => pairs.is_empty(),
        _ => false,
    }
}

fn state(row: &Value) -> String {
    match row["close_reason"].as_str() {
        Some(reason) => format!("closed ({})", printable(reason)),
        None => "open".into(),
    }
}

fn group(title: &str, rows: Vec<(&str, String)>, terminal: Terminal) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let mut group = Table::record(title);
    for (name, value) in rows {
        group.add_row([printable(name).into_owned(), value]);
    }
    group.text(terminal, WHOLE)
}

fn diagnoses(names: &Value, terminal: Terminal) -> String {
    let names: Vec<&str> = names.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    if names.is_empty() {
        return String::new();
    }
    let mut rows = Table::new([
        Heading::whole("diagnosis"),
        Heading::wrapped("what happened", TEXT_LEAST),
        Heading::wrapped("what to change", TEXT_LEAST),
    ]);
    for name in names {
        let known = Diagnosis::ALL.iter().find(|diagnosis| diagnosis.name() == name);
        rows.add_row([
            printable(name).into_owned(),
            known.map(|diagnosis| diagnosis.meaning()).unwrap_or_default().to_owned(),
            known.map(|diagnosis| diagnosis.advice()).unwrap_or_default().to_owned(),
        ]);
    }
    rows.text(terminal, WHOLE)
}

fn view_table(title: &str, views: &Value, names: &[&str], terminal: Terminal) -> String {
    let views = views.as_array().map(Vec::as_slice).unwrap_or_default();
    if views.is_empty() {
        return String::new();
    }
    // Columns that are empty in all views are left out.
    let names: Vec<&str> =
        names.iter().copied().filter(|&name| views.iter().any(|view| !view[name].is_null())).collect();
    let heading = |name: &&str| {
        let is_text = name.ends_with("_name") || name.ends_with("_id");
        let heading = if is_text { Heading::clipped(*name) } else { Heading::whole(*name) };
        match LEAVING.iter().position(|leaving| leaving == name) {
            Some(order) => heading.leaving(order),
            None => heading,
        }
    };
    let mut rows = Table::new(names.iter().map(heading));
    for view in views {
        rows.add_row(names.iter().map(|name| cell(name, &view[*name])));
    }
    format!("{title}\n{}", rows.text(terminal, WHOLE))
}

/// A value of a column, safe for a terminal.
pub(crate) fn cell(name: &str, value: &Value) -> String {
    let text = match value {
        Value::Null => "-".into(),
        Value::Number(number) => match number.as_f64() {
            Some(seconds) if DURATIONS.contains(&name) => duration(seconds),
            _ => number.to_string(),
        },
        Value::String(text) => text.clone(),
        Value::Bool(true) => "yes".into(),
        Value::Bool(false) => "no".into(),
        Value::Array(items) => list_text(name, items),
        Value::Object(pairs) => {
            let pairs: Vec<_> = pairs.iter().map(|(key, value)| format!("{key}={}", plain(value))).collect();
            pairs.join(", ")
        }
    };
    printable(&text).into_owned()
}

fn list_text(name: &str, items: &[Value]) -> String {
    let texts = items.iter().take(LISTED_SPANS).map(|item| match name {
        "states" => {
            let time = duration(item["time"].as_f64().unwrap_or_default());
            format!("{} {} x, {time}", plain(&item["name"]), plain(&item["count"]))
        }
        _ if name.ends_with("_spans") => format!("{} to {}", plain(&item["from"]), plain(&item["to"])),
        _ => plain(item),
    });
    let mut text = texts.collect::<Vec<_>>().join("; ");
    if items.len() > LISTED_SPANS {
        text.push_str(&format!("; and {} more", items.len() - LISTED_SPANS));
    }
    text
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn attributed(intervals: &Value) -> String {
    let intervals = intervals.as_array().map(Vec::as_slice).unwrap_or_default();
    let texts = intervals.iter().map(|interval| {
        let text = format!("{} {}", plain(&interval["account"]), plain(&interval["seconds"]));
        match interval["moved_from"].as_str() {
            Some(from) => format!("{text} from {from}"),
            None => text,
        }
    });
    printable(&texts.collect::<Vec<_>>().join(", ")).into_owned()
}

fn changes(changes: &Value) -> String {
    let changes = changes.as_object().into_iter().flatten();
    let texts = changes
        .filter(|(name, _)| !USUAL_CHANGES.contains(&name.as_str()))
        .map(|(name, change)| format!("{name} {} -> {}", plain(&change["from"]), plain(&change["to"])));
    printable(&texts.collect::<Vec<_>>().join(", ")).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const PLAIN: Terminal =
        Terminal { is_stdin: false, is_stdout: false, is_stderr: false, is_styled: false, columns: None };

    fn hostile_row() -> Value {
        json!({
            "session_id": "ab".repeat(32), "report_suite": "suite\u{1b}]0;title\u{7}", "content_id": "id",
            "content_name": "na\u{9b}2Jme", "custom_metadata": {"k\u{1b}[31m": "v\u{202e}"},
            "started_at": "2026-11-01T00:00:00.000Z", "close_reason": null, "content_time_spent": 65.0,
            "ad_time_spent": 0.0, "event_count": 3, "diagnoses": ["late_event", "new\u{1b}c"],
            "player_errors": ["e\u{1b}[0m"], "states": [{"name": "fullScreen", "count": 2, "time": 4.5}],
            "ads": [{"ad_id": "1\u{8}", "ad_name": null, "time_played": 15.0, "end": "completed"}],
            "chapters": [], "errors": [{"at": "t", "error_id": "\u{1b}", "source": "player", "playhead": 1.0}],
        })
    }

    #[test]
    fn names_with_escape_sequences_do_not_reach_the_terminal() {
        let row = hostile_row();
        let event = json!({"sequence": 1, "ts": "t", "event_type": "error", "playhead": 0.0, "status": "processed",
            "effect": {"attributed": [], "changes": {"player_errors": {"from": [], "to": ["\u{1b}[31m"]}, "x": {"from": "\u{9b}", "to": 1}}}});
        for text in [
            list(std::slice::from_ref(&row), true, None, PLAIN),
            one(&row, PLAIN),
            events(&[event], true, PLAIN),
        ] {
            let treacherous = text.chars().find(|&c| (c.is_control() && c != '\n') || c == '\u{202e}');
            assert_eq!(treacherous, None, "{text}");
        }
    }

    #[test]
    fn one_session_is_shown_by_groups_with_what_its_diagnoses_mean() {
        let text = one(&hostile_row(), PLAIN);
        for part in [
            "content_time_spent  0:01:05",
            "fullScreen 2 x, 0:00:04.500",
            Diagnosis::LateEvent.meaning(),
            Diagnosis::LateEvent.advice(),
            "completed",
            "error events",
        ] {
            assert!(text.contains(part), "{part} is missing in\n{text}");
        }
        let order: Vec<_> = ["report_suite", "started_at", "event_count", "player_errors", "states", "ads\n"]
            .iter()
            .map(|part| text.find(part).unwrap())
            .collect();
        assert!(order.is_sorted(), "{order:?}\n{text}");
        assert!(!text.contains("chapters"), "{text}");
    }

    #[test]
    fn what_an_event_did_is_told_in_short() {
        let event = json!({"sequence": 7, "ts": "2026-11-01T00:00:10.000Z", "event_type": "ping", "playhead": 10.0,
            "status": "processed", "effect": {
                "attributed": [
                    {"account": "content_time_spent", "seconds": 10.0},
                    {"account": "total_stall_duration", "seconds": 3.0, "moved_from": "content_time_spent"}],
                "changes": {"last_event_at": {"from": 1, "to": 2}, "content_time_spent": {"from": 0.0, "to": 10.0}}}});
        let text = events(&[event], false, PLAIN);
        assert!(
            text.contains("content_time_spent 10.0, total_stall_duration 3.0 from content_time_spent"),
            "{text}"
        );
        assert!(text.contains("content_time_spent 0.0 -> 10.0"), "{text}");
        assert!(!text.contains("last_event_at"), "{text}");
    }

    #[test]
    fn an_event_of_a_wrong_clock_shows_when_it_counts() {
        let mut event = json!({"sequence": 7, "ts": "1970-01-01T00:00:31.000Z", "event_type": "ping", "playhead": 10.0,
            "status": "waiting", "effect": null});
        assert!(!events(std::slice::from_ref(&event), false, PLAIN).contains("counts at"));
        event["effective_ts"] = "2026-11-01T00:00:10.000Z".into();
        let text = events(&[event], false, PLAIN);
        assert!(text.contains("1970-01-01T00:00:31.000Z"), "{text}");
        assert!(text.contains("counts at 2026-11-01T00:00:10.000Z"), "{text}");
    }

    #[test]
    fn spans_beyond_what_fits_are_counted() {
        let spans: Vec<Value> = (0..13).map(|from| json!({"from": from, "to": from + 1})).collect();
        let text = cell("watched_spans", &json!(spans));
        assert!(text.starts_with("0 to 1; 1 to 2;") && text.ends_with("; and 3 more"), "{text}");
    }
}
