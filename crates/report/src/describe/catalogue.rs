//! The catalogue as `GET /reports/v1/catalogue` returns it: everything that a query can name.

use serde_json::{Value, json};

use crate::filter::Operator;
use crate::filter::starts::is_of_start;
use crate::limits;
use crate::names::dimension::{DIMENSION_ALIASES, Dimension, METADATA_PREFIX, dimensions};
use crate::names::metric::{Metric, STATE_PREFIX, Source, StatePart};
use crate::names::metric_table::metrics;
use crate::names::segment::SEGMENTS;
use crate::time::buckets::Granularity;
use crate::time::range::Zone;

/// All metrics, dimensions, segments, operators and granularities with their meanings, the limits of a query, and the time zone
/// of one that names none.
pub fn catalogue(usual: &Zone) -> Value {
    let named = |name: &str, meaning: &str| json!({ "name": name, "definition": meaning });
    json!({
        "metrics": metrics().iter().map(metric).collect::<Vec<_>>(),
        "state_metrics": state_metrics(),
        "dimensions": dimensions().iter().map(dimension).collect::<Vec<_>>(),
        "metadata_dimensions": {
            "pattern": format!("{METADATA_PREFIX}KEY"),
            "definition": "The custom metadata under that key; for ads and chapters, their own metadata overrides the session's.",
        },
        "segments": SEGMENTS.iter().map(|segment| named(segment.name, segment.meaning)).collect::<Vec<_>>(),
        "operators": Operator::ALL.map(|operator| named(operator.name(), operator.meaning())),
        "granularities": Granularity::ALL.map(Granularity::name),
        "limits": {
            "metrics": limits::QUERY_METRICS,
            "dimensions": limits::QUERY_DIMENSIONS,
            "conditions": limits::FILTER_CONDITIONS,
            "values": limits::FILTER_VALUES,
            "rows": limits::MOST_QUERY_ROWS,
            "buckets": limits::BUCKETS,
        },
        "time_zone": usual.name(),
        "time_zone_database": crate::time::range::ZONES_RELEASE,
    })
}

fn metric(metric: &Metric) -> Value {
    let source = match metric.source {
        Source::Accounting(section) => format!("accounting, section {section}"),
        Source::Reports => "reports".to_owned(),
    };
    json!({
        "name": metric.name,
        "aliases": metric.aliases,
        "unit": metric.unit.name(),
        "type": if metric.is_whole() { "integer" } else { "number" },
        "definition": metric.definition,
        "formula": metric.formula,
        "source": source,
        "facts": metric.facts().iter().map(|fact| fact.name()).collect::<Vec<_>>(),
        "can_filter": metric.of_session().is_some(),
        "adds_up": metric.adds_up(),
        "is_zero_without_rows": metric.is_zero_without_rows(),
        "is_exact": true,
    })
}

fn state_metrics() -> Value {
    json!({
        "patterns": StatePart::ALL.map(|part| format!("{{state}}{}", part.suffix())),
        "prefix": STATE_PREFIX,
        "definition": "Metrics of any player state, by its name; with the prefix where the name could be taken for another \
                       metric's.",
    })
}

fn dimension(dimension: &Dimension) -> Value {
    let aliases: Vec<&str> =
        DIMENSION_ALIASES.iter().filter(|(_, of)| *of == dimension.name).map(|(alias, _)| *alias).collect();
    json!({
        "name": dimension.name,
        "aliases": aliases,
        "type": dimension.kind.name(),
        "definition": dimension.meaning,
        "facts": dimension.facts().iter().map(|fact| fact.name()).collect::<Vec<_>>(),
        "can_break_down": dimension.is_groupable,
        "is_list": dimension.is_list(),
        "is_caseless": dimension.is_caseless,
        "named_by": dimension.named_by(),
        "filters_open_sessions": is_of_start(dimension),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_has_a_name_and_a_definition() {
        let catalogue = catalogue(&Zone::UTC);
        for list in ["metrics", "dimensions", "segments", "operators"] {
            let entries = catalogue[list].as_array().unwrap();
            assert!(entries.len() > 5, "{list}");
            for entry in entries {
                assert!(entry["name"].as_str().is_some_and(|name| !name.is_empty()), "{entry}");
                assert!(entry["definition"].as_str().is_some_and(|text| text.len() > 2), "{entry}");
            }
        }
    }
}
