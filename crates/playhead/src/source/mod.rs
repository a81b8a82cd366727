//! The sources of reports: a running server, or a data directory with or without a server that works in it. Both give
//! the same responses. Recorded files are read here as well.

pub(crate) mod client;
pub(crate) mod directory;
pub(crate) mod place;
pub(crate) mod recording;
pub(crate) mod server;

use std::io::Read;

use playhead_node::sessions::filter::SessionFilter;
use playhead_node::tables::queries::Report;
use playhead_protocol::SessionId;
use playhead_report::Zone;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::error::Error;

/// The most rows of one page.
pub(crate) const PAGE_ROWS: usize = 1_000;

/// A server or a data directory.
pub(crate) trait Source {
    /// Runs a query over the tables. The response is made as it is read.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`] if the query is wrong; otherwise if the source cannot be read.
    fn query(&self, query: &Query<'_>) -> Result<Box<dyn Read + '_>, Error>;

    /// At most `limit` sessions that the filter lets through.
    ///
    /// # Errors
    ///
    /// If the source cannot be read.
    fn list(&self, filter: &SessionFilter, limit: usize) -> Result<SessionPage, Error>;

    /// A session's row with its ads, chapters and errors; `None` if there is no such session.
    ///
    /// # Errors
    ///
    /// If the source cannot be read.
    fn session(&self, id: &SessionId) -> Result<Option<Box<RawValue>>, Error>;

    /// The sessions that are excluded from all reports, as the report API lists them.
    ///
    /// # Errors
    ///
    /// If the source cannot be read.
    fn exclusions(&self) -> Result<Value, Error>;

    /// At most `limit` events of a session; `None` if there is no such session.
    ///
    /// # Errors
    ///
    /// If the source cannot be read.
    fn events(&self, id: &SessionId, limit: usize) -> Result<Option<EventPage>, Error>;
}

/// A query over the tables.
#[derive(Debug, Clone)]
pub(crate) struct Query<'call> {
    /// The report.
    pub report: Report,
    /// The table of an export; empty for any other report.
    pub table: &'call str,
    /// The parameters of its query string.
    pub pairs: Vec<(&'static str, String)>,
    /// A JSON body, if the report takes one.
    pub body: Option<String>,
    /// The media type of the response; empty for JSON.
    pub accept: &'call str,
}

impl Query<'_> {
    /// A query of this report without parameters.
    pub(crate) const fn of(report: Report) -> Self {
        Self { report, table: "", pairs: Vec::new(), body: None, accept: "" }
    }
}

/// Sessions, as the report API lists them.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct SessionPage {
    /// Session rows, in order.
    pub sessions: Vec<Box<RawValue>>,
    /// The beginning of the next page; `None` on the last.
    pub next_cursor: Option<String>,
    /// How many sessions there are on all pages, if they were counted.
    #[serde(default)]
    pub total: Option<u64>,
}

/// Events of a session, as the report API lists them.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct EventPage {
    /// Events in the order in which they took effect.
    pub events: Vec<Box<RawValue>>,
    /// The beginning of the next page; `None` on the last.
    pub next_cursor: Option<String>,
}

/// The time zone of queries that name none.
///
/// # Errors
///
/// If the source cannot be read, or its zone is unknown here.
pub(crate) fn usual_zone(source: &dyn Source) -> Result<Zone, Error> {
    /// The part of the catalogue that says it; earlier releases take UTC, and do not say so.
    #[derive(Deserialize)]
    struct Facts {
        time_zone: Option<String>,
    }
    let facts: Facts = query_json(source, &Query::of(Report::Catalogue))?;
    facts.time_zone.map_or(Ok(Zone::UTC), |name| {
        let unknown =
            |why| Error::WrongCall(format!("the server's time zone {why}; name another with --time-zone"));
        Zone::named(&name).map_err(unknown)
    })
}

/// Reads a whole JSON response.
///
/// # Errors
///
/// If the query is refused, the response breaks off, or it is not such a response.
pub(crate) fn query_json<T: DeserializeOwned>(source: &dyn Source, query: &Query<'_>) -> Result<T, Error> {
    /// Bytes of a response that is held in memory as a whole.
    const LONGEST_BYTES: u64 = 512 * 1024 * 1024;
    let mut text = Vec::new();
    let mut response = source.query(query)?.take(LONGEST_BYTES);
    response.read_to_end(&mut text).map_err(|error| Error::BrokenOff(error.to_string()))?;
    serde_json::from_slice(&text)
        .map_err(|error| Error::System { context: "cannot read the response", message: error.to_string() })
}
