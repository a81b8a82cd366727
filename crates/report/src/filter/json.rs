//! Parses filters in JSON, with all their faults.

use serde_json::{Map, Value};

use crate::faults::Faults;
use crate::filter::{Condition, FilterValue, Filters, Operator, Test};
use crate::limits::{FILTER_CONDITIONS, FILTER_DEPTH, FILTER_TEXT_BYTES, FILTER_VALUES};
use crate::names::dimension::{Dimension, DimensionKind, METADATA_PREFIX, dimensions};
use crate::nearest::{did_you_mean, quoted};
use crate::time::range::{Zone, parse_moment};

const KEYS: [&str; 4] = ["dimension", "operator", "value", "values"];

impl Filters {
    /// The filters at `path` of a query; none if it has none there. Times without an offset are in `zone`. Faults are
    /// added to `faults`.
    pub fn parse(value: Option<&Value>, path: &str, zone: &Zone, faults: &mut Faults) -> Self {
        let mut parser = Parser { faults, zone, conditions: 0 };
        let conditions = match value {
            None | Some(Value::Null) => Vec::new(),
            Some(Value::Array(conditions)) => parser.conditions(conditions, path, 0),
            // A single condition does not need a list.
            Some(object @ Value::Object(_)) => parser.condition(object, path, 0).into_iter().collect(),
            Some(_) => {
                parser.faults.push(path, "must be a list of conditions");
                Vec::new()
            }
        };
        if parser.conditions > FILTER_CONDITIONS {
            faults.push(path, format_args!("holds more than {FILTER_CONDITIONS} conditions"));
        }
        Self { conditions }
    }

    /// The filters in a URL parameter, as JSON text; none if it is missing or empty.
    pub(crate) fn parse_text(text: Option<&str>, path: &str, zone: &Zone, faults: &mut Faults) -> Self {
        let Some(text) = text.filter(|text| !text.is_empty()) else { return Self::default() };
        match serde_json::from_str::<Value>(text) {
            Ok(value) => Self::parse(Some(&value), path, zone, faults),
            Err(error) => {
                faults.push(path, format_args!("is not JSON: {error}"));
                Self::default()
            }
        }
    }
}

struct Parser<'a> {
    faults: &'a mut Faults,
    zone: &'a Zone,
    conditions: usize,
}

impl Parser<'_> {
    fn conditions(&mut self, conditions: &[Value], path: &str, depth: usize) -> Vec<Condition> {
        let mut parsed = Vec::new();
        for (index, condition) in conditions.iter().enumerate() {
            if self.conditions > FILTER_CONDITIONS {
                break;
            }
            parsed.extend(self.condition(condition, &format!("{path}/{index}"), depth));
        }
        parsed
    }

    fn condition(&mut self, condition: &Value, path: &str, depth: usize) -> Option<Condition> {
        self.conditions += 1;
        let Value::Object(object) = condition else {
            self.faults.push(
                path,
                "must be a condition: {\"dimension\", \"operator\", \"value\"}, {\"and\": [...]} or {\"or\": [...]}",
            );
            return None;
        };
        let joined = ["and", "or"].into_iter().find_map(|word| Some((word, object.get(word)?)));
        let Some((word, inner)) = joined else { return self.test(object, path).map(Condition::Test) };
        if object.len() > 1 {
            self.faults.push(path, format_args!("must hold nothing besides {word}"));
        }
        let path = format!("{path}/{word}");
        let Some(inner) = inner.as_array().filter(|inner| !inner.is_empty()) else {
            self.faults.push(path, "must be a list of at least one condition");
            return None;
        };
        if depth == FILTER_DEPTH {
            self.faults.push(path, format_args!("is nested more than {FILTER_DEPTH} deep"));
            return None;
        }
        let inner = self.conditions(inner, &path, depth + 1);
        Some(if word == "and" { Condition::All(inner) } else { Condition::Any(inner) })
    }

    fn test(&mut self, object: &Map<String, Value>, path: &str) -> Option<Test> {
        for key in object.keys().filter(|key| !KEYS.contains(&key.as_str())) {
            let near = did_you_mean(key, KEYS.into_iter().chain(["and", "or"]));
            self.faults.push(path, format_args!("has an unknown key: {}{near}", quoted(key)));
        }
        let dimension = self.dimension(object.get("dimension"), path);
        let operator = self.operator(object.get("operator"), path);
        let (dimension, operator) = (dimension?, operator?);
        if !operator.is_for(&dimension) {
            let what = if dimension.is_list() { "lists of values" } else { dimension.kind.name() };
            let (name, operator) = (&dimension.name, operator.name());
            self.faults.push(
                format_args!("{path}/operator"),
                format_args!("{operator} does not compare {what}, which {name} is"),
            );
            return None;
        }
        let values = self.values(&dimension, operator, object, path)?;
        Some(Test { dimension, operator, values })
    }

    fn dimension(&mut self, name: Option<&Value>, path: &str) -> Option<Dimension> {
        let path = format!("{path}/dimension");
        let Some(Value::String(name)) = name else {
            self.faults.push(path, "must be the name of a dimension");
            return None;
        };
        let dimension = Dimension::named(name);
        if dimension.is_none() {
            self.faults.push(path, unknown_dimension(name, false));
        }
        dimension
    }

    fn operator(&mut self, name: Option<&Value>, path: &str) -> Option<Operator> {
        let path = format!("{path}/operator");
        let names = || Operator::ALL.map(Operator::name);
        let Some(Value::String(name)) = name else {
            self.faults.push(path, format_args!("must be one of {}", names().join(", ")));
            return None;
        };
        let operator = Operator::ALL.into_iter().find(|operator| operator.name() == name);
        if operator.is_none() {
            let near =
                nearest_operator(name).map(|near| format!(" (did you mean {near}?)")).unwrap_or_default();
            let known = names().join(", ");
            self.faults.push(
                path,
                format_args!("is not an operator: {}{near}; the operators are {known}", quoted(name)),
            );
        }
        operator
    }

    fn values(
        &mut self,
        dimension: &Dimension,
        operator: Operator,
        object: &Map<String, Value>,
        path: &str,
    ) -> Option<Vec<FilterValue>> {
        let (value, values) = (object.get("value"), object.get("values"));
        if value.is_some() && values.is_some() {
            self.faults.push(path, "must hold either value or values");
            return None;
        }
        if operator == Operator::Exists {
            return match value.or(values) {
                None => Some(vec![FilterValue::Boolean(true)]),
                Some(Value::Bool(is_there)) => Some(vec![FilterValue::Boolean(*is_there)]),
                Some(_) => {
                    self.faults.push(format_args!("{path}/value"), "must be true or false for exists");
                    None
                }
            };
        }
        let (key, listed): (&str, &[Value]) = match (value, values) {
            (_, Some(Value::Array(listed))) => ("values", listed),
            (Some(Value::Array(listed)), _) => ("value", listed),
            (Some(single), _) => {
                let path = format!("{path}/value");
                return Some(vec![self.value(dimension, operator, single, &path)?]);
            }
            _ => {
                self.faults.push(path, format_args!("needs a value for {}", operator.name()));
                return None;
            }
        };
        let path = format!("{path}/{key}");
        if !operator.takes_values() && listed.len() != 1 {
            self.faults.push(
                path,
                format_args!("must be one value for {}; only in and not in take several", operator.name()),
            );
            return None;
        }
        if listed.is_empty() || listed.len() > FILTER_VALUES {
            self.faults.push(path, format_args!("must hold 1 to {FILTER_VALUES} values"));
            return None;
        }
        let parsed: Vec<Option<FilterValue>> = listed
            .iter()
            .enumerate()
            .map(|(index, value)| self.value(dimension, operator, value, &format!("{path}/{index}")))
            .collect();
        parsed.into_iter().collect()
    }

    fn value(
        &mut self,
        dimension: &Dimension,
        operator: Operator,
        value: &Value,
        path: &str,
    ) -> Option<FilterValue> {
        let parsed = match (dimension.kind, value) {
            (DimensionKind::Text, Value::String(text)) if text.len() > FILTER_TEXT_BYTES => {
                self.faults.push(path, format_args!("is longer than {FILTER_TEXT_BYTES} bytes"));
                return None;
            }
            (DimensionKind::Text, Value::String(text)) => Some(FilterValue::Text(text.clone())),
            (DimensionKind::Boolean, Value::Bool(boolean)) => Some(FilterValue::Boolean(*boolean)),
            (DimensionKind::Integer, Value::Number(number)) => {
                number.as_i64().or_else(|| whole(number.as_f64()?)).map(FilterValue::Integer)
            }
            (DimensionKind::Number, Value::Number(number)) => number.as_f64().map(FilterValue::Number),
            (DimensionKind::Time, Value::String(text)) => match parse_moment(text, self.zone) {
                Ok(ms) => Some(FilterValue::Time(ms)),
                Err(message) => {
                    self.faults.push(path, message);
                    return None;
                }
            },
            _ => None,
        };
        if parsed.is_none() {
            let wanted = match dimension.kind {
                DimensionKind::Text => "a text",
                DimensionKind::Boolean => "true or false",
                DimensionKind::Integer => "a whole number",
                DimensionKind::Number => "a number",
                DimensionKind::Time => "a date or a time",
            };
            let hint = if value.is_null() { "; use exists to test for a value" } else { "" };
            let (name, operator) = (&dimension.name, operator.name());
            self.faults.push(path, format_args!("must be {wanted} for {name} {operator}{hint}"));
        }
        parsed
    }
}

fn whole(number: f64) -> Option<i64> {
    /// Up to here, every whole number has a distinct double.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    (number.fract() == 0.0 && number.abs() <= EXACT).then_some(number as i64)
}

fn nearest_operator(name: &str) -> Option<&'static str> {
    /// Operators of other languages.
    const KNOWN_ELSEWHERE: [(&str, &str); 12] = [
        ("==", "="),
        ("eq", "="),
        ("<>", "!="),
        ("ne", "!="),
        ("not_in", "not in"),
        ("nin", "not in"),
        ("like", "contains"),
        ("gt", ">"),
        ("gte", ">="),
        ("=>", ">="),
        ("lt", "<"),
        ("lte", "<="),
    ];
    let lower = name.to_lowercase();
    let known = KNOWN_ELSEWHERE.iter().find(|(elsewhere, _)| *elsewhere == lower).map(|(_, here)| *here);
    known.or_else(|| crate::nearest::nearest(&lower, Operator::ALL.map(Operator::name)))
}

/// The message about an unknown dimension, for a breakdown or for a filter.
pub(crate) fn unknown_dimension(name: &str, is_to_group: bool) -> String {
    if name.starts_with(METADATA_PREFIX) {
        return format!("names no key of custom metadata behind {METADATA_PREFIX}: {}", quoted(name));
    }
    let names = dimensions().iter().filter(|dimension| !is_to_group || dimension.is_groupable);
    let near = did_you_mean(name, names.map(|dimension| &*dimension.name));
    format!("names no dimension: {}{near}", quoted(name))
}
