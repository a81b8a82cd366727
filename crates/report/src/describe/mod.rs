//! The catalogue as JSON and as a reference document.

pub mod catalogue;
pub(crate) mod reference;
