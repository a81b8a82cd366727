//! Metrics by dimensions and time: the request, the plan, and the response.

pub(crate) mod groups;
pub(crate) mod named_response;
pub(crate) mod names;
pub(crate) mod plan;
pub(crate) mod request;
pub(crate) mod request_json;
pub(crate) mod response;
pub(crate) mod response_json;
pub(crate) mod rollup;
pub(crate) mod rows;
pub(crate) mod run;
