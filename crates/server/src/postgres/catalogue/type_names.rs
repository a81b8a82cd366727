//! Names of types that PostgreSQL has and the query engine does not.

use std::sync::Arc;

use datafusion::arrow::datatypes::{DataType, Field, FieldRef, IntervalUnit, TimeUnit};
use datafusion::common::Result;
use datafusion::logical_expr::planner::TypePlanner;
use datafusion::sql::sqlparser::ast;

use crate::postgres::catalogue::nothing::parts_of;

/// Plans casts to these types.
#[derive(Debug)]
pub(super) struct TypeNames;

impl TypePlanner for TypeNames {
    fn plan_type_field(&self, sql_type: &ast::DataType) -> Result<Option<FieldRef>> {
        let ast::DataType::Custom(name, _) = sql_type else { return Ok(None) };
        let parts = parts_of(name);
        let own = match parts.as_slice() {
            [own] => own,
            [schema, own] if schema == "pg_catalog" || schema == "information_schema" => own,
            _ => return Ok(None),
        };
        let data_type = match own.as_str() {
            "oid" | "xid" | "cid" | "regclass" | "regtype" | "regproc" | "regprocedure" | "regnamespace"
            | "regrole" | "int4" | "cardinal_number" => DataType::Int32,
            "int2" => DataType::Int16,
            "int8" => DataType::Int64,
            "float4" => DataType::Float32,
            "float8" => DataType::Float64,
            "bool" => DataType::Boolean,
            "date" => DataType::Date32,
            "timestamp" => DataType::Timestamp(TimeUnit::Microsecond, None),
            "timestamptz" => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
            "interval" => DataType::Interval(IntervalUnit::MonthDayNano),
            "text" | "name" | "char" | "varchar" | "bpchar" | "sql_identifier" | "character_data"
            | "yes_or_no" | "inet" | "json" | "jsonb" | "uuid" | "pg_node_tree" | "aclitem" | "unknown"
            | "cstring" => DataType::Utf8,
            "int2vector" => list(DataType::Int16),
            "oidvector" => list(DataType::Int32),
            _ => return Ok(None),
        };
        Ok(Some(Arc::new(Field::new("", data_type, true))))
    }
}

fn list(item: DataType) -> DataType {
    DataType::List(Arc::new(Field::new_list_field(item, true)))
}
