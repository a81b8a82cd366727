//! What a client says, taken apart: a message into statements, and a statement into what it asks for.

mod copy_options;
pub(super) mod parse;
mod set_values;
mod split;
pub(super) mod statement;
mod words;
