//! `playhead sessions`: lists sessions, or shows one in full or its events.

use std::io::Write;
use std::sync::Arc;

use playhead_node::clock::Clock;
use playhead_node::sessions::filter::SessionFilter;
use playhead_node::tables::queries::Report;
use playhead_protocol::SessionId;
use playhead_report::StartFilters;
use playhead_session::Diagnosis;
use serde::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::commands::filter_text::FilterText;
use crate::commands::report::in_flags;
use crate::commands::typed_time::{End, TypedRange, TypedTime};
use crate::error::Error;
use crate::settings::environment::Environment;
use crate::source::place::{LakePlaceArgs, PlaceArgs};
use crate::source::{PAGE_ROWS, Query, SessionPage, Source, query_json, usual_zone};
use crate::terminal::printable::printable_json;
use crate::terminal::session_tables;
use crate::terminal::tables::{Format, Terminal};

/// Sessions listed without `--limit`.
const USUAL_SESSIONS: usize = 100;

/// Events listed without `--limit`.
const USUAL_EVENTS: usize = 1_000;

/// The fewest digits of a session id that can stand for it.
const SHORTEST_PREFIX: usize = 6;

/// The arguments of `playhead sessions`.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct SessionsArgs {
    /// One session: its id, or enough of the first digits to be unique
    #[arg(value_name = "SID", conflicts_with_all = ["open", "from", "to", "time_zone", "report_suite", "content_id", "visitor_id", "diagnosis", "filter", "order_by", "search"])]
    pub sid: Option<String>,
    /// Show the events of the session, each with its effect
    #[arg(long, requires = "sid")]
    pub events: bool,
    /// Maximum number of sessions (100) or events (1000) to print
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub limit: Option<u32>,
    /// Only open sessions, or only closed ones
    #[arg(long, value_name = "true|false", hide_possible_values = true)]
    pub open: Option<bool>,
    /// Only sessions that started at or after this time: 2026-11-01T12:00:00Z; a date, today or yesterday in the time
    /// zone; now; or so long ago: 7d, 24h, 30m
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    pub from: Option<TypedTime>,
    /// Only sessions that started before this time, which is not part of the range
    #[arg(long, value_name = "TIME", allow_hyphen_values = true, alias = "until")]
    pub to: Option<TypedTime>,
    /// Time zone of dates, such as Europe/Berlin [default: that of reports that name none]
    #[arg(long, value_name = "ZONE")]
    pub time_zone: Option<String>,
    /// Only sessions of this report suite
    #[arg(long, value_name = "NAME")]
    pub report_suite: Option<String>,
    /// Only sessions of this content
    #[arg(long, value_name = "ID")]
    pub content_id: Option<String>,
    /// Only sessions of this visitor
    #[arg(long, value_name = "ID")]
    pub visitor_id: Option<String>,
    /// Only sessions with this diagnosis, such as late_event
    #[arg(long, value_name = "NAME", value_parser = diagnosis)]
    pub diagnosis: Option<Diagnosis>,
    /// Only sessions that match, such as channel=web, rebuffer_ratio>0.05, or error_id=E-1 for those with such an error; with
    /// several filters, all must match
    #[arg(long, value_name = "EXPR")]
    pub filter: Vec<FilterText>,
    /// Order sessions by this number, time, truth value or metric; - before it means descending [default: -started_at]
    #[arg(long, value_name = "COLUMN", allow_hyphen_values = true)]
    pub order_by: Option<String>,
    /// Only sessions with this text in the session id, content id, content name or visitor id
    #[arg(long, value_name = "TEXT")]
    pub search: Option<String>,
    /// The location of the sessions.
    #[command(flatten)]
    pub place: PlaceArgs,
    /// Output format
    #[arg(long, value_name = "table|json", value_enum, hide_possible_values = true, default_value = "table")]
    pub format: Format,
}

fn diagnosis(name: &str) -> Result<Diagnosis, String> {
    Diagnosis::ALL.iter().copied().find(|diagnosis| diagnosis.name() == name).ok_or_else(|| {
        let names: Vec<_> = Diagnosis::ALL.iter().map(|diagnosis| diagnosis.name()).collect();
        format!("the diagnoses are {}", names.join(", "))
    })
}

/// Prints sessions.
///
/// # Errors
///
/// If the server or the data directory cannot be read, or there is no such session.
pub(crate) fn sessions(
    args: &SessionsArgs,
    environment: &Environment,
    clock: Arc<dyn Clock>,
    terminal: Terminal,
    out: &mut dyn Write,
) -> Result<(), Error> {
    let time_zone = args.time_zone.as_deref();
    let range = TypedRange { from: args.from.as_ref(), to: args.to.as_ref(), time_zone };
    range.check_zone()?;
    let now_ms = clock.now_ms();
    let place = LakePlaceArgs { place: args.place.clone(), lake: None };
    let source = place.source(environment, clock)?;
    let limit = args.limit.map(|limit| usize::try_from(limit).unwrap_or(usize::MAX));
    let printer = Printer { format: args.format };
    let Some(sid) = &args.sid else {
        let ends = range.ends(now_ms, || usual_zone(&*source))?;
        let page = listed(args, ends, &*source, limit.unwrap_or(USUAL_SESSIONS))?;
        return printer.print(out, &page, || {
            let rows = values(&page.sessions)?;
            Ok(session_tables::list(&rows, page.next_cursor.is_some(), page.total, terminal))
        });
    };
    let id = resolve(sid, &*source)?;
    let missing = || Error::NoSession(id.to_string());
    if args.events {
        let page = source.events(&id, limit.unwrap_or(USUAL_EVENTS))?.ok_or_else(missing)?;
        return printer.print(out, &page, || {
            let events = values(&page.events)?;
            Ok(session_tables::events(&events, page.next_cursor.is_some(), terminal))
        });
    }
    let session = source.session(&id)?.ok_or_else(missing)?;
    printer.print(out, &session, || Ok(session_tables::one(&value(&session)?, terminal)))
}

fn filter_of(
    args: &SessionsArgs,
    (from, to): (Option<End>, Option<End>),
    filters: Option<StartFilters>,
) -> SessionFilter {
    SessionFilter {
        from_ms: from.map(|from| from.ms),
        to_ms: to.map(|to| to.ms),
        report_suite: args.report_suite.clone(),
        content_id: args.content_id.clone(),
        visitor_id: args.visitor_id.clone(),
        open: args.open,
        diagnosis: args.diagnosis,
        filters,
        q: args.search.clone(),
    }
}

/// At most `limit` sessions: from memory and journal, or by a query over the tables if only that can filter or order them.
/// The same lists as over HTTP come from the same place.
fn listed(
    args: &SessionsArgs,
    ends: (Option<End>, Option<End>),
    source: &dyn Source,
    limit: usize,
) -> Result<SessionPage, Error> {
    if args.order_by.is_none()
        && let Ok(filters) = StartFilters::parse("", conditions(args).as_deref(), &[])
    {
        return source.list(&filter_of(args, ends, filters), limit);
    }
    let asked = queried(args, ends);
    let mut found = SessionPage { sessions: Vec::new(), next_cursor: None, total: None };
    loop {
        let rows = (limit - found.sessions.len()).min(PAGE_ROWS).to_string();
        let cursor = found.next_cursor.take().map(|cursor| ("cursor", cursor));
        let pairs = asked.iter().cloned().chain([("limit", rows)]).chain(cursor).collect();
        let query = Query { pairs, ..Query::of(Report::Sessions) };
        let page: SessionPage = query_json(source, &query).map_err(in_flags)?;
        found.sessions.extend(page.sessions);
        (found.next_cursor, found.total) = (page.next_cursor, page.total);
        if found.next_cursor.is_none() || found.sessions.len() >= limit {
            return Ok(found);
        }
    }
}

/// The filters as JSON; `None` without any.
fn conditions(args: &SessionsArgs) -> Option<String> {
    let conditions: Value = args.filter.iter().map(FilterText::condition).cloned().collect();
    (!args.filter.is_empty()).then(|| conditions.to_string())
}

/// The parameters of a list as a query over the tables.
fn queried(args: &SessionsArgs, (from, to): (Option<End>, Option<End>)) -> Vec<(&'static str, String)> {
    let order_by = args.order_by.clone().unwrap_or_else(|| "-started_at".to_owned());
    let given = [
        ("from", from.map(|from| from.text)),
        ("to", to.map(|to| to.text)),
        ("time_zone", args.time_zone.clone()),
        ("report_suite", args.report_suite.clone()),
        ("content_id", args.content_id.clone()),
        ("visitor_id", args.visitor_id.clone()),
        ("open", args.open.map(|open| open.to_string())),
        ("diagnosis", args.diagnosis.map(|diagnosis| diagnosis.name().to_owned())),
        ("q", args.search.clone()),
        ("filters", conditions(args)),
        ("order_by", Some(order_by)),
    ];
    given.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
}

/// The session with this id, or the only one whose id begins with it, excluded or not.
pub(crate) fn resolve(sid: &str, source: &dyn Source) -> Result<SessionId, Error> {
    /// Sessions to search for the id; the filter also finds the text in other columns.
    const CANDIDATES: usize = 1_000;
    if let Ok(id) = sid.parse() {
        return Ok(id);
    }
    let is_prefix = sid.len() >= SHORTEST_PREFIX
        && sid.len() < 2 * SessionId::LENGTH
        && sid.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'));
    if !is_prefix {
        return Err(Error::WrongCall(format!(
            "`{sid}` is not a session id; write its 64 lower-case hexadecimal digits, or at least the first \
             {SHORTEST_PREFIX}"
        )));
    }
    let filter = SessionFilter { q: Some(sid.to_owned()), ..SessionFilter::default() };
    let candidates = values(&source.list(&filter, CANDIDATES)?.sessions)?;
    let excluded = source.exclusions()?;
    let excluded = excluded["exclusions"].as_array().into_iter().flatten();
    let ids = candidates.iter().chain(excluded).filter_map(|row| row["session_id"].as_str());
    let mut matching = ids.filter(|id| id.starts_with(sid)).filter_map(|id| id.parse().ok());
    match (matching.next(), matching.next()) {
        (Some(id), None) => Ok(id),
        (Some(_), Some(_)) => {
            Err(Error::WrongCall(format!("several session ids begin with {sid}; write more digits")))
        }
        (None, _) => Err(Error::NoSession(sid.to_owned())),
    }
}

fn values(raw: &[Box<RawValue>]) -> Result<Vec<Value>, Error> {
    raw.iter().map(|raw| value(raw)).collect()
}

fn value(raw: &RawValue) -> Result<Value, Error> {
    serde_json::from_str(raw.get())
        .map_err(|error| Error::System { context: "cannot read a report", message: error.to_string() })
}

struct Printer {
    format: Format,
}

impl Printer {
    fn print(
        &self,
        out: &mut dyn Write,
        report: &impl Serialize,
        tables: impl FnOnce() -> Result<String, Error>,
    ) -> Result<(), Error> {
        let text = match self.format {
            Format::Table => tables()?,
            Format::Json => {
                let json = serde_json::to_string(report).map_err(|error| Error::Output(error.into()))?;
                printable_json(&json).into_owned()
            }
        };
        writeln!(out, "{text}")?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn diagnoses_are_named() {
        assert_eq!(diagnosis("late_event"), Ok(Diagnosis::LateEvent));
        assert!(diagnosis("late").unwrap_err().contains("late_event"));
    }
}
