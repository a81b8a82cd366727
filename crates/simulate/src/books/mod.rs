//! What the reports must show: books of their own, written from the documented rules and not from the product's code.
//!
//! They know the events that a simulated player sends and no others: no clock that is set, no replay after the end, no downloaded
//! sessions. They are kept from the events in the order in which the player meant them, and leave out what was not acknowledged.

pub(crate) mod account;
pub(crate) mod alternatives;
pub(crate) mod metric;
pub(crate) mod totals;
