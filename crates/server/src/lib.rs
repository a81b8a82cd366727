//! HTTP: collection endpoints, report API, access, and the ingest pipeline that joins the parts.
//!
//! A request is parsed on its connection, made durable and accounted for by one writer, and answered only then. Only
//! this crate knows HTTP. It reads no clock and no randomness of its own: both are passed in.

pub mod clock;
pub mod error;
mod faults;
mod http;
pub mod ingest;
mod keeper;
pub mod limits;
pub mod live;
mod metrics;
mod postgres;
mod readers;
pub mod reports;
mod server;
pub mod settings;
mod status;
pub mod upkeep;

pub use error::Error;
pub use http::openapi::openapi_document;
pub use server::{Outside, Server};
pub use settings::{Capacity, Settings};
