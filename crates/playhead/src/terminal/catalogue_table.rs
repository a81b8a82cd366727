//! The catalogue of metrics and dimensions as tables.

use serde::Deserialize;

use crate::terminal::printable::printable;
use crate::terminal::tables::{Heading, Table, Terminal};

/// The least width of a definition.
const DEFINITION_LEAST: usize = 24;

/// The part of the catalogue that is shown.
#[derive(Debug, Deserialize)]
pub(crate) struct Catalogue {
    metrics: Vec<MetricEntry>,
    dimensions: Vec<DimensionEntry>,
    segments: Vec<SegmentEntry>,
}

#[derive(Debug, Deserialize)]
struct MetricEntry {
    name: String,
    unit: String,
    definition: String,
    formula: String,
}

#[derive(Debug, Deserialize)]
struct DimensionEntry {
    name: String,
    #[serde(rename = "type")]
    kind: String,
    definition: String,
    /// Whether numbers can be broken down by it; every dimension can be filtered by.
    can_break_down: bool,
}

#[derive(Debug, Deserialize)]
struct SegmentEntry {
    name: String,
    definition: String,
}

/// The metrics, the dimensions and the segments as tables.
pub(crate) fn catalogue_table(catalogue: &Catalogue, terminal: Terminal) -> String {
    let text = |text: &str| printable(text).into_owned();
    let definition = || Heading::wrapped("definition", DEFINITION_LEAST);
    let mut metrics = Table::new([
        Heading::whole("metric"),
        Heading::whole("unit"),
        definition(),
        Heading::wrapped("formula", DEFINITION_LEAST).leaving(1),
    ]);
    for metric in &catalogue.metrics {
        metrics.add_row(
            [&metric.name, &metric.unit, &metric.definition, &metric.formula].map(|cell| text(cell)),
        );
    }
    let mut dimensions = Table::new([
        Heading::whole("dimension"),
        Heading::whole("type").leaving(1),
        Heading::whole("for").leaving(2),
        definition(),
    ]);
    for dimension in &catalogue.dimensions {
        let uses = if dimension.can_break_down { "--by, --filter" } else { "--filter" };
        let cells = [&dimension.name, &dimension.kind, uses, &dimension.definition];
        dimensions.add_row(cells.map(text));
    }
    let mut segments = Table::new([Heading::whole("segment"), definition()]);
    for segment in &catalogue.segments {
        segments.add_row([text(&segment.name), text(&segment.definition)]);
    }
    [metrics, dimensions, segments].map(|table| table.text(terminal, "--format json or a pipe")).join("\n\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_catalogue_of_this_release_is_shown_whole() {
        let catalogue: Catalogue = serde_json::from_value(playhead_report::describe::catalogue::catalogue(
            &playhead_report::Zone::UTC,
        ))
        .unwrap();
        let shown = catalogue_table(&catalogue, Terminal::default());
        for name in ["content_starts", "channel", "audio"] {
            assert!(
                shown.lines().any(|line| line.trim_start().starts_with(name)),
                "{name} is missing in\n{shown}"
            );
        }
        let lines = catalogue.metrics.len() + catalogue.dimensions.len() + catalogue.segments.len() + 3 + 2;
        assert_eq!(shown.lines().count(), lines);
    }
}
