//! Parses typed filters, such as `channel=web`, into conditions of a query.

use std::str::FromStr;

use playhead_report::names::dimension::{Dimension, DimensionKind};
use serde_json::{Value, json};

/// The hint for a text that is not a filter.
const EXPECTED: &str = "write for example channel=web, channel!=web, content_name~news (contains), content_length>=60, \
                        \"channel in web,tv\", \"channel not in web,tv\", \"show exists\" or \"show not exists\"";

/// Signs between a name and a value, with their operators. A sign comes before its own prefixes.
const SIGNS: [(&str, &str); 7] =
    [("!=", "!="), (">=", ">="), ("<=", "<="), ("=", "="), ("~", "contains"), (">", ">"), ("<", "<")];

/// One condition on the rows that a query counts.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct FilterText {
    condition: Value,
}

impl FilterText {
    /// The condition in the form of a query.
    pub(crate) fn condition(&self) -> &Value {
        &self.condition
    }
}

impl FromStr for FilterText {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let is_behind_name = |c: char| c.is_whitespace() || matches!(c, '=' | '!' | '~' | '<' | '>');
        let (name, rest) = text.split_at(text.find(is_behind_name).unwrap_or(text.len()));
        if name.is_empty() {
            return Err(format!("the filter names no dimension; {EXPECTED}"));
        }
        let rest = rest.trim_start();
        let dimension = Dimension::named(name);
        let condition = match words(rest) {
            Some(("exists", "")) => json!({"dimension": name, "operator": "exists"}),
            Some(("not exists", "")) => json!({"dimension": name, "operator": "exists", "value": false}),
            Some((operator @ ("in" | "not in"), list)) => {
                let values = split_list(list)?;
                let values: Vec<Value> =
                    values.iter().map(|value| value_of(value, dimension.as_ref())).collect();
                json!({"dimension": name, "operator": operator, "values": values})
            }
            _ => {
                let sign = SIGNS
                    .iter()
                    .find_map(|(sign, operator)| Some((*operator, rest.strip_prefix(sign)?.trim())));
                let (operator, value) =
                    sign.ok_or_else(|| format!("the filter has no comparison; {EXPECTED}"))?;
                let value = unquoted(value)?;
                json!({"dimension": name, "operator": operator, "value": value_of(&value, dimension.as_ref())})
            }
        };
        Ok(Self { condition })
    }
}

/// The operator in words at the beginning of the text, and the rest of the text.
fn words(text: &str) -> Option<(&'static str, &str)> {
    for operator in ["not exists", "not in", "exists", "in"] {
        let mut rest = text;
        let is_there = operator.split(' ').all(|word| {
            let Some(behind) = rest.strip_prefix(word) else { return false };
            let ends = behind.is_empty() || behind.starts_with(char::is_whitespace);
            rest = behind.trim_start();
            ends
        });
        if is_there {
            return Some((operator, rest));
        }
    }
    None
}

/// The values of a list, separated by commas; a value with a comma is in double quotes.
fn split_list(list: &str) -> Result<Vec<String>, String> {
    if list.is_empty() {
        return Err(format!("the list of the filter is empty; {EXPECTED}"));
    }
    let mut values = Vec::new();
    let mut is_quoted = false;
    let mut begin = 0;
    for (place, c) in list.char_indices() {
        match c {
            '"' => is_quoted = !is_quoted,
            ',' if !is_quoted => {
                values.push(unquoted(list[begin..place].trim())?);
                begin = place + 1;
            }
            _ => {}
        }
    }
    values.push(unquoted(list[begin..].trim())?);
    Ok(values)
}

/// A value without its double quotes; inside them, two double quotes mean one.
fn unquoted(value: &str) -> Result<String, String> {
    let Some(inner) = value.strip_prefix('"') else { return Ok(value.to_owned()) };
    let inner = inner.strip_suffix('"').ok_or("the filter has an unclosed double quote")?;
    Ok(inner.replace("\"\"", "\""))
}

/// A value in the type of its dimension. A value that does not fit stays text: the query then fails with the reason.
fn value_of(text: &str, dimension: Option<&Dimension>) -> Value {
    let number = || text.parse().ok().filter(|number: &f64| number.is_finite());
    let typed = match dimension.map(|dimension| dimension.kind) {
        Some(DimensionKind::Boolean) => text.parse().ok().map(Value::Bool),
        Some(DimensionKind::Integer) => {
            text.parse::<i64>().ok().map(Value::from).or_else(|| number().map(Value::from))
        }
        Some(DimensionKind::Number) => number().map(Value::from),
        Some(DimensionKind::Text | DimensionKind::Time) | None => None,
    };
    typed.unwrap_or_else(|| Value::from(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn condition(text: &str) -> Value {
        text.parse::<FilterText>().unwrap().condition
    }

    #[test]
    fn a_typed_filter_becomes_a_condition() {
        let cases = [
            ("channel=web", json!({"dimension": "channel", "operator": "=", "value": "web"})),
            ("channel != web", json!({"dimension": "channel", "operator": "!=", "value": "web"})),
            (
                "content_name~late news",
                json!({"dimension": "content_name", "operator": "contains", "value": "late news"}),
            ),
            ("content_length>=60", json!({"dimension": "content_length", "operator": ">=", "value": 60.0})),
            ("content_length<60.5", json!({"dimension": "content_length", "operator": "<", "value": 60.5})),
            ("ad_pod_position<=2", json!({"dimension": "ad_pod_position", "operator": "<=", "value": 2})),
            ("downloaded=true", json!({"dimension": "downloaded", "operator": "=", "value": true})),
            ("channel in a,b", json!({"dimension": "channel", "operator": "in", "values": ["a", "b"]})),
            (
                "channel not in a, \"b, c\"",
                json!({"dimension": "channel", "operator": "not in", "values": ["a", "b, c"]}),
            ),
            ("show exists", json!({"dimension": "show", "operator": "exists"})),
            ("show  not  exists", json!({"dimension": "show", "operator": "exists", "value": false})),
            ("custom.plan=a=b", json!({"dimension": "custom.plan", "operator": "=", "value": "a=b"})),
            (
                "content_name=\"say \"\"hi\"\"\"",
                json!({"dimension": "content_name", "operator": "=", "value": "say \"hi\""}),
            ),
            ("channel=", json!({"dimension": "channel", "operator": "=", "value": ""})),
            (
                "started_at>2026-11-01",
                json!({"dimension": "started_at", "operator": ">", "value": "2026-11-01"}),
            ),
        ];
        for (text, expected) in cases {
            assert_eq!(condition(text), expected, "{text}");
        }
    }

    #[test]
    fn an_unknown_dimension_is_passed_on() {
        assert_eq!(condition("chanel=1"), json!({"dimension": "chanel", "operator": "=", "value": "1"}));
        assert_eq!(condition("content_length=long")["value"], "long");
    }

    #[test]
    fn an_invalid_filter_is_refused_with_examples() {
        for text in [
            "",
            "  ",
            "=web",
            "channel",
            "channel web",
            "channel inside a",
            "channel in",
            "channel exists web",
        ] {
            let error = text.parse::<FilterText>().unwrap_err();
            assert!(error.contains("channel=web"), "{text}: {error}");
        }
        assert!("channel=\"web".parse::<FilterText>().is_err());
    }
}
