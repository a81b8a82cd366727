//! Runs queries, each in its slot and within its time limit.

use std::fmt::Debug;
use std::sync::Arc;

use async_trait::async_trait;
use datafusion_postgres::DfSessionService;
use datafusion_postgres::pgwire::api::portal::Portal;
use datafusion_postgres::pgwire::api::query::{ExtendedQueryHandler, SimpleQueryHandler};
use datafusion_postgres::pgwire::api::results::{QueryResponse, Response};
use datafusion_postgres::pgwire::api::store::PortalStore;
use datafusion_postgres::pgwire::api::{ClientInfo, ClientPortalStore};
use datafusion_postgres::pgwire::error::{ErrorInfo, PgWireError, PgWireResult};
use datafusion_postgres::pgwire::messages::PgWireBackendMessage;
use datafusion_postgres::pgwire::messages::extendedquery::Parse;
use futures::stream::try_unfold;
use futures::{Sink, StreamExt};
use playhead_report::Reports;
use playhead_report::engine::reports::Turn;
use playhead_report::sql::sql_state::sql_state;
use playhead_report::sql::statement::check_extent;
use tokio::time::timeout_at;

/// `query_canceled`.
const CANCELED: &str = "57014";
/// `too_many_connections`, for queries that find no slot.
const BUSY: &str = "53300";

/// `statement_too_complex`.
const TOO_COMPLEX: &str = "54001";

/// DataFusion's PostgreSQL service within the limits of queries.
pub(super) struct Service {
    inner: DfSessionService,
    reports: Reports,
}

impl Service {
    pub(super) fn new(inner: DfSessionService, reports: Reports) -> Self {
        Self { inner, reports }
    }

    async fn turn(&self) -> PgWireResult<Arc<Turn>> {
        let turn = self.reports.turn().await;
        turn.map(Arc::new).map_err(|error| refusal(BUSY, error.to_string()))
    }

    fn too_slow(&self) -> PgWireError {
        let limit_ms = self.reports.settings().query_time.as_millis();
        refusal(CANCELED, format!("the query took longer than its limit of {limit_ms} ms"))
    }

    async fn within(
        &self,
        turn: &Turn,
        work: impl Future<Output = PgWireResult<Vec<Response>>>,
    ) -> PgWireResult<Vec<Response>> {
        match timeout_at(turn.deadline(), work).await {
            Ok(outcome) => outcome.map_err(plain),
            Err(_) => Err(self.too_slow()),
        }
    }

    /// The rows of a response come within the time limit of the query, which keeps its slot until the last row.
    fn bounded(&self, response: Response, turn: &Arc<Turn>) -> Response {
        let Response::Query(query) = response else { return response };
        let (schema, tag) = (query.row_schema(), query.command_tag().to_owned());
        let limit_ms = self.reports.settings().query_time.as_millis();
        let rows = try_unfold((query.data_rows, turn.clone()), move |(mut rows, turn)| async move {
            match timeout_at(turn.deadline(), rows.next()).await {
                Ok(Some(row)) => Ok(Some((row.map_err(plain)?, (rows, turn)))),
                Ok(None) => Ok(None),
                Err(_) => {
                    Err(refusal(CANCELED, format!("the query took longer than its limit of {limit_ms} ms")))
                }
            }
        });
        let mut bounded = QueryResponse::new(schema, rows);
        bounded.set_command_tag(&tag);
        Response::Query(bounded)
    }
}

/// An error with the engine's message alone, under the code of its kind.
fn plain(error: PgWireError) -> PgWireError {
    match error {
        PgWireError::ApiError(error) => {
            let code = sql_state(&*error);
            let message = error.to_string();
            // What lies behind this mark is a stack, or advice for the engine's own developers.
            let message = message.split("\n\nbacktrace:").next().unwrap_or_default();
            refusal(code, message.trim().to_owned())
        }
        error => error,
    }
}

fn refusal(code: &str, message: String) -> PgWireError {
    PgWireError::UserError(Box::new(ErrorInfo::new("ERROR".to_owned(), code.to_owned(), message)))
}

/// Whether a query is no longer and nests no deeper than one may.
fn check(query: &str) -> PgWireResult<()> {
    check_extent(query).map_err(|error| refusal(TOO_COMPLEX, error.to_string()))
}

#[async_trait]
impl SimpleQueryHandler for Service {
    async fn do_query<C>(&self, client: &mut C, query: &str) -> PgWireResult<Vec<Response>>
    where
        C: ClientInfo + ClientPortalStore + Sink<PgWireBackendMessage> + Unpin + Send + Sync,
        C::PortalStore: PortalStore,
        C::Error: Debug,
        PgWireError: From<<C as Sink<PgWireBackendMessage>>::Error>,
    {
        check(query)?;
        let turn = self.turn().await?;
        let work = SimpleQueryHandler::do_query(&self.inner, client, query);
        let responses = self.within(&turn, work).await?;
        Ok(responses.into_iter().map(|response| self.bounded(response, &turn)).collect())
    }
}

#[async_trait]
impl ExtendedQueryHandler for Service {
    type Statement = <DfSessionService as ExtendedQueryHandler>::Statement;
    type QueryParser = <DfSessionService as ExtendedQueryHandler>::QueryParser;

    fn query_parser(&self) -> Arc<Self::QueryParser> {
        self.inner.query_parser()
    }

    async fn on_parse<C>(&self, client: &mut C, message: Parse) -> PgWireResult<()>
    where
        C: ClientInfo + ClientPortalStore + Sink<PgWireBackendMessage> + Unpin + Send + Sync,
        C::PortalStore: PortalStore<Statement = Self::Statement>,
        C::Error: Debug,
        PgWireError: From<<C as Sink<PgWireBackendMessage>>::Error>,
    {
        check(&message.query)?;
        self.inner.on_parse(client, message).await.map_err(plain)
    }

    async fn do_query<C>(
        &self,
        client: &mut C,
        portal: &Portal<Self::Statement>,
        max_rows: usize,
    ) -> PgWireResult<Response>
    where
        C: ClientInfo + ClientPortalStore + Sink<PgWireBackendMessage> + Unpin + Send + Sync,
        C::PortalStore: PortalStore<Statement = Self::Statement>,
        C::Error: Debug,
        PgWireError: From<<C as Sink<PgWireBackendMessage>>::Error>,
    {
        let turn = self.turn().await?;
        let work = async {
            let response = ExtendedQueryHandler::do_query(&self.inner, client, portal, max_rows).await?;
            Ok(vec![response])
        };
        let mut responses = self.within(&turn, work).await?;
        responses.pop().map(|response| self.bounded(response, &turn)).ok_or_else(|| self.too_slow())
    }
}
