//! The Media Collection API, version 1: its bodies, its rules and its JSON Schemas.

pub(crate) mod check_entries;
pub(crate) mod check_params;
pub(crate) mod check_quality;
pub(crate) mod check_states;
pub(crate) mod checker;
pub(crate) mod parse_batch;
pub(crate) mod parse_event;
pub(crate) mod schema;
pub(crate) mod slots;
