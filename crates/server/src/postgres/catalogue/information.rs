//! The rows of the views that the standard of SQL asks for.

use playhead_report::engine::reports::CATALOG;

use crate::postgres::catalogue::columns::{Row, Value};
use crate::postgres::catalogue::objects::{Relation, SCHEMAS, relations};
use crate::postgres::catalogue::rows::row;
use crate::postgres::catalogue::types::{PgType, sql_name, type_of};

/// The rows of a view that has some.
pub(super) fn rows_of(view: &str) -> Vec<Row> {
    match view {
        "information_schema_catalog_name" => vec![row! {"catalog_name": CATALOG}],
        "schemata" => {
            SCHEMAS.iter().map(|(name, ..)| row! {"catalog_name": CATALOG, "schema_name": *name}).collect()
        }
        "tables" => relations().iter().map(table).collect(),
        "columns" => relations().iter().flat_map(columns).collect(),
        "element_types" => relations().iter().flat_map(element_types).collect(),
        "table_privileges" | "role_table_grants" => relations().iter().map(named).collect(),
        "enabled_roles" => vec![Row::new()],
        _ => Vec::new(),
    }
}

fn named(relation: &Relation) -> Row {
    row! {"table_catalog": CATALOG, "table_schema": relation.schema, "table_name": relation.name}
}

fn table(relation: &Relation) -> Row {
    let mut row = named(relation);
    row.insert("table_type", Value::from(if relation.is_view { "VIEW" } else { "BASE TABLE" }));
    row
}

fn columns(relation: &Relation) -> impl Iterator<Item = Row> {
    (1_i64..).zip(&relation.columns).map(|(number, column)| {
        let mut row = named(relation);
        row.extend(row! {
            "column_name": column.name,
            "ordinal_position": number,
            "dtd_identifier": number.to_string(),
            "udt_catalog": CATALOG,
        });
        let Some((known, is_array)) = type_of(column.type_oid) else { return row };
        if is_array {
            row.extend(row! {"data_type": "ARRAY", "udt_name": format!("_{}", known.name)});
            return row;
        }
        row.extend(row! {"data_type": sql_name(known.oid, None), "udt_name": known.name});
        row.extend(measures(known));
        row
    })
}

/// How large or exact values of a type are.
fn measures(known: &PgType) -> Row {
    let number = |precision: i64, scale: Option<i64>| {
        let mut row = row! {"numeric_precision": precision, "numeric_precision_radix": 2};
        row.extend(scale.map(|scale| ("numeric_scale", Value::from(scale))));
        row
    };
    match known.name {
        "int2" => number(16, Some(0)),
        "int4" => number(32, Some(0)),
        "int8" => number(64, Some(0)),
        "float4" => number(24, None),
        "float8" => number(53, None),
        "numeric" => row! {"numeric_precision_radix": 10},
        "date" => row! {"datetime_precision": 0},
        "timestamp" | "timestamptz" | "time" | "interval" => row! {"datetime_precision": 6},
        "text" | "varchar" => row! {"character_octet_length": 1_073_741_824},
        _ => Row::new(),
    }
}

/// The elements of the columns that are arrays.
fn element_types(relation: &Relation) -> impl Iterator<Item = Row> {
    (1_i64..).zip(&relation.columns).filter_map(|(number, column)| {
        let (known, is_array) = type_of(column.type_oid)?;
        is_array.then(|| {
            row! {
                "object_catalog": CATALOG,
                "object_schema": relation.schema,
                "object_name": relation.name,
                "collection_type_identifier": number.to_string(),
                "data_type": sql_name(known.oid, None),
                "udt_catalog": CATALOG,
                "udt_name": known.name,
                "dtd_identifier": format!("a{number}"),
            }
        })
    })
}
