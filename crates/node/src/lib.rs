//! Everything that a server does, without HTTP: events go in through [`ingest`], sessions and tables answer queries, and
//! [`live`] says what happens now.
//!
//! A node reads no clock and no randomness of its own: both are passed in ([`clock`]). It does not know the front
//! doors: a door parses its requests, submits events, and decides what an error means to its client.

pub mod backup;
pub mod clock;
pub mod directory;
pub mod error;
pub mod exclusions;
pub mod ingest;
pub mod kept;
pub mod limits;
pub mod live;
mod node;
pub mod outcome;
mod readers;
pub mod reason;
pub mod refusals;
pub mod reporter;
pub mod schedules;
pub mod sessions;
pub mod settings;
mod status;
pub mod stop;
pub mod tables;
mod telemetry;
pub mod work_kind;

pub use node::{Node, Outside, Running};
