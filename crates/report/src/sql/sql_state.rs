//! The codes by which clients of the PostgreSQL protocol tell errors apart.

use std::error::Error as StdError;

use datafusion::arrow::error::ArrowError;
use datafusion::common::SchemaError;
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
        // undefined_column
        SchemaError::FieldNotFound { .. } => "42703",
    }
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
    } else if says("coerc") || says("data type") {
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
        // invalid_text_representation
        ArrowError::CastError(_) | ArrowError::ParseError(_) => "22P02",
        // data_exception
        _ => "22000",
    }
}
