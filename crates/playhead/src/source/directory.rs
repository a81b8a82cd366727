//! A data directory as a source of reports.

use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;

use futures::StreamExt;
use futures::stream::BoxStream;
use playhead_journal::PageCursor;
use playhead_lake::{Exclusion, Location};
use playhead_node::clock::Clock;
use playhead_node::directory::{Directory, open_directory};
use playhead_node::error::{ExclusionError, QueryError};
use playhead_node::exclusions::ExclusionList;
use playhead_node::sessions::filter::SessionFilter;
use playhead_node::sessions::list;
use playhead_node::tables::exclusion_desk::exclusion_of;
use playhead_node::tables::queries::ReportQuery;
use playhead_protocol::SessionId;
use playhead_report::Zone;
use serde::Serialize;
use serde_json::Value;
use serde_json::value::{RawValue, to_raw_value};
use tokio::runtime::Runtime;

use crate::error::Error;
use crate::source::{EventPage, PAGE_ROWS, Query, SessionPage, Source};

/// A data directory, with or without a server that works in it. It is only read; what a server finds out at its start
/// is found out here in memory.
#[derive(Debug)]
pub(crate) struct DirectorySource {
    directory: Directory,
    runtime: Runtime,
}

impl DirectorySource {
    /// Reads the state of a data directory as of now, with its tables at `location`; queries that name no time zone are in
    /// `zone`.
    ///
    /// # Errors
    ///
    /// If there is no journal in it, or it cannot be read.
    pub(crate) fn open(
        directory: &Path,
        location: Location,
        zone: Zone,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, Error> {
        let runtime = runtime()?;
        // Reading the journal and the lake's first steps may need the runtime around them.
        let inside = runtime.enter();
        let directory = open_directory(directory, location, zone, clock)?;
        drop(inside);
        Ok(Self { directory, runtime })
    }
}

impl DirectorySource {
    /// The exclusion of a session from `now_ms` on.
    ///
    /// # Errors
    ///
    /// If there is no such session, or it cannot be read.
    pub(crate) fn exclusion_of(
        &self,
        id: &SessionId,
        reason: String,
        now_ms: i64,
    ) -> Result<Exclusion, Error> {
        let exclusion = exclusion_of(&self.directory.sessions, *id, reason, now_ms);
        self.runtime.block_on(exclusion).map_err(|error| match error {
            ExclusionError::UnknownSession => Error::NoSession(id.to_string()),
            error => error.into(),
        })
    }
}

impl Source for DirectorySource {
    fn query(&self, query: &Query<'_>) -> Result<Box<dyn Read + '_>, Error> {
        let query = ReportQuery {
            report: query.report,
            table: query.table,
            pairs: query.pairs.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect(),
            body: query.body.as_deref().unwrap_or_default().as_bytes(),
            accept: query.accept,
        };
        let found = self.runtime.block_on(self.directory.queries.run(query)).map_err(Error::of_query)?;
        Ok(Box::new(StreamReader { runtime: &self.runtime, chunks: found.body, chunk: None, taken: 0 }))
    }

    fn list(&self, filter: &SessionFilter, limit: usize) -> Result<SessionPage, Error> {
        let mut found = SessionPage { sessions: Vec::new(), next_cursor: None, total: None };
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

    fn session(&self, id: &SessionId) -> Result<Option<Box<RawValue>>, Error> {
        let rows = self.runtime.block_on(self.directory.sessions.session(*id))?;
        rows.map(|rows| RawValue::from_string(rows).map_err(|error| unwritable(&error))).transpose()
    }

    fn exclusions(&self) -> Result<Value, Error> {
        let exclusions = self.runtime.block_on(self.directory.sessions.exclusions())?;
        serde_json::to_value(ExclusionList::of(&exclusions)).map_err(|error| unwritable(&error))
    }

    fn events(&self, id: &SessionId, limit: usize) -> Result<Option<EventPage>, Error> {
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

/// A runtime for work in this process.
///
/// # Errors
///
/// If the system gives no threads.
pub(crate) fn runtime() -> Result<Runtime, Error> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    runtime.map_err(|error| Error::System { context: "cannot start the runtime", message: error.to_string() })
}

/// Reads a response that comes in chunks.
struct StreamReader<'runtime, Chunk> {
    runtime: &'runtime Runtime,
    chunks: BoxStream<'static, Result<Chunk, QueryError>>,
    chunk: Option<Chunk>,
    /// Bytes of the chunk that were read.
    taken: usize,
}

impl<Chunk: AsRef<[u8]>> Read for StreamReader<'_, Chunk> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let rest = self.chunk.as_ref().map_or(&[][..], |chunk| &chunk.as_ref()[self.taken..]);
            if !rest.is_empty() {
                let count = rest.len().min(buffer.len());
                buffer[..count].copy_from_slice(&rest[..count]);
                self.taken += count;
                return Ok(count);
            }
            match self.runtime.block_on(self.chunks.next()) {
                Some(Ok(chunk)) => (self.chunk, self.taken) = (Some(chunk), 0),
                Some(Err(error)) => return Err(io::Error::other(error)),
                None => return Ok(0),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reader(runtime: &Runtime, chunks: Vec<Result<Vec<u8>, QueryError>>) -> StreamReader<'_, Vec<u8>> {
        StreamReader { runtime, chunks: futures::stream::iter(chunks).boxed(), chunk: None, taken: 0 }
    }

    #[test]
    fn a_response_is_read_over_its_chunks_and_their_gaps() {
        let runtime = runtime().unwrap();
        let chunks = ["ab", "", "cdefg", "h"].map(|chunk| Ok(chunk.as_bytes().to_vec()));
        let mut reader = reader(&runtime, chunks.into());
        let mut first = [0; 3];
        reader.read_exact(&mut first).unwrap();
        let mut rest = String::new();
        reader.read_to_string(&mut rest).unwrap();
        assert_eq!((&first, rest.as_str()), (b"abc", "defgh"));
    }

    #[test]
    fn a_response_that_breaks_off_is_not_a_whole_response() {
        let runtime = runtime().unwrap();
        let chunks = vec![Ok(b"half".to_vec()), Err(QueryError::Internal)];
        let mut text = String::new();
        assert!(reader(&runtime, chunks).read_to_string(&mut text).is_err());
    }
}
