//! HTTP: the wire, the collection doors, the report API and the dashboard's files.

pub(crate) mod api;
pub(crate) mod assets;
pub(crate) mod doors;
pub(crate) mod meant;
pub(crate) mod pages;
pub(crate) mod wire;
