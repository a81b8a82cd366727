//! The reference of metrics and dimensions, generated from the catalogue, so that docs and responses cannot differ.

use std::fmt::{self, Write};

use crate::filter::Operator;
use crate::limits;
use crate::names::dimension::{DIMENSION_ALIASES, Dimension, dimensions};
use crate::names::metric::{Metric, MetricKind, STANDARD_STATES, Source, StatePart};
use crate::names::metric_table::metrics;
use crate::names::segment::SEGMENTS;
use crate::time::buckets::Granularity;

/// `docs/metrics.md`: every metric, dimension, segment and operator, and how a query combines them.
pub fn reference_markdown() -> String {
    let mut text = String::new();
    // Writing to a string does not fail.
    let _written = write_reference(&mut text);
    text
}

fn write_reference(text: &mut String) -> fmt::Result {
    text.push_str(
        "# Metrics and dimensions\n\nGenerated from the catalogue of reports (`make docs`); do not edit.\n\n\
         The metrics that `POST /reports/v1/query` and `playhead report` count, and the dimensions that break them down.\n\
         `GET /reports/v1/catalogue` has the same for programs. [accounting](accounting.md) explains how a session gets its\n\
         numbers, [rows](rows.md) lists the columns of the tables.\n\n",
    );
    write_rules(text)?;
    text.push_str("\n## Metrics\n\nSums over rows. The name of a session column also names its metric.\n\n");
    text.push_str("| metric | unit | meaning | formula | over |\n|---|---|---|---|---|\n");
    let is_ratio = |metric: &&Metric| matches!(metric.kind, MetricKind::Ratio { .. });
    let is_quantile = |metric: &&Metric| !metric.is_zero_without_rows() && !is_ratio(metric);
    let is_state = |metric: &&Metric| STANDARD_STATES.iter().any(|state| metric.name.starts_with(state));
    for metric in
        metrics().iter().filter(|metric| !is_ratio(metric) && !is_quantile(metric) && !is_state(metric))
    {
        write_metric(text, metric)?;
    }
    text.push_str("\nPlayer states, each under its own name: ");
    text.push_str(&STANDARD_STATES.map(|state| format!("`{state}`")).join(", "));
    text.push_str(" and any state that a player defines.\n\n| metric | unit | meaning |\n|---|---|---|\n");
    for (part, unit, meaning) in [
        (StatePart::ImpactedStreams, "count", "Sessions in which the state was open."),
        (StatePart::Count, "count", "How often the state began."),
        (StatePart::Time, "seconds", "Time for which the state was open."),
    ] {
        writeln!(text, "| `{{state}}{}` | {unit} | {meaning} |", part.suffix())?;
    }
    text.push_str(
        "\nA name that differs from another metric's by at most two letters counts as a typo; with the prefix `state.` it names\n\
         a state: `state.add_count`.\n\n## Calculated metrics\n\n\
         They come from the totals of each group, not from the numbers of single sessions. If the divisor is 0, the value is\n\
         null.\n\n| metric | unit | meaning | formula | over |\n|---|---|---|---|---|\n",
    );
    for metric in metrics().iter().filter(is_ratio) {
        write_metric(text, metric)?;
    }
    text.push_str("\n## Quantiles\n\nExact. Null if no session has a value.\n\n");
    text.push_str("| metric | unit | meaning | formula | over |\n|---|---|---|---|---|\n");
    for metric in metrics().iter().filter(is_quantile) {
        write_metric(text, metric)?;
    }
    write_dimensions(text)?;
    text.push_str("\n## Segments\n\n| segment | sessions |\n|---|---|\n");
    for segment in SEGMENTS {
        writeln!(text, "| `{}` | {} |", segment.name, segment.meaning)?;
    }
    Ok(())
}

fn write_rules(text: &mut String) -> fmt::Result {
    let granularities = Granularity::ALL.map(|granularity| format!("`{}`", granularity.name())).join(", ");
    let (rows, most_rows) = (limits::QUERY_ROWS, limits::MOST_QUERY_ROWS);
    writeln!(
        text,
        "## How a query counts\n\n\
         - A session counts at its start: `from` (inclusive) and `to` (exclusive) apply to `started_at`, and so do the\n  \
           buckets of time, also for ads, chapters and errors. A missing `from` or `to` leaves that end open. A date, or a\n  \
           time without an offset, is in `time_zone`.\n\
         - Granularities are {granularities}. Days, weeks (from Monday) and months begin at\n  \
           midnight in the time zone; if clocks change, a day has 23 or 25 hours, and an hour that comes twice is two buckets.\n\
         - With a granularity and without dimensions, buckets without sessions have rows too; with dimensions, only buckets\n  \
           with sessions do. If nothing was counted at all, there are no rows.\n\
         - Totals are over everything that was counted, not over the rows shown; each visitor counts once.\n\
         - Rows are sorted by `order_by` (`name`, or `-name` for the highest first), then by time, then by the first metric,\n  \
           the highest first, then by the dimensions. Null comes last. Without `limit` there are at most {rows} rows, with\n  \
           it up to {most_rows}; `row_count_total` is the number of rows without a limit.\n\
         - Open sessions count with their current numbers, unless `include_open` is false.\n\
         - Seconds and milliseconds have three decimals, all other numbers six.\n\n\
         ## Filters\n\n\
         A filter is `{{\"dimension\", \"operator\", \"value\"}}` or, for `in` and `not in`, `{{\"dimension\", \"operator\",\n\
         \"values\"}}`; or `{{\"and\": [...]}}` or `{{\"or\": [...]}}` of filters. All filters of a query must hold. Texts are\n\
         compared byte for byte, `content_type` and `stream_type` without case.\n\n\
         | operator | holds if |\n|---|---|"
    )?;
    for operator in Operator::ALL {
        writeln!(text, "| `{}` | {} |", operator.name(), operator.meaning())?;
    }
    Ok(())
}

fn write_metric(text: &mut String, metric: &Metric) -> fmt::Result {
    let aliases: Vec<String> = metric.aliases.iter().map(|alias| format!("`{alias}`")).collect();
    let also = if aliases.is_empty() { String::new() } else { format!("; also {}", aliases.join(", ")) };
    let rule = match metric.source {
        Source::Accounting(section) => format!(" ([accounting](accounting.md), section {section})"),
        Source::Reports => String::new(),
    };
    let facts = metric.facts().iter().map(|fact| fact.name()).collect::<Vec<_>>().join(", ");
    let (name, unit, definition, formula) =
        (&metric.name, metric.unit.name(), &metric.definition, &metric.formula);
    writeln!(text, "| `{name}`{also} | {unit} | {definition}{rule} | `{formula}` | {facts} |")
}

fn write_dimensions(text: &mut String) -> fmt::Result {
    text.push_str(
        "\n## Dimensions\n\n\
         A metric can be broken down and filtered by a dimension if its rows have the dimension: `sessions` by any dimension\n\
         of sessions, `ad_starts` also by those of ads. The metrics of one query may count different rows, as long as all of\n\
         these rows have its dimensions.\n\n\
         `custom.KEY` is the custom metadata under that key, for every row; for ads and chapters, their own metadata\n\
         overrides the session's. If a dimension is a list, a session counts once for each of its values, or once as null\n\
         without any; the totals count it once.\n\n\
         | dimension | type | meaning | rows |\n|---|---|---|---|\n",
    );
    for dimension in dimensions().iter().filter(|dimension| dimension.is_groupable) {
        write_dimension(text, dimension)?;
    }
    text.push_str("\nOnly for filters:\n\n| column | type | meaning | rows |\n|---|---|---|---|\n");
    for dimension in dimensions().iter().filter(|dimension| !dimension.is_groupable) {
        write_dimension(text, dimension)?;
    }
    Ok(())
}

fn write_dimension(text: &mut String, dimension: &Dimension) -> fmt::Result {
    let aliases = DIMENSION_ALIASES.iter().filter(|(_, of)| *of == dimension.name);
    let also: String = aliases.map(|(alias, _)| format!("; also `{alias}`")).collect();
    let facts = dimension.facts().iter().map(|fact| fact.name()).collect::<Vec<_>>().join(", ");
    let kind = if dimension.is_list() { "list of texts" } else { dimension.kind.name() };
    let meaning = dimension.meaning.replace('|', "\\|");
    writeln!(text, "| `{}`{also} | {kind} | {meaning} | {facts} |", dimension.name)
}
