//! Functions about the catalogue.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use datafusion::arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, Int32Array, Int64Array, ListArray, StringArray, StringBuilder,
};
use datafusion::arrow::buffer::OffsetBuffer;
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Field, Int64Type};
use datafusion::common::{Result, ScalarValue, plan_datafusion_err};
use datafusion::logical_expr::{
    ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, TypeSignature, Volatility,
};
use datafusion::prelude::SessionContext;
use datafusion_postgres::datafusion_pg_catalog::pg_catalog::array_bounds_udf::{
    create_array_lower_udf, create_array_upper_udf,
};
use datafusion_postgres::datafusion_pg_catalog::pg_catalog::generate_series_arg_coercion::CoerceIntArgsToBigInt;
use datafusion_postgres::datafusion_pg_catalog::pg_catalog::quote_ident_udf::create_parse_ident_udf;
use playhead_report::engine::reports::{CATALOG, SCHEMA};

use crate::postgres::catalogue::objects::{
    OWNER, OWNER_OID, PG_CATALOG, parts_of_name, relation_named, relations, schema_oid,
};
use crate::postgres::catalogue::rows::{comment, function_name, function_named};
use crate::postgres::catalogue::types::{oid_of, sql_name, type_named};

/// Adds the functions to a session.
pub(super) fn register(context: &SessionContext) {
    for (names, answer) in FUNCTIONS {
        for name in *names {
            context.register_udf(ScalarUDF::new_from_impl(CatalogueFunction::new(name, *answer)));
        }
    }
}

/// Adds what the library has of PostgreSQL's functions over lists and names.
pub(super) fn register_of_library(context: &SessionContext) {
    for function in [create_array_lower_udf(), create_array_upper_udf(), create_parse_ident_udf()] {
        context.register_udf(function);
    }
    CoerceIntArgsToBigInt::widen(context);
}

/// What a function answers.
#[derive(Clone, Copy)]
enum Answer {
    /// The same for every row.
    Text(Option<&'static str>),
    Is(bool),
    Number(i64),
    /// A text made of a row's arguments.
    Texts(fn(&Args, usize) -> Result<Option<String>>),
    /// A number made of a row's arguments.
    Numbers(fn(&Args, usize) -> Result<Option<i64>>),
    /// Whether what a row's arguments name is allowed.
    Allowed,
    /// The schemas in which names are looked for.
    Schemas,
    /// Whether a table is found without its schema.
    Visible,
    /// The name of an argument's type.
    TypeName,
}

const FUNCTIONS: &[(&[&str], Answer)] = &[
    (&["current_database", "current_catalog"], Answer::Text(Some(CATALOG))),
    (&["current_schema"], Answer::Text(Some(SCHEMA))),
    (&["current_user", "session_user", "user", "current_role"], Answer::Text(Some(OWNER))),
    (&["pg_client_encoding", "getdatabaseencoding"], Answer::Text(Some("UTF8"))),
    (
        &[
            "pg_get_expr",
            "pg_get_constraintdef",
            "pg_get_indexdef",
            "pg_get_viewdef",
            "pg_get_ruledef",
            "pg_get_triggerdef",
            "pg_get_functiondef",
            "pg_get_function_arguments",
            "pg_get_function_identity_arguments",
            "pg_get_function_result",
            "pg_get_function_sqlbody",
            "pg_get_partkeydef",
            "pg_get_partition_constraintdef",
            "pg_get_serial_sequence",
            "pg_get_statisticsobjdef_columns",
            "pg_get_statisticsobjdef",
            "pg_tablespace_location",
            "pg_describe_object",
            "shobj_description",
            "inet_server_addr",
            "inet_client_addr",
            "pg_relation_filepath",
        ],
        Answer::Text(None),
    ),
    (
        &[
            "pg_type_is_visible",
            "pg_function_is_visible",
            "pg_operator_is_visible",
            "pg_collation_is_visible",
            "pg_opclass_is_visible",
            "pg_opfamily_is_visible",
            "pg_conversion_is_visible",
            "pg_statistics_obj_is_visible",
            "pg_ts_config_is_visible",
            "pg_ts_dict_is_visible",
            "pg_ts_parser_is_visible",
            "pg_ts_template_is_visible",
            "pg_has_role",
        ],
        Answer::Is(true),
    ),
    (&["pg_relation_is_publishable", "pg_is_in_recovery", "pg_is_other_temp_schema"], Answer::Is(false)),
    (
        &[
            "pg_relation_size",
            "pg_total_relation_size",
            "pg_table_size",
            "pg_indexes_size",
            "pg_database_size",
            "pg_tablespace_size",
            "pg_stat_get_numscans",
            "pg_my_temp_schema",
        ],
        Answer::Number(0),
    ),
    (
        &[
            "has_table_privilege",
            "has_schema_privilege",
            "has_database_privilege",
            "has_column_privilege",
            "has_any_column_privilege",
            "has_function_privilege",
            "has_sequence_privilege",
            "has_language_privilege",
            "has_tablespace_privilege",
            "has_type_privilege",
            "has_foreign_data_wrapper_privilege",
            "has_server_privilege",
        ],
        Answer::Allowed,
    ),
    (&["current_schemas"], Answer::Schemas),
    (&["pg_typeof"], Answer::TypeName),
    (&["pg_table_is_visible"], Answer::Visible),
    (
        &["format_type"],
        Answer::Texts(|args, row| {
            Ok(args.number(0, row)?.map(|oid| sql_name(oid, args.number(1, row).ok().flatten())))
        }),
    ),
    (
        &["pg_get_userbyid"],
        Answer::Texts(|args, row| {
            Ok(args.number(0, row)?.map(|oid| match oid {
                OWNER_OID => OWNER.to_owned(),
                oid => format!("unknown (OID={oid})"),
            }))
        }),
    ),
    (
        &["pg_encoding_to_char"],
        Answer::Texts(|args, row| {
            Ok(args
                .number(0, row)?
                .map(|encoding| if encoding == 6 { "UTF8".to_owned() } else { String::new() }))
        }),
    ),
    (
        &["pg_char_to_encoding"],
        Answer::Numbers(|args, row| {
            let name = args.text(0, row)?.map(|name| name.to_lowercase().replace('-', ""));
            Ok(name.map(|name| if name == "utf8" || name == "unicode" { 6 } else { -1 }))
        }),
    ),
    (&["pg_size_pretty"], Answer::Texts(|args, row| Ok(args.number(0, row)?.map(size_text)))),
    (&["quote_ident"], Answer::Texts(|args, row| Ok(args.text(0, row)?.map(|name| quoted_name(&name))))),
    (&["quote_literal"], Answer::Texts(|args, row| Ok(args.text(0, row)?.map(|text| quoted_text(&text))))),
    (
        &["quote_nullable"],
        Answer::Texts(|args, row| {
            Ok(Some(args.text(0, row)?.map_or_else(|| "NULL".to_owned(), |text| quoted_text(&text))))
        }),
    ),
    (
        &["obj_description"],
        Answer::Texts(|args, row| {
            Ok(args.number(0, row)?.and_then(|oid| comment(oid, 0)).map(str::to_owned))
        }),
    ),
    (
        &["col_description"],
        Answer::Texts(|args, row| {
            let column = args.number(0, row)?.zip(args.number(1, row)?).filter(|(_, number)| *number > 0);
            Ok(column.and_then(|(oid, number)| comment(oid, number)).map(str::to_owned))
        }),
    ),
    (
        &["name_of_oid"],
        Answer::Texts(|args, row| {
            let Some(class) = args.text(0, row)? else { return Ok(None) };
            Ok(args.oid(&class, 1, row)?.map(|oid| name_of_oid(&class, oid)))
        }),
    ),
    (
        &["oid_of"],
        Answer::Numbers(|args, row| {
            let Some(class) = args.text(0, row)? else { return Ok(None) };
            args.oid(&class, 1, row)
        }),
    ),
    (
        &["to_regclass"],
        Answer::Numbers(|args, row| Ok(args.text(0, row)?.and_then(|name| oid_named("regclass", &name)))),
    ),
    (
        &["to_regtype"],
        Answer::Numbers(|args, row| Ok(args.text(0, row)?.and_then(|name| oid_named("regtype", &name)))),
    ),
    (
        &["to_regnamespace"],
        Answer::Numbers(|args, row| Ok(args.text(0, row)?.and_then(|name| oid_named("regnamespace", &name)))),
    ),
];

/// The number of what a name names.
fn oid_named(class: &str, name: &str) -> Option<i64> {
    if name == "-" {
        return Some(0);
    }
    if let Ok(oid) = name.parse() {
        return Some(oid);
    }
    match class {
        "regclass" => relation_named(name).map(|relation| relation.oid),
        "regtype" => type_named(name.trim_start_matches("pg_catalog.")),
        "regnamespace" => Some(schema_oid(&parts_of_name(name).concat())).filter(|oid| *oid != 0),
        "regrole" => (parts_of_name(name) == [OWNER]).then_some(OWNER_OID),
        _ => {
            let name = name.split('(').next().unwrap_or_default();
            function_named(parts_of_name(name).last()?)
        }
    }
}

/// The name of what a number stands for, with its schema where it would not be found without; the number if it is unknown.
fn name_of_oid(class: &str, oid: i64) -> String {
    let known = match class {
        "regclass" => relations().iter().find(|relation| relation.oid == oid).map(|relation| {
            let name = quoted_name(relation.name);
            match relation.schema {
                SCHEMA | PG_CATALOG => name,
                schema => format!("{schema}.{name}"),
            }
        }),
        "regtype" => Some(sql_name(oid, None)).filter(|name| name != "???"),
        "regnamespace" => crate::postgres::catalogue::objects::SCHEMAS
            .iter()
            .find(|(_, known, _)| *known == oid)
            .map(|(name, ..)| (*name).to_owned()),
        "regrole" => (oid == OWNER_OID).then(|| OWNER.to_owned()),
        _ => function_name(oid).map(str::to_owned),
    };
    known.unwrap_or_else(|| if oid == 0 { "-".to_owned() } else { oid.to_string() })
}

/// A size in the largest unit in which it has at least ten, as PostgreSQL writes it.
fn size_text(bytes: i64) -> String {
    let mut size = bytes;
    for unit in ["bytes", "kB", "MB", "GB", "TB"] {
        if size.unsigned_abs() < 10_240 {
            return format!("{size} {unit}");
        }
        size = size.saturating_add(size.signum() * 512) / 1_024;
    }
    format!("{size} PB")
}

/// A name as it has to be written in SQL.
fn quoted_name(name: &str) -> String {
    let starts_well = name.starts_with(|char: char| char.is_ascii_lowercase() || char == '_');
    let is_plain = |char: char| char.is_ascii_lowercase() || char.is_ascii_digit() || char == '_';
    const WORDS: [&str; 16] = [
        "all", "and", "as", "case", "default", "end", "from", "group", "in", "limit", "not", "order",
        "select", "table", "user", "where",
    ];
    if starts_well && name.chars().all(is_plain) && !WORDS.contains(&name) {
        return name.to_owned();
    }
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn quoted_text(text: &str) -> String {
    let quoted = text.replace('\'', "''");
    if text.contains('\\') { format!("E'{}'", quoted.replace('\\', "\\\\")) } else { format!("'{quoted}'") }
}

/// The arguments of a call, as texts and numbers.
struct Args {
    texts: Vec<Option<StringArray>>,
    numbers: Vec<Option<Int64Array>>,
}

impl Args {
    fn new(arrays: &[ArrayRef]) -> Self {
        let text = |array: &ArrayRef| {
            cast(array, &DataType::Utf8).ok().map(|array| array.as_string::<i32>().clone())
        };
        let number = |array: &ArrayRef| {
            cast(array, &DataType::Int64).ok().map(|array| array.as_primitive::<Int64Type>().clone())
        };
        Self { texts: arrays.iter().map(text).collect(), numbers: arrays.iter().map(number).collect() }
    }

    fn text(&self, place: usize, row: usize) -> Result<Option<String>> {
        let array = self.texts.get(place).and_then(Option::as_ref);
        let array =
            array.ok_or_else(|| plan_datafusion_err!("argument {} is missing, or not a text", place + 1))?;
        Ok((!array.is_null(row)).then(|| array.value(row).to_owned()))
    }

    fn number(&self, place: usize, row: usize) -> Result<Option<i64>> {
        let array = self.numbers.get(place).and_then(Option::as_ref);
        let array = array
            .ok_or_else(|| plan_datafusion_err!("argument {} is missing, or not a number", place + 1))?;
        Ok((!array.is_null(row)).then(|| array.value(row)))
    }

    /// The number that an argument is, or that it names.
    fn oid(&self, class: &str, place: usize, row: usize) -> Result<Option<i64>> {
        let Some(name) = self.text(place, row)? else { return Ok(None) };
        match oid_named(class, &name) {
            Some(oid) => Ok(Some(oid)),
            None if class == "regclass" => Err(plan_datafusion_err!("table '{name}' not found")),
            None => {
                let kind = match class {
                    "regtype" => "type",
                    "regnamespace" => "schema",
                    "regrole" => "role",
                    _ => "function",
                };
                Err(plan_datafusion_err!("{kind} \"{name}\" does not exist"))
            }
        }
    }
}

struct CatalogueFunction {
    name: &'static str,
    answer: Answer,
    signature: Signature,
}

impl CatalogueFunction {
    fn new(name: &'static str, answer: Answer) -> Self {
        let signature =
            Signature::one_of(vec![TypeSignature::Nullary, TypeSignature::VariadicAny], Volatility::Stable);
        Self { name, answer, signature }
    }
}

impl std::fmt::Debug for CatalogueFunction {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

impl PartialEq for CatalogueFunction {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for CatalogueFunction {}

impl Hash for CatalogueFunction {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

impl ScalarUDFImpl for CatalogueFunction {
    fn name(&self) -> &str {
        self.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, _arg_types: &[DataType]) -> Result<DataType> {
        Ok(match self.answer {
            Answer::Text(_) | Answer::Texts(_) | Answer::TypeName => DataType::Utf8,
            Answer::Is(_) | Answer::Allowed | Answer::Visible => DataType::Boolean,
            Answer::Number(_) => DataType::Int64,
            // Numbers of the catalogue are of this type in its tables.
            Answer::Numbers(_) => DataType::Int32,
            Answer::Schemas => DataType::List(Arc::new(Field::new_list_field(DataType::Utf8, true))),
        })
    }

    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let is_constant = args.args.iter().all(|arg| matches!(arg, ColumnarValue::Scalar(_)));
        let rows = if is_constant { 1 } else { args.number_rows };
        let arrays: Vec<ArrayRef> = args.args.iter().map(|arg| arg.to_array(rows)).collect::<Result<_>>()?;
        let answer = self.answer.of(&arrays, rows)?;
        if is_constant {
            return Ok(ColumnarValue::Scalar(ScalarValue::try_from_array(&answer, 0)?));
        }
        Ok(ColumnarValue::Array(answer))
    }
}

impl Answer {
    fn of(self, arrays: &[ArrayRef], rows: usize) -> Result<ArrayRef> {
        let args = Args::new(arrays);
        Ok(match self {
            Self::Text(text) => Arc::new(StringArray::from(vec![text; rows])),
            Self::Is(is) => Arc::new(BooleanArray::from(vec![is; rows])),
            Self::Number(number) => Arc::new(Int64Array::from(vec![number; rows])),
            Self::Texts(text) => {
                let mut texts = StringBuilder::new();
                for row in 0..rows {
                    texts.append_option(text(&args, row)?);
                }
                Arc::new(texts.finish())
            }
            Self::Numbers(number) => {
                let numbers = (0..rows).map(|row| number(&args, row)).collect::<Result<Vec<_>>>()?;
                let numbers =
                    numbers.into_iter().map(|number| number.and_then(|number| i32::try_from(number).ok()));
                Arc::new(Int32Array::from_iter(numbers))
            }
            Self::Allowed => {
                let last = arrays.len().saturating_sub(1);
                let allowed = (0..rows).map(|row| Ok(args.text(last, row)?.map(|right| is_allowed(&right))));
                Arc::new(BooleanArray::from(allowed.collect::<Result<Vec<Option<bool>>>>()?))
            }
            Self::Visible => {
                let visible = (0..rows).map(|row| Ok(args.oid("regclass", 0, row)?.map(is_visible)));
                Arc::new(BooleanArray::from(visible.collect::<Result<Vec<Option<bool>>>>()?))
            }
            Self::TypeName => {
                let name = arrays.first().map(|array| sql_name(oid_of(array.data_type()), None));
                Arc::new(StringArray::from(vec![name; rows]))
            }
            Self::Schemas => {
                let with_own = arrays
                    .first()
                    .and_then(|array| array.as_boolean_opt())
                    .is_some_and(|is| !is.is_empty() && is.value(0));
                let names: &[&str] = if with_own { &[PG_CATALOG, SCHEMA] } else { &[SCHEMA] };
                let all = StringArray::from(names.repeat(rows));
                let field = Arc::new(Field::new_list_field(DataType::Utf8, true));
                let offsets = OffsetBuffer::from_lengths(std::iter::repeat_n(names.len(), rows));
                Arc::new(ListArray::try_new(field, offsets, Arc::new(all), None)?)
            }
        })
    }
}

/// Whether a table is in one of the schemas in which names are looked for.
fn is_visible(oid: i64) -> bool {
    let relation = relations().iter().find(|relation| relation.oid == oid);
    relation.is_some_and(|relation| relation.schema == SCHEMA || relation.schema == PG_CATALOG)
}

/// Whether a right is one that every client has: those to read.
fn is_allowed(rights: &str) -> bool {
    let is_to_read = |right: &str| {
        ["select", "usage", "connect", "execute"].contains(&right.trim().to_lowercase().as_str())
    };
    rights.split(',').any(is_to_read)
}
