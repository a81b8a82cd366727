//! The line from the journal to its tables: keeps its [`Lineage`] in the journal, compares it with the tables before each
//! hand-over, and gives this journal a new name in the tables if another history went on under its old one.

use playhead_journal::{Ends, Journal, JournalReader};
use playhead_lake::{Follower, Lake, Lines, NewName, Run, Table};

use crate::clock::RandomSource;
use crate::error::MaintenanceError;
use crate::ingest::notes::Notes;
use crate::tables::lineage::{Examined, Lineage, Parting, Places, name_after_parting};

/// The key under which releases before kept the journal's name in the tables. It still has the name.
const LAKE_NAME: &str = "lake_server";

/// The key under which the journal keeps its lineage.
const LINEAGE: &str = "lake_lineage";

/// Names that are looked through, from one parting to the next.
const NAMES: usize = 256;

/// The line of a running node.
#[derive(Debug)]
pub(crate) struct Line {
    lineage: Lineage,
    notes: Notes,
    /// Whether the journal has the record of this run.
    is_kept: bool,
}

/// A run that has begun.
#[derive(Debug)]
pub(crate) struct Begun {
    pub(crate) lineage: Lineage,
    /// Whether the journal has the record of it.
    is_kept: bool,
}

/// The journal's record of its lineage; `None` if no server of this release has kept one.
///
/// # Errors
///
/// If it cannot be read.
pub fn stored_lineage(reader: &dyn JournalReader) -> Result<Option<Lineage>, playhead_journal::Error> {
    let Some(stored) = reader.meta_get(LINEAGE)? else { return Ok(None) };
    let lineage = serde_json::from_slice(&stored);
    lineage.map(Some).map_err(|error| {
        playhead_journal::Error::Corrupt(format!(
            "what it remembers about its tables cannot be read: {error}"
        ))
    })
}

/// The journal's name in the tables; `None` before its first start with tables.
///
/// # Errors
///
/// If it cannot be read.
pub fn stored_lake_name(reader: &dyn JournalReader) -> Result<Option<String>, playhead_journal::Error> {
    if let Some(lineage) = stored_lineage(reader)? {
        return Ok(Some(lineage.name));
    }
    Ok(reader.meta_get(LAKE_NAME)?.and_then(|name| String::from_utf8(name).ok()))
}

/// Begins a run on this journal, and keeps that in it before it takes events. A start must not depend on room on the disk:
/// if there is none, the record is kept before the tables are looked at.
///
/// # Errors
///
/// If the journal cannot be read, or written for another reason than its disk.
pub(crate) fn begin_run(
    journal: &mut dyn Journal,
    random: &RandomSource,
) -> Result<Begun, playhead_journal::Error> {
    let mut reader = journal.reader()?;
    let mut lineage = match stored_lineage(&*reader)? {
        Some(lineage) => lineage,
        None => Lineage::new(match stored_lake_name(&*reader)? {
            Some(name) => name,
            None => random.bytes().iter().take(8).map(|byte| format!("{byte:02x}")).collect(),
        }),
    };
    let [a, b, c, d, e, f, g, h, ..] = random.bytes();
    // A version of a Delta application is an `i64`, and 0 stands for no token.
    let token = (u64::from_le_bytes([a, b, c, d, e, f, g, h]) >> 1).max(1);
    lineage.begin_run(token, places(reader.ends()?));
    let kept = journal
        .meta_set(LINEAGE, &bytes_of(&lineage)?)
        .and_then(|()| journal.meta_set(LAKE_NAME, lineage.name.as_bytes()));
    match kept {
        Ok(()) => Ok(Begun { lineage, is_kept: true }),
        Err(error @ (playhead_journal::Error::DiskFull { .. } | playhead_journal::Error::Io { .. })) => {
            tracing::warn!(%error, "the journal does not take the record of this start; it is tried again");
            Ok(Begun { lineage, is_kept: false })
        }
        Err(error) => Err(error),
    }
}

impl Line {
    pub(crate) fn new(begun: Begun, notes: Notes) -> Self {
        Self { lineage: begun.lineage, notes, is_kept: begun.is_kept }
    }

    /// The way of notes to the journal.
    pub(crate) fn notes(&self) -> &Notes {
        &self.notes
    }

    /// The last history that this one parted from.
    pub(crate) fn last_parting(&self) -> Option<&Parting> {
        self.lineage.partings().last()
    }

    /// Compares the journal with the tables. After this the tables are this journal's, under its present name, and `lake`
    /// hands over for it. Returns what happened if it parted from another history.
    ///
    /// # Errors
    ///
    /// If the tables or the journal cannot be read or written.
    pub(crate) async fn examine(
        &mut self,
        lake: &Lake,
        ends: Ends,
        now_ms: i64,
    ) -> Result<Option<Parting>, MaintenanceError> {
        if !self.is_kept {
            self.keep().await?;
            self.notes.keep(LAKE_NAME, self.lineage.name.clone().into_bytes()).await?;
            self.is_kept = true;
        }
        let ends = places(ends);
        let tokens = self.lineage.tokens();
        let mut last = self.lineage.name.clone();
        let mut names: Vec<Lines> = vec![lake.lines(&last, &tokens).await?];
        while names.len() < NAMES
            && let Some(parted) = lake.parted_from(&last, &tokens).await?
        {
            last = name_after_parting(&last, parted);
            names.push(lake.lines(&last, &tokens).await?);
        }
        let mut parting = None;
        if let Examined::Theirs { theirs, starts } = self.lineage.examine(&names, ends) {
            let token = self.lineage.token();
            let name = name_after_parting(&last, token);
            let after: Vec<u64> = tokens.iter().copied().filter(|earlier| *earlier != token).collect();
            let followers = self.followers(&Lines::default());
            let new = NewName { name: &name, parted_from: &last, token, starts, followers, after: &after };
            lake.begin_name(&new).await?;
            self.lineage.part(name.clone(), theirs, starts, now_ms);
            self.keep().await?;
            self.notes.keep(LAKE_NAME, name.clone().into_bytes()).await?;
            parting = self.lineage.partings().last().cloned();
            names = vec![lake.lines(&name, &self.lineage.tokens()).await?];
        }
        // The present name comes first.
        let lines = names.first().copied().unwrap_or_default();
        if self.lineage.forget_old_runs(&lines, ends) {
            self.keep().await?;
        }
        let run = Run { token: self.lineage.token(), lines, followers: self.followers(&lines) };
        lake.feed_as(&self.lineage.name, run);
        Ok(parting)
    }

    /// Notes in the journal that rows up to these ends may be handed over, unless it says so already.
    ///
    /// # Errors
    ///
    /// If the journal does not take the note.
    pub(crate) async fn claim(&mut self, ends: Ends) -> Result<(), MaintenanceError> {
        if self.lineage.claim(places(ends)) { self.keep().await } else { Ok(()) }
    }

    async fn keep(&self) -> Result<(), MaintenanceError> {
        self.notes.keep(LINEAGE, bytes_of(&self.lineage)?).await
    }

    fn followers(&self, lines: &Lines) -> [Vec<Follower>; Table::ALL.len()] {
        std::array::from_fn(|place| self.lineage.followers(place, &lines[place]))
    }
}

fn bytes_of(lineage: &Lineage) -> Result<Vec<u8>, playhead_journal::Error> {
    serde_json::to_vec(lineage).map_err(|error| playhead_journal::Error::Refused(error.to_string()))
}

/// The journal's ends as the tables count.
fn places(ends: Ends) -> Places {
    Table::ALL.map(|table| match table {
        Table::Events => ends.next_sequence.get().saturating_sub(1),
        _ => ends.last_position.get(),
    })
}
