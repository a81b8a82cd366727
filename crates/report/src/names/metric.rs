//! A metric: its rows and its computation.

use std::borrow::Cow;

use crate::names::fact::Fact;

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
    /// Points from 0 to 100.
    Points,
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
            Self::Points => "points",
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

    /// Whether its values over parts of the rows that it is counted over add up to its value over all of them. Over rows of
    /// other kinds, of which a session has several, they may not.
    pub fn adds_up(&self) -> bool {
        let fact = self.facts().first().copied();
        match &self.kind {
            MetricKind::Counted(counted) => {
                fact.and_then(|fact| counted.over(fact)).is_some_and(Measure::is_additive)
            }
            MetricKind::Ratio { .. } => false,
        }
    }

    /// Whether it is 0 rather than null without rows.
    pub fn is_zero_without_rows(&self) -> bool {
        match &self.kind {
            MetricKind::Counted(counted) => {
                !counted.0.iter().any(|(_, measure)| matches!(measure, Measure::Quantile(..)))
            }
            MetricKind::Ratio { .. } => false,
        }
    }
}
