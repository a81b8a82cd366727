//! Parses the parameters of panels, by name and value as in a URL. A refusal lists all faults together; the path of a
//! fault is the parameter's name.

use datafusion::arrow::datatypes::DataType;
use datafusion::logical_expr::{Expr, cast, lit};
use datafusion::prelude::ident;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::error::Error;
use crate::faults::Faults;
use crate::filter::Filters;
use crate::limits::{PANEL_BUCKETS, PANEL_GROUPS, USUAL_PANEL_GROUPS};
use crate::names::dimension::{Dimension, Fact, groupable_names};
use crate::names::segment::Segment;
use crate::nearest::{did_you_mean, quoted};
use crate::time::buckets::Buckets;
use crate::time::range::{TimeRange, Zone, moment_literal};

/// The parameters of one request; the parser takes each by its name.
#[derive(Debug)]
pub(crate) struct Params<'a> {
    left: Vec<(&'a str, &'a str)>,
    known: Vec<&'static str>,
    pub(crate) faults: Faults,
}

impl<'a> Params<'a> {
    pub(crate) fn new(pairs: &'a [(String, String)]) -> Self {
        let mut left: Vec<(&str, &str)> = Vec::with_capacity(pairs.len());
        let mut faults = Faults::default();
        for (name, value) in pairs {
            if left.iter().any(|(known, _)| known == name) {
                faults.push(name, "is given twice");
            } else {
                left.push((name, value));
            }
        }
        Self { left, known: Vec::new(), faults }
    }

    /// A text; an empty one counts as absent.
    pub(crate) fn text(&mut self, name: &'static str) -> Option<&'a str> {
        self.known.push(name);
        let place = self.left.iter().position(|(known, _)| *known == name)?;
        let (_, text) = self.left.swap_remove(place);
        (!text.is_empty()).then_some(text)
    }

    /// A required text.
    pub(crate) fn needed_text(&mut self, name: &'static str) -> &'a str {
        self.text(name).unwrap_or_else(|| {
            self.faults.push(name, "is required");
            ""
        })
    }

    /// One of several values by its name; the first if the parameter is absent.
    pub(crate) fn choice<T: Copy>(&mut self, name: &'static str, choices: &[(&'static str, T)]) -> T {
        self.chosen(name, choices).unwrap_or(choices[0].1)
    }

    /// One of several values by its name, if the parameter is there.
    pub(crate) fn chosen<T: Copy>(&mut self, name: &'static str, choices: &[(&'static str, T)]) -> Option<T> {
        let text = self.text(name)?;
        if let Some((_, chosen)) = choices.iter().find(|(known, _)| *known == text) {
            return Some(*chosen);
        }
        let names: Vec<&str> = choices.iter().map(|(known, _)| *known).collect();
        let near = did_you_mean(text, names.iter().copied());
        self.faults
            .push(name, format_args!("must be one of {}, not {}{near}", names.join(", "), quoted(text)));
        None
    }

    /// Which sessions count. Parameters: `from`, `to`, `time_zone`, `filters`, `segment`,
    /// `include_open`.
    pub(crate) fn scope(&mut self, fact: Fact) -> Scope {
        let scope = self.scope_of_any_rows();
        if let Some(missing) = scope.filters.missing_on(fact) {
            let message = format!("name {}, which rows of {} do not have", missing.name, fact.name());
            self.faults.push("filters", message);
        }
        scope
    }

    /// The same, with filters that may name what no rows of one kind have together.
    pub(crate) fn scope_of_any_rows(&mut self) -> Scope {
        let zone = self.text("time_zone").map(Value::from);
        let zone = Zone::parse(zone.as_ref(), "time_zone", &Zone::UTC, &mut self.faults);
        let (from, to) = (self.text("from").map(Value::from), self.text("to").map(Value::from));
        let range = TimeRange::parse((from.as_ref(), "from"), (to.as_ref(), "to"), &zone, &mut self.faults);
        let filters = self.text("filters");
        let filters = Filters::parse_text(filters, "filters", &zone, &mut self.faults);
        let segment = self.text("segment");
        let segment = Segment::parse(segment, "segment", &mut self.faults);
        let include_open = self.choice("include_open", &[("true", true), ("false", false)]);
        Scope { range, zone, filters, segment, include_open }
    }

    /// How many values get numbers of their own. Parameter: `limit`.
    pub(crate) fn top(&mut self) -> usize {
        self.limit(USUAL_PANEL_GROUPS, PANEL_GROUPS)
    }

    /// How many entries a list has. Parameter: `limit`.
    pub(crate) fn limit(&mut self, usual: usize, most: usize) -> usize {
        let Some(text) = self.text("limit") else { return usual };
        let limit = text.parse().ok().filter(|limit| (1..=most).contains(limit));
        limit.unwrap_or_else(|| {
            self.faults.push("limit", format_args!("must be a whole number from 1 to {most}"));
            usual
        })
    }

    /// The breakdown of the numbers. Parameters: `by`, `limit`, `names`.
    pub(crate) fn breakdown(&mut self, fact: Fact) -> Option<Breakdown> {
        let top = self.top();
        let dimension = match self.text("by").map(|name| breakdown_dimension(name, fact)) {
            None => Ok(None),
            Some(Ok(dimension)) => Ok(Some(dimension)),
            Some(Err(message)) => {
                self.faults.push("by", message);
                Err(())
            }
        };
        let with_names = self.with_names(dimension.as_ref().ok().map(Option::as_slice));
        Some(Breakdown { dimension: dimension.ok()??, top, with_names })
    }

    /// Whether the values of dimensions come with their names; `None` where it is not known what `by` names. Parameter: `names`.
    pub(crate) fn with_names(&mut self, by: Option<&[Dimension]>) -> bool {
        let with_names = self.choice("names", &[("false", false), ("true", true)]);
        let is_nameless = by.is_some_and(|by| by.iter().all(|dimension| dimension.names().is_none()));
        if with_names && is_nameless {
            self.faults
                .push("names", "has nothing to name: by has no dimension with names, such as content_id");
        }
        with_names
    }

    /// The range of a panel that needs both ends, also set in the scope: without `to` it ends now, without `from` it has
    /// the usual length.
    pub(crate) fn closed_range(&self, scope: &mut Scope, now_ms: i64, usual_ms: i64) -> (i64, i64) {
        let to_ms = scope.range.to_ms.unwrap_or(now_ms);
        let from_ms = scope.range.from_ms.unwrap_or(to_ms.saturating_sub(usual_ms));
        scope.range = TimeRange { from_ms: Some(from_ms), to_ms: Some(to_ms) };
        (from_ms, to_ms)
    }

    /// Buckets of clock time that cover a range.
    pub(crate) fn clock_buckets(&mut self, scope: &Scope, range: (i64, i64), unit_ms: i64) -> Buckets {
        let most = PANEL_BUCKETS as i64;
        // If clocks are set, there may be a few more.
        if range.1.saturating_sub(range.0) / unit_ms > most {
            let minutes = unit_ms / 60_000;
            let message = format!(
                "makes more than {most} buckets of {minutes} minutes before to; use a shorter range or longer buckets"
            );
            self.faults.push("from", message);
            return Buckets::default();
        }
        Buckets::of_clock(unit_ms, range.0, range.1, &scope.zone).unwrap_or_else(|message| {
            self.faults.push("from", message);
            Buckets::default()
        })
    }

    /// Returns the request if there are no faults.
    pub(crate) fn finish<T>(mut self, request: T) -> Result<T, Error> {
        for (name, _) in &self.left {
            let near = did_you_mean(name, self.known.iter().copied());
            self.faults.push(name, format_args!("is not a parameter of this panel{near}"));
        }
        self.faults.or(request)
    }
}

/// The dimension of that name, if numbers over `fact` can be broken down by it.
pub(crate) fn breakdown_dimension(name: &str, fact: Fact) -> Result<Dimension, String> {
    let Some(dimension) = Dimension::named(name) else {
        return Err(format!("names no dimension: {}{}", quoted(name), did_you_mean(name, groupable_names())));
    };
    if !dimension.is_groupable {
        return Err(format!("names {name}, which numbers cannot be broken down by"));
    }
    if dimension.is_list() {
        return Err(format!("names {name}, of which one session may have several values"));
    }
    if !dimension.is_on(fact) {
        return Err(format!("names {name}, which rows of {} do not have", fact.name()));
    }
    Ok(dimension)
}

/// Which sessions a panel is about.
#[derive(Debug, Clone, PartialEq)]
pub struct Scope {
    /// The range of time; a missing end is open.
    pub range: TimeRange,
    /// The zone of dates in the request and times in the response.
    pub zone: Zone,
    /// The filters, as in `POST /query`.
    pub filters: Filters,
    /// The standard segment.
    pub segment: Segment,
    /// Whether sessions that may still change count.
    pub include_open: bool,
}

impl Scope {
    /// Rows of sessions that started in the range.
    pub(crate) fn started(&self, fact: Fact) -> Option<Expr> {
        self.with(fact, self.range.expr("started_at"))
    }

    /// Rows of sessions that were open at some moment in the range. For rows of sessions only.
    pub(crate) fn there(&self, from_ms: i64, to_ms: i64) -> Option<Expr> {
        let began = ident("started_at").lt(moment_literal(to_ms));
        let went_on = ident("last_event_at").gt_eq(moment_literal(from_ms));
        self.with(Fact::Sessions, Some(began.and(went_on)))
    }

    fn with(&self, fact: Fact, in_range: Option<Expr>) -> Option<Expr> {
        let closed = (!self.include_open).then(|| ident("is_open").eq(lit(false)));
        let parts = [in_range, closed, self.segment.expr(fact), self.filters.expr(fact)];
        parts.into_iter().flatten().reduce(Expr::and)
    }

    /// The scope as part of a response.
    pub fn response(&self) -> ScopeResponse {
        ScopeResponse {
            from: self.range.from_ms.map(|ms| self.zone.written(ms)),
            to: self.range.to_ms.map(|ms| self.zone.written(ms)),
            time_zone: self.zone.name().to_owned(),
            segment: self.segment.name,
            include_open: self.include_open,
            excluded_sessions: 0,
        }
    }
}

/// The sessions that a response covers.
#[derive(Debug, Clone, PartialEq, Eq, JsonSchema, Serialize)]
pub struct ScopeResponse {
    /// From, inclusive, RFC 3339 with the offset of the zone; null where the range is open.
    pub from: Option<String>,
    /// To, exclusive; null where the range is open.
    pub to: Option<String>,
    /// The time zone.
    pub time_zone: String,
    /// The standard segment.
    pub segment: &'static str,
    /// Whether sessions that may still change count.
    pub include_open: bool,
    /// Sessions in the range that are left out because an operator excluded them, whatever the filters.
    pub excluded_sessions: u64,
}

/// The breakdown of numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Breakdown {
    /// The dimension.
    pub dimension: Dimension,
    /// How many values get numbers of their own; the others are counted together.
    pub top: usize,
    /// Whether the values come with their names.
    pub with_names: bool,
}

impl Breakdown {
    /// The value in a row, as text.
    pub(crate) fn value(&self, fact: Fact) -> Expr {
        cast(self.dimension.expr(fact), DataType::Utf8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn all_faults_come_at_once_and_name_the_nearest() {
        let pairs = pairs(&[
            ("from", "yesterday"),
            ("time_zone", "Europe/Berln"),
            ("filters", r#"[{"dimension": "chanel", "operator": "=", "value": "tv"}]"#),
            ("segment", "vidio"),
            ("by", "chanel"),
            ("limit", "51"),
            ("include_open", "flase"),
            ("granulariti", "minute"),
            ("to", "2026-11-01"),
            ("to", "2026-11-02"),
        ]);
        let mut params = Params::new(&pairs);
        let scope = params.scope(Fact::Sessions);
        let breakdown = params.breakdown(Fact::Sessions);
        params.choice("granularity", &[("minute", ()), ("second", ())]);
        let Err(Error::Invalid(faults)) = params.finish((scope, breakdown)) else {
            panic!("must have faults")
        };
        let found: Vec<_> =
            faults.iter().map(|fault| (fault.path.as_str(), fault.message.as_str())).collect();
        let message = |path: &str| {
            let found = found.iter().find(|(place, _)| *place == path);
            found.unwrap_or_else(|| panic!("no fault at {path}: {faults:?}")).1
        };
        assert!(message("from").contains("yesterday"));
        assert_eq!(message("to"), "is given twice");
        assert!(message("time_zone").contains("Europe/Berlin"));
        assert!(message("segment").contains("video"));
        assert!(message("by").contains("did you mean channel?"));
        assert!(message("limit").contains("from 1 to 50"));
        assert!(message("include_open").contains("did you mean false?"));
        assert!(message("granulariti").contains("did you mean granularity?"));
        assert!(found.iter().any(|(path, text)| path.starts_with("filters") && text.contains("channel")));
    }

    #[test]
    fn filters_and_breakdowns_must_be_on_the_rows() {
        let pairs = pairs(&[
            ("filters", r#"[{"dimension": "content_time_spent", "operator": ">", "value": 3}]"#),
            ("by", "diagnoses"),
        ]);
        let mut params = Params::new(&pairs);
        params.scope(Fact::Ads);
        params.breakdown(Fact::Sessions);
        let Err(Error::Invalid(faults)) = params.finish(()) else { panic!("must have faults") };
        assert!(faults[0].message.contains("rows of ads do not have"), "{faults:?}");
        assert!(faults[1].message.contains("several values"), "{faults:?}");
    }
}
