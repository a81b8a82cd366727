//! Panels: queries whose responses have a shape of their own, each requested by URL parameters.
//!
//! A panel is a request, `Request::parse(pairs, now_ms)`, and a method of [`Reports`](crate::Reports) that responds to it.
//! Open sessions count unless `include_open` is `false`. A range without data gives zeros, empty lists and nulls.
//!
//! - [`concurrency`]: how many sessions or visitors are present at each second or minute.
//! - [`audience`]: how many viewers watched each minute of a content, or of the clock while it is live.
//! - [`retention`]: the share of content starts that watched each second or percent of a content.
//! - [`funnel`]: how many sessions reached each step.
//! - [`time_spent`]: playing time by the clock.
//! - [`quality`]: the quality of playback.
//! - [`metadata_keys`]: the keys of custom metadata.
//! - [`ads`]: the numbers of ads and breaks.
//! - [`listing`]: the sessions behind a number.

pub mod ads;
pub mod audience;
mod breaks;
pub mod concurrency;
mod content;
pub mod funnel;
mod groups;
pub mod listing;
mod memory;
pub mod metadata_keys;
pub(crate) mod panel_request;
pub mod quality;
pub mod retention;
mod span_columns;
mod spans;
pub mod time_spent;
mod value_names;
mod values;

use datafusion::execution::SendableRecordBatchStream;
use datafusion::logical_expr::Expr;
use datafusion::prelude::SessionContext;
use playhead_lake::Table;

use crate::error::Error;
use crate::query::rows::Rows;

pub use ads::{AdsRequest, AdsResponse};
pub use audience::{AudienceBy, AudienceRequest, AudienceResponse};
pub use concurrency::{ConcurrencyRequest, ConcurrencyResponse};
pub use content::TimelineCounts;
pub use funnel::{FunnelRequest, FunnelResponse};
pub use listing::{SessionList, SessionListRequest, SessionTraits};
pub use metadata_keys::{MetadataKeysRequest, MetadataKeysResponse};
pub use panel_request::{Breakdown, Scope, ScopeResponse};
pub use quality::worsened::{WorsenedRequest, WorsenedResponse};
pub use quality::{QualityRequest, QualityResponse};
pub use retention::{RetentionRequest, RetentionResponse};
pub use time_spent::{TimeSpentRequest, TimeSpentResponse};

/// A request for a panel whose numbers can stand in rows: in CSV and other files.
pub trait PanelRows {
    /// The response.
    type Response;

    /// The numbers of its response as rows.
    fn rows(&self, response: Self::Response) -> Rows;
}

/// Streams the rows of a table that meet a condition, with these columns only.
async fn rows(
    context: &SessionContext,
    table: Table,
    condition: Option<Expr>,
    columns: Vec<Expr>,
) -> Result<SendableRecordBatchStream, Error> {
    Ok(groups::rows_of(context, table, condition).await?.select(columns)?.execute_stream().await?)
}

/// A share, to six decimals; `None` if the whole is 0.
fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| (part as f64 / whole as f64 * 1_000_000.0).round() / 1_000_000.0)
}
