//! The file of expected totals: lines of JSON. The first says which run it is, the last has the totals, and between them is a line
//! for each session, so that a difference can be traced to the sessions that make it.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::books::account::Account;
use crate::books::metric::METRICS;
use crate::books::totals::{Bounds, Totals, dimensions_of};
use crate::load::viewer::Viewer;
use crate::settings::Settings;
use crate::world::World;

/// The version of the file.
const VERSION: u32 = 1;

/// Bytes of a line at most: the totals of all contents.
const LINE_BYTES_MAX: u64 = 256 * 1024 * 1024;

/// The first line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Header {
    /// The version of the file.
    pub(crate) playhead_expectation: u32,
    /// What was asked for.
    pub(crate) settings: Settings,
    /// The beginning of the run, ms since the epoch.
    pub(crate) begin_ms: i64,
    /// The metrics of `low` and `high`, in their order.
    pub(crate) metrics: Vec<String>,
}

/// The line of a session.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct SessionLine {
    /// Its id.
    pub(crate) session_id: String,
    /// Channel, player, report suite and content.
    pub(crate) by: [String; 4],
    /// What its row must show.
    #[serde(flatten)]
    pub(crate) bounds: Bounds,
}

/// The last line.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Footer {
    /// The totals of all sessions.
    pub(crate) totals: Totals,
    /// Sessions that were acknowledged.
    pub(crate) sessions: u64,
    /// Sessions that may exist beside them: starts whose answers were lost.
    pub(crate) possible_orphans: u64,
    /// Sessions of which more is unknown than could be kept: their bounds are not exact.
    pub(crate) cut_sessions: u64,
}

/// Why a file of expectations cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ExpectationError {
    /// It cannot be read.
    #[error("cannot read {}: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The message of the operating system.
        source: std::io::Error,
    },
    /// It cannot be written.
    #[error("cannot write {}: {source}", path.display())]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// The message of the operating system.
        source: std::io::Error,
    },
    /// It is something else, or not whole.
    #[error("{}: {message}", path.display())]
    Unusable {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        message: String,
    },
}

/// Writes the file while the run goes on.
#[derive(Debug)]
pub(crate) struct Writer {
    path: PathBuf,
    file: BufWriter<File>,
    footer: Footer,
    error: Option<std::io::Error>,
}

impl Writer {
    /// Begins a file.
    ///
    /// # Errors
    ///
    /// If it cannot be written.
    pub(crate) fn create(path: &Path, settings: &Settings, begin_ms: i64) -> Result<Self, ExpectationError> {
        let unwritable = |source| ExpectationError::Unwritable { path: path.to_owned(), source };
        let file = File::create(path).map_err(unwritable)?;
        let footer = Footer { totals: Totals::default(), sessions: 0, possible_orphans: 0, cut_sessions: 0 };
        let mut writer = Self { path: path.to_owned(), file: BufWriter::new(file), footer, error: None };
        let header = Header {
            playhead_expectation: VERSION,
            settings: settings.clone(),
            begin_ms,
            metrics: METRICS.iter().map(|metric| metric.name.to_owned()).collect(),
        };
        writer.write(&header);
        Ok(writer)
    }

    /// Adds what is known of a viewer who has gone.
    pub(crate) fn add_viewer(&mut self, viewer: &Viewer, world: &World) {
        let (identity, catalogue) = (&viewer.script.identity, &world.catalogue);
        if viewer.lost_starts > 0 {
            self.footer.possible_orphans += u64::from(viewer.lost_starts);
            let start = Account::of_start(catalogue.content(identity.content), identity.is_resumed);
            self.footer.totals.add_orphans(identity, catalogue, &start, viewer.lost_starts);
        }
        let (Some(sid), Some(books)) = (&viewer.sid, &viewer.books) else { return };
        self.footer.sessions += 1;
        self.footer.cut_sessions += u64::from(books.is_cut);
        let bounds = self.footer.totals.add(identity, catalogue, books.accounts());
        let by = dimensions_of(identity, catalogue).map(str::to_owned);
        self.write(&SessionLine { session_id: sid.to_string(), by, bounds });
    }

    fn write(&mut self, line: &impl Serialize) {
        if self.error.is_some() {
            return;
        }
        let written = serde_json::to_writer(&mut self.file, line)
            .map_err(std::io::Error::from)
            .and_then(|()| self.file.write_all(b"\n"));
        self.error = written.err();
    }

    /// Ends the file with the totals.
    ///
    /// # Errors
    ///
    /// If this, or a line before, could not be written.
    pub(crate) fn finish(mut self) -> Result<Footer, ExpectationError> {
        let footer = self.footer.clone();
        self.write(&footer);
        if self.error.is_none() {
            self.error = self.file.flush().err();
        }
        match self.error.take() {
            Some(source) => Err(ExpectationError::Unwritable { path: self.path, source }),
            None => Ok(footer),
        }
    }
}

/// Expected totals that a run has written.
#[derive(Debug, Clone, PartialEq)]
pub struct Expectation {
    path: PathBuf,
    /// The run.
    pub(crate) header: Header,
    /// Its totals.
    pub(crate) footer: Footer,
}

impl Expectation {
    /// Reads the first and the last line of a file.
    ///
    /// # Errors
    ///
    /// If it is no such file, or the run did not end.
    pub fn read(path: &Path) -> Result<Self, ExpectationError> {
        let unusable =
            |message: &str| ExpectationError::Unusable { path: path.to_owned(), message: message.to_owned() };
        let mut lines = Lines::open(path)?;
        let first = lines.next_line()?.unwrap_or_default();
        let header: Header = serde_json::from_str(&first)
            .map_err(|_| unusable("is not a file that `playhead simulate --expect` wrote"))?;
        let is_known = header.playhead_expectation == VERSION
            && header.metrics.iter().eq(METRICS.map(|metric| metric.name));
        if !is_known {
            return Err(unusable("was written by another release of playhead; check it with that one"));
        }
        let mut last = String::new();
        while let Some(line) = lines.next_line()? {
            last = line;
        }
        let footer: Footer = serde_json::from_str(&last)
            .map_err(|_| unusable("has no totals at its end: the run did not end, or its file was cut"))?;
        let is_whole = footer.totals.all.low.len() == METRICS.len() || footer.sessions == 0;
        if !is_whole {
            return Err(unusable("has totals that do not fit its metrics"));
        }
        Ok(Self { path: path.to_owned(), header, footer })
    }

    /// The lines of all sessions, by their ids.
    ///
    /// # Errors
    ///
    /// If the file cannot be read any more.
    pub(crate) fn sessions(&self) -> Result<HashMap<String, SessionLine>, ExpectationError> {
        let mut lines = Lines::open(&self.path)?;
        let mut found = HashMap::new();
        while let Some(line) = lines.next_line()? {
            if let Ok(session) = serde_json::from_str::<SessionLine>(&line) {
                found.insert(session.session_id.clone(), session);
            }
        }
        Ok(found)
    }
}

/// The lines of a file, none longer than [`LINE_BYTES_MAX`].
struct Lines<'path> {
    path: &'path Path,
    file: BufReader<File>,
}

impl<'path> Lines<'path> {
    fn open(path: &'path Path) -> Result<Self, ExpectationError> {
        let file = File::open(path)
            .map_err(|source| ExpectationError::Unreadable { path: path.to_owned(), source })?;
        Ok(Self { path, file: BufReader::new(file) })
    }

    fn next_line(&mut self) -> Result<Option<String>, ExpectationError> {
        let unreadable = |source| ExpectationError::Unreadable { path: self.path.to_owned(), source };
        let mut line = Vec::new();
        let mut limited = std::io::Read::take(&mut self.file, LINE_BYTES_MAX);
        let read = limited.read_until(b'\n', &mut line).map_err(unreadable)?;
        if read == 0 {
            return Ok(None);
        }
        // Text that is not UTF-8 is not JSON either, which the caller finds out.
        Ok(Some(String::from_utf8_lossy(&line).into_owned()))
    }
}
