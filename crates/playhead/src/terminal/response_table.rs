//! Draws the response to a query: columns of aligned numbers, readable durations, totals, spark lines.

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::terminal::printable::printable;
use crate::terminal::spark_line::spark_line;
use crate::terminal::tables::{Heading, Table, Terminal, duration, sentence};
use crate::terminal::width::text_width;

/// The text for a missing value.
const NONE: &str = "-";

/// The maximum number of decimal places.
const FRACTION_DIGITS: usize = 4;

/// Spaces around the cells of a table.
const CELL_PADDING: usize = 2;

/// A column of a response.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Column {
    /// Its name.
    pub name: String,
    /// The kind of its content: time, dimension, name or metric.
    #[serde(default)]
    pub kind: String,
    /// The unit of its numbers; `None` if it does not hold numbers.
    #[serde(default)]
    pub unit: Option<String>,
}

/// The response to a query about metrics.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Response {
    /// Its columns: time, if it is a series; the dimensions; the metrics.
    pub columns: Vec<Column>,
    /// Its rows.
    pub rows: Vec<Vec<Value>>,
    /// The metrics over all rows, by name.
    #[serde(default)]
    pub totals: Map<String, Value>,
    /// The number of all rows; more than the rows here if a limit cut them.
    #[serde(default)]
    pub row_count_total: u64,
    /// Sessions that are left out because they are excluded from all reports.
    #[serde(default)]
    pub excluded_sessions: u64,
    /// Of each row, whether its bucket of time is covered in part only; absent without buckets.
    #[serde(default)]
    pub is_partial: Option<Vec<bool>>,
    /// Other names of ids in the rows; absent unless names were asked for.
    #[serde(default)]
    pub also_known_as: Option<Vec<AlsoKnownAs>>,
}

/// Other names of a value.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct AlsoKnownAs {
    /// The dimension.
    pub dimension: String,
    /// Its value.
    pub value: String,
    /// The names, the latest first, as far as they are listed.
    pub names: Vec<String>,
    /// How many there are.
    pub count: u64,
}

/// The shape of a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shape {
    /// Whether the first column is time.
    pub is_series: bool,
    /// Whether the steps of the series are days or longer.
    pub is_by_day: bool,
    /// The number of dimensions after it.
    pub dimensions: usize,
    /// The number of names beside them.
    pub names: usize,
}

impl Shape {
    /// Columns before the first metric.
    fn keys(self) -> usize {
        usize::from(self.is_series) + self.dimensions + self.names
    }
}

/// The response as a table with a row of totals.
pub(crate) fn response_table(response: &Response, shape: Shape, terminal: Terminal) -> String {
    let mut text = match response.rows.is_empty() {
        true => "no rows".into(),
        false => rows_table(response, shape, terminal),
    };
    let excluded = response.excluded_sessions;
    if excluded > 0 {
        let (sessions, them) = if excluded == 1 {
            ("session of this time is", "it")
        } else {
            ("sessions of this time are", "them")
        };
        let note = format!("{excluded} {sessions} excluded from all reports; playhead exclude lists {them}");
        text.push('\n');
        text.push_str(&sentence(&note, terminal));
    }
    text
}

fn rows_table(response: &Response, shape: Shape, terminal: Terminal) -> String {
    let keys = shape.keys();
    let mut drawn = Table::new(headings(&response.columns, shape));
    let has_totals = keys > 0;
    let totals = |column: &Column| response.totals.get(&column.name).unwrap_or(&Value::Null);
    let metrics: Vec<Vec<String>> = response.columns[keys.min(response.columns.len())..]
        .iter()
        .enumerate()
        .map(|(place, column)| {
            let rows = response.rows.iter().map(|row| row.get(keys + place).unwrap_or(&Value::Null));
            let values: Vec<&Value> = rows.chain(has_totals.then(|| totals(column))).collect();
            number_cells(&values, column.unit.as_deref())
        })
        .collect();
    for (index, row) in response.rows.iter().enumerate() {
        let is_partial =
            response.is_partial.as_ref().is_some_and(|partial| partial.get(index) == Some(&true));
        let labels = row.iter().take(keys).enumerate().map(|(place, value)| match place {
            0 if shape.is_series && is_partial => format!("{} (in part)", time_text(value, shape.is_by_day)),
            0 if shape.is_series => time_text(value, shape.is_by_day),
            _ if response.columns[place].kind == "name" => name_text(response, row, place),
            _ => text(value),
        });
        let labels: Vec<String> = labels.collect();
        drawn.add_row(labels.into_iter().chain(metrics.iter().map(|cells| cells[index].clone())));
    }
    if has_totals {
        let labels = (0..keys).map(|place| if place == 0 { "total" } else { "" }.to_owned());
        let numbers = metrics.iter().filter_map(|cells| cells.last().cloned());
        drawn.add_total(labels.chain(numbers));
    }
    let mut text = drawn.text(terminal, "--format csv or a pipe");
    let shown = response.rows.len() as u64;
    if response.row_count_total > shown {
        let note = format!("{shown} of {} rows; the total is over all rows", response.row_count_total);
        text.push('\n');
        text.push_str(&sentence(&note, terminal));
    }
    text
}

/// The headings of a response: keys are cut where there is no room, and metrics left out, the last one first.
fn headings(columns: &[Column], shape: Shape) -> impl Iterator<Item = Heading> {
    let last = columns.len();
    columns.iter().enumerate().map(move |(place, column)| {
        let name = printable(&column.name);
        match place {
            0 if shape.is_series => Heading::whole(name),
            place if place < shape.keys() => Heading::clipped(name),
            place if place == shape.keys() => Heading::whole(name).right(),
            place => Heading::whole(name).right().leaving(last - place),
        }
    })
}

/// One spark line per metric, for a series without dimensions; or one per value of the only dimension, for as many
/// metrics as fit into `width` characters. `None` if there is nothing to draw, or no room.
pub(crate) fn spark_lines(
    response: &Response,
    shape: Shape,
    width: usize,
    terminal: Terminal,
) -> Option<String> {
    if !shape.is_series || shape.dimensions > 1 || response.rows.len() < 2 {
        return None;
    }
    let mut times: Vec<Timestamp> = response.rows.iter().filter_map(|row| time_of(row)).collect();
    times.sort_unstable();
    times.dedup();
    if times.len() < 2 {
        return None;
    }
    let metrics = response.columns.get(shape.keys()..)?;
    let series = |metric: usize, label: Option<&Value>| {
        let mut values = vec![None; times.len()];
        for row in response.rows.iter().filter(|row| label.is_none_or(|label| row.get(1) == Some(label))) {
            let place = time_of(row).and_then(|time| times.binary_search(&time).ok());
            if let Some(place) = place {
                values[place] = row.get(shape.keys() + metric).and_then(Value::as_f64);
            }
        }
        spark_line(&values)
    };
    if shape.dimensions == 0 {
        let mut drawn = Table::new([Heading::whole(""), Heading::whole("")]);
        for (place, metric) in metrics.iter().enumerate() {
            drawn.add_row([printable(&metric.name).into_owned(), series(place, None)]);
        }
        return drawn.fits(width).then(|| drawn.text(terminal, ""));
    }
    let mut labels: Vec<&Value> = Vec::new();
    for row in &response.rows {
        let label = row.get(1).unwrap_or(&Value::Null);
        if !labels.contains(&label) {
            labels.push(label);
        }
    }
    let label_width = labels.iter().map(|label| text_width(&text(label))).max().unwrap_or(0);
    let name_width = |column: &Column| text_width(&printable(&column.name));
    let label_width = label_width.max(response.columns.get(1).map_or(0, name_width));
    let line_width = |metric: &Column| times.len().max(name_width(metric)) + CELL_PADDING;
    let mut left = width.checked_sub(label_width + CELL_PADDING)?;
    let mut shown = 0;
    for metric in metrics {
        let Some(rest) = left.checked_sub(line_width(metric)) else { break };
        (left, shown) = (rest, shown + 1);
    }
    if shown == 0 {
        return None;
    }
    let names = response.columns[1..2 + shown].iter();
    let mut drawn = Table::new(names.map(|column| Heading::whole(printable(&column.name))));
    for label in labels {
        let lines = (0..shown).map(|metric| series(metric, Some(label)));
        drawn.add_row(std::iter::once(text(label)).chain(lines));
    }
    Some(drawn.text(terminal, ""))
}

/// The time of a row of a series.
fn time_of(row: &[Value]) -> Option<Timestamp> {
    row.first()?.as_str()?.parse().ok()
}

/// Numbers of one column with as many decimal places as the column needs, so that the points are aligned; seconds as
/// hours, minutes and seconds.
fn number_cells(values: &[&Value], unit: Option<&str>) -> Vec<String> {
    let numbers: Vec<Option<f64>> = values.iter().map(|value| value.as_f64()).collect();
    if unit == Some("seconds") {
        let cells: Vec<String> =
            numbers.iter().map(|number| number.map_or_else(|| NONE.into(), duration)).collect();
        let has_fraction = cells.iter().any(|cell| cell.contains('.'));
        let whole = |cell: &str| has_fraction && cell != NONE && !cell.contains('.');
        return cells.into_iter().map(|cell| if whole(&cell) { cell + ".000" } else { cell }).collect();
    }
    let digits = |number: f64| {
        let text = format!("{number:.FRACTION_DIGITS$}");
        text.trim_end_matches('0').rsplit('.').next().map_or(0, str::len)
    };
    let digits = numbers.iter().flatten().map(|number| digits(*number)).max().unwrap_or(0);
    values
        .iter()
        .zip(numbers)
        .map(|(value, number)| match number {
            // A float does not hold every whole number.
            Some(_) if digits == 0 && !value.is_f64() => value.to_string(),
            Some(number) => format!("{number:.digits$}"),
            None => text(value),
        })
        .collect()
}

/// A value as text for a cell.
pub(crate) fn text(value: &Value) -> String {
    match value {
        Value::Null => NONE.into(),
        Value::String(text) => printable(text).into_owned(),
        other => printable(&other.to_string()).into_owned(),
    }
}

/// The name of the id in the column before it, with the id's other names.
fn name_text(response: &Response, row: &[Value], place: usize) -> String {
    let name = text(row.get(place).unwrap_or(&Value::Null));
    let of = place
        .checked_sub(1)
        .and_then(|before| Some((response.columns.get(before)?, row.get(before)?.as_str()?)));
    let is_of = |also: &&AlsoKnownAs| {
        of.is_some_and(|(dimension, id)| also.dimension == dimension.name && also.value == id)
    };
    let Some(also) = response.also_known_as.iter().flatten().find(is_of) else { return name };
    let mut others: Vec<String> = also.names.iter().map(|name| printable(name).into_owned()).collect();
    let unlisted = also.count.saturating_sub(others.len() as u64);
    if unlisted > 0 {
        others.push(format!("{unlisted} more"));
    }
    format!("{name} (also {})", others.join(", "))
}

/// The beginning of a step of a series.
fn time_text(value: &Value, is_by_day: bool) -> String {
    const DAY: usize = "2026-11-01".len();
    const MINUTE: usize = "2026-11-01T00:00".len();
    let shown =
        |time: &str| time.get(..if is_by_day { DAY } else { MINUTE }).map(|time| time.replace('T', " "));
    match value.as_str().and_then(shown) {
        Some(time) => printable(&time).into_owned(),
        None => text(value),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn response(value: Value) -> Response {
        serde_json::from_value(value).unwrap()
    }

    fn words(text: &str) -> Vec<Vec<&str>> {
        text.lines().map(|line| line.split_whitespace().collect()).collect()
    }

    /// A series by day, for two channels.
    fn by_day_and_channel() -> (Response, Shape) {
        let response = response(json!({
            "columns": [
                {"name": "time"},
                {"name": "channel"},
                {"name": "starts", "unit": "count"},
                {"name": "time_spent", "unit": "seconds"},
            ],
            "rows": [
                ["2026-11-01T00:00:00.000Z", "web", 7, 65.0],
                ["2026-11-01T00:00:00.000Z", null, 1, 1.5],
                ["2026-11-02T00:00:00.000Z", "web", 14, null],
            ],
            "totals": {"starts": 22, "time_spent": 66.5},
        }));
        (response, Shape { is_series: true, is_by_day: true, dimensions: 1, names: 0 })
    }

    #[test]
    fn a_table_has_aligned_numbers_readable_durations_and_totals() {
        let (response, shape) = by_day_and_channel();
        let text = response_table(&response, shape, Terminal::default());
        assert_eq!(
            words(&text),
            [
                ["time", "channel", "starts", "time_spent"],
                ["2026-11-01", "web", "7", "0:01:05.000"],
                ["2026-11-01", "-", "1", "0:00:01.500"],
                ["2026-11-02", "web", "14", "-"],
            ]
            .map(Vec::from)
            .into_iter()
            .chain([vec!["total", "22", "0:01:06.500"]])
            .collect::<Vec<_>>()
        );
        let ends: Vec<_> = text.lines().map(|line| line.trim_end().chars().count()).collect();
        assert!(ends.iter().all(|end| *end == ends[0]), "numbers stand right:\n{text}");
    }

    #[test]
    fn a_response_without_rows_and_one_without_a_break_down_need_no_totals() {
        let shape = Shape { is_series: false, is_by_day: false, dimensions: 0, names: 0 };
        let one = response(
            json!({"columns": [{"name": "rate", "unit": "ratio"}], "rows": [[0.25]], "totals": {"rate": 0.25}}),
        );
        assert_eq!(words(&response_table(&one, shape, Terminal::default())), [["rate"], ["0.25"]]);
        let cut = response(json!({
            "columns": [{"name": "show"}, {"name": "n"}], "rows": [["a", 1]], "totals": {"n": 3}, "row_count_total": 2,
        }));
        let shape_of_cut = Shape { dimensions: 1, ..shape };
        assert!(
            response_table(&cut, shape_of_cut, Terminal::default())
                .ends_with("\n1 of 2 rows; the total is over all rows")
        );
        let none = response(json!({"columns": [{"name": "rate"}], "rows": [], "totals": {"rate": null}}));
        assert_eq!(response_table(&none, shape, Terminal::default()), "no rows");
    }

    #[test]
    fn an_id_has_its_names_beside_it() {
        let also = |value: &str, names: &[&str], count: u64| json!({"dimension": "content_id", "value": value, "names": names, "count": count});
        let response = response(json!({
            "columns": [
                {"name": "content_id", "kind": "dimension"},
                {"name": "content_name", "kind": "name"},
                {"name": "n", "kind": "metric", "unit": "count"},
            ],
            "rows": [["c1", "New", 3], ["c2", "Two", 2], ["c3", null, 1]],
            "totals": {"n": 6},
            "also_known_as": [also("c1", &["Old", "Older"], 7), also("c2", &["Second"], 1)],
        }));
        let shape = Shape { is_series: false, is_by_day: false, dimensions: 1, names: 1 };
        let text = response_table(&response, shape, Terminal::default());
        let lines: Vec<String> =
            text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
        assert_eq!(
            lines,
            [
                "content_id content_name n",
                "c1 New (also Old, Older, 5 more) 3",
                "c2 Two (also Second) 2",
                "c3 - 1",
                "total 6",
            ]
        );
    }

    #[test]
    fn numbers_of_a_column_have_the_same_digits_and_large_ones_all_of_theirs() {
        let cells =
            |values: Value, unit| number_cells(&values.as_array().unwrap().iter().collect::<Vec<_>>(), unit);
        assert_eq!(cells(json!([0.5, 2, 1.0 / 3.0, null]), None), ["0.5000", "2.0000", "0.3333", "-"]);
        assert_eq!(cells(json!([45.0, 7]), Some("count")), ["45", "7"]);
        assert_eq!(cells(json!([9_007_199_254_740_993_i64]), None), ["9007199254740993"]);
        assert_eq!(cells(json!([1, 3_661.25]), Some("seconds")), ["0:00:01.000", "1:01:01.250"]);
        assert_eq!(cells(json!([1, 60]), Some("seconds")), ["0:00:01", "0:01:00"]);
    }

    #[test]
    fn a_series_is_drawn_as_a_line_a_metric() {
        let shape = Shape { is_series: true, is_by_day: true, dimensions: 0, names: 0 };
        let series = response(json!({
            "columns": [{"name": "time"}, {"name": "starts"}, {"name": "rate"}],
            // An hour that comes twice: the order is that of time, not of text.
            "rows": [
                ["2026-10-25T02:00:00.000+02:00", 1, 0.5],
                ["2026-10-25T02:00:00.000+01:00", 7, null],
                ["2026-10-25T03:00:00.000+01:00", 0, 0.25],
            ],
        }));
        let lines = spark_lines(&series, shape, 80, Terminal::default()).unwrap();
        assert_eq!(words(&lines), [["starts", "▂█▁"].to_vec(), ["rate", "█", "▅"].to_vec()]);
        assert_eq!(spark_lines(&series, shape, 8, Terminal::default()), None);
        let single = response(
            json!({"columns": [{"name": "time"}, {"name": "starts"}], "rows": [["2026-11-01T00:00:00Z", 1]]}),
        );
        assert_eq!(spark_lines(&single, shape, 80, Terminal::default()), None);
    }

    #[test]
    fn a_series_of_a_dimension_is_drawn_as_a_line_a_value_for_the_metrics_that_fit() {
        let (response, shape) = by_day_and_channel();
        let lines = spark_lines(&response, shape, 80, Terminal::default()).unwrap();
        assert_eq!(
            words(&lines),
            [vec!["channel", "starts", "time_spent"], vec!["web", "▅█", "█"], vec!["-", "█", "█"],]
        );
        let lines = spark_lines(&response, shape, 18, Terminal::default()).unwrap();
        assert_eq!(words(&lines)[0], ["channel", "starts"]);
        assert_eq!(spark_lines(&response, shape, 12, Terminal::default()), None);
        let two = Shape { dimensions: 2, ..shape };
        assert_eq!(spark_lines(&response, two, 80, Terminal::default()), None);
    }

    #[test]
    fn steps_are_shown_as_far_as_they_tell_something() {
        let time = json!("2026-11-01T13:05:00.000Z");
        assert_eq!(time_text(&time, true), "2026-11-01");
        assert_eq!(time_text(&time, false), "2026-11-01 13:05");
        assert_eq!(time_text(&Value::Null, false), "-");
        assert_eq!(time_text(&json!("short"), true), "short");
    }
}
