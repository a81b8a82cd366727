//! Statements that are prepared, bound to parameters and run in messages of their own.

use std::collections::BTreeMap;
use std::sync::Arc;

use datafusion::common::ParamValues;
use datafusion_postgres::pgwire::api::Type;
use datafusion_postgres::pgwire::error::PgWireResult;
use datafusion_postgres::pgwire::messages::PgWireBackendMessage;
use datafusion_postgres::pgwire::messages::data::{NoData, ParameterDescription};
use datafusion_postgres::pgwire::messages::extendedquery::{
    Bind, BindComplete, Close, CloseComplete, Describe, Execute, Parse, ParseComplete, PortalSuspended,
};
use datafusion_postgres::pgwire::messages::response::EmptyQueryResponse;
use futures::SinkExt;
use playhead_node::limits::{POSTGRES_PARAMETER_BYTES, POSTGRES_PARAMETERS};

use crate::postgres::refusal::{NO_CURSOR, NOT_POSSIBLE_NOW, SYNTAX, TOO_MUCH, Told, engine_error, refusal};
use crate::postgres::session::connection::{Connection, Manner, query_tag};
use crate::postgres::session::perform::{no_cursor, shown_columns};
use crate::postgres::session::prepared::{Portal, PortalState, Prepared};
use crate::postgres::session::queries::{Source, Started, columns_of, texts};
use crate::postgres::statements::statement::{Direction, Fetch, Statement};
use crate::postgres::values::columns::{Columns, Formats};
use crate::postgres::values::parameters::{lists_of_oids, mentioned, parameters, typed, untyped, values};
use crate::postgres::values::rows::RowWriter;
use crate::postgres::wire::{Delivery, Wire, complete, tell_columns};

/// The byte that names a prepared statement in messages about either.
const STATEMENT: u8 = b'S';

impl Connection {
    /// Prepares a statement.
    pub(in crate::postgres) async fn prepare(
        &mut self,
        wire: &mut Wire,
        message: &Parse,
    ) -> PgWireResult<()> {
        let mut statements = self.parse(&message.query)?;
        let statement = statements.pop();
        if !statements.is_empty() {
            let message = "cannot insert multiple commands into a prepared statement".to_owned();
            return Err(refusal(SYNTAX, message));
        }
        if let Some(statement) = &statement {
            self.check_is_possible(statement)?;
        }
        let name = message.name.clone().unwrap_or_default();
        let bytes = message.query.len() + name.len();
        let mut declared: Vec<Option<Type>> = message.type_oids.iter().map(|oid| declared(*oid)).collect();
        let mut prepared = Prepared { statement, parameters: Vec::new(), planned: None, bytes };
        let query = match &prepared.statement {
            Some(Statement::Query(query)) => Some(query),
            Some(Statement::Declare(declare)) => Some(&declare.query),
            _ => None,
        };
        if let Some(query) = query {
            let mut plan = self.queries.plan(&typed(query, &declared, &BTreeMap::new())).await?;
            let others = untyped(&plan, &declared)?;
            if !others.is_empty() {
                plan = self.queries.plan(&typed(query, &declared, &others)).await?;
            }
            for number in lists_of_oids(query) {
                let places = declared.len().max(number);
                declared.resize(places, None);
                declared[number - 1].get_or_insert(Type::OID_ARRAY);
            }
            prepared.parameters = parameters(&plan, &mentioned(query), &declared)?;
            let columns = columns_of(&plan);
            prepared.planned = Some((plan, columns));
        }
        self.prepared.put(name, prepared)?;
        wire.feed(PgWireBackendMessage::ParseComplete(ParseComplete::new())).await?;
        Ok(())
    }

    /// Binds a prepared statement to parameters.
    pub(in crate::postgres) async fn bind(&mut self, wire: &mut Wire, message: &Bind) -> PgWireResult<()> {
        let prepared = self.prepared.get(message.statement_name.as_deref().unwrap_or_default())?;
        if let Some(statement) = &prepared.statement {
            self.check_is_possible(statement)?;
        }
        let name = message.portal_name.clone().unwrap_or_default();
        if name.is_empty() {
            self.portals.remove("");
        }
        self.check_is_free(&name)?;
        let bytes = name.len()
            + message.parameters.iter().flatten().map(|value| value.len()).sum::<usize>()
            + size_of_val(message.result_column_format_codes.as_slice());
        self.check_has_room(&name, bytes, message.parameters.len())?;
        let values = values(message, &prepared.parameters)?;
        let formats = Formats(message.result_column_format_codes.clone());
        if let Some(columns) = self.columns_of_prepared(&prepared)? {
            columns.described(&formats, &self.settings.lock().style().options)?;
        }
        let state = PortalState::Ready(prepared.planned.is_some().then_some(values));
        let parameters = message.parameters.len();
        self.portals.insert(name, Portal { prepared, formats, parameters, bytes, state });
        wire.feed(PgWireBackendMessage::BindComplete(BindComplete::new())).await?;
        Ok(())
    }

    /// Checks that there is room for the parameters of one more portal. The one without a name is always possible: the next
    /// replaces it.
    fn check_has_room(&self, name: &str, bytes: usize, parameters: usize) -> Result<(), Told> {
        let named = || self.portals.iter().filter(|(name, _)| !name.is_empty()).map(|(_, portal)| portal);
        if name.is_empty() {
            return Ok(());
        }
        if named().map(|portal| portal.bytes).sum::<usize>() + bytes > POSTGRES_PARAMETER_BYTES {
            let message = format!(
                "the parameters of all portals may have {POSTGRES_PARAMETER_BYTES} bytes; close some"
            );
            return Err(Told::new(TOO_MUCH, message));
        }
        if named().map(|portal| portal.parameters).sum::<usize>() + parameters > POSTGRES_PARAMETERS {
            let message = format!("all portals may have {POSTGRES_PARAMETERS} parameters; close some");
            return Err(Told::new(TOO_MUCH, message));
        }
        Ok(())
    }

    /// Describes a prepared statement or a portal.
    pub(in crate::postgres) async fn describe(
        &self,
        wire: &mut Wire,
        message: &Describe,
    ) -> PgWireResult<()> {
        let name = message.name.as_deref().unwrap_or_default();
        let (prepared, formats) = if message.target_type == STATEMENT {
            let prepared = self.prepared.get(name)?;
            let types = prepared.parameters.iter().map(|parameter| parameter.told.oid()).collect();
            wire.feed(PgWireBackendMessage::ParameterDescription(ParameterDescription::new(types))).await?;
            (prepared, Formats::default())
        } else if let Some(portal) = self.portals.get(name) {
            (portal.prepared.clone(), portal.formats.clone())
        } else if let Some(cursor) = self.cursors.get(name) {
            return self.tell_columns(wire, Some(cursor.columns().clone()), &Formats::default()).await;
        } else {
            return Err(no_portal(name).into());
        };
        let columns = self.columns_of_prepared(&prepared)?;
        self.tell_columns(wire, columns, &formats).await
    }

    /// The columns of what a prepared statement gives, if it gives any.
    fn columns_of_prepared(&self, prepared: &Prepared) -> PgWireResult<Option<Arc<Columns>>> {
        Ok(match &prepared.statement {
            Some(Statement::Query(_)) => prepared.planned.as_ref().map(|(_, columns)| columns.clone()),
            Some(Statement::Fetch(fetch)) if !fetch.only_moves => {
                let portal = || self.portals.get(&fetch.cursor)?.prepared.planned.as_ref();
                let cursor = self.cursors.get(&fetch.cursor).map(|cursor| cursor.columns().clone());
                cursor.or_else(|| portal().map(|(_, columns)| columns.clone()))
            }
            Some(Statement::Show(shown)) => {
                let names = shown_columns(shown);
                let names: Vec<&str> = names.iter().map(String::as_str).collect();
                Some(texts(&names, &[])?.0)
            }
            _ => None,
        })
    }

    async fn tell_columns(
        &self,
        wire: &mut Wire,
        columns: Option<Arc<Columns>>,
        formats: &Formats,
    ) -> PgWireResult<()> {
        let Some(columns) = columns else {
            wire.feed(PgWireBackendMessage::NoData(NoData::new())).await?;
            return Ok(());
        };
        let described = columns.described(formats, &self.settings.lock().style().options)?;
        tell_columns(wire, &described).await
    }

    /// Runs a portal, or takes more of its rows.
    pub(in crate::postgres) async fn execute(
        &mut self,
        wire: &mut Wire,
        message: &Execute,
    ) -> PgWireResult<()> {
        let name = message.name.as_deref().unwrap_or_default();
        let Some(mut portal) = self.portals.remove(name) else { return Err(no_portal(name).into()) };
        let most = u64::try_from(message.max_rows).ok().filter(|most| *most > 0);
        self.execute_portal(wire, &mut portal, most).await?;
        self.tell_engine().await?;
        // The end of a transaction closes all portals, the one that ended it too.
        let is_end = portal.prepared.statement.as_ref().is_some_and(Statement::ends_failure);
        if !is_end {
            self.portals.insert(name.to_owned(), portal);
        }
        Ok(())
    }

    async fn execute_portal(
        &mut self,
        wire: &mut Wire,
        portal: &mut Portal,
        most: Option<u64>,
    ) -> PgWireResult<()> {
        let prepared = portal.prepared.clone();
        let Some(statement) = &prepared.statement else {
            wire.feed(PgWireBackendMessage::EmptyQueryResponse(EmptyQueryResponse::new())).await?;
            return Ok(());
        };
        self.check_is_possible(statement)?;
        let Statement::Query(query) = statement else {
            if matches!(portal.state, PortalState::Done) {
                return Err(Told::new(NOT_POSSIBLE_NOW, "portal cannot be run again").into());
            }
            let state = std::mem::replace(&mut portal.state, PortalState::Done);
            let manner = Manner { formats: portal.formats.clone(), describes: false, is_in_block: false };
            let tag = match (statement, state) {
                (Statement::Declare(declare), PortalState::Ready(values)) => {
                    self.check_may_declare(declare, &manner)?;
                    if let Some(started) = self.start_bound(&prepared, values).await? {
                        self.keep_cursor(declare, started);
                    }
                    "DECLARE CURSOR".to_owned()
                }
                _ => self.perform(wire, statement, &manner).await?,
            };
            return complete(wire, tag).await;
        };
        self.begin_portal(portal).await?;
        let (sent, is_done) = match &mut portal.state {
            PortalState::Running(source, writer) => {
                source.deliver(Some(&mut Delivery { wire, writer }), most).await?
            }
            PortalState::Ready(_) | PortalState::Done => (0, true),
        };
        if is_done {
            portal.state = PortalState::Done;
            complete(wire, query_tag(query, sent)).await
        } else {
            wire.feed(PgWireBackendMessage::PortalSuspended(PortalSuspended::new())).await?;
            Ok(())
        }
    }

    /// Starts the query of a portal, unless it runs already.
    async fn begin_portal(&self, portal: &mut Portal) -> PgWireResult<()> {
        let PortalState::Ready(values) = &mut portal.state else { return Ok(()) };
        portal.state = match self.start_bound(&portal.prepared, values.take()).await? {
            Some(started) => {
                let style = self.settings.lock().style();
                let writer = RowWriter::new(started.columns.clone(), &portal.formats, &style)?;
                PortalState::Running(Source::new(started.rows), Box::new(writer))
            }
            None => PortalState::Done,
        };
        Ok(())
    }

    /// Takes rows of a portal by its name, as from a cursor that only goes forward.
    pub(super) async fn fetch_portal(
        &mut self,
        wire: &mut Wire,
        fetch: &Fetch,
        manner: &Manner,
    ) -> PgWireResult<u64> {
        let (most, name) = match fetch.direction {
            Direction::Forward(rows) if rows > 0 => (Some(rows), &fetch.cursor),
            Direction::ForwardAll => (None, &fetch.cursor),
            _ => return Err(Told::new(NOT_POSSIBLE_NOW, "cursor can only scan forward").into()),
        };
        let Some(mut portal) = self.portals.remove(name) else { return Err(no_cursor(name).into()) };
        let prepared = portal.prepared.clone();
        self.begin_portal(&mut portal).await?;
        let mut sent = 0;
        if let (PortalState::Running(source, _), Some((_, columns))) = (&mut portal.state, &prepared.planned)
        {
            let style = self.settings.lock().style();
            let mut writer = RowWriter::new(columns.clone(), &manner.formats, &style)?;
            let mut delivery = Delivery { wire, writer: &mut writer };
            if manner.describes && !fetch.only_moves {
                delivery.describe().await?;
            }
            (sent, _) = source.deliver((!fetch.only_moves).then_some(&mut delivery), most).await?;
        }
        self.portals.insert(name.clone(), portal);
        Ok(sent)
    }

    /// Starts a query with its parameters, if there is one.
    async fn start_bound(
        &self,
        prepared: &Prepared,
        values: Option<ParamValues>,
    ) -> PgWireResult<Option<Started>> {
        let (Some((plan, columns)), Some(values)) = (&prepared.planned, values) else { return Ok(None) };
        let plan = plan.clone().replace_params_with_values(&values).map_err(|error| engine_error(&error))?;
        self.queries.start(plan, columns.clone(), self.timeout_ms()).await.map(Some)
    }

    /// Forgets a prepared statement or a portal; nothing is wrong if there is none.
    pub(in crate::postgres) async fn close_named(
        &mut self,
        wire: &mut Wire,
        message: &Close,
    ) -> PgWireResult<()> {
        let name = message.name.as_deref().unwrap_or_default();
        if message.target_type == STATEMENT {
            self.prepared.remove(name);
        } else if self.portals.remove(name).is_none() {
            self.cursors.remove(name);
        }
        wire.feed(PgWireBackendMessage::CloseComplete(CloseComplete::new())).await?;
        Ok(())
    }
}

/// The type that a client declares, if it does and PostgreSQL has it.
fn declared(oid: u32) -> Option<Type> {
    Type::from_oid(oid).filter(|declared| *declared != Type::UNKNOWN)
}

fn no_portal(name: &str) -> Told {
    Told::new(NO_CURSOR, format!("portal \"{name}\" does not exist"))
}
