//! The accounting: events in, rows out.
//!
//! Pure: no I/O, no clock, no threads, no async runtime. Time comes in as timestamps of events (the device's clock),
//! as arrival times, and by `advance_to` (the server's clock). The same events with the same arrival times and steps of
//! the clock give the same rows, byte for byte, however often time was advanced in between and wherever a checkpoint was taken.
//!
//! - [`Session`]: one session, its reorder window and its end. Serialised, it is its own checkpoint.
//! - [`Engine`]: many sessions, and which of them have something due.
//! - [`SessionRow`], [`SessionRows`]: what comes out, open or closed; [`ReadRows`] reads them back.
//! - [`ClockStep`]: a place among the events at which the server's clock was set.
//! - [`Observer`]: sees every attributed interval and every applied event.

mod accounting;
mod engine;
pub mod limits;
mod rows;
mod settings;

pub use accounting::clock::server::ClockStep;
pub use accounting::diagnosis::{Diagnoses, Diagnosis};
pub use accounting::intervals::Intervals;
pub use accounting::kept::recent::{Fingerprint, RecentBodies};
pub use accounting::observe::{Account, EventRef, Interval, MovedToStall, Observer};
pub use accounting::session::{Admission, Arrival, CloseReason, Session};
pub use accounting::views::{AdView, ChapterView, ErrorView, Playback, PlayerState, ViewEnd};
pub use engine::Engine;
pub use rows::caseless::{CASELESS_COLUMNS, content_type};
pub use rows::cell::Cell;
pub use rows::cell::{rfc3339, seconds};
pub use rows::choice::ColumnChoice;
pub use rows::codec::{ReadRows, RowsError};
pub use rows::columns::{Column, ColumnType, SESSION_COLUMNS, start_columns};
pub use rows::param_columns::{AD_EVENTS, CHAPTER_EVENTS};
pub use rows::reference::reference_markdown;
pub use rows::row::{RowOf, RowsOf, SessionRow, SessionRows};
pub use rows::view_rows::{RowCells, view_columns};
pub use rows::visitor::{VISITOR_COLUMNS, Visitor, visitor_of_params};
pub use settings::Settings;
