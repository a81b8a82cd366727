//! The metrics: their rows and their computation. One catalogue serves queries, panels, `/catalogue` and the docs.

use std::borrow::Cow;

use crate::names::dimension::Fact;
use crate::names::metric_table;
use crate::nearest::{did_you_mean, quoted};

/// A number that queries request.
#[derive(Debug, Clone, PartialEq)]
pub struct Metric {
    /// Its name, as the request has it.
    pub name: Cow<'static, str>,
    /// Its other names, such as the column that it sums up.
    pub aliases: &'static [&'static str],
    /// Its unit.
    pub unit: Unit,
    /// Its meaning.
    pub definition: Cow<'static, str>,
    /// Its formula, with the names of metrics and columns.
    pub formula: Cow<'static, str>,
    /// The rule that it comes from.
    pub source: Source,
    /// Its computation.
    pub kind: MetricKind,
}

/// The unit of a metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// A count.
    Count,
    /// Seconds, to the millisecond.
    Seconds,
    /// Milliseconds.
    Milliseconds,
    /// A share, mostly from 0 to 1.
    Ratio,
    /// The player's unit of bitrates: bit/s or kbit/s.
    Bitrate,
    /// Frames.
    Frames,
    /// Frames per second.
    FramesPerSecond,
    /// Viewers at a time.
    Viewers,
}

impl Unit {
    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Count => "count",
            Self::Seconds => "seconds",
            Self::Milliseconds => "ms",
            Self::Ratio => "ratio",
            Self::Bitrate => "bitrate",
            Self::Frames => "frames",
            Self::FramesPerSecond => "frames_per_second",
            Self::Viewers => "viewers",
        }
    }

    /// Decimals of its numbers; few enough that the order in which rows were added up does not show.
    pub const fn decimals(self) -> i32 {
        match self {
            Self::Seconds | Self::Milliseconds => 3,
            _ => 6,
        }
    }
}

/// The rule that a metric comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// A section of the accounting of sessions (`docs/accounting.md`).
    Accounting(u8),
    /// The definitions of reports.
    Reports,
}

/// How a metric is computed.
#[derive(Debug, Clone, PartialEq)]
pub enum MetricKind {
    /// Counted over rows.
    Counted(Counted),
    /// A quotient of sums of counts, times `scale`; null if the denominator is 0.
    Ratio {
        /// The terms of the numerator.
        numerator: Vec<Counted>,
        /// The terms of the denominator.
        denominator: Vec<Counted>,
        /// Converts the numerator to the denominator's unit.
        scale: f64,
    },
}

/// A count, with each kind of rows that it can be taken over, the preferred one first.
#[derive(Debug, Clone, PartialEq)]
pub struct Counted(pub Vec<(Fact, Measure)>);

/// How rows are counted.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Measure {
    /// The rows themselves.
    Rows,
    /// The sum of a column of whole numbers or truth values.
    Sum(&'static str),
    /// The sum of a column of numbers with fractions.
    SumNumber(&'static str),
    /// The rows in which a column has a value.
    Present(&'static str),
    /// The rows in which a column is above 0.
    Positive(&'static str),
    /// The views with this end.
    End(&'static str),
    /// A player state.
    State(Box<str>, StatePart),
    /// The distinct sessions of the rows.
    DistinctSessions,
    /// The distinct visitors of the rows.
    DistinctVisitors,
    /// The value of a column that this percentage of the rows with a value do not exceed; exact, interpolated between
    /// two rows.
    Quantile(&'static str, u8),
}

/// A number of a player state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StatePart {
    /// Sessions in which it was open.
    ImpactedStreams,
    /// How often it began.
    Count,
    /// Seconds for which it was open.
    Time,
}

impl StatePart {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::ImpactedStreams, Self::Count, Self::Time];

    /// The suffix of the metric's name.
    pub(crate) const fn suffix(self) -> &'static str {
        match self {
            Self::ImpactedStreams => "_impacted_streams",
            Self::Count => "_count",
            Self::Time => "_time",
        }
    }
}

/// The names of player states that every player knows (metrics contract, section 9).
pub(crate) const STANDARD_STATES: [&str; 5] =
    ["fullScreen", "closedCaptioning", "mute", "pictureInPicture", "inFocus"];

/// The optional prefix of a player state's metric, which sets it apart from other metrics.
pub(crate) const STATE_PREFIX: &str = "state.";

impl Measure {
    /// Whether its values are whole numbers.
    pub const fn is_whole(&self) -> bool {
        match self {
            Self::SumNumber(_) | Self::Quantile(..) | Self::State(_, StatePart::Time) => false,
            Self::Rows
            | Self::Sum(_)
            | Self::Present(_)
            | Self::Positive(_)
            | Self::End(_)
            | Self::State(..)
            | Self::DistinctSessions
            | Self::DistinctVisitors => true,
        }
    }

    /// Whether its values over parts of the rows add up to its value over all of them.
    pub(crate) const fn is_additive(&self) -> bool {
        !matches!(self, Self::DistinctSessions | Self::DistinctVisitors | Self::Quantile(..))
    }
}

impl Counted {
    /// Its measure over rows of `fact`, if it has one.
    pub fn over(&self, fact: Fact) -> Option<&Measure> {
        self.0.iter().find(|(counted, _)| *counted == fact).map(|(_, measure)| measure)
    }
}

impl Metric {
    /// The metric of that name or alias: one of the catalogue, or of a player state.
    ///
    /// A player state's metric is `{state}_count`, `{state}_time` or `{state}_impacted_streams`, with the state's name as
    /// the player writes it. A name that differs from another metric's by at most two letters counts as a typo; for a
    /// state with such a name, the request adds the prefix `state.`.
    ///
    /// # Errors
    ///
    /// A phrase for a fault, with the nearest known name, if the name is unknown.
    pub fn named(name: &str) -> Result<Self, String> {
        for metric in metrics() {
            if metric.name == name {
                return Ok(metric.clone());
            }
            if let Some(alias) = metric.aliases.iter().find(|alias| **alias == name) {
                return Ok(Self { name: Cow::Borrowed(alias), ..metric.clone() });
            }
        }
        state_metric(name).ok_or_else(|| {
            let near = did_you_mean(name, all_names());
            format!("names no metric: {}{near}", quoted(name))
        })
    }

    /// The kinds of rows over which it can be counted, the preferred one first.
    pub fn facts(&self) -> Vec<Fact> {
        let terms = self.terms();
        let Some(first) = terms.first() else { return Vec::new() };
        let facts = first.0.iter().map(|(fact, _)| *fact);
        facts.filter(|fact| terms.iter().all(|counted| counted.over(*fact).is_some())).collect()
    }

    /// The counts that it consists of.
    pub(crate) fn terms(&self) -> Vec<&Counted> {
        match &self.kind {
            MetricKind::Counted(counted) => vec![counted],
            MetricKind::Ratio { numerator, denominator, .. } => numerator.iter().chain(denominator).collect(),
        }
    }

    /// Whether its values are whole numbers.
    pub fn is_whole(&self) -> bool {
        match &self.kind {
            MetricKind::Counted(counted) => counted.0.iter().all(|(_, measure)| measure.is_whole()),
            MetricKind::Ratio { .. } => false,
        }
    }

    /// Whether it is 0 rather than null without rows.
    pub(crate) fn is_zero_without_rows(&self) -> bool {
        match &self.kind {
            MetricKind::Counted(counted) => {
                !counted.0.iter().any(|(_, measure)| matches!(measure, Measure::Quantile(..)))
            }
            MetricKind::Ratio { .. } => false,
        }
    }
}

/// All metrics of the catalogue. Those of player states that are not standard are not listed.
pub fn metrics() -> &'static [Metric] {
    metric_table::metrics()
}

/// The names and aliases of all metrics.
fn all_names() -> impl Iterator<Item = &'static str> {
    metrics().iter().flat_map(|metric| {
        // All names of the catalogue are static or live as long as the catalogue.
        std::iter::once(&*metric.name).chain(metric.aliases.iter().copied())
    })
}

/// The metric of a player state.
fn state_metric(name: &str) -> Option<Metric> {
    /// Letters by which a typo differs.
    const SLIP: usize = 2;
    let prefixed = name.strip_prefix(STATE_PREFIX);
    let rest = prefixed.unwrap_or(name);
    let part = StatePart::ALL.into_iter().find(|part| rest.ends_with(part.suffix()))?;
    let state = &rest[..rest.len() - part.suffix().len()];
    let is_slip = || all_names().any(|known| strsim::osa_distance(known, name) <= SLIP);
    if prefixed.is_none() && state != metric_table::OTHER_FULL_SCREEN && is_slip() {
        return None;
    }
    is_state_name(state).then(|| metric_table::of_state(name.to_owned().into(), state, part))
}

/// Whether a player state may have this name (metrics contract, section 9).
fn is_state_name(name: &str) -> bool {
    const BYTES: usize = 64;
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'.';
    !name.is_empty() && name.len() <= BYTES && name.bytes().all(is_part)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::names::dimension::groupable_names;

    #[test]
    fn every_name_means_one_thing() {
        let mut seen = HashSet::new();
        for name in all_names().chain(groupable_names()).chain(["time"]) {
            assert!(seen.insert(name), "{name} has two meanings");
        }
    }

    #[test]
    fn every_metric_has_a_definition_and_can_be_counted() {
        for metric in metrics() {
            let name = &metric.name;
            assert!(metric.definition.ends_with('.') && metric.definition.len() > 10, "{name}");
            assert!(!metric.formula.is_empty(), "{name}");
            assert!(!metric.facts().is_empty(), "{name}");
        }
    }

    #[test]
    fn aliases_keep_the_requested_name() {
        let metric = Metric::named("content_start").unwrap();
        assert_eq!(metric.name, "content_start");
        assert_eq!(metric.kind, Metric::named("content_starts").unwrap().kind);
        assert!(Metric::named("ad_count").is_ok());
        assert!(Metric::named("completes").is_ok());
    }

    #[test]
    fn player_states_have_metrics_and_typos_do_not() {
        let of = |name: &str| Metric::named(name).map(|metric| metric.kind);
        let state = |name: &str, part| {
            Ok(MetricKind::Counted(Counted(vec![(Fact::Sessions, Measure::State(name.into(), part))])))
        };
        assert_eq!(of("fullScreen_count"), state("fullScreen", StatePart::Count));
        assert_eq!(of("fullscreen_time"), state("fullScreen", StatePart::Time));
        assert_eq!(of("mute_impacted_streams"), state("mute", StatePart::ImpactedStreams));
        assert_eq!(of("theatre.mode_time"), state("theatre.mode", StatePart::Time));
        assert_eq!(of("state.add_count"), state("add", StatePart::Count));
        assert!(Metric::named("add_count").unwrap_err().contains("did you mean ad_count?"));
        assert!(Metric::named("eror_impacted_streams").unwrap_err().contains("error_impacted_streams"));
        assert!(Metric::named("a b_count").is_err());
        assert!(Metric::named(&format!("{}_count", "s".repeat(65))).is_err());
        assert!(Metric::named("_count").is_err());
    }
}
