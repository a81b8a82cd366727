//! HTTP as bytes and connections: accepting, limits, bodies, routing, and the shape of responses.

pub(crate) mod body;
pub(crate) mod caller;
pub(crate) mod connections;
pub(crate) mod dispatch;
pub(crate) mod encoding;
pub(crate) mod forwarded;
pub(crate) mod idle;
pub(crate) mod lingering;
pub(crate) mod long_road;
pub(crate) mod rate;
pub(crate) mod responses;
pub(crate) mod router;
pub(crate) mod segment;
pub(crate) mod short_road;
