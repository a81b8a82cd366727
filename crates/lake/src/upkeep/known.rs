//! Which sessions the table of sessions has already.

use std::collections::HashSet;

use datafusion::arrow::array::AsArray;
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::DataType;
use datafusion::common::ScalarValue;
use datafusion::logical_expr::{col, lit};
use datafusion::prelude::{SessionConfig, SessionContext};
use futures::StreamExt;
use playhead_protocol::SessionId;

use crate::error::Error;
use crate::lake::Lake;
use crate::tables::Table;

impl Lake {
    /// Those of these sessions that the tables have, as of now; the rows of excluded ones are kept beside them.
    /// `started_from_ms` is the earliest start among these sessions.
    ///
    /// # Errors
    ///
    /// If the table cannot be read.
    pub async fn sessions_among(
        &self,
        sessions: &HashSet<SessionId>,
        started_from_ms: i64,
    ) -> Result<HashSet<SessionId>, Error> {
        let mut found = HashSet::new();
        if sessions.is_empty() {
            return Ok(found);
        }
        let excluded = self.latest_exclusions().await?;
        let excluded = excluded.iter().filter(|stored| stored.is_in_force());
        found.extend(
            excluded.map(|stored| stored.exclusion.session).filter(|session| sessions.contains(session)),
        );
        let Some(provider) = self.latest_snapshot(Table::Sessions).await?.provider().await? else {
            return Ok(found);
        };
        let context = SessionContext::new_with_config(SessionConfig::new().with_target_partitions(1));
        let started_from = ScalarValue::TimestampMicrosecond(
            Some(started_from_ms.saturating_mul(1_000)),
            Some("UTC".into()),
        );
        let ids = context
            .read_table(provider)?
            .filter(col("started_at").gt_eq(lit(started_from)))?
            .select_columns(&["session_id"])?;
        let mut batches = ids.execute_stream().await?;
        while let Some(batch) = batches.next().await {
            let ids = cast(batch?.column(0), &DataType::Utf8).map_err(Error::Arrow)?;
            let parsed = ids.as_string::<i32>().iter().flatten().filter_map(|id| id.parse().ok());
            found.extend(parsed.filter(|id| sessions.contains(id)));
        }
        Ok(found)
    }
}
