//! The table of excluded sessions: which, why, since when, and their rows, which the other tables do not have meanwhile.

use std::sync::Arc;

use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, Date32Array, RecordBatch, StringArray, TimestampMicrosecondArray,
};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{
    DataType, Date32Type, Field, Schema, SchemaRef, TimestampMicrosecondType,
};

use crate::error::Error;
use crate::exclusion::{Exclusion, Stage, StoredExclusion};
use crate::tables::definition::Definition;
use crate::tables::{DAY, Kind};

/// Its name.
pub(crate) const EXCLUSIONS: &str = "exclusions";

/// The column of the rows.
pub(crate) const ROWS: &str = "rows";

/// Its columns: name, type, meaning.
pub(crate) const EXCLUSION_COLUMNS: [(&str, Kind, &str); 9] = [
    (DAY, Kind::Day, "The partition of the session's rows."),
    ("session_id", Kind::Text, "The session."),
    ("reason", Kind::Text, "Why it is excluded, as the operator wrote it."),
    ("excluded_at", Kind::Time, "Since when, by the server's clock."),
    ("returned_at", Kind::Time, "When that was undone, by the server's clock; null while it is excluded."),
    ("started_at", Kind::Time, "When the session started, by the device's clock."),
    ("ended_at", Kind::Time, "When its last event happened, by the device's clock."),
    (
        "stage",
        Kind::Text,
        "`kept`: the rows are about to leave the other tables; `moved`: they have left them; `returning`: they are about \
         to go back; `returned`: they are back, and the session counts again.",
    ),
    (
        ROWS,
        Kind::Text,
        "The session's row with its ads, chapters and errors, JSON; null when they are back in their tables.",
    ),
];

/// Its definition.
pub(crate) fn exclusion_definition() -> Definition {
    Definition {
        name: EXCLUSIONS,
        meaning: "One row for each session that is excluded from all reports, or was.",
        schema: schema(),
        pruning_columns: vec!["session_id"],
    }
}

fn schema() -> SchemaRef {
    let field = |(name, kind, meaning): (&str, Kind, &str)| {
        let comment = [("comment".to_owned(), meaning.to_owned())].into();
        Field::new(name, kind.data_type(), true).with_metadata(comment)
    };
    Arc::new(Schema::new(EXCLUSION_COLUMNS.map(field).to_vec()))
}

/// The row of an exclusion.
///
/// # Errors
///
/// If it makes no batch, which does not happen.
pub(crate) fn exclusion_batch(stored: &StoredExclusion, rows: Option<&str>) -> Result<RecordBatch, Error> {
    let StoredExclusion { exclusion, stage, returned_at_ms } = stored;
    let text = |text: Option<&str>| Arc::new(StringArray::from(vec![text])) as ArrayRef;
    let time = |ms: Option<i64>| {
        let times = TimestampMicrosecondArray::from(vec![ms.map(|ms| ms.saturating_mul(1_000))]);
        Arc::new(times.with_timezone("UTC")) as ArrayRef
    };
    let columns: Vec<ArrayRef> = vec![
        Arc::new(Date32Array::from(vec![exclusion.day])),
        text(Some(&exclusion.session.to_string())),
        text(Some(&exclusion.reason)),
        time(Some(exclusion.excluded_at_ms)),
        time(*returned_at_ms),
        time(Some(exclusion.started_at_ms)),
        time(exclusion.ended_at_ms),
        text(Some(stage.name())),
        text(rows),
    ];
    RecordBatch::try_new(schema(), columns).map_err(Error::Arrow)
}

/// The texts of a column.
///
/// # Errors
///
/// If it has another type.
pub(crate) fn text_values(column: &ArrayRef) -> Result<Vec<Option<String>>, Error> {
    let texts = cast(column, &DataType::Utf8).map_err(Error::Arrow)?;
    Ok(texts.as_string::<i32>().iter().map(|text| text.map(str::to_owned)).collect())
}

/// The exclusions in a batch, without their rows.
///
/// # Errors
///
/// If a column is missing or has another type, or a row says no session or stage.
pub(crate) fn read_exclusions(batch: &RecordBatch) -> Result<Vec<StoredExclusion>, Error> {
    let wrong = |what: &str| Error::Table {
        table: EXCLUSIONS.to_owned(),
        message: format!("a row says no {what} that this release knows"),
    };
    let column = |name: &str, data_type: &DataType| {
        let column = batch.column_by_name(name).ok_or_else(|| wrong(name))?;
        cast(column, data_type).map_err(Error::Arrow)
    };
    let text = |name: &str| column(name, &DataType::Utf8);
    let time = |name: &str| column(name, &Kind::Time.data_type());
    let (ids, reasons, stages) = (text("session_id")?, text("reason")?, text("stage")?);
    let (excluded, returned) = (time("excluded_at")?, time("returned_at")?);
    let (started, ended) = (time("started_at")?, time("ended_at")?);
    let days = column(DAY, &DataType::Date32)?;
    let text_at = |values: &ArrayRef, row: usize| -> Option<String> {
        values.is_valid(row).then(|| values.as_string::<i32>().value(row).to_owned())
    };
    let ms_at = |values: &ArrayRef, row: usize| {
        let times = values.as_primitive::<TimestampMicrosecondType>();
        values.is_valid(row).then(|| times.value(row).div_euclid(1_000))
    };
    let read = |row: usize| {
        let session = text_at(&ids, row).and_then(|id| id.parse().ok());
        let stage = text_at(&stages, row).and_then(|name| Stage::named(&name));
        let exclusion = Exclusion {
            session: session.ok_or_else(|| wrong("session"))?,
            reason: text_at(&reasons, row).unwrap_or_default(),
            excluded_at_ms: ms_at(&excluded, row).unwrap_or_default(),
            started_at_ms: ms_at(&started, row).unwrap_or_default(),
            ended_at_ms: ms_at(&ended, row),
            day: days.as_primitive::<Date32Type>().value(row),
        };
        let returned_at_ms = ms_at(&returned, row);
        Ok(StoredExclusion { exclusion, stage: stage.ok_or_else(|| wrong("stage"))?, returned_at_ms })
    };
    (0..batch.num_rows()).map(read).collect()
}
