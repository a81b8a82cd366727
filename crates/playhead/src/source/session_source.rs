//! Where `playhead sessions` gets its answers: from a running server, or from a data directory. Both give the same
//! JSON.

use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use playhead_journal::PageCursor;
use playhead_lake::Location;
use playhead_node::clock::Clock;
use playhead_node::directory::{Directory, open_directory};
use playhead_node::sessions::filter::SessionFilter;
use playhead_node::sessions::list;
use playhead_protocol::SessionId;
use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};
use tokio::runtime::{self, Runtime};

use crate::error::Error;
use crate::source::client::Client;

/// The most rows that one page has.
const PAGE_ROWS: usize = 1_000;

/// Sessions, as the report API lists them.
#[derive(Debug, Serialize, Deserialize)]
pub struct SessionPage {
    /// Session rows, the latest start first.
    pub sessions: Vec<Box<RawValue>>,
    /// Where the next page starts; `None` on the last.
    pub next_cursor: Option<String>,
}

/// Events of a session, as the report API lists them.
#[derive(Debug, Serialize, Deserialize)]
pub struct EventPage {
    /// Events in the order in which they took effect.
    pub events: Vec<Box<RawValue>>,
    /// Where the next page starts; `None` on the last.
    pub next_cursor: Option<String>,
}

/// Answers questions about sessions.
pub trait SessionSource {
    /// At most `limit` sessions that the filter lets through.
    ///
    /// # Errors
    ///
    /// When the source cannot be read.
    fn list(&mut self, filter: &SessionFilter, limit: usize) -> Result<SessionPage, Error>;

    /// A session's row with its ads, chapters and errors; `None` when there is no such session.
    ///
    /// # Errors
    ///
    /// When the source cannot be read.
    fn session(&mut self, id: &SessionId) -> Result<Option<Box<RawValue>>, Error>;

    /// At most `limit` events of a session; `None` when there is no such session.
    ///
    /// # Errors
    ///
    /// When the source cannot be read.
    fn events(&mut self, id: &SessionId, limit: usize) -> Result<Option<EventPage>, Error>;
}

/// A running server.
#[derive(Debug)]
pub struct ServerSource {
    client: Client,
    token: Option<String>,
}

impl ServerSource {
    /// The server that `client` speaks to.
    pub fn new(client: Client, token: Option<String>) -> Self {
        Self { client, token }
    }

    fn get(&self, path: &str, query: &[(&str, String)]) -> Result<Option<String>, Error> {
        self.client.get(path, query, self.token.as_deref())
    }

    fn understand<T: for<'de> Deserialize<'de>>(&self, path: &str, body: &str) -> Result<T, Error> {
        serde_json::from_str(body).map_err(|error| Error::Answer {
            url: format!("{}{path}", self.client.base()),
            status: 200,
            message: format!("but not with a report: {error}"),
        })
    }
}

impl SessionSource for ServerSource {
    fn list(&mut self, filter: &SessionFilter, limit: usize) -> Result<SessionPage, Error> {
        let path = "/reports/v1/sessions";
        let mut found = SessionPage { sessions: Vec::new(), next_cursor: None };
        loop {
            let mut query = query_of(filter);
            query.push(("limit", (limit - found.sessions.len()).min(PAGE_ROWS).to_string()));
            query.extend(found.next_cursor.take().map(|cursor| ("cursor", cursor)));
            let body = self.get(path, &query)?.ok_or_else(|| self.no_reports(path))?;
            let page: SessionPage = self.understand(path, &body)?;
            found.sessions.extend(page.sessions);
            found.sessions.truncate(limit);
            found.next_cursor = page.next_cursor;
            if found.next_cursor.is_none() || found.sessions.len() >= limit {
                return Ok(found);
            }
        }
    }

    fn session(&mut self, id: &SessionId) -> Result<Option<Box<RawValue>>, Error> {
        let path = format!("/reports/v1/sessions/{id}");
        self.get(&path, &[])?.map(|body| self.understand(&path, &body)).transpose()
    }

    fn events(&mut self, id: &SessionId, limit: usize) -> Result<Option<EventPage>, Error> {
        let path = format!("/reports/v1/sessions/{id}/events");
        let mut found = EventPage { events: Vec::new(), next_cursor: None };
        loop {
            let mut query = vec![("limit", (limit - found.events.len()).min(PAGE_ROWS).to_string())];
            query.extend(found.next_cursor.take().map(|cursor| ("cursor", cursor)));
            let Some(body) = self.get(&path, &query)? else { return Ok(None) };
            let page: EventPage = self.understand(&path, &body)?;
            found.events.extend(page.events);
            found.events.truncate(limit);
            found.next_cursor = page.next_cursor;
            if found.next_cursor.is_none() || found.events.len() >= limit {
                return Ok(Some(found));
            }
        }
    }
}

impl ServerSource {
    fn no_reports(&self, path: &str) -> Error {
        Error::Answer {
            url: format!("{}{path}", self.client.base()),
            status: 404,
            message: "there is no report API".into(),
        }
    }
}

fn query_of(filter: &SessionFilter) -> Vec<(&'static str, String)> {
    let time =
        |ms: i64| Timestamp::from_millisecond(ms).map_or_else(|_| ms.to_string(), |time| time.to_string());
    let parts = [
        ("from", filter.from_ms.map(time)),
        ("to", filter.to_ms.map(time)),
        ("report_suite", filter.report_suite.clone()),
        ("content_id", filter.content_id.clone()),
        ("visitor_id", filter.visitor_id.clone()),
        ("open", filter.open.map(|open| open.to_string())),
        ("diagnosis", filter.diagnosis.map(|diagnosis| diagnosis.name().to_owned())),
        ("q", filter.q.clone()),
    ];
    parts.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
}

/// A data directory, whether or not a server works in it. It is read only; what a server would find out at its start is
/// found out here in memory.
#[derive(Debug)]
pub struct DirectorySource {
    directory: Directory,
    runtime: Runtime,
}

impl DirectorySource {
    /// Reads the state of a data directory as of now, with its tables at `location`.
    ///
    /// # Errors
    ///
    /// When there is no journal in it, or it cannot be read.
    pub fn open(directory: &Path, location: Location, clock: Arc<dyn Clock>) -> Result<Self, Error> {
        let directory = open_directory(directory, location, clock)?;
        let runtime = runtime::Builder::new_multi_thread().enable_all().build();
        let runtime = runtime.map_err(|error| Error::System {
            context: "cannot start the runtime",
            message: error.to_string(),
        })?;
        Ok(Self { directory, runtime })
    }
}

impl SessionSource for DirectorySource {
    fn list(&mut self, filter: &SessionFilter, limit: usize) -> Result<SessionPage, Error> {
        let mut found = SessionPage { sessions: Vec::new(), next_cursor: None };
        loop {
            let wanted = (limit - found.sessions.len()).min(PAGE_ROWS);
            let before: Option<PageCursor> =
                found.next_cursor.take().and_then(|cursor| list::read_cursor(&cursor));
            let page = self.directory.sessions.list(filter.clone(), before, wanted);
            let page = self.runtime.block_on(page)?;
            for session in &page.sessions {
                found.sessions.push(raw(session)?);
            }
            found.next_cursor = page.next_cursor;
            if found.next_cursor.is_none() || found.sessions.len() >= limit {
                return Ok(found);
            }
        }
    }

    fn session(&mut self, id: &SessionId) -> Result<Option<Box<RawValue>>, Error> {
        let rows = self.runtime.block_on(self.directory.sessions.session(*id))?;
        rows.map(|rows| RawValue::from_string(rows).map_err(|error| unwritable(&error))).transpose()
    }

    fn events(&mut self, id: &SessionId, limit: usize) -> Result<Option<EventPage>, Error> {
        let Directory { sessions, accounting, now_ms, .. } = &self.directory;
        let Some(page) = self.runtime.block_on(sessions.events(*id, 0..limit, *now_ms, accounting))? else {
            return Ok(None);
        };
        let events = page.events.iter().map(raw).collect::<Result<_, _>>()?;
        Ok(Some(EventPage { events, next_cursor: page.next_cursor }))
    }
}

fn raw(value: &impl Serialize) -> Result<Box<RawValue>, Error> {
    to_raw_value(value).map_err(|error| unwritable(&error))
}

fn unwritable(error: &serde_json::Error) -> Error {
    Error::System { context: "cannot write a report", message: error.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use playhead_session::Diagnosis;

    #[test]
    fn each_part_of_a_filter_becomes_a_part_of_the_query() {
        let filter = SessionFilter {
            from_ms: Some(1_793_491_200_000),
            to_ms: Some(1_793_491_200_500),
            report_suite: Some("s".into()),
            content_id: Some("c".into()),
            visitor_id: Some("v".into()),
            open: Some(false),
            diagnosis: Some(Diagnosis::LateEvent),
            q: Some("text".into()),
        };
        let query = query_of(&filter);
        let text: Vec<_> = query.iter().map(|(name, value)| format!("{name}={value}")).collect();
        assert_eq!(
            text.join("&"),
            "from=2026-11-01T00:00:00Z&to=2026-11-01T00:00:00.5Z&report_suite=s&content_id=c&visitor_id=v&open=false\
             &diagnosis=late_event&q=text"
        );
    }
}
