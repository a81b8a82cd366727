//! The tables: filled from the journal in the background (`keeper`), and read together with what is not in them yet
//! (`unstored`, `in_memory`) by whatever is asked ([`queries`]).

pub mod exclusion_desk;
mod handing_over;
pub(crate) mod in_memory;
pub(crate) mod keeper;
pub mod line;
pub mod lineage;
mod open_walk;
pub mod queries;
mod retention_clock;
pub(crate) mod settling;
pub(crate) mod unstored;
pub mod upkeep;
