//! The dimensions by which queries break numbers down and filter. One catalogue, made from the columns of the tables,
//! serves queries, panels, `/catalogue` and the docs.

use std::borrow::Cow;
use std::sync::LazyLock;

use datafusion::functions::core::expr_fn::get_field;
use datafusion::functions::string::expr_fn::lower;
use datafusion::logical_expr::Expr;
use datafusion::prelude::ident;
use playhead_lake::{Kind, TableColumn};

use crate::limits::METADATA_KEY_BYTES;
use crate::names::metric::Metric;
use crate::names::timeline::{TIMELINE, TIMELINE_MEANING, timeline};

pub use crate::names::fact::Fact;

/// The type of a dimension's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DimensionKind {
    /// Text.
    Text,
    /// `true` or `false`.
    Boolean,
    /// A whole number.
    Integer,
    /// A number.
    Number,
    /// A moment.
    Time,
}

impl DimensionKind {
    /// Its name in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Boolean => "boolean",
            Self::Integer => "integer",
            Self::Number => "number",
            Self::Time => "time",
        }
    }

    fn of(kind: Kind) -> Option<Self> {
        match kind {
            Kind::Text | Kind::Texts => Some(Self::Text),
            Kind::Boolean => Some(Self::Boolean),
            Kind::Integer => Some(Self::Integer),
            Kind::Number => Some(Self::Number),
            Kind::Time => Some(Self::Time),
            Kind::Day | Kind::TextMap | Kind::States | Kind::TimeSpans | Kind::ContentSpans => None,
        }
    }
}

/// The source of a dimension's values.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Origin {
    /// A column, in the rows of these facts.
    Column(&'static str),
    /// A column of texts, of which a session may have several.
    List(&'static str),
    /// A key of the custom metadata.
    Metadata(String),
    /// A metric, computed over the row of a session alone.
    Metric(Expr),
    /// What playheads count, found from several columns.
    Timeline,
}

/// A dimension, for breakdowns and filters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dimension {
    /// Its name, as the request has it.
    pub name: Cow<'static, str>,
    /// The type of its values.
    pub kind: DimensionKind,
    /// Its meaning.
    pub meaning: Cow<'static, str>,
    /// Whether numbers can be broken down by it. Measures of the row, such as `content_time_spent`, and times serve
    /// filters only.
    pub is_groupable: bool,
    /// Whether case is ignored; if so, responses give its values in lower case.
    pub is_caseless: bool,
    origin: Origin,
    facts: Vec<Fact>,
}

/// Other names of dimensions.
pub(crate) const DIMENSION_ALIASES: &[(&str, &str)] =
    &[("diagnosis", "diagnoses"), ("player_error", "player_errors"), ("external_error", "external_errors")];

/// A dimension whose values tell things apart, and where the name is that players give to each. Names change, and not every
/// player sends one, so numbers by name would split what is one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Named {
    /// The dimension.
    pub(crate) id: &'static str,
    /// The dimension with the names.
    pub(crate) name: &'static str,
    /// The column that says how recent a name is.
    pub(crate) named_at: &'static str,
}

/// All that have names of their own.
pub(crate) const NAMED: &[Named] = &[
    Named { id: "content_id", name: "content_name", named_at: "started_at" },
    Named { id: "ad_id", name: "ad_name", named_at: "ad_started_at" },
];

/// The prefix of the names of custom metadata dimensions.
pub(crate) const METADATA_PREFIX: &str = "custom.";

/// The columns of the accounting by which numbers can be broken down.
const ACCOUNTED_DIMENSIONS: &[&str] = &[
    "source",
    "close_reason",
    "is_open",
    "content_segment",
    "average_bitrate_bucket",
    "diagnoses",
    "player_errors",
    "external_errors",
];

impl Dimension {
    /// The dimension of that name, or of that alias; `custom.KEY` is the custom metadata of that key. For filters and orders,
    /// a metric over sessions is one too: its value in the session alone.
    pub fn named(name: &str) -> Option<Self> {
        if let Some(key) = name.strip_prefix(METADATA_PREFIX) {
            return Self::metadata(name, key);
        }
        let alias = DIMENSION_ALIASES.iter().find(|(alias, _)| *alias == name);
        let wanted = alias.map_or(name, |(_, dimension)| dimension);
        let Some(found) = dimensions().iter().find(|dimension| dimension.name == wanted) else {
            return Self::of_metric(name);
        };
        let name = alias.map_or(found.name.clone(), |(alias, _)| Cow::Borrowed(*alias));
        Some(Self { name, ..found.clone() })
    }

    /// A metric as a measure of single sessions, for filters and orders.
    fn of_metric(name: &str) -> Option<Self> {
        let metric = Metric::named(name).ok()?;
        let value = metric.of_session()?;
        Some(Self {
            kind: if metric.is_whole() { DimensionKind::Integer } else { DimensionKind::Number },
            name: metric.name,
            meaning: metric.definition,
            is_groupable: false,
            is_caseless: false,
            origin: Origin::Metric(value),
            facts: vec![Fact::Sessions],
        })
    }

    fn metadata(name: &str, key: &str) -> Option<Self> {
        if key.is_empty() || key.len() > METADATA_KEY_BYTES {
            return None;
        }
        Some(Self {
            name: Cow::Owned(name.to_owned()),
            kind: DimensionKind::Text,
            meaning: Cow::Owned(format!("Custom metadata under the key {key}.")),
            is_groupable: true,
            is_caseless: false,
            origin: Origin::Metadata(key.to_owned()),
            facts: Fact::ALL.to_vec(),
        })
    }

    /// The dimension that names its values, such as `content_name` those of `content_id`.
    pub fn named_by(&self) -> Option<&'static str> {
        self.names().map(|named| named.name)
    }

    /// Where its values' names are.
    pub(crate) fn names(&self) -> Option<&'static Named> {
        NAMED.iter().find(|named| self.name == named.id)
    }

    /// The facts whose rows have it.
    pub fn facts(&self) -> &[Fact] {
        &self.facts
    }

    /// Whether the rows of that fact have it.
    pub(crate) fn is_on(&self, fact: Fact) -> bool {
        self.facts.contains(&fact)
    }

    /// Whether a session may have several values of it. Broken down by it, a session counts once for each.
    pub fn is_list(&self) -> bool {
        matches!(self.origin, Origin::List(_))
    }

    /// Its column, if it is a column with a single value.
    pub fn column(&self) -> Option<&'static str> {
        match self.origin {
            Origin::Column(column) => Some(column),
            Origin::List(_) | Origin::Metadata(_) | Origin::Metric(_) | Origin::Timeline => None,
        }
    }

    /// Its value in a row of `fact` (`is_on`); for a list the whole list.
    pub fn expr(&self, fact: Fact) -> Expr {
        let value = match &self.origin {
            // The source of an error has another name than the source of a session.
            Origin::Column("error_source") => ident("source"),
            Origin::Column(column) | Origin::List(column) => ident(*column),
            Origin::Timeline => timeline(),
            Origin::Metadata(key) => get_field(ident("custom_metadata"), key.as_str()),
            Origin::Metric(value) => value.clone(),
        };
        debug_assert!(self.is_on(fact), "{} is not a dimension of {}", self.name, fact.name());
        // Rows that were stored before rows had these texts in lower case may have them in any.
        if self.is_caseless { lower(value) } else { value }
    }
}

/// All dimensions, in the order of the columns; those of sessions first. Custom metadata is not listed: every key is a
/// dimension.
pub fn dimensions() -> &'static [Dimension] {
    static DIMENSIONS: LazyLock<Vec<Dimension>> = LazyLock::new(all_dimensions);
    &DIMENSIONS
}

/// The names of all dimensions for breakdowns.
pub(crate) fn groupable_names() -> impl Iterator<Item = &'static str> {
    dimensions().iter().filter(|dimension| dimension.is_groupable).map(|dimension| &*dimension.name)
}

fn all_dimensions() -> Vec<Dimension> {
    let mut all: Vec<Dimension> = Vec::new();
    for fact in Fact::ALL {
        for column in fact.table().columns() {
            let Some(dimension) = of_column(fact, column) else { continue };
            match all.iter_mut().find(|known| known.name == dimension.name) {
                Some(known) => known.facts.push(fact),
                None => all.push(dimension),
            }
        }
        if fact == Fact::Sessions {
            all.push(timeline_dimension());
        }
    }
    all
}

fn timeline_dimension() -> Dimension {
    Dimension {
        name: Cow::Borrowed(TIMELINE),
        kind: DimensionKind::Text,
        meaning: Cow::Borrowed(TIMELINE_MEANING),
        is_groupable: true,
        is_caseless: false,
        origin: Origin::Timeline,
        facts: vec![Fact::Sessions],
    }
}

fn of_column(fact: Fact, column: &TableColumn) -> Option<Dimension> {
    // `visitors` counts the visitor's fingerprint; its values have no meaning outside.
    if column.name == playhead_lake::tables::VISITOR_KEY {
        return None;
    }
    let kind = DimensionKind::of(column.kind)?;
    let name = match (fact, column.name) {
        (Fact::Errors, "source") => "error_source",
        (_, name) => name,
    };
    let origin = if column.kind == Kind::Texts { Origin::List(name) } else { Origin::Column(name) };
    Some(Dimension {
        name: Cow::Borrowed(name),
        kind,
        meaning: Cow::Owned(column.meaning.clone()),
        is_groupable: is_groupable(fact, name, kind),
        is_caseless: playhead_session::CASELESS_COLUMNS.contains(&name),
        origin,
        facts: vec![fact],
    })
}

/// Whether numbers can be broken down by a column: a column of names and labels, not of measurements.
fn is_groupable(fact: Fact, name: &str, kind: DimensionKind) -> bool {
    if kind == DimensionKind::Time || matches!(name, "time_played" | "playhead") {
        return false;
    }
    let is_accounted = playhead_session::SESSION_COLUMNS.iter().any(|column| column.name == name);
    fact != Fact::Sessions || !is_accounted || ACCOUNTED_DIMENSIONS.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dimensions_know_the_rows_that_have_them() {
        let facts = |name: &str| Dimension::named(name).unwrap().facts().to_vec();
        assert_eq!(facts("channel"), Fact::ALL);
        assert_eq!(facts("custom.plan"), Fact::ALL);
        assert_eq!(facts("diagnosis"), [Fact::Sessions]);
        assert_eq!(facts("source"), [Fact::Sessions]);
        assert_eq!(facts("error_source"), [Fact::Errors]);
        assert_eq!(facts("advertiser"), [Fact::Ads]);
        assert_eq!(facts("end"), [Fact::Ads, Fact::Chapters]);
        assert_eq!(facts("chapter_name"), [Fact::Chapters]);
        assert_eq!(facts("content_time_spent"), [Fact::Sessions]);
    }

    #[test]
    fn what_has_names_is_on_the_same_rows_as_they_are() {
        for Named { id, name, named_at } in NAMED {
            let (id, name) = (Dimension::named(id).unwrap(), Dimension::named(name).unwrap());
            assert_eq!(id.named_by(), Some(&*name.name));
            assert_eq!(id.facts(), name.facts());
            for fact in id.facts() {
                assert!(fact.table().column_index(named_at).is_some(), "{named_at} of {}", fact.name());
            }
        }
        assert_eq!(Dimension::named("channel").unwrap().named_by(), None);
    }

    #[test]
    fn measures_filter_and_do_not_break_down() {
        let is_groupable = |name: &str| Dimension::named(name).unwrap().is_groupable;
        for name in
            ["channel", "content_length", "is_open", "ad_pod_position", "end", "error_id", "diagnoses"]
        {
            assert!(is_groupable(name), "{name}");
        }
        for name in ["content_time_spent", "content_start", "started_at", "time_played", "average_bitrate"] {
            assert!(!is_groupable(name), "{name}");
        }
    }

    #[test]
    fn names_that_are_not_dimensions_have_none() {
        for name in
            ["", "custom.", "visitor_key", "day", "states", "custom_metadata", "watched_spans", "chanel"]
        {
            assert_eq!(Dimension::named(name), None, "{name}");
        }
        assert_eq!(Dimension::named(&format!("custom.{}", "k".repeat(METADATA_KEY_BYTES + 1))), None);
    }
}
