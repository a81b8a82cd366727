//! Parses queries in JSON, with all their faults.

use serde_json::{Map, Value};

use crate::error::Error;
use crate::faults::Faults;
use crate::filter::Filters;
use crate::filter::json::unknown_dimension;
use crate::limits::{MOST_QUERY_ROWS, QUERY_BYTES, QUERY_DIMENSIONS, QUERY_METRICS, QUERY_ORDERS};
use crate::names::dimension::{Dimension, Fact, NAMED, Named};
use crate::names::metric::Metric;
use crate::names::metric_table::metrics;
use crate::names::segment::Segment;
use crate::nearest::{did_you_mean, quoted};
use crate::query::request::{Order, OrderBy, QueryRequest, TIME_COLUMN};
use crate::time::buckets::Granularity;
use crate::time::range::{TimeRange, Zone};

/// The keys of a query.
const KEYS: [&str; 12] = [
    "from",
    "to",
    "metrics",
    "dimensions",
    "filters",
    "segment",
    "granularity",
    "time_zone",
    "include_open",
    "order_by",
    "limit",
    "names",
];

impl QueryRequest {
    /// Parses the query in a body.
    ///
    /// `from` and `to` are optional: a missing end is open, so a query without them covers all sessions. `to` is
    /// exclusive, also as a date: `"to": "2026-11-02"` ends with the first of November.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] with all faults.
    pub fn parse(body: &[u8]) -> Result<Self, Error> {
        Self::parse_in(body, &Zone::UTC)
    }

    /// The same; a query that names no time zone is in `usual`.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] with all faults.
    pub fn parse_in(body: &[u8], usual: &Zone) -> Result<Self, Error> {
        if body.len() > QUERY_BYTES {
            return Err(Error::fault("", format!("is longer than {QUERY_BYTES} bytes")));
        }
        let value: Value = serde_json::from_slice(body)
            .map_err(|error| Error::fault("", format!("is not JSON: {error}")))?;
        let Value::Object(object) = value else { return Err(Error::fault("", "must be an object")) };
        Self::of_object(&object, usual)
    }

    fn of_object(object: &Map<String, Value>, usual: &Zone) -> Result<Self, Error> {
        let mut faults = Faults::default();
        for key in object.keys().filter(|key| !KEYS.contains(&key.as_str())) {
            faults.push("", format_args!("has an unknown key: {}{}", quoted(key), did_you_mean(key, KEYS)));
        }
        let zone = Zone::parse(object.get("time_zone"), "/time_zone", usual, &mut faults);
        let range =
            TimeRange::parse((object.get("from"), "/from"), (object.get("to"), "/to"), &zone, &mut faults);
        let metrics = parse_metrics(object.get("metrics"), &mut faults);
        let dimensions = parse_dimensions(object.get("dimensions"), &mut faults);
        let filters = Filters::parse(object.get("filters"), "/filters", &zone, &mut faults);
        let segment = text(object.get("segment"), "/segment", "the name of a segment", &mut faults);
        let segment = Segment::parse(segment, "/segment", &mut faults);
        let granularity =
            text(object.get("granularity"), "/granularity", "the name of a granularity", &mut faults);
        let granularity =
            granularity.map_or(Ok(Granularity::None), Granularity::named).unwrap_or_else(|message| {
                faults.push("/granularity", message);
                Granularity::None
            });
        let include_open = yes_or_no(object, "include_open", true, &mut faults);
        let names = yes_or_no(object, "names", false, &mut faults);
        let named = Columns { metrics: &metrics, dimensions: &dimensions, granularity, names };
        let order_by = parse_orders(object.get("order_by"), &named, &mut faults);
        let limit = parse_limit(object.get("limit"), &mut faults);
        let metrics = metrics.into_iter().flatten().collect();
        let dimensions = dimensions.into_iter().flatten().collect();
        let request = Self {
            range,
            zone,
            metrics,
            dimensions,
            filters,
            segment,
            granularity,
            include_open,
            order_by,
            limit,
            names,
            now_ms: None,
        };
        if faults.is_empty() {
            request.find_impossible(&mut faults);
            request.find_nameless(&mut faults);
        }
        faults.or(request)
    }

    /// Finds why names that are wanted cannot be given.
    fn find_nameless(&self, faults: &mut Faults) {
        if self.names && self.named().next().is_none() {
            let ids: Vec<&str> = NAMED.iter().map(|named| named.id).collect();
            let ids = ids.join(" and ");
            faults.push(
                "/names",
                format_args!("has nothing to name: those with names are {ids}, and none is in dimensions"),
            );
        }
        for (place, named) in self.named() {
            if self.dimensions.iter().any(|dimension| dimension.name == named.name) {
                let Named { id, name, .. } = named;
                faults.push(
                    "/names",
                    format_args!("cannot name {id} (/dimensions/{place}) while the query is broken down by {name}; leave one of them out"),
                );
            }
        }
    }

    /// Finds metrics that cannot be counted with the dimensions that the query names.
    fn find_impossible(&self, faults: &mut Faults) {
        let named: Vec<&Dimension> = self.dimensions.iter().chain(self.filters.dimensions()).collect();
        let facts = self.facts();
        if facts.is_empty() {
            let rows =
                |dimension: &&Dimension| format!("{} (of {})", dimension.name, names_of(dimension.facts()));
            let narrow: Vec<String> =
                named.iter().filter(|dimension| dimension.facts() != Fact::ALL).map(rows).collect();
            faults.push(
                if self.dimensions.len() > 1 { "/dimensions" } else { "/filters" },
                format_args!("do not occur together in any rows: {}", narrow.join(", ")),
            );
            return;
        }
        for (index, metric) in self.metrics.iter().enumerate() {
            if self.fact_of(metric).is_some() {
                continue;
            }
            let own = metric.facts();
            let missing = named.iter().filter(|dimension| !own.iter().any(|fact| dimension.is_on(*fact)));
            let missing: Vec<&str> = missing.map(|dimension| &*dimension.name).collect();
            let possible = metrics().iter().filter(|metric| self.fact_of(metric).is_some());
            let possible: Vec<&str> = possible.map(|metric| &*metric.name).collect();
            let (name, missing) = (&metric.name, missing.join(", "));
            faults.push(
                format_args!("/metrics/{index}"),
                format_args!(
                    "cannot be combined: {name} is counted over {}, which have no {missing}; metrics with {missing} are {}",
                    names_of(&own),
                    possible.join(", ")
                ),
            );
        }
    }
}

fn names_of(facts: &[Fact]) -> String {
    facts.iter().map(|fact| fact.name()).collect::<Vec<_>>().join(" and ")
}

fn yes_or_no(object: &Map<String, Value>, key: &str, usual: bool, faults: &mut Faults) -> bool {
    match object.get(key) {
        None | Some(Value::Null) => usual,
        Some(Value::Bool(chosen)) => *chosen,
        Some(_) => {
            faults.push(format_args!("/{key}"), "must be true or false");
            usual
        }
    }
}

fn text<'value>(
    value: Option<&'value Value>,
    path: &str,
    what: &str,
    faults: &mut Faults,
) -> Option<&'value str> {
    match value {
        None | Some(Value::Null) => None,
        Some(Value::String(text)) => Some(text),
        Some(_) => {
            faults.push(path, format_args!("must be {what}"));
            None
        }
    }
}

/// The names in a list, with faults for values that are not names and for repeated names. Each stays at its place.
fn names<'value>(
    value: &'value Value,
    path: &str,
    most: usize,
    faults: &mut Faults,
) -> Vec<Option<&'value str>> {
    let Value::Array(listed) = value else {
        faults.push(path, "must be a list of names");
        return Vec::new();
    };
    if listed.len() > most {
        faults.push(path, format_args!("holds {} names; at most {most} are allowed", listed.len()));
        return Vec::new();
    }
    let mut names: Vec<Option<&str>> = Vec::new();
    for (index, value) in listed.iter().enumerate() {
        let name = value.as_str();
        match name {
            None => faults.push(format_args!("{path}/{index}"), "must be a name"),
            Some(name) if names.contains(&Some(name)) => {
                faults.push(format_args!("{path}/{index}"), format_args!("names {} again", quoted(name)));
            }
            Some(_) => {}
        }
        names.push(name);
    }
    names
}

fn parse_metrics(value: Option<&Value>, faults: &mut Faults) -> Vec<Option<Metric>> {
    let none = Value::Array(Vec::new());
    let value = value.unwrap_or(&none);
    if value.as_array().is_some_and(Vec::is_empty) {
        faults.push("/metrics", "must name at least one metric");
    }
    let names = names(value, "/metrics", QUERY_METRICS, faults);
    let mut parse = |(index, name): (usize, Option<&str>)| {
        Metric::named(name?).map_err(|message| faults.push(format_args!("/metrics/{index}"), message)).ok()
    };
    names.into_iter().enumerate().map(&mut parse).collect()
}

fn parse_dimensions(value: Option<&Value>, faults: &mut Faults) -> Vec<Option<Dimension>> {
    let names = match value {
        None | Some(Value::Null) => Vec::new(),
        Some(value) => names(value, "/dimensions", QUERY_DIMENSIONS, faults),
    };
    let mut parse = |(index, name): (usize, Option<&str>)| {
        let name = name?;
        let path = format!("/dimensions/{index}");
        match Dimension::named(name) {
            Some(dimension) if dimension.is_groupable => Some(dimension),
            Some(_) => {
                let message = "is measured: queries can filter by it, but cannot be broken down by it";
                faults.push(path, format_args!("{} {message}", quoted(name)));
                None
            }
            None => {
                faults.push(path, unknown_dimension(name, true));
                None
            }
        }
    };
    names.into_iter().enumerate().map(&mut parse).collect()
}

/// The columns that can order a query.
struct Columns<'a> {
    metrics: &'a [Option<Metric>],
    dimensions: &'a [Option<Dimension>],
    granularity: Granularity,
    names: bool,
}

impl Columns<'_> {
    fn find(&self, name: &str) -> Option<OrderBy> {
        if name == TIME_COLUMN && self.granularity != Granularity::None {
            return Some(OrderBy::Time);
        }
        let is_metric = |metric: &Option<Metric>| metric.as_ref().is_some_and(|metric| metric.name == name);
        let is_dimension = |dimension: &Option<Dimension>| {
            dimension.as_ref().is_some_and(|dimension| dimension.name == name)
        };
        let metric = self.metrics.iter().position(is_metric).map(OrderBy::Metric);
        let is_named = |dimension: &Option<Dimension>| {
            dimension.as_ref().is_some_and(|dimension| self.names && dimension.named_by() == Some(name))
        };
        let dimension = || self.dimensions.iter().position(is_dimension).map(OrderBy::Dimension);
        let named = || self.dimensions.iter().position(is_named).map(OrderBy::Name);
        metric.or_else(dimension).or_else(named)
    }

    fn names(&self) -> Vec<&str> {
        let time = (self.granularity != Granularity::None).then_some(TIME_COLUMN);
        let dimensions = self.dimensions.iter().flatten().flat_map(|dimension| {
            [Some(&*dimension.name), dimension.named_by().filter(|_| self.names)].into_iter().flatten()
        });
        let metrics = self.metrics.iter().flatten().map(|metric| &*metric.name);
        time.into_iter().chain(dimensions).chain(metrics).collect()
    }

    fn unknown(&self, name: &str) -> String {
        let names = self.names();
        let near = did_you_mean(name, names.iter().copied());
        format!("is not a column of this query: {}{near}; its columns are {}", quoted(name), names.join(", "))
    }
}

fn parse_orders(value: Option<&Value>, named: &Columns<'_>, faults: &mut Faults) -> Vec<Order> {
    let single;
    let listed: &[Value] = match value {
        None | Some(Value::Null) => &[],
        Some(Value::Array(listed)) => listed,
        Some(one) => {
            single = [one.clone()];
            &single
        }
    };
    if listed.len() > QUERY_ORDERS {
        faults.push(
            "/order_by",
            format_args!("holds {} columns; at most {QUERY_ORDERS} are allowed", listed.len()),
        );
        return Vec::new();
    }
    let is_list = value.is_some_and(Value::is_array);
    let place = |index: usize| if is_list { format!("/order_by/{index}") } else { "/order_by".to_owned() };
    let mut parse = |(index, value): (usize, &Value)| parse_order(value, &place(index), named, faults);
    listed.iter().enumerate().filter_map(&mut parse).collect()
}

/// `"name"`, `"-name"` for the highest first, or `{"by": "name", "direction": "asc" or "desc"}`.
fn parse_order(value: &Value, path: &str, named: &Columns<'_>, faults: &mut Faults) -> Option<Order> {
    let (name, is_descending, path) = match value {
        Value::String(name) => {
            let descending = name.strip_prefix('-');
            (descending.unwrap_or(name), descending.is_some(), path.to_owned())
        }
        Value::Object(object) => {
            for key in object.keys().filter(|key| !["by", "direction"].contains(&key.as_str())) {
                let near = did_you_mean(key, ["by", "direction"]);
                faults.push(path, format_args!("has an unknown key: {}{near}", quoted(key)));
            }
            let is_descending = match object.get("direction") {
                None | Some(Value::Null) => false,
                Some(Value::String(direction)) if direction == "asc" => false,
                Some(Value::String(direction)) if direction == "desc" => true,
                Some(_) => {
                    faults.push(format_args!("{path}/direction"), "must be asc or desc");
                    false
                }
            };
            let Some(name) = object.get("by").and_then(Value::as_str) else {
                faults.push(format_args!("{path}/by"), "must name a column of this query");
                return None;
            };
            (name, is_descending, format!("{path}/by"))
        }
        _ => {
            faults.push(path, "must name a column of this query, or be {\"by\", \"direction\"}");
            return None;
        }
    };
    let found = named.find(name);
    if found.is_none() {
        faults.push(path, named.unknown(name));
    }
    Some(Order { by: found?, is_descending })
}

fn parse_limit(value: Option<&Value>, faults: &mut Faults) -> Option<usize> {
    let value = value.filter(|value| !value.is_null())?;
    let limit = value.as_u64().and_then(|limit| usize::try_from(limit).ok());
    let limit = limit.filter(|limit| (1..=MOST_QUERY_ROWS).contains(limit));
    if limit.is_none() {
        faults.push("/limit", format_args!("must be a whole number from 1 to {MOST_QUERY_ROWS}"));
    }
    limit
}
