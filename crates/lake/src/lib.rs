//! The row tables: Delta Lake on local disk or object storage.
//!
//! Only this crate knows Parquet and Delta. Closed sessions and accepted events come from the journal, each exactly
//! once: every version of a table that takes rows in says, as a Delta application transaction, up to which position of
//! the journal they go, so a hand-over that was cut short begins where the table says and not where anybody remembers.

pub mod delta;
pub mod error;
pub mod lake;
pub mod limits;
pub mod rows;
pub mod tables;
pub mod upkeep;

pub use delta::bounds::Bounds;
pub use delta::files::ParquetFile;
pub use delta::finding::Finding;
pub use delta::location::Location;
pub use error::Error;
pub use lake::{Lake, Snapshot};
pub use rows::RowsBuilder;
pub use rows::event_rows::event_batch;
pub use rows::row_json::rows_json;
pub use tables::reference::reference_markdown;
pub use tables::rollup_tables::{ROLLUPS, Rollup};
pub use tables::{Kind, Table, TableColumn};
pub use upkeep::handover::{HandedIn, SESSION_TABLES, Taken};
pub use upkeep::maintenance::{Done, Maintenance, MaintenanceSettings, Work};
pub use upkeep::rollup::RolledUp;
pub use upkeep::verify::{Progress, Verified};

/// A log filter that keeps the libraries of the tables from telling at `info` all that they do, whole schemas among it.
/// Stands before the operator's own filter, which hears them by their names.
pub const QUIET_LIBRARIES: &str = "buoyant_kernel=warn,buoyant_kernel_engine=warn,deltalake=warn";
