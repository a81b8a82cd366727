//! Query strings: every fault of a query in one answer, unknown parameters included.

use std::collections::BTreeMap;

use playhead_report::nearest::did_you_mean;
use playhead_report::{Faults, StartFilters, Zone};
use playhead_session::Diagnosis;

use crate::error::Error;
use playhead_node::limits::QUERY_BYTES;

/// A query string that is being read; each parameter is taken out by name.
#[derive(Debug)]
pub(crate) struct Query {
    params: BTreeMap<String, String>,
    known: Vec<&'static str>,
    faults: Faults,
}

impl Query {
    pub(crate) fn parse(query: Option<&str>) -> Result<Self, Error> {
        let query = query.unwrap_or_default();
        if query.len() > QUERY_BYTES {
            return Err(Error::fault("", format!("the query is longer than {QUERY_BYTES} bytes")));
        }
        let mut params = BTreeMap::new();
        let mut faults = Faults::default();
        for (key, value) in form_urlencoded::parse(query.as_bytes()) {
            if params.insert(key.clone().into_owned(), value.into_owned()).is_some() {
                faults.push(format_args!("?{key}"), "is given twice");
            }
        }
        Ok(Self { params, known: Vec::new(), faults })
    }

    /// A text; an empty one counts as absent.
    pub(crate) fn text(&mut self, name: &'static str) -> Option<String> {
        self.known.push(name);
        self.params.remove(name).filter(|text| !text.is_empty())
    }

    /// A value of some form, `expected` saying which.
    pub(crate) fn parsed<T>(
        &mut self,
        name: &'static str,
        expected: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let text = self.text(name)?;
        let value = parse(&text);
        if value.is_none() {
            self.faults.push(format_args!("?{name}"), format_args!("must be {expected}"));
        }
        value
    }

    /// A moment: RFC 3339; or a date, which stands for its first moment, or a date and time without an offset, in `zone`.
    pub(crate) fn time_ms(&mut self, name: &'static str, zone: &Zone) -> Option<i64> {
        self.parsed(name, "a time such as 2026-11-01T00:00:00Z, or a date such as 2026-11-01", |text| {
            zone.moment_ms(text).ok()
        })
    }

    /// `true` or `false`.
    pub(crate) fn boolean(&mut self, name: &'static str) -> Option<bool> {
        self.parsed(name, "true or false", |text| text.parse().ok())
    }

    /// The name of a diagnosis.
    pub(crate) fn diagnosis(&mut self, name: &'static str) -> Option<Diagnosis> {
        let names: Vec<_> = Diagnosis::ALL.iter().map(|diagnosis| diagnosis.name()).collect();
        self.parsed(name, &format!("one of {}", names.join(", ")), |text| {
            Diagnosis::ALL.iter().copied().find(|diagnosis| diagnosis.name() == text)
        })
    }

    /// How many rows to return.
    pub(crate) fn limit(&mut self, name: &'static str, usual: usize, most: usize) -> usize {
        let expected = format!("a number from 1 to {most}");
        self.parsed(name, &expected, |text| text.parse().ok().filter(|limit| (1..=most).contains(limit)))
            .unwrap_or(usual)
    }

    /// Filters of open sessions: `filters`, and parameters that have the name of a dimension.
    pub(crate) fn start_filters(&mut self, dimensions: &[&'static str]) -> Option<StartFilters> {
        let filters = self.text("filters");
        let equal: Vec<_> = dimensions.iter().filter_map(|name| Some((*name, self.text(name)?))).collect();
        StartFilters::parse("?filters", filters.as_deref(), &equal).unwrap_or_else(|faults| {
            self.faults.extend(faults);
            None
        })
    }

    /// Finds what nobody asked for, and reports all faults.
    pub(crate) fn finish(mut self) -> Result<(), Error> {
        let known = self.known.join(", ");
        for key in self.params.keys() {
            let near = did_you_mean(key, self.known.iter().copied());
            self.faults.push(format_args!("?{key}"), format_args!("is unknown{near}; known are {known}"));
        }
        self.faults.or_list(()).map_err(Error::Invalid)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_faults_come_at_once() {
        let mut query =
            Query::parse(Some("from=yesterday&limit=0&colour=red&open=maybe&to=2026-11-01")).unwrap();
        assert_eq!(query.time_ms("from", &Zone::UTC), None);
        assert_eq!(query.time_ms("to", &Zone::UTC), Some(1_793_491_200_000));
        assert_eq!(query.limit("limit", 100, 1_000), 100);
        assert_eq!(query.boolean("open"), None);
        let Err(Error::Invalid(faults)) = query.finish() else { panic!("must have faults") };
        let paths: Vec<_> = faults.iter().map(|fault| &*fault.path).collect();
        assert_eq!(paths, ["?from", "?limit", "?open", "?colour"]);
    }

    #[test]
    fn times_with_offsets_are_taken() {
        let mut query = Query::parse(Some("from=2026-11-01T01:00:00%2B01:00")).unwrap();
        assert_eq!(query.time_ms("from", &Zone::UTC), Some(1_793_491_200_000));
    }
}
