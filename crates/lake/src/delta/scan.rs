//! A version of a table as a source of rows for queries, which opens only the files that can have some of the wanted rows.

use std::sync::Arc;

use async_trait::async_trait;
use datafusion::arrow::array::BooleanArray;
use datafusion::arrow::datatypes::{Schema, SchemaRef};
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::config::TableParquetOptions;
use datafusion::common::stats::Precision;
use datafusion::common::{DFSchema, Result, Statistics};
use datafusion::datasource::physical_plan::parquet::CachedParquetFileReaderFactory;
use datafusion::datasource::physical_plan::{FileGroup, FileScanConfigBuilder, ParquetSource};
use datafusion::datasource::source::DataSourceExec;
use datafusion::datasource::table_schema::TableSchema;
use datafusion::error::DataFusionError;
use datafusion::execution::object_store::ObjectStoreUrl;
use datafusion::logical_expr::utils::conjunction;
use datafusion::logical_expr::{Expr, TableProviderFilterPushDown, TableType};
use datafusion::physical_optimizer::pruning::PruningPredicateBuilder;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::empty::EmptyExec;
use deltalake::{DeltaTable, ObjectStore};
use url::Position;

use crate::delta::columns::reading_schema;
use crate::delta::file_list::FileList;
use crate::error::Error;
use crate::tables::DAY;

/// The rows of some files of a version.
#[derive(Debug)]
pub(crate) struct StoredRows {
    schema: SchemaRef,
    /// The columns as files are read: the partition's column comes last, because files do not have it.
    read_schema: TableSchema,
    files: FileList,
    store: Arc<dyn ObjectStore>,
    store_url: ObjectStoreUrl,
}

impl StoredRows {
    /// All rows of the version, with the columns of this release.
    ///
    /// # Errors
    ///
    /// If the table's files are not known.
    pub(crate) fn all(table: &DeltaTable, of_release: &Schema) -> Result<Self, Error> {
        Self::of(table, of_release, FileList::of(table)?)
    }

    /// The rows of these files of the version, with the columns of this release; the paths are relative to the table.
    ///
    /// # Errors
    ///
    /// If the version does not have one of them.
    pub(crate) fn of_files(
        table: &DeltaTable,
        of_release: &Schema,
        paths: impl IntoIterator<Item = String>,
    ) -> Result<Self, Error> {
        Self::of(table, of_release, FileList::of(table)?.only(paths)?)
    }

    fn of(table: &DeltaTable, of_release: &Schema, files: FileList) -> Result<Self, Error> {
        let log_store = table.log_store();
        let url = log_store.root_url();
        let state = table.snapshot().map_err(|error| Error::table(url.as_str(), &error))?;
        let schema = reading_schema(of_release, &state.snapshot().arrow_schema());
        let (days, in_files) =
            schema.fields().iter().cloned().partition::<Vec<_>, _>(|field| field.name() == DAY);
        Ok(Self {
            read_schema: TableSchema::builder(Arc::new(Schema::new(in_files)))
                .with_table_partition_cols(days)
                .build(),
            schema,
            files,
            store: log_store.root_object_store(None),
            store_url: ObjectStoreUrl::parse(&url[..Position::BeforePath])?,
        })
    }

    /// The files that can have rows for which all filters hold.
    fn wanted(&self, state: &dyn Session, filters: &[Expr]) -> Result<FileList> {
        let Some(filter) = conjunction(filters.iter().cloned()) else { return Ok(self.files.clone()) };
        let schema = self.read_schema.table_schema();
        let predicate = DFSchema::try_from(schema.clone())
            .and_then(|known| state.create_physical_expr(filter, &known))
            .and_then(|filter| {
                PruningPredicateBuilder::new().with_file_schema(schema.clone()).try_build(filter)
            });
        match predicate {
            Ok(predicate) => {
                let is_wanted = BooleanArray::from(predicate.prune(&self.files)?);
                self.files.filtered(&is_wanted).map_err(external)
            }
            // The filter applies to each row later, so nothing is lost but time.
            Err(error) => {
                tracing::debug!(%error, "a filter does not tell files apart");
                Ok(self.files.clone())
            }
        }
    }

    /// The columns by their places in the schema of reading.
    fn places(&self, projection: Option<&Vec<usize>>) -> Result<Vec<usize>> {
        let all = (0..self.schema.fields().len()).collect();
        let read_schema = self.read_schema.table_schema();
        let place = |column: &usize| Ok(read_schema.index_of(self.schema.field(*column).name())?);
        projection.unwrap_or(&all).iter().map(place).collect()
    }

    /// The reader of files; rows that a filter drops are not decoded as a whole.
    fn source(&self, state: &dyn Session) -> ParquetSource {
        let mut options = TableParquetOptions::new();
        options.global = state.config_options().execution.parquet.clone();
        options.global.pushdown_filters = true;
        let footers = state.runtime_env().cache_manager.get_file_metadata_cache();
        ParquetSource::new(self.read_schema.clone())
            .with_table_parquet_options(options)
            .with_parquet_file_reader_factory(Arc::new(CachedParquetFileReaderFactory::new(
                self.store.clone(),
                footers,
            )))
    }
}

#[async_trait]
impl TableProvider for StoredRows {
    fn schema(&self) -> SchemaRef {
        self.schema.clone()
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let places = self.places(projection)?;
        let read_schema = self.read_schema.table_schema();
        let files = self.wanted(state, filters)?;
        if files.len() == 0 {
            return Ok(Arc::new(EmptyExec::new(Arc::new(read_schema.project(&places)?))));
        }
        // The engine asks for the store although the reader has its own.
        let runtime = state.runtime_env();
        if runtime.object_store(&self.store_url).is_err() {
            runtime.register_object_store(self.store_url.as_ref(), self.store.clone());
        }
        let mut statistics = Statistics::new_unknown(read_schema);
        statistics.num_rows = files.rows().map_or(Precision::Absent, Precision::Exact);
        statistics.total_byte_size = files.bytes().map_or(Precision::Absent, Precision::Inexact);
        let groups = FileGroup::new(files.to_read().map_err(external)?)
            .split_files(state.config().target_partitions());
        let scan = FileScanConfigBuilder::new(self.store_url.clone(), Arc::new(self.source(state)))
            .with_file_groups(groups)
            .with_statistics(statistics)
            .with_projection_indices(Some(places))?
            .with_limit(limit)
            .build();
        Ok(DataSourceExec::from_data_source(scan))
    }

    fn supports_filters_pushdown(&self, filters: &[&Expr]) -> Result<Vec<TableProviderFilterPushDown>> {
        // Filters choose files here; whether the reader applies them to rows too is settled when the plan is known.
        Ok(vec![TableProviderFilterPushDown::Inexact; filters.len()])
    }
}

fn external(error: Error) -> DataFusionError {
    DataFusionError::External(Box::new(error))
}
