//! `playhead sessions`: lists sessions, or shows one in full or its events.

use std::io::Write;
use std::sync::Arc;

use jiff::Timestamp;
use playhead_node::clock::Clock;
use playhead_node::sessions::filter::SessionFilter;
use playhead_protocol::SessionId;
use playhead_report::StartFilters;
use playhead_session::Diagnosis;
use serde::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::commands::filter_text::FilterText;
use crate::error::Error;
use crate::settings::environment::Environment;
use crate::source::Source;
use crate::source::place::{LakePlaceArgs, PlaceArgs};
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
    #[arg(value_name = "SID", conflicts_with_all = ["open", "from", "until", "report_suite", "content_id", "visitor_id", "diagnosis", "filter", "search"])]
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
    /// Only sessions that started at or after this time: 2026-11-01T12:00:00Z, or a date in UTC
    #[arg(long, value_name = "TIME", value_parser = time_ms)]
    pub from: Option<i64>,
    /// Only sessions that started before this time
    #[arg(long, value_name = "TIME", value_parser = time_ms)]
    pub until: Option<i64>,
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
    /// Only sessions whose sessionStart matches, such as channel=web; with several filters, all must match
    #[arg(long, value_name = "EXPR")]
    pub filter: Vec<FilterText>,
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

/// Parses a time: RFC 3339, or a date, which means its first moment in UTC.
fn time_ms(text: &str) -> Result<i64, String> {
    let is_date = text.len() == "2026-11-01".len() && text.parse::<jiff::civil::Date>().is_ok();
    let time = if is_date { format!("{text}T00:00:00Z") } else { text.to_owned() };
    let time: Timestamp = time
        .parse()
        .map_err(|_| "write a time such as 2026-11-01T12:00:00Z, or a date such as 2026-11-01")?;
    Ok(time.as_millisecond())
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
    let place = LakePlaceArgs { place: args.place.clone(), lake: None };
    let source = place.source(environment, clock)?;
    let limit = args.limit.map(|limit| usize::try_from(limit).unwrap_or(usize::MAX));
    let printer = Printer { format: args.format };
    let Some(sid) = &args.sid else {
        let page = source.list(&filter_of(args)?, limit.unwrap_or(USUAL_SESSIONS))?;
        return printer.print(out, &page, || {
            let rows = values(&page.sessions)?;
            Ok(session_tables::list(&rows, page.next_cursor.is_some(), terminal))
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

fn filter_of(args: &SessionsArgs) -> Result<SessionFilter, Error> {
    let filters: Value = args.filter.iter().map(FilterText::condition).cloned().collect();
    let filters = StartFilters::parse("--filter", Some(&filters.to_string()), &[]).map_err(|faults| {
        let faults: Vec<_> = faults.iter().map(|fault| format!("{} {}", fault.path, fault.message)).collect();
        Error::WrongCall(faults.join("; "))
    })?;
    Ok(SessionFilter {
        from_ms: args.from,
        to_ms: args.until,
        report_suite: args.report_suite.clone(),
        content_id: args.content_id.clone(),
        visitor_id: args.visitor_id.clone(),
        open: args.open,
        diagnosis: args.diagnosis,
        filters,
        q: args.search.clone(),
    })
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
    fn times_are_moments_or_dates() {
        assert_eq!(time_ms("2026-11-01"), Ok(1_793_491_200_000));
        assert_eq!(time_ms("2026-11-01T01:00:00+01:00"), Ok(1_793_491_200_000));
        assert!(time_ms("yesterday").is_err());
        assert!(time_ms("2026-11-01T00:00").is_err());
    }

    #[test]
    fn diagnoses_are_named() {
        assert_eq!(diagnosis("late_event"), Ok(Diagnosis::LateEvent));
        assert!(diagnosis("late").unwrap_err().contains("late_event"));
    }
}
