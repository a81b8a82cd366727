//! The accounting: events in, rows out.
//!
//! Pure: no I/O, no clock, no threads, no async runtime. Time comes in as timestamps of events (the device's clock),
//! as arrival times, and by `advance_to` (the server's clock). The same events with the same arrival times give the
//! same rows, byte for byte, however often time was advanced in between and wherever a checkpoint was taken.
//!
//! - [`Session`]: one session, its reorder window and its end. Serialised, it is its own checkpoint.
//! - [`Engine`]: many sessions, and which of them have something due.
//! - [`SessionRow`], [`SessionRows`]: what comes out, open or closed.
//! - [`Observer`]: sees every attributed interval and every applied event.

mod accounts;
mod cell;
mod columns;
mod content;
mod diagnosis;
mod effects;
mod engine;
mod intervals;
pub mod limits;
mod observe;
mod order;
mod playheads;
mod quality;
mod recent;
mod reference;
mod row;
mod session;
mod settings;
mod spans;
mod timers;
mod view_rows;
mod views;

pub use cell::Cell;
pub use cell::{rfc3339, seconds};
pub use columns::{Column, ColumnType, SESSION_COLUMNS};
pub use diagnosis::{Diagnoses, Diagnosis};
pub use engine::Engine;
pub use intervals::Intervals;
pub use observe::{Account, EventRef, Interval, MovedToStall, Observer, Playback};
pub use recent::{Fingerprint, RecentBodies};
pub use reference::reference_markdown;
pub use row::{SessionRow, SessionRows, start_columns};
pub use session::{Admission, Arrival, CloseReason, Session};
pub use settings::Settings;
pub use view_rows::{AD_EVENTS, CHAPTER_EVENTS, RowCells, view_columns};
pub use views::{AdView, ChapterView, ErrorView, PlayerState, ViewEnd};
