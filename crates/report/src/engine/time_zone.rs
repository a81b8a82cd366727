//! The time zone of SQL: moments are shown in it, and days begin in it.
//!
//! The engine keeps the zone with the type of a moment. So the tables of a query session are views in which moments have its zone:
//! what is made of them, by any function, is made in it.

use std::sync::Arc;

use datafusion::arrow::datatypes::{DataType, Field, FieldRef, Fields};
use datafusion::catalog::{
    CatalogProvider, CatalogProviderList, MemoryCatalogProvider, MemoryCatalogProviderList,
    MemorySchemaProvider, SchemaProvider,
};
use datafusion::datasource::{TableProvider, ViewTable, provider_as_source};
use datafusion::error::DataFusionError;
use datafusion::execution::SessionStateBuilder;
use datafusion::logical_expr::{Expr, LogicalPlanBuilder, cast, ident};
use datafusion::prelude::SessionContext;

use crate::engine::reports::{CATALOG, Reports, SCHEMA};

/// The zone of the tables.
const UTC: &str = "UTC";

/// The query session in a zone: itself in UTC, otherwise one with a catalogue of its own.
///
/// # Errors
///
/// As for [`show_in`].
pub(crate) async fn in_zone_of(
    context: SessionContext,
    reports: &Reports,
    zone: &str,
) -> Result<SessionContext, DataFusionError> {
    if zone == UTC {
        return Ok(context);
    }
    let own = MemoryCatalogProvider::new();
    if let Some(shared) = context.catalog(CATALOG) {
        for name in shared.schema_names() {
            if let Some(schema) = shared.schema(&name) {
                own.register_schema(&name, schema)?;
            }
        }
    }
    let catalogs = MemoryCatalogProviderList::new();
    catalogs.register_catalog(CATALOG.to_owned(), Arc::new(own));
    let state = SessionStateBuilder::new_from_existing(context.state());
    let context = SessionContext::new_with_state(state.with_catalog_list(Arc::new(catalogs)).build());
    show_in(&context, reports, zone).await?;
    Ok(context)
}

/// Shows the moments of a session in a zone from now on. The session must have a catalogue of its own.
///
/// # Errors
///
/// If the engine does not know the zone or cannot show a table in it.
pub async fn show_in(context: &SessionContext, reports: &Reports, zone: &str) -> Result<(), DataFusionError> {
    let shared = reports.context();
    let shared = shared.catalog(CATALOG).and_then(|catalog| catalog.schema(SCHEMA));
    let (Some(shared), Some(own)) = (shared, context.catalog(CATALOG)) else { return Ok(()) };
    let schema = MemorySchemaProvider::new();
    for name in shared.table_names() {
        if let Some(provider) = shared.table(&name).await? {
            let shown = if zone == UTC { provider } else { in_zone(&name, provider, zone)? };
            schema.register_table(name, shown)?;
        }
    }
    own.register_schema(SCHEMA, Arc::new(schema))?;
    let state = context.state_ref();
    let mut state = state.write();
    state.config_mut().options_mut().execution.time_zone = Some(zone.to_owned());
    let options = state.config_options().clone();
    let changed: Vec<_> = state
        .scalar_functions()
        .values()
        .filter_map(|function| function.inner().with_updated_config(&options))
        .collect();
    for function in changed {
        datafusion::execution::FunctionRegistry::register_udf(&mut *state, Arc::new(function))?;
    }
    Ok(())
}

/// A table as a view whose moments have a zone.
fn in_zone(
    name: &str,
    table: Arc<dyn TableProvider>,
    zone: &str,
) -> Result<Arc<dyn TableProvider>, DataFusionError> {
    let schema = table.schema();
    let column = |field: &FieldRef| -> Expr {
        let wanted = type_in(field.data_type(), zone);
        let column = ident(field.name());
        if wanted == *field.data_type() { column } else { cast(column, wanted).alias(field.name()) }
    };
    let columns: Vec<Expr> = schema.fields().iter().map(column).collect();
    let plan = LogicalPlanBuilder::scan(name, provider_as_source(table), None)?.project(columns)?.build()?;
    Ok(Arc::new(ViewTable::new(plan, None)))
}

/// A type whose moments have a zone.
fn type_in(data_type: &DataType, zone: &str) -> DataType {
    let field = |field: &FieldRef| -> FieldRef {
        let field: &Field = field;
        Arc::new(field.clone().with_data_type(type_in(field.data_type(), zone)))
    };
    match data_type {
        DataType::Timestamp(unit, Some(_)) => DataType::Timestamp(*unit, Some(zone.into())),
        DataType::List(item) => DataType::List(field(item)),
        DataType::Struct(fields) => DataType::Struct(fields.iter().map(field).collect::<Fields>()),
        other => other.clone(),
    }
}
