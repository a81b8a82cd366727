//! A check: waits, compares, explains.

use std::time::{Duration, Instant};

use crate::check::compare::{Checked, compare};
use crate::check::explain::explain;
use crate::check::queries::{count_open, open_ids};
use crate::check::reports::Reports;
use crate::expectation::Expectation;

/// The wait between two looks at the open sessions.
const LOOK_INTERVAL: Duration = Duration::from_millis(500);

/// Waits until the sessions of the run have closed, at most so long, and compares the reports with what is expected. `tell` is told
/// how many sessions are open.
///
/// # Errors
///
/// If a query has no answer, or the expected totals cannot be read any more.
pub fn check<R: Reports>(
    expectation: &Expectation,
    reports: &R,
    wait: Duration,
    tell: &mut dyn FnMut(u64),
) -> Result<Checked, R::Error> {
    let began = Instant::now();
    let mut open = count_open(expectation, reports)?;
    while open > 0 && began.elapsed() < wait {
        tell(open);
        std::thread::sleep(LOOK_INTERVAL.min(wait.saturating_sub(began.elapsed())));
        open = count_open(expectation, reports)?;
    }
    let mut checked = compare(expectation, reports)?;
    checked.open_sessions = open;
    if open > 0 {
        checked.open_session_ids = open_ids(expectation, reports)?;
    }
    if !checked.differences.is_empty() {
        explain(expectation, reports, &mut checked)?;
    }
    Ok(checked)
}
