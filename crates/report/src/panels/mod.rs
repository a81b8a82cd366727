//! Panels: questions that have an answer of a shape of their own, each asked for by parameters of a URL.
//!
//! A panel is a request, `Request::parse(pairs, now_ms)`, and a method of [`Reports`] that answers it. Open sessions
//! count unless `include_open` is `false`. A range without data gives zeros, empty lists and nulls.
//!
//! - [`concurrency`]: how many are there at each second or minute.
//! - [`audience`]: how many watched each minute of a content.
//! - [`retention`]: which share of those who began a content watched each second or percent of it.
//! - [`funnel`]: how many got how far.
//! - [`time_spent`]: how long was played when.
//! - [`quality`]: how well it played.
//! - [`ads`]: how ads and breaks did.

pub mod ads;
pub mod audience;
mod breaks;
pub mod concurrency;
mod content;
pub mod funnel;
mod groups;
mod memory;
pub mod panel_request;
pub mod quality;
pub mod retention;
mod span_columns;
mod spans;
pub mod time_spent;
mod values;

use datafusion::execution::SendableRecordBatchStream;
use datafusion::logical_expr::Expr;
use datafusion::prelude::SessionContext;
use playhead_lake::Table;

use crate::error::Error;

pub use ads::{AdsRequest, AdsResponse};
pub use audience::{AudienceRequest, AudienceResponse};
pub use concurrency::{ConcurrencyRequest, ConcurrencyResponse};
pub use funnel::{FunnelRequest, FunnelResponse};
pub use panel_request::{Breakdown, Scope, ScopeResponse};
pub use quality::{QualityRequest, QualityResponse};
pub use retention::{RetentionRequest, RetentionResponse};
pub use time_spent::{TimeSpentRequest, TimeSpentResponse};

/// The rows of a table that meet a condition, as they are read; of each only these columns.
async fn rows(
    context: &SessionContext,
    table: Table,
    condition: Option<Expr>,
    columns: Vec<Expr>,
) -> Result<SendableRecordBatchStream, Error> {
    let frame = context.table(table.name()).await?;
    let frame = match condition {
        Some(condition) => frame.filter(condition)?,
        None => frame,
    };
    Ok(frame.select(columns)?.execute_stream().await?)
}

/// A share, to six decimals; `None` of nothing.
fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| (part as f64 / whole as f64 * 1_000_000.0).round() / 1_000_000.0)
}
