//! The keys of custom metadata that sessions have, with how many have each.

use datafusion::arrow::array::{Array, AsArray};
use datafusion::arrow::datatypes::Int64Type;
use datafusion::functions_aggregate::expr_fn::count;
use datafusion::functions_nested::expr_fn::map_keys;
use datafusion::logical_expr::lit;
use datafusion::prelude::ident;
use playhead_lake::Table;
use schemars::JsonSchema;
use serde::Serialize;

use crate::engine::reports::Reports;
use crate::error::Error;
use crate::names::dimension::Fact;
use crate::panels::groups::rows_of;
use crate::panels::memory::unexpected_column;
use crate::panels::panel_request::{Params, Scope, ScopeResponse};
use crate::panels::values::{text, texts};

/// A request for keys.
#[derive(Debug, Clone, PartialEq)]
pub struct MetadataKeysRequest {
    /// Which sessions: those that started in the range.
    pub scope: Scope,
    top: usize,
}

impl MetadataKeysRequest {
    /// Parses the parameters `from`, `to`, `time_zone`, `filters`, `segment`, `include_open` and `limit`.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] with all faults.
    pub fn parse(pairs: &[(String, String)], _now_ms: i64) -> Result<Self, Error> {
        let mut params = Params::new(pairs);
        let scope = params.scope(Fact::Sessions);
        let top = params.top();
        params.finish(Self { scope, top })
    }
}

/// The keys of custom metadata.
#[derive(Debug, Clone, PartialEq, JsonSchema, Serialize)]
pub struct MetadataKeysResponse {
    /// The sessions that were looked at.
    pub scope: ScopeResponse,
    /// The keys that the most sessions have, the most first; each is the dimension `custom.KEY`.
    pub keys: Vec<MetadataKey>,
}

/// A key of custom metadata.
#[derive(Debug, Clone, PartialEq, Eq, JsonSchema, Serialize)]
pub struct MetadataKey {
    /// The key.
    pub key: String,
    /// Sessions that have it.
    pub sessions: u64,
}

impl Reports {
    /// The keys of custom metadata.
    ///
    /// # Errors
    ///
    /// As for [`Reports::run`].
    pub async fn metadata_keys(&self, request: &MetadataKeysRequest) -> Result<MetadataKeysResponse, Error> {
        self.run(self.metadata_keys_in_turn(request)).await
    }

    async fn metadata_keys_in_turn(
        &self,
        request: &MetadataKeysRequest,
    ) -> Result<MetadataKeysResponse, Error> {
        let context = self.context();
        let rows = rows_of(&context, Table::Sessions, request.scope.started(Fact::Sessions)).await?;
        let keys =
            rows.select(vec![map_keys(ident("custom_metadata")).alias("key")])?.unnest_columns(&["key"])?;
        let counted = keys
            .filter(ident("key").is_not_null())?
            .aggregate(vec![ident("key")], vec![count(lit(1_i64)).alias("sessions")])?;
        let order = vec![ident("sessions").sort(false, false), ident("key").sort(true, false)];
        let mut found = Vec::new();
        for batch in counted.sort(order)?.limit(0, Some(request.top))?.collect().await? {
            let names = texts(batch.column(0), "key")?;
            let counts = batch.column(1).as_primitive_opt::<Int64Type>();
            let counts = counts.ok_or_else(|| unexpected_column("sessions"))?;
            found.extend((0..names.len()).map(|row| MetadataKey {
                key: text(names, row).unwrap_or_default().to_owned(),
                sessions: u64::try_from(counts.value(row)).unwrap_or(0),
            }));
        }
        Ok(MetadataKeysResponse { scope: request.scope.response(), keys: found })
    }
}
