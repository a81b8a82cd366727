//! The files of a table's version with what the log says about each: their days, sizes and bounds.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;
use std::time::SystemTime;

use datafusion::arrow::array::{Array, ArrayRef, AsArray, BooleanArray, RecordBatch};
use datafusion::arrow::compute::{cast, filter, filter_record_batch};
use datafusion::arrow::datatypes::{DataType, Date32Type, Int64Type, TimeUnit, TimestampMicrosecondType};
use datafusion::common::pruning::PruningStatistics;
use datafusion::common::{Column, ScalarValue};
use datafusion::datasource::listing::PartitionedFile;
use deltalake::{DeltaTable, DeltaTableError};
use jiff::Timestamp;
use object_store::path::Path;

use crate::error::Error;
use crate::tables::DAY;

/// The log keeps the bounds of times in whole milliseconds, rounded down, so that the highest time may be this many
/// microseconds after the one in the log.
const LOST_MICROSECONDS: i64 = 999;

/// The files of a version.
#[derive(Debug, Clone)]
pub(crate) struct FileList {
    /// One row for each file, as the log has it.
    files: RecordBatch,
    /// The table's folder in its store.
    folder: Path,
    days: ArrayRef,
}

impl FileList {
    /// All files of a version.
    ///
    /// # Errors
    ///
    /// If the log has no list, or another program deleted rows by marking them beside their file.
    pub(crate) fn of(table: &DeltaTable) -> Result<Self, Error> {
        let failed = |error: &dyn std::fmt::Display| Error::Table {
            table: table.log_store().root_url().to_string(),
            message: error.to_string(),
        };
        let state = table.snapshot().map_err(|error| failed(&error))?;
        let files = state.add_actions_table(true).map_err(|error: DeltaTableError| failed(&error))?;
        let is_marked = |name: &str| name.starts_with("deletion_vector.");
        let mut columns = files.schema_ref().fields().iter().zip(files.columns());
        if columns.any(|(field, column)| is_marked(field.name()) && column.null_count() < column.len()) {
            return Err(failed(&"rows are marked as deleted, which is not supported"));
        }
        let days = match files.column_by_name(&format!("partition.{DAY}")) {
            Some(days) => cast(days, &DataType::Date32).map_err(Error::Arrow)?,
            None => return Err(failed(&"it is not divided by days")),
        };
        let folder =
            Path::from_url_path(table.log_store().root_url().path()).map_err(|error| failed(&error))?;
        Ok(Self { files, folder, days })
    }

    /// Those files of the list that have one of these paths, which are relative to the table.
    ///
    /// # Errors
    ///
    /// If one of them is not in the list.
    pub(crate) fn only(&self, paths: impl IntoIterator<Item = String>) -> Result<Self, Error> {
        let wanted: BTreeSet<Path> = paths.into_iter().map(Path::from).collect();
        let is_wanted: BooleanArray =
            (0..self.len()).map(|file| self.relative(file).map(|path| wanted.contains(&path))).collect();
        if is_wanted.true_count() < wanted.len() {
            let message = "the version lacks a file that was to be read".to_owned();
            return Err(Error::Table { table: self.folder.to_string(), message });
        }
        self.filtered(&is_wanted)
    }

    /// The files for which `is_wanted` is true.
    pub(crate) fn filtered(&self, is_wanted: &BooleanArray) -> Result<Self, Error> {
        let files = filter_record_batch(&self.files, is_wanted).map_err(Error::Arrow)?;
        let days = filter(&self.days, is_wanted).map_err(Error::Arrow)?;
        Ok(Self { files, folder: self.folder.clone(), days })
    }

    pub(crate) fn len(&self) -> usize {
        self.files.num_rows()
    }

    /// The number of rows of all files; `None` if the log does not say it for each.
    pub(crate) fn rows(&self) -> Option<usize> {
        self.sum("num_records")
    }

    /// The bytes of all files.
    pub(crate) fn bytes(&self) -> Option<usize> {
        self.sum("size_bytes")
    }

    /// The files for a reader, each with its day.
    ///
    /// # Errors
    ///
    /// If the path or the size of one is invalid.
    pub(crate) fn to_read(&self) -> Result<Vec<PartitionedFile>, Error> {
        let invalid = |file| Error::Table {
            table: self.folder.to_string(),
            message: format!("the log has no valid path or size for file {file} of its list"),
        };
        (0..self.len()).map(|file| self.file(file).ok_or_else(|| invalid(file))).collect()
    }

    fn file(&self, file: usize) -> Option<PartitionedFile> {
        let relative = self.relative(file)?;
        let size = u64::try_from(self.number("size_bytes", file)?).ok()?;
        let location = self.folder.parts().chain(relative.parts()).collect::<Path>();
        let mut read = PartitionedFile::new(String::new(), size);
        read.object_meta.location = location;
        // The cache of footers tells by it whether a file is still the same.
        if let Some(written) = self.number("modification_time", file)
            && let Ok(written) = Timestamp::from_millisecond(written)
        {
            read.object_meta.last_modified = SystemTime::from(written).into();
        }
        let days = self.days.as_primitive::<Date32Type>();
        let day = days.is_valid(file).then(|| days.value(file));
        Some(read.with_partition_values(vec![ScalarValue::Date32(day)]))
    }

    fn relative(&self, file: usize) -> Option<Path> {
        let paths = self.files.column_by_name("path")?.as_string_opt::<i32>()?;
        Path::from_url_path(paths.value(file)).ok()
    }

    fn number(&self, name: &str, file: usize) -> Option<i64> {
        let numbers = self.files.column_by_name(name)?.as_primitive_opt::<Int64Type>()?;
        numbers.is_valid(file).then(|| numbers.value(file))
    }

    fn sum(&self, name: &str) -> Option<usize> {
        (0..self.len()).map(|file| usize::try_from(self.number(name, file)?).ok()).sum()
    }

    fn column(&self, kind: &str, column: &Column) -> Option<ArrayRef> {
        if column.name() == DAY {
            return Some(self.days.clone());
        }
        self.files.column_by_name(&format!("{kind}.{}", column.name())).cloned()
    }
}

impl PruningStatistics for FileList {
    fn min_values(&self, column: &Column) -> Option<ArrayRef> {
        self.column("min", column)
    }

    fn max_values(&self, column: &Column) -> Option<ArrayRef> {
        let highest = self.column("max", column)?;
        match highest.data_type() {
            DataType::Timestamp(TimeUnit::Microsecond, _) => {
                let times = highest.as_primitive::<TimestampMicrosecondType>();
                let raised =
                    times.unary::<_, TimestampMicrosecondType>(|time| time.saturating_add(LOST_MICROSECONDS));
                Some(Arc::new(raised.with_data_type(highest.data_type().clone())))
            }
            _ => Some(highest),
        }
    }

    fn num_containers(&self) -> usize {
        self.len()
    }

    fn null_counts(&self, column: &Column) -> Option<ArrayRef> {
        let counts = self.files.column_by_name(&format!("null_count.{}", column.name()))?;
        cast(counts, &DataType::UInt64).ok()
    }

    fn row_counts(&self) -> Option<ArrayRef> {
        cast(self.files.column_by_name("num_records")?, &DataType::UInt64).ok()
    }

    fn contained(&self, _: &Column, _: &HashSet<ScalarValue>) -> Option<BooleanArray> {
        None
    }
}
