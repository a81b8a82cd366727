//! What a session keeps, in little memory: there may be a million of them.

pub(crate) mod books;
pub(crate) mod number;
pub(crate) mod recent;
pub(crate) mod span_list;
pub(crate) mod spans;
