//! The comparison of what reports show with what is expected.

use serde::Serialize;

use crate::books::metric::{AD_METRICS, CHAPTER_METRICS, METRICS, Metric, STATE_METRICS, Unit};
use crate::books::totals::{Bounds, DIMENSIONS, Groups};
use crate::check::queries::{Found, totals};
use crate::check::reports::Reports;
use crate::expectation::Expectation;

/// By how much durations may differ: they are sums of rows, each rounded to the millisecond.
const ROUNDING_MS: i64 = 1;

/// A value of a metric beside what is expected; durations in seconds.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Compared {
    /// The dimension, if it is not about all sessions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dimension: Option<String>,
    /// The value of the dimension.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// The metric.
    pub metric: String,
    /// The least that is expected.
    pub low: f64,
    /// The most that is expected; the same where all is known.
    pub high: f64,
    /// What reports show.
    pub found: f64,
}

/// The result of a check.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Checked {
    /// The run.
    pub run: String,
    /// Sessions that were acknowledged to the generator.
    pub sessions: u64,
    /// Sessions that may exist beside them.
    pub possible_orphans: u64,
    /// Sessions of the run that are open still: their numbers may change.
    pub open_sessions: u64,
    /// Some of these.
    pub open_session_ids: Vec<String>,
    /// Values that were compared.
    pub compared: u64,
    /// Values that are expected as a range, because not all answers came.
    pub ranges: u64,
    /// Sessions of which more is unknown than could be kept.
    pub cut_sessions: u64,
    /// The totals over all sessions.
    pub totals: Vec<Compared>,
    /// What differs, the totals over all sessions first.
    pub differences: Vec<Compared>,
    /// Sessions that could explain the differences, in words.
    pub explanations: Vec<String>,
}

impl Checked {
    /// Whether all sessions have closed, and the reports show what is expected.
    pub fn is_fine(&self) -> bool {
        self.differences.is_empty() && self.open_sessions == 0
    }
}

/// Compares all totals.
pub(crate) fn compare<R: Reports>(expectation: &Expectation, reports: &R) -> Result<Checked, R::Error> {
    let expected = &expectation.footer.totals;
    let mut checked = Checked {
        run: expectation.header.settings.run.clone(),
        sessions: expectation.footer.sessions,
        possible_orphans: expectation.footer.possible_orphans,
        open_sessions: 0,
        open_session_ids: Vec::new(),
        compared: 0,
        ranges: 0,
        cut_sessions: expectation.footer.cut_sessions,
        totals: Vec::new(),
        differences: Vec::new(),
        explanations: Vec::new(),
    };
    let all = Groups::from([(String::new(), expected.all.clone())]);
    let found = totals(expectation, reports, &METRICS, None)?;
    checked.take(None, &METRICS, &all, &found);
    let states = Groups::from([(String::new(), expected.states.clone())]);
    let found = totals(expectation, reports, &STATE_METRICS, None)?;
    checked.take(None, &STATE_METRICS, &states, &found);
    let nothing = Groups::new();
    for dimension in DIMENSIONS {
        let groups = expected.sessions.get(dimension).unwrap_or(&nothing);
        let found = totals(expectation, reports, &METRICS, Some(dimension))?;
        checked.take(Some(dimension), &METRICS, groups, &found);
    }
    let error_metrics = METRICS.iter().find(|metric| metric.name == "error_events");
    let error_metrics: Vec<Metric> = error_metrics.copied().into_iter().collect();
    for (dimension, metrics, groups) in [
        ("ad_id", AD_METRICS.as_slice(), &expected.ads),
        ("chapter_name", CHAPTER_METRICS.as_slice(), &expected.chapters),
        ("error_id", error_metrics.as_slice(), &expected.errors),
    ] {
        let found = totals(expectation, reports, metrics, Some(dimension))?;
        checked.take(Some(dimension), metrics, groups, &found);
    }
    Ok(checked)
}

impl Checked {
    /// Compares the groups of a dimension.
    fn take(&mut self, dimension: Option<&str>, metrics: &[Metric], groups: &Groups, found: &Found) {
        let nothing = Bounds::default();
        let strangers = found.keys().filter(|name| !groups.contains_key(*name));
        let strangers = strangers.map(|name| (name, &nothing));
        for (name, bounds) in groups.iter().chain(strangers) {
            for (place, metric) in metrics.iter().enumerate() {
                let (low, high) = bounds.at(place);
                let value = found.get(name).and_then(|values| values.get(place)).copied().unwrap_or_default();
                let compared = Compared {
                    dimension: dimension.map(str::to_owned),
                    value: dimension.map(|_| name.clone()),
                    metric: metric.name.to_owned(),
                    low: shown(low, metric.unit),
                    high: shown(high, metric.unit),
                    found: shown(value, metric.unit),
                };
                self.compared += 1;
                self.ranges += u64::from(low != high);
                if !is_within(value, (low, high), metric.unit) {
                    self.differences.push(compared.clone());
                }
                if dimension.is_none() {
                    self.totals.push(compared);
                }
            }
        }
    }
}

/// Whether a value is as expected: counts exactly, durations to rounding.
pub(crate) fn is_within(value: i64, (low, high): (i64, i64), unit: Unit) -> bool {
    let rounding = if unit == Unit::Duration { ROUNDING_MS } else { 0 };
    (low - rounding..=high + rounding).contains(&value)
}

/// Durations in seconds.
fn shown(value: i64, unit: Unit) -> f64 {
    match unit {
        Unit::Count => value as f64,
        Unit::Duration => value as f64 / 1_000.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_exact_and_durations_to_the_millisecond() {
        assert!(is_within(5, (5, 5), Unit::Count) && !is_within(6, (5, 5), Unit::Count));
        assert!(is_within(6, (5, 7), Unit::Count) && !is_within(8, (5, 7), Unit::Count));
        assert!(is_within(5_001, (5_000, 5_000), Unit::Duration));
        assert!(!is_within(5_002, (5_000, 5_000), Unit::Duration));
    }
}
