//! Which sessions could explain a difference: those whose row is not what was acknowledged.

use std::collections::HashSet;

use crate::books::metric::METRICS;
use crate::books::totals::DIMENSIONS;
use crate::check::compare::{Checked, is_within};
use crate::check::queries::{FoundSession, sessions_after};
use crate::check::reports::Reports;
use crate::expectation::{Expectation, SessionLine};

/// Sessions that are named.
const SESSIONS_MAX: usize = 20;
/// Values of a session that are named.
const VALUES_MAX: usize = 6;

/// Adds the sessions that differ, until enough are named.
pub(crate) fn explain<R: Reports>(
    expectation: &Expectation,
    reports: &R,
    checked: &mut Checked,
) -> Result<(), R::Error> {
    let mut known = HashSet::new();
    let expected = expectation.sessions()?;
    let mut after = String::new();
    loop {
        let page = sessions_after(expectation, reports, &after)?;
        let Some(last) = page.last() else { break };
        after.clone_from(&last.id);
        for session in &page {
            let line = expected.get(&session.id);
            let why = match line {
                Some(line) => difference(line, session),
                None => Some("is in the reports, and was not acknowledged to the generator".to_owned()),
            };
            if let Some(why) = why
                && checked.explanations.len() < SESSIONS_MAX
            {
                checked.explanations.push(format!("{} {why}", session.id));
            }
            known.insert(session.id.clone());
        }
    }
    let mut missing: Vec<&String> = expected.keys().filter(|id| !known.contains(*id)).collect();
    missing.sort_unstable();
    let room = SESSIONS_MAX.saturating_sub(checked.explanations.len());
    let missing = missing.into_iter().take(room);
    checked
        .explanations
        .extend(missing.map(|id| format!("{id} was acknowledged, and is not in the reports")));
    Ok(())
}

/// In words, how a row differs from what is expected; `None` if it does not.
fn difference(line: &SessionLine, found: &FoundSession) -> Option<String> {
    let mut differences = Vec::new();
    for (place, dimension) in DIMENSIONS.into_iter().enumerate() {
        let (expected, is) = (&line.by[place], &found.by[place]);
        if expected != is {
            differences.push(format!("{dimension} {is} in place of {expected}"));
        }
    }
    for (place, metric) in METRICS.iter().enumerate() {
        let (low, high) = line.bounds.at(place);
        let value = found.values.get(place).copied().unwrap_or_default();
        if !is_within(value, (low, high), metric.unit) {
            let range = if low == high { low.to_string() } else { format!("{low} to {high}") };
            differences.push(format!("{} {value} in place of {range}", metric.name));
        }
    }
    if differences.is_empty() {
        return None;
    }
    let more = differences.len().saturating_sub(VALUES_MAX);
    differences.truncate(VALUES_MAX);
    let more = if more > 0 { format!(", and {more} more") } else { String::new() };
    Some(format!("has {}{more}", differences.join(", ")))
}
