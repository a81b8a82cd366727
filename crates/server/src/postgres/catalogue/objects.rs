//! What there is: schemas, tables and columns, each with its number.

use std::sync::LazyLock;

use playhead_lake::{Kind, Table};
use playhead_report::engine::column_comments::{CATALOGUE_SCHEMA, COMMENT_COLUMNS};
use playhead_report::engine::exclusions::{EXCLUSION_COLUMNS, EXCLUSIONS, EXCLUSIONS_MEANING};
use playhead_report::engine::reports::SCHEMA;

use crate::postgres::catalogue::columns::columns_of;
use crate::postgres::catalogue::information_shapes::{INFORMATION, INFORMATION_EMPTY};
use crate::postgres::catalogue::shapes::{EMPTY, FILLED, Shape};
use crate::postgres::catalogue::types::{TEXT, oid_of, type_named};

/// The schema of PostgreSQL's own tables.
pub(super) const PG_CATALOG: &str = "pg_catalog";
/// The schema of the views that the standard of SQL asks for.
pub(super) const INFORMATION_SCHEMA: &str = "information_schema";

/// The schemas with their numbers and meanings.
pub(super) const SCHEMAS: [(&str, i64, &str); 4] = [
    (PG_CATALOG, 11, "system catalog schema"),
    (SCHEMA, 2200, "standard public schema"),
    (INFORMATION_SCHEMA, 13_000, "the views of the SQL standard"),
    (CATALOGUE_SCHEMA, 16_384, "the meanings of the columns"),
];

/// The owner of everything.
pub(super) const OWNER: &str = "playhead";
/// The number of the owner.
pub(super) const OWNER_OID: i64 = 10;

/// A table or view.
#[derive(Debug, Clone)]
pub(super) struct Relation {
    pub(super) oid: i64,
    pub(super) schema: &'static str,
    pub(super) name: &'static str,
    pub(super) is_view: bool,
    pub(super) comment: Option<&'static str>,
    pub(super) columns: Vec<RelationColumn>,
}

/// A column of a table or view.
#[derive(Debug, Clone)]
pub(super) struct RelationColumn {
    pub(super) name: &'static str,
    /// The number of its type.
    pub(super) type_oid: i64,
    pub(super) comment: Option<&'static str>,
}

/// All tables and views, those of PostgreSQL first.
pub(super) fn relations() -> &'static [Relation] {
    static RELATIONS: LazyLock<Vec<Relation>> = LazyLock::new(all);
    &RELATIONS
}

fn all() -> Vec<Relation> {
    let shapes = |schema, shapes: &'static [Shape]| shapes.iter().map(move |shape| (schema, shape));
    let system = shapes(PG_CATALOG, FILLED).chain(shapes(PG_CATALOG, EMPTY));
    let system = system
        .chain(shapes(INFORMATION_SCHEMA, INFORMATION))
        .chain(shapes(INFORMATION_SCHEMA, INFORMATION_EMPTY));
    let mut relations: Vec<Relation> =
        (13_100..).zip(system).map(|(free, (schema, shape))| of_shape(free, schema, shape)).collect();
    for (oid, table) in (16_400..).zip(Table::ALL) {
        let schema = table.schema();
        let column = |(column, field): (&'static playhead_lake::TableColumn, &std::sync::Arc<_>)| {
            let field: &datafusion::arrow::datatypes::Field = field;
            RelationColumn {
                name: column.name,
                type_oid: oid_of(field.data_type()),
                comment: Some(&column.meaning),
            }
        };
        relations.push(Relation {
            oid,
            schema: SCHEMA,
            name: table.name(),
            is_view: false,
            comment: Some(table.meaning()),
            columns: table.columns().iter().zip(schema.fields()).map(column).collect(),
        });
    }
    relations.push(exclusions());
    let text = |name| RelationColumn { name, type_oid: TEXT, comment: None };
    relations.push(Relation {
        oid: 16_390,
        schema: CATALOGUE_SCHEMA,
        name: "columns",
        is_view: false,
        comment: Some("The meaning of each column."),
        columns: COMMENT_COLUMNS.map(text).to_vec(),
    });
    relations
}

/// The table of excluded sessions.
fn exclusions() -> Relation {
    let column = |(name, kind, meaning): (&'static str, Kind, &'static str)| RelationColumn {
        name,
        type_oid: oid_of(&kind.data_type()),
        comment: Some(meaning),
    };
    Relation {
        oid: 16_391,
        schema: SCHEMA,
        name: EXCLUSIONS,
        is_view: false,
        comment: Some(EXCLUSIONS_MEANING),
        columns: EXCLUSION_COLUMNS.map(column).to_vec(),
    }
}

fn of_shape(free: i64, schema: &'static str, shape: &'static Shape) -> Relation {
    let column = |column: crate::postgres::catalogue::columns::Column| RelationColumn {
        name: column.name,
        type_oid: type_named(column.type_name).unwrap_or(TEXT),
        comment: None,
    };
    Relation {
        oid: if shape.oid == 0 { free } else { shape.oid },
        schema,
        name: shape.name,
        is_view: shape.is_view,
        comment: None,
        columns: columns_of(shape).into_iter().map(column).collect(),
    }
}

/// The number of a schema; 0 if there is none of the name.
pub(super) fn schema_oid(name: &str) -> i64 {
    SCHEMAS.iter().find(|(known, ..)| *known == name).map_or(0, |(_, oid, _)| *oid)
}

/// The table of a name, which may name its schema; without one, it is looked for in PostgreSQL's own and in `public`.
pub(super) fn relation_named(name: &str) -> Option<&'static Relation> {
    let parts = parts_of_name(name);
    let (schema, own) = match parts.as_slice() {
        [own] => (None, own),
        [schema, own] => (Some(schema), own),
        [_, schema, own] => (Some(schema), own),
        _ => return None,
    };
    let is_found = |relation: &&Relation| {
        relation.name == own
            && match schema {
                Some(schema) => relation.schema == schema,
                None => relation.schema == PG_CATALOG || relation.schema == SCHEMA,
            }
    };
    relations().iter().find(is_found)
}

/// The parts of a name, without their quotes, in lower case where they have none.
pub(super) fn parts_of_name(name: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut is_in_quotes = false;
    for char in name.trim().chars() {
        match char {
            '"' => is_in_quotes = !is_in_quotes,
            '.' if !is_in_quotes => parts.push(String::new()),
            char => {
                if let Some(part) = parts.last_mut() {
                    if is_in_quotes { part.push(char) } else { part.extend(char.to_lowercase()) }
                }
            }
        }
    }
    parts
}
