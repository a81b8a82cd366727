//! Queries over rows: metrics, dimensions, panels, SQL; live and stored rows together.

pub mod describe;
pub mod engine;
pub mod error;
pub mod failure;
mod faults;
mod filter;
pub mod functions;
pub mod limits;
pub mod names;
pub mod nearest;
pub mod output;
pub mod panels;
mod query;
pub mod sql;
mod time;

pub use describe::catalogue::catalogue;
pub use describe::reference::reference_markdown;
pub use engine::reports::{EngineSettings, Reports};
pub use engine::unstored::{NothingUnstored, Unstored};
pub use error::Error;
pub use faults::Faults;
pub use filter::starts::StartFilters;
pub use output::export::ExportRequest;
pub use output::formats::SqlFormat;
pub use panels::{ScopeResponse, SessionListRequest, SessionTraits};
pub use query::names::AlsoKnownAs;
pub use query::request::QueryRequest;
pub use query::response::QueryResponse;
pub use sql::statement::{Completions, SqlLimits, SqlResponse};
pub use time::clocks::ZoneClocks;
pub use time::range::Zone;
