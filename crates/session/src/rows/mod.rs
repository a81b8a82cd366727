//! Rows: their columns and cells, how a session becomes them, how they are written and read back, and who watched.

pub(crate) mod caseless;
pub(crate) mod cell;
pub(crate) mod choice;
pub(crate) mod codec;
pub(crate) mod columns;
mod experience;
pub(crate) mod param_columns;
pub(crate) mod reference;
pub(crate) mod row;
mod row_cells;
pub(crate) mod view_rows;
pub(crate) mod visitor;
