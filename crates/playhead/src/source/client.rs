//! Requests to a server.

use std::io::{self, Read};
use std::time::Duration;

use crate::error::{Error, Fault};
use crate::terminal::printable::printable;

/// How long a request of the collection API may take.
const COLLECTION_TIMEOUT: Duration = Duration::from_secs(10);

/// How long a report may take: a server may have much to go through.
const REPORT_TIMEOUT: Duration = Duration::from_secs(60);

/// How long a connection may take to be made, where the response may take long.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// How long a query may take until the first byte of its response: the server's own limit is far shorter, but upkeep of
/// a lake may be hours behind.
const QUERY_TIMEOUT: Duration = Duration::from_secs(6 * 60 * 60);

/// Bytes of a refusal that are read.
const REFUSAL_BYTES: u64 = 1024 * 1024;

/// Bytes of a response that are read; a page of reports stays far below.
const RESPONSE_BYTES: u64 = 512 * 1024 * 1024;

/// Characters of a server's message that are shown.
const MESSAGE_CHARS: usize = 2_000;

/// The response of a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Response {
    /// The status.
    pub status: u16,
    /// `Location`, of a session that was opened.
    pub location: Option<String>,
    /// `Retry-After`, in seconds.
    pub retry_after: Option<Duration>,
    /// The body.
    pub body: String,
}

/// The body of a refusal.
#[derive(Debug, serde::Deserialize)]
struct Refusal {
    message: String,
    #[serde(default)]
    errors: Vec<Fault>,
}

/// A request to the report API of a server.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Request<'call> {
    /// Its path, from `/` on.
    pub path: &'call str,
    /// The parameters of its query string.
    pub pairs: &'call [(&'static str, String)],
    /// A JSON body to post; a request without one is a GET.
    pub body: Option<&'call str>,
    /// The media type of the response; empty for JSON.
    pub accept: &'call str,
}

impl Response {
    /// The text of a refusal: its message and its faults, safe for a terminal.
    pub(crate) fn refusal(&self) -> String {
        let text = match serde_json::from_str::<Refusal>(&self.body) {
            Ok(refusal) => refusal
                .errors
                .iter()
                .fold(refusal.message, |text, fault| format!("{text}; {} {}", fault.path, fault.message)),
            Err(_) => self.body.trim().to_owned(),
        };
        printable(&text).chars().take(MESSAGE_CHARS).collect()
    }
}

/// Speaks to one server. Follows no redirects, so that a token goes nowhere else, and uses no proxy.
#[derive(Debug)]
pub(crate) struct Client {
    agent: ureq::Agent,
    base: String,
}

impl Client {
    /// A client of the server at `url`, such as `http://127.0.0.1:8080`.
    ///
    /// # Errors
    ///
    /// If that is not the address of a server.
    pub(crate) fn new(url: &str) -> Result<Self, Error> {
        let base = url.trim_end_matches('/');
        let host = base.strip_prefix("http://").or_else(|| base.strip_prefix("https://"));
        if host.is_none_or(|host| {
            host.is_empty() || host.contains(['?', '#', '@']) || host.contains(char::is_whitespace)
        }) {
            return Err(Error::WrongCall(format!(
                "`{url}` is no address of a server: write it like http://127.0.0.1:8080"
            )));
        }
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(None)
            .user_agent(concat!("playhead/", env!("CARGO_PKG_VERSION")))
            .build();
        Ok(Self { agent: config.into(), base: base.to_owned() })
    }

    /// The server's address.
    pub(crate) fn base(&self) -> &str {
        &self.base
    }

    /// Sends an event.
    ///
    /// # Errors
    ///
    /// [`Error::Unreachable`] if there is no response.
    pub(crate) fn post(&self, path: &str, body: &str) -> Result<Response, Error> {
        let request = self.agent.post(format!("{}{path}", self.base));
        let request = request.config().timeout_global(Some(COLLECTION_TIMEOUT)).build();
        self.response_to(request.header("Content-Type", "application/json").send(body))
    }

    /// Gets a report and returns the body of the response; `None` if there is no such report.
    ///
    /// # Errors
    ///
    /// [`Error::Unreachable`] if there is no response, [`Error::Response`] if it is another one.
    pub(crate) fn get(
        &self,
        path: &str,
        query: &[(&str, String)],
        token: Option<&str>,
    ) -> Result<Option<String>, Error> {
        let mut request = self.agent.get(format!("{}{path}", self.base));
        for (name, value) in query {
            request = request.query(name, value);
        }
        if let Some(token) = token {
            request = request.header("Authorization", format!("Bearer {token}"));
        }
        let request = request.config().timeout_global(Some(REPORT_TIMEOUT)).build();
        let response = self.response_to(request.call())?;
        match response.status {
            200 => Ok(Some(response.body)),
            404 => Ok(None),
            status => {
                let message = format!("{}{}", response.refusal(), advice(status));
                Err(Error::Response { url: format!("{}{path}", self.base), status, message })
            }
        }
    }

    /// Sends a request and returns the body of the response, to be read as it comes.
    ///
    /// # Errors
    ///
    /// [`Error::Unreachable`] if there is no response, [`Error::Refused`] if the query is wrong, [`Error::Response`] if the
    /// response is another one.
    pub(crate) fn query(&self, request: Request<'_>, token: Option<&str>) -> Result<Box<dyn Read>, Error> {
        let url = format!("{}{}", self.base, request.path);
        let response = match request.body {
            Some(body) => {
                let post = self.addressed(self.agent.post(&url), request, token);
                let post = post.header("Content-Type", "application/json");
                post.config()
                    .timeout_connect(Some(CONNECT_TIMEOUT))
                    .timeout_recv_response(Some(QUERY_TIMEOUT))
                    .build()
                    .send(body)
            }
            None => {
                let get = self.addressed(self.agent.get(&url), request, token);
                get.config()
                    .timeout_connect(Some(CONNECT_TIMEOUT))
                    .timeout_recv_response(Some(QUERY_TIMEOUT))
                    .build()
                    .call()
            }
        };
        let response = response.map_err(|error| self.unreachable(&error))?;
        let status = response.status().as_u16();
        if matches!(status, 200 | 201) {
            return Ok(Box::new(Received(response.into_body().into_reader())));
        }
        let mut body = response.into_body();
        let body = body.with_config().limit(REFUSAL_BYTES).lossy_utf8(true).read_to_string();
        let body = body.map_err(|error| self.unreachable(&error))?;
        match serde_json::from_str::<Refusal>(&body) {
            Ok(Refusal { message, errors }) if status == 400 => {
                Err(Error::Refused { message, faults: errors })
            }
            _ => {
                let response = Response { status, location: None, retry_after: None, body };
                let message = format!("{}{}", response.refusal(), advice(status));
                Err(Error::Response { url, status, message })
            }
        }
    }

    /// Deletes something.
    ///
    /// # Errors
    ///
    /// [`Error::Unreachable`] if there is no response, [`Error::Response`] if it is not 204.
    pub(crate) fn delete(&self, path: &str, token: Option<&str>) -> Result<(), Error> {
        let url = format!("{}{path}", self.base);
        let request = Request { path, pairs: &[], body: None, accept: "" };
        let delete = self.addressed(self.agent.delete(&url), request, token);
        let delete = delete.config().timeout_connect(Some(CONNECT_TIMEOUT));
        let delete = delete.timeout_recv_response(Some(QUERY_TIMEOUT)).build();
        let response = self.response_to(delete.call())?;
        match response.status {
            204 => Ok(()),
            status => {
                let message = format!("{}{}", response.refusal(), advice(status));
                Err(Error::Response { url, status, message })
            }
        }
    }

    fn addressed<Body>(
        &self,
        builder: ureq::RequestBuilder<Body>,
        request: Request<'_>,
        token: Option<&str>,
    ) -> ureq::RequestBuilder<Body> {
        let builder = request.pairs.iter().fold(builder, |builder, (name, value)| builder.query(name, value));
        let builder =
            if request.accept.is_empty() { builder } else { builder.header("Accept", request.accept) };
        match token {
            Some(token) => builder.header("Authorization", format!("Bearer {token}")),
            None => builder,
        }
    }

    fn unreachable(&self, error: &ureq::Error) -> Error {
        Error::Unreachable { url: self.base.clone(), reason: reason_of(error) }
    }

    fn response_to(
        &self,
        response: Result<ureq::http::Response<ureq::Body>, ureq::Error>,
    ) -> Result<Response, Error> {
        let unreachable = |error: ureq::Error| self.unreachable(&error);
        let mut response = response.map_err(unreachable)?;
        let body = response.body_mut().with_config().limit(RESPONSE_BYTES).lossy_utf8(true).read_to_string();
        let body = body.map_err(unreachable)?;
        let header = |name| response.headers().get(name)?.to_str().ok();
        Ok(Response {
            status: response.status().as_u16(),
            location: header("location").map(str::to_owned),
            retry_after: header("retry-after").and_then(|text| text.parse().ok()).map(Duration::from_secs),
            body,
        })
    }
}

/// The body of a response, which says in words that it ends too early.
struct Received<Body>(Body);

impl<Body: Read> Read for Received<Body> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer).map_err(|error| match ends_early(&error) {
            true => io::Error::new(error.kind(), ENDED_EARLY),
            false => error,
        })
    }
}

/// Said of a response that its server did not finish.
const ENDED_EARLY: &str = "the server ended the connection in the middle of its response; it stopped, or the query failed or \
                           took too long after its first rows, which the server's log says";

fn ends_early(error: &io::Error) -> bool {
    use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, UnexpectedEof};
    matches!(error.kind(), UnexpectedEof | ConnectionReset | ConnectionAborted | BrokenPipe)
}

/// Advice to the user on a response of that status.
fn advice(status: u16) -> &'static str {
    if status == 401 { "; give the server's admin token with --token or PLAYHEAD_TOKEN" } else { "" }
}

fn reason_of(error: &ureq::Error) -> String {
    match error {
        ureq::Error::Io(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
            "the connection was refused; is a server running there?".into()
        }
        ureq::Error::Io(error) if ends_early(error) => {
            "it ended the connection in the middle of its response".into()
        }
        ureq::Error::Io(error) => error.to_string(),
        ureq::Error::Timeout(_) => "it did not answer in time".into(),
        ureq::Error::HostNotFound => "there is no such host".into(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_of_servers_are_taken() {
        for url in ["http://127.0.0.1:8080", "https://measure.example.com/", "http://[::1]:80/base"] {
            assert!(!Client::new(url).unwrap().base().ends_with('/'), "{url}");
        }
        for url in ["127.0.0.1:8080", "ftp://host", "http://", "http://user:secret@host", "http://a b", ""] {
            assert!(Client::new(url).is_err(), "{url}");
        }
    }

    #[test]
    fn a_refusal_says_all_faults_and_no_escape_sequences() {
        let response =
            |body: &str| Response { status: 400, location: None, retry_after: None, body: body.into() };
        let refusal = response(
            "{\"message\": \"the request is invalid\", \"errors\": [{\"path\": \"/params/a\", \"message\": \"must be\"}, \
             {\"path\": \"/b\\u001b[2J\", \"message\": \"is\"}]}",
        );
        assert_eq!(refusal.refusal(), "the request is invalid; /params/a must be; /b\\u{1b}[2J is");
        assert_eq!(response("<html>\u{1b}").refusal(), "<html>\\u{1b}");
    }
}
