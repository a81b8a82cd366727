//! The row tables: Delta Lake on local disk or object storage.
//!
//! Only this crate knows Parquet and Delta. Closed sessions and accepted events come from the journal, each exactly
//! once: every version of a table that takes rows in says, as a Delta application transaction, up to which position of
//! the journal they go, so a hand-over that was cut short begins where the table says and not where anybody remembers.

mod append;
pub mod bounds;
mod column_builder;
mod compact;
mod data_files;
mod delta;
pub mod error;
mod event_rows;
mod expire;
pub mod files;
pub mod handover;
pub mod lake;
pub mod limits;
pub mod location;
mod log_files;
pub mod maintenance;
mod reference;
pub mod rollup;
pub mod rollup_tables;
mod row_json;
pub mod rows;
mod stored_file;
pub mod tables;
pub mod verify;
mod writing;

pub use bounds::Bounds;
pub use error::Error;
pub use event_rows::event_batch;
pub use files::ParquetFile;
pub use handover::{HandedIn, SESSION_TABLES, Taken};
pub use lake::{Lake, Snapshot};
pub use location::Location;
pub use maintenance::{Done, Maintenance, MaintenanceSettings, Work};
pub use reference::reference_markdown;
pub use rollup::RolledUp;
pub use rollup_tables::{ROLLUPS, Rollup};
pub use row_json::rows_json;
pub use rows::RowsBuilder;
pub use tables::{Kind, Table, TableColumn};
pub use verify::{Finding, Progress, Verified};

/// A log filter that keeps the libraries of the tables from telling at `info` all that they do, whole schemas among it.
/// Stands before the operator's own filter, which hears them by their names.
pub const QUIET_LIBRARIES: &str = "buoyant_kernel=warn,buoyant_kernel_engine=warn,deltalake=warn";
