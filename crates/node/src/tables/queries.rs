//! Reports from the tables: the report API over HTTP and the command on a data directory run the same ones.

use std::borrow::Cow;
use std::future::ready;
use std::sync::Arc;

use bytes::Bytes;
use futures::StreamExt;
use futures::stream::{self, BoxStream};
use playhead_report::output::formats;
use playhead_report::panels::{
    AdsRequest, AdsResponse, AudienceRequest, AudienceResponse, ConcurrencyRequest, ConcurrencyResponse,
    FunnelRequest, FunnelResponse, MetadataKeysRequest, MetadataKeysResponse, PanelRows, QualityRequest,
    QualityResponse, RetentionRequest, RetentionResponse, TimeSpentRequest, TimeSpentResponse,
    WorsenedRequest, WorsenedResponse,
};
use playhead_report::{
    ExportRequest, QueryRequest, Reports, ScopeResponse, SessionListRequest, SqlFormat, Zone, catalogue,
};
use schemars::{Schema, SchemaGenerator};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::clock::Clock;
use crate::error::QueryError;
use crate::sessions::list::SessionPage;

/// The parameter that names a time zone.
const TIME_ZONE: &str = "time_zone";

/// A report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
pub enum Report {
    /// Everything that a query can name.
    Catalogue,
    /// Metrics by dimensions.
    Query,
    /// The rows of a statement.
    Sql,
    /// All rows of a table.
    Export,
    /// Sessions that pass the filters of panels.
    Sessions,
    /// A panel.
    Panel(Panel),
}

impl Report {
    /// Its path behind `/reports/v1/`; `{table}` stands for the table of an export.
    pub const fn path(self) -> &'static str {
        match self {
            Self::Catalogue => "catalogue",
            Self::Query => "query",
            Self::Sql => "sql",
            Self::Export => "export/{table}",
            Self::Sessions => "sessions",
            Self::Panel(panel) => panel.path(),
        }
    }
}

/// Makes the panels of a table: name, path, request, response, the function of [`Reports`] between the two, and which
/// excluded sessions it leaves out: those that started in the range, or that went on there; and whether it is JSON alone or rows
/// in other formats too.
macro_rules! panels {
    ($($(#[$meaning:meta])* $panel:ident, $path:literal, $request:ty => $response:ty, $run:ident, $in_range:ident, $forms:ident;)*) => {
        /// A panel.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
        pub enum Panel {
            $($(#[$meaning])* $panel,)*
        }

        impl Panel {
            /// Its path behind `/reports/v1/`.
            pub const fn path(self) -> &'static str {
                match self {
                    $(Self::$panel => $path,)*
                }
            }

            /// The JSON Schema of its response.
            pub fn schema(self, generator: &mut SchemaGenerator) -> Schema {
                match self {
                    $(Self::$panel => generator.subschema_for::<$response>(),)*
                }
            }
        }

        impl Queries {
            async fn panel(
                &self,
                panel: Panel,
                pairs: &[(String, String)],
                accept: &str,
            ) -> Result<Found, QueryError> {
                let now_ms = self.clock.now_ms();
                match panel {
                    $(Panel::$panel => {
                        let request = <$request>::parse(pairs, now_ms)?;
                        let mut response: $response = self.reports.$run(&request).await?;
                        let range = request.scope.range;
                        let excluded = self.reports.exclusions().await?;
                        response.scope.excluded_sessions = excluded.$in_range(range.from_ms, range.to_ms);
                        $forms(&request, response, accept).await
                    })*
                }
            }
        }
    };
}

panels! {
    /// Sessions or visitors at the same time.
    Concurrency, "concurrency", ConcurrencyRequest => ConcurrencyResponse, concurrency, there_in, tabular;
    /// The audience of each minute of a content.
    Audience, "audience", AudienceRequest => AudienceResponse, audience, started_in, only_json;
    /// The share of starts that watched each part of a content.
    Retention, "retention", RetentionRequest => RetentionResponse, retention, started_in, only_json;
    /// Starts, progress marks and completes.
    Funnel, "funnel", FunnelRequest => FunnelResponse, funnel, started_in, only_json;
    /// Playing time by bucket of the clock.
    TimeSpent, "time-spent", TimeSpentRequest => TimeSpentResponse, time_spent, there_in, only_json;
    /// Quality of experience.
    Quality, "quality", QualityRequest => QualityResponse, quality, started_in, tabular;
    /// What got worse.
    Worsened, "quality/worsened", WorsenedRequest => WorsenedResponse, worsened, started_in, only_json;
    /// The keys of custom metadata.
    MetadataKeys, "metadata-keys", MetadataKeysRequest => MetadataKeysResponse, metadata_keys, started_in, only_json;
    /// Ads and breaks.
    Ads, "ads", AdsRequest => AdsResponse, ads, started_in, only_json;
}

/// A query, as it stands in a request.
#[derive(Debug, Clone)]
pub struct ReportQuery<'request> {
    /// The report.
    pub report: Report,
    /// The table of an export; empty for any other report.
    pub table: &'request str,
    /// The parameters of its query string.
    pub pairs: Vec<(String, String)>,
    /// Its body; empty for a report without one.
    pub body: &'request [u8],
    /// The media types that the client accepts (`Accept`); empty for the usual one.
    pub accept: &'request str,
}

/// A response on its way.
pub struct Found {
    /// Its media type.
    pub content_type: Cow<'static, str>,
    /// Its length in bytes, if that is known before it is made.
    pub length_bytes: Option<u64>,
    /// Its bytes, made as they are taken.
    pub body: BoxStream<'static, Result<Bytes, QueryError>>,
}

/// Runs queries.
#[derive(Clone)]
pub struct Queries {
    reports: Reports,
    clock: Arc<dyn Clock>,
}

impl Queries {
    /// Over these reports; `clock` says what "now" is in a query.
    pub fn new(reports: Reports, clock: Arc<dyn Clock>) -> Self {
        Self { reports, clock }
    }

    /// Runs a query, in its turn and within the limits of queries.
    ///
    /// # Errors
    ///
    /// The faults of the query, or of the tables.
    pub async fn run(&self, query: ReportQuery<'_>) -> Result<Found, QueryError> {
        match query.report {
            Report::Catalogue => catalogue_response(self.time_zone()),
            Report::Query => {
                let request =
                    QueryRequest::parse_in(query.body, self.time_zone())?.asked_at(self.clock.now_ms());
                match SqlFormat::accepted(query.accept) {
                    None | Some(SqlFormat::Json) => json(&self.reports.query(&request).await?),
                    Some(format) => {
                        let response = self.reports.query(&request.for_file()).await?;
                        streamed(format.media_type(), format.pieces_of(response.batch())?).await
                    }
                }
            }
            Report::Sql => {
                let statement = statement_of(query.body)?;
                let format = SqlFormat::accepted(query.accept).unwrap_or(SqlFormat::Json);
                let response = self.reports.sql(&statement, format.limits()).await?;
                streamed(format.media_type(), response.into_bytes(format)?).await
            }
            Report::Export => {
                let request = ExportRequest::parse(query.table, &self.in_usual_zone(query.pairs))?;
                let bytes = self.reports.export(&request).await?;
                streamed(request.format.media_type(), bytes).await
            }
            Report::Sessions => self.sessions(&self.in_usual_zone(query.pairs)).await,
            Report::Panel(panel) => self.panel(panel, &self.in_usual_zone(query.pairs), query.accept).await,
        }
    }
}

impl Queries {
    /// A page of the sessions behind a number.
    async fn sessions(&self, pairs: &[(String, String)]) -> Result<Found, QueryError> {
        let request = SessionListRequest::parse(pairs)?;
        let list = self.reports.session_list(&request).await?;
        let range = request.scope.range;
        let excluded = self.reports.exclusions().await?.started_in(range.from_ms, range.to_ms);
        json(&SessionPage {
            sessions: list.sessions.into_iter().map(Value::Object).collect(),
            next_cursor: list.next_cursor,
            total: Some(list.total),
            scope: Some(ScopeResponse { excluded_sessions: excluded, ..request.scope.response() }),
        })
    }

    /// The time zone of a query that names none.
    fn time_zone(&self) -> &Zone {
        &self.reports.settings().time_zone
    }

    /// Parameters that name a time zone: the usual one, if they named none.
    fn in_usual_zone(&self, mut pairs: Vec<(String, String)>) -> Vec<(String, String)> {
        match pairs.iter_mut().find(|(name, _)| name == TIME_ZONE) {
            Some((_, zone)) if zone.is_empty() => *zone = self.time_zone().name().to_owned(),
            Some(_) => {}
            None => pairs.push((TIME_ZONE.to_owned(), self.time_zone().name().to_owned())),
        }
        pairs
    }
}

impl std::fmt::Debug for Queries {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Queries").field("reports", &self.reports).finish_non_exhaustive()
    }
}

/// Everything that a query can name.
pub(crate) fn catalogue_response(usual: &Zone) -> Result<Found, QueryError> {
    json(&catalogue(usual))
}

fn json(response: &impl Serialize) -> Result<Found, QueryError> {
    let text = serde_json::to_vec(response).map_err(|_| QueryError::Internal)?;
    Ok(whole("application/json", Bytes::from(text)))
}

/// The response to a panel that has no rows, which is JSON whatever the client accepts.
async fn only_json<Request>(
    _: &Request,
    response: impl Serialize,
    _accept: &str,
) -> Result<Found, QueryError> {
    json(&response)
}

/// The response to a panel in the format that the client accepts.
async fn tabular<Request: PanelRows>(
    request: &Request,
    response: Request::Response,
    accept: &str,
) -> Result<Found, QueryError>
where
    Request::Response: Serialize,
{
    match SqlFormat::accepted(accept) {
        None | Some(SqlFormat::Json) => json(&response),
        Some(format) => streamed(format.media_type(), format.pieces_of(request.rows(response))?).await,
    }
}

fn whole(content_type: &'static str, bytes: Bytes) -> Found {
    let length_bytes = Some(bytes.len() as u64);
    Found { content_type: content_type.into(), length_bytes, body: stream::once(ready(Ok(bytes))).boxed() }
}

/// A response that goes out while it is made. An error before its first piece can still be reported; after that, the
/// response can only break off.
async fn streamed(content_type: &'static str, bytes: formats::Bytes) -> Result<Found, QueryError> {
    let mut pieces = bytes.map(|piece| piece.map(Bytes::from).map_err(QueryError::from)).boxed();
    let first = pieces.next().await.transpose()?;
    let body = stream::iter(first.map(Ok)).chain(pieces).boxed();
    Ok(Found { content_type: content_type.into(), length_bytes: None, body })
}

/// The statement in a body `{"query": "..."}`.
fn statement_of(body: &[u8]) -> Result<String, QueryError> {
    let body: Value = serde_json::from_slice(body)
        .map_err(|error| QueryError::fault("", format!("is not JSON: {error}")))?;
    let Value::Object(mut body) = body else { return Err(QueryError::fault("", "must be an object")) };
    let query = body.remove("query");
    if let Some(key) = body.keys().next() {
        return Err(QueryError::fault("", format!("has an unknown key: {key} (the only key is query)")));
    }
    match query {
        Some(Value::String(query)) => Ok(query),
        _ => Err(QueryError::fault("/query", "must be a text")),
    }
}
