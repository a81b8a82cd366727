//! What a picture is made of, and what is drawn of it.

use playhead_picture::Body;
use playhead_report::Zone;
use serde_json::{Map, Value};

use crate::kept::schedule::Schedule;
use crate::kept::schedule::relative_range::Ends;

/// In place of a chart or a table.
const NOTHING: &str = "No sessions in this range.";

/// What a picture is made of.
pub(crate) struct Subject<'run> {
    pub(crate) schedule: &'run Schedule,
    pub(crate) ends: Ends,
    pub(crate) zone: &'run Zone,
    /// The parameters of the report, with the range.
    pub(crate) parameters: Map<String, Value>,
}

/// What stands in a picture below its title.
pub(super) struct Drawn {
    pub(super) body: Body,
    pub(super) notes: Vec<String>,
    pub(super) excluded_sessions: u64,
}

impl Subject<'_> {
    /// The names in a list of the parameters.
    pub(super) fn names(&self, parameter: &str) -> Vec<&str> {
        let list = self.parameters.get(parameter).and_then(Value::as_array);
        list.into_iter().flatten().filter_map(Value::as_str).collect()
    }

    pub(super) fn has(&self, parameter: &str) -> bool {
        self.parameters.get(parameter).is_some_and(|value| !value.is_null())
    }

    /// Whether the numbers are drawn over time. Rows that the schedule orders or cuts are a list.
    pub(super) fn is_over_time(&self) -> bool {
        let granularity = self.parameters.get("granularity").and_then(Value::as_str);
        granularity.is_some_and(|granularity| granularity != "none")
            && !self.has("limit")
            && !self.has("order_by")
    }
}

/// The same, or a sentence if there is nothing to draw.
pub(super) fn or_nothing(body: Body) -> Body {
    let is_empty = match &body {
        Body::Charts(charts) => {
            let mut points = charts.iter().flat_map(|chart| &chart.lines).flat_map(|line| &line.points);
            points.all(|point| point.value.is_none())
        }
        Body::Table(table) => table.rows.is_empty(),
        Body::Nothing(_) => false,
    };
    if is_empty { Body::Nothing(NOTHING.to_owned()) } else { body }
}
