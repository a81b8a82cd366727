//! The report API: a call each for sessions, queries, panels, live numbers and logins, and the document that lists them.

pub(crate) mod call;
pub(crate) mod calls;
pub(crate) mod exclusions;
pub(crate) mod kept;
pub(crate) mod live;
pub(crate) mod login;
pub(crate) mod openapi;
pub(crate) mod operations;
pub(crate) mod queries;
pub(crate) mod query;
pub(crate) mod request_schemas;
pub(crate) mod routes;
pub(crate) mod sessions;
pub(crate) mod shapes;
pub(crate) mod time_zones;
