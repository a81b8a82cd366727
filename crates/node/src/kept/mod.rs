//! What people keep on a server beside its numbers: views of the dashboard, boards of panels, annotations of the time axis,
//! schedules of reports.
//!
//! The journal has each of them before it is acknowledged, as a small value of its own, so they come along with every copy
//! of the journal. Each kind has a fixed number of slots, and the key of a value is the number of its slot: however often
//! things are kept and removed, the journal has no more values than that.

pub mod annotation;
pub mod board;
mod content;
mod fields;
pub mod schedule;
mod shelf;
mod sides;
pub mod view;

use std::sync::Arc;

use playhead_journal::JournalReader;

use crate::clock::Clock;
use crate::ingest::notes::Notes;
use crate::kept::annotation::{Annotation, Annotations};
use crate::kept::board::Board;
use crate::kept::schedule::Schedule;
use crate::kept::schedule::places::Places;
use crate::kept::view::View;

pub use content::{Content, Kept, KeptError, TokenHolder};
pub(crate) use fields::written_time;
pub(crate) use shelf::{Placed, Shelf, all_in_journal};

/// Everything that people keep on a node.
#[derive(Debug)]
pub struct KeptThings {
    /// Views of the dashboard.
    views: Arc<Shelf<View>>,
    /// Boards of panels.
    boards: Arc<Shelf<Board>>,
    /// Annotations of the time axis.
    annotations: Arc<Shelf<Annotation>>,
    /// Schedules of reports.
    schedules: Arc<Shelf<Schedule>>,
    /// The way to the journal for what belongs to them.
    pub(crate) notes: Notes,
}

impl KeptThings {
    /// Those that a journal has.
    ///
    /// # Errors
    ///
    /// If the journal cannot be read. A single value that is damaged keeps its slot and is left out.
    pub(crate) fn in_journal(
        journal: &dyn JournalReader,
        notes: &Notes,
        clock: &Arc<dyn Clock>,
        places: &Arc<Places>,
    ) -> Result<Self, playhead_journal::Error> {
        let parts = || (notes.clone(), clock.clone(), places.clone());
        Ok(Self {
            views: shelf_in(journal, parts())?,
            boards: shelf_in(journal, parts())?,
            annotations: shelf_in(journal, parts())?,
            schedules: shelf_in(journal, parts())?,
            notes: notes.clone(),
        })
    }
}

fn shelf_in<T: Content>(
    journal: &dyn JournalReader,
    (notes, clock, places): (Notes, Arc<dyn Clock>, Arc<Places>),
) -> Result<Arc<Shelf<T>>, playhead_journal::Error> {
    Ok(Arc::new(Shelf::in_journal(journal, notes, clock, places)?))
}

/// The annotations that a journal has, with or without a node that writes there.
///
/// # Errors
///
/// If the journal cannot be read.
pub fn annotations_in(journal: &dyn JournalReader) -> Result<Annotations, playhead_journal::Error> {
    Ok(Annotations::of(all_in_journal(journal)?))
}

/// A kind of things that has a shelf.
pub trait OnShelf: Content {
    /// Where all of them are.
    fn shelf(kept: &KeptThings) -> &Arc<Shelf<Self>>;
}

impl OnShelf for View {
    fn shelf(kept: &KeptThings) -> &Arc<Shelf<Self>> {
        &kept.views
    }
}

impl OnShelf for Board {
    fn shelf(kept: &KeptThings) -> &Arc<Shelf<Self>> {
        &kept.boards
    }
}

impl OnShelf for Annotation {
    fn shelf(kept: &KeptThings) -> &Arc<Shelf<Self>> {
        &kept.annotations
    }
}

impl OnShelf for Schedule {
    fn shelf(kept: &KeptThings) -> &Arc<Shelf<Self>> {
        &kept.schedules
    }
}
