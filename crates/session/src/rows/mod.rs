//! Rows: their columns, their cells, and how a session becomes them.

pub(crate) mod cell;
pub(crate) mod columns;
pub(crate) mod reference;
pub(crate) mod row;
pub(crate) mod view_rows;
