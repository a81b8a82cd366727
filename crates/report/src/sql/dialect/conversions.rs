//! Conversions that the engine makes otherwise than PostgreSQL, put into its words.

use datafusion::sql::sqlparser::ast::{
    ArrayElemTypeDef, CastKind, CharacterLength, DataType, Expr, Ident, ObjectName, TimezoneInfo,
    UnaryOperator, Value, ValueWithSpan,
};
use datafusion::sql::sqlparser::dialect::PostgreSqlDialect;
use datafusion::sql::sqlparser::parser::Parser;

use crate::functions::postgres::{LOCAL_TIME, TEXT_FORM, WHOLE};
use crate::sql::dialect::calls::{call, function_name, literal_text, number, parts_of, take, text};
use crate::sql::dialect::lists::list_of;
use crate::sql::dialect::literals::{interval_in_words, moment_with_seconds};

/// The function that finds the number of something in the catalogue by its name; only the PostgreSQL port has it.
pub(super) const OID_OF: &str = "oid_of";
/// The function that finds the name of something in the catalogue by its number.
pub(super) const NAME_OF_OID: &str = "name_of_oid";

/// A conversion whose result the engine makes otherwise: it cuts off where PostgreSQL rounds, forgets time zones, writes
/// moments in another form, and knows no lists as text and no names of the catalogue.
pub(super) fn conversion(expr: &mut Expr) {
    let Expr::Cast { kind, expr: value, data_type, .. } = expr else { return };
    use_own_type(data_type);
    let list = literal_text(value).zip(element_of(data_type));
    if let Some((list, element)) =
        list.and_then(|(text, element)| Some((list_of(text, is_whole(element) || is_oid(element))?, element)))
    {
        // The engine has no types such as `oid[]` and `name[]`: their lists are what they look like.
        if matches!(element, DataType::Custom(..)) {
            *expr = list;
        } else {
            **value = list;
        }
        return;
    }
    if let Some(class) = catalogue_class(data_type) {
        *expr = call(OID_OF, vec![text(class), take(value)]);
        return;
    }
    if is_text(data_type)
        && let Expr::Function(inner) = &mut **value
        && function_name(inner).as_deref() == Some(OID_OF)
    {
        inner.name = ObjectName::from(vec![Ident::new(NAME_OF_OID)]);
        return;
    }
    if let Expr::Value(constant) = &mut **value
        && let Some(written) = constant_of(data_type, &constant.value)
    {
        constant.value = written;
    }
    if let Some(length) = most_characters(data_type) {
        *expr = call("left", vec![take(expr), number(length)]);
        return;
    }
    if *data_type == DataType::Bytea
        && let Some(digits) = literal_text(value).and_then(|text| text.strip_prefix("\\x"))
    {
        *expr = call("decode", vec![text(digits), text("hex")]);
        return;
    }
    let is_number = is_number(value);
    if (matches!(**value, Expr::Value(_)) && !is_number) || *kind == CastKind::TryCast {
        return;
    }
    if is_number && is_whole(data_type) {
        // A constant with a point is a number of any precision: its halves go away from zero. The engine's `round` does so, too.
        **value = call("round", vec![take(value)]);
        return;
    }
    let form = match data_type {
        DataType::Timestamp(_, TimezoneInfo::None | TimezoneInfo::WithoutTimeZone) => LOCAL_TIME,
        data_type if is_whole(data_type) => WHOLE,
        data_type if is_text(data_type) => TEXT_FORM,
        _ => return,
    };
    let is_done = matches!(&**value, Expr::Function(inner) if function_name(inner).as_deref() == Some(form));
    if !is_done {
        **value = call(form, vec![take(value)]);
    }
}

/// A constant of a type as the engine reads it, if it does not read it as it is.
pub(super) fn constant_of(data_type: &DataType, value: &Value) -> Option<Value> {
    let Value::SingleQuotedString(text) = value else { return None };
    let written = match data_type {
        DataType::Timestamp(..) | DataType::TimestampNtz(_) => moment_with_seconds(text),
        DataType::Interval { .. } => interval_in_words(text),
        _ => None,
    };
    written.map(Value::SingleQuotedString)
}

/// Whether a value is a constant number with a point.
fn is_number(value: &Expr) -> bool {
    match value {
        Expr::Value(ValueWithSpan { value: Value::Number(digits, _), .. }) => digits.contains('.'),
        Expr::UnaryOp { op: UnaryOperator::Minus | UnaryOperator::Plus, expr } | Expr::Nested(expr) => {
            is_number(expr)
        }
        _ => false,
    }
}

/// How many characters a text has at most in a type that says so. The engine keeps all of them.
fn most_characters(data_type: &DataType) -> Option<i64> {
    match data_type {
        DataType::Varchar(length) | DataType::CharacterVarying(length) => match length.as_ref()? {
            CharacterLength::IntegerLength { length, .. } => i64::try_from(*length).ok(),
            CharacterLength::Max => None,
        },
        DataType::Char(length) | DataType::Character(length) => match length {
            Some(CharacterLength::IntegerLength { length, .. }) => i64::try_from(*length).ok(),
            Some(CharacterLength::Max) => None,
            None => Some(1),
        },
        _ => None,
    }
}

fn is_whole(data_type: &DataType) -> bool {
    matches!(
        data_type,
        DataType::SmallInt(_)
            | DataType::Int(_)
            | DataType::Integer(_)
            | DataType::BigInt(_)
            | DataType::Int2(_)
            | DataType::Int4(_)
            | DataType::Int8(_)
    )
}

fn is_text(data_type: &DataType) -> bool {
    match data_type {
        DataType::Text | DataType::Varchar(_) | DataType::CharacterVarying(_) | DataType::String(_) => true,
        DataType::Custom(name, _) => {
            matches!(parts_of(name).as_slice(), [.., own] if own == "text" || own == "name" || own == "varchar")
        }
        _ => false,
    }
}

fn element_of(data_type: &DataType) -> Option<&DataType> {
    match data_type {
        DataType::Array(ArrayElemTypeDef::SquareBracket(element, _)) => Some(element),
        _ => None,
    }
}

/// The kind of thing in the catalogue whose number a type is.
fn catalogue_class(data_type: &DataType) -> Option<&'static str> {
    let own = match data_type {
        DataType::Regclass => "regclass".to_owned(),
        DataType::Custom(name, _) => parts_of(name).pop()?,
        _ => return None,
    };
    ["regclass", "regtype", "regnamespace", "regproc", "regprocedure", "regrole"]
        .into_iter()
        .find(|class| **class == own)
}

fn is_oid(data_type: &DataType) -> bool {
    matches!(data_type, DataType::Custom(name, _) if parts_of(name).last().is_some_and(|own| own == "oid"))
}

/// Types of PostgreSQL's own schema, which the parser knows by their bare names alone.
const OWN_TYPES: [&str; 18] = [
    "bool",
    "int2",
    "int4",
    "int8",
    "float4",
    "float8",
    "numeric",
    "text",
    "varchar",
    "date",
    "time",
    "timestamp",
    "timestamptz",
    "interval",
    "bytea",
    "int",
    "smallint",
    "bigint",
];

/// Takes the schema off a type that the parser knows without it: `pg_catalog.int4` is as `int4`.
pub(super) fn use_own_type(data_type: &mut DataType) {
    match data_type {
        DataType::Array(ArrayElemTypeDef::SquareBracket(element, _)) => use_own_type(element),
        DataType::Custom(name, modifiers) => {
            let parts = parts_of(name);
            let own = match parts.as_slice() {
                [schema, own] if schema == "pg_catalog" => own,
                [own] => own,
                _ => return,
            };
            if !OWN_TYPES.contains(&own.as_str()) {
                return;
            }
            let text =
                if modifiers.is_empty() { own.clone() } else { format!("{own}({})", modifiers.join(", ")) };
            let parsed = Parser::new(&PostgreSqlDialect {}).try_with_sql(&text);
            if let Ok(known) = parsed.and_then(|mut parser| parser.parse_data_type()) {
                *data_type = known;
            }
        }
        _ => {}
    }
}
