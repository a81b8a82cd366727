//! The two sets of sessions of a panel that shows them side by side.

use playhead_report::{Faults, QueryRequest};
use serde_json::{Map, Value};

use crate::kept::fields::Fields;
use crate::limits::KEPT_NAME_BYTES;

/// The sets, by the names of their parameters.
const SIDES: [&str; 2] = ["a", "b"];

/// Finds the faults of both sets and of what they have in common: as queries, the parser finds them that will have the requests
/// later. Whether there are none.
pub(crate) fn check_sides(panel: &mut Fields<'_>, parameters: &Map<String, Value>) -> bool {
    let mut common = parameters.clone();
    let sides = SIDES.map(|name| (name, common.remove(name)));
    let mut is_fine = take_down(panel, "parameters", parsed(&common));
    for (name, side) in sides {
        let place = format!("parameters/{name}");
        let Some(side) = side.filter(|side| !side.is_null()) else {
            panel.fault(&place, "is required");
            is_fine = false;
            continue;
        };
        let (is_named, filters) = read_side(panel, &place, side);
        is_fine &= is_named;
        // What is wrong with the rest is said already.
        let mut of_side: Map<String, Value> = Map::new();
        of_side.extend(common.get("metrics").map(|metrics| ("metrics".to_owned(), metrics.clone())));
        of_side.insert("filters".to_owned(), filters);
        if is_fine {
            is_fine &= take_down(panel, &place, parsed(&of_side));
        }
    }
    is_fine
}

/// The filters of a set, and whether its other fields are fine.
fn read_side(panel: &mut Fields<'_>, place: &str, side: Value) -> (bool, Value) {
    let mut faults = Faults::default();
    let mut fields = Fields::of(side, panel.path_of(place), &mut faults);
    fields.line("name", KEPT_NAME_BYTES);
    let filters = fields.value("filters").unwrap_or_else(|| Value::Array(Vec::new()));
    fields.finish();
    let found = faults.or_list(()).err().unwrap_or_default();
    let is_fine = found.is_empty();
    panel.faults().extend(found);
    (is_fine, filters)
}

fn parsed(body: &Map<String, Value>) -> Result<(), playhead_report::Error> {
    QueryRequest::parse(Value::Object(body.clone()).to_string().as_bytes()).map(|_| ())
}

/// Takes down what a parser found, below a place of the panel. Whether that is nothing.
pub(crate) fn take_down(
    panel: &mut Fields<'_>,
    place: &str,
    outcome: Result<(), playhead_report::Error>,
) -> bool {
    match outcome {
        Err(playhead_report::Error::Invalid(faults)) => {
            for fault in faults {
                let path = fault.path.trim_start_matches('/');
                let separator = if path.is_empty() { "" } else { "/" };
                panel.fault(&format!("{place}{separator}{path}"), fault.message);
            }
            false
        }
        Err(error) => {
            panel.fault(place, error.to_string());
            false
        }
        Ok(()) => true,
    }
}
