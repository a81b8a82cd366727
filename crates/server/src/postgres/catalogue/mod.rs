//! The catalogue that clients of PostgreSQL ask: `pg_catalog` and `information_schema`, with functions about them.

mod columns;
mod functions;
mod information;
mod information_shapes;
mod names;
mod nothing;
mod objects;
mod rows;
mod server_facts;
pub(super) mod settings;
mod shapes;
mod type_names;
mod types;

#[cfg(test)]
mod tests;

use std::sync::{Arc, LazyLock};

use datafusion::catalog::{
    CatalogProvider, CatalogProviderList, MemoryCatalogProvider, MemoryCatalogProviderList,
    MemorySchemaProvider, SchemaProvider,
};
use datafusion::datasource::TableProvider;
use datafusion::error::DataFusionError;
use datafusion::execution::SessionStateBuilder;
use datafusion::logical_expr::LogicalPlan;
use datafusion::prelude::SessionContext;
use datafusion::sql::sqlparser::ast::Statement;
use playhead_report::engine::reports::CATALOG;
use playhead_report::sql::dialect;

use crate::postgres::catalogue::columns::{Row, table};
use crate::postgres::catalogue::information_shapes::{INFORMATION, INFORMATION_EMPTY};
use crate::postgres::catalogue::names::find_own_tables;
use crate::postgres::catalogue::nothing::put_aside;
use crate::postgres::catalogue::objects::{INFORMATION_SCHEMA, PG_CATALOG};
use crate::postgres::catalogue::shapes::{EMPTY, FILLED, Shape};
use crate::postgres::catalogue::type_names::TypeNames;

/// A session with the catalogue, beside the tables of another session. Its schemas are its own: what is added here is not seen
/// at other doors.
///
/// # Errors
///
/// If the engine does not take a schema or a table, which does not happen.
pub(super) fn with_catalogue(context: &SessionContext) -> Result<SessionContext, DataFusionError> {
    let own = MemoryCatalogProvider::new();
    if let Some(shared) = context.catalog(CATALOG) {
        for name in shared.schema_names() {
            if let Some(schema) = shared.schema(&name) {
                own.register_schema(&name, schema)?;
            }
        }
    }
    own.register_schema(PG_CATALOG, schema(&PG_CATALOG_TABLES)?)?;
    own.register_schema(INFORMATION_SCHEMA, schema(&INFORMATION_TABLES)?)?;
    let catalogs = MemoryCatalogProviderList::new();
    catalogs.register_catalog(CATALOG.to_owned(), Arc::new(own));
    let state = context.state();
    let config = state.config().clone().with_information_schema(false);
    let state = SessionStateBuilder::new_from_existing(state)
        .with_config(config)
        .with_catalog_list(Arc::new(catalogs))
        .with_type_planner(Arc::new(TypeNames))
        .build();
    let context = SessionContext::new_with_state(state);
    functions::register_of_library(&context);
    functions::register(&context);
    server_facts::register(&context);
    Ok(context)
}

/// The plan of a statement of a client.
///
/// # Errors
///
/// If the statement has no meaning for the engine.
pub(super) async fn plan(
    context: &SessionContext,
    mut statement: Statement,
) -> Result<LogicalPlan, DataFusionError> {
    put_aside(&mut statement);
    find_own_tables(&mut statement);
    dialect::plan(&context.state(), statement).await
}

/// Tables with their names.
type Tables = Vec<(&'static str, Arc<dyn TableProvider>)>;

static PG_CATALOG_TABLES: LazyLock<Result<Tables, String>> =
    LazyLock::new(|| tables(FILLED, EMPTY, rows::rows_of));

static INFORMATION_TABLES: LazyLock<Result<Tables, String>> =
    LazyLock::new(|| tables(INFORMATION, INFORMATION_EMPTY, information::rows_of));

fn tables(filled: &[Shape], empty: &[Shape], rows_of: fn(&str) -> Vec<Row>) -> Result<Tables, String> {
    let filled = filled.iter().map(|shape| (shape, rows_of(shape.name)));
    let all = filled.chain(empty.iter().map(|shape| (shape, Vec::new())));
    all.map(|(shape, rows)| {
        let table = table(shape, &rows).map_err(|error| error.to_string())?;
        Ok((shape.name, Arc::new(table) as Arc<dyn TableProvider>))
    })
    .collect()
}

fn schema(tables: &LazyLock<Result<Tables, String>>) -> Result<Arc<dyn SchemaProvider>, DataFusionError> {
    let schema = MemorySchemaProvider::new();
    let tables = tables.as_ref().map_err(|error| DataFusionError::Internal(error.clone()))?;
    for (name, table) in tables {
        schema.register_table((*name).to_owned(), table.clone())?;
    }
    Ok(Arc::new(schema))
}
