//! The wire: events, the table of parameters, JSON Schemas, parsing and validation.
//!
//! Pure: no I/O, no clock, no threads. Only this crate knows the JSON field names of the wire. What it hands on is an
//! [`Event`], which no longer says through which door it came.

mod event;
mod event_type;
mod facts;
mod fault;
mod json;
pub mod limits;
mod packed;
mod param_table;
mod recorded;
mod reference;
mod session_id;
mod shared_bytes;
pub mod time;
mod v1;
mod validation;

pub use event::{Detail, ErrorDetail, Event, Quality, Remarks};
pub use event_type::EventType;
pub use facts::{Fact, Facts, PackedFacts};
pub use fault::{Fault, Rejection};
pub use packed::{PackedPairs, PackedParams, PairsPacker, ParamValue, ParamsPacker};
pub use param_table::{Carrier, PARAMS, Param, ParamId, Requirement, TextRule, ValueType};
pub use recorded::{Delivery, Origin, Recorded, Wire, decode};
pub use reference::reference_markdown;
pub use session_id::{MalformedSessionId, SessionId};
pub use shared_bytes::SharedBytes;
pub use v1::parse_batch::{BatchEndpoint, parse_batch};
pub use v1::parse_event::{Endpoint, is_array, parse_event};
pub use v1::schema::schema;
pub use validation::{UnknownValidation, Validation};
