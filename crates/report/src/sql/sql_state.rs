//! The codes by which clients of the PostgreSQL protocol tell errors apart.

use std::error::Error as StdError;

use datafusion::arrow::error::ArrowError;
use datafusion::common::{Column, SchemaError};
use datafusion::error::DataFusionError;
use datafusion::sql::sqlparser::parser::ParserError;

use crate::error::{is_of_pattern, is_of_storage};

/// The SQLSTATE of an error of the query engine or of its parser: that of PostgreSQL for the same mistake, or else that of its class. Class
/// 42 is a query that cannot be planned, 22 one whose values do not fit; neither is a fault of the server.
pub fn sql_state(error: &(dyn StdError + 'static)) -> &'static str {
    match error.downcast_ref::<DataFusionError>() {
        Some(error) => of_engine(error),
        // syntax_error
        None if error.is::<ParserError>() => "42601",
        // internal_error
        None => "XX000",
    }
}

fn of_engine(error: &DataFusionError) -> &'static str {
    if is_of_pattern(error) {
        // invalid_regular_expression
        return "2201B";
    }
    if is_of_storage(error) {
        // io_error
        return "58030";
    }
    match error.find_root() {
        // syntax_error
        DataFusionError::SQL(..) => "42601",
        DataFusionError::SchemaError(error, _) => of_schema(error),
        DataFusionError::Plan(message) => of_plan(message),
        // feature_not_supported
        DataFusionError::NotImplemented(_) => "0A000",
        DataFusionError::ArrowError(error, _) => of_values(error),
        // invalid_parameter_value
        DataFusionError::Configuration(_) => "22023",
        // out_of_memory
        DataFusionError::ResourcesExhausted(_) => "53200",
        // internal_error
        DataFusionError::ExecutionJoin(_) => "XX000",
        // data_exception
        _ => "22000",
    }
}

fn of_schema(error: &SchemaError) -> &'static str {
    match error {
        // ambiguous_column
        SchemaError::AmbiguousReference { .. } => "42702",
        // duplicate_column
        SchemaError::DuplicateQualifiedField { .. } | SchemaError::DuplicateUnqualifiedField { .. } => {
            "42701"
        }
        // undefined_table, where the table that the name begins with is not in the query
        SchemaError::FieldNotFound { field, valid_fields } => match &field.relation {
            Some(table) if !valid_fields.iter().any(|valid| is_of(valid, table.table())) => "42P01",
            // undefined_column
            _ => "42703",
        },
    }
}

/// Whether a column is of a table of this name.
fn is_of(column: &Column, table: &str) -> bool {
    column.relation.as_ref().is_some_and(|relation| relation.table() == table)
}

/// Plans tell what is wrong with them in words alone.
fn of_plan(message: &str) -> &'static str {
    let message = message.to_ascii_lowercase();
    let says = |words: &str| message.contains(words);
    if says("table") && says("not found") {
        // undefined_table
        "42P01"
    } else if says("invalid function") || says("no function matches") {
        // undefined_function
        "42883"
    } else if says("group by") || says("aggregate functions are not allowed") {
        // grouping_error
        "42803"
    } else if says("different number of columns") {
        // syntax_error
        "42601"
    } else if says("limit must be") {
        // invalid_row_count_in_limit_clause
        "2201W"
    } else if says("order by column out of bounds") {
        // invalid_column_reference
        "42P10"
    } else if says("coerc") || says("data type") || says("non-boolean") {
        // datatype_mismatch
        "42804"
    } else {
        // syntax_error_or_access_rule_violation
        "42000"
    }
}

fn of_values(error: &ArrowError) -> &'static str {
    match error {
        // division_by_zero
        ArrowError::DivideByZero => "22012",
        // numeric_value_out_of_range
        ArrowError::ArithmeticOverflow(_) => "22003",
        ArrowError::CastError(message) | ArrowError::ParseError(message) => of_text(message),
        // data_exception
        _ => "22000",
    }
}

/// A value that is not of the type that it is read as.
fn of_text(message: &str) -> &'static str {
    let says = |words: &str| message.contains(words);
    if says("timestamp") || says("Timestamp") || says("Date32") || says("Date64") || says("Time64") {
        // invalid_datetime_format
        "22007"
    } else if says("Can't cast value") || says("too large") || says("out of range") {
        // numeric_value_out_of_range
        "22003"
    } else {
        // invalid_text_representation
        "22P02"
    }
}
