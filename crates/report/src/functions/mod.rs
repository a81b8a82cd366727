//! Functions that the queries need and the query engine lacks.

pub(crate) mod bucket;
pub(crate) mod date_part;
pub(crate) mod growing;
pub(crate) mod quantile;
pub(crate) mod session_key;
pub(crate) mod state;
pub(crate) mod type_texts;
