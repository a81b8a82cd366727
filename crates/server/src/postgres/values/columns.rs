//! The columns of an answer: the PostgreSQL type of each, and the form in which its values are kept until they are sent.
//!
//! Maps, structs and lists of either are `jsonb`, with the same text as in JSON over HTTP; other lists are arrays. Types that
//! PostgreSQL does not have become the next larger one that it has.

use std::sync::Arc;

use datafusion::arrow::array::{ArrayRef, RecordBatch};
use datafusion::arrow::compute::{CastOptions, cast_with_options};
use datafusion::arrow::datatypes::{DataType, Field, FieldRef, IntervalUnit, Schema, SchemaRef, TimeUnit};
use datafusion::arrow::error::ArrowError;
use datafusion_postgres::arrow_pg::datatypes::field_into_pg_type;
use datafusion_postgres::pgwire::api::Type;
use datafusion_postgres::pgwire::api::results::{FieldFormat, FieldInfo};
use datafusion_postgres::pgwire::error::PgWireResult;
use datafusion_postgres::pgwire::types::format::FormatOptions;
use playhead_report::functions::lengths::intervals;
use playhead_report::output::json_texts::json_texts;

use crate::postgres::refusal::{VIOLATION, refusal};

/// How the values of a column are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// In the engine's own form, which the library writes.
    Own,
    /// As texts in JSON.
    Json,
    /// Numbers of any precision, as their digits.
    Digits,
    /// Floats, or lists of them.
    Float,
    /// Moments.
    Moment,
    /// Lists of moments.
    Moments,
    /// Times of day.
    Clock,
    /// Lengths of time.
    Length,
}

/// A column of an answer.
#[derive(Debug)]
pub(super) struct Column {
    pub(super) form: Form,
    pub(super) pg_type: Type,
}

/// The columns of an answer.
#[derive(Debug)]
pub(in crate::postgres) struct Columns {
    pub(super) columns: Vec<Column>,
    schema: SchemaRef,
}

/// The formats that a client wants: none for text, one for all columns, or one for each.
#[derive(Debug, Clone, Default)]
pub(in crate::postgres) struct Formats(pub(in crate::postgres) Vec<i16>);

impl Formats {
    /// All in binary form.
    pub(in crate::postgres) fn binary() -> Self {
        Self(vec![1])
    }

    fn of(&self, column: usize) -> FieldFormat {
        let format = if self.0.len() > 1 { self.0.get(column) } else { self.0.first() };
        FieldFormat::from(format.copied().unwrap_or_default())
    }
}

impl Columns {
    /// The columns of rows with this schema.
    pub(in crate::postgres) fn new(schema: &Schema) -> Self {
        let (columns, fields): (Vec<Column>, Vec<FieldRef>) = schema
            .fields()
            .iter()
            .map(|field| {
                let (form, kept, pg_type) = kept(field);
                let kept = field.as_ref().clone().with_data_type(kept).with_nullable(true);
                (Column { form, pg_type }, Arc::new(kept))
            })
            .unzip();
        Self { columns, schema: Arc::new(Schema::new(fields)) }
    }

    pub(in crate::postgres) fn len(&self) -> usize {
        self.columns.len()
    }

    /// Their names.
    pub(in crate::postgres) fn names(&self) -> impl Iterator<Item = &str> {
        self.schema.fields().iter().map(|field| field.name().as_str())
    }

    /// Rows in the form in which they are kept.
    pub(in crate::postgres) fn keep(&self, batch: &RecordBatch) -> Result<RecordBatch, ArrowError> {
        let kept = self.columns.iter().zip(self.schema.fields()).zip(batch.columns());
        let kept: Result<Vec<ArrayRef>, ArrowError> = kept
            .map(|((column, field), array)| match column.form {
                Form::Json => json_texts(array),
                Form::Length => intervals(array),
                _ if array.data_type() == field.data_type() => Ok(array.clone()),
                _ => cast_with_options(
                    array,
                    field.data_type(),
                    &CastOptions { safe: false, ..CastOptions::default() },
                ),
            })
            .collect();
        RecordBatch::try_new_with_options(
            self.schema.clone(),
            kept?,
            &datafusion::arrow::array::RecordBatchOptions::new().with_row_count(Some(batch.num_rows())),
        )
    }

    /// What a client is told about them.
    ///
    /// # Errors
    ///
    /// If it wants formats for another number of columns.
    pub(in crate::postgres) fn described(
        &self,
        formats: &Formats,
        options: &Arc<FormatOptions>,
    ) -> PgWireResult<Vec<FieldInfo>> {
        if formats.0.len() > 1 && formats.0.len() != self.len() {
            let message = format!(
                "bind message has {} result formats but query has {} columns",
                formats.0.len(),
                self.len()
            );
            return Err(refusal(VIOLATION, message));
        }
        let described = self.columns.iter().zip(self.names()).enumerate();
        let described = described.map(|(place, (column, name))| {
            FieldInfo::new(name.to_owned(), None, None, column.pg_type.clone(), formats.of(place))
                .with_format_options(options.clone())
                .with_type_size(size(&column.pg_type))
        });
        Ok(described.collect())
    }
}

/// The PostgreSQL type of a column.
pub(in crate::postgres) fn pg_type(field: &Field) -> Type {
    kept(field).2
}

/// The form in which the values of a column are kept, the engine's type for it, and the type that a client is told.
fn kept(field: &Field) -> (Form, DataType, Type) {
    let (form, kept) = kept_type(field.data_type());
    let told = match form {
        Form::Json => Type::JSONB,
        Form::Digits => Type::NUMERIC,
        // The catalogue marks object ids and single letters in the column, not in its type.
        _ => {
            let field = Arc::new(field.clone().with_data_type(kept.clone()));
            field_into_pg_type(&field).unwrap_or(Type::TEXT)
        }
    };
    (form, kept, told)
}

fn kept_type(data_type: &DataType) -> (Form, DataType) {
    let own = |data_type: DataType| (Form::Own, data_type);
    match data_type {
        DataType::Null => own(DataType::Utf8),
        DataType::Int8 | DataType::UInt8 => own(DataType::Int16),
        DataType::UInt16 => own(DataType::Int32),
        DataType::UInt32 => own(DataType::Int64),
        DataType::Float16 | DataType::Float32 => (Form::Float, DataType::Float32),
        DataType::Float64 => (Form::Float, DataType::Float64),
        DataType::UInt64
        | DataType::Decimal32(..)
        | DataType::Decimal64(..)
        | DataType::Decimal128(..)
        | DataType::Decimal256(..) => (Form::Digits, DataType::Utf8),
        DataType::FixedSizeBinary(_) => own(DataType::Binary),
        DataType::Date64 => own(DataType::Date32),
        DataType::Time32(_) | DataType::Time64(_) => (Form::Clock, DataType::Time64(TimeUnit::Microsecond)),
        DataType::Timestamp(_, zone) => {
            let zone = zone.as_ref().map(|_| "UTC".into());
            (Form::Moment, DataType::Timestamp(TimeUnit::Microsecond, zone))
        }
        DataType::Interval(_) | DataType::Duration(_) => {
            (Form::Length, DataType::Interval(IntervalUnit::MonthDayNano))
        }
        DataType::List(item)
        | DataType::LargeList(item)
        | DataType::FixedSizeList(item, _)
        | DataType::ListView(item)
        | DataType::LargeListView(item) => kept_list(item),
        DataType::Dictionary(_, values) => kept_type(values),
        DataType::RunEndEncoded(_, values) => kept_type(values.data_type()),
        DataType::Struct(_) | DataType::Map(..) | DataType::Union(..) => (Form::Json, DataType::Utf8),
        other => own(other.clone()),
    }
}

fn kept_list(item: &Field) -> (Form, DataType) {
    let (form, kept) = kept_type(item.data_type());
    let is_array = matches!(
        kept,
        DataType::Boolean
            | DataType::Int16
            | DataType::Int32
            | DataType::Int64
            | DataType::Float32
            | DataType::Float64
            | DataType::Utf8
            | DataType::LargeUtf8
            | DataType::Utf8View
            | DataType::Date32
    );
    let list = DataType::List(Arc::new(Field::new_list_field(kept, true)));
    match form {
        Form::Own | Form::Float if is_array => (form, list),
        Form::Moment => (Form::Moments, list),
        _ => (Form::Json, DataType::Utf8),
    }
}

/// The bytes of a value of a type (`typlen`); -1 where they differ.
fn size(pg_type: &Type) -> i16 {
    match *pg_type {
        Type::BOOL | Type::CHAR => 1,
        Type::INT2 => 2,
        Type::INT4
        | Type::FLOAT4
        | Type::DATE
        | Type::OID
        | Type::REGCLASS
        | Type::REGTYPE
        | Type::REGPROC => 4,
        Type::INT8 | Type::FLOAT8 | Type::TIMESTAMP | Type::TIMESTAMPTZ | Type::TIME => 8,
        Type::INTERVAL => 16,
        Type::NAME => 64,
        _ => -1,
    }
}
