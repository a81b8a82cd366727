//! Runs queries, each in its slot and within its time limit.

use std::fmt::Debug;
use std::sync::Arc;

use async_trait::async_trait;
use datafusion_postgres::DfSessionService;
use datafusion_postgres::pgwire::api::portal::Portal;
use datafusion_postgres::pgwire::api::query::{ExtendedQueryHandler, SimpleQueryHandler};
use datafusion_postgres::pgwire::api::results::Response;
use datafusion_postgres::pgwire::api::store::PortalStore;
use datafusion_postgres::pgwire::api::{ClientInfo, ClientPortalStore};
use datafusion_postgres::pgwire::error::{PgWireError, PgWireResult};
use datafusion_postgres::pgwire::messages::PgWireBackendMessage;
use datafusion_postgres::pgwire::messages::extendedquery::Parse;
use futures::Sink;
use playhead_report::Reports;
use playhead_report::sql::statement::check_extent;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use crate::postgres::cancel::CancelSwitch;
use crate::postgres::refusal::{plain, refusal};
use crate::postgres::running::Running;

/// `too_many_connections`, for queries that find no slot.
const BUSY: &str = "53300";

/// `statement_too_complex`.
const TOO_COMPLEX: &str = "54001";

/// DataFusion's PostgreSQL service within the limits of queries.
pub(super) struct Service {
    inner: DfSessionService,
    reports: Reports,
    cancel: CancelSwitch,
    places: Arc<Semaphore>,
}

impl Service {
    /// Answers over these reports. A query needs one of `places` beside its turn, so that some turns are left to others.
    pub(super) fn new(
        inner: DfSessionService,
        reports: Reports,
        cancel: CancelSwitch,
        places: Arc<Semaphore>,
    ) -> Self {
        Self { inner, reports, cancel, places }
    }

    async fn begin(&self, client: &impl ClientInfo) -> PgWireResult<Arc<Running>> {
        let busy = || refusal(BUSY, playhead_report::Error::Busy.to_string());
        let place = timeout(self.reports.settings().query_time, self.places.clone().acquire_owned()).await;
        let place = place.map_err(|_| busy())?.map_err(|_| busy())?;
        let turn = self.reports.turn().await.map_err(|error| refusal(BUSY, error.to_string()))?;
        Ok(Arc::new(Running::new(turn, place, client, self.cancel.clone())))
    }
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
        let running = self.begin(client).await?;
        let responses = running.within(SimpleQueryHandler::do_query(&self.inner, client, query)).await?;
        Ok(responses.into_iter().map(|response| running.rows(response)).collect())
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
        let running = self.begin(client).await?;
        let work = ExtendedQueryHandler::do_query(&self.inner, client, portal, max_rows);
        Ok(running.rows(running.within(work).await?))
    }
}
