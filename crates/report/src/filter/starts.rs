//! Filters that what a session's start said decides, so that they hold for the session as long as it is open: live numbers
//! are filtered by them while events come in. They mean what [`Filters`] mean for the rows of sessions.

use std::collections::BTreeSet;

use datafusion::logical_expr::Expr;
use playhead_protocol::{Fault, ParamId, ValueType};
use playhead_session::start_columns;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Value, json};

use crate::faults::Faults;
use crate::filter::{Condition, FilterValue, Filters, Operator, Test};
use crate::limits::START_FILTER_CONDITIONS;
use crate::names::dimension::{Dimension, DimensionKind, Fact};
use crate::nearest::{did_you_mean, quoted};
use crate::time::range::Zone;

const REPORT_SUITE: ParamId = ParamId::named("analytics.reportSuite");

/// Filters of sessions by texts of their starts; at least one condition. Equal ones let the same sessions through.
#[derive(Debug, Clone)]
pub struct StartFilters {
    /// All hold. In order, so that filters that differ by the order of their conditions are equal.
    conditions: Vec<StartCondition>,
    params: Vec<ParamId>,
    /// The same as a condition on rows.
    on_rows: Filters,
    json: String,
}

impl PartialEq for StartFilters {
    fn eq(&self, other: &Self) -> bool {
        self.conditions == other.conditions
    }
}

impl Eq for StartFilters {}

impl Serialize for StartFilters {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        self.json.serialize(out)
    }
}

impl<'de> Deserialize<'de> for StartFilters {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let json = String::deserialize(from)?;
        let parsed =
            Self::parse("?filters", Some(&json), &[]).map_err(|_| D::Error::custom("not filters"))?;
        parsed.ok_or_else(|| D::Error::custom("no filters"))
    }
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum StartCondition {
    All(Vec<Self>),
    Any(Vec<Self>),
    Test { param: ParamId, is_caseless: bool, comparison: Comparison },
}

/// A comparison with texts; they are in lower case where the dimension is caseless.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Comparison {
    IsOneOf(BTreeSet<String>),
    IsNoneOf(BTreeSet<String>),
    /// In lower case.
    Contains(String),
    Exists(bool),
    Greater(String),
    GreaterOrEqual(String),
    Less(String),
    LessOrEqual(String),
}

impl StartFilters {
    /// The filters at `path`, as JSON, together with texts that dimensions must have, each given by a URL parameter that has
    /// the dimension's name; `None` if there are no conditions at all.
    ///
    /// # Errors
    ///
    /// All faults.
    pub fn parse(
        path: &str,
        text: Option<&str>,
        equal: &[(&'static str, String)],
    ) -> Result<Option<Self>, Vec<Fault>> {
        let mut faults = Faults::default();
        let mut filters = Filters::default();
        let mut written: Vec<Value> = Vec::new();
        if let Some(text) = text {
            match serde_json::from_str::<Value>(text) {
                Ok(value) => {
                    filters = Filters::parse(Some(&value), path, &Zone::UTC, &mut faults);
                    check_dimensions(&value, path, &mut faults);
                    match value {
                        Value::Array(conditions) => written.extend(conditions),
                        condition => written.push(condition),
                    }
                }
                Err(error) => faults.push(path, format_args!("is not JSON: {error}")),
            }
        }
        for (dimension, value) in equal {
            let condition =
                json!({"dimension": dimension, "operator": Operator::Equal.name(), "value": value});
            let parsed = Filters::parse(Some(&condition), &format!("?{dimension}"), &Zone::UTC, &mut faults);
            filters.conditions.extend(parsed.conditions);
            written.push(condition);
        }
        if filters.dimensions().len() > START_FILTER_CONDITIONS {
            let message =
                format!("holds more than {START_FILTER_CONDITIONS} conditions, the most for open sessions");
            faults.push(path, message);
        }
        faults.or_list(())?;
        Ok(Self::of(filters, Value::Array(written).to_string()))
    }

    fn of(filters: Filters, json: String) -> Option<Self> {
        if filters.is_empty() {
            return None;
        }
        let mut conditions: Vec<_> = filters.conditions.iter().filter_map(condition_of).collect();
        conditions.sort_unstable();
        conditions.dedup();
        let dimensions = filters.dimensions();
        let mut params: Vec<_> = dimensions.into_iter().filter_map(start_param).collect();
        params.sort_unstable();
        params.dedup();
        Some(Self { conditions, params, on_rows: filters, json })
    }

    /// The filters as JSON, as a request has them.
    pub fn json(&self) -> &str {
        &self.json
    }

    /// The condition on rows of sessions.
    pub fn expr(&self) -> Option<Expr> {
        self.on_rows.expr(Fact::Sessions)
    }

    /// The parameters whose texts decide.
    pub fn params(&self) -> &[ParamId] {
        &self.params
    }

    /// Whether they let a session through whose start said these texts.
    pub fn admit<'text>(&self, text: impl Fn(ParamId) -> Option<&'text str> + Copy) -> bool {
        self.conditions.iter().all(|condition| condition.holds(text))
    }

    /// The report suite, if they let through all sessions of one suite and no others.
    pub fn report_suite(&self) -> Option<&str> {
        match self.conditions.as_slice() {
            [StartCondition::Test { param: REPORT_SUITE, comparison: Comparison::IsOneOf(suites), .. }] => {
                suites.first().filter(|_| suites.len() == 1).map(String::as_str)
            }
            _ => None,
        }
    }
}

impl StartCondition {
    fn holds<'text>(&self, text: impl Fn(ParamId) -> Option<&'text str> + Copy) -> bool {
        match self {
            Self::All(inner) => inner.iter().all(|condition| condition.holds(text)),
            Self::Any(inner) => inner.iter().any(|condition| condition.holds(text)),
            Self::Test { param, is_caseless: false, comparison } => comparison.holds(text(*param)),
            Self::Test { param, is_caseless: true, comparison } => {
                comparison.holds(text(*param).map(str::to_lowercase).as_deref())
            }
        }
    }
}

impl Comparison {
    fn holds(&self, text: Option<&str>) -> bool {
        match (self, text) {
            (Self::Exists(is_wanted), text) => text.is_some() == *is_wanted,
            // An unknown value is not the value that the filter names.
            (Self::IsNoneOf(_), None) => true,
            (_, None) => false,
            (Self::IsOneOf(texts), Some(text)) => texts.contains(text),
            (Self::IsNoneOf(texts), Some(text)) => !texts.contains(text),
            (Self::Contains(part), Some(text)) => text.to_lowercase().contains(part),
            (Self::Greater(than), Some(text)) => text > than.as_str(),
            (Self::GreaterOrEqual(than), Some(text)) => text >= than.as_str(),
            (Self::Less(than), Some(text)) => text < than.as_str(),
            (Self::LessOrEqual(than), Some(text)) => text <= than.as_str(),
        }
    }
}

/// The parameter of `sessionStart` that gives a dimension its texts.
fn start_param(dimension: &Dimension) -> Option<ParamId> {
    let column = dimension.column().filter(|_| dimension.kind == DimensionKind::Text)?;
    let (param, _) = start_columns().find(|(_, name)| *name == column)?;
    (param.param().value_type == ValueType::String).then_some(param)
}

/// Whether the start of a session decides about a dimension.
pub(crate) fn is_of_start(dimension: &Dimension) -> bool {
    start_param(dimension).is_some()
}

/// Finds dimensions that exist but that a start does not decide.
fn check_dimensions(value: &Value, path: &str, faults: &mut Faults) {
    match value {
        Value::Array(conditions) => {
            for (index, condition) in conditions.iter().enumerate() {
                check_dimensions(condition, &format!("{path}/{index}"), faults);
            }
        }
        Value::Object(object) => {
            for word in ["and", "or"] {
                if let Some(inner) = object.get(word) {
                    check_dimensions(inner, &format!("{path}/{word}"), faults);
                }
            }
            let Some(Value::String(name)) = object.get("dimension") else { return };
            if Dimension::named(name).is_some_and(|dimension| !is_of_start(&dimension)) {
                let names = start_columns().filter_map(|(param, column)| {
                    (param.param().value_type == ValueType::String).then_some(column)
                });
                let near = did_you_mean(name, names);
                let message = format!(
                    "is not a text that sessionStart gives, which filters of open sessions need: {}{near}",
                    quoted(name)
                );
                faults.push(format_args!("{path}/dimension"), message);
            }
        }
        _ => {}
    }
}

fn condition_of(condition: &Condition) -> Option<StartCondition> {
    let each = |inner: &[Condition]| inner.iter().filter_map(condition_of).collect();
    match condition {
        Condition::All(inner) => Some(StartCondition::All(each(inner))),
        Condition::Any(inner) => Some(StartCondition::Any(each(inner))),
        Condition::Test(test) => test_of(test),
    }
}

fn test_of(test: &Test) -> Option<StartCondition> {
    let is_caseless = test.dimension.is_caseless;
    let texts = test.values.iter().filter_map(|value| match value {
        FilterValue::Text(text) if is_caseless => Some(text.to_lowercase()),
        FilterValue::Text(text) => Some(text.clone()),
        _ => None,
    });
    let texts: BTreeSet<String> = texts.collect();
    let first = || texts.first().cloned();
    let comparison = match test.operator {
        Operator::Equal | Operator::In => Comparison::IsOneOf(texts),
        Operator::NotEqual | Operator::NotIn => Comparison::IsNoneOf(texts),
        Operator::Contains => Comparison::Contains(first()?.to_lowercase()),
        Operator::Exists => Comparison::Exists(test.values.first() != Some(&FilterValue::Boolean(false))),
        Operator::Greater => Comparison::Greater(first()?),
        Operator::GreaterOrEqual => Comparison::GreaterOrEqual(first()?),
        Operator::Less => Comparison::Less(first()?),
        Operator::LessOrEqual => Comparison::LessOrEqual(first()?),
    };
    Some(StartCondition::Test { param: start_param(&test.dimension)?, is_caseless, comparison })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(filters: &str) -> StartFilters {
        StartFilters::parse("?filters", Some(filters), &[]).unwrap().unwrap()
    }

    fn faults(filters: &str) -> Vec<(String, String)> {
        let faults = StartFilters::parse("?filters", Some(filters), &[]).unwrap_err();
        faults.into_iter().map(|fault| (fault.path, fault.message)).collect()
    }

    #[test]
    fn two_ways_to_write_a_filter_are_one() {
        let short = StartFilters::parse("?filters", None, &[("channel", "news".into())]).unwrap().unwrap();
        let one = r#"{"dimension": "channel", "operator": "in", "values": ["news"]}"#;
        assert_eq!(short, parsed(one));
        assert_eq!(short, parsed(&format!("[{one}, {one}]")));
        let other = r#"{"dimension": "player_name", "operator": "!=", "value": "tv"}"#;
        assert_eq!(parsed(&format!("[{one}, {other}]")), parsed(&format!("[{other}, {one}]")));
        assert_ne!(short, parsed(other));
        for none in ["", "[]", "null"] {
            let text = Some(none).filter(|text| !text.is_empty());
            assert_eq!(StartFilters::parse("?filters", text, &[]), Ok(None), "{none}");
        }
    }

    #[test]
    fn one_suite_and_nothing_else_is_a_suite() {
        let suite = r#"{"dimension": "report_suite", "operator": "=", "value": "shop"}"#;
        assert_eq!(parsed(suite).report_suite(), Some("shop"));
        let two = r#"{"dimension": "report_suite", "operator": "in", "values": ["shop", "tv"]}"#;
        let channel = r#"{"dimension": "channel", "operator": "=", "value": "shop"}"#;
        let not = r#"{"dimension": "report_suite", "operator": "!=", "value": "shop"}"#;
        for other in [two, channel, not, &format!("[{suite}, {channel}]")] {
            assert_eq!(parsed(other).report_suite(), None, "{other}");
        }
    }

    #[test]
    fn faults_name_their_places_and_the_nearest_names() {
        let found = faults(
            r#"[{"dimension": "chanel", "operator": "=", "value": "news"},
                {"or": [{"dimension": "content_time_spent", "operator": ">", "value": 1},
                        {"dimension": "custom.plan", "operator": "=", "value": "gold"}]}]"#,
        );
        let paths: Vec<_> = found.iter().map(|(path, _)| path.as_str()).collect();
        assert_eq!(paths, ["?filters/0/dimension", "?filters/1/or/0/dimension", "?filters/1/or/1/dimension"]);
        assert!(found[0].1.ends_with("(did you mean channel?)"), "{found:?}");
        assert!(found[2].1.contains("sessionStart"), "{found:?}");
        assert!(faults("[")[0].1.starts_with("is not JSON"));
        let one = r#"{"dimension": "channel", "operator": "=", "value": "news"}"#;
        let many = [one; START_FILTER_CONDITIONS + 1].join(",");
        assert!(faults(&format!("[{many}]"))[0].1.contains("more than"));
    }
}
