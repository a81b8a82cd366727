//! Responses of the report API, as far as pictures need them.

use playhead_picture::Point;
use playhead_picture::limits::POINTS;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::reporter::client::Client;
use crate::schedules::asking::{Asked, whole};
use crate::schedules::run::NotSent;
use crate::tables::queries::Report;

/// The response to a query.
#[derive(Debug, Deserialize)]
pub(super) struct Answer {
    pub(super) columns: Vec<AnswerColumn>,
    pub(super) rows: Vec<Vec<Value>>,
    pub(super) row_count_total: u64,
    pub(super) excluded_sessions: u64,
    pub(super) is_partial: Option<Vec<bool>>,
}

/// A column of it.
#[derive(Debug, Deserialize)]
pub(super) struct AnswerColumn {
    pub(super) name: String,
    pub(super) kind: String,
    #[serde(default)]
    pub(super) unit: Option<String>,
}

impl Answer {
    /// Whether the bucket of a row is counted in part only.
    pub(super) fn is_partial(&self, row: usize) -> bool {
        self.is_partial.as_ref().is_some_and(|flags| flags.get(row).copied().unwrap_or(false))
    }

    /// Where the column of that name is.
    pub(super) fn place(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }

    /// The unit of the column of that name.
    pub(super) fn unit(&self, name: &str) -> &str {
        let column = self.columns.iter().find(|column| column.name == name);
        column.and_then(|column| column.unit.as_deref()).unwrap_or("count")
    }
}

/// Asks for a report as JSON.
pub(super) async fn ask<Response: DeserializeOwned>(
    queries: &Client,
    report: Report,
    parameters: &Map<String, Value>,
) -> Result<Response, NotSent> {
    let asked = Asked { queries, report, accept: "application/json" };
    let (_, bytes) = whole(&asked, parameters).await?;
    serde_json::from_slice(&bytes).map_err(|_| NotSent::for_good("internal error"))
}

/// The same points, or the highest of every few neighbours where there are more than a picture has room for; and of how many.
pub(super) fn thinned(points: Vec<Point>) -> (Vec<Point>, usize) {
    let group = points.len().div_ceil(POINTS).max(1);
    if group == 1 {
        return (points, 1);
    }
    let highest = |neighbours: &[Point]| {
        let value = neighbours.iter().filter_map(|point| point.value).reduce(f64::max);
        let is_partial = neighbours.iter().any(|point| point.is_partial);
        Point { at_ms: neighbours[0].at_ms, value, is_partial }
    };
    (points.chunks(group).map(highest).collect(), group)
}
