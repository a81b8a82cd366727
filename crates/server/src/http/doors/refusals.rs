//! The list of refused requests as HTTP reports it: each with the status that its client got.

use schemars::JsonSchema;
use serde::Serialize;

use crate::app::App;
use crate::error::answer_for;

/// A refused request with its status.
#[derive(JsonSchema, Serialize)]
#[schemars(rename = "Refusal")]
pub(crate) struct RefusalReport {
    /// The status of the response.
    status: u16,
    #[serde(flatten)]
    refusal: playhead_node::refusals::RefusalReport,
}

/// The last refused requests, the latest first.
pub(crate) fn latest(app: &App, limit: usize) -> Vec<RefusalReport> {
    let latest = app.node.refusals.latest(limit, app.node.sessions.live()).into_iter();
    latest
        .map(|refusal| RefusalReport { status: answer_for(refusal.reason).status.as_u16(), refusal })
        .collect()
}
