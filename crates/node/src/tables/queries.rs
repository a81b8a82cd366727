//! Queries over the tables, by name: what the report API answers over HTTP and the command answers on a data directory
//! alike.

use std::future::ready;
use std::sync::Arc;

use bytes::Bytes;
use futures::StreamExt;
use futures::stream::{self, BoxStream};
use playhead_report::output::formats;
use playhead_report::panels::{
    AdsRequest, AudienceRequest, ConcurrencyRequest, FunnelRequest, QualityRequest, RetentionRequest,
    TimeSpentRequest,
};
use playhead_report::{ExportRequest, QueryRequest, Reports, SqlFormat, SqlLimits, catalogue};
use serde::Serialize;
use serde_json::Value;

use crate::clock::Clock;
use crate::error::Error;

/// A question, as it stands in a request.
#[derive(Debug, Clone, Default)]
pub struct ReportQuery<'request> {
    /// Its path behind `/reports/v1/`: `query`, `sql`, `catalogue`, `export/sessions`, a panel.
    pub path: &'request str,
    /// The parameters of its query string.
    pub pairs: Vec<(String, String)>,
    /// Its body; empty for those that are asked with GET.
    pub body: &'request [u8],
    /// The media type that is asked for (`Accept`); empty for the usual one.
    pub accept: &'request str,
}

/// An answer on its way.
pub struct Answered {
    /// Its media type.
    pub content_type: &'static str,
    /// How many bytes it has, when that is known before they are made.
    pub length_bytes: Option<u64>,
    /// Its bytes, made as they are taken.
    pub body: BoxStream<'static, Result<Bytes, Error>>,
}

/// Whoever answers questions.
#[derive(Clone)]
pub struct Queries {
    reports: Reports,
    clock: Arc<dyn Clock>,
}

impl Queries {
    /// Answers from these reports; `clock` says what "now" is in a question.
    pub fn new(reports: Reports, clock: Arc<dyn Clock>) -> Self {
        Self { reports, clock }
    }

    /// The reports themselves.
    pub fn reports(&self) -> &Reports {
        &self.reports
    }

    /// Answers a question, in its turn and within the limits of questions.
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`] when there is no such question; otherwise what is wrong with it, or with the tables.
    pub async fn ask(&self, question: ReportQuery<'_>) -> Result<Answered, Error> {
        let (pairs, now_ms) = (&question.pairs, self.clock.now_ms());
        macro_rules! panel {
            ($request:ty, $answer:ident) => {{
                let request = <$request>::parse(pairs, now_ms)?;
                json(&self.reports.$answer(&request).await?)
            }};
        }
        match question.path {
            "catalogue" => json(&catalogue()),
            "query" => {
                let request = QueryRequest::parse(question.body)?;
                let answer = self.reports.query(&request).await?;
                match SqlFormat::accepted(question.accept) {
                    None | Some(SqlFormat::Json) => json(&answer),
                    Some(format) => {
                        let bytes = Bytes::from(format.write_all(&answer.batch())?);
                        Ok(whole(format.media_type(), bytes))
                    }
                }
            }
            "sql" => {
                let query = sql_of(question.body)?;
                let format = SqlFormat::accepted(question.accept).unwrap_or(SqlFormat::Json);
                let answer = self.reports.sql(&query, SqlLimits::default()).await?;
                streamed(format.media_type(), answer.into_bytes(format)?).await
            }
            path if path.starts_with("export/") => {
                let table = path.trim_start_matches("export/");
                let request = ExportRequest::parse(table, pairs)?;
                let bytes = self.reports.export(&request).await?;
                streamed(request.format.media_type(), bytes).await
            }
            "concurrency" => panel!(ConcurrencyRequest, concurrency),
            "audience" => panel!(AudienceRequest, audience),
            "retention" => panel!(RetentionRequest, retention),
            "funnel" => panel!(FunnelRequest, funnel),
            "time-spent" => panel!(TimeSpentRequest, time_spent),
            "quality" => panel!(QualityRequest, quality),
            "ads" => panel!(AdsRequest, ads),
            _ => Err(Error::NotFound("question")),
        }
    }
}

impl std::fmt::Debug for Queries {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Queries").field("reports", &self.reports).finish_non_exhaustive()
    }
}

fn json(answer: &impl Serialize) -> Result<Answered, Error> {
    let text = serde_json::to_vec(answer).map_err(|_| Error::Internal)?;
    Ok(whole("application/json", Bytes::from(text)))
}

fn whole(content_type: &'static str, bytes: Bytes) -> Answered {
    let length_bytes = Some(bytes.len() as u64);
    Answered { content_type, length_bytes, body: stream::once(ready(Ok(bytes))).boxed() }
}

/// An answer that goes out while it is made. What goes wrong before its first piece is there can still be said; after
/// that, all that is left is to break off.
async fn streamed(content_type: &'static str, bytes: formats::Bytes) -> Result<Answered, Error> {
    let mut pieces = bytes.map(|piece| piece.map(Bytes::from).map_err(Error::from)).boxed();
    let first = pieces.next().await.transpose()?;
    let body = stream::iter(first.map(Ok)).chain(pieces).boxed();
    Ok(Answered { content_type, length_bytes: None, body })
}

/// The statement in a body `{"query": "..."}`.
fn sql_of(body: &[u8]) -> Result<String, Error> {
    let body: Value =
        serde_json::from_slice(body).map_err(|error| Error::fault("", format!("is no JSON: {error}")))?;
    let Value::Object(mut body) = body else { return Err(Error::fault("", "must be an object")) };
    let query = body.remove("query");
    if let Some(key) = body.keys().next() {
        return Err(Error::fault("", format!("has a key that is not known: {key} (known is query)")));
    }
    match query {
        Some(Value::String(query)) => Ok(query),
        _ => Err(Error::fault("/query", "must be a text")),
    }
}
