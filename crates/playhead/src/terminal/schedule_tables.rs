//! Schedules of reports on a terminal.

use serde_json::Value;

use crate::terminal::session_tables::{TEXT_LEAST, WHOLE, cell};
use crate::terminal::tables::{Heading, Table, Terminal};

/// A schedule that is kept.
pub(crate) fn schedule(schedule: &Value) -> String {
    let [id, name, next] = ["id", "name", "next_due_at"].map(|name| cell(name, &schedule[name]));
    format!("schedule {id} is kept: {name}, next due at {next}")
}

/// How a run ended.
pub(crate) fn run(run: &Value) -> String {
    let [outcome, place, fault] = ["outcome", "place", "fault"].map(|name| cell(name, &run[name]));
    match &*outcome {
        "sent" => format!("the report is sent: {place}, {} bytes", cell("size_bytes", &run["size_bytes"])),
        _ => format!("the report is not sent: {fault}"),
    }
}

/// The list of schedules, each with its last run.
pub(crate) fn schedules(list: &Value, terminal: Terminal) -> String {
    let schedules = list["schedules"].as_array().map(Vec::as_slice).unwrap_or_default();
    if schedules.is_empty() {
        return "there are no schedules".into();
    }
    let mut rows = Table::new([
        Heading::whole("id"),
        Heading::wrapped("name", TEXT_LEAST),
        Heading::clipped("when").leaving(3),
        Heading::clipped("range").leaving(2),
        Heading::clipped("to").leaving(1),
        Heading::whole("next due").leaving(4),
        Heading::wrapped("last run", TEXT_LEAST),
    ]);
    for schedule in schedules {
        let texts = ["id", "name"].map(|name| cell(name, &schedule[name]));
        let to = schedule["to"].as_object().and_then(|to| to.values().next()).unwrap_or(&Value::Null);
        let rest = [
            when(schedule),
            cell("range", &schedule["range"]),
            cell("to", to),
            cell("next_due_at", &schedule["next_due_at"]),
            last_run(schedule),
        ];
        rows.add_row(texts.into_iter().chain(rest));
    }
    rows.text(terminal, WHOLE)
}

fn when(schedule: &Value) -> String {
    let when = &schedule["when"];
    let part = |name: &str| cell(name, &when[name]);
    let zone = cell("zone_in_force", &schedule["zone_in_force"]);
    let text = match when["every"].as_str() {
        Some("hour") => format!("hourly, minute {}", part("minute")),
        Some("day") => format!("daily {}", part("at")),
        Some("week") => format!("{} {}", part("weekday"), part("at")),
        _ => format!("monthly, day {}, {}", part("day"), part("at")),
    };
    let paused = if schedule["is_paused"] == true { ", paused" } else { "" };
    format!("{text} {zone}{paused}")
}

fn last_run(schedule: &Value) -> String {
    let last = &schedule["runs"][0];
    if last.is_null() {
        return "-".into();
    }
    let [outcome, at, fault] = ["outcome", "due_at", "fault"].map(|name| cell(name, &last[name]));
    if last["fault"].is_null() { format!("{outcome} {at}") } else { format!("{outcome} {at}: {fault}") }
}
