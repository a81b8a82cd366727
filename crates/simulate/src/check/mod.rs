//! Holds the reports of a server or a data directory against expected totals.

pub(crate) mod compare;
mod explain;
mod queries;

use std::time::{Duration, Instant};

use serde_json::Value;

use crate::check::compare::{Checked, compare};
use crate::check::explain::explain;
use crate::check::queries::{count_open, open_ids};
use crate::expectation::{Expectation, ExpectationError};

/// The wait between two looks at the open sessions.
const LOOK_INTERVAL: Duration = Duration::from_millis(500);

/// What answers queries.
pub trait Reports {
    /// Why one has no answer.
    type Error: From<ExpectationError> + From<NotAReport>;

    /// The response to `POST /query` with this body.
    ///
    /// # Errors
    ///
    /// If there is none.
    fn query(&self, body: &Value) -> Result<Value, Self::Error>;

    /// The response to a statement of SQL.
    ///
    /// # Errors
    ///
    /// If there is none.
    fn sql(&self, statement: &str) -> Result<Value, Self::Error>;
}

/// A response that is not what a query asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the response is not a report")]
pub struct NotAReport;

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
