//! The row tables: Delta Lake on local disk or object storage.
//!
//! Only this crate knows Parquet and Delta. Closed sessions and accepted events come from the journal, each exactly
//! once: every version of a table that adds rows records, as a Delta application transaction, the position of the journal
//! up to which they go, so an interrupted hand-over resumes at the position in the table.

mod delta;
pub mod error;
pub mod exclusion;
mod lake;
pub mod limits;
pub mod line;
pub mod rows;
pub mod tables;
pub mod upkeep;

pub use delta::bounds::Bounds;
pub use delta::files::ParquetFile;
pub use delta::finding::Finding;
pub use delta::location::Location;
pub use error::Error;
pub use exclusion::{Exclusion, Exclusions, Stage, StoredExclusion};
pub use lake::{Lake, Snapshot};
pub use line::{Follower, Lines, NewName, Run, TableLine};
pub use rows::event_rows::event_batch;
pub use rows::row_json::{rows_json, session_json};
pub use rows::{RowsBuilder, is_of_session};
pub use tables::reference::reference_markdown;
pub use tables::rollup_tables::{ROLLUPS, Rollup};
pub use tables::{Kind, Table, TableColumn};
pub use upkeep::copy::{CopiedFile, PinnedFiles};
pub use upkeep::exclusions::Work as ExclusionWork;
pub use upkeep::handover::{HandedIn, SESSION_TABLES, Taken};
pub use upkeep::maintenance::{Done, Maintenance, MaintenanceSettings, Work};
pub use upkeep::rollup::RolledUp;
pub use upkeep::verify::{Progress, Verified};

/// A log filter that silences the `info` messages of the tables' libraries, which include whole schemas. It goes before
/// the operator's own filter, which can enable them by name.
pub const QUIET_LIBRARIES: &str = "buoyant_kernel=warn,buoyant_kernel_engine=warn,deltalake=warn";
