//! A running server as a source of reports.

use std::io::Read;

use jiff::Timestamp;
use playhead_node::sessions::filter::SessionFilter;
use playhead_protocol::SessionId;
use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::error::Error;
use crate::source::client::{Client, Request};
use crate::source::{EventPage, PAGE_ROWS, Query, SessionPage, Source};

/// The folder of all reports.
const REPORTS: &str = "/reports/v1/";

/// A running server.
#[derive(Debug)]
pub(crate) struct ServerSource {
    client: Client,
    token: Option<String>,
}

impl ServerSource {
    /// The server that `client` speaks to.
    pub(crate) fn new(client: Client, token: Option<String>) -> Self {
        Self { client, token }
    }

    /// What speaks to it.
    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    /// The token for it.
    pub(crate) fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    fn get(&self, path: &str, query: &[(&str, String)]) -> Result<Option<String>, Error> {
        self.client.get(path, query, self.token.as_deref())
    }

    fn understand<T: for<'de> Deserialize<'de>>(&self, path: &str, body: &str) -> Result<T, Error> {
        serde_json::from_str(body).map_err(|error| Error::Response {
            url: format!("{}{path}", self.client.base()),
            status: 200,
            message: format!("but not with a report: {error}"),
        })
    }
}

impl Source for ServerSource {
    fn query(&self, query: &Query<'_>) -> Result<Box<dyn Read + '_>, Error> {
        let request = Request {
            path: &format!("{REPORTS}{}", query.report.path().replace("{table}", query.table)),
            pairs: &query.pairs,
            body: query.body.as_deref(),
            accept: query.accept,
        };
        self.client.query(request, self.token.as_deref())
    }

    fn list(&self, filter: &SessionFilter, limit: usize) -> Result<SessionPage, Error> {
        let path = "/reports/v1/sessions";
        let mut found = SessionPage { sessions: Vec::new(), next_cursor: None, total: None };
        loop {
            let mut query = query_of(filter);
            query.push(("limit", (limit - found.sessions.len()).min(PAGE_ROWS).to_string()));
            query.extend(found.next_cursor.take().map(|cursor| ("cursor", cursor)));
            let body = self.get(path, &query)?.ok_or_else(|| self.no_reports(path))?;
            let page: SessionPage = self.understand(path, &body)?;
            found.sessions.extend(page.sessions);
            found.sessions.truncate(limit);
            found.next_cursor = page.next_cursor;
            if found.next_cursor.is_none() || found.sessions.len() >= limit {
                return Ok(found);
            }
        }
    }

    fn session(&self, id: &SessionId) -> Result<Option<Box<RawValue>>, Error> {
        let path = format!("/reports/v1/sessions/{id}");
        self.get(&path, &[])?.map(|body| self.understand(&path, &body)).transpose()
    }

    fn exclusions(&self) -> Result<Value, Error> {
        let path = "/reports/v1/exclusions";
        let body = self.get(path, &[])?.ok_or_else(|| self.no_reports(path))?;
        self.understand(path, &body)
    }

    fn events(&self, id: &SessionId, limit: usize) -> Result<Option<EventPage>, Error> {
        let path = format!("/reports/v1/sessions/{id}/events");
        let mut found = EventPage { events: Vec::new(), next_cursor: None };
        loop {
            let mut query = vec![("limit", (limit - found.events.len()).min(PAGE_ROWS).to_string())];
            query.extend(found.next_cursor.take().map(|cursor| ("cursor", cursor)));
            let Some(body) = self.get(&path, &query)? else { return Ok(None) };
            let page: EventPage = self.understand(&path, &body)?;
            found.events.extend(page.events);
            found.events.truncate(limit);
            found.next_cursor = page.next_cursor;
            if found.next_cursor.is_none() || found.events.len() >= limit {
                return Ok(Some(found));
            }
        }
    }
}

impl ServerSource {
    fn no_reports(&self, path: &str) -> Error {
        Error::Response {
            url: format!("{}{path}", self.client.base()),
            status: 404,
            message: "there is no report API".into(),
        }
    }
}

fn query_of(filter: &SessionFilter) -> Vec<(&'static str, String)> {
    let time =
        |ms: i64| Timestamp::from_millisecond(ms).map_or_else(|_| ms.to_string(), |time| time.to_string());
    let parts = [
        ("from", filter.from_ms.map(time)),
        ("to", filter.to_ms.map(time)),
        ("report_suite", filter.report_suite.clone()),
        ("content_id", filter.content_id.clone()),
        ("visitor_id", filter.visitor_id.clone()),
        ("open", filter.open.map(|open| open.to_string())),
        ("diagnosis", filter.diagnosis.map(|diagnosis| diagnosis.name().to_owned())),
        ("filters", filter.filters.as_ref().map(|filters| filters.json().to_owned())),
        ("q", filter.q.clone()),
    ];
    parts.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use playhead_report::StartFilters;
    use playhead_session::Diagnosis;

    #[test]
    fn each_part_of_a_filter_becomes_a_part_of_the_query() {
        let filter = SessionFilter {
            from_ms: Some(1_793_491_200_000),
            to_ms: Some(1_793_491_200_500),
            report_suite: Some("s".into()),
            content_id: Some("c".into()),
            visitor_id: Some("v".into()),
            open: Some(false),
            diagnosis: Some(Diagnosis::LateEvent),
            filters: StartFilters::parse("?filters", None, &[("channel", "news".into())]).unwrap(),
            q: Some("text".into()),
        };
        let query = query_of(&filter);
        let text: Vec<_> = query.iter().map(|(name, value)| format!("{name}={value}")).collect();
        assert_eq!(
            text.join("&"),
            "from=2026-11-01T00:00:00Z&to=2026-11-01T00:00:00.5Z&report_suite=s&content_id=c&visitor_id=v&open=false\
             &diagnosis=late_event&filters=[{\"dimension\":\"channel\",\"operator\":\"=\",\"value\":\"news\"}]&q=text"
        );
    }
}
