//! The wire: events, the table of parameters, JSON Schemas, parsing and validation.
//!
//! Pure: no I/O, no clock, no threads. Only this crate knows the JSON field names of the wire. What it hands on is an
//! [`Event`], which no longer says through which door it came.

mod event;
mod event_type;
mod packed;
mod param_table;
mod session_id;

pub use event::{Detail, Door, ErrorDetail, Event, Quality, Remarks};
pub use event_type::EventType;
pub use packed::{PackedPairs, PackedParams, PairsPacker, ParamValue, ParamsPacker};
pub use param_table::{Carrier, PARAMS, Param, ParamId, Requirement, TextRule, ValueType};
pub use session_id::{MalformedSessionId, SessionId};
