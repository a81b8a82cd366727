//! The parameters of prepared statements: their types, and their values.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::sync::Arc;

use datafusion::arrow::datatypes::{DataType, Field};
use datafusion::common::tree_node::{TreeNode, TreeNodeRecursion};
use datafusion::common::{ParamValues, ScalarValue};
use datafusion::logical_expr::{Expr, ExprSchemable, LogicalPlan};
use datafusion::sql::sqlparser::ast::{self, Value, visit_expressions, visit_expressions_mut};
use datafusion::sql::sqlparser::dialect::PostgreSqlDialect;
use datafusion::sql::sqlparser::parser::Parser;
use datafusion_postgres::arrow_pg::datatypes::df::deserialize_parameters_with_server_types;
use datafusion_postgres::pgwire::api::Type;
use datafusion_postgres::pgwire::api::portal::Portal;
use datafusion_postgres::pgwire::api::stmt::StoredStatement;
use datafusion_postgres::pgwire::error::{PgWireError, PgWireResult};
use datafusion_postgres::pgwire::messages::extendedquery::Bind;

use crate::postgres::refusal::{UNKNOWN_TYPE, VIOLATION, engine, plain, refusal};
use crate::postgres::values::columns::pg_type;

/// A parameter of a prepared statement.
#[derive(Debug, Clone)]
pub(in crate::postgres) struct Parameter {
    /// The type that the client is told.
    pub(in crate::postgres) told: Type,
    /// The engine's type for it, where the plan says one.
    planned: Option<DataType>,
}

/// How many parameters a statement has, by the highest number.
pub(in crate::postgres) fn count(statement: &ast::Statement) -> usize {
    mentioned(statement).last().copied().unwrap_or_default()
}

/// The numbers of a statement's parameters.
pub(in crate::postgres) fn mentioned(statement: &ast::Statement) -> BTreeSet<usize> {
    let mut numbers = BTreeSet::new();
    let _all = visit_expressions(statement, |expression| {
        numbers.extend(number_of(expression));
        ControlFlow::<()>::Continue(())
    });
    numbers
}

/// Gives parameters a type in the statement itself: the one that the client declared, or else the one of `others`.
pub(in crate::postgres) fn typed(
    statement: &ast::Statement,
    declared: &[Option<Type>],
    others: &BTreeMap<usize, Type>,
) -> ast::Statement {
    let mut statement = statement.clone();
    let _all = visit_expressions_mut(&mut statement, |expression| {
        if let Some(number) = number_of(expression) {
            // Texts and numbers of any precision become what they stand beside, where the plan knows that.
            let declared = declared.get(number - 1).cloned().flatten();
            let declared = declared.filter(|declared| !matches!(*declared, Type::TEXT | Type::NUMERIC));
            let name = others.get(&number).cloned().or(declared).and_then(|declared| sql_name(&declared));
            if let Some(cast) = name.and_then(|name| expression_of(&format!("cast(${number} as {name})"))) {
                *expression = cast;
            }
        }
        ControlFlow::<()>::Continue(())
    });
    statement
}

/// The parameters that are cast to lists of object ids. The engine has no such type, but clients have: one that looks types up with
/// a list of them would have to look up that list first.
pub(in crate::postgres) fn lists_of_oids(statement: &ast::Statement) -> BTreeSet<usize> {
    let mut numbers = BTreeSet::new();
    let _all = visit_expressions(statement, |expression| {
        if let ast::Expr::Cast { expr, data_type, .. } = expression
            && matches!(data_type.to_string().to_lowercase().as_str(), "oid[]" | "pg_catalog.oid[]" | "_oid")
        {
            numbers.extend(number_of(expr));
        }
        ControlFlow::<()>::Continue(())
    });
    numbers
}

/// The parameters that the plan has without a type: PostgreSQL takes them as texts, too.
pub(in crate::postgres) fn untyped(
    plan: &LogicalPlan,
    declared: &[Option<Type>],
) -> PgWireResult<BTreeMap<usize, Type>> {
    let planned = planned_fields(plan)?;
    let without = planned.into_iter().filter(|(_, field)| field.is_none()).map(|(number, _)| {
        let declared = declared.get(number.saturating_sub(1)).cloned().flatten();
        (number, declared.filter(|declared| sql_name(declared).is_some()).unwrap_or(Type::TEXT))
    });
    Ok(without.collect())
}

/// The parameters of a planned statement, which mentions these. One that the plan does without is a text: its part of the
/// statement was about something that does not exist here.
pub(in crate::postgres) fn parameters(
    plan: &LogicalPlan,
    mentioned: &BTreeSet<usize>,
    declared: &[Option<Type>],
) -> PgWireResult<Vec<Parameter>> {
    let planned = planned_fields(plan)?;
    let count = mentioned.last().copied().unwrap_or_default();
    (1..=count.max(declared.len()))
        .map(|number| {
            let field = planned.get(&number).cloned().flatten();
            let declared = declared.get(number - 1).cloned().flatten();
            let told = declared.or_else(|| field.as_ref().map(|field| pg_type(field)));
            let told = told.or_else(|| mentioned.contains(&number).then_some(Type::TEXT));
            let told = told.ok_or_else(|| {
                refusal(UNKNOWN_TYPE, format!("could not determine data type of parameter ${number}"))
            })?;
            Ok(Parameter { told, planned: field.map(|field| field.data_type().clone()) })
        })
        .collect()
}

/// The values that a client sends for parameters.
pub(in crate::postgres) fn values(bind: &Bind, parameters: &[Parameter]) -> PgWireResult<ParamValues> {
    if bind.parameters.len() != parameters.len() {
        let message = format!(
            "bind message supplies {} parameters, but prepared statement \"{}\" requires {}",
            bind.parameters.len(),
            bind.statement_name.as_deref().unwrap_or_default(),
            parameters.len()
        );
        return Err(refusal(VIOLATION, message));
    }
    let formats = bind.parameter_format_codes.len();
    if formats > 1 && formats != parameters.len() {
        let message =
            format!("bind message has {formats} parameter formats but {} parameters", parameters.len());
        return Err(refusal(VIOLATION, message));
    }
    // Names and the like come as texts.
    let told = |parameter: &Parameter| match parameter.told {
        Type::VARCHAR | Type::BPCHAR | Type::NAME | Type::UNKNOWN | Type::REGCLASS | Type::REGTYPE => {
            Type::TEXT
        }
        Type::OID_ARRAY => Type::INT4_ARRAY,
        ref told => told.clone(),
    };
    let types = parameters.iter().map(|parameter| Some(told(parameter))).collect();
    let stored = Arc::new(StoredStatement::new(String::new(), (), types));
    let portal = Portal::try_new(bind, stored)?;
    let planned: Vec<Option<&DataType>> =
        parameters.iter().map(|parameter| parameter.planned.as_ref()).collect();
    let values = deserialize_parameters_with_server_types(&portal, &planned, &[]).map_err(readable)?;
    let ParamValues::List(values) = values else { return Ok(values) };
    let values = values.into_iter().zip(parameters).map(|(value, parameter)| match &parameter.planned {
        Some(planned) if value.value.data_type() != *planned && !is_text(&value.value) => {
            value.value.cast_to(planned).map_err(engine)
        }
        Some(DataType::Date32) => Ok(day_alone(value.value)),
        _ => Ok(value.value),
    });
    Ok(ParamValues::from(values.collect::<PgWireResult<Vec<ScalarValue>>>()?))
}

/// Texts stay texts: the engine reads them as what they stand beside.
fn is_text(value: &ScalarValue) -> bool {
    matches!(value, ScalarValue::Utf8(_) | ScalarValue::LargeUtf8(_) | ScalarValue::Utf8View(_))
}

/// A day without the time or the time zone behind it, which say nothing about it: pgjdbc sends `2026-11-30 +00`.
fn day_alone(value: ScalarValue) -> ScalarValue {
    let ScalarValue::Utf8(Some(text)) = &value else { return value };
    let head = text.trim().split([' ', 'T']).next().unwrap_or_default();
    let is_day = head.len() == 10 && head.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    if is_day { ScalarValue::Utf8(Some(head.to_owned())) } else { value }
}

/// A value that cannot be read, in words and with its code.
fn readable(error: PgWireError) -> PgWireError {
    match error {
        PgWireError::FailedToParseParameter(error) => {
            refusal("22P02", format!("invalid value of a parameter: {error}"))
        }
        error => plain(error),
    }
}

/// The number of a parameter.
fn number_of(expression: &ast::Expr) -> Option<usize> {
    let ast::Expr::Value(value) = expression else { return None };
    let Value::Placeholder(name) = &value.value else { return None };
    name.strip_prefix('$')?.parse().ok().filter(|number| (1..=65_535).contains(number))
}

fn expression_of(text: &str) -> Option<ast::Expr> {
    Parser::new(&PostgreSqlDialect {}).try_with_sql(text).ok()?.parse_expr().ok()
}

/// What the plan knows about each parameter: what it is compared with, or cast to, or where it stands.
fn planned_fields(plan: &LogicalPlan) -> PgWireResult<BTreeMap<usize, Option<Arc<Field>>>> {
    let mut fields: BTreeMap<usize, Option<Arc<Field>>> = BTreeMap::new();
    let mut note = |expression: &Expr, field: Option<Arc<Field>>| {
        if let Expr::Placeholder(parameter) = expression
            && let Ok(number) = parameter.id.trim_start_matches('$').parse::<usize>()
        {
            let known = fields.entry(number).or_default();
            if known.is_none() {
                *known = parameter.field.clone().or(field);
            }
        }
    };
    plan.apply_with_subqueries(|node| {
        if let LogicalPlan::Limit(limit) = node {
            for count in [&limit.skip, &limit.fetch].into_iter().flatten() {
                note(count, Some(Arc::new(Field::new("count", DataType::Int64, true))));
            }
        }
        node.apply_expressions(|expression| {
            expression.apply(|part| {
                match part {
                    Expr::Cast(cast) => note(&cast.expr, Some(cast.field.clone())),
                    Expr::ScalarFunction(call) if call.name() == "array_has" => {
                        if let [list, item] = call.args.as_slice() {
                            note(list, list_of(item, node));
                        }
                    }
                    part => note(part, None),
                }
                Ok(TreeNodeRecursion::Continue)
            })
        })
    })
    .map_err(engine)?;
    Ok(fields)
}

/// A list of what an expression of a node is, as for `column = any($1)`.
fn list_of(item: &Expr, node: &LogicalPlan) -> Option<Arc<Field>> {
    let input = node.inputs().into_iter().next()?;
    let item = item.get_type(input.schema()).ok()?;
    Some(Arc::new(Field::new_list("list", Field::new_list_field(item, true), true)))
}

/// The name of a type in SQL, where the engine has the same type.
fn sql_name(pg_type: &Type) -> Option<&'static str> {
    Some(match *pg_type {
        Type::BOOL => "boolean",
        Type::INT2 => "smallint",
        Type::INT4 => "int",
        Type::INT8 | Type::OID => "bigint",
        Type::FLOAT4 => "real",
        Type::FLOAT8 => "double precision",
        Type::NUMERIC => "decimal(38, 10)",
        Type::TEXT => "text",
        Type::BYTEA => "bytea",
        Type::DATE => "date",
        Type::TIME => "time",
        Type::TIMESTAMP => "timestamp",
        Type::TIMESTAMPTZ => "timestamp with time zone",
        Type::INTERVAL => "interval",
        Type::BOOL_ARRAY => "boolean[]",
        Type::INT2_ARRAY => "smallint[]",
        Type::INT4_ARRAY => "int[]",
        Type::INT8_ARRAY => "bigint[]",
        Type::FLOAT4_ARRAY => "real[]",
        Type::FLOAT8_ARRAY => "double precision[]",
        Type::TEXT_ARRAY => "text[]",
        _ => return None,
    })
}
