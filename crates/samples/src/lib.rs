//! Seeded sessions with the rows that the accounting gives, for tests and benchmarks. Not shipped.
//!
//! The same seed and settings give the same rows on any machine. Each session is drawn from a source of its own, which
//! the seed and the session's number make, so any part of the sequence can be had without what comes before it.
//!
//! - [`Sessions`]: rows of sessions, ads, chapters and errors, in order of their starts. The numbers of a row fit each
//!   other and the metrics contract: [`course`] walks through the session and keeps its books on the way.
//! - [`events`], [`ping_bodies`]: bodies of events as players send them.

mod catalogue;
mod course;
mod event_bodies;
mod sessions;
mod settings;
mod start_params;
mod starts;
mod visitors;

pub use event_bodies::{SampleEvent, events, ping_bodies};
pub use sessions::Sessions;
pub use settings::SampleSettings;
