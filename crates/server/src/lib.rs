//! The doors of a node: collection endpoints, report API, dashboard and access over HTTP, and the PostgreSQL port.
//!
//! A request is parsed on its connection, handed to the node, and answered when the node has said what became of it.
//! Only this crate knows HTTP and the PostgreSQL protocol.

pub(crate) mod access;
mod app;
mod error;
mod http;
mod postgres;
pub mod reporter;
mod server;
mod webhooks;

pub use error::Error;
pub use http::api::calls::openapi_document;
pub use server::{Outside, Server};
