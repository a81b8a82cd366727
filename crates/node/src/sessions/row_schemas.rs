//! The JSON Schemas of rows, from the tables that make their columns.

use std::borrow::Cow;

use playhead_protocol::{ParamId, ValueType};
use playhead_session::{
    AD_EVENTS, CHAPTER_EVENTS, ColumnType, Diagnosis, SESSION_COLUMNS, start_columns, view_columns,
};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value, json};

use crate::exclusions::ExclusionReport;

/// A session's row.
#[derive(Debug)]
pub(crate) struct SessionColumns;

/// A session's row with those of its ads, chapters and errors.
#[derive(Debug)]
pub struct SessionDetail;

struct AdColumns;

struct ChapterColumns;

struct ErrorColumns;

impl JsonSchema for SessionColumns {
    fn schema_name() -> Cow<'static, str> {
        "SessionRow".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let mut columns = Columns::default();
        columns.add("session_id", json!({"type": "string"}), "The id in Location: 64 hexadecimal digits.");
        columns.add_params(start_columns());
        for column in SESSION_COLUMNS {
            let schema = match column.name {
                "source" => json!({"type": "string"}),
                "playing_until" => json!({"type": ["string", "null"], "format": "date-time"}),
                "diagnoses" => {
                    let names: Vec<_> = Diagnosis::ALL.iter().map(|diagnosis| diagnosis.name()).collect();
                    json!({"type": "array", "items": {"type": "string", "enum": names}})
                }
                _ => schema_of_column(column.column_type),
            };
            columns.add(column.name, schema, column.meaning);
        }
        columns.schema("A session's row; its columns are those of the table `sessions`.")
    }
}

impl JsonSchema for SessionDetail {
    fn schema_name() -> Cow<'static, str> {
        "Session".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let row = generator.subschema_for::<SessionColumns>();
        let ads = generator.subschema_for::<Vec<AdColumns>>();
        let chapters = generator.subschema_for::<Vec<ChapterColumns>>();
        let errors = generator.subschema_for::<Vec<ErrorColumns>>();
        let mut exclusion = generator.subschema_for::<ExclusionReport>();
        exclusion.insert("description".into(), "Only there if no report counts the session.".into());
        json_schema!({
            "description": "A session's row with those of its ads, chapters and errors.",
            "allOf": [row, {
                "type": "object",
                "required": ["ads", "chapters", "errors"],
                "properties": {
                    "ads": ads, "chapters": chapters, "errors": errors, "exclusion": exclusion,
                },
            }],
        })
    }
}

impl JsonSchema for AdColumns {
    fn schema_name() -> Cow<'static, str> {
        "AdRow".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let mut columns = Columns::default();
        columns.add_params(view_columns(AD_EVENTS));
        columns.add_view("ad_started_at");
        columns.schema("An ad view.")
    }
}

impl JsonSchema for ChapterColumns {
    fn schema_name() -> Cow<'static, str> {
        "ChapterRow".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let mut columns = Columns::default();
        columns.add_params(view_columns(CHAPTER_EVENTS));
        columns.add_view("chapter_started_at");
        columns.schema("A chapter view.")
    }
}

impl JsonSchema for ErrorColumns {
    fn schema_name() -> Cow<'static, str> {
        "ErrorRow".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let mut columns = Columns::default();
        columns.add("error_id", schema_of_column(ColumnType::Text), "Its id; null if the player sent none.");
        columns.add("source", json!({"type": "string"}), "player, external, or what else the player wrote.");
        columns.add(
            "at",
            schema_of_column(ColumnType::Time),
            "When it happened, by the device's clock, corrected where that is wrong.",
        );
        columns.add("playhead", json!({"type": "number"}), "Its playhead, seconds, as sent.");
        columns.schema("An error.")
    }
}

/// The columns of a row as properties.
#[derive(Default)]
struct Columns {
    properties: Map<String, Value>,
}

impl Columns {
    fn add(&mut self, name: &str, mut schema: Value, meaning: &str) {
        schema["description"] = meaning.into();
        self.properties.insert(name.to_owned(), schema);
    }

    /// Columns of parameters, each null if the player did not send it.
    fn add_params(&mut self, columns: impl Iterator<Item = (ParamId, &'static str)>) {
        for (id, name) in columns {
            let param = id.param();
            let schema = match param.value_type {
                ValueType::String => json!({"type": ["string", "null"]}),
                ValueType::Number => json!({"type": ["number", "null"]}),
                ValueType::Integer => json!({"type": ["integer", "null"]}),
                ValueType::Boolean => json!({"type": ["boolean", "null"]}),
                ValueType::Object | ValueType::Array => json!({}),
            };
            self.add(name, schema, &format!("{} ({})", param.meaning, param.key));
        }
    }

    /// What a view has beside its parameters.
    fn add_view(&mut self, started_at: &str) {
        let end = json!({"enum": ["completed", "skipped", "not_completed", null]});
        let metadata = "The session's custom metadata with the view's own laid over it.";
        self.add(
            started_at,
            schema_of_column(ColumnType::Time),
            "When it began, by the device's clock, corrected where that is wrong.",
        );
        self.add("time_played", schema_of_column(ColumnType::Seconds), "Seconds for which it played.");
        self.add("end", end, "completed, skipped or not_completed; null while open.");
        self.add("custom_metadata", schema_of_column(ColumnType::TextMap), metadata);
    }

    fn schema(self, meaning: &str) -> Schema {
        let required: Vec<&String> = self.properties.keys().collect();
        json_schema!({
            "type": "object",
            "description": meaning,
            "required": required,
            "properties": self.properties,
            "additionalProperties": true,
        })
    }
}

/// The schema of a column's values. Text and numbers may be missing; all else is always known.
fn schema_of_column(column_type: ColumnType) -> Value {
    let span = |end: Value| {
        json!({"type": "array", "items": {
            "type": "object", "required": ["from", "to"], "properties": {"from": end, "to": end},
        }})
    };
    let time = json!({"type": "string", "format": "date-time"});
    match column_type {
        ColumnType::Text => json!({"type": ["string", "null"]}),
        ColumnType::Boolean => json!({"type": "boolean"}),
        ColumnType::Count => json!({"type": "integer"}),
        ColumnType::Milliseconds => json!({"type": ["integer", "null"]}),
        ColumnType::Number => json!({"type": ["number", "null"]}),
        ColumnType::Seconds => json!({"type": "number"}),
        ColumnType::Time => time,
        ColumnType::Texts => json!({"type": "array", "items": {"type": "string"}}),
        ColumnType::TextMap => json!({"type": "object", "additionalProperties": {"type": "string"}}),
        ColumnType::States => json!({"type": "array", "items": {
            "type": "object",
            "required": ["name", "count", "time"],
            "properties": {"name": {"type": "string"}, "count": {"type": "integer"}, "time": {"type": "number"}},
        }}),
        ColumnType::TimeSpans => span(time),
        ColumnType::ContentSpans => span(json!({"type": "number"})),
    }
}
