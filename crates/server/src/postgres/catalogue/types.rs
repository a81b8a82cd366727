//! The types of PostgreSQL that values here have, and a few more that clients look for.

use datafusion::arrow::datatypes::DataType;

/// A type.
#[derive(Debug, Clone, Copy)]
pub(super) struct PgType {
    pub(super) oid: i64,
    pub(super) name: &'static str,
    /// Its name in SQL.
    pub(super) sql_name: &'static str,
    pub(super) len: i64,
    pub(super) category: &'static str,
    /// The type of arrays of it; 0 for none.
    pub(super) array: i64,
    /// How its functions for input and output begin.
    pub(super) functions: &'static str,
    /// `b` for one with values, `p` for one without.
    pub(super) kind: &'static str,
}

const fn base(
    oid: i64,
    name: &'static str,
    sql_name: &'static str,
    len: i64,
    category: &'static str,
    array: i64,
    functions: &'static str,
) -> PgType {
    PgType { oid, name, sql_name, len, category, array, functions, kind: "b" }
}

const fn pseudo(oid: i64, name: &'static str, len: i64, array: i64) -> PgType {
    PgType { oid, name, sql_name: name, len, category: "P", array, functions: name, kind: "p" }
}

pub(super) const TEXT: i64 = 25;

pub(super) const TYPES: &[PgType] = &[
    base(16, "bool", "boolean", 1, "B", 1000, "bool"),
    base(17, "bytea", "bytea", -1, "U", 1001, "bytea"),
    base(18, "char", "\"char\"", 1, "Z", 1002, "char"),
    base(19, "name", "name", 64, "S", 1003, "name"),
    base(20, "int8", "bigint", 8, "N", 1016, "int8"),
    base(21, "int2", "smallint", 2, "N", 1005, "int2"),
    base(22, "int2vector", "int2vector", -1, "A", 1006, "int2vector"),
    base(23, "int4", "integer", 4, "N", 1007, "int4"),
    base(24, "regproc", "regproc", 4, "N", 1008, "regproc"),
    base(TEXT, "text", "text", -1, "S", 1009, "text"),
    base(26, "oid", "oid", 4, "N", 1028, "oid"),
    base(28, "xid", "xid", 4, "U", 1011, "xid"),
    base(30, "oidvector", "oidvector", -1, "A", 1013, "oidvector"),
    base(114, "json", "json", -1, "U", 199, "json_"),
    base(142, "xml", "xml", -1, "U", 143, "xml_"),
    base(700, "float4", "real", 4, "N", 1021, "float4"),
    base(701, "float8", "double precision", 8, "N", 1022, "float8"),
    base(790, "money", "money", 8, "N", 791, "cash_"),
    base(869, "inet", "inet", -1, "I", 1041, "inet_"),
    base(1033, "aclitem", "aclitem", 16, "U", 1034, "aclitem"),
    base(1042, "bpchar", "character", -1, "S", 1014, "bpchar"),
    base(1043, "varchar", "character varying", -1, "S", 1015, "varchar"),
    base(1082, "date", "date", 4, "D", 1182, "date_"),
    base(1083, "time", "time without time zone", 8, "D", 1183, "time_"),
    base(1114, "timestamp", "timestamp without time zone", 8, "D", 1115, "timestamp_"),
    base(1184, "timestamptz", "timestamp with time zone", 8, "D", 1185, "timestamptz_"),
    base(1186, "interval", "interval", 16, "T", 1187, "interval_"),
    base(1266, "timetz", "time with time zone", 12, "D", 1270, "timetz_"),
    base(1560, "bit", "bit", -1, "V", 1561, "bit_"),
    base(1562, "varbit", "bit varying", -1, "V", 1563, "varbit_"),
    base(1700, "numeric", "numeric", -1, "N", 1231, "numeric_"),
    base(2205, "regclass", "regclass", 4, "N", 2210, "regclass"),
    base(2206, "regtype", "regtype", 4, "N", 2211, "regtype"),
    base(2950, "uuid", "uuid", 16, "U", 2951, "uuid_"),
    base(3802, "jsonb", "jsonb", -1, "U", 3807, "jsonb_"),
    base(4089, "regnamespace", "regnamespace", 4, "N", 4090, "regnamespace"),
    pseudo(705, "unknown", -2, 0),
    pseudo(2249, "record", -1, 2287),
    pseudo(2276, "any", 4, 0),
    pseudo(2277, "anyarray", -1, 0),
    pseudo(2278, "void", 4, 0),
    pseudo(2279, "trigger", 4, 0),
    pseudo(3838, "event_trigger", 4, 0),
];

/// Whether this is a kind of type in PostgreSQL of which there is none here: those of rows, domains, enums and ranges.
pub(super) fn is_missing_kind(kind: &str) -> bool {
    ["c", "d", "e", "m", "r"].contains(&kind)
}

/// The type of this number, and whether it is an array of it.
pub(super) fn type_of(oid: i64) -> Option<(&'static PgType, bool)> {
    TYPES.iter().find_map(|known| match oid {
        _ if known.oid == oid => Some((known, false)),
        _ if known.array == oid && oid != 0 => Some((known, true)),
        _ => None,
    })
}

/// The type of this name; also by its name in SQL, and as an array.
pub(super) fn type_named(name: &str) -> Option<i64> {
    let name = name.trim();
    if let Some(element) = name.strip_suffix("[]").or_else(|| name.strip_prefix('_')) {
        return TYPES
            .iter()
            .find(|known| known.name == element || known.sql_name == element)
            .map(|known| known.array);
    }
    TYPES.iter().find(|known| known.name == name || known.sql_name == name).map(|known| known.oid)
}

/// The name of a type in SQL, with its modifier.
pub(super) fn sql_name(oid: i64, modifier: Option<i64>) -> String {
    let Some((known, is_array)) = type_of(oid) else {
        return if oid == 0 { "-".to_owned() } else { "???".to_owned() };
    };
    let with_modifier = match (known.oid, modifier) {
        (1042 | 1043, Some(modifier)) if modifier > 4 => format!("{}({})", known.sql_name, modifier - 4),
        (1700, Some(modifier)) if modifier > 4 => {
            format!("numeric({},{})", ((modifier - 4) >> 16) & 0xffff, (modifier - 4) & 0xffff)
        }
        (1083 | 1114 | 1184 | 1266, Some(modifier)) if modifier >= 0 => {
            known.sql_name.replacen(' ', &format!("({modifier}) "), 1)
        }
        _ => known.sql_name.to_owned(),
    };
    if is_array { format!("{with_modifier}[]") } else { with_modifier }
}

/// The type in which values of a column are sent.
pub(super) fn oid_of(data_type: &DataType) -> i64 {
    let named = match data_type {
        DataType::Boolean => "bool",
        DataType::Int8 | DataType::Int16 | DataType::UInt8 => "int2",
        DataType::Int32 | DataType::UInt16 => "int4",
        DataType::Int64 | DataType::UInt32 => "int8",
        DataType::UInt64
        | DataType::Decimal32(..)
        | DataType::Decimal64(..)
        | DataType::Decimal128(..)
        | DataType::Decimal256(..) => "numeric",
        DataType::Float16 | DataType::Float32 => "float4",
        DataType::Float64 => "float8",
        DataType::Timestamp(_, Some(_)) => "timestamptz",
        DataType::Timestamp(_, None) => "timestamp",
        DataType::Date32 | DataType::Date64 => "date",
        DataType::Time32(_) | DataType::Time64(_) => "time",
        DataType::Interval(_) | DataType::Duration(_) => "interval",
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView | DataType::FixedSizeBinary(_) => {
            "bytea"
        }
        DataType::Map(..) | DataType::Struct(_) => "jsonb",
        DataType::List(item) | DataType::LargeList(item) | DataType::FixedSizeList(item, _) => {
            let element = oid_of(item.data_type());
            let is_nested =
                matches!(type_of(element), Some((known, is_array)) if is_array || known.name == "jsonb");
            if is_nested {
                "jsonb"
            } else {
                return type_of(element).map_or(1009, |(known, _)| known.array);
            }
        }
        _ => "text",
    };
    type_named(named).unwrap_or(TEXT)
}
