//! The rows of PostgreSQL's own tables.

use std::sync::LazyLock;

use playhead_report::engine::reports::CATALOG;

use crate::postgres::catalogue::columns::{Row, Value};
use crate::postgres::catalogue::objects::{
    OWNER, OWNER_OID, PG_CATALOG, Relation, SCHEMAS, relations, schema_oid,
};
use crate::postgres::catalogue::types::{PgType, TYPES, type_of};

/// The number of `pg_class` and of `pg_namespace`, as comments name them.
const PG_CLASS: i64 = 1259;
const PG_NAMESPACE: i64 = 2615;

/// The functions for values of arrays.
const ARRAY_FUNCTIONS: [(&str, i64); 4] =
    [("array_in", 750), ("array_out", 751), ("array_recv", 2400), ("array_send", 2401)];

/// The endings of the functions for values of a type.
const FUNCTION_ENDINGS: [&str; 4] = ["in", "out", "recv", "send"];

/// A row of pairs.
macro_rules! row {
    ($($name:literal: $value:expr),* $(,)?) => {
        Row::from([$(($name, Value::from($value))),*])
    };
}
pub(super) use row;

/// The rows of a table that has some.
pub(super) fn rows_of(table: &str) -> Vec<Row> {
    match table {
        "pg_namespace" => SCHEMAS.iter().map(|(name, oid, _)| row! {"oid": *oid, "nspname": *name}).collect(),
        "pg_class" => relations().iter().map(class).collect(),
        "pg_attribute" => relations().iter().flat_map(attributes).collect(),
        "pg_type" => TYPES.iter().zip(0..).flat_map(|(known, place)| types(known, place)).collect(),
        "pg_proc" => functions(),
        "pg_description" => descriptions(),
        "pg_database" => vec![row! {"oid": 16_383, "datname": CATALOG}],
        "pg_authid" | "pg_roles" => vec![row! {"oid": OWNER_OID, "rolname": OWNER}],
        "pg_user" => vec![row! {"usesysid": OWNER_OID, "usename": OWNER}],
        "pg_tables" => {
            let tables = relations().iter().filter(|relation| !relation.is_view);
            tables.map(|table| row! {"schemaname": table.schema, "tablename": table.name}).collect()
        }
        "pg_stat_user_tables" => {
            let tables = relations().iter().filter(|relation| is_of_users(relation.schema));
            let row = |table: &Relation| row! {"relid": table.oid, "schemaname": table.schema, "relname": table.name};
            tables.map(row).collect()
        }
        "pg_am" => vec![row! {"oid": 2, "amname": "heap", "amtype": "t"}],
        "pg_tablespace" => {
            vec![row! {"oid": 1663, "spcname": "pg_default"}, row! {"oid": 1664, "spcname": "pg_global"}]
        }
        "pg_language" => vec![row! {"oid": 12, "lanname": "internal"}],
        "pg_collation" => vec![
            row! {"oid": 100, "collname": "default", "collprovider": "d"},
            row! {"oid": 950, "collname": "C", "collcollate": "C", "collctype": "C"},
            row! {"oid": 951, "collname": "POSIX", "collcollate": "POSIX", "collctype": "POSIX"},
        ],
        _ => Vec::new(),
    }
}

/// Whether the tables of a schema are not PostgreSQL's own.
pub(super) fn is_of_users(schema: &str) -> bool {
    schema != PG_CATALOG && schema != crate::postgres::catalogue::objects::INFORMATION_SCHEMA
}

fn class(relation: &Relation) -> Row {
    row! {
        "oid": relation.oid,
        "relname": relation.name,
        "relnamespace": schema_oid(relation.schema),
        "relam": if relation.is_view { 0 } else { 2 },
        "relfilenode": if relation.is_view { 0 } else { relation.oid },
        "relkind": if relation.is_view { "v" } else { "r" },
        "relreplident": if relation.is_view { "n" } else { "d" },
        "relnatts": i64::try_from(relation.columns.len()).unwrap_or(0),
    }
}

fn attributes(relation: &Relation) -> impl Iterator<Item = Row> {
    (1_i64..).zip(&relation.columns).map(|(number, column)| {
        let known = type_of(column.type_oid);
        let (len, is_text, is_array) =
            known.map_or((-1, true, false), |(known, is_array)| (known.len, known.category == "S", is_array));
        let len = if is_array { -1 } else { len };
        row! {
            "attrelid": relation.oid,
            "attname": column.name,
            "atttypid": column.type_oid,
            "attlen": len,
            "attnum": number,
            "attndims": i64::from(is_array),
            "attbyval": (1..=8).contains(&len),
            "attalign": align(len),
            "attstorage": if len < 0 { "x" } else { "p" },
            "attidentity": "",
            "attgenerated": "",
            "attcompression": "",
            "attcollation": if is_text { 100 } else { 0 },
        }
    })
}

const fn align(len: i64) -> &'static str {
    match len {
        1 => "c",
        2 => "s",
        8 | 12 | 16 => "d",
        _ => "i",
    }
}

/// The number of a function for values of a type.
const fn function_oid(place: i64, ending: i64) -> i64 {
    12_000 + place * 4 + ending
}

/// A type and the type of arrays of it.
fn types(known: &PgType, place: i64) -> Vec<Row> {
    let function = |ending| function_oid(place, ending);
    let mut rows = vec![row! {
        "oid": known.oid,
        "typname": known.name,
        "typlen": known.len,
        "typbyval": (1..=8).contains(&known.len),
        "typtype": known.kind,
        "typcategory": known.category,
        "typispreferred": ["bool", "text", "float8", "oid", "timestamptz", "interval", "inet"].contains(&known.name),
        "typelem": match known.name { "int2vector" => 21, "oidvector" => 26, "name" => 18, _ => 0 },
        "typarray": known.array,
        "typinput": function(0),
        "typoutput": function(1),
        "typreceive": function(2),
        "typsend": function(3),
        "typmodin": 0,
        "typmodout": 0,
        "typanalyze": 0,
        "typsubscript": 0,
        "typalign": align(known.len),
        "typstorage": if known.len < 0 { "x" } else { "p" },
        "typcollation": if known.category == "S" { 100 } else { 0 },
    }];
    if known.array != 0 {
        rows.push(row! {
            "oid": known.array,
            "typname": format!("_{}", known.name),
            "typtype": if known.kind == "p" { "p" } else { "b" },
            "typcategory": if known.kind == "p" { "P" } else { "A" },
            "typelem": known.oid,
            "typinput": 750,
            "typoutput": 751,
            "typreceive": 2400,
            "typsend": 2401,
            "typmodin": 0,
            "typmodout": 0,
            "typanalyze": 0,
            "typsubscript": 0,
            "typstorage": "x",
            "typcollation": if known.category == "S" { 100 } else { 0 },
        });
    }
    rows
}

/// The functions with their numbers. A statement may look a name up for each of its rows.
static FUNCTIONS: LazyLock<Vec<(i64, String)>> = LazyLock::new(|| {
    let arrays = ARRAY_FUNCTIONS.iter().map(|(name, oid)| (*oid, (*name).to_owned()));
    let of_types = TYPES.iter().zip(0..).flat_map(|(known, place)| {
        FUNCTION_ENDINGS.iter().zip(0..).map(move |(ending, number)| {
            (function_oid(place, number), format!("{}{ending}", known.functions))
        })
    });
    arrays.chain(of_types).collect()
});

fn functions() -> Vec<Row> {
    FUNCTIONS.iter().map(|(oid, name)| row! {"oid": *oid, "proname": name.as_str(), "pronargs": 1}).collect()
}

/// The number of a function of the catalogue.
pub(super) fn function_named(name: &str) -> Option<i64> {
    FUNCTIONS.iter().find(|(_, known)| known == name).map(|(oid, _)| *oid)
}

/// The name of a function of the catalogue.
pub(super) fn function_name(oid: i64) -> Option<&'static str> {
    FUNCTIONS.iter().find(|(known, _)| *known == oid).map(|(_, name)| name.as_str())
}

fn descriptions() -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    for (_, oid, meaning) in SCHEMAS {
        rows.push(row! {"objoid": oid, "classoid": PG_NAMESPACE, "description": meaning});
    }
    for relation in relations() {
        if let Some(comment) = relation.comment {
            rows.push(row! {"objoid": relation.oid, "classoid": PG_CLASS, "description": comment});
        }
        for (number, column) in (1_i64..).zip(&relation.columns) {
            if let Some(comment) = column.comment {
                rows.push(row! {
                    "objoid": relation.oid,
                    "classoid": PG_CLASS,
                    "objsubid": number,
                    "description": comment,
                });
            }
        }
    }
    rows
}

/// The comment of an object, or of one of its columns; 0 for the object itself.
pub(super) fn comment(oid: i64, column: i64) -> Option<&'static str> {
    if column == 0
        && let Some((_, _, meaning)) = SCHEMAS.iter().find(|(_, known, _)| *known == oid)
    {
        return Some(meaning);
    }
    let relation = relations().iter().find(|relation| relation.oid == oid)?;
    if column == 0 {
        return relation.comment;
    }
    relation.columns.get(usize::try_from(column.checked_sub(1)?).ok()?)?.comment
}
