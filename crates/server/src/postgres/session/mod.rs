//! What a connection has: its settings, its transaction, its prepared statements, its cursors; and how statements run in it.

pub(super) mod connection;
mod copy_out;
mod cursor;
mod extended;
pub(super) mod functions;
mod known_settings;
mod perform;
mod prepared;
pub(super) mod queries;
mod room;
pub(super) mod running;
mod setting_values;
pub(super) mod settings;
mod transaction;
